"""Agreement of two series: by hand, by NumPy, and by published worked examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.disclose import agreement, agreement_by_bin, class_agreement, deming
from commonshed.errors import InputError

# Bland & Altman (1986), table 1: peak expiratory flow rate of 17 subjects, first measurement with each meter. [l/min]
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI_WRIGHT = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_the_worked_example_of_bland_and_altman_comes_out() -> None:
    """The paper: mean difference (Wright minus mini) −2.1, SD 38.8, limits −79.7 and 75.5 (with 2 SD), r = 0.94."""
    found = agreement(MINI_WRIGHT, WRIGHT)
    assert found.n == 17
    assert round(found.bias, 1) == -2.1
    spread = (found.upper - found.lower) / (2 * 1.96)
    assert round(spread, 1) == 38.8
    # The paper's limits are made of its rounded figures and twice the spread.
    assert round(-2.1 - 2 * 38.8, 1) == -79.7 == pytest.approx(found.bias - 2 * spread, abs=0.1)
    assert round(found.correlation, 2) == 0.94


def test_figures_by_hand() -> None:
    found = agreement([10, 20, 30, 40], [12, 18, 33, 45])
    assert (found.n, found.mean_x, found.mean_y, found.bias) == (4, 25.0, 27.0, 2.0)
    assert found.mae == (2 + 2 + 3 + 5) / 4
    assert found.rmse == pytest.approx(((4 + 4 + 9 + 25) / 4) ** 0.5)
    assert found.relative_bias == pytest.approx(0.08)


def test_deming_equals_the_first_principal_axis_when_errors_are_equal() -> None:
    """With equal error variances Deming regression is orthogonal regression: the axis of largest variance."""
    generator = np.random.default_rng(1)
    truth = generator.normal(100, 40, 500)
    x, y = truth + generator.normal(0, 8, 500), 5 + 1.1 * truth + generator.normal(0, 8, 500)
    slope, intercept = deming(x, y)
    _, vectors = np.linalg.eigh(np.cov(x, y))
    assert slope == pytest.approx(vectors[1, -1] / vectors[0, -1])
    assert intercept == pytest.approx(y.mean() - slope * x.mean())


@given(st.floats(0.2, 5), st.floats(-100, 100))
def test_deming_finds_an_exact_line_and_is_the_same_seen_from_the_other_side(slope: float, intercept: float) -> None:
    x = np.array([1.0, 2.0, 5.0, 9.0, 14.0])
    y = intercept + slope * x
    assert deming(x, y) == pytest.approx((slope, intercept), abs=1e-6)
    back, _ = deming(y, x)
    assert back * slope == pytest.approx(1)


def test_hours_that_one_series_lacks_are_left_out() -> None:
    nan = float("nan")
    assert agreement([1, 2, nan, 4, 9], [1, nan, 3, 5, 9]) == agreement([1, 4, 9], [1, 5, 9])


@pytest.mark.parametrize(("x", "y"), [([1, 2], [1, 2]), ([1, 2, 3], [1, 2]), ([1, float("nan"), 3], [1, 2, 3])])
def test_too_little_to_compare_is_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(InputError):
        agreement(x, y)


def test_series_that_do_not_vary_have_no_line() -> None:
    with pytest.raises(InputError, match="do not vary"):
        deming([1, 2, 3], [5, 5, 5])


def test_bias_is_sorted_by_the_average_and_every_pair_is_in_one_bin() -> None:
    x, y = [10.0, 20.0, 100.0, 300.0, 400.0], [30.0, 10.0, 120.0, 290.0, 420.0]
    bins = agreement_by_bin(x, y, [0, 50, 350, 500])
    assert [(b.n, b.bias) for b in bins] == [(2, 5.0), (2, 5.0), (1, 20.0), (0, None)]
    assert sum(b.n for b in bins) == len(x)


def test_a_value_at_a_class_limit_is_in_the_lower_class() -> None:
    """HJ 633: 75 µg/m³ of PM2.5 is an index of 100 and class 2."""
    table = class_agreement([75, 76, 20, 400], [75, 75, 36, 260], [35, 75, 115, 150, 250])
    assert table[1, 1] == 1
    assert table[2, 1] == 1
    assert table[0, 1] == 1
    assert table[5, 5] == 1
    assert table.sum() == 4
