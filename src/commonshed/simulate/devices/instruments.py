"""What made-up instruments show: values that hang together, with days, and with the digits of real loggers."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from commonshed.errors import InputError
from commonshed.exact import decimal_text, round_fraction
from commonshed.observe.hj212 import Device
from commonshed.observe.hj212.shapes import quantity_of, unit_of
from commonshed.units import ticks_per

__all__ = ["KINDS", "Aggregate", "Channel", "Instruments", "Kind"]

_MEMORY = 0.98
"""Correlation from one reading to the next."""


@dataclass(frozen=True)
class Channel:
    """One instrument.

    Attributes
    ----------
    code : str
        As in annex B.
    unit : str
        In which the other values are.
    typical : str
        Median.
    digit : str
        The last digit shown.
    spread : float
        Standard deviation of the logarithm.
    afternoon : float
        Amplitude over the day of the logarithm, highest at 15:00.
    """

    code: str
    unit: str
    typical: str
    digit: str
    spread: float = 0.3
    afternoon: float = 0.1


@dataclass(frozen=True)
class Kind:
    """What a kind of device measures, and under which system type it sends."""

    st: str
    channels: tuple[Channel, ...]
    flow: str | None = None
    """Code of the flow, where amounts are sent with aggregates."""


KINDS = {
    "air": Kind(
        "22",
        (
            Channel("a34004", "ug/m3", "38", "1", 0.6, -0.1),
            Channel("a34002", "ug/m3", "68", "1", 0.6, -0.1),
            Channel("a21026", "ug/m3", "11", "0.1", 0.5, 0.05),
            Channel("a21004", "ug/m3", "28", "0.1", 0.45, -0.3),
            Channel("a21005", "mg/m3", "0.75", "0.01", 0.4, -0.1),
            Channel("a05024", "ug/m3", "55", "0.1", 0.45, 0.6),
        ),
    ),
    "river": Kind(
        "21",
        (
            Channel("w01010", "Celsius", "16", "0.1", 0.1, 0.05),
            Channel("w01001", "1", "7.6", "0.01", 0.02, 0.01),
            Channel("w01009", "mg/L", "8.2", "0.01", 0.1, 0.08),
            Channel("w01019", "mg/L", "3.4", "0.01", 0.2, 0.0),
            Channel("w21003", "mg/L", "0.31", "0.001", 0.4, 0.0),
            Channel("w21011", "mg/L", "0.12", "0.001", 0.3, 0.0),
        ),
    ),
    "outlet": Kind(
        "32",
        (
            Channel("w00000", "L/s", "17.5", "0.01", 0.2, 0.1),
            Channel("w01001", "1", "7.3", "0.01", 0.02, 0.0),
            Channel("w01018", "mg/L", "31", "0.1", 0.3, 0.0),
            Channel("w21003", "mg/L", "1.9", "0.01", 0.4, 0.0),
            Channel("w21011", "mg/L", "0.25", "0.001", 0.3, 0.0),
            Channel("w21001", "mg/L", "9.1", "0.01", 0.2, 0.0),
        ),
        flow="w00000",
    ),
    "noise": Kind("23", (Channel("LA", "dB", "54", "0.1", 0.06, 0.04),)),
}


@dataclass(frozen=True)
class Aggregate:
    """A period as text by code and suffix, ready to be sent."""

    start: int
    fields: Mapping[str, Mapping[str, str]]


class Instruments:
    """The instruments of one device: a walk through time.

    Parameters
    ----------
    device : Device
        Its registration says in which units values are sent.
    kind : Kind
    seed : int
    misread_units : bool
        Values are sent in the units of the table above, whatever the registration says.
    """

    def __init__(self, device: Device, kind: Kind, seed: int, *, misread_units: bool = False) -> None:
        self.device = device
        self.kind = kind
        self._chance = random.Random(f"{seed} {device.mn}")
        self._weather = self._chance.gauss(0, 1)
        self._own = {channel.code: self._chance.gauss(0, 1) for channel in kind.channels}
        self._factor = {
            channel.code: Fraction(1) if misread_units else _unit_factor(channel, device) for channel in kind.channels
        }

    def at(self, second: int) -> dict[str, Decimal]:
        """The values of one moment by code, in the units of the table above. [UTC s]"""
        hour = (second + self.device.zone.minutes * 60) % 86_400 / 3600
        day = math.cos((hour - 15) / 24 * 2 * math.pi)
        self._weather = self._next(self._weather)
        found = {}
        for channel in self.kind.channels:
            self._own[channel.code] = own = self._next(self._own[channel.code])
            level = channel.spread * (0.8 * self._weather + 0.6 * own) + channel.afternoon * day
            digit = Decimal(channel.digit)
            found[channel.code] = max(digit * round(float(channel.typical) * math.exp(level) / float(digit)), digit)
        return found

    def _next(self, state: float) -> float:
        return _MEMORY * state + math.sqrt(1 - _MEMORY**2) * self._chance.gauss(0, 1)

    def text(self, code: str, value: Fraction | Decimal, *, more: int = 0) -> str:
        """A value as it is sent: in the unit of the registration, with the digits of its instrument.

        Parameters
        ----------
        more : int
            Further digits.
        """
        sent = Fraction(value) * self._factor[code]
        digit = Fraction(next(channel.digit for channel in self.kind.channels if channel.code == code))
        decimals = _decimals(digit * self._factor[code]) + more
        return decimal_text(round_fraction(sent, decimals), decimals)

    def aggregate(self, start: int, length: int, moments: list[dict[str, Decimal]]) -> Aggregate:
        """Mean, least and largest of a period, and the amounts where there is a flow.

        References
        ----------
        HJ 212-2017, annex D: an amount is the sum of flow · time, and of concentration · flow · time.
        """
        fields: dict[str, dict[str, str]] = {}
        for channel in self.kind.channels:
            values = [moment[channel.code] for moment in moments]
            mean = Fraction(sum(map(Fraction, values)), len(values))
            named: dict[str, Fraction | Decimal] = {"Min": min(values), "Avg": mean, "Max": max(values)}
            texts = {name: self.text(channel.code, value, more=name == "Avg") for name, value in named.items()}
            if (amount := self._amount(channel, moments, length)) is not None:
                texts = {"Cou": amount, **texts}
            fields[channel.code] = texts
        return Aggregate(start, fields)

    def _amount(self, channel: Channel, moments: list[dict[str, Decimal]], length: int) -> str | None:
        if self.kind.flow is None or channel.unit not in ("L/s", "mg/L"):
            return None
        flows = [Fraction(moment[self.kind.flow]) for moment in moments]
        if channel.code == self.kind.flow:
            return decimal_text(round_fraction(sum(flows, Fraction(0)) / len(flows) * length / 1000, 3), 3)  # L to m3
        pairs = zip(flows, moments, strict=True)
        milligrams = sum((flow * Fraction(moment[channel.code]) for flow, moment in pairs), Fraction(0))
        return decimal_text(round_fraction(milligrams / len(flows) * length / 10**6, 6), 6)  # kg


def _unit_factor(channel: Channel, device: Device) -> Fraction:
    """What a value is multiplied by to stand in the unit the gateway takes it for."""
    of = quantity_of(channel.code)
    if of is None:
        raise InputError("no quantity of the catalogue has this code", value=channel.code)
    unit, _, _ = unit_of(channel.code, "Rtd", of, device)
    return ticks_per(of, channel.unit) / ticks_per(of, unit)


def _decimals(digit: Fraction) -> int:
    decimals = 0
    while digit * 10**decimals < 1:
        decimals += 1
    return decimals
