"""The embassy's monitor beside the official ones, as published."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest

from commonshed import datasets
from commonshed.disclose import agreement
from commonshed.disclose.embassy import daily_means, kilometres, neighbours


def test_the_comparison_of_nongzhanguan_equals_a_plain_one_of_the_file() -> None:
    table = pq.read_table(datasets.path("beijing", "BeijingPM20100101_20151231.parquet")).to_pandas()
    both = table.dropna(subset=["PM_Nongzhanguan", "PM_US Post"])
    difference = both["PM_US Post"] - both["PM_Nongzhanguan"]
    found = neighbours("110000")
    assert found is not None
    monitor = next(m for m in found.official if m.column == "PM_Nongzhanguan")
    ours = agreement(monitor.values, found.embassy.values)
    assert ours.n == len(both) == 24_661
    assert ours.bias == pytest.approx(difference.mean())
    assert ours.mae == pytest.approx(difference.abs().mean())
    assert ours.correlation == pytest.approx(both["PM_Nongzhanguan"].corr(both["PM_US Post"]))
    assert found.span(monitor) == (date(2013, 1, 17), date(2015, 12, 31))


def test_the_mean_of_a_day_needs_twenty_shared_hours() -> None:
    x, y = np.arange(48.0), np.arange(48.0) + 3
    x[:4] = np.nan
    y[24:29] = np.nan
    official, embassy = daily_means(x, y)
    assert official[0] == np.arange(4, 24).mean()
    assert embassy[0] == official[0] + 3
    assert np.isnan(official[1])
    assert np.isnan(embassy[1])


def test_a_place_without_an_embassy_has_none() -> None:
    assert neighbours("230100") is None


def test_one_degree_of_latitude_is_a_hundred_and_eleven_kilometres() -> None:
    assert kilometres(116, 39, 116, 40) == pytest.approx(111.19, abs=0.01)
