"""Loads of sections as a user gets them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from tests.attribute.river.loads.readings import DAY, YEAR, readings, river, row

from commonshed.attribute.river import METHODS, LoadAssessment, loads
from commonshed.attribute.river.loads.assessment import published
from commonshed.errors import UnknownName


@pytest.fixture(scope="module")
def year() -> LoadAssessment:
    return loads(readings(river() + river(station="Lower", seed=1)), quantity="tp", period="2016", draws=300)


def test_every_method_answers_for_every_section_and_they_agree_roughly(year: LoadAssessment) -> None:
    assert [(load.section, load.method) for load in year.loads] == [(s, m) for s in ("Lower", "Upper") for m in METHODS]
    for load in year.loads:
        assert load.low < load.high
        assert load.draws.shape == (300,)
        assert load.tonnes == pytest.approx(year.of(load.section, "composite").tonnes, rel=0.4)
    assert year.of("Upper", "ratio").flow_days == 366
    assert year.of("Upper", "ratio").samples == 52


def test_the_interval_is_from_the_5th_to_the_95th_percentile_of_the_draws(year: LoadAssessment) -> None:
    load = year.of("Upper", "rating")
    assert [load.low, load.median, load.high] == np.percentile(load.draws, [5, 50, 95]).tolist()


def test_draws_depend_neither_on_the_other_sections_nor_on_the_other_methods(year: LoadAssessment) -> None:
    source = readings(river() + river(station="Lower", seed=1))
    alone = loads(source, quantity="tp", period=YEAR, sections=["Upper"], methods=["composite"], draws=300)
    assert np.array_equal(alone.loads[0].draws, year.of("Upper", "composite").draws)
    other = loads(source, quantity="tp", period=YEAR, sections=["Upper"], methods=["composite"], draws=300, seed=1)
    assert not np.array_equal(other.loads[0].draws, alone.loads[0].draws)


def test_the_order_of_rows_does_not_matter(year: LoadAssessment) -> None:
    rows = river() + river(station="Lower", seed=1)
    again = loads(readings(rows[::-1]), quantity="tp", period="2016", draws=300)
    assert [load.tonnes for load in again.loads] == pytest.approx([load.tonnes for load in year.loads], rel=1e-12)


def test_a_record_holds_text_and_whole_numbers_and_no_floats(year: LoadAssessment) -> None:
    record = next(year.records())
    assert record["name"] == {"en": "Lower bridge", "zh": "Lower桥"}
    assert (record["section"], record["method"], record["period"]) == ("Lower", "averaging", "2016")
    assert record["confidence"] == "0.90"
    assert (record["samples"], record["days"], record["why_not"]) == (52, 366, None)
    assert not any(isinstance(value, float) for value in record.values())
    load = year.of("Lower", "averaging")
    assert record["mean_concentration"] == published(load.tonnes / load.volume)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.56, "1235"), (0.0123456, "0.01235"), (98765.0, "98760"), (0.0, "0.000"), (float("nan"), None)],
)
def test_figures_are_published_with_four_significant_digits(value: float, text: str | None) -> None:
    assert published(value) == text


def test_loads_of_the_months_of_a_year_add_up_to_that_of_the_year() -> None:
    source = readings(river())
    whole = loads(source, quantity="tp", period="2016", methods=["interpolation", "composite", "rating"], draws=10)
    for method in ("interpolation", "composite", "rating"):
        months = [
            loads(source, quantity="tp", period=month, methods=[method], draws=10).loads[0].tonnes
            for month in YEAR.split("month")
        ]
        assert sum(months) == pytest.approx(whole.of("Upper", method).tonnes, rel=1e-9)


def test_a_month_says_that_it_learned_from_its_year() -> None:
    load = loads(readings(river()), quantity="tp", period="2016-03", methods=["rating"], draws=50).loads[0]
    assert "the curve and the spread are learned from 2016" in load.notes
    assert load.samples == 4  # days 66, 73, 80, 87 of the year


def test_flow_on_days_of_samples_alone_is_said_and_widens_the_interval() -> None:
    rows = river()
    days = {reading["start"] // DAY for reading in rows if reading["quantity"] == "tp"}
    # a day of Beijing begins at 16:00 UTC of the day before
    few = [each for each in rows if each["quantity"] == "tp" or (each["start"] + DAY // 3) // DAY in days]
    wide = loads(readings(few), quantity="tp", period="2016", methods=["ratio"], draws=200).loads[0]
    narrow = loads(readings(rows), quantity="tp", period="2016", methods=["ratio"], draws=200).loads[0]
    assert wide.flow_days == 52
    assert wide.notes[0] == "flow of 52 of 366 days, only on days with a sample; between them a straight line"
    assert wide.high - wide.low > narrow.high - narrow.low


def test_samples_below_detection_are_counted_and_said() -> None:
    rows = [
        each | ({"qualifier": "<"} if each["quantity"] == "tp" and at % 3 == 0 else {})
        for at, each in enumerate(river())
    ]
    load = loads(readings(rows), quantity="tp", period="2016", methods=["ratio"], draws=50).loads[0]
    assert load.below_detection > 10
    assert f"{load.below_detection} of 52 samples are below detection and count half the limit" in load.notes


def test_a_gap_of_two_months_is_named() -> None:
    rows = [each for each in river() if each["quantity"] == "flow" or not _summer(each)]
    load = loads(readings(rows), quantity="tp", period="2016", methods=["interpolation"], draws=50).loads[0]
    assert [str(gap) for gap in load.gaps] == ["no concentration from 2016-06-28 to 2016-09-04 (69 days)"]


def _summer(reading: dict[str, Any]) -> bool:
    day = date(1970, 1, 1) + timedelta(seconds=reading["start"] + 8 * 3600)
    return day.month in (7, 8)


def test_without_flow_or_samples_there_is_no_load_and_a_reason() -> None:
    no_flow = [each for each in river() if each["quantity"] == "tp"]
    found = loads(readings(no_flow), quantity="tp", period="2016", sections=["Upper", "Lower"], draws=10)
    assert found.of("Upper", "ratio").why_not == "no flow was measured"
    assert found.of("Lower", "ratio").why_not == "nothing was sampled"
    assert np.isnan(found.of("Upper", "ratio").tonnes)
    record = next(found.records())
    assert (record["tonnes"], record["low"], record["volume"]) == (None, None, None)


def test_too_few_samples_bear_neither_curve_nor_interval() -> None:
    flow = [each for each in river() if each["quantity"] == "flow"]
    samples = [row(date(2016, month, 9), "tp", 200_000 + month) for month in (2, 5, 8)]
    found = loads(readings(flow + samples), quantity="tp", period="2016", draws=10)
    assert found.of("Upper", "rating").why_not == "a curve needs 6 samples, there are 3"
    assert found.of("Upper", "ratio").tonnes > 0
    assert np.isnan(found.of("Upper", "ratio").low)
    assert "too few samples for an interval: 3 of 4" in found.of("Upper", "ratio").notes
    single = loads(readings(flow + samples[:1]), quantity="tp", period="2016", draws=10)
    assert single.of("Upper", "averaging").why_not == "averaging needs 2 samples in the period, there are 1"
    assert single.of("Upper", "interpolation").tonnes > 0


def test_clean_water_carries_nothing_and_that_is_an_answer() -> None:
    rows = [each | ({"ticks": 0} if each["quantity"] == "tp" else {}) for each in river()]
    load = loads(readings(rows), quantity="tp", period="2016", methods=["ratio"], draws=10).loads[0]
    assert (load.tonnes, load.low, load.high) == (0, 0, 0)


def test_a_method_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownName, match="there is no method 'guess'"):
        loads(readings(river()), quantity="tp", period="2016", methods=["guess"])
