"""A gateway that is killed loses nothing it acknowledged, and nothing is there twice. Fifty kills: ``benchmarks/``."""

from __future__ import annotations

from benchmarks.kill_gateway import killed


def test_no_acknowledged_frame_is_lost_or_doubled_when_the_gateway_is_killed() -> None:
    outcome = killed(3, seed=4)
    assert outcome.acknowledged > 0
    assert (outcome.lost, outcome.doubled, outcome.wrong) == (0, 0, 0)
