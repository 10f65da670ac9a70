"""The Thames samples become readings: ions as elements, limits as limits, local clocks as UTC, daily flow as daily."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from commonshed import datasets
from commonshed.exact import round_fraction
from commonshed.keep import Shed
from commonshed.observe import ingest, read_files
from commonshed.periods import Zone
from commonshed.places import shipped

FILE = datasets.path("thames", "weekly_2009-2017.parquet")


@pytest.fixture(scope="module")
def readings() -> pa.Table:
    return read_files(FILE, "thames", shipped("thames"))


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def of(readings: pa.Table, station: str, start: int) -> dict[str, dict[str, Any]]:
    here = pc.and_(pc.equal(readings["station"].cast(pa.string()), station), pc.equal(readings["start"], start))
    return {row["quantity"]: row for row in readings.filter(here).to_pylist()}


def test_the_first_sample_at_wheatley_is_read_unit_by_unit(readings: pa.Table) -> None:
    """Row 1: NH4 0.2, NO3 34.0, NO2 < 0.1 mg/L as ions, SRP 351 and TP 438 µg/L, pH 8.01; taken at 09:25 GMT."""
    sample = of(readings, "TC1", at(2009, 3, 3, 9, 25))
    assert sample["nh3n"]["ticks"] == round_fraction(
        Fraction("0.2") * Fraction("14.007") / Fraction("18.039") * 10**6, 0
    )
    assert sample["nh3n"]["ticks"] == 155_297
    assert sample["no3n"]["ticks"] == 7_680_763
    assert (sample["no2n"]["ticks"], sample["no2n"]["qualifier"]) == (30_447, "<")
    assert (sample["po4p"]["ticks"], sample["tp"]["ticks"]) == (351_000, 438_000)
    assert (sample["ph"]["ticks"], sample["ph"]["period"], sample["ph"]["qualifier"]) == (8_010, 0, "=")
    assert sample["nh3n"]["raw"] == "0.2"
    assert "cond" not in sample


def test_flow_is_of_the_whole_day_of_the_sample(readings: pa.Table) -> None:
    (flow,) = [row for row in of(readings, "TC1", at(2009, 3, 3)).values() if row["quantity"] == "flow"]
    assert (flow["ticks"], flow["period"], flow["statistic"]) == (3_580_000, 86_400, "mean")


def test_summer_time_is_an_hour_ahead_of_utc(readings: pa.Table) -> None:
    """A sample of July at Sonning: the sampler's watch showed British Summer Time."""
    raw = pq.read_table(FILE, columns=["site_code", "sampling_date", "sampling_time"]).to_pylist()
    july = next(row for row in raw if row["site_code"] == "TC13" and row["sampling_date"].month == 7)
    day, (hour, minute) = july["sampling_date"], (int(part) for part in july["sampling_time"].split(":"))
    assert "tp" in of(readings, "TC13", at(day.year, 7, day.day, hour - 1, minute))
    assert "flow" in of(readings, "TC13", at(day.year, 7, day.day))


def test_a_sample_without_a_time_of_day_is_taken_as_of_noon(readings: pa.Table) -> None:
    """Wallingford, 19 July 2010: the one sample whose time is missing. Noon of summer time is 11:00 UTC."""
    assert of(readings, "TC18", at(2010, 7, 19, 11, 0))["tp"]["ticks"] == 376_000


def test_as_many_values_lie_below_detection_as_the_source_marks(readings: pa.Table) -> None:
    below = readings.filter(pc.equal(readings["qualifier"].cast(pa.string()), "<"))
    counts = Counter(below["quantity"].cast(pa.string()).to_pylist())
    assert counts == {"no2n": 422, "nh3n": 35, "f": 21, "po4p": 17, "si": 3}


def test_errors_of_the_source_are_flagged_and_nothing_else_is(readings: pa.Table) -> None:
    """A temperature of 118 °C, ten negative values, a conductivity of 6806.6 µS/cm, two redox potentials of 1113 mV."""
    doubtful = readings.filter(pc.not_equal(readings["flag"].cast(pa.string()), "valid")).to_pylist()
    assert Counter((row["quantity"], row["flag"]) for row in doubtful) == {
        ("tss", "invalid"): 5,
        ("chla", "invalid"): 5,
        ("temp", "invalid"): 1,
        ("cond", "suspect"): 1,
        ("eh", "suspect"): 2,
    }
    assert next(row["ticks"] for row in doubtful if row["quantity"] == "temp") == 118_000
    assert all(row["reason"].startswith("water-") for row in doubtful)


def test_every_value_of_the_file_is_a_reading_and_none_is_rejected(readings: pa.Table) -> None:
    raw = pq.read_table(FILE)
    values = [
        name for name in raw.column_names if name.endswith(("_l", "_c", "_s", "_cm", "_mv", "ph_lab", "alk_ueq_l"))
    ]
    values = [name for name in values if pa.types.is_floating(raw[name].type)]
    assert readings.num_rows == sum(len(raw) - raw[name].null_count for name in values) == 171_314


def test_a_shed_takes_the_thames_in_whole_and_twice_is_once(tmp_path: Any) -> None:
    shed = Shed.create(tmp_path / "shed", name="thames", zone=Zone(0))
    shed.publish_network(shipped("thames"))
    (first,) = ingest(shed, FILE, "thames").files
    assert (first.rows, first.readings, first.new, first.rejected) == (9_130, 171_314, 171_314, 0)
    assert ingest(shed, FILE, "thames").files[0].already
