"""Rows become readings by their mapping; what cannot is rejected with row, field, value and reason."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.observe.tables import PRSA, hours, long, prsa, prsa_row

from commonshed import datasets
from commonshed.errors import ReadingsError
from commonshed.keep import READINGS
from commonshed.observe import Reject, load_mapping, read, read_files
from commonshed.places import Network, Station, shipped

BEIJING = shipped("beijing")


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


def rejected(path: Path, mapping: str = "prsa", network: Network | None = BEIJING) -> tuple[int, list[Reject]]:
    reading = read(path, mapping, network=network, now=at(2020, 1, 1))
    count = sum(table.num_rows for table in reading.tables)
    return count, reading.rejects


def test_a_prsa_row_is_six_readings_that_start_at_its_hour_of_beijing(tmp_path: Path) -> None:
    row = prsa_row(8, day=5, PM25="12", PM10="20.5", SO2="0.2856", NO2="7", CO="1300", O3="80")
    table = read_files([prsa(tmp_path / "a.csv", [row])], "prsa", BEIJING)
    assert table.schema == READINGS
    found = {row["quantity"]: row for row in table.to_pylist()}
    assert {name: found[name]["ticks"] for name in found} == {
        "pm25": 12_000, "pm10": 20_500, "so2": 286, "no2": 7_000, "co": 1_300, "o3": 80_000,
    }  # fmt: skip
    assert {row["start"] for row in found.values()} == {at(2016, 3, 5, 0)}
    assert {row["period"] for row in found.values()} == {3600}
    assert {row["mapping"] for row in found.values()} == {load_mapping("prsa").version}
    assert {row["origin"] for row in found.values()} == {"a.csv"}


def test_the_text_as_received_is_kept_where_ticks_do_not_render_it(tmp_path: Path) -> None:
    rows = [prsa_row(0, SO2="0.2856", NO2="0.28560"), prsa_row(1, SO2="0.285", NO2="7.0")]
    table = read_files([prsa(tmp_path / "a.csv", rows)], "prsa")
    assert table["raw"].to_pylist() == ["0.28560", None, "0.2856", None]  # no2 before so2, each in order of time


NOTHING = ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "-", "--", "—", " NaN "]


def shipped_files(folder: Path, values: list[str]) -> dict[str, Path]:
    """A file of each shipped mapping with these values of PM2.5, hour after hour."""
    made = {name: folder / f"{name}.csv" for name in ("prsa", "openair", "five-cities", "long")}
    prsa(made["prsa"], [prsa_row(hour, PM25=value) for hour, value in enumerate(values)])
    times = [f"2016-03-01T{hour:02d}:00" for hour in range(len(values))]
    openair = [f"{time},MY1,{value}" for time, value in zip(times, values, strict=True)]
    made["openair"].write_text("\n".join(["date,site,pm25", *openair]) + "\n", "utf-8")
    cities = [f"{hour},2016,3,1,{hour},1,{value},{value}" for hour, value in enumerate(values)]
    head = "No,year,month,day,hour,season,PM_Dongsi,PM_US Post"
    made["five-cities"].write_text("\n".join([head, *cities]) + "\n", "utf-8")
    rows = [f"Dongsi,pm25,{time}+08:00,3600,{value},ug/m3" for time, value in zip(times, values, strict=True)]
    long(made["long"], *rows)
    return made


@pytest.mark.parametrize("mapping", ["prsa", "openair", "five-cities", "long"])
def test_what_people_write_for_nothing_is_no_reading_and_no_reject_in_every_shipped_mapping(
    tmp_path: Path, mapping: str
) -> None:
    reading = read(shipped_files(tmp_path, ["7", *NOTHING])[mapping], mapping)
    monitors = 2 if mapping == "five-cities" else 1
    assert [row["ticks"] for table in reading.tables for row in table.to_pylist()] == [7000] * monitors
    assert reading.rejects == []


@pytest.mark.parametrize("mapping", ["prsa", "openair", "five-cities", "long"])
def test_a_number_that_stands_for_nothing_stays_a_reading_flagged_invalid(tmp_path: Path, mapping: str) -> None:
    reading = read(shipped_files(tmp_path, ["7", "-999"])[mapping], mapping)
    rows = [row for table in reading.tables for row in table.to_pylist()]
    assert {(row["ticks"], row["flag"]) for row in rows} == {(7000, "valid"), (-999_000, "invalid")}
    assert reading.rejects == []


def test_a_word_that_no_mapping_declares_is_still_a_reject(tmp_path: Path) -> None:
    count, rejects = rejected(prsa(tmp_path / "a.csv", [prsa_row(0, PM25="7"), prsa_row(1, PM25="broken")]))
    assert (count, [(reject.row, reject.value) for reject in rejects]) == (1, [(2, "broken")])


def test_csv_and_parquet_give_the_same_readings(tmp_path: Path) -> None:
    parquet = pq.read_table(
        datasets.path("beijing", "prsa_20130301-20170228.parquet"),
        filters=[("year", "==", 2016), ("month", "==", 1), ("station", "in", ["Dongsi", "Shunyi"])],
    )
    pq.write_table(parquet, tmp_path / "a.parquet")
    with (tmp_path / "a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(parquet.column_names)
        for row in parquet.to_pylist():
            writer.writerow(["NA" if value is None else value for value in row.values()])
    drop = ["origin", "recorded"]
    tables = [read_files([tmp_path / name], "prsa", BEIJING).drop_columns(drop) for name in ("a.parquet", "a.csv")]
    assert tables[0].num_rows > 8000
    assert tables[0].to_pylist() == tables[1].to_pylist()


def test_all_of_beijing_is_read_as_published() -> None:
    """Non-null values of the README of the data: 2,524,608 cells less the missing ones of each quantity."""
    table = read_files([datasets.path("beijing", "prsa_20130301-20170228.parquet")], "prsa", BEIJING)
    assert table.num_rows == 6 * 420_768 - (8739 + 6449 + 9021 + 12116 + 20701 + 13277)
    flags = dict(zip(*(column.to_pylist() for column in _counts(table["flag"])), strict=True))
    assert flags == {"valid": 2_406_474, "suspect": 47_831}
    capped = table.filter(pa.compute.equal(table["qualifier"].cast(pa.string()), ">"))
    assert set(capped["quantity"].to_pylist()) == {"pm25", "pm10", "co"}


def _counts(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    counts = column.cast(pa.string()).value_counts()
    return counts.field("values"), counts.field("counts")


def test_five_cities_gives_a_station_to_each_column() -> None:
    table = read_files([datasets.path("beijing", "BeijingPM20100101_20151231.parquet")], "five-cities")
    stations = dict(zip(*(column.to_pylist() for column in _counts(table["station"])), strict=True))
    assert stations == {
        "PM_Dongsi": 25_052, "PM_Dongsihuan": 20_508, "PM_Nongzhanguan": 24_931, "PM_US Post": 50_387,
    }  # fmt: skip


def openair_file(folder: Path, header: str = "date,site,no2,o3,co,pm10", row: str = "MY1,10,20,1,30") -> Path:
    path = folder / "openair.csv"
    path.write_text(f"{header}\n2004-05-01 13:00:00,{row}\n")
    return path


def test_openair_gases_become_micrograms_at_20_degrees(tmp_path: Path) -> None:
    """10 ppb NO2, 20 ppb O3, 1 ppm CO by the published UK factors 1.9125, 1.9957 and 1.1642, within 0.1 %."""
    table = read_files([openair_file(tmp_path)], "openair")
    found = {row["quantity"]: row for row in table.to_pylist()}
    assert found["no2"]["ticks"] == pytest.approx(19_125, rel=1e-3)
    assert found["o3"]["ticks"] == pytest.approx(39_914, rel=1e-3)
    assert found["co"]["ticks"] == pytest.approx(1_164.2, rel=1e-3)
    assert found["pm10"]["ticks"] == 30_000
    assert (found["no2"]["raw"], found["pm10"]["raw"]) == ("10", None)
    assert found["no2"]["start"] == at(2004, 5, 1, 13)


def test_a_table_of_one_site_takes_the_one_station_there_is_or_the_one_that_is_said(tmp_path: Path) -> None:
    path = openair_file(tmp_path, "date,no2", "10")
    only = Network({}, {"MY1": Station("MY1")})
    assert read_files([path], "openair", only)["station"].to_pylist() == ["MY1"]
    assert read_files([path], load_mapping("openair", station="X"))["station"].to_pylist() == ["X"]
    with pytest.raises(ReadingsError, match="--station"):
        read_files([path], "openair", BEIJING)


def test_an_hour_labelled_by_its_end_starts_an_hour_earlier(tmp_path: Path) -> None:
    text = Path(str(datasets.path("beijing"))).parents[1] / "observe" / "mappings" / "prsa.toml"
    own = tmp_path / "own.toml"
    own.write_text(text.read_text("utf-8").replace('label = "start"', 'label = "end"'), "utf-8")
    path = prsa(tmp_path / "a.csv", [prsa_row(1, PM25="5"), prsa_row(24, day=29, month=2, PM25="6")])
    table = read_files([path], own)
    assert table["start"].to_pylist() == [at(2016, 2, 29, 15), at(2016, 2, 29, 16)]


def test_a_long_table_holds_any_quantity_time_length_and_unit(tmp_path: Path) -> None:
    path = long(
        tmp_path / "a.csv",
        "S,pm25,2016-03-05T08:00+08:00,3600,0.0125,mg/m3,mean,=,valid",
        "S,pm25,2016-03-05T01:07:30Z,PT5M,13,µg/m³,mean,,",
        "S,pm25,2016-03-05T00:00Z,P1D,15,ug/m3,max,>,suspect",
        "S,co,2016-03-05T00:00Z,3600,<0.1,mg/m3,,,",
        "S,co,2016-03-05T01:00Z,3600,NA,mg/m3,,,",
        "S,co,2016-03-05T02:00Z,0,0.4,mg/m3,mean,=,invalid",
        header="station,quantity,start,period,value,unit,statistic,qualifier,flag",
    )
    rows = read_files([path], "long").to_pylist()
    key = [(row["quantity"], row["statistic"], row["start"], row["period"], row["ticks"]) for row in rows]
    midnight = at(2016, 3, 5)
    assert key == [
        ("co", "mean", midnight, 3600, 100),
        ("co", "mean", midnight + 7200, 0, 400),
        ("pm25", "max", midnight, 86_400, 15_000),
        ("pm25", "mean", midnight, 3600, 12_500),
        ("pm25", "mean", midnight + 4050, 300, 13_000),
    ]
    assert [row["qualifier"] for row in rows] == ["<", "=", ">", "=", "="]
    assert [row["flag"] for row in rows] == ["valid", "invalid", "suspect", "valid", "valid"]
    assert rows[1]["reason"] == "source: flagged so by the source"


@pytest.mark.parametrize("head", ["station,quantity,start,value,unit", "station,quantity,start,period,value,unit"])
def test_a_sample_of_water_needs_no_length_a_reading_of_air_does(tmp_path: Path, head: str) -> None:
    cells = "a,{quantity},2016-03-05T10:20+08:00,{gap}{value},{unit}"
    gap = "," if "period" in head else ""
    rows = [
        cells.format(quantity="tp", gap=gap, value="0.1", unit="mg/L"),
        cells.format(quantity="pm25", gap=gap, value="35", unit="ug/m3"),
        cells.format(quantity="nothing", gap=gap, value="1", unit="mg/L"),
    ]
    path = tmp_path / "long.csv"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    reading = read(path, "long", now=at(2020, 1, 1))
    (row,) = [row for table in reading.tables for row in table.to_pylist()]
    assert (row["quantity"], row["start"], row["period"]) == ("tp", at(2016, 3, 5, 2, 20), 0)
    told = {reject.row: (reject.field, reject.reason) for reject in reading.rejects}
    assert told[2] == ("period", "nothing says how long this reading lasts")
    assert told[3][0] == "quantity"


def test_times_without_an_offset_need_a_zone_in_a_long_table(tmp_path: Path) -> None:
    path = long(tmp_path / "a.csv", "S,pm25,2016-03-05T08:00,3600,5,ug/m3", "S,pm25,2016-03-05T00:00Z,3600,6,ug/m3")
    count, rejects = rejected(path, "long", None)
    assert (count, [reject.row for reject in rejects]) == (1, [1])
    assert "no zone" in rejects[0].reason
    assert "--zone" in rejects[0].mend
    table = read_files([path], load_mapping("long", zone="+08:00"))
    assert table["start"].to_pylist() == [at(2016, 3, 5)]  # the same hour twice, said in two ways


BAD_ROWS = {
    "30 February": (prsa_row(0, month=2, day=30, PM25="5"), "2016-2-30-0", "no such day"),
    "hour 24": (prsa_row(24, PM25="5"), "2016-3-1-24", "hour 24"),
    "hour 25": (prsa_row(25, PM25="5"), "2016-3-1-25", "no such day"),
    "no hour": (prsa_row(0, PM25="5").replace(",0,", ",,", 1), "2016-3-1-", "missing"),
    "unknown station": (prsa_row(0, station="Atlantis", PM25="5"), "Atlantis", "unknown-station"),
    "no station": (prsa_row(0, station="", PM25="5"), "", "station is missing"),
    "a word": (prsa_row(0, PM25="broken"), "broken", "no number"),
    "too large": (prsa_row(0, PM25="1e30"), "1e30", "no number"),
    "the future": (prsa_row(0, PM25="5").replace("2016", "2050"), "2050-3-1-0", "future"),
    "before measuring": (prsa_row(0, PM25="5").replace("2016", "1816"), "1816-3-1-0", "before-measuring"),
    "too few cells": ("1,2016,3", "", "3 cells, the header 18"),
    "too many cells": (prsa_row(0, PM25="5") + ",more", "", "19 cells, the header 18"),
}


@pytest.mark.parametrize(("row", "value", "reason"), BAD_ROWS.values(), ids=list(BAD_ROWS))
def test_a_bad_row_is_rejected_with_its_reason_and_the_rest_is_read(
    row: str, value: str, reason: str, tmp_path: Path
) -> None:
    good = hours(["5", "6", "7", "8"], first=30)
    count, rejects = rejected(prsa(tmp_path / "a.csv", [*good[:2], row, *good[2:]]))
    assert count == 4
    assert [(reject.row, reject.value) for reject in rejects] == [(3, value)]
    assert reason in rejects[0].reason
    assert rejects[0].mend


BAD_LONG = {
    "unknown quantity": ("S,pm2.5,2016-03-05T00:00Z,3600,5,ug/m3", "quantity", "pm25"),
    "wrong unit": ("S,pm25,2016-03-05T00:00Z,3600,5,ppb", "unit", "ug/m3"),
    "mixing ratio without a state": ("S,o3,2016-03-05T00:00Z,3600,5,ppb", "unit", "reference_state"),
    "odd length": ("S,pm25,2016-03-05T00:00Z,an hour,5,ug/m3", "period", ""),
    "length of a month": ("S,pm25,2016-03-05T00:00Z,P1M,5,ug/m3", "period", ""),
    "ends in the future": ("S,pm25,2019-12-31T23:30Z,3600,5,ug/m3", "start", "clock"),
}


@pytest.mark.parametrize(("row", "field", "mend"), BAD_LONG.values(), ids=list(BAD_LONG))
def test_a_bad_row_of_a_long_table_is_rejected_and_the_rest_is_read(
    row: str, field: str, mend: str, tmp_path: Path
) -> None:
    path = long(tmp_path / "a.csv", "S,pm25,2016-03-05T01:00Z,3600,5,ug/m3", row)
    count, rejects = rejected(path, "long", None)
    assert (count, len(rejects)) == (1, 1)
    assert (rejects[0].row, rejects[0].field) == (2, field)
    assert mend in rejects[0].mend


def test_three_bad_rows_among_many_are_all_told_in_order(tmp_path: Path) -> None:
    rows = hours([str(50 + i % 7) for i in range(200)])
    for place in (17, 88, 150):
        rows[place] = prsa_row(0, month=2, day=30, PM25="5")
    count, rejects = rejected(prsa(tmp_path / "a.csv", rows))
    assert count == 197
    assert [reject.row for reject in rejects] == [18, 89, 151]


def test_faults_of_one_kind_beyond_a_thousand_are_told_as_a_number(tmp_path: Path) -> None:
    rows = [prsa_row(i % 24, day=i // 24 % 28 + 1, station="Atlantis", PM25="5") for i in range(3000)]
    rows += [prsa_row(3, station="Lyonesse", PM25="5")] * 3
    reading = read(prsa(tmp_path / "a.csv", [*rows, *hours(["5"])]), "prsa", network=BEIJING)
    assert sum(table.num_rows for table in reading.tables) == 1
    assert (len(reading.rejects), reading.rejected) == (1004, 3003)
    assert reading.rejects[0].reason.endswith("and 2,000 more like this")


def test_rows_of_nothing_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(PRSA) + "\n" + prsa_row(0) + "\n\n\n")
    assert rejected(path) == (0, [])


def test_a_column_whose_station_is_unknown_is_told_once() -> None:
    path = datasets.path("beijing", "BeijingPM20100101_20151231.parquet")
    count, rejects = rejected(path, "five-cities")
    assert count == 0
    assert [reject.row for reject in rejects] == [0, 0, 0, 0]
    assert "whole column" in rejects[0].reason


def test_columns_nobody_expected_are_named_and_known_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join([*PRSA, "NH3"]) + "\n" + prsa_row(0, PM25="5") + ",3\n")
    notices = read(path, "prsa").notices
    assert len(notices) == 1
    assert "NH3" in notices[0]
    assert "TEMP" not in notices[0]


SAMPLE = [
    prsa_row(hour, day=day, station=station, PM25=str(value), PM10=str(40 + value % 60), SO2="2.5")
    for station in ("Dongsi", "Shunyi")
    for day in (1, 2)
    for hour, value in enumerate([40, 41, 42, 300, 43, *[77] * 12, 999, 30, -999, -3, 12, 8, 9])
]


def comparable(table: pa.Table) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = table.drop_columns(["origin", "recorded"]).to_pylist()
    return rows


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_of_rows_and_splitting_do_not_matter(tmp_path: Path, random: object, pieces: int) -> None:
    whole = read_files([prsa(tmp_path / "whole.csv", SAMPLE)], "prsa")
    assert {"valid", "suspect", "invalid"} == set(whole["flag"].to_pylist())
    mixed = list(SAMPLE)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    paths = [prsa(tmp_path / f"{i}.csv", mixed[i::pieces]) for i in range(pieces)]
    assert comparable(read_files(paths, "prsa")) == comparable(whole)


def test_of_two_files_the_later_has_the_last_word_as_in_a_shed(tmp_path: Path) -> None:
    first = prsa(tmp_path / "a.csv", [prsa_row(0, PM25="60"), prsa_row(1, PM25="61")])
    later = prsa(tmp_path / "b.csv", [prsa_row(1, PM25="40"), prsa_row(2, PM25="41")])
    values = [
        [row["ticks"] for row in read_files(files, "prsa", BEIJING).to_pylist() if row["quantity"] == "pm25"]
        for files in ([first, later], [later, first])
    ]
    assert values == [[60_000, 40_000, 41_000], [60_000, 61_000, 41_000]]


def test_read_files_says_what_it_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = prsa(tmp_path / "a.csv", [prsa_row(0, PM25="5"), prsa_row(1, PM25="five")])
    read_files([path], "prsa")
    assert "row 2, field PM2.5, 'five': this is no number" in caplog.text
    with pytest.raises(ReadingsError, match="no file was named"):
        read_files([], "prsa")
