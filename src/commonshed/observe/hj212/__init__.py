"""HJ 212: what measuring devices in China speak, as pure functions without sockets and without a clock."""

from __future__ import annotations

from commonshed.observe.hj212.answers import (
    Answer,
    backfill_request,
    clock_request,
    data_ack,
    device_time,
    execution_result,
    local_time,
    notice_ack,
    read_answer,
    request,
    request_ack,
    set_clock,
)
from commonshed.observe.hj212.crc import crc16
from commonshed.observe.hj212.device import Device
from commonshed.observe.hj212.frame import Frame, blanked, encode, parse
from commonshed.observe.hj212.framing import Framer, Garbage, RawFrame
from commonshed.observe.hj212.packets import Packets
from commonshed.observe.hj212.protocol import protocol
from commonshed.observe.hj212.readings import Gathered, Told
from commonshed.observe.hj212.shapes import Refusal

__all__ = [
    "Answer",
    "Device",
    "Frame",
    "Framer",
    "Garbage",
    "Gathered",
    "Packets",
    "RawFrame",
    "Refusal",
    "Told",
    "backfill_request",
    "blanked",
    "clock_request",
    "crc16",
    "data_ack",
    "device_time",
    "encode",
    "execution_result",
    "local_time",
    "notice_ack",
    "parse",
    "protocol",
    "read_answer",
    "request",
    "request_ack",
    "set_clock",
]
