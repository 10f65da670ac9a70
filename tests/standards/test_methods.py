"""Methods of water and noise, as people read them."""

from __future__ import annotations

import pytest

from commonshed.standards import edition, editions
from commonshed.standards.methods import grade_rows, method_rows


def rules(id: str) -> dict[str, list[str]]:
    """What is said of each subject."""
    found: dict[str, list[str]] = {}
    for row in method_rows([edition(id)]):
        found.setdefault(str(row["of"]), []).append(str(row["rule"]))
    return found


def test_the_method_of_2011_is_said_in_sentences() -> None:
    said = rules("Huanban 2011-22")
    assert said["a year needs"] == ["a sample in 8 of its months"]
    assert said["a month needs"] == ["1 sample"]
    assert said["river or basin"][1:3] == [
        "excellent: share of I to III at least 90 %",
        "good: share of I to III at least 75 % and below 90 %",
    ]
    assert said["trophic index"][0] == "chlorophyll a: 10 (2.5 + 1.086 ln c), ug/L, weight 1 / 3.7558"
    assert "0: ph, coliform" in said["decimals"]
    assert said["comparison"] == [
        "a single sample is held against the limits as it was measured",
        "ph: held against the limits before it is rounded",
    ]


def test_each_law_says_how_its_value_is_made() -> None:
    assert rules("JP-ENV-59")["value"][0] == (
        "bod5: the sample of rank 75 % of their number, rounded up, held against the 24-hour mean"
    )
    assert rules("UK-WFD-2010")["value"][1] == "nh3n: percentile 90 of the samples, held against the 90th percentile"


def test_noise_says_its_hours_and_its_surveys() -> None:
    assert rules("GB 3096-2008") == {
        "day": ["06:00 to 22:00"],
        "night": ["22:00 to 06:00"],
        "peak at night": ["a sudden noise passes the limit by 15 dB at most"],
    }
    said = rules("HJ 640-2012")
    assert said["functional-zone"][1:] == ["needs 16 hours of the day", "needs 8 hours of the night"]
    assert said["level"] == ["1 decimal, half to even"]


def test_cities_are_ranked_by_sums_of_quotients() -> None:
    assert rules("CWQI-2017")["index of cities"][0] == (
        "sum of C / S over the assessed quantities, S the limits of III; dissolved oxygen: S / C"
    )


def test_grades_have_their_names_and_bounds() -> None:
    lakes = {row["class"]: row["name_zh"] for row in grade_rows([edition("Huanban 2011-22")]) if row["of"] == "lake"}
    assert list(lakes) == ["below 30", "up to 50", "up to 60", "up to 70", "above"]
    assert lakes["below 30"] == "贫营养"
    roads = [row["class"] for row in grade_rows([edition("HJ 640-2012")]) if row["of"] == "road"]
    assert roads == [
        "1: day up to 68, night up to 58",
        "2: day up to 70, night up to 60",
        "3: day up to 72, night up to 62",
        "4: day up to 74, night up to 64",
        "5: above",
    ]


@pytest.mark.parametrize("id", [id for id, held in editions().items() if held.medium == "air"])
def test_laws_of_air_have_no_such_rows(id: str) -> None:
    assert method_rows([edition(id)]) == []
    assert grade_rows([edition(id)]) == []
