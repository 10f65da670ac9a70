"""Sound is added up as energy."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.assess.noise import energetic_mean

LEVELS = st.dictionaries(st.integers(2000, 11000), st.integers(1, 86_400), min_size=1, max_size=24)


@pytest.mark.parametrize(
    ("levels", "mean"),
    [
        ([60, 60], 600),
        ([60, 63], 618),  # 10 lg((10^6 + 10^6.3) / 2) = 61.754
        ([60, 70], 674),  # 10 lg(5.5) + 60 = 67.404
        ([100, 80, 60, 40, 20], 931),  # 10 lg(1.010101e10 / 5) = 93.054
        ([50, 53, 56], 537),  # 10 lg((10^5 + 10^5.3 + 10^5.6) / 3) = 53.664
        ([0, 100], 970),  # half the energy: 10 lg 2 = 3.0103 less
    ],
)
def test_means_of_energy_agree_with_the_logarithm_by_hand(levels: list[int], mean: int) -> None:
    weights: dict[int, int] = {}
    for level in levels:
        weights[level * 100] = weights.get(level * 100, 0) + 1
    assert energetic_mean(weights, 1) == mean


def test_a_level_alone_is_rounded_half_to_even() -> None:
    assert energetic_mean({6245: 1}, 1) == 624
    assert energetic_mean({6255: 1}, 1) == 626
    assert energetic_mean({6245: 1}, 1, "half-up") == 625


def test_a_mean_that_lies_on_a_tie_but_for_a_hair_is_rounded_to_its_side() -> None:
    """Equal sounds lie exactly on the tie; a sound louder by 0.01 dB for a second in a day lifts the mean above it."""
    assert energetic_mean({6245: 10**6}, 1) == 624
    assert energetic_mean({6245: 10**15, 6246: 1}, 1) == 625


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="at least one level"):
        energetic_mean({}, 1)


@given(LEVELS)
def test_a_mean_agrees_with_floating_point_away_from_ties(weights: dict[int, int]) -> None:
    energy = math.fsum(w * 10 ** (ticks / 1000) for ticks, w in weights.items()) / sum(weights.values())
    assert abs(energetic_mean(weights, 6) / 10**6 - 10 * math.log10(energy)) < 1e-6


@given(LEVELS)
def test_a_mean_lies_between_the_arithmetic_mean_and_the_loudest(weights: dict[int, int]) -> None:
    mean = Fraction(energetic_mean(weights, 2), 100)
    total = sum(weights.values())
    arithmetic = sum((Fraction(ticks * w, 100 * total) for ticks, w in weights.items()), Fraction(0))
    assert arithmetic - Fraction(1, 200) <= mean <= Fraction(max(weights), 100)


@given(LEVELS, st.integers(2, 7))
def test_only_the_proportion_of_weights_matters(weights: dict[int, int], times: int) -> None:
    assert energetic_mean({ticks: times * w for ticks, w in weights.items()}, 3) == energetic_mean(weights, 3)
