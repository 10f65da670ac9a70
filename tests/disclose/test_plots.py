"""Figures of the library: the artists one expects, and the numbers behind them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from commonshed.assess.air import seasonal_kendall
from commonshed.disclose.plots import calendar, cycle, rc, time_variation, trend
from commonshed.disclose.tokens import tokens
from commonshed.errors import InputError, MissingExtra


def _day(day: str, aqi: int | None, level: int | None) -> dict[str, Any]:
    return {"jurisdiction": "110000", "name": {"en": "Beijing", "zh": "北京"}, "period": day, "regime": "cn-2012",
            "aqi": aqi, "class": level}  # fmt: skip


def test_the_calendar_colours_each_day_by_the_law_and_hatches_the_others() -> None:
    figure = calendar([_day("2015-01-01", 430, 6), _day("2015-01-02", 40, 1), _day("2015-01-03", None, None)])
    january = figure.axes[0]
    assert len(figure.axes) == 12
    assert len(january.patches) == 31
    assert {text.get_text() for text in january.texts} >= {"430", "40", "M"}
    assert sum(patch.get_hatch() is not None for patch in january.patches) == 29
    from matplotlib.colors import to_hex

    assert [to_hex(p.get_facecolor()) for p in january.patches if not p.get_hatch()] == ["#7e0023", "#00e400"]


def test_a_calendar_of_several_places_is_refused() -> None:
    with pytest.raises(InputError, match="one place"):
        calendar([_day("2015-01-01", 40, 1), {**_day("2015-01-01", 40, 1), "jurisdiction": "110105"}])
    with pytest.raises(InputError, match="one place"):
        calendar([])


def test_means_by_hour_weekday_and_month_are_the_plain_ones() -> None:
    times = np.datetime64("2015-01-01T00") + np.arange(365 * 24)
    values = np.random.default_rng(3).gamma(2, 40, times.size)
    values[100:140] = np.nan
    frame = pd.DataFrame({"t": times, "v": values})
    by_hour = frame.groupby(frame.t.dt.hour).v.mean()
    by_weekday = frame.groupby(frame.t.dt.day_of_week).v.mean()
    by_month = frame.groupby(frame.t.dt.month).v.mean()
    assert cycle(times, values, "hour").mean == pytest.approx(by_hour.to_numpy())
    assert cycle(times, values, "weekday").mean == pytest.approx(by_weekday.to_numpy())
    assert cycle(times, values, "month").mean == pytest.approx(by_month.to_numpy())


def test_the_interval_holds_the_mean_and_is_about_as_wide_as_theory_says() -> None:
    """Independent days: the mean of 365 values with SD 10 has a 95 % interval of ± 1.96 · 10 / √365 = ± 1.03."""
    times = np.datetime64("2015-01-01T00") + np.arange(365 * 24)
    values = np.repeat(np.random.default_rng(4).normal(100, 10, 365), 24)
    found = cycle(times, values, "hour", draws=2000)
    assert ((found.low < found.mean) & (found.mean < found.high)).all()
    assert float((found.high - found.low).mean()) / 2 == pytest.approx(1.03, rel=0.1)


def test_the_time_variation_draws_means_with_their_bands() -> None:
    times = np.datetime64("2015-01-01T00") + np.arange(60 * 24)
    values = 50 + 20 * np.sin(np.arange(times.size) * 2 * np.pi / 24)
    figure = time_variation(times, values, name="PM2.5, Dongsi", draws=50)
    assert len(figure.axes) == 3
    for axes in figure.axes:
        assert len(axes.lines) == 1
        assert len(axes.collections) == 1
        assert axes.get_ylim() == figure.axes[0].get_ylim()
    assert figure.axes[0].lines[0].get_ydata() == pytest.approx(50 + 20 * np.sin(np.arange(24) * 2 * np.pi / 24))
    assert np.isnan(np.asarray(figure.axes[2].lines[0].get_ydata(), dtype=float)[6:]).all()  # July to December


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(InputError, match="at least one reading"):
        cycle(np.array(["2015-01-01T00"], dtype="datetime64[h]"), [float("nan")], "hour")


def test_the_trend_is_drawn_with_the_slope_and_interval_of_the_assessment() -> None:
    months = [f"{year}-{month:02d}" for year in (2013, 2014, 2015, 2016) for month in range(1, 13)]
    season = [30, 25, 20, 15, 10, 5, 5, 10, 15, 20, 25, 30]
    values: list[str | None] = [str(100 - 5 * (i // 12) + season[i % 12]) for i in range(48)]
    values[7] = None
    figure = trend(months, values, name="PM2.5, Beijing")
    axes = figure.axes[0]
    slope = next(line for line in axes.lines if line.get_label() == "slope")
    x, y = np.asarray(slope.get_xdata(), dtype=float), np.asarray(slope.get_ydata(), dtype=float)
    table = np.array([np.nan if v is None else float(v) for v in values]).reshape(4, 12)
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(seasonal_kendall(table).slope.slope) == pytest.approx(-5)
    missing = next(line for line in axes.lines if line.get_label() == "not assessed")
    assert len(np.asarray(missing.get_xdata())) == 1
    assert len(axes.collections) == 1
    assert axes.get_title(loc="left").startswith("−5.0 µg/m³ a year")


@pytest.mark.parametrize(
    ("months", "values"),
    [(["2013", "2014"], [1.0, 2.0]), (["2013-01", "2013-02"], [1.0, 2.0]), (["2013-01"], [1.0, 2.0])],
)
def test_a_trend_of_too_little_is_refused(months: list[str], values: list[float | str | None]) -> None:
    with pytest.raises(InputError, match="trend"):
        trend(months, values)


def test_pictures_wear_the_tokens() -> None:
    assert rc("dark")["axes.facecolor"] == tokens("dark")["paper"] == "#12161a"
    figure = trend(["2013-01", "2014-01"], [1.0, 2.0], scheme="dark")
    from matplotlib.colors import to_hex

    assert to_hex(figure.get_facecolor()) == "#12161a"


def test_without_matplotlib_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"commonshed\[plot\]"):
        trend(["2013-01", "2014-01"], [1.0, 2.0])
