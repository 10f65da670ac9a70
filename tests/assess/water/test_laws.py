"""By which law, on a shed: what was known then, and stricter local limits in their place only."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.assess.water.building import network, readings, section

from commonshed.assess.water import water
from commonshed.assess.water.laws import by_law
from commonshed.keep import Shed, Source
from commonshed.periods import Period
from commonshed.places import shipped
from commonshed.standards import load_edition, source_text

LAYER = """
schema_version = 1
id = "DB23/1-2014"
title = { en = "Local standard of surface water", zh = "地方地表水标准" }
medium = "water"
issuer = "230100"
dates_provenance = "p"
levels = { III = { en = "class III", zh = "Ⅲ类" } }
levels_provenance = "p"

[[in_force]]
first = 2014-01-01
provenance = "p"

[[limits]]
quantity = "nh3n"
of = "period"
unit = "ug/L"
levels = { III = 800 }
clause = { en = "table 1", zh = "表 1" }
provenance = "p"

[[limits]]
quantity = "do"
of = "period"
unit = "mg/L"
sense = "min"
levels = { III = "5.5" }
clause = { en = "table 1", zh = "表 1" }
provenance = "p"

[provenance.p]
status = "unverified"
note = "made up for this test"
"""
ROWS = [(id, "2016-03-05", key, value) for id in "AB" for key, value in (("nh3n", "0.9"), ("do", "5.2"))]


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    places = network(section("A", jurisdiction="230100"), section("B", jurisdiction="230200"))
    made = Shed.create(tmp_path / "shed", name="Songhua", zone="+08:00")
    made.publish_network(places)
    source = Source("samples.csv", 64 * "0", 64 * "1", "m", "p")
    made.seal_import([readings(ROWS, places).table], source=source)
    return made


def test_a_shed_and_a_table_give_the_same_records(shed: Shed) -> None:
    in_memory = readings(ROWS, shed.network())
    for by in ("section", "river", "jurisdiction"):
        kept, held = (list(water(source, period="2016-03", by=by).records()) for source in (shed, in_memory))
        assert kept == held
    assert {record["class"] for record in water(shed, period="2016-03").records()} == {"III"}


def test_a_stricter_local_limit_applies_in_its_place_only(shed: Shed, tmp_path: Path) -> None:
    before = shed.size
    (tmp_path / "layer.toml").write_text(LAYER, encoding="utf-8")
    shed.record("layer", "db23-1-2014", source_text(load_edition(tmp_path / "layer.toml")))
    records = {record["section"]: record for record in water(shed, period="2016-03").records()}
    assert (records["A"]["class"], records["A"]["deciding"]) == ("IV", ["do", "nh3n"])
    # 0.9 against 800 µg/L: (0.9 − 0.8) / 0.8 = 0.125, which goes to the even 0.12.
    assert records["A"]["multiples"] == {"nh3n": "0.12"}
    assert records["A"]["editions"][-1] == "DB23/1-2014"
    assert records["B"]["class"] == "III"
    earlier = {record["section"]: record for record in water(shed, period="2016-03", as_of=before).records()}
    assert earlier["A"]["class"] == "III"


def test_a_corrected_sample_changes_the_class_and_an_earlier_state_keeps_it(shed: Shed) -> None:
    before = shed.size
    places = shed.network()
    again = readings([("A", "2016-03-05", "do", "2.5")], places, recorded=[10])
    shed.seal_import([again.table], source=Source("again.csv", 64 * "2", 64 * "1", "m", "p"))
    assert next(water(shed, period="2016-03").records())["class"] == "V"
    assert next(water(shed, period="2016-03", as_of=before).records())["class"] == "III"


def test_a_catchment_is_graded_under_the_law_of_the_country_above_it() -> None:
    thames = shipped("thames")
    section = thames.station("TC16")
    ((law, _),) = by_law([section], thames, Period.year(2013), None, [])
    assert law.id == "uk-wfd-2010"
