"""What one frame says: reading its data segment, and writing frames."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from commonshed.errors import FrameError
from commonshed.observe.hj212.crc import crc16
from commonshed.observe.hj212.framing import LONGEST
from commonshed.observe.hj212.protocol import protocol

__all__ = ["Frame", "blanked", "encode", "parse", "whole_frame"]

_OPEN = ";CP=&&"
_CLOSE = "&&"
_EDITION_2025 = 2
_PASSWORD = re.compile(rb"(PW[ \t]*=?)([^;,&\r\n]*)", re.IGNORECASE)
_LATER_QN = re.compile(r";QN=([^;]*)")
_KNOWN = 4096
"""Heads remembered: frames of one device differ in little but QN."""
_USUAL = 200
"""Characters of a head that is worth remembering."""

Items = tuple[tuple[str, dict[str, str]], ...]


class Frame(NamedTuple):
    """One frame, read as far as its head.

    Attributes
    ----------
    qn : str
        Number of the request: seventeen digits of local time; empty where the device sends none.
    st, cn, pw, mn : str
        System type, command, password, number of the device. ``st`` and ``pw`` may be empty.
    flag : int or None
        None: not sent, which only editions before 2017 allow.
    pnum, pno : int or None
        Number of packets, and which of them this is, from 1.
    cp : str
        What stands between the ``&&`` of CP.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int | None
    pnum: int | None
    pno: int | None
    cp: str

    @property
    def version(self) -> int:
        """Edition of the protocol: 0 is HJ/T 212-2005, 1 HJ 212-2017, 2 HJ 212-2025."""
        return (self.flag or 0) >> 2

    @property
    def wants_answer(self) -> bool:
        """Whether the sender waits for an answer."""
        return bool(self.flag) and bool((self.flag or 0) & 1)

    @property
    def items(self) -> Items:
        """Items of CP in order: the code and its values by suffix; ``("DataTime", {"": …})`` has none.

        Raises
        ------
        FrameError
            CP is not made of names and values.
        """
        grouped: dict[str, dict[str, str]] = {}
        for name, value in pairs(self.cp):
            code, _, suffix = name.rpartition("-") if "-" in name else (name, "", "")
            grouped.setdefault(code, {}).setdefault(suffix, value)
        return tuple(grouped.items())

    @property
    def fields(self) -> dict[str, str]:
        """Every name of CP with its value: ``DataTime``, ``QnRtn``, ``a34004-Rtd`` …; the first of several.

        Raises
        ------
        FrameError
            CP is not made of names and values.
        """
        found: dict[str, str] = {}
        for name, value in pairs(self.cp):
            found.setdefault(name, value)
        return found


def pairs(cp: str) -> list[tuple[str, str]]:
    """Names and values of CP, in order.

    Raises
    ------
    FrameError
        Something in it is no name with a value.
    """
    found = []
    for item in cp.split(";"):
        for part in item.split(","):
            name, sign, value = part.partition("=")
            if sign:
                found.append((name.strip(), value.strip()))
            elif part.strip():
                mend = "Items are written NAME=VALUE, between ; and ,"
                raise FrameError("something in CP is no name with a value", field="CP", value=part[:40], mend=mend)
    return found


def parse(text: bytes, *, strict: bool = False) -> Frame:
    """Read a data segment.

    Parameters
    ----------
    text : bytes
        From the first field to the ``&&`` that closes CP.
    strict : bool
        What HJ 212-2017 asks of every field is asked. Otherwise only what is needed to know whose data this is.

    Raises
    ------
    FrameError
        Names the field, and never shows a password.
    """
    segment = _decoded(text, strict=strict)
    head, opened, cp = segment.partition(_OPEN)
    if not opened or not cp.endswith(_CLOSE):
        raise FrameError("there is no CP between && and &&", field="CP", mend="Close CP with &&")
    names = [part.partition("=")[0] for part in head.split(";")] if strict else []
    qn = ""
    if head.startswith("QN="):
        qn, _, head = head[3:].partition(";")
    elif stands := _LATER_QN.search(head):
        qn, head = stands[1], head[: stands.start()] + head[stands.end() :]
    frame = Frame(qn, *_head(head), cp[:-2])
    if strict:
        _check_names(names, frame.version)
        _check(frame, segment)
    return frame


def _decoded(text: bytes, *, strict: bool) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        if strict:
            raise FrameError("the text is not UTF-8", mend="Chinese text in a frame is UTF-8") from None
    try:
        return text.decode("gb18030")
    except UnicodeDecodeError:
        raise FrameError("the text is neither UTF-8 nor GB 18030", mend="Check the line for noise") from None


_Head = tuple[str, str, str, str, "int | None", "int | None", "int | None"]
_heads: dict[str, _Head] = {}


def _head(head: str) -> _Head:
    """The fields before CP but QN, which heads of one device share."""
    known = _heads.get(head)
    if known is None:
        known = _read_head(head)
        if len(_heads) >= _KNOWN:
            _heads.clear()
        if len(head) <= _USUAL:
            _heads[head] = known
    return known


def _read_head(head: str) -> _Head:
    fields: dict[str, str] = {}
    for part in head.split(";"):
        name, sign, value = part.partition("=")
        if not sign:
            raise FrameError("something before CP is no name with a value", value=_safe(part))
        if name in fields:
            raise FrameError("a field is given twice", field=name)
        fields[name] = value
    for name in ("CN", "MN"):
        if not fields.get(name):
            raise FrameError("a field is missing", field=name, mend="Every frame needs CN and MN")
    numbers = [_number(name, fields.get(name)) for name in ("Flag", "PNUM", "PNO")]
    return fields.get("ST", ""), fields["CN"], fields.get("PW", ""), fields["MN"], numbers[0], numbers[1], numbers[2]


def _safe(part: str) -> str:
    return _PASSWORD.sub(rb"\1***", part.encode("utf-8", "replace")).decode("utf-8", "replace")[:40]


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise FrameError("a field is no number", field=name, value=text[:20])
    return int(text)


def _check_names(names: list[str], version: int) -> None:
    """The fields of the standard, each once and in its order; where a field of 2025 stands is not known."""
    order = protocol().fields
    later = protocol().later_fields if version == _EDITION_2025 else ()
    for name in names:
        if name not in order and name not in later:
            raise FrameError("the standard has no such field", field=name[:20])
    known = [name for name in names if name in order]
    if known != sorted(known, key=order.index):
        raise FrameError("the fields are not in the standard's order", value=", ".join(known), mend=", ".join(order))


def _check(frame: Frame, segment: str) -> None:
    """What HJ 212-2017 asks of the fields; of frames of 2005 only what that edition shares with it."""
    held = protocol()
    for name, value in (("QN", frame.qn), ("ST", frame.st), ("CN", frame.cn), ("PW", frame.pw)):
        if len(value) != held.widths[name]:
            shown = "***" if name == "PW" else value
            raise FrameError(f"{name} has {held.widths[name]} characters", field=name, value=shown)
    if frame.flag is None:
        raise FrameError("a field is missing", field="Flag", mend="Say the edition and whether an answer is wanted")
    if frame.version and len(frame.mn) != held.widths["MN"]:
        raise FrameError(f"MN has {held.widths['MN']} characters", field="MN", value=frame.mn)
    if frame.flag > 255 or frame.version not in held.versions:
        raise FrameError("there is no such edition of the protocol", field="Flag", value=frame.flag)
    if moment(frame.qn) is None:
        raise FrameError("QN is no time", field="QN", value=frame.qn, mend="Write YYYYMMDDhhmmsszzz")
    _check_packets(frame)
    if len(segment) > held.segment_most or len(frame.cp) > held.cp_most:
        mend = "Send it in several packets: PNUM and PNO"
        raise FrameError(f"a segment has at most {held.segment_most} characters, CP {held.cp_most}", mend=mend)


def _check_packets(frame: Frame) -> None:
    divided = bool((frame.flag or 0) & 2)
    given = frame.pnum is not None, frame.pno is not None
    if given != (divided, divided):
        mend = "Set bit 1 of Flag when PNUM and PNO are there, and only then"
        raise FrameError("Flag and PNUM with PNO disagree", field="Flag", value=frame.flag, mend=mend)
    if divided and not 1 <= (frame.pno or 0) <= (frame.pnum or 0):
        raise FrameError("there is no such packet", field="PNO", value=frame.pno, mend="PNO runs from 1 to PNUM")


def moment(text: str) -> datetime | None:
    """Local time of fourteen digits, or of seventeen with milliseconds; None: no time."""
    if len(text) not in (14, 17) or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime(
            int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]), int(text[12:14])
        )
    except ValueError:
        return None


def encode(
    *,
    cn: str,
    mn: str,
    st: str,
    pw: str = "",
    qn: str = "",
    flag: int | None = None,
    cp: str = "",
    pnum: int | None = None,
    pno: int | None = None,
) -> bytes:
    """Write a whole frame.

    Raises
    ------
    FrameError
        The segment is longer than four digits can say.
    """
    texts = {"QN": qn or None, "ST": st or None, "CN": cn, "PW": pw or None, "MN": mn}
    fields: dict[str, str | int | None] = {**texts, "Flag": flag, "PNUM": pnum, "PNO": pno}
    head = ";".join([f"{name}={value}" for name, value in fields.items() if value is not None])
    return whole_frame(f"{head}{_OPEN}{cp}{_CLOSE}".encode())


def whole_frame(segment: bytes) -> bytes:
    """A data segment with head, check sum and line end.

    Raises
    ------
    FrameError
        The segment is longer than four digits can say.
    """
    if len(segment) > LONGEST:
        raise FrameError("a frame is too long", value=f"{len(segment)} bytes", mend="Send it in several packets")
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc16(segment))


def blanked(whole: bytes) -> bytes:
    """A frame, or any bytes, with each password blanked in place; the check sum stays and no longer agrees."""
    return _PASSWORD.sub(lambda found: found[1] + b"*" * len(found[2]), whole)
