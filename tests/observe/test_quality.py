"""Doubt becomes a flag with its reason; a value is never changed and a reading never deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.observe.tables import hours, long, prsa, prsa_row

from commonshed.errors import InputError
from commonshed.observe import Rules, load_rules, read, read_files
from commonshed.observe.quality.rules import ticks_of


def flags(folder: Path, rows: list[str], *, quantity: str = "pm25") -> list[tuple[str, str | None]]:
    """Flag and keys of the reasons, hour by hour."""
    table = read_files([prsa(folder / "a.csv", rows)], "prsa").to_pylist()
    return [(row["flag"], _keys(row["reason"])) for row in table if row["quantity"] == quantity]


def _keys(reason: str | None) -> str | None:
    return None if reason is None else " ".join(part.partition(":")[0] for part in reason.split("; "))


OK = ("valid", None)


def test_a_sentinel_is_invalid_and_keeps_its_value(tmp_path: Path) -> None:
    path = prsa(tmp_path / "a.csv", hours(["30", "-999", "31", "99999"]))
    rows = read_files([path], "prsa").to_pylist()
    assert [row["ticks"] for row in rows] == [30_000, -999_000, 31_000, 99_999_000]
    assert [row["flag"] for row in rows] == ["valid", "invalid", "valid", "invalid"]
    assert "sentinel: a number that stands for no reading" in rows[1]["reason"]


def test_a_sentinel_is_seen_before_units_are_converted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,site,o3\n2004-05-01 13:00,MY1,-999\n2004-05-01 14:00,MY1,20\n")
    rows = read_files([path], "openair").to_pylist()
    assert [_keys(row["reason"]) for row in rows] == ["sentinel negative", None]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("-0.1", ("invalid", "negative")),
        ("0", OK),
        ("5000", OK),
        ("5000.1", ("invalid", "out-of-range")),
        ("999", ("suspect", "cap")),
        ("998.9", OK),
        ("1000", OK),
    ],
)
def test_limits_of_what_can_be_are_themselves_inside(value: str, expected: tuple[str, str], tmp_path: Path) -> None:
    assert flags(tmp_path, hours([value])) == [expected]


def test_a_capped_reading_says_that_the_truth_is_above(tmp_path: Path) -> None:
    row = prsa_row(0, PM25="999", PM10="999", CO="10000", O3="999")
    found = {row["quantity"]: row for row in read_files([prsa(tmp_path / "a.csv", [row])], "prsa").to_pylist()}
    assert {name: found[name]["qualifier"] for name in found} == {"pm25": ">", "pm10": ">", "co": ">", "o3": "="}
    assert found["co"]["ticks"] == 10_000


@pytest.mark.parametrize(("count", "flagged"), [(7, False), (8, True), (30, True)])
def test_a_flat_line_begins_at_eight_hours_of_pm25(count: int, flagged: bool, tmp_path: Path) -> None:
    found = flags(tmp_path, hours(["30", *["42"] * count, "31"]))
    assert found == [OK, *[("suspect", "flat-line") if flagged else OK] * count, OK]


def test_a_flat_line_near_the_detection_limit_is_natural(tmp_path: Path) -> None:
    assert flags(tmp_path, hours(["3"] * 30)) == [OK] * 30
    assert flags(tmp_path, hours(["0"] * 30)) == [OK] * 30


def test_a_gap_or_an_invalid_hour_ends_a_flat_line(tmp_path: Path) -> None:
    assert flags(tmp_path, hours([*["42"] * 5, "", *["42"] * 5])) == [OK] * 10
    found = flags(tmp_path, hours([*["42"] * 5, "-999", *["42"] * 5]))
    assert [flag for flag, _ in found] == ["valid"] * 5 + ["invalid"] + ["valid"] * 5


def test_readings_of_another_length_are_no_flat_line(tmp_path: Path) -> None:
    rows = [f"S,pm25,2016-03-{day:02d}T00:00Z,P1D,42,ug/m3" for day in range(1, 20)]
    assert set(read_files([long(tmp_path / "a.csv", *rows)], "long")["flag"].to_pylist()) == {"valid"}


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        (["30", "200", "40"], True),
        (["30", "140", "40"], False),  # exactly 100 above: not more
        (["30", "140.1", "40"], True),
        (["60", "180", "59"], False),  # not more than three times
        (["30", "200", "210"], False),  # it stays up
        (["30", "200", ""], False),  # no hour after
        (["", "200", "40"], False),
    ],
)
def test_a_spike_towers_over_both_neighbours(values: list[str], flagged: bool, tmp_path: Path) -> None:
    found = flags(tmp_path, hours(values))
    assert (("suspect", "spike") in found) == flagged


def test_pm25_above_pm10_makes_both_suspect_and_the_reason_names_the_other(tmp_path: Path) -> None:
    rows = [prsa_row(0, PM25="80", PM10="60"), prsa_row(1, PM25="60", PM10="60"), prsa_row(2, PM25="80")]
    assert flags(tmp_path, rows) == [("suspect", "pm25-above-pm10"), OK, OK]
    assert flags(tmp_path, rows, quantity="pm10") == [("suspect", "pm25-above-pm10"), OK]
    table = read_files([tmp_path / "a.csv"], "prsa").to_pylist()
    assert all("PM2.5" in row["reason"] and "PM10" in row["reason"] for row in table if row["reason"])


def test_an_invalid_partner_says_nothing(tmp_path: Path) -> None:
    assert flags(tmp_path, [prsa_row(0, PM25="80", PM10="-999")]) == [OK]


def test_several_reasons_are_all_told_and_the_worst_flag_holds(tmp_path: Path) -> None:
    row = prsa_row(0, PM25="999", PM10="600")
    assert flags(tmp_path, [row]) == [("suspect", "cap pm25-above-pm10")]
    assert flags(tmp_path, [prsa_row(0, PM25="-999")]) == [("invalid", "sentinel negative")]


def test_a_reading_given_twice_the_same_is_one(tmp_path: Path) -> None:
    reading = read(prsa(tmp_path / "a.csv", hours(["30", "31"]) * 3), "prsa")
    assert sum(table.num_rows for table in reading.tables) == 2
    assert (reading.repeated, reading.rejects, dict(reading.reasons)) == (4, [], {})


@pytest.mark.parametrize("values", [["40", "60"], ["60", "40"], ["60", "40", "60", "-999"]])
def test_of_contradicting_values_the_largest_stands_suspect_and_the_others_are_told(
    values: list[str], tmp_path: Path
) -> None:
    reading = read(prsa(tmp_path / "a.csv", [prsa_row(0, PM25=value) for value in values]), "prsa")
    rows = [row for table in reading.tables for row in table.to_pylist()]
    assert [(row["ticks"], row["flag"]) for row in rows] == [(60_000, "suspect")]
    assert rows[0]["reason"].endswith("different values; also given: 40")
    assert len(reading.rejects) == len(set(values)) - 1
    assert all("stands" in reject.reason for reject in reading.rejects)


def test_a_value_beside_a_sentinel_is_no_contradiction(tmp_path: Path) -> None:
    assert flags(tmp_path, [prsa_row(0, PM25="-999"), prsa_row(0, PM25="40")]) == [OK]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-5, 1200), min_size=1, max_size=60), st.lists(st.integers(-5, 1200), max_size=60))
def test_nothing_is_deleted_and_no_value_is_changed(tmp_path: Path, fine: list[int], coarse: list[int]) -> None:
    rows = hours([str(v) for v in fine]) + hours([str(v) for v in coarse], quantity="PM10")
    table = read_files([prsa(tmp_path / "a.csv", rows)], "prsa").to_pylist()
    for name, given_values in (("pm25", fine), ("pm10", coarse)):
        assert [row["ticks"] for row in table if row["quantity"] == name] == [1000 * v for v in given_values]
    for row in table:
        assert (row["flag"] == "valid") == (row["reason"] is None)


def slowly(values: list[int | None]) -> list[set[str]]:
    """The rules on PM2.5 hours, one reading at a time; thresholds of air.toml written again."""
    found: list[set[str]] = [set() for _ in values]
    usable = [v if v is not None and 0 <= v <= 5000 and v != 9999 else None for v in values]
    for i, value in enumerate(usable):
        if value is None:
            continue
        before = usable[i - 1] if i else None
        after = usable[i + 1] if i + 1 < len(usable) else None
        if (
            before is not None
            and after is not None
            and value - max(before, after) > 100
            and value > 3 * max(before, after)
        ):
            found[i].add("spike")
        if value == 999:
            found[i].add("cap")
        first = last = i
        while first > 0 and usable[first - 1] == value:
            first -= 1
        while last + 1 < len(usable) and usable[last + 1] == value:
            last += 1
        if last - first + 1 >= 8 and value > 3:
            found[i].add("flat-line")
    return found


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([None, 0, 2, 40, 45, 150, 999]), st.integers(1, 10)), min_size=1, max_size=12)
)
def test_flags_agree_with_a_slow_reading_of_the_rules(tmp_path: Path, runs: list[tuple[int | None, int]]) -> None:
    values = [value for value, count in runs for _ in range(count)]
    table = read_files([prsa(tmp_path / "a.csv", hours(["" if v is None else str(v) for v in values]))], "prsa")
    found = iter([set((_keys(row["reason"]) or "").split()) for row in table.to_pylist()])
    for value, expected in zip(values, slowly(values), strict=True):
        if value is not None:
            assert next(found) == expected


def test_rules_are_data_with_texts_in_both_languages_and_a_digest() -> None:
    rules = load_rules()
    keys = {rule.key for rule in rules.rules}
    assert {"sentinel", "cap", "negative", "out-of-range", "flat-line", "spike", "pm25-above-pm10"} <= keys
    assert {"contradiction", "unknown-station", "future", "before-measuring", "source"} <= keys
    for rule in rules.rules:
        assert rule.reason.en
        assert rule.reason.zh
        assert "; " not in rule.reason.en  # parts of a reason are told apart by it
    assert len(rules.digest) == 64
    assert load_rules().digest == rules.digest


def test_further_rules_are_a_file_and_change_the_digest(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'id = "own"\ntitle = { en = "o", zh = "o" }\n[[rules]]\nkey = "too-clean"\nkind = "range"\nflag = "suspect"\n'
        'below = { pm25 = "2" }\nreason = { en = "cleaner than we believe", zh = "过低" }\n'
    )
    rules = load_rules(own)
    assert rules.digest != load_rules().digest
    table = read_files([prsa(tmp_path / "a.csv", hours(["1.9", "2"]))], "prsa", rules=rules)
    assert table["reason"].to_pylist() == ["too-clean: cleaner than we believe", None]


BROKEN = {
    "unknown key": ('key = "x"\nkind = "range"\nflag = "suspect"\ncolour = 1', "colour"),
    "unknown kind": ('key = "x"\nkind = "hunch"\nflag = "suspect"', "hunch"),
    "unknown quantity": ('key = "x"\nkind = "range"\nflag = "suspect"\nbelow = { pm2 = "1" }', "pm2"),
    "binary float": ('key = "x"\nkind = "range"\nflag = "suspect"\nbelow = { pm25 = 1.5 }', "quotes"),
    "a flag that deletes": ('key = "x"\nkind = "range"\nflag = "deleted"', "suspect"),
    "a key that is taken": ('key = "spike"\nkind = "range"\nflag = "suspect"', "keys of their own"),
}


@pytest.mark.parametrize(("rule", "word"), BROKEN.values(), ids=list(BROKEN))
def test_broken_rules_are_refused(rule: str, word: str, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        f'id = "own"\ntitle = {{ en = "o", zh = "o" }}\n[[rules]]\n{rule}\nreason = {{ en = "r", zh = "r" }}\n'
    )
    with pytest.raises(InputError, match=word):
        load_rules(own)


def test_amounts_are_in_the_quantity_s_own_unit() -> None:
    assert ticks_of({"pm25": "999", "co": "10"}) == {"pm25": 999_000, "co": 10_000}
    assert isinstance(load_rules(), Rules)


def _water(folder: Path, *rows: tuple[str, str, str]) -> list[tuple[str, str | None]]:
    """Flag and keys of the reasons of samples: quantity, value, unit."""
    lines = [f"S,{name},2016-03-{day:02d}T10:00Z,0,{value},{unit}" for day, (name, value, unit) in enumerate(rows, 1)]
    table = read_files([long(folder / "water.csv", *lines)], "long").to_pylist()
    found = {row["start"]: (row["flag"], _keys(row["reason"])) for row in table}
    return [found[start] for start in sorted(found)]


def test_water_has_rules_of_its_own(tmp_path: Path) -> None:
    found = _water(
        tmp_path,
        ("nh3n", "-0.01", "mg/L"),
        ("temp", "118", "degC"),
        ("temp", "-0.2", "degC"),
        ("cond", "6806.6", "uS/cm"),
        ("ph", "4.5", "1"),
        ("tp", "-999", "mg/L"),
        ("do", "8.1", "mg/L"),
    )
    assert found == [
        ("invalid", "water-negative"),
        ("invalid", "water-out-of-range water-doubtful"),
        OK,
        ("suspect", "water-doubtful"),
        ("suspect", "water-doubtful"),
        ("invalid", "water-sentinel water-negative"),
        OK,
    ]


def test_codes_of_the_air_are_numbers_in_water(tmp_path: Path) -> None:
    """-99 mV is a redox potential and 9999 per litre a count: only air knows these as codes."""
    assert _water(tmp_path, ("eh", "-99", "mV"), ("coliform", "9999", "count/L")) == [OK, OK]
