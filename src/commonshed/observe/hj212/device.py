"""A measuring device as the operator registered it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from commonshed.errors import InputError
from commonshed.observe.hj212.protocol import protocol
from commonshed.periods import Zone

__all__ = ["Device"]

_CHINA = Zone(480)


@dataclass(frozen=True)
class Device:
    """What is known of a device before it speaks, and what it may send.

    Attributes
    ----------
    mn : str
        Its number, as it sends it.
    password : str
    station : str
        Whose readings it sends.
    quantities : tuple of str or None
        The quantities it may send; None: all.
    zone : Zone
        Of its clock.
    minute_interval : int
        Length of the periods of minute data. [min]
    units : mapping of code to unit
        What it sends in another unit than annex B says: ``{"a34004": "ug/m3"}``; ``"w01018-Cou"`` for an amount.
    st : tuple of str or None
        System types it may use; None: all.
    version : int
        Edition of the protocol: 0 is HJ/T 212-2005, 1 HJ 212-2017, 2 HJ 212-2025.

    Raises
    ------
    InputError
        One of these cannot be so.
    """

    mn: str
    password: str = field(repr=False)
    station: str
    quantities: tuple[str, ...] | None = None
    zone: Zone = _CHINA
    minute_interval: int = 10
    units: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    st: tuple[str, ...] | None = None
    version: int = 1
    shapes: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False, hash=False)
    """How the frames it sent until now become readings; kept here so that it lives as long as the registration."""

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        _check_mn(self.mn)
        if not self.station:
            raise InputError("a device sends the readings of a station", field="station", mend="Name the station")
        if self.minute_interval not in protocol().minute_intervals:
            known = ", ".join(map(str, protocol().minute_intervals))
            mend = f"HJ 212-2017 has {known}"
            raise InputError("no such minute interval", field="minute_interval", value=self.minute_interval, mend=mend)
        if self.version not in protocol().versions:
            known = ", ".join(f"{number} ({title})" for number, title in protocol().versions.items())
            raise InputError("no such edition of HJ 212", field="version", value=self.version, mend=f"Known: {known}")


def _check_mn(mn: str) -> None:
    if not mn or len(mn) > 64 or not mn.isascii() or not mn.isprintable() or set(mn) & set(";,=&# "):
        mend = "Write it as the device sends it: 14 or 24 letters and digits"
        raise InputError("this is no number of a device", field="mn", value=mn, mend=mend)
