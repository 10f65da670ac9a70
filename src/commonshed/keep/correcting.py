"""Putting a reading right: a new row with reason and author; the old one stays readable."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from commonshed.errors import InputError
from commonshed.exact import to_ticks
from commonshed.keep.rows import READINGS
from commonshed.keep.sealing import SealReport, seal_rows
from commonshed.keep.store import Question, Store
from commonshed.periods import Zone
from commonshed.units import quantity as declared

__all__ = ["Key", "Right", "correct"]

_LOCAL = "local"  # origin of what was entered at this node by hand


@dataclass(frozen=True)
class Key:
    """Which reading: ``start`` in UTC seconds, ``period`` in seconds or None for the only one that starts then."""

    station: str
    quantity: str
    statistic: str
    start: int
    period: int | None


@dataclass(frozen=True)
class Right:
    """What is right of it, why, and who says so; None stays as it is."""

    value: str | None
    flag: Literal["valid", "suspect", "invalid"] | None
    reason: str
    author: str


def correct(store: Store, key: Key, right: Right, *, zone: Zone, wait: float) -> SealReport:
    """Seal the right row of one reading.

    Raises
    ------
    InputError
        There is no such reading or more than one, the value is no number or no concentration, or nothing was to be
        changed.
    ShedLocked
        Another process is sealing.
    """
    if right.value is None and right.flag is None:
        raise InputError("a correction changes nothing", mend="Give a value, a flag, or both")
    row = _row(store, key, zone)
    if right.value is not None:
        row["qualifier"] = right.value[0] if right.value[:1] in ("<", ">") else "="
        row["ticks"], row["raw"] = _ticks(right.value.lstrip("<>"), key.quantity)
    flag = right.flag or row["flag"]
    if row["ticks"] < 0 and flag != "invalid" and declared(key.quantity).kind != "other":
        raise InputError(
            "a concentration is not negative",
            field="value",
            value=right.value,
            mend="Give the right value, or keep it as it came with the flag invalid",
        )
    row.update(flag=flag, reason=right.reason, author=right.author, origin=_LOCAL, recorded=int(time.time()))
    said = {"cause": "correction", "reason": right.reason, "author": right.author}
    return seal_rows(store, pa.Table.from_pylist([row], READINGS), said=said, wait=wait)


def _row(store: Store, key: Key, zone: Zone) -> dict[str, Any]:
    question = Question([key.quantity], [key.station], key.start, key.start + 1)
    rows = store.rows(question).to_pylist()
    found = [row for row in rows if row["statistic"] == key.statistic and key.period in (None, row["period"])]
    if len(found) != 1:
        named = {"station": key.station, "quantity": key.quantity, "start": zone.text(key.start)}
        raise _not_one(named, rows, several=bool(found))
    return dict(found[0])


def _not_one(key: Mapping[str, str], there: Sequence[Mapping[str, Any]], *, several: bool) -> InputError:
    """There is nothing to correct, or more than one."""
    named = ", ".join(f"{name} {value}" for name, value in key.items())
    lengths = ", ".join(dict.fromkeys(f"{row['statistic']} of {row['period']} s" for row in there))
    if several:
        return InputError(f"there are several readings like this: {named}: {lengths}", mend="Name the length of one")
    if there:
        return InputError(f"there is no such reading to correct: {named}", mend=f"What starts then is {lengths}")
    return InputError(
        f"there is no such reading to correct: {named}", mend="Look at what is there with `commonshed shed history`"
    )


def _ticks(value: str, quantity: str) -> tuple[int, str | None]:
    of = declared(quantity)
    try:
        ticks, exact = to_ticks(value, Fraction(1) / of.resolution)
    except ValueError as error:
        raise InputError(str(error), field="value", value=value, mend=f"A decimal number in {of.unit}") from None
    if abs(ticks) > np.iinfo(np.int64).max:
        raise InputError("the value is out of all range", field="value", value=value)
    return ticks, None if exact else value
