"""What made-up devices are to do, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from commonshed.errors import InputError, UnknownName
from commonshed.observe.hj212 import Device, protocol
from commonshed.simulate.devices.instruments import KINDS

__all__ = ["FAULTS", "Plan", "Tally"]

FAULTS = {
    "garbage": "noise between frames",
    "crc": "frames whose check sum is wrong, sent again when no answer comes",
    "cut": "frames cut off in the middle, the connection lost with them",
    "flags": "instruments out of order, in calibration, above their range; empty values",
    "gaps": "hours that are not sent until somebody asks for them",
    "late": "hours sent later, of themselves",
    "again": "frames sent a second time although they were answered",
    "packets": "hourly data in several packets",
    "clock": "clocks that are minutes wrong until they are set",
    "restart": "loggers that restart, and say so",
    "units": "values in another unit than the registration says",
    "password": "a device in ten with a wrong password",
    "slow": "one more connection that sends a byte a second and never a frame",
}
"""Faults by name."""


@dataclass(frozen=True)
class Plan:
    """What to play.

    Attributes
    ----------
    devices : tuple of Device
    host, port
        Where the gateway listens.
    kind : str
        What is measured: a name of :data:`commonshed.simulate.devices.instruments.KINDS`.
    rate : float
        Frames of real-time data a second and device.
    seconds : float
        How long. [s]
    faults : frozenset of str
        Names of :data:`FAULTS`.
    window : int
        Frames that may wait for their answer; the standard's way is one.
    step : int
        Time of the data between two frames. [s]
    start : int or None
        Time of the first data; None: such that the last is of now. [UTC s]
    seed : int
        The same seed gives the same values and the same faults.
    timeout : float or None
        Wait for an answer before a frame is sent again; None: the standard's. [s]

    Raises
    ------
    InputError
        One of these cannot be.
    UnknownName
        No such kind or fault.
    """

    devices: tuple[Device, ...]
    host: str = "127.0.0.1"
    port: int = 9212
    kind: str = "air"
    rate: float = 1.0
    seconds: float = 60.0
    faults: frozenset[str] = frozenset()
    window: int = 1
    step: int = 30
    start: int | None = None
    seed: int = 212
    timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.kind not in KINDS:
            raise UnknownName("kind of device", self.kind, KINDS)
        for fault in sorted(self.faults):
            if fault not in FAULTS:
                raise UnknownName("fault", fault, FAULTS)
        for name in ("rate", "seconds", "window", "step"):
            if getattr(self, name) <= 0:
                raise InputError("this has to be more than nothing", field=name, value=getattr(self, name))
        if not self.devices:
            raise InputError("there is no device to play", mend="Register some, or ask for made-up ones")

    @property
    def waits(self) -> float:
        """How long an answer is waited for. [s]"""
        return protocol().ack_timeout if self.timeout is None else self.timeout


@dataclass
class Tally:
    """What happened.

    Attributes
    ----------
    counts : Counter
        ``sent``, ``acknowledged``, ``unanswered`` and ``unsent`` at the end, ``resent``, ``given up``, ``connections``,
        ``lost connections``, ``requests``, and one of each fault.
    delays : list of float
        From a frame to its answer. [s]
    acknowledged : list of (MN, command, DataTime)
        Of the data frames that were answered.
    refusals : Counter
        What 9011 said against frames of ours.
    """

    counts: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    acknowledged: list[tuple[str, str, str]] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    def record(self) -> dict[str, object]:
        """The figures in one line, delays in milliseconds."""
        names: tuple[str, ...] = ("sent", "acknowledged", "unanswered", "unsent", "resent", "given up", "connections")
        names += ("lost connections", "requests")
        found: dict[str, object] = {name.replace(" ", "_"): self.counts[name] for name in names}
        found["refused"] = sum(self.refusals.values())
        delays = sorted(self.delays)
        for name, part in (("median", Fraction(1, 2)), ("p95", Fraction(19, 20)), ("longest", Fraction(1))):
            at = delays[min(int(part * len(delays)), len(delays) - 1)] if delays else None
            found[f"delay_{name}_ms"] = None if at is None else f"{at * 1000:.1f}"
        found["faults"] = ", ".join(f"{name} {self.counts[name]}" for name in FAULTS if self.counts[name])
        return found

    def total(self, others: Iterable[Tally]) -> Tally:
        """This and others together."""
        for each in others:
            self.counts += each.counts
            self.delays += each.delays
            self.acknowledged += each.acknowledged
            self.refusals += each.refusals
        return self
