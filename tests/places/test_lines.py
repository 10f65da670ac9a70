"""Lengths and cuts of lines on the globe."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.places.lines import EARTH, along, distance, length, split_line

POINTS = st.lists(
    st.tuples(st.floats(120, 135, allow_nan=False), st.floats(40, 55, allow_nan=False)),
    min_size=2,
    max_size=8,
    unique=True,
)


def test_a_quarter_of_a_great_circle_is_that_long() -> None:
    """π/2 · R with R₁ = 6,371,008.8 m (Moritz 2000)."""
    assert distance((0.0, 0.0), (90.0, 0.0)) == pytest.approx(math.pi / 2 * EARTH)
    assert distance((10.0, 0.0), (10.0, 90.0)) == pytest.approx(10_007_557.0, rel=1e-6)


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_latitude() -> None:
    assert distance((126.0, 60.0), (126.01, 60.0)) == pytest.approx(111_195.08 / 100 / 2, rel=1e-6)


def test_the_nearest_place_on_a_line_and_how_far_off() -> None:
    share, off = along(((126.0, 45.0), (128.0, 45.0)), (127.0, 45.01))
    assert share == pytest.approx(0.5, abs=1e-3)
    assert off == pytest.approx(1112, rel=0.01)


@given(POINTS, st.lists(st.floats(0.01, 0.99), max_size=4))
def test_pieces_of_a_line_meet_and_make_the_whole(points: list[tuple[float, float]], shares: list[float]) -> None:
    pieces = split_line(points, sorted(shares))
    assert len(pieces) == len(shares) + 1
    assert pieces[0][0] == points[0]
    assert pieces[-1][-1] == points[-1]
    assert all(one[-1] == other[0] for one, other in pairwise(pieces))
    # Cut on the straight line in degrees, measured on the sphere: over 15 degrees they part by under half a percent.
    assert math.fsum(length(piece) for piece in pieces) == pytest.approx(length(points), rel=5e-3)


def test_of_no_line_there_are_no_pieces() -> None:
    assert split_line((), [0.5]) == [(), ()]
