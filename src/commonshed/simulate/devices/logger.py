"""A made-up data logger: what it sends, when nobody asks and when somebody does."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from commonshed.observe.hj212 import Device, Frame, encode, local_time
from commonshed.observe.hj212.answers import execution_result, notice_ack, request_ack
from commonshed.observe.hj212.frame import moment
from commonshed.simulate.devices.instruments import KINDS, Aggregate, Instruments
from commonshed.simulate.devices.plan import Plan, Tally

__all__ = ["Logger", "Outgoing"]

_HOUR, _DAY = 3600, 86_400
_COMMANDS = {_HOUR: "2061", _DAY: "2031"}
_LETTERS = "DDCMFBTS"
_MOST_KEPT = 31 * 24


@dataclass
class Outgoing:
    """A frame on its way."""

    qn: str
    whole: bytes
    cn: str
    data_time: str = ""
    wants_answer: bool = True
    tries: int = 0
    sent: float = 0.0
    """When it was sent last. [s]"""


class Logger:
    """One logger with its instruments and its clock.

    Parameters
    ----------
    device : Device
    plan : Plan
    tally : Tally
        Where faults are counted.
    start : int
        Time of the data before the first. [UTC s]
    """

    def __init__(self, device: Device, plan: Plan, tally: Tally, start: int) -> None:
        self.device = device
        self.tally = tally
        self.queue: deque[Outgoing] = deque()
        self.chance = random.Random(f"{plan.seed} logger {device.mn}")
        self._kind = KINDS[plan.kind]
        self._plan = plan
        self._instruments = Instruments(device, self._kind, plan.seed, misread_units="units" in plan.faults)
        self._second = start
        self._offset = self.chance.choice((-1, 1)) * self.chance.randrange(300, 3600) if "clock" in plan.faults else 0
        if self._offset:
            tally.counts["clock"] += 1
        self._last_qn = 0
        self._moments: dict[int, tuple[int, list[dict[str, Decimal]]]] = {}
        self._kept: dict[tuple[str, int], Aggregate] = {}
        self._late: list[tuple[str, Aggregate]] = []

    def fault(self, name: str, probability: float) -> bool:
        """Whether a fault happens now; counts it."""
        happens = name in self._plan.faults and self.chance.random() < probability
        self.tally.counts[name] += happens
        return happens

    # ---- what it sends of itself

    def advance(self) -> None:
        """One step of time: real-time data, and the aggregates of periods that are over."""
        self._second += self._plan.step
        values = self._instruments.at(self._second)
        items = [f"{code}-Rtd={text},{code}-Flag={letter}" for code, text, letter in self._shown(values)]
        self._send("2011", self._second, items)
        for length in (self.device.minute_interval * 60, _HOUR, _DAY):
            if length > self._plan.step:
                self._gather(length, values)
        if self._late and self.chance.random() < 0.05:
            self._send_aggregate(*self._late.pop(0))

    def booted(self) -> None:
        """Say when it started: 2081."""
        text = local_time(int(time.time()) + self._offset, self.device.zone)
        cp = f"DataTime={text};RestartTime={text}"
        self.queue.appendleft(self._outgoing("2081", cp, text))

    def _shown(self, values: dict[str, Decimal]) -> Iterator[tuple[str, str, str]]:
        for code, value in values.items():
            text, letter = self._instruments.text(code, value), "N"
            if self.fault("flags", 0.03):
                letter = self.chance.choice(_LETTERS)
                text = "" if letter in "DFB" and self.chance.random() < 0.5 else text
            yield code, text, letter

    def _gather(self, length: int, values: dict[str, Decimal]) -> None:
        local = self._second + self.device.zone.minutes * 60
        start = self._second - local % length
        held = self._moments.get(length)
        if held is not None and held[0] == start:
            held[1].append(values)
            return
        # The first period began before the device did.
        self._moments[length] = start, [values]
        if held is not None and len(held[1]) >= length // self._plan.step:
            self._over(_COMMANDS.get(length, "2051"), self._instruments.aggregate(held[0], length, held[1]))

    def _over(self, command: str, aggregate: Aggregate) -> None:
        self._kept[command, aggregate.start] = aggregate
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        if command == "2061" and self.fault("gaps", 0.15):
            return
        if command == "2061" and self.fault("late", 0.15):
            self._late.append((command, aggregate))
            return
        self._send_aggregate(command, aggregate)

    def _send_aggregate(self, command: str, aggregate: Aggregate) -> None:
        items = [
            ",".join([*(f"{code}-{suffix}={text}" for suffix, text in texts.items()), f"{code}-Flag=N"])
            for code, texts in aggregate.fields.items()
        ]
        self._send(command, aggregate.start, items)

    def _send(self, command: str, second: int, items: list[str]) -> None:
        text = local_time(second + (self._offset if command == "2011" else 0), self.device.zone)
        half = (len(items) + 1) // 2
        if half < len(items) and command == "2061" and self.fault("packets", 0.5):
            for number, part in enumerate((items[:half], items[half:]), 1):
                cp = ";".join([f"DataTime={text}", *part])
                self.queue.append(self._outgoing(command, cp, text, packets=(2, number)))
            return
        self.queue.append(self._outgoing(command, ";".join([f"DataTime={text}", *items]), text))

    def _outgoing(self, command: str, cp: str, text: str, packets: tuple[int, int] | None = None) -> Outgoing:
        qn = self._qn()
        whole = encode(
            qn=qn,
            st=self._kind.st,
            cn=command,
            pw=self.device.password,
            mn=self.device.mn,
            flag=self.device.version << 2 | 1 | (2 if packets else 0),
            cp=cp,
            pnum=packets[0] if packets else None,
            pno=packets[1] if packets else None,
        )
        return Outgoing(qn, whole, command, text)

    def _qn(self) -> str:
        """Local time to the millisecond, never twice."""
        self._last_qn = max(int(time.time() * 1000) + self._offset * 1000, self._last_qn + 1)
        return f"{local_time(self._last_qn // 1000, self.device.zone)}{self._last_qn % 1000:03d}"

    # ---- what it is asked

    def answer(self, frame: Frame) -> list[bytes]:
        """Answers to a request that go out at once; data asked for go into the queue, the result behind them."""
        self.tally.counts["requests"] += 1
        if frame.cn in ("2012", "2022"):
            return [notice_ack(frame)]
        if frame.pw != self.device.password:
            return [request_ack(frame, 3)]
        done = {"1011": self._tell_clock, "1012": self._set_clock, "2051": self._backfill, "2061": self._backfill}
        done |= {"2031": self._backfill}
        if frame.cn not in done:
            known = frame.cn in ("1000", "1062", "1064")
            return [request_ack(frame), execution_result(frame)] if known else [request_ack(frame, 8)]
        return [request_ack(frame), *done[frame.cn](frame)]

    def _tell_clock(self, frame: Frame) -> list[bytes]:
        text = local_time(int(time.time()) + self._offset, self.device.zone)
        told = encode(
            qn=frame.qn,
            st=self._kind.st,
            cn="1011",
            pw=self.device.password,
            mn=self.device.mn,
            flag=self.device.version << 2,
            cp=f"SystemTime={text}",
        )
        return [told, execution_result(frame)]

    def _set_clock(self, frame: Frame) -> list[bytes]:
        found = moment(frame.fields.get("SystemTime", ""))
        if found is None:
            return [execution_result(frame, 3)]
        zone = self.device.zone
        second = zone.first_second(found.date()) + found.hour * 3600 + found.minute * 60 + found.second
        self._offset = second - int(time.time())
        return [execution_result(frame)]

    def _backfill(self, frame: Frame) -> list[bytes]:
        begin, end = (frame.fields.get(name, "")[:14] for name in ("BeginTime", "EndTime"))
        zone = self.device.zone
        wanted = [
            aggregate
            for (command, start), aggregate in self._kept.items()
            if command == frame.cn and begin <= local_time(start, zone) <= end
        ]
        if not wanted:
            return [execution_result(frame, 100)]
        for aggregate in sorted(wanted, key=lambda each: each.start):
            self._send_aggregate(frame.cn, aggregate)
        self.queue.append(Outgoing(frame.qn, execution_result(frame), "9012", wants_answer=False))
        return []
