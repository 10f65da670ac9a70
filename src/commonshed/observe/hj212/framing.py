"""Frames out of a stream of bytes, whatever else is in it.

A frame is ``##``, four digits of length, the data segment, four hexadecimal digits of check sum and CR LF. Devices
break all of this: lengths that count something else, a line end that never comes, a frame cut off and another after it.
The framer believes a length only if the check sum or the line end agrees, and otherwise looks for the end itself.
"""

from __future__ import annotations

import builtins
from typing import Final, NamedTuple

from commonshed.observe.hj212.crc import crc16
from commonshed.observe.hj212.protocol import protocol

__all__ = ["LONGEST", "Framer", "Garbage", "RawFrame"]

LONGEST: Final = 9999
"""Bytes of a data segment that four digits can announce."""

_HEAD = 6  # "##" and the length
_CHECK = 4
_SAMPLE = 64
_BLANK = b"\r\n\t \0"
_HEXADECIMAL = frozenset(b"0123456789abcdefABCDEF")


class RawFrame(NamedTuple):
    """A frame as it stood in the stream."""

    text: bytes
    """The data segment."""
    crc_right: bool
    length_right: bool
    whole: bytes
    """With head, check sum and line end."""


class Garbage(NamedTuple):
    """Bytes that belong to no frame."""

    bytes: int
    sample: builtins.bytes
    """The first of them."""
    why: str


class Framer:
    """Cuts a stream of bytes into frames; one for each connection.

    Whatever bytes are fed, nothing is raised, and no more is held back than one frame.

    Parameters
    ----------
    limit : int, optional
        Longest data segment that is taken. [bytes] Without it :data:`LONGEST`, or if strict the standard's 1,024.
    strict : bool
        Frames without their line end, and blanks between frames, are garbage too.
    """

    def __init__(self, *, limit: int | None = None, strict: bool = False) -> None:
        self._strict = strict
        self._most = min(limit or (protocol().segment_most if strict else LONGEST), LONGEST)
        self._rest = b""

    @property
    def pending(self) -> int:
        """Bytes held back because the frame they begin is not complete."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[RawFrame | Garbage]:
        """Take what arrived; frames and garbage in the order of the stream."""
        data = self._rest + data if self._rest else bytes(data)
        found: list[RawFrame | Garbage] = []
        at = 0
        while (raw := self._regular(data, at)) is not None:
            found.append(raw)
            at += len(raw.whole)
        if at < len(data):
            at = self._irregular(data, at, found)
        self._rest = data[at:]
        return found

    def finish(self) -> list[RawFrame | Garbage]:
        """The stream has ended: what was held back is a frame that was cut off."""
        rest, self._rest = self._rest, b""
        return [_garbage(rest, "cut off")] if rest.strip(_BLANK) else []

    def _regular(self, data: bytes, at: int) -> RawFrame | None:
        """The frame that begins here, if all of it is there and right."""
        digits = data[at + 2 : at + _HEAD]
        if data[at : at + 2] != b"##" or not digits.isdigit() or len(digits) < 4:
            return None
        length = int(digits)
        middle = at + _HEAD + length
        stop = middle + _CHECK
        if data[stop : stop + 2] != b"\r\n" or length > self._most:
            return None
        text = data[at + _HEAD : middle]
        if b"%04X" % crc16(text) != data[middle:stop].upper():
            return None
        return RawFrame(text, True, True, data[at : stop + 2])

    def _irregular(self, data: bytes, at: int, found: list[RawFrame | Garbage]) -> int:
        """The long way through what is left; gives the place from which bytes are held back."""
        lost = at  # where the garbage begins that was not told yet
        why = "between frames"
        end = len(data)
        while at < end:
            start = data.find(b"##", at)
            if start < 0:
                at = end - data.endswith(b"#")
                break
            if (raw := self._regular(data, start)) is None:
                outcome = self._broken(data, start)
                if outcome is None:
                    at = start
                    break
                if isinstance(outcome, str):
                    why = outcome
                    at = start + 1
                    continue
                raw = outcome
            self._tell(data[lost:start], why, found)
            found.append(raw)
            lost = at = start + len(raw.whole)
            why = "between frames"
        self._tell(data[lost:at], why, found)
        return at

    def _tell(self, lost: bytes, why: str, found: list[RawFrame | Garbage]) -> None:
        told = lost if self._strict else lost.strip(_BLANK)
        if told:
            found.append(_garbage(told, why))

    def _broken(self, data: bytes, start: int) -> RawFrame | str | None:
        """What begins with these ``##``: a frame, none and why, or None: more bytes will tell."""
        digits = data[start + 2 : start + _HEAD]
        if digits and not digits.isdigit():
            return "no length after ##"
        body = start + _HEAD
        following = data.find(b"##", start + 2)
        bound = len(data) if following < 0 else following
        if bound < body:
            return None if following < 0 else "cut off"
        length = int(digits)
        stop = body + length + _CHECK
        line_end = data.find(b"\r\n", body, bound)
        if stop <= bound and length <= self._most and (raw := self._as_long_as_said(data, start, stop)):
            return raw
        if line_end >= 0:
            return self._by_its_end(data, start, line_end, line_end + 2)
        if following >= 0:
            return "cut off" if self._strict else self._by_its_end(data, start, following, following)
        if stop + 2 > len(data) and length <= self._most:
            return None
        if len(data) - body <= self._most + _CHECK:
            return None
        return "no end where one should be"

    def _as_long_as_said(self, data: bytes, start: int, stop: int) -> RawFrame | None:
        """The frame of the length it says, if its check sum or its line end agree."""
        text = data[start + _HEAD : stop - _CHECK]
        check = data[stop - _CHECK : stop]
        ended = data[stop : stop + 2] == b"\r\n"
        if b"%04X" % crc16(text) == check.upper():
            # A device that sends no line end may wait for its answer: the line end is not waited for.
            whole = data[start : stop + 2 * ended]
            return RawFrame(text, True, True, whole) if ended or not self._strict else None
        if ended and _HEXADECIMAL.issuperset(check):
            return RawFrame(text, False, True, data[start : stop + 2])
        return None

    def _by_its_end(self, data: bytes, start: int, stop: int, after: int) -> RawFrame | str:
        """The frame that ends where a line or the next frame says so, though its length says otherwise."""
        text, check = data[start + _HEAD : stop - _CHECK], data[max(stop - _CHECK, start + _HEAD) : stop]
        if len(check) < _CHECK or not _HEXADECIMAL.issuperset(check) or not text.endswith(b"&&"):
            return "cut off"
        if len(text) > self._most:
            return "longer than a frame may be"
        crc_right = b"%04X" % crc16(text) == check.upper()
        return RawFrame(text, crc_right, int(data[start + 2 : start + _HEAD]) == _characters(text), data[start:after])


def _characters(text: bytes) -> int:
    """The standard counts characters, which are not bytes where a text is Chinese."""
    return len(text.decode("utf-8", "replace"))


def _garbage(lost: bytes, why: str) -> Garbage:
    return Garbage(len(lost), lost[:_SAMPLE], why)
