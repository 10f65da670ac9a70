"""Files and a shed give the same records; a shed also remembers what it knew, and holds local layers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from tests.assess.air.network import CLEAN, clean, measured, shore

from commonshed.assess.air import Readings, air
from commonshed.errors import InputError
from commonshed.keep import READINGS, Shed, Source, conform
from commonshed.periods import Period
from commonshed.standards import load_edition, source_text

PERIOD = Period.parse("2015-12..2016-03")
LAYER = """
schema_version = 1
id = "DB11/1-2014"
title = { en = "Local ambient air quality standard", zh = "地方环境空气质量标准" }
medium = "air"
issuer = "110105"
dates_provenance = "p"
levels = { II = { en = "class II", zh = "二级" } }
levels_provenance = "p"

[[in_force]]
first = 2014-01-01
provenance = "p"

[[limits]]
quantity = "pm25"
of = "24h"
unit = "ug/m3"
levels = { II = 25 }
clause = { en = "table 1", zh = "表 1" }
provenance = "p"

[provenance.p]
status = "unverified"
note = "made up for this test"
"""


def _rows(readings: Readings) -> pa.Table:
    """The readings of the shore in the whole form of a shed."""
    n = readings.table.num_rows
    same = {"qualifier": "=", "status": "validated", "mapping": "test", "origin": "test"}
    table = readings.table
    for name, value in same.items():
        table = table.append_column(name, pa.array([value] * n))
    table = table.append_column("recorded", pa.array([0] * n, pa.int64()))
    for name in ("reason", "raw", "author"):
        table = table.append_column(name, pa.nulls(n, pa.string()))
    return conform(table.select(READINGS.names))


@pytest.fixture(scope="module")
def readings() -> Readings:
    return measured(shore(), PERIOD, clean)


@pytest.fixture
def shed(tmp_path: Path, readings: Readings) -> Shed:
    made = Shed.create(tmp_path / "shed", name="Shore", zone="Asia/Shanghai")
    made.publish_network(shore())
    made.seal_import([_rows(readings)], source=Source("shore", hashlib.sha256(b"shore").hexdigest()))
    return made


@pytest.mark.parametrize("unit", ["hour", "day", "month", "quarter"])
@pytest.mark.parametrize("by", ["station", "jurisdiction"])
def test_a_shed_and_a_table_give_the_same_records(shed: Shed, readings: Readings, by: str, unit: str) -> None:
    period = "2016-01-01..2016-01-03" if unit == "hour" else "2016-Q1"
    asked = {"period": period, "by": by, "unit_of_time": unit}
    of_shed, of_table = (list(air(source, **asked).records()) for source in (shed, readings))  # type: ignore[arg-type]
    assert of_shed == of_table
    assert of_shed[0]["aqi" if unit in ("day", "hour") else "valid"]
    # The second time the day grades come from the cache.
    assert list(air(shed, **asked).records()) == of_shed  # type: ignore[arg-type]


def test_what_was_known_before_a_correction_can_be_asked(shed: Shed) -> None:
    before = shed.size
    start = shore().zone.first_second(PERIOD.last)
    shed.correct(
        station="Mill", quantity="pm25", start=start, value="534", reason="typing error", author="an officer"
    )  # fmt: skip

    def mean(as_of: int | None) -> str:
        records = air(shed, period="2016-03-31", unit_of_time="day", as_of=as_of).records()
        return next(str(record["pm25"]) for record in records if record["station"] == "Mill")

    assert (mean(None), mean(before)) == ("51", "30")  # (23 · 30 + 534) / 24


def test_a_table_has_no_history(readings: Readings) -> None:
    with pytest.raises(InputError, match="no history"):
        air(readings, period="2016-01", as_of=1)


def test_a_stricter_local_layer_applies_in_its_place_only(shed: Shed, tmp_path: Path) -> None:
    file = tmp_path / "layer.toml"
    file.write_text(LAYER, "utf-8")
    shed.record("layer", "db11-1-2014", source_text(load_edition(file)))
    records = {record["station"]: record for record in air(shed, period="2016-01").records()}
    assert [records[id]["exceedance_days"]["pm25"] for id in ("Dock", "Park", "Mill")] == [31, 31, 0]
    assert records["Dock"]["editions"][-1] == "DB11/1-2014"
    assert "DB11/1-2014" not in records["Mill"]["editions"]
    named = {record["station"]: record for record in air(shed, period="2016-01", regime="cn-2026").records()}
    assert named["Dock"]["exceedance_days"]["pm25"] == 31


def test_months_are_laid_out_in_one_pass_whatever_the_order_of_rows(readings: Readings) -> None:
    backwards = readings.table.take(pa.array(range(readings.table.num_rows - 1, -1, -1)))
    asked = {"period": "2016-Q1", "unit_of_time": "month"}
    forwards = list(air(readings, **asked).records())  # type: ignore[arg-type]
    assert list(air(Readings(backwards, readings.places), **asked).records()) == forwards  # type: ignore[arg-type]
    assert forwards[0]["mean"]["pm25"] == str(CLEAN["pm25"])


def test_a_regime_that_judges_days_only_says_so(readings: Readings) -> None:
    record: dict[str, object] = next(air(readings, period="2016-01", regime="us-2024").records())
    assert (record["valid"], record["why_not"]) == (False, "us-2024 as we hold it judges days, not longer periods")
    assert isinstance(record["days_by_class"], dict)
    assert sum(record["days_by_class"].values()) == 31


def test_sources_are_sequences_of_blocks(readings: Readings) -> None:
    blocks: Sequence[object] = readings.blocks(["pm25"], PERIOD)
    assert [block.key for block in blocks] == [  # type: ignore[attr-defined]
        "air/2015-12/000",
        "air/2016-01/000",
        "air/2016-02/000",
        "air/2016-03/000",
    ]


def _of_another_kind(readings: Readings) -> pa.Table:
    """The rows of January 2016 once more: PM2.5 as means of 15 minutes, ozone as hourly maxima, CO as daily means."""
    rows = _rows(readings).to_pylist()
    january = [row for row in rows if 1451577600 <= row["start"] < 1454256000]
    kinds = {"pm25": {"period": 900}, "o3": {"statistic": "max"}, "co": {"period": 86_400}}
    return pa.Table.from_pylist([row | kinds[row["quantity"]] for row in january if row["quantity"] in kinds], READINGS)


def test_readings_that_are_no_hourly_means_are_counted_and_said_not_to_be_graded(
    shed: Shed, readings: Readings
) -> None:
    other = _of_another_kind(readings)
    before = shed.size
    shed.seal_import([other], source=Source("other", "2"))
    counts = dict.fromkeys(["pm25", "o3", "co"], 0)
    for row in other.to_pylist():
        counts[row["quantity"]] += 1
    kinds = {"o3": "3600 s (statistic max)", "pm25": "900 s (statistic mean)", "co": "86400 s (statistic mean)"}
    end = "in 2016-01 are not hourly means and are not graded"
    sentences = tuple(f"{counts[key]:,} readings of period {kind} {end}" for key, kind in kinds.items())
    in_memory = Readings(pa.concat_tables([_rows(readings), other]), shore())
    for source in (shed, in_memory):
        assessment = air(source, period="2016-01")
        assert assessment.not_graded == sentences
        assert all(record["notes"][-3:] == list(sentences) for record in assessment.records())
        assert len(air(source, period="2016-01-05", unit_of_time="hour").not_graded) == 3
        assert air(source, period="2016-02").not_graded == ()
    assert air(shed, period="2016-01", as_of=before).not_graded == ()


def test_a_shed_of_hourly_means_opens_no_pack_to_say_that_all_are(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> pa.Table:
        raise AssertionError("the entries say it")

    monkeypatch.setattr(shed._store, "rows_among", never)
    assert shed.not_hourly(["pm25", "o3"], start=0, end=2**40) == {}
