"""Laws of water as they are held, against a second reading of their tables, typed here by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from commonshed.standards import edition, regime
from commonshed.standards.schema import Limit

# GB 3838-2002, table 1: item, classes I to V, mg/L. "lake" after the river values where a lake has its own.
TABLE_1 = """
do       7.5     6       5      3      2
codmn    2       4       6      10     15
cod      15      15      20     30     40
bod5     3       3       4      6      10
nh3n     0.15    0.5     1.0    1.5    2.0
tp       0.02    0.1     0.2    0.3    0.4     lake  0.01  0.025  0.05  0.1  0.2
tn       -                                     lake  0.2   0.5    1.0   1.5  2.0
cu       0.01    1.0     1.0    1.0    1.0
zn       0.05    1.0     1.0    2.0    2.0
f        1.0     1.0     1.0    1.5    1.5
se       0.01    0.01    0.01   0.02   0.02
as       0.05    0.05    0.05   0.1    0.1
hg       0.00005 0.00005 0.0001 0.001  0.001
cd       0.001   0.005   0.005  0.005  0.01
cr6      0.01    0.05    0.05   0.05   0.1
pb       0.01    0.01    0.05   0.05   0.1
cn       0.005   0.05    0.2    0.2    0.2
phenol   0.002   0.002   0.005  0.01   0.1
oil      0.05    0.05    0.05   0.5    1.0
las      0.2     0.2     0.2    0.3    0.3
sulfide  0.05    0.1     0.2    0.5    1.0
coliform 200     2000    10000  20000  40000
"""
CLASSES = ["I", "II", "III", "IV", "V"]
DAY = date(2016, 3, 1)


def typed() -> list[tuple[str, str, list[Fraction]]]:
    """Quantity, kind of water and the five values."""
    rows = []
    for line in TABLE_1.strip().splitlines():
        quantity, *rest = line.split()
        river, _, lake = " ".join(rest).partition("lake")
        for body, values in (("river", river.split()), ("lake", (lake or river).split())):
            if values and values != ["-"]:
                rows.append((quantity, body, [Fraction(value) for value in values]))
    return rows


@pytest.mark.parametrize(
    ("quantity", "body", "values"), typed(), ids=lambda value: str(value) if isinstance(value, str) else ""
)
def test_table_1_of_gb_3838_is_held_as_printed(quantity: str, body: str, values: list[Fraction]) -> None:
    law = regime("cn-surface")
    assert [law.limit(quantity, "period", DAY, level, water_body=body) for level in CLASSES].count(None) == 0
    held = [
        limit.levels[level]
        for level in CLASSES
        if (limit := law.limit(quantity, "period", DAY, level, water_body=body))
    ]
    assert held == values


def test_table_1_has_24_items_of_which_21_make_the_class() -> None:
    held = {limit.quantity for limit in edition("GB 3838-2002").limits if "III" in limit.levels}
    assert len(held) == 23, "all but water temperature"
    method = regime("cn-surface").water
    assert method is not None
    assert set(method.assessed) == held - {"tn", "coliform"}
    assert len(method.assessed) == 21


def test_total_nitrogen_has_no_limit_in_rivers() -> None:
    assert regime("cn-surface").limit("tn", "period", DAY, water_body="river") is None


def test_table_2_holds_five_items_for_drinking_water_sources() -> None:
    law = regime("cn-surface@source")
    held = {key: law.value(key, "period", DAY) for key in ("so4", "cl", "no3n", "fe", "mn")}
    assert held == {"so4": 250, "cl": 250, "no3n": 10, "fe": Fraction("0.3"), "mn": Fraction("0.1")}


def within(quantity: str, value: str, *, id: str, **of: str) -> list[str]:
    """Levels whose limits a value keeps."""
    law = regime(id)
    assert law.water is not None
    average = law.water.value_of(quantity).of
    limits = law.limits_of(quantity, average, DAY, **of)
    levels = [level for held in law.water.classes for level in held.levels][:-1]
    return [level for level in levels if all(_keeps(limit, level, value) for limit in limits)]


def _keeps(limit: Limit, level: str, value: str) -> bool:
    return level not in limit.levels or limit.met_by(Fraction(value), level)


@pytest.mark.parametrize(
    ("quantity", "value", "levels"),
    [
        ("ph", "6", "I II III IV V"),
        ("ph", "9", "I II III IV V"),
        ("ph", "5.99", ""),
        ("ph", "9.01", ""),
        ("do", "7.5", "I II III IV V"),
        ("do", "7.4", "II III IV V"),
        ("do", "1.9", ""),
        ("cu", "1", "II III IV V"),  # equal limits: the best class that keeps it
        ("hg", "0.00006", "III IV V"),
    ],
)
def test_a_value_keeps_the_classes_from_its_own_to_the_worst(quantity: str, value: str, levels: str) -> None:
    assert " ".join(within(quantity, value, id="cn-surface", water_body="river")) == levels


# Annexed table 2 of the Japanese notification: AA, A, B, C, D, E.
JAPAN = {
    "bod5": "1 2 3 5 8 10",
    "tss": "25 25 25 50 100",
    "do": "7.5 7.5 5 5 2 2",
}


@pytest.mark.parametrize("quantity", JAPAN)
def test_japan_is_held_as_printed(quantity: str) -> None:
    (limit,) = [limit for limit in edition("JP-ENV-59").limits if limit.quantity == quantity]
    assert list(limit.levels.values()) == [Fraction(value) for value in JAPAN[quantity].split()]
    assert limit.sense == ("min" if quantity == "do" else "max")


def test_japan_asks_for_ph_from_six_and_a_half_or_six_to_eight_and_a_half() -> None:
    assert within("ph", "6.4", id="jp-rivers") == ["D", "E"]
    assert within("ph", "8.5", id="jp-rivers") == ["AA", "A", "B", "C", "D", "E"]
    assert within("ph", "8.6", id="jp-rivers") == []


@pytest.mark.parametrize(
    ("water_type", "value", "levels"),
    [
        ("1n", "30", "High Good Moderate Poor"),
        ("2n 4", "30", "Good Moderate Poor"),
        ("3n", "120", "Good Moderate Poor"),
        ("4n 7", "121", "Moderate Poor"),
        ("4n", "1001", ""),
    ],
)
def test_british_phosphorus_depends_on_the_type_of_river(water_type: str, value: str, levels: str) -> None:
    assert " ".join(within("po4p", value, id="uk-wfd-2010", water_type=water_type)) == levels


def test_a_type_the_law_does_not_know_has_no_limit() -> None:
    law = regime("uk-wfd-2010")
    assert law.limits_of("po4p", "year", DAY, water_type="") == []
    assert law.limits_of("po4p", "year", DAY, water_type="9x") == []
    assert len(law.limits_of("po4p", "year", DAY)) == 3, "nobody asked for a type"
