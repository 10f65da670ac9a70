"""Files as people save them and commands as people mistype them.

Two promises. The same readings give the same figures however they were saved, ordered or split. What cannot be used is
refused with exit code 2 and a sentence, never with a traceback, and three bad rows do not take the rest with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.e2e import small_files
from tests.e2e.invoking import Answer, Record, assess, here, process
from tests.e2e.small_files import FIRST, LAST, STATIONS, Row, csv_bytes, day_rows, rows, shuffled, stations_csv
from tests.oracle import beijing, readings
from tests.oracle.rounding import round_8170

from commonshed import datasets

SPAN = f"{FIRST}..{LAST}"
SHIPPED = datasets.path("beijing", "stations.csv")
VALUES = ("pm25", "pm10", "so2", "no2", "co", "o3_8h", "o3_1h")


def oracle_values(stations: tuple[str, ...] = STATIONS) -> dict[tuple[str, str], dict[str, object]]:
    expected: dict[tuple[str, str], dict[str, object]] = {}
    for station in stations:
        for day in small_files.each_day():
            graded = beijing.station_days("cn-2012")[station][(day - readings.FIRST_DAY).days]
            expected[station, day.isoformat()] = {**graded.texts(), "aqi": graded.aqi, "primary": graded.primary}
    return expected


def found_values(records: list[Record]) -> dict[tuple[str, str], dict[str, object]]:
    keys = (*VALUES, "aqi", "primary")
    return {(r["station"], r["period"]): {key: r[key] for key in keys} for r in records}


def one_file(content: bytes, name: str = "readings.csv") -> Callable[[Path], list[Path]]:
    def save(folder: Path) -> list[Path]:
        path = folder / name
        path.write_bytes(content)
        return [path]

    return save


def in_pieces(pieces: int) -> Callable[[Path], list[Path]]:
    def save(folder: Path) -> list[Path]:
        mixed = shuffled(rows(), seed=pieces)
        paths = [folder / f"part{i}.csv" for i in range(pieces)]
        for i, path in enumerate(paths):
            path.write_bytes(csv_bytes(mixed[i::pieces]))
        return paths

    return save


def as_parquet(folder: Path) -> list[Path]:
    pq.write_table(small_files.table(), folder / "readings.parquet")
    return [folder / "readings.parquet"]


def as_parquet_of_text(folder: Path) -> list[Path]:
    table = small_files.table()
    narrow = table.set_column(table.schema.get_field_index("PM2.5"), "PM2.5", table["PM2.5"].cast(pa.float32()))
    pq.write_table(narrow, folder / "narrow.parquet", compression="gzip", row_group_size=7)
    return [folder / "narrow.parquet"]


SAVED = {
    "as shipped": one_file(csv_bytes(rows())),
    "rows in another order": one_file(csv_bytes(shuffled(rows()))),
    "in two pieces": in_pieces(2),
    "in three pieces": in_pieces(3),
    "with a byte order mark": one_file(csv_bytes(rows(), encoding="utf-8-sig")),
    "with Windows line ends": one_file(csv_bytes(rows(), end="\r\n")),
    "everything quoted": one_file(csv_bytes(rows(), quote=True)),
    "columns in another order": one_file(csv_bytes(rows(), columns=tuple(reversed(small_files.COLUMNS)))),
    "without a column nobody needs": one_file(csv_bytes(rows(), columns=small_files.COLUMNS[1:])),
    "missing values empty": one_file(csv_bytes([{k: "" if v == "NA" else v for k, v in r.items()} for r in rows()])),
    "decimals written out": one_file(
        csv_bytes(
            [{k: f"{v}.0" if k in small_files.VALUES and v.isdigit() else v for k, v in r.items()} for r in rows()]
        )
    ),
    "each row twice": one_file(csv_bytes([row for row in rows() for _ in range(2)])),
    "blank lines at the end": one_file(csv_bytes(rows()) + b"\n\n\n"),
    "no newline at the end": one_file(csv_bytes(rows()).rstrip(b"\n")),
    "as text named Parquet": one_file(csv_bytes(rows()), "readings.parquet"),
    "as Parquet": as_parquet,
    "as Parquet, single precision, small row groups": as_parquet_of_text,
}


@pytest.mark.parametrize("save", SAVED.values(), ids=list(SAVED))
def test_figures_do_not_depend_on_how_readings_were_saved(save: Callable[[Path], list[Path]], tmp_path: Path) -> None:
    records = assess(save(tmp_path), SHIPPED, period=SPAN)
    shipped = {key: value for key, value in found_values(records).items() if key[0] in STATIONS}
    assert shipped == oracle_values()


def test_gbk_with_chinese_station_names_is_read_and_said(tmp_path: Path) -> None:
    chinese = {"Aotizhongxin": "奥体中心", "Dongsi": "东四", "Dingling": "定陵"}

    def renamed(row: Row) -> Row | None:
        return {**row, "station": chinese[row["station"]]} if row["station"] in chinese else None

    stations = stations_csv(tmp_path / "stations.csv", keep=renamed, encoding="gbk")
    file = tmp_path / "readings.csv"
    file.write_bytes(csv_bytes([{**row, "station": chinese[row["station"]]} for row in rows()], encoding="gbk"))
    answer = here(
        "assess", "air", file, "--stations", stations, "--mapping", "prsa", "--period", SPAN, "--by", "station",
        "--regime", "cn-2012", "--unit-of-time", "day", "--format", "json",
    )  # fmt: skip
    expected = {(chinese[station], day): values for (station, day), values in oracle_values().items()}
    assert found_values(answer.records()) == expected
    assert "gb" in answer.err.lower()


def made_up(tmp_path: Path, some: list[Row], period: str, **more: str) -> dict[tuple[str, str], Record]:
    file = tmp_path / "made-up.csv"
    file.write_bytes(csv_bytes(some))
    records = assess([file], SHIPPED, period=period, **more)
    return {(r.get("station") or r["jurisdiction"], r["period"]): r for r in records}


def test_exactly_twenty_hours_make_a_day_and_nineteen_do_not(tmp_path: Path) -> None:
    twenty, nineteen = date(2016, 5, 1), date(2016, 5, 2)
    some = day_rows("Dongsi", twenty, range(20), **{"PM2.5": "40"})
    some += day_rows("Dongsi", nineteen, range(19), **{"PM2.5": "40"})
    found = made_up(tmp_path, some, "2016-05-01..2016-05-02")
    assert found["Dongsi", "2016-05-01"]["pm25"] == "40"
    assert found["Dongsi", "2016-05-01"]["aqi"] == 57  # 50 + 50 x 5 / 40 = 56.25, carried up
    assert found["Dongsi", "2016-05-02"]["pm25"] is None
    assert found["Dongsi", "2016-05-02"]["aqi"] is None
    assert found["Dongsi", "2016-05-02"]["valid"] is False
    assert found["Dongsi", "2016-05-02"]["why_not"]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        # Sum over 20 hours of 0.5 steps: means of 34.5, 35.5, 36.5 are exact halves and go to the even neighbour.
        ([34] * 10 + [35] * 10, ("34", 49)),
        ([35] * 10 + [36] * 10, ("36", 52)),
        ([36] * 10 + [37] * 10, ("36", 52)),
    ],
)
def test_halves_go_to_the_even_neighbour(hours: list[int], expected: tuple[str, int], tmp_path: Path) -> None:
    day = date(2016, 5, 1)
    some = [row for h, v in enumerate(hours) for row in day_rows("Dongsi", day, [h], **{"PM2.5": str(v)})]
    record = made_up(tmp_path, some, "2016-05-01")["Dongsi", "2016-05-01"]
    assert (record["pm25"], record["aqi"]) == expected


def test_co_is_read_in_micrograms_and_given_in_milligrams_with_one_decimal(tmp_path: Path) -> None:
    record = made_up(tmp_path, day_rows("Dongsi", date(2016, 5, 1), range(24), CO="2050"), "2016-05-01")
    assert record["Dongsi", "2016-05-01"]["co"] == "2.0"
    assert record["Dongsi", "2016-05-01"]["sub_indices"]["co"] == 50


def test_29_february_is_a_day_and_its_month_needs_25(tmp_path: Path) -> None:
    first = date(2016, 2, 1)
    some = [
        row
        for i in range(25)
        for row in day_rows("Dongsi", first + timedelta(days=4 + i), range(24), **{"PM2.5": "40"})
    ]
    found = made_up(tmp_path, some, "2016-02", unit_of_time="month")["Dongsi", "2016-02"]
    assert found["completeness"]["pm25"]["valid_days"] == 25
    assert found["completeness"]["pm25"]["valid"] is True
    assert found["completeness"]["pm10"]["valid"] is False
    assert found["valid"] is False


def test_a_station_that_appears_mid_year_has_days_from_then_and_no_year(tmp_path: Path) -> None:
    file = tmp_path / "late.csv"
    late = [row for row in rows() if row["station"] != "Dongsi" or (int(row["day"]) < 10 and row["month"] == "3")]
    file.write_bytes(csv_bytes(late))
    found = found_values(assess([file], SHIPPED, period=SPAN))
    assert found["Dongsi", "2016-02-29"]["aqi"] is None
    assert found["Dongsi", "2016-03-01"] == oracle_values()["Dongsi", "2016-03-01"]
    years = assess([file], SHIPPED, period="2016", unit_of_time="year")
    assert {r["station"]: r["valid"] for r in years}["Dongsi"] is False


def test_the_control_station_does_not_enter_its_district_or_the_city(tmp_path: Path) -> None:
    day = date(2016, 5, 1)
    assessed = [s for s in readings.STATIONS if s != "Dingling"]
    some = [row for s in assessed for row in day_rows(s, day, range(24), **{"PM2.5": "40"})]
    some += day_rows("Dingling", day, range(24), **{"PM2.5": "400"})
    found = made_up(tmp_path, some, "2016-05-01", by="jurisdiction")
    assert {place for place, _ in found} >= {"110000", "110114"}
    assert {record["pm25"] for record in found.values()} == {"40"}


def test_a_city_needs_three_quarters_of_its_sites_and_a_small_district_half(tmp_path: Path) -> None:
    day = date(2016, 5, 1)
    assessed = [s for s in readings.STATIONS if s != "Dingling"]
    enough = [row for s in assessed[:9] for row in day_rows(s, day, range(24), **{"PM2.5": "40"})]
    few = [row for s in assessed[:8] for row in day_rows(s, day + timedelta(days=1), range(24), **{"PM2.5": "40"})]
    found = made_up(tmp_path, enough + few, "2016-05-01..2016-05-02", by="jurisdiction")
    assert found["110000", "2016-05-01"]["pm25"] == "40"  # 9 of 11
    assert found["110000", "2016-05-02"]["pm25"] is None  # 8 of 11 is 73 %
    assert found["110101", "2016-05-02"]["pm25"] == "40"  # Dongsi of Dongsi and Tiantan, or both


def test_gases_set_beside_the_law_of_2026_are_multiplied_exactly_before_rounding(tmp_path: Path) -> None:
    day = date(2016, 5, 1)
    some = day_rows(
        "Dongsi", day, range(24), **{"PM2.5": "40", "PM10": "60", "SO2": "71", "NO2": "59", "CO": "1474", "O3": "175"}
    )
    record = made_up(tmp_path, some, "2016-05-01", against="cn-2026")["Dongsi", "2016-05-01"]
    factor = Fraction(5460, 5963)
    against = record["against"]
    assert (record["so2"], record["no2"], record["co"], record["o3_8h"]) == ("71", "59", "1.5", "175")
    # 71 x f = 65.01, 59 x f = 54.02, 1.474 x f = 1.3497 (1.4 only if rounded first), 175 x f = 160.24
    assert round(1474 * factor / 1000, 3) == Fraction("1.350")
    converted, measured = against["converted"], against["as_measured"]
    assert {key: converted[key] for key in VALUES[:6]} == {
        "pm25": "40", "pm10": "60", "so2": "65", "no2": "54", "co": "1.3", "o3_8h": "160",
    }  # fmt: skip
    assert {key: measured[key] for key in VALUES[:6]} == {
        "pm25": "40", "pm10": "60", "so2": "71", "no2": "59", "co": "1.5", "o3_8h": "175",
    }  # fmt: skip


def test_suspect_readings_count_and_invalid_ones_do_not(tmp_path: Path) -> None:
    days = [date(2016, 5, 1) + timedelta(days=i) for i in range(4)]
    some = day_rows("Dongsi", days[0], range(24), **{"PM2.5": "999"})  # at its cap: suspect, counts
    some += day_rows("Dongsi", days[1], range(20), **{"PM2.5": "40"})
    some += day_rows("Dongsi", days[1], range(20, 24), **{"PM2.5": "-999"})  # sentinel: invalid
    some += day_rows("Dongsi", days[2], range(20), **{"PM2.5": "40"})
    some += day_rows("Dongsi", days[2], range(20, 24), **{"PM2.5": "-3"})  # negative: invalid
    some += day_rows("Dongsi", days[3], range(24), **{"PM2.5": "80", "PM10": "60"})  # PM2.5 > PM10: suspect, counts
    found = made_up(tmp_path, some, "2016-05-01..2016-05-04")
    assert [found["Dongsi", day.isoformat()]["pm25"] for day in days] == ["999", "40", "40", "80"]
    assert found["Dongsi", "2016-05-01"]["aqi"] == 500


BAD_ROWS: dict[str, Row] = {
    "a station nobody registered": {"station": "Atlantis"},
    "hour 24": {"hour": "24"},
    "hour 25": {"hour": "25"},
    "month 13": {"month": "13"},
    "30 February": {"month": "2", "day": "30"},
    "a year with two digits": {"year": "16"},
    "a day that is a word": {"day": "first"},
    "no hour": {"hour": ""},
    "a decimal comma": {"PM2.5": "12,5"},
    "a word for a number": {"PM2.5": "broken"},
    "a number with its unit": {"PM2.5": "12 ug/m3"},
    "infinity": {"PM2.5": "inf"},
    "an absurdly large number": {"PM2.5": "1e30"},
    "full-width digits with a unit": {"PM2.5": "１２微克"},
}


@pytest.mark.parametrize("change", BAD_ROWS.values(), ids=list(BAD_ROWS))
def test_a_bad_row_does_not_take_the_rest_with_it(change: Row, tmp_path: Path) -> None:
    extra = {**day_rows("Dongsi", date(2016, 2, 26), [3], **{"PM2.5": "50"})[0], **change}
    file = tmp_path / "one-bad-row.csv"
    file.write_bytes(csv_bytes([*rows()[:10], extra, *rows()[10:]]))
    answer = here(
        "assess", "air", file, "--stations", SHIPPED, "--mapping", "prsa", "--period", SPAN, "--by", "station",
        "--regime", "cn-2012", "--unit-of-time", "day", "--format", "json",
    )  # fmt: skip
    found = {key: value for key, value in found_values(answer.records()).items() if key[0] in STATIONS}
    assert found == oracle_values()


def test_of_contradicting_duplicates_one_counts_and_the_same_whatever_the_order(tmp_path: Path) -> None:
    day = date(2016, 5, 1)
    base = day_rows("Dongsi", day, range(24), **{"PM2.5": "40"})
    other = day_rows("Dongsi", day, range(24), **{"PM2.5": "60"})
    one = made_up(tmp_path, base + other, "2016-05-01")["Dongsi", "2016-05-01"]
    two = made_up(tmp_path, other + base, "2016-05-01")["Dongsi", "2016-05-01"]
    # The largest stands, so that nothing is hidden (quality rule "contradiction").
    assert (one["pm25"], two["pm25"]) == ("60", "60")


# Times, units and zones as the long table and a mapping of one's own say them.

SHIPPED_MAPPINGS = Path(datasets.__file__).parents[1] / "observe" / "mappings"
LONG = "station,quantity,start,period,value,unit"
MIDNIGHT = datetime(2016, 4, 30, 16, tzinfo=UTC)
"""2016-05-01T00:00 in Beijing."""


def own_mapping(tmp_path: Path, shipped: str, *changes: tuple[str, str]) -> str:
    text = (SHIPPED_MAPPINGS / f"{shipped}.toml").read_text("utf-8").replace(f'id = "{shipped}"', 'id = "mine"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    return str(tmp_path / "mine.toml")


def long_day(tmp_path: Path, lines: list[str], mapping: str = "long") -> Record:
    file = tmp_path / "long.csv"
    file.write_text("\n".join([LONG, *lines]), "utf-8")
    records = assess([file], SHIPPED, period="2016-05-01", mapping=mapping)
    (record,) = [r for r in records if r["station"] == "Dongsi"]
    return record


def test_an_hour_label_may_stand_for_the_end(tmp_path: Path) -> None:
    mapping = own_mapping(tmp_path, "prsa", ('label = "start"', 'label = "end"'))
    day = date(2016, 5, 1)
    some = day_rows("Dongsi", day, [0], **{"PM2.5": "400"})  # the last hour of 30 April
    some += day_rows("Dongsi", day, range(1, 24), **{"PM2.5": "40"})
    some += day_rows("Dongsi", day + timedelta(days=1), [0], **{"PM2.5": "76"})  # the last hour of 1 May
    found = made_up(tmp_path, some, "2016-04-30..2016-05-01", mapping=mapping)
    assert found["Dongsi", "2016-05-01"]["pm25"] == "42"  # (23 x 40 + 76) / 24 = 41.5, to the even neighbour
    assert found["Dongsi", "2016-04-30"]["completeness"]["pm25"]["valid"] == 1


def test_times_in_any_offset_fall_on_the_days_of_the_place(tmp_path: Path) -> None:
    # The same 24 hours written in UTC, in Beijing time and in New York's standard time; neither knows summer time.
    zones = [timezone(timedelta(hours=h)) for h in (0, 8, -5)]
    lines = []
    for h in range(24):
        start = (MIDNIGHT + timedelta(hours=h)).astimezone(zones[h % 3]).isoformat()
        lines.append(f"Dongsi,pm25,{start},PT1H,{h},ug/m3")
    record = long_day(tmp_path, lines)
    assert record["pm25"] == "12"  # 11.5, to the even neighbour
    assert record["missing"][0] == "pm10"


def test_units_of_mass_may_be_mixed_row_by_row(tmp_path: Path) -> None:
    given = [("40", "ug/m3"), ("0.04", "mg/m3"), ("40000", "ng/m3"), ("40", "µg/m³")]
    lines = []
    for h in range(24):
        value, unit = given[h % 4]
        lines.append(f"Dongsi,pm25,{(MIDNIGHT + timedelta(hours=h)).isoformat()},3600,{value},{unit}")
    assert long_day(tmp_path, lines)["pm25"] == "40"


def test_ppb_becomes_micrograms_at_the_stated_temperature_exactly(tmp_path: Path) -> None:
    hours = [(MIDNIGHT + timedelta(hours=h)).isoformat() for h in range(24)]
    lines = [f"Dongsi,o3,{hour},PT1H,{80 + h},ppb" for h, hour in enumerate(hours)]
    mapping = own_mapping(tmp_path, "long", ("[station]", 'reference_state = { temperature = "273" }\n\n[station]'))
    record = long_day(tmp_path, lines, mapping)
    # Ideal gas: M p / (R T), 48.00 g/mol at 273 K and 1013.25 hPa; each hour rounded to 0.001 ug/m3 (design D1).
    per_ppb = Fraction(48) * 101325 / (Fraction("8.31446261815324") * 273) / 1000
    ticks = [int(round_8170(per_ppb * (80 + h) * 1000, 0)) for h in range(24)]
    windows = [Fraction(sum(ticks[end - 8 : end]), 8000) for end in range(8, 25)]
    assert record["o3_8h"] == str(round_8170(max(windows), 0))
    assert record["o3_1h"] == str(round_8170(Fraction(ticks[-1], 1000), 0))
    file = tmp_path / "long.csv"
    options = [word for key, value in (GOOD | {"--mapping": "long"}).items() for word in (key, value)]
    refused(here("assess", "air", file, *options), "reference state")


def test_an_hour_that_is_not_over_yet_is_no_reading(tmp_path: Path) -> None:
    later = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    file = tmp_path / "future.csv"
    file.write_text("\n".join([LONG, f"Dongsi,pm25,{later.isoformat()},PT1H,40,ug/m3"]), "utf-8")
    options = [word for key, value in (GOOD | {"--mapping": "long"}).items() for word in (key, value)]
    refused(here("assess", "air", file, *options), "future")


@pytest.mark.parametrize("value", ["0", "-0", "0012", "12.", "1e1", "+5", " 12 ", "<3", ">999", "4999"])
def test_numbers_that_are_written_oddly_are_still_numbers(value: str, tmp_path: Path) -> None:
    record = made_up(tmp_path, day_rows("Dongsi", date(2016, 5, 1), range(24), **{"PM2.5": value}), "2016-05-01")
    written = {"-0": "0", "0012": "12", "12.": "12", "1e1": "10", "+5": "5", " 12 ": "12", "<3": "3", ">999": "999"}
    assert record["Dongsi", "2016-05-01"]["pm25"] == written.get(value, value)


@pytest.mark.parametrize(
    "name",
    ["a,b", 'quo"te', "tab\there", "line\nbreak", "NA", "..", "sl/ash", "=1+1", "朝阳", "back\\slash", "x" * 200],
)
def test_a_station_may_have_any_name_on_files_and_in_a_shed(name: str, tmp_path: Path) -> None:
    stations, file, shed = tmp_path / "stations.csv", tmp_path / "readings.csv", tmp_path / "my shed"
    register = {"station": name, "lon": "116.4", "lat": "39.9", "adcode": "110101", "role": "assessed"}
    stations.write_bytes(csv_bytes([register], columns=tuple(register)))
    file.write_bytes(csv_bytes(day_rows(name, date(2016, 5, 1), range(24), **{"PM2.5": "40"})))
    (straight,) = assess([file], stations, period="2016-05-01")
    assert here("init", shed, "--stations", stations, "--zone", "+08:00").code == 0
    assert here("ingest", file, "--shed", shed, "--mapping", "prsa").code == 0
    assert here("shed", "status", "--shed", shed, "--check").code == 0
    (kept,) = here(
        "assess", "air", "--shed", shed, "--period", "2016-05-01", "--regime", "cn-2012", "--unit-of-time", "day",
        "--format", "json",
    ).records()  # fmt: skip
    assert straight == kept
    assert (kept["station"], kept["pm25"]) == (name, "40")


# What cannot be used.


def refused(answer: Answer, *words: str) -> None:
    said = answer.err
    assert answer.code == 2, f"exit code {answer.code}: {said}"
    assert "Traceback" not in said
    assert "our fault" not in said
    assert said.strip()
    assert not answer.out.strip()
    for word in words:
        assert word.lower() in said.lower(), said


def spoiled(content: bytes, name: str = "readings.csv") -> Callable[[Path], Path]:
    def save(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return save


def truncated_parquet(folder: Path) -> Path:
    pq.write_table(small_files.table(), folder / "whole.parquet")
    whole = (folder / "whole.parquet").read_bytes()
    (folder / "half.parquet").write_bytes(whole[: len(whole) // 2])
    return folder / "half.parquet"


def parquet_of_something_else(folder: Path) -> Path:
    pq.write_table(pa.table({"animal": ["otter"], "count": [3]}), folder / "otters.parquet")
    return folder / "otters.parquet"


BROKEN_FILES: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "a file that is not there": (lambda folder: folder / "nowhere.csv", ("nowhere.csv",)),
    "a folder": (lambda folder: folder, ()),
    "an empty file": (spoiled(b""), ("readings.csv",)),
    "only blank lines": (spoiled(b"\n\n\n"), ("readings.csv",)),
    "a CSV without its station column": (
        spoiled(csv_bytes(rows(), columns=small_files.COLUMNS[:-1])),
        ("readings.csv", "station"),
    ),
    "a CSV with a misspelt column": (
        spoiled(csv_bytes(rows()).replace(b"year,", b"yaer,", 1)),
        ("readings.csv", "year"),
    ),
    "a CSV without its header": (spoiled(csv_bytes(rows()).partition(b"\n")[2]), ("readings.csv",)),
    "a CSV separated by semicolons": (spoiled(csv_bytes(rows()).replace(b",", b";")), ("readings.csv",)),
    "UTF-16 as Excel saves it": (spoiled(csv_bytes(rows(), encoding="utf-16")), ("readings.csv",)),
    "a workbook named CSV": (spoiled(b"PK\x03\x04" + bytes(range(256)) * 8), ("readings.csv",)),
    "zero bytes": (spoiled(bytes(4096)), ("readings.csv",)),
    "half a Parquet file": (truncated_parquet, ("half.parquet",)),
    "Parquet of something else": (parquet_of_something_else, ("otters.parquet",)),
}


@pytest.mark.parametrize(("save", "words"), BROKEN_FILES.values(), ids=list(BROKEN_FILES))
def test_a_file_that_cannot_be_used_is_refused_by_name(
    save: Callable[[Path], Path], words: tuple[str, ...], tmp_path: Path
) -> None:
    answer = here(
        "assess", "air", save(tmp_path), "--stations", SHIPPED, "--mapping", "prsa", "--period", SPAN,
        "--by", "station", "--regime", "cn-2012", "--unit-of-time", "day", "--format", "json",
    )  # fmt: skip
    refused(answer, *words)


GOOD = {
    "--stations": str(SHIPPED),
    "--mapping": "prsa",
    "--period": SPAN,
    "--by": "station",
    "--regime": "cn-2012",
    "--unit-of-time": "day",
    "--format": "json",
}
MISTYPED: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "a regime nobody declared": ({"--regime": "cn-2021"}, ("cn-2021", "cn-2012")),
    "a phase nobody declared": ({"--regime": "cn-2026@finall"}, ("finall",)),
    "month 13": ({"--period": "2016-13"}, ("2016-13",)),
    "30 February": ({"--period": "2016-02-30"}, ("2016-02-30",)),
    "quarter 5": ({"--period": "2016-Q5"}, ("2016-Q5",)),
    "a year before any calendar": ({"--period": "0001", "--unit-of-time": "year"}, ("0001",)),
    "a period left open": ({"--period": "2016.."}, ("2016..",)),
    "a period backwards": ({"--period": "2016..2014"}, ("2016",)),
    "a period in words": ({"--period": "last year"}, ("last year",)),
    "an empty period": ({"--period": ""}, ("period",)),
    "a unit of time nobody knows": ({"--unit-of-time": "fortnight"}, ("fortnight",)),
    "a way to group nobody knows": ({"--by": "town"}, ("town",)),
    "a format nobody writes": ({"--format": "xml"}, ("xml",)),
    "a mapping nobody declared": ({"--mapping": "prsaa"}, ("prsaa", "prsa")),
    "a law to compare with nobody declared": ({"--against": "cn-2062"}, ("cn-2062",)),
    "stations that are not there": ({"--stations": "nowhere.csv"}, ("nowhere.csv",)),
    "an option nobody has": ({"--periode": "2016"}, ("--periode",)),
    "no mapping": ({"--mapping": None}, ("mapping",)),
    "no stations": ({"--stations": None}, ("stations",)),
}


@pytest.mark.parametrize(("change", "words"), MISTYPED.values(), ids=list(MISTYPED))
def test_a_mistyped_command_is_refused_with_the_word(
    change: dict[str, str | None], words: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "readings.csv"
    file.write_bytes(csv_bytes(rows()))
    options = [word for key, value in (GOOD | change).items() if value is not None for word in (key, value)]
    refused(here("assess", "air", file, *options), *words)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"station,name_zh\nDongsi,\xe4\xb8\x9c\xe5\x9b\x9b\n",
        b"station,lon,lat,adcode,role\nDongsi,116.4,39.9,110101,king\n",
        b"station,lon,lat,adcode,role\nDongsi,east,39.9,110101,assessed\n",
        b"station,lon,lat,adcode,role\nDongsi,116.4,399,110101,assessed\n",
        b"station,lon,lat,adcode,role\nDongsi,116.4,39.9,110101,assessed\nDongsi,116.4,39.9,110101,assessed\n",
        bytes(range(256)),
    ],
    ids=["empty", "no position", "unknown role", "a word for a longitude", "latitude 399", "twice", "rubbish"],
)
def test_stations_that_cannot_be_used_are_refused_by_name(content: bytes, tmp_path: Path) -> None:
    file, stations = tmp_path / "readings.csv", tmp_path / "my-stations.csv"
    file.write_bytes(csv_bytes(rows()))
    stations.write_bytes(content)
    options = [word for key, value in (GOOD | {"--stations": str(stations)}).items() for word in (key, value)]
    refused(here("assess", "air", file, *options), "my-stations.csv")


@pytest.mark.parametrize("period", ["2009", "2020-05", "2030-01-01", "2016-02-01..2016-02-05"])
def test_a_period_without_readings_is_a_result_not_a_crash(period: str, tmp_path: Path) -> None:
    file = tmp_path / "readings.csv"
    file.write_bytes(csv_bytes(rows()))
    records = assess([file], SHIPPED, period=period)
    assert all(record["valid"] is False and record["aqi"] is None for record in records)


@pytest.mark.parametrize("unit_of_time", ["day", "month", "quarter", "year", "rolling-year"])
@pytest.mark.parametrize("by", ["station", "jurisdiction"])
def test_json_never_holds_a_binary_float(by: str, unit_of_time: str, tmp_path: Path) -> None:
    file = tmp_path / "readings.csv"
    file.write_bytes(csv_bytes(rows()))
    # ``records`` refuses any number with a point or an exponent.
    assert assess([file], SHIPPED, period=SPAN, by=by, unit_of_time=unit_of_time, against="cn-2026")


def test_a_refusal_of_the_real_command_has_no_traceback(tmp_path: Path) -> None:
    refused(
        process("assess", "air", tmp_path / "nowhere.csv", "--stations", SHIPPED, "--mapping", "prsa", "--period", SPAN)
    )
    refused(process("assess", "air", "--shed", tmp_path / "no-shed", "--period", "2016"))
    refused(process("ingest", tmp_path / "nowhere.csv", "--shed", tmp_path / "no-shed", "--mapping", "prsa"))
    refused(process("shed", "status", tmp_path / "no-shed"))
    refused(process("asess", "air"))
