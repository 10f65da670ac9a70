"""What a period's water does to a network that says little."""

from __future__ import annotations

import pytest

from commonshed.attribute.river.mean_flow import with_mean_flow
from commonshed.places import Mark, Node, Reach, Rivers


def river() -> Rivers:
    reaches = [
        Reach("ab", "a", "b", length=1000.0, width=4.0, depth=0.5, discharge=1.5),
        Reach("bc", "b", "c", length=1000.0, velocity=0.7, discharge=2.0),
        Reach("cd", "c", "d", length=1000.0),
    ]
    return Rivers.of([Node(id) for id in "abcd"], reaches, [Mark(id.upper(), "section", node=id) for id in "bd"])


def test_the_water_of_the_period_replaces_the_usual_and_sets_the_pace_where_nobody_did() -> None:
    full, notes = with_mean_flow(river(), {"B": 3.0, "D": 3.0})
    assert full.reaches["ab"].discharge == 3.0
    assert full.reaches["ab"].velocity == pytest.approx(3.0 / (4.0 * 0.5))
    assert (full.reaches["bc"].velocity, full.reaches["bc"].discharge) == (0.7, 3.0)
    # Moody & Troutman (2002): w = 7.2 Q^0.50, d = 0.27 Q^0.30.
    assert full.reaches["cd"].velocity == pytest.approx(3.0**0.2 / (7.2 * 0.27))
    assert "velocity of 2 reaches" in notes[0]
    assert "of 1 of them is by Moody and Troutman" in notes[1]


def test_without_any_flow_the_rivers_stay_as_they_were() -> None:
    assert with_mean_flow(river(), {}) == (river(), ())
