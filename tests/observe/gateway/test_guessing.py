"""Neither many addresses nor many guessers open the door to one more guess."""

from __future__ import annotations

from commonshed.observe.gateway.limits import Doors, Limits


def test_addresses_of_one_subscriber_count_together() -> None:
    doors = Doors(Limits(wrong_passwords=20))
    for i in range(20):
        doors.guessed(f"2001:db8::{i:x}", "MN", 0.0)
    assert doors.banned("2001:db8::ffff", "MN", 1.0)
    assert not doors.banned("2001:db8:0:1::1", "MN", 1.0)
    for _ in range(20):
        doors.guessed("::ffff:192.0.2.7", "MN", 0.0)
    assert doors.banned("192.0.2.7", "MN", 1.0)


def test_a_crowd_of_guessers_does_not_hide_one_of_them() -> None:
    doors = Doors(Limits(wrong_passwords=20))
    for i in range(10_001):
        doors.guessed(f"10.0.{i >> 8}.{i & 255}", "MN", 0.0)
    for _ in range(20):
        doors.guessed("192.0.2.7", "MN", 1.0)
    assert doors.banned("192.0.2.7", "MN", 2.0)
    assert len(doors._guesses) == 10_000
