"""What holds for every claim: a new one gets these tests by being registered."""

from __future__ import annotations

import hashlib
import importlib
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.statements.making import DAY_OF_NOISE, START, city, codes, resigned, shore, small_river, thames

from commonshed.cli.state import question_of
from commonshed.disclose.statements import CLAIMS, Claim, Stated, Tolerance, claim_of, resting, state, stating, verify
from commonshed.disclose.statements.claims import CANNOT, of_method
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.units import quantities

NUMBERS = {"decay": "0.0", "uptake": "0.0", "settling": "0.0", "spread": "0.0"}
ASKED: dict[str, tuple[Any, dict[str, Any]]] = {
    "assess air": (None, {"period": "2016-03", "by": "jurisdiction", "against": "cn-2026"}),
    "assess exceedances": (None, {"period": "2016-03-01..2016-03-03", "by": "station"}),
    "assess trend": (None, {"period": "2014..2018", "by": "station", "unit_of_time": "month"}),
    "assess water": (thames, {"period": "2015", "by": "section", "regime": "cn-surface", "section": ["TC16"]}),
    "assess water-trend": (thames, {"period": "2010..2015", "quantity": ["tp"], "section": ["TC16"]}),
    "assess noise": (city, {"period": DAY_OF_NOISE, "by": "station", "regime": "cn-noise"}),
    "attribute loads": (
        thames,
        {"period": "2015", "quantity": "tp", "by": "section", "section": ["TC16"], "draws": 20, "seed": 0},
    ),
    "attribute shares": (
        thames,
        {"period": "2015", "quantity": "tp", "section": ["TC16"], "by": "jurisdiction", "gains": "unexplained",
         "lake": "plug", "draws": 20, "seed": 0, **NUMBERS},
    ),
    "settle": (small_river, {"agreement": "two-counties", "period": "2016-03"}),
}  # fmt: skip

NEEDED = {
    "settle": ["two-counties"],
    "attribute loads": ["--quantity", "tp"],
    "attribute shares": ["--quantity", "tp"],
}


@pytest.fixture(scope="module")
def sheds(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The shed of each claim."""

    @cache
    def of_air() -> Path:
        return shore(tmp_path_factory.mktemp("air") / "shed").path

    return lambda name: Shed.open((ASKED[name][0] or of_air)())


@pytest.fixture(scope="module")
def published(sheds: Any) -> Any:
    """Each claim stated, once."""

    @cache
    def of(name: str) -> tuple[Shed, Stated]:
        shed = sheds(name)
        return shed, state(shed, name, ASKED[name][1])

    return of


@pytest.fixture(params=CLAIMS, ids=lambda name: name.replace(" ", "-"))
def claim(request: pytest.FixtureRequest) -> Claim:
    return CLAIMS[request.param]


def test_it_is_stated_and_verified(claim: Claim, published: Any) -> None:
    shed, found = published(claim.name)
    statement = found.statement
    verdict = verify(statement.content, shed=shed.path)
    assert (verdict.kind, codes(verdict.findings)) == ("agrees", [])
    assert statement.records
    assert statement.method.content() == claim.content()
    assert statement.scope["quantities"]
    assert set(statement.scope["quantities"]) <= set(quantities())


def test_stating_it_again_changes_nothing(claim: Claim, published: Any) -> None:
    shed, found = published(claim.name)
    shed.refresh()
    size = shed.size
    again = state(shed, claim.name, ASKED[claim.name][1])
    assert (again.already, again.document) == (True, found.document)
    assert Shed.open(shed.path).size == size


def test_everything_it_rests_on_is_in_the_log_by_digest(claim: Claim, published: Any) -> None:
    shed, found = published(claim.name)
    statement = found.statement
    kept = {held.digest for held in shed.documents("standard")}
    assert {law.digest for law in statement.standards} <= kept
    assert "place-edition" in {held.kind for held in statement.documents}
    for held in statement.documents:
        assert held.position < statement.as_of.size
    graded = claim.name.startswith("assess") and claim.name != "assess water-trend"
    assert bool(statement.standards) == (graded or claim.name == "settle")


def test_it_takes_the_very_options_of_its_command(claim: Claim) -> None:
    name, arguments = question_of([*claim.name.split(), *NEEDED.get(claim.name, []), "--shed", "S", "--period", "2016"])
    from commonshed.cli.state import _OF_FILES, _PLACE, _SHOWS, _flat

    options = {option for option, _ in _flat(arguments)} - {*_OF_FILES, *_PLACE, *_SHOWS}
    assert (name, options) == (claim.name, set(claim.parameters))


def test_its_library_function_is_there(claim: Claim) -> None:
    module, _, function = claim.library.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_its_records_are_told_apart_by_its_keys(claim: Claim, published: Any) -> None:
    from commonshed.disclose.statements.comparing import compared

    records = published(claim.name)[1].statement.records
    halved = compared(records, records[1:], keys=claim.keys, tolerance={})
    assert halved.records == len(records)
    assert any(each.kind == "only-stated" for each in halved.differences)


def test_its_tolerances_are_of_figures_it_has(claim: Claim, published: Any) -> None:
    from fnmatch import fnmatchcase

    from commonshed.disclose.statements.comparing import dotted, leaves

    paths = {dotted(path) for record in published(claim.name)[1].statement.records for path, _ in leaves(record)}
    unused = [pattern for pattern in claim.tolerance if not any(fnmatchcase(path, pattern) for path in paths)]
    # A trend is by year or by month, never both.
    assert unused in ([], ["spearman.p_value"])


def test_its_name_stands_on_its_page_in_both_languages(claim: Claim) -> None:
    for language in ("en", "zh"):
        text = resources.files("commonshed.disclose.statements").joinpath(f"texts/{language}.toml").read_text("utf-8")
        assert tomllib.loads(text)["claim"][claim.name.replace(" ", "-")]


def test_methods_have_names_of_their_own() -> None:
    assert len({claim.method for claim in CLAIMS.values()}) == len(CLAIMS)
    assert of_method("assess.air") is CLAIMS["assess air"]
    with pytest.raises(InputError, match=r"assess\.air"):
        of_method("assess.fire")


@pytest.mark.parametrize("name", [*CANNOT, "ingest"])
def test_what_cannot_be_stated_says_why(name: str) -> None:
    with pytest.raises(InputError, match="cannot be stated"):
        claim_of(name)


def test_a_question_it_is_not_asked_is_refused(sheds: Any) -> None:
    with pytest.raises(InputError, match="not asked for colour"):
        state(sheds("assess air"), "assess air", {"period": "2016-03", "colour": "red"})


# ── figures of a model ──


def moved(content: dict[str, Any], factor: str) -> None:
    """The first load, some times as large, with its digest."""
    from decimal import Decimal

    from commonshed.disclose.statements.canonical import digest

    record = next(each for each in content["result"]["records"] if each["tonnes"])
    record["tonnes"] = str(Decimal(record["tonnes"]) * Decimal(factor))
    content["result"]["digest"] = digest(content["result"]["records"])


@pytest.mark.parametrize(("factor", "kind"), [("1.0004", "agrees"), ("1.01", "differs")])
def test_a_figure_of_a_model_agrees_within_its_published_tolerance(published: Any, factor: str, kind: str) -> None:
    shed, found = published("attribute loads")
    content = resigned(found.statement, shed.log.keys.signer(), lambda said: moved(said, factor))
    shed.record("statement", f"moved-{factor}.json", content)
    verdict = verify(content, shed=shed.path)
    assert verdict.kind == kind
    if kind == "agrees":
        told = next(finding for finding in verdict.findings if finding.code == "figures.hold-model")
        assert told.values["within"] == 1
    else:
        assert [each.path for each in verdict.differences] == ["tonnes"]


def test_a_tolerance_says_no_more_than_it_allows() -> None:
    assert Tolerance(absolute="0.1").content() == {"absolute": "0.1"}
    assert Tolerance(relative="0.001").content() == {"relative": "0.001"}
    assert CLAIMS["assess air"].exact
    assert not CLAIMS["attribute shares"].exact


# ── stating ──


def spoil_a_day(shed: Shed) -> None:
    """Correct the first day of the park, hour by hour."""
    for hour in range(24):
        start = START + hour * 3600
        shed.correct(station="Park", quantity="pm25", start=start, value="900", reason="typo", author="Li Na")


def test_a_correction_makes_a_new_statement_and_a_later_one_of_nothing_new_does_not(tmp_path: Path) -> None:
    shed = shore(tmp_path / "shed")
    first = state(shed, "assess air", {"period": "2016-03", "by": "station"})
    shed.correct(station="Park", quantity="pm25", start=START, value="31", reason="typo", author="Li Na")
    second = state(shed, "assess air", {"period": "2016-03", "by": "station"})
    assert (second.already, second.statement.result.digest) == (False, first.statement.result.digest)
    assert state(shed, "assess air", {"period": "2016-03", "by": "station"}).already
    earlier = state(shed, "assess air", {"period": "2016-03", "by": "station"}, as_of=first.statement.as_of.size)
    assert (earlier.already, earlier.document) == (True, first.document)


def test_a_statement_as_of_an_earlier_state_agrees(tmp_path: Path) -> None:
    shed = shore(tmp_path / "shed")
    size = shed.size
    spoil_a_day(shed)
    then = state(shed, "assess air", {"period": "2016-03", "by": "station"}, as_of=size).statement
    assert [record["mean"]["pm25"] for record in then.records] == ["90", "30"]
    verdict = verify(then.content, shed=shed.path)
    assert verdict.kind == "agrees"
    assert verdict.since is not None
    assert verdict.since.differences


def test_a_copy_without_a_key_states_nothing(tmp_path: Path) -> None:
    from commonshed.errors import ShedError

    shed = shore(tmp_path / "shed")
    (shed.path / "keys" / "node.key").unlink()
    with pytest.raises(ShedError):
        state(shed, "assess air", {"period": "2016-03"})


def test_an_agreement_in_a_file_has_to_be_put_into_the_shed_first() -> None:
    from commonshed import datasets

    file = datasets.path("thames", "agreement.toml")
    with pytest.raises(InputError, match="agreements add"):
        state(Shed.open(thames()), "settle", {"agreement": str(file), "period": "2015"})


def test_a_shipped_agreement_goes_into_the_log() -> None:
    shed = Shed.open(thames())
    found = state(shed, "settle", {"agreement": "thames-example", "period": "2015-07"})
    assert "agreement" in {held.kind for held in found.statement.documents}
    assert verify(found.statement.content, shed=shed.path).kind == "agrees"


def test_published_shares_that_were_given_are_part_of_the_question(published: Any) -> None:
    """A settlement rests on shares somebody published: a statement of them does as well as a list."""
    import json

    shed, shares = published("attribute shares")
    from commonshed.disclose.statements.computing import _published_shares

    text = shares.statement.content.decode()
    of_statement = _published_shares({"file": "shares.json", "text": text})
    of_records = _published_shares({"file": "shares.json", "text": json.dumps(shares.statement.records)})
    assert of_statement == of_records != {}
    asked = {
        "agreement": "thames-example",
        "period": "2015-07",
        "shares": {"file": "s.json", "digest": hashlib.sha256(text.encode()).hexdigest(), "text": text},
    }
    found = state(shed, "settle", asked)
    assert found.statement.parameters["shares"]["text"] == text
    assert verify(found.statement.content, shed=shed.path).kind == "agrees"


def test_a_reading_that_comes_in_between_is_counted_or_not_but_never_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state that is signed is the one the figures were made from, whoever else writes meanwhile."""
    shed = shore(tmp_path / "shed")
    once: list[bool] = []

    def meanwhile(kept: Shed, computed: Any) -> Any:
        if not once:
            once.append(True)
            for hour in range(24):
                shed.correct(
                    station="Park",
                    quantity="pm25",
                    start=1_456_761_600 + hour * 3600,
                    value="900",
                    reason="x",
                    author="y",
                )
        return true(kept, computed)

    true = resting.keep_what_rests
    monkeypatch.setattr(stating, "keep_what_rests", meanwhile)
    found = state(shed, "assess air", {"period": "2016-03", "by": "station"})
    assert [record["mean"]["pm25"] for record in found.statement.records] == ["90", "58"]
    verdict = verify(found.statement.content, shed=shed.path)
    assert (verdict.kind, verdict.findings[-1].code) == ("agrees", "since.nothing")
