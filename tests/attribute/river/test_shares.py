"""The whole question, on a made-up river whose truth is known and on the Thames."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pyarrow.compute as pc
import pytest

from commonshed import datasets
from commonshed.assess import Readings
from commonshed.attribute.river import Decay, DeclaredSource, ShareAssessment, shares
from commonshed.cli.output import json_text
from commonshed.errors import RiverError, UnknownName
from commonshed.observe import read_files
from commonshed.places import shipped
from commonshed.simulate.river import TwinRiver, twin

DRAWS = 60
TRUE = Decay(rate=0.15)
"""That of the made-up river."""


@cache
def made_up() -> TwinRiver:
    return twin(3, every=3)


def of_twin(**asked: Any) -> ShareAssessment:
    river = made_up()
    source = Readings(river.readings, river.network)
    options: dict[str, Any] = {"sections": ["sim-M4"], "decay": TRUE, "beside": ()} | asked
    return shares(source, quantity="tp", period="2016", draws=DRAWS, **options)


@cache
def thames() -> Readings:
    places = shipped("thames")
    return Readings(read_files([datasets.path("thames", "weekly_2009-2017.parquet")], "thames", places), places)


@cache
def of_thames(by: str = "jurisdiction") -> tuple[dict[str, Any], ...]:
    found = shares(thames(), quantity="tp", period="2016", sections=["TC16"], by=by, draws=DRAWS)  # type: ignore[arg-type]
    return tuple(found.records())


def test_shares_of_a_made_up_river_come_near_the_truth() -> None:
    truth = made_up().truth
    owed: dict[str, float] = {}
    for source in truth.sources:
        owed[source.jurisdiction] = owed.get(source.jurisdiction, 0) + truth.share(source.id, "sim-M4")
    # Below each confluence the brook's owner holds the main stem too, so by length the small gains there are shared.
    found = {r["of"]: r for r in of_twin(gains="section").records()}
    for owner in ("sim-C0", "sim-C1", "sim-C3"):
        assert float(found[owner]["share"]) == pytest.approx(owed[owner], abs=0.03)
    by_source = {r["of"]: float(r["share"]) for r in of_twin(by="source").records()}
    for c in ("C0", "C1", "C2", "C3", "C4"):
        own = truth.share(f"{c}-fields", "sim-M4") + truth.share(f"{c}-works", "sim-M4")
        assert by_source[f"basin above sim-{c}"] == pytest.approx(own, abs=0.03)
    assert by_source["stretch above sim-M2"] == pytest.approx(truth.share("town-2", "sim-M4"), abs=0.06)
    assert by_source["stretch above sim-M4"] == pytest.approx(truth.share("town-4", "sim-M4"), abs=0.06)


def test_declared_works_are_told_apart_from_the_fields_around_them() -> None:
    truth = made_up().truth
    works = DeclaredSource("w2", "tp", truth.emitted["C2-works"], node="C2-head", sector="works", spread=0.1)
    other = DeclaredSource("w9", "cod", 1e6, node="C2-head", sector="works")
    found = {r["of"]: r for r in of_twin(by="sector", declared=[works, other]).records()}
    assert set(found) == {"works", "unexplained"}
    assert float(found["works"]["share"]) == pytest.approx(truth.share("C2-works", "sim-M4"), abs=0.02)
    assert found["works"]["known"] == "declared"
    assert float(found["works"]["low"]) < float(found["works"]["share"]) < float(found["works"]["high"])


def test_every_record_says_what_it_is_and_how_sure() -> None:
    first = of_thames()[0]
    assert {"section", "period", "quantity", "by", "of", "share", "low", "high", "known", "basis"} < first.keys()
    assert {"contribution", "if_removed", "delivery", "load", "method", "by_method", "notes"} < first.keys()
    assert (first["section"], first["period"], first["by"], first["valid"]) == ("TC16", "2016", "jurisdiction", True)
    assert set(first["by_method"]) == {"averaging", "ratio", "rating", "interpolation", "composite"}
    assert first["method"] == "composite"
    assert first["by_method"]["composite"] == first["share"]
    assert json_text(of_thames())  # no binary float anywhere


@pytest.mark.parametrize("by", ["jurisdiction", "source", "sector", "reach"])
def test_published_shares_of_the_thames_are_one_together(by: str) -> None:
    records = of_thames(by)
    assert sum(int(record["share"].replace(".", "")) for record in records) == 10_000
    assert records[-1]["of"] == "unexplained"
    for record in records:
        parts = sum(int(share.replace(".", "")) for share in record["basis"].values())
        assert parts in (0, int(record["share"].replace(".", "")))


def test_catchments_of_the_thames_get_what_their_loads_say() -> None:
    found = {record["of"]: record for record in of_thames()}
    # 50 samples of TP × flow of 2016 by plain averaging of fluxes, from the file by hand: Loddon 55.8 t, Coln 3.5 t,
    # Runnymede 384 t.
    assert float(found["loddon"]["by_method"]["averaging"]) == pytest.approx(55.8 / 384, abs=0.004)
    assert float(found["coln"]["by_method"]["averaging"]) == pytest.approx(3.5 / 384, abs=0.001)
    assert found["loddon"]["known"] == "measured"
    assert found["thames-4"]["known"] == "contested"
    assert float(found["thames-4"]["at_most"]) > 0.05
    assert "colne" not in found  # it joins below Runnymede
    assert any("TC17 takes no part" in note for note in found["loddon"]["notes"])


def test_a_net_loss_between_sections_is_told_in_every_record() -> None:
    for record in of_thames():
        assert any("TC18" in note and "TC13 the net load is -" in note for note in record["notes"])


def test_a_section_without_a_load_has_a_record_that_says_why() -> None:
    (record,) = shares(thames(), quantity="tp", period="2016", sections=["TC17"], draws=DRAWS, beside=()).records()
    assert (record["valid"], record["share"], record["why_not"]) == (False, None, "nothing was sampled")


def test_what_is_asked_with_an_unknown_name_is_refused_with_near_ones() -> None:
    for asked, said in (
        ({"sections": ["TC99"]}, "no section on the network 'TC99'"),
        ({"by": "country"}, "no grouping 'country'"),
        ({"gains": "all"}, "no rule for gains 'all'"),
        ({"method": "guess"}, "no method 'guess'"),
    ):
        with pytest.raises(UnknownName, match=said):
            shares(thames(), quantity="tp", period="2016", **asked)


def test_places_without_rivers_have_nothing_upstream() -> None:
    dry = Readings(thames().table, replace(thames().places, rivers=None))
    with pytest.raises(RiverError, match="have no rivers"):
        shares(dry, quantity="tp", period="2016")


def test_the_same_seed_gives_the_same_records_and_another_other_intervals() -> None:
    spread = Decay(rate=0.15, spread=0.5)
    one, same, other = (list(of_twin(by="source", decay=spread, seed=seed).records()) for seed in (0, 0, 1))
    assert one == same
    assert [r["share"] for r in one] == [r["share"] for r in other]
    assert [r["low"] for r in one] != [r["low"] for r in other]


def test_losses_on_the_thames_go_by_the_flow_of_the_period() -> None:
    found = shares(
        thames(), quantity="tp", period="2016", sections=["TC16"], decay=Decay(uptake=0.05), draws=DRAWS, beside=()
    )
    records = {record["of"]: record for record in found.records()}
    far, near = (float(records[of]["delivery"]) for of in ("thames-1", "loddon"))
    assert 0.3 < far < near < 1
    assert any("from the mean discharge of the period" in note for note in found.notes)


def test_without_any_flow_there_are_no_shares_and_every_record_says_why() -> None:
    table = thames().table
    no_flow = table.filter(pc.not_equal(table["quantity"].cast("string"), "flow"))
    found = shares(Readings(no_flow, thames().places), quantity="tp", period="2016", sections=["TC16"], draws=DRAWS)
    assert [(record["valid"], record["why_not"]) for record in found.records()] == [(False, "no flow was measured")]


def test_every_part_has_a_name_in_both_languages() -> None:
    names = {record["of"]: record["of_name"] for record in of_thames("source")}
    assert names["basin above TC14"] == {"en": "Basin above Loddon at Charvil", "zh": "洛登河查维尔以上流域"}
    assert names["stretch above TC16"] == {"en": "Stretch above Thames at Runnymede", "zh": "泰晤士河兰尼米德以上区间"}
    assert names["unexplained"] == {"en": "unexplained", "zh": "未解释部分"}


def test_what_floats_lose_is_not_told_as_lost() -> None:
    for record in of_thames():
        assert record["load"]["lost"] == "0.000"
        assert not any("More was lost" in note for note in record["notes"])
        if record["known"] == "measured" and not record["notes"][-1].startswith("The net gain"):
            assert record["at_most"] >= record["share"]
