"""What is known of each device: when it last spoke, how far its clock is off, what was refused, what is missing."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from commonshed.observe.gateway.asking import Asking
from commonshed.observe.gateway.limits import Bucket, Limits
from commonshed.observe.gateway.recent import Recent

__all__ = ["HOUR", "Channel", "Gaps", "Refused", "Session", "latest"]

HOUR = 3600
_MOST_GAPS = 64
_FURTHEST = 31 * 24 * HOUR  # s back that is asked for


class Channel(Protocol):
    """The way to a device."""

    def answer(self, whole: bytes) -> None:
        """Send bytes to it."""


class Gaps:
    """Hours of which nothing came, as runs [first, last] of hourly starts. [UTC s]"""

    __slots__ = ("last", "runs")

    def __init__(self, runs: Iterable[tuple[int, int]] = (), last: int | None = None) -> None:
        self.runs = list(runs)
        self.last = last

    def came(self, start: int) -> None:
        """The hour that starts then is there. [UTC s]"""
        if self.last is not None and (start - self.last) % HOUR:
            return
        if self.last is None or start > self.last:
            if self.last is not None and start > self.last + HOUR:
                self.runs.append((max(self.last + HOUR, start - _FURTHEST), start - HOUR))
                del self.runs[:-_MOST_GAPS]
            self.last = start
            return
        for i, (first, last) in enumerate(self.runs):
            if first <= start <= last:
                self.runs[i : i + 1] = [
                    run for run in ((first, start - HOUR), (start + HOUR, last)) if run[0] <= run[1]
                ]
                return

    def give_up(self, first: int, last: int) -> None:
        """Nothing is to be had of these hours any more. [UTC s]"""
        self.runs = [run for run in self.runs if run != (first, last)]

    def hours(self) -> int:
        """How many are missing."""
        return sum((last - first) // HOUR + 1 for first, last in self.runs)


@dataclass(frozen=True)
class Refused:
    """A frame that was not taken, for people to look at."""

    recorded: int
    """[UTC s]"""
    address: str
    mn: str
    reason: str
    detail: str


class Session:
    """One device, whether it is connected or not.

    Attributes
    ----------
    mn : str
    frames, resent, readings, bytes : int
        Since the gateway started; frames that were sent again are frames too.
    refused : Counter
        By reason: frames, and readings that were left out of frames.
    last_frame, last_data : int or None
        When one came. [UTC s]
    clock_offset : int or None
        Clock of the device less ours: as it told (1011), or as the QN of its frames say. [s]
    gaps : Gaps
        Of its hourly data.
    asking : Asking
        What is asked of it, and how the last request ended.
    asking_by : Channel or None
        The connection requests go by: the newest.
    sends, left_out : set of str
        Commands it sent data with; fields that were left out of its frames.
    """

    __slots__ = (
        "asking",
        "asking_by",
        "best_offset",
        "bucket",
        "bytes",
        "clock_checked",
        "clock_offset",
        "clock_set_at",
        "clock_told",
        "connections",
        "frames",
        "gaps",
        "heard_at",
        "judged_at",
        "last_data",
        "last_frame",
        "left_out",
        "mn",
        "readings",
        "recent",
        "refused",
        "resent",
        "sends",
    )

    def __init__(self, mn: str, limits: Limits, known: Mapping[str, Any] | None = None) -> None:
        held = known or {}
        self.mn = mn
        self.bucket = Bucket(limits)
        self.recent = Recent()
        self.connections = 0
        self.frames = self.resent = self.readings = self.bytes = 0
        self.refused: Counter[str] = Counter()
        self.last_frame: int | None = held.get("last_frame")
        self.last_data: int | None = held.get("last_data")
        self.clock_offset: int | None = held.get("clock_offset")
        self.clock_checked: float | None = None
        self.clock_told = False
        self.clock_set_at = 0.0
        self.heard_at = self.judged_at = 0.0
        self.best_offset: int | None = None
        runs = [(int(first), int(last)) for first, last in held.get("gaps", ())]
        self.gaps = Gaps(runs, held.get("last_hour"))
        self.asking = Asking()
        self.asking_by: Channel | None = None
        self.sends: set[str] = set()
        self.left_out: set[str] = set()

    def content(self) -> dict[str, Any]:
        """As the state file says it."""
        return {
            "connected": self.connections > 0,
            "last_frame": self.last_frame,
            "last_data": self.last_data,
            "frames": self.frames,
            "resent": self.resent,
            "readings": self.readings,
            "bytes": self.bytes,
            "refused": dict(self.refused),
            "clock_offset": self.clock_offset,
            "last_hour": self.gaps.last,
            "gaps": [list(run) for run in self.gaps.runs],
            "hours_missing": self.gaps.hours(),
            "request": self.asking.outcome,
        }


def latest(refused: deque[Refused]) -> list[dict[str, Any]]:
    """The last refusals, newest first, as the state file says them."""
    return [
        {
            "recorded": each.recorded,
            "address": each.address,
            "mn": each.mn,
            "reason": each.reason,
            "detail": each.detail,
        }
        for each in reversed(refused)
    ]
