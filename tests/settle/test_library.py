"""Agreements are read from files, refused with key and mend, and named by the digest of their bytes."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from tests.settle.drafting import FLOW, HEAD, LOAD, PARTIES, SECTION

from commonshed.errors import AgreementError, UnknownName
from commonshed.settle import agreement, agreements, digest, load_agreement, load_events, parse, source_text
from commonshed.settle.agreement import Clauses

WHOLE = "\n".join([HEAD, PARTIES, SECTION, FLOW, LOAD])


def refused(text: str) -> AgreementError:
    with pytest.raises(AgreementError) as told:
        parse(text.encode(), "mine.toml")
    return told.value


def test_every_agreement_we_hold_can_be_read_and_shows_how_sure_we_are() -> None:
    held = agreements()
    assert set(held) == {
        "beijing-2015",
        "thames-example",
        "xinanjiang-1",
        "xinanjiang-2",
        "xinanjiang-3",
        "zhenjiang-taihu",
    }
    for name, one in held.items():
        assert one.provenance
        assert (one.nature == "example") is (name == "thames-example")
        assert bool(one.lacks) is (one.nature == "real")
        assert one.title.zh


def test_what_is_known_from_general_knowledge_only_is_unverified() -> None:
    # README of the figures: k0, weights and references of the Xin'an River stand in no readable page.
    for name in ("xinanjiang-1", "xinanjiang-2", "xinanjiang-3"):
        held = agreement(name)
        assert held.provenance["index"].status == "unverified"
        assert held.provenance["index"].sources == ()


def test_a_file_is_read_by_its_path_and_named_by_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(WHOLE, "utf-8")
    held = agreement(str(file))
    assert held.id == "two-counties"
    assert digest(held) == hashlib.sha256(WHOLE.encode()).hexdigest()
    assert source_text(load_agreement(file)) == WHOLE.encode()


def test_an_unknown_agreement_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="Did you mean beijing-2015"):
        agreement("beijing-2016")


def test_a_key_nobody_declared_is_refused_with_its_place() -> None:
    found = refused(WHOLE.replace("quantities = ", 'colour = "red"\nquantities = '))
    assert (found.file, found.field) == ("mine.toml", "rules.0.load-price.colour")
    assert found.problem == "there is no such key in the form of an agreement"
    assert found.mend == "The form stands in docs/formats/agreement.md"


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ("value = 10,", "value = 10.5,", "rules.0.prices.0.value", "never a binary float"),
        ('kind = "load-price"', 'kind = "lottery"', "rules.0", "there is no such kind"),
        ('id = "two-counties"', "", "id", "this key is needed"),
        ("schema_version = 1", "schema_version = 2", "schema_version", "Input should be 1"),
    ],
)
def test_what_is_not_of_the_form_is_refused_with_its_key(old: str, new: str, field: str, problem: str) -> None:
    found = refused(WHOLE.replace(old, new))
    assert found.field == field
    assert problem in found.problem


def test_what_is_not_toml_is_refused_as_such() -> None:
    assert "this is not TOML" in refused("a = ").problem


def test_a_file_of_events_holds_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "events.toml"
    file.write_text(WHOLE, "utf-8")
    with pytest.raises(AgreementError):
        load_events(file)


def test_the_example_of_the_documentation_is_an_agreement() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "agreement.md").read_text("utf-8")
    whole, rule, events = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    clause = '[clauses.dispute]\naction = "hold"\nclause = { en = "c", zh = "c" }\nprovenance = "text"\n'
    held = parse("\n".join([whole, rule, clause, events]).encode(), "page.toml")
    assert (held.id, held.events[0].kind) == ("two-counties", "dispute")
    assert [each.kind for each in held.rules] == ["load-price", "class-step"]


def test_the_documentation_names_every_kind_of_rule_and_every_clause() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "agreement.md").read_text("utf-8")
    for kind in ("load-price", "two-way", "class-step", "p-index", "pool", "restoration"):
        assert f"| `{kind}`" in page
    for clause in Clauses.model_fields:
        assert f"| `{clause}` |" in page


def test_a_kind_of_rule_that_is_not_known_is_answered_with_those_that_are() -> None:
    found = refused((HEAD + PARTIES + SECTION + FLOW + LOAD).replace('"load-price"', '"load_price"'))
    assert (found.problem, found.value) == ("there is no such kind", "load_price")
    assert found.mend is not None
    assert found.mend.startswith("Known: load-price, two-way, class-step, p-index, pool, restoration.")
