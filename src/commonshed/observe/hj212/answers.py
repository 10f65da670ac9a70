"""Frames that answer frames, frames that ask for something, and what a device answers to these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from commonshed.errors import FrameError
from commonshed.observe.hj212.device import Device
from commonshed.observe.hj212.frame import Frame, encode, moment
from commonshed.observe.hj212.protocol import protocol
from commonshed.periods import Zone

__all__ = [
    "BACKFILL",
    "Answer",
    "backfill_request",
    "clock_request",
    "data_ack",
    "device_time",
    "execution_result",
    "local_time",
    "notice_ack",
    "read_answer",
    "request",
    "request_ack",
    "set_clock",
]

SYSTEM: Final = "91"
BACKFILL: Final = ("2051", "2061", "2031")
"""Commands that ask for data of the past: minutes, hours, days."""


@dataclass(frozen=True)
class Answer:
    """What a device answered to a request.

    Attributes
    ----------
    qn : str
        Of the request.
    cn : str
        ``9011``: whether the request is taken; ``9012``: how it ended.
    code : str
        ``QnRtn`` or ``ExeRtn``.
    words : str
        What the code says.
    good : bool
    """

    qn: str
    cn: str
    code: str
    words: str
    good: bool


def data_ack(frame: Frame) -> bytes:
    """Acknowledge data: 9014, with the QN of the packet.

    References
    ----------
    HJ 212-2017, 6.5.2 and table C.14.
    """
    return _answer(frame, "9014", "")


def notice_ack(frame: Frame) -> bytes:
    """Acknowledge a notice: 9013, with the QN of the notice."""
    return _answer(frame, "9013", "")


def request_ack(frame: Frame, code: int = 1) -> bytes:
    """Say whether a request is taken: 9011. 1 is yes; the others are in ``protocol.toml``."""
    return _answer(frame, "9011", f"QnRtn={code}")


def execution_result(frame: Frame, code: int = 1) -> bytes:
    """Say how a request ended: 9012. 1 is well; the others are in ``protocol.toml``."""
    return _answer(frame, "9012", f"ExeRtn={code}")


def _answer(frame: Frame, cn: str, cp: str) -> bytes:
    return encode(qn=frame.qn, st=SYSTEM, cn=cn, pw=frame.pw, mn=frame.mn, flag=frame.version << 2, cp=cp)


def request(cn: str, *, device: Device, qn: str, cp: str = "", st: str | None = None) -> bytes:
    """Ask a device for something; it answers 9011 and 9012.

    Parameters
    ----------
    cn : str
        The command.
    device : Device
    qn : str
        Number of the request, which the answers carry: seventeen digits of local time.
    cp : str
        What goes with the command.
    st : str, optional
        System type; without it the first of the device's, or that of system interaction.
    """
    system = st or (device.st[0] if device.st else SYSTEM)
    return encode(qn=qn, st=system, cn=cn, pw=device.password, mn=device.mn, flag=device.version << 2 | 1, cp=cp)


def clock_request(device: Device, qn: str) -> bytes:
    """Ask a device for the time of its clock: 1011.

    References
    ----------
    HJ 212-2017, table C.2: without the code of an instrument the clock of the logger is meant.
    """
    return request("1011", device=device, qn=qn)


def set_clock(device: Device, qn: str, second: int) -> bytes:
    """Set the clock of a device to an instant: 1012. [UTC s]

    References
    ----------
    HJ 212-2017, table C.3.
    """
    return request("1012", device=device, qn=qn, cp=f"SystemTime={local_time(second, device.zone)}")


def backfill_request(cn: str, begin: int, end: int, *, device: Device, qn: str) -> bytes:
    """Ask a device for minute, hourly or daily data of the past.

    Parameters
    ----------
    cn : {"2051", "2061", "2031"}
    begin, end : int
        Start of the first and of the last period. [UTC s]

    Raises
    ------
    FrameError
        The command asks for something else.

    References
    ----------
    HJ 212-2017, tables C.20 to C.22.
    """
    if cn not in BACKFILL:
        raise FrameError("this command asks for no data of the past", field="CN", value=cn, mend=", ".join(BACKFILL))
    zone = device.zone
    return request(cn, device=device, qn=qn, cp=f"BeginTime={local_time(begin, zone)};EndTime={local_time(end, zone)}")


def read_answer(frame: Frame) -> Answer | None:
    """What a 9011 or 9012 says; None for another frame.

    Raises
    ------
    FrameError
        The answer has no code, or one the standard does not know.
    """
    kinds = {"9011": ("QnRtn", protocol().qn_rtn), "9012": ("ExeRtn", protocol().exe_rtn)}
    if frame.cn not in kinds:
        return None
    name, words = kinds[frame.cn]
    fields = frame.fields
    code = fields.get(name, "")
    if code not in words:
        known = "; ".join(f"{number} {said}" for number, said in words.items())
        raise FrameError("the answer says nothing known", field=name, value=code, mend=f"Known: {known}")
    # HJ/T 212-2005 has QN of the request within CP.
    return Answer(frame.qn or fields.get("QN", ""), frame.cn, code, words[code], code == "1")


def device_time(frame: Frame, zone: Zone) -> int | None:
    """The time of a device's clock that a frame tells: SystemTime of 1011, else its QN. [UTC s]"""
    text = frame.fields.get("SystemTime", "") if frame.cn == "1011" else ""
    found = moment(text or frame.qn)
    return (
        None
        if found is None
        else zone.first_second(found.date()) + found.hour * 3600 + found.minute * 60 + found.second
    )


def local_time(second: int, zone: Zone) -> str:
    """An instant as the fourteen digits of the protocol. [UTC s]"""
    day = zone.day_of(second)
    rest = second - zone.first_second(day)
    return f"{day:%Y%m%d}{rest // 3600:02d}{rest % 3600 // 60:02d}{rest % 60:02d}"
