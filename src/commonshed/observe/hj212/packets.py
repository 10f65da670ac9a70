"""Data that came in several packets.

By the standard each packet has the time and whole items, and is taken as soon as it is there: an acknowledgement then
says of each packet that it is kept. Some devices cut the text of CP wherever a packet is full; these packets are held
until all are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from commonshed.errors import FrameError
from commonshed.observe.hj212.frame import Frame, pairs

__all__ = ["Packets", "stands_alone"]

_TIME: Final = "DataTime="


@dataclass
class _Group:
    """The packets of one message."""

    since: float
    time: str = ""
    taken: set[int] = field(default_factory=set)
    held: dict[int, str] = field(default_factory=dict)


class Packets:
    """Puts messages together that came in packets; one for each connection or one for all.

    Parameters
    ----------
    most_messages : int
        Messages put together at a time; the oldest gives way.
    most_packets : int
        Packets of one message.
    keep : float
        How long a message waits for its packets. [s]
    """

    def __init__(self, *, most_messages: int = 256, most_packets: int = 64, keep: float = 60.0) -> None:
        self._most_messages = most_messages
        self._most_packets = most_packets
        self._keep = keep
        self._groups: dict[tuple[str, str, str, int], _Group] = {}
        self.lost = 0
        """Packets held that were given up."""

    def __len__(self) -> int:
        """Packets held."""
        return sum(len(group.held) for group in self._groups.values())

    def add(self, frame: Frame, now: float) -> Frame | None:
        """A frame that can be taken: this one, or the message it completes; None: more packets are awaited.

        Parameters
        ----------
        frame : Frame
        now : float
            On any clock that does not jump. [s]

        Raises
        ------
        FrameError
            There is no such packet, or there are too many.

        References
        ----------
        HJ 212-2017, tables C.49 and C.50.
        """
        if frame.pnum is None or frame.pno is None or frame.pnum < 2:
            return frame
        if frame.pnum > self._most_packets:
            raise FrameError("too many packets", field="PNUM", value=frame.pnum, mend=f"At most {self._most_packets}")
        if not 1 <= frame.pno <= frame.pnum:
            raise FrameError("there is no such packet", field="PNO", value=frame.pno, mend="PNO runs from 1 to PNUM")
        self._give_up(now)
        key = frame.mn, frame.st, frame.cn, frame.pnum
        group = self._group(key, frame, now)
        ready = self._taken(group, frame)
        if len(group.taken) + len(group.held) == frame.pnum:
            del self._groups[key]
            if group.held:
                return frame._replace(cp=_joined(group), pnum=None, pno=None)
        return ready

    def _taken(self, group: _Group, frame: Frame) -> Frame | None:
        assert frame.pno is not None
        if stands_alone(frame):
            group.time = _time(frame.cp)
            group.taken.add(frame.pno)
            return frame
        group.time = group.time or _time(frame.cp)
        group.held[frame.pno] = frame.cp
        return None

    def _group(self, key: tuple[str, str, str, int], frame: Frame, now: float) -> _Group:
        group = self._groups.get(key)
        time = _time(frame.cp)
        if group is not None and (
            frame.pno in group.taken or frame.pno in group.held or (time and group.time and time != group.time)
        ):
            self._drop(key)
            group = None
        if group is None:
            while len(self._groups) >= self._most_messages:
                self._drop(next(iter(self._groups)))
            group = self._groups[key] = _Group(now)
        return group

    def _give_up(self, now: float) -> None:
        for key in list(_while_older(self._groups, now - self._keep)):
            self._drop(key)

    def _drop(self, key: tuple[str, str, str, int]) -> None:
        self.lost += len(self._groups.pop(key).held)


def _while_older(groups: dict[tuple[str, str, str, int], _Group], limit: float) -> Iterator[tuple[str, str, str, int]]:
    for key, group in groups.items():
        if group.since >= limit:
            return
        yield key


def stands_alone(frame: Frame) -> bool:
    """Whether a packet can be read without the others: it has the time, and its last item lacks nothing.

    An item cut in the middle of its number cannot be told from a whole one by itself; but where the items before it
    have a flag at their end, it has none.
    """
    if not frame.cp.startswith(_TIME):
        return False
    try:
        pairs(frame.cp)
    except FrameError:
        return False
    items = [item for item in frame.cp.split(";")[1:] if item]
    endings = {_suffixes(item) for item in items}
    return bool(items) and len(endings) == 1 and (len(items) > 1 or items[0].rpartition("-")[2].startswith("Flag="))


def _suffixes(item: str) -> tuple[str, ...]:
    return tuple(part.partition("=")[0].rpartition("-")[2] for part in item.split(",")[-1:])


def _time(cp: str) -> str:
    return cp[len(_TIME) :].partition(";")[0] if cp.startswith(_TIME) else ""


def _joined(group: _Group) -> str:
    """The text of the packets held, the time once at its head."""
    text = ""
    for number in sorted(group.held):
        piece = group.held[number]
        if piece.startswith(_TIME):
            # A packet with the time of its own begins with a whole item.
            text += (";" if text else "") + piece.partition(";")[2]
        else:
            text += piece
    return f"{_TIME}{group.time};{text}" if group.time else text
