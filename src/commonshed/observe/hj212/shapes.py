"""How frames of one shape become readings.

A device sends the same fields in the same order, frame after frame; only the numbers differ. What each field is, in
which unit, and what may not be taken is worked out once for each shape, and so costs nothing a frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter

from commonshed.errors import InputError
from commonshed.observe.hj212.device import Device
from commonshed.observe.hj212.protocol import Suffix, codes, old_codes, protocol
from commonshed.observe.numbers import LARGEST
from commonshed.units import Quantity, quantities, ticks_per

__all__ = ["AMOUNT", "Refusal", "Series", "Shape", "made_of", "quantity_of", "unit_of"]

AMOUNT = "_amount"
"""Ending of the quantities that are amounts: ``cod_amount``."""

_HOUR, _DAY = 3600, 86_400
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9]*|\d{2,3})-([A-Za-z]+)\Z")
_SILENT = frozenset({"Flag", "EFlag", "SampleTime"})
_NO_READING = re.compile(r"(SB\w*|[A-Za-z]+\d*)-(RS|RT|Info|SN)\Z")
"""States of devices and field information: no readings, and nothing to refuse."""


@dataclass(frozen=True)
class Refusal:
    """Why something in a frame did not become a reading."""

    field: str
    value: str
    reason: str
    mend: str = ""

    def __str__(self) -> str:
        given = f" (given: {self.value!r})" if self.value else ""
        mend = f". {self.mend}" if self.mend else ""
        return f"{self.field}: {self.reason}{given}{mend}"


@dataclass(frozen=True)
class Series:
    """What one field of a frame is.

    Attributes
    ----------
    field : str
        ``a34004-Rtd``.
    quantity, statistic : str
    period : int
        [s]
    per_unit : Fraction
        Ticks in one of the unit sent.
    doubt : str
        Why its readings are invalid whatever their flag; empty: nothing is in doubt.
    doubt_below : Fraction or None
        Ticks from which on there is no doubt; None: there always is.
    """

    field: str
    quantity: str
    statistic: str
    period: int
    per_unit: Fraction
    doubt: str = ""
    doubt_below: Fraction | None = None


@dataclass(frozen=True, eq=False)
class Shape:
    """What the fields of frames of one shape are.

    Attributes
    ----------
    template : str
        CP with ``%s`` for each value: it proves that values and fields belong together.
    time : int
        Place of DataTime among the values; -1: there is none.
    series : tuple of Series, n
    values : callable
        Picks the n texts of the readings from the values, which are followed by an empty text.
    flags : callable
        The same for their data flags.
    marked : tuple of (place among series, place of EFlag, place of SampleTime)
        Series with more to tell; -1: without it.
    refused : tuple of Refusal
        What no frame of this shape can give.
    longest : int
        Characters up to which no number is too large.
    """

    template: str
    time: int
    series: tuple[Series, ...]
    values: Callable[[list[str]], tuple[str, ...]]
    flags: Callable[[list[str]], tuple[str, ...]]
    marked: tuple[tuple[int, int, int], ...]
    refused: tuple[Refusal, ...]
    longest: int


def made_of(names: list[str], separators: str, command: str, device: Device) -> Shape:
    """The shape of frames with these fields.

    Parameters
    ----------
    names : list of str, k
    separators : str, k - 1 characters
        What stands between the fields.
    command : str
        ``2011``, ``2051``, ``2061`` or ``2031``.
    device : Device
    """
    places: dict[str, int] = {}
    refused: list[Refusal] = []
    for place, name in enumerate(names):
        if name in places:
            refused.append(Refusal(name, "", "given twice in one frame; the first stands"))
        places.setdefault(name, place)
    found: list[tuple[int, Series]] = []
    for name, place in places.items():
        series = _series(name, command, device)
        if isinstance(series, Series):
            found.append((place, series))
        elif series is not None:
            refused.append(series)
    nothing = len(names)
    kept = [series for _, series in found]
    codes_of = [series.field.rpartition("-")[0] for series in kept]
    flags = [places.get(f"{code}-Flag", nothing) for code in codes_of]
    marked = [
        (i, places.get(f"{code}-EFlag", -1), places.get(f"{code}-SampleTime", -1)) for i, code in enumerate(codes_of)
    ]
    return Shape(
        template="".join(
            f"{name}={after}".replace("%", "%%").replace("=", "=%s", 1)
            for name, after in zip(names, [*separators, ""][: len(names)], strict=True)
        ),
        time=places.get("DataTime", -1),
        series=tuple(kept),
        values=_picker([place for place, _ in found]),
        flags=_picker(flags),
        marked=tuple(mark for mark in marked if mark[1:] != (-1, -1)),
        refused=tuple(refused),
        longest=_longest(kept),
    )


def _picker(places: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    if not places:
        return lambda _: ()
    if len(places) == 1:
        return lambda values: (values[places[0]],)
    return itemgetter(*places)


def _longest(series: list[Series]) -> int:
    most = max((each.per_unit for each in series), default=Fraction(1))
    longest = 1
    while 10 ** (longest + 1) * most < LARGEST and longest < 15:
        longest += 1
    return longest


def _series(name: str, command: str, device: Device) -> Series | Refusal | None:
    """What a field is; why it cannot be taken; None: it holds no reading."""
    match = _NAME.match(name)
    if match is None or match[2] in _SILENT or _NO_READING.match(name):
        return None if match or "-" not in name else Refusal(name[:40], "", "this is no name of a field")
    code, ending = old_codes().get(match[1], match[1]), match[2]
    suffix = protocol().suffixes.get(ending)
    if suffix is None:
        return None if ending.endswith("Num") else Refusal(name, "", f"the standard has no {ending}")
    of_instant = protocol().periods[command] == "instant"
    if (suffix.of == "instant") != of_instant:
        return Refusal(name, "", f"{ending} does not belong in {command}", "Send it with its own command")
    of = quantity_of(code, amount=suffix.amount)
    if of is None:
        return Refusal(name, "", _unknown(code, amount=suffix.amount), "Its frames are kept as they came")
    if device.quantities is not None and of.id not in device.quantities:
        return Refusal(name, "", f"the device is not registered for {of.id}", "Add the quantity to its registration")
    try:
        unit, doubt, below = unit_of(match[1], ending, of, device)
        per_unit = ticks_per(of, unit)
    except InputError as error:
        return Refusal(name, "", error.problem, error.mend or "")
    bound = None if below is None else below * per_unit
    return Series(name, of.id, _statistic(code, suffix), _period(command, device), per_unit, doubt, bound)


def quantity_of(code: str, *, amount: bool = False) -> Quantity | None:
    """The quantity of the catalogue that a code of annex B stands for; None: there is none."""
    if code in protocol().noise or code == "LA":
        return None if amount else quantities()[protocol().facts["noise"]["quantity"]]
    found = _by_code().get(code)
    return quantities().get(found.id + AMOUNT) if found is not None and amount else found


def _by_code() -> dict[str, Quantity]:
    return {of.hj212: of for of in quantities().values() if of.hj212}


def _unknown(code: str, *, amount: bool) -> str:
    held = codes().get(code)
    if held is None:
        return "annex B has no such code"
    what = f"the amount of {held.en}" if amount else held.en
    return f"no quantity of the catalogue is {what}"


def _statistic(code: str, suffix: Suffix) -> str:
    level = protocol().noise.get(code)
    if level is None:
        return suffix.statistic
    whole = suffix.statistic in ("instant", "mean") or level in ("ld", "ln")
    return level if whole else f"{level}-{suffix.statistic}"


def _period(command: str, device: Device) -> int:
    lengths = {"instant": 0, "minutes": device.minute_interval * 60, "hour": _HOUR, "day": _DAY}
    return lengths[protocol().periods[command]]


def unit_of(sent: str, ending: str, of: Quantity, device: Device) -> tuple[str, str, Fraction | None]:
    """The unit of a field, why it is in doubt, and below which value.

    The registration decides. Without its word annex B does, and a reading is doubted where annex B's unit is seldom the
    one that instruments send, where a code has no fixed unit, and where a code of 2005 has a unit other than mg.

    Raises
    ------
    InputError
        Neither says what unit it is.
    """
    code = old_codes().get(sent, sent)
    held = codes()[code]
    amount = of.id.endswith(AMOUNT)
    for name in (f"{sent}-{ending}", f"{code}-{ending}", *(() if amount else (sent, code))):
        if name in device.units:
            return device.units[name], "", None
    mend = f'state the unit in the registration: units = {{ {code} = "{of.unit}" }}'
    unit = held.amount if amount else held.unit
    if unit is None:
        return of.unit, f"no unit is fixed for {code} and {of.unit} is assumed: {mend}", None
    if trap := protocol().traps.get(code):
        doubt = f"{unit} is the unit of {code} in annex B and such a value is rather one in {trap.rather}: {mend}"
        return unit, doubt, trap.below
    if code != sent and unit in ("ug/L", "ng/L"):
        return unit, f"the unit of {sent} in HJ/T 212-2005 is not known for certain and {unit} is assumed: {mend}", None
    return unit, "", None
