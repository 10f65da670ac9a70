"""How much one gateway takes from how many, so that no sender can starve the others."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass

__all__ = ["Bucket", "Doors", "Limits"]

_MOST_GUESSERS = 10_000


@dataclass(frozen=True)
class Limits:
    """What is allowed; every figure can be set on the command line or by a caller.

    Attributes
    ----------
    connections, per_address : int
        Open at a time, in all and from one address.
    first_frame : float
        Until the first whole frame of a device that is registered, and until a frame that has begun is whole. [s]
    idle : float
        Without any frame. The standard lets a device report once an hour. [s]
    stray_bytes : int
        Bytes in a row that belong to no frame.
    refusals : int
        Frames in a row that are refused, before the connection is cut.
    wrong_passwords : int
        For one MN from one address, before its frames from there are refused unread until ``ban`` has passed. Not the
        address alone: many loggers stand behind one router.
    ban : float
        [s]
    frames_per_second, burst : float
        Of one device, sustained and at once; a back-fill comes as a burst.
    gathered : int
        Frames that wait for the disk before reading stops.
    unsent : int
        Bytes of answers that a device does not take, before the connection is cut.
    clock : float
        How far a device's clock may be off. [s]
    ahead : float
        How far in the future a reading may lie. [s]
    """

    connections: int = 5000
    per_address: int = 500
    first_frame: float = 30.0
    idle: float = 7500.0
    stray_bytes: int = 65_536
    refusals: int = 20
    wrong_passwords: int = 20
    ban: float = 60.0
    frames_per_second: float = 100.0
    burst: float = 3000.0
    gathered: int = 20_000
    unsent: int = 1 << 20
    clock: float = 60.0
    ahead: float = 3600.0


class Bucket:
    """How many frames a device may still send just now."""

    __slots__ = ("_burst", "_full_at", "_rate")

    def __init__(self, limits: Limits) -> None:
        self._rate = limits.frames_per_second
        self._burst = limits.burst
        self._full_at = 0.0  # when the bucket is full again; [monotonic s]

    def take(self, now: float) -> bool:
        """Whether one more may come. [monotonic s]"""
        full_at = max(self._full_at, now) + 1.0 / self._rate
        if (full_at - now) * self._rate > self._burst + 0.5:  # half a frame: floats are not exact
            return False
        self._full_at = full_at
        return True


class Doors:
    """Who is in, and who is not listened to for a while."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.open = 0
        self._by_address: Counter[str] = Counter()
        self._guesses: dict[tuple[str, str], tuple[int, float]] = {}

    def refusal(self, address: str) -> str | None:
        """Why one more connection from there is not let in; None: it may come."""
        if self.open >= self.limits.connections:
            return "too-many-connections"
        if self._by_address[address] >= self.limits.per_address:
            return "too-many-connections-of-address"
        return None

    def enter(self, address: str) -> None:
        """One more is in."""
        self.open += 1
        self._by_address[address] += 1

    def leave(self, address: str) -> None:
        """One is out."""
        self.open -= 1
        self._by_address[address] -= 1
        if self._by_address[address] <= 0:
            del self._by_address[address]

    def guessed(self, address: str, mn: str, now: float) -> None:
        """A wrong password came. [monotonic s]"""
        who = _subscriber(address), mn
        count, until = self._guesses.pop(who, (0, 0.0))
        while (
            len(self._guesses) >= _MOST_GUESSERS
        ):  # the longest quiet goes: a full table must not let the next one guess
            del self._guesses[next(iter(self._guesses))]
        self._guesses[who] = (count + 1 if now < until else 1, now + self.limits.ban)

    def banned(self, address: str, mn: str, now: float) -> bool:
        """Whether too many wrong passwords came lately. [monotonic s]"""
        if not self._guesses:
            return False
        count, until = self._guesses.get((_subscriber(address), mn), (0, 0.0))
        return count >= self.limits.wrong_passwords and now < until


def _subscriber(address: str) -> str:
    """An IPv4 address, or the /64 in which one IPv6 subscriber has as many addresses as it likes."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
