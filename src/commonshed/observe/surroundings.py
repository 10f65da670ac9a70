"""What is in the shed around the readings of a file: flat lines and spikes do not end where a file ends.

Flags that depend on neighbours are judged among the new readings and those already sealed around them. Where that
changes the flag of a sealed reading (the hour after a spike has come in), a row with the new flag is sealed behind it:
so a file and its pieces leave the same flags, in whatever order the pieces come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from commonshed.keep.rows import READINGS, codes
from commonshed.observe.mapping import seconds
from commonshed.observe.parcel import FLAGS, QUALIFIERS, Names, Parcel, Vocabulary
from commonshed.observe.quality.flags import Flagged, packed
from commonshed.observe.quality.rules import Cap, Exceeds, FlatLine, Rules, Spike
from commonshed.observe.tables import reason_texts

__all__ = ["Lookup", "Surroundings", "reach"]

Lookup = Callable[[list[str], list[str], int, int], pa.Table]
"""Sealed readings of stations and quantities that start in [from, to), in the form READINGS."""

_JUDGED = (Cap, FlatLine, Spike, Exceeds)
"""Rules that are judged again; those of the single reading, and what a person said, stay."""


def reach(rules: Rules) -> int:
    """How far apart in time two readings can be that bear on one another. [s]"""
    far = [0]
    for rule in rules.rules:
        if isinstance(rule, FlatLine):
            far.append(seconds(rule.period) * max(rule.readings.values()))
        elif isinstance(rule, Spike):
            far.append(2 * seconds(rule.period))
    return max(far)


class Surroundings:
    """Sealed readings around a parcel, joined to it while flags are judged.

    Attributes
    ----------
    joined : Parcel
        The parcel, and the sealed readings around it that it does not replace; these have negative row numbers.
    """

    def __init__(self, parcel: Parcel, words: Vocabulary, rules: Rules, lookup: Lookup) -> None:
        self._rules = rules
        self._words = words
        self._table = _around(parcel, words, rules, lookup)
        self._before = self._sealed(self._table)
        self._judged &= _near(self._before, parcel, reach(rules))
        fresh = self._before.take(~_replaced(self._before, parcel)) if len(self._before) else self._before
        self.joined = Parcel.joined([parcel, _unjudged(fresh, rules)]) if len(fresh) else parcel

    def parted(self, flagged: Flagged) -> tuple[Flagged, pa.Table]:
        """The new readings alone, and rows for the sealed ones whose flag has changed."""
        sealed = flagged.parcel.row < 0
        if not sealed.any():
            return flagged, READINGS.empty_table()
        return replace(flagged, parcel=flagged.parcel.take(~sealed)), self._changed(flagged.parcel.take(sealed))

    def _changed(self, after: Parcel) -> pa.Table:
        place = -after.row - 1
        before = self._before.take(place)
        differs = (before.reasons != after.reasons) | (before.flag != after.flag)
        differs &= self._judged[place]
        rows, after = place[differs], after.take(differs)
        if not len(rows):
            return READINGS.empty_table()
        order = np.argsort(rows)
        table, after = self._table.take(pa.array(rows[order])), after.take(order)
        flags = pa.DictionaryArray.from_arrays(pa.array(after.flag.astype(np.int32)), pa.array(FLAGS))
        signs = pa.DictionaryArray.from_arrays(pa.array(after.qualifier.astype(np.int32)), pa.array(QUALIFIERS))
        for name, column in (
            ("flag", flags),
            ("qualifier", signs),
            ("reason", reason_texts(after.reasons, self._rules)),
        ):
            table = table.set_column(READINGS.get_field_index(name), READINGS.field(name), column)
        return table

    def _sealed(self, table: pa.Table) -> Parcel:
        n = table.num_rows
        if not n:
            self._judged = np.zeros(0, bool)
            return Parcel.joined([])
        reasons, self._judged = self._reasons(table)
        # What a person corrected is as that person said.
        self._judged &= table["author"].combine_chunks().is_null().to_numpy(zero_copy_only=False)
        return Parcel(
            row=-np.arange(1, n + 1, dtype=np.int64),
            station=_places(table["station"], self._words.stations).astype(np.int32),
            quantity=_places(table["quantity"], self._words.quantities).astype(np.int16),
            statistic=_places(table["statistic"], self._words.statistics).astype(np.int16),
            start=table["start"].to_numpy(),
            period=table["period"].to_numpy(),
            ticks=table["ticks"].to_numpy(),
            qualifier=_places(table["qualifier"], Names(QUALIFIERS)).astype(np.uint8),
            flag=_places(table["flag"], Names(FLAGS)).astype(np.uint8),
            reasons=reasons,
            raw=np.full(n, -1, np.int32),
        )

    def _reasons(self, table: pa.Table) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
        """The rules named in each reason, and whether it names nothing else."""
        numbers, texts = codes(table["reason"])
        known = {rule.key: self._rules.bit(rule) for rule in self._rules.rules if rule.kind != "contradiction"}
        bits = np.zeros(len(texts) + 1, np.uint32)
        plain = np.ones(len(texts) + 1, bool)
        for i, text in enumerate(texts):
            keys = [part.partition(": ")[0] for part in text.split("; ")]
            plain[i] = all(key in known for key in keys)
            bits[i] = sum(known[key] for key in keys) if plain[i] else 0
        return bits[numbers], plain[numbers]


def _around(parcel: Parcel, words: Vocabulary, rules: Rules, lookup: Lookup) -> pa.Table:
    if not len(parcel):
        return READINGS.empty_table()
    stations = [words.stations.names[place] for place in np.unique(parcel.station).tolist()]
    quantities = {words.quantities.names[place] for place in np.unique(parcel.quantity).tolist()}
    for rule in rules.rules:
        if isinstance(rule, Exceeds) and quantities & {rule.larger, rule.smaller}:
            quantities |= {rule.larger, rule.smaller}
    # Those that may change need their own neighbours around them.
    far = 2 * reach(rules)
    first, last = int(parcel.start.min()) - far, int(parcel.start.max()) + far + 1
    return lookup(stations, sorted(quantities), first, last).combine_chunks()


def _near(sealed: Parcel, parcel: Parcel, far: int) -> NDArray[np.bool_]:
    """Those that the new readings bear on."""
    if not len(parcel):
        return np.zeros(len(sealed), bool)
    first, last = int(parcel.start.min()) - far, int(parcel.start.max()) + far
    near: NDArray[np.bool_] = (sealed.start >= first) & (sealed.start <= last)
    return near


def _places(column: pa.ChunkedArray, names: Names) -> NDArray[np.int64]:
    numbers, texts = codes(column)
    used = np.unique(numbers).tolist()
    places = np.zeros(len(texts), np.int64)
    for code in used:
        places[code] = names.place(texts[code])
    return places[numbers]


def _replaced(sealed: Parcel, parcel: Parcel) -> NDArray[np.bool_]:
    both = Parcel.joined([sealed, parcel])
    columns = (both.station, both.quantity, both.statistic, both.start, both.period)
    keys = packed([column.astype(np.int64) for column in columns])
    if keys is None:
        raise OverflowError("too many different times at once")
    return np.isin(keys[: len(sealed)], keys[len(sealed) :])


def _unjudged(parcel: Parcel, rules: Rules) -> Parcel:
    """The same before the rules that are judged again."""
    judged = sum(rules.bit(rule) for rule in rules.rules if isinstance(rule, _JUDGED))
    caps = sum(rules.bit(rule) for rule in rules.rules if isinstance(rule, Cap))
    reasons = parcel.reasons & np.uint32(~judged & 0xFFFFFFFF)
    only_judged = (parcel.reasons > 0) & (reasons == 0)
    capped = (parcel.reasons & np.uint32(caps)) > 0
    return replace(
        parcel,
        reasons=reasons,
        flag=np.where(only_judged, 0, parcel.flag).astype(np.uint8),
        qualifier=np.where(capped, 0, parcel.qualifier).astype(np.uint8),
    )
