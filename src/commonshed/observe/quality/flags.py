"""Applying the rules: every doubt becomes a flag with its reason; nothing is deleted and no value is changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from commonshed.observe.mapping import seconds
from commonshed.observe.parcel import FLAGS, QUALIFIERS, Parcel, Reject, Vocabulary
from commonshed.observe.quality.rules import Cap, Contradiction, Exceeds, FlatLine, Range, Rule, Rules, Spike, ticks_of

__all__ = ["Flagged", "flag", "in_order", "packed"]

INVALID = FLAGS.index("invalid")
_ABOVE = QUALIFIERS.index(">")

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Flagged:
    """Readings in canonical order, each key once, every rule applied.

    Attributes
    ----------
    parcel : Parcel
    repeated : int
        Rows that gave a reading again with the same value.
    contradicted : dict of row to texts
        Of readings that stand, the other values given: their ticks.
    rejects : list of Reject
        Contradicting values that do not stand.
    """

    parcel: Parcel
    repeated: int
    others: dict[int, list[int]]
    rejects: list[Reject]


def flag(parcel: Parcel, words: Vocabulary, rules: Rules) -> Flagged:
    """Put readings in order and flag them.

    Parameters
    ----------
    parcel : Parcel
        All that one import holds of these stations: flat lines, spikes and contradictions need neighbours.
    """
    parcel = replace(parcel, flag=parcel.flag.copy(), reasons=parcel.reasons.copy(), qualifier=parcel.qualifier.copy())
    for rule in rules.rules:
        if isinstance(rule, Range):
            _flag_range(parcel, words, rules, rule)
    ordered = in_order(parcel, words)
    flagged = _each_key_once(ordered, words, rules)
    series = _Series(flagged.parcel)
    for rule in rules.rules:
        applied = _RULES.get(type(rule))
        if applied is not None:
            applied(series, words, rules, rule)
    return flagged


def in_order(parcel: Parcel, words: Vocabulary) -> Parcel:
    """Readings by station, quantity, statistic, start and period, names by their UTF-8 bytes."""
    keys = [
        _ranks(words.stations.names)[parcel.station],
        _ranks(words.quantities.names)[parcel.quantity],
        _ranks(words.statistics.names)[parcel.statistic],
        parcel.start,
        parcel.period.astype(np.int64),
    ]
    one = packed(keys)
    if one is None:
        return parcel.take(np.lexsort(tuple(reversed(keys))))
    if np.all(one[1:] >= one[:-1]):
        return parcel
    return parcel.take(np.argsort(one, kind="stable"))


def _ranks(names: list[str]) -> Ints:
    ranks = np.zeros(len(names), np.int64)
    ranks[sorted(range(len(names)), key=lambda i: names[i])] = np.arange(len(names))
    return ranks


def packed(keys: list[Ints]) -> Ints | None:
    """Several sort keys as one integer; None if it cannot hold them."""
    if not len(keys[0]):
        return keys[0]
    lows = [int(key.min()) for key in keys]
    spans = [int(key.max()) - low + 1 for key, low in zip(keys, lows, strict=True)]
    if math.prod(spans) >= 2**63:
        return None
    one = np.zeros(len(keys[0]), np.int64)
    for key, low, span in zip(keys, lows, spans, strict=True):
        one *= span
        one += key
        one -= low
    return one


def _flag_range(parcel: Parcel, words: Vocabulary, rules: Rules, rule: Range) -> None:
    for amounts, beyond in ((rule.below, np.less), (rule.above, np.greater)):
        limits, has = _by_quantity(ticks_of(amounts), words)
        if not has.any():
            continue  # rules of another medium
        found = beyond(parcel.ticks, limits[parcel.quantity]) & has[parcel.quantity]
        _mark(parcel, found, rules, rule)


def _each_key_once(parcel: Parcel, words: Vocabulary, rules: Rules) -> Flagged:
    same = _same_key(parcel)
    if not same.any():
        return Flagged(parcel, 0, {}, [])
    group = np.cumsum(~same)
    # The last of a group stands: the largest of those not invalid, whatever the order of the rows was.
    order = np.lexsort((-parcel.row, parcel.qualifier, parcel.ticks, parcel.flag < INVALID, group))
    parcel, group = parcel.take(order), group[order]
    stands = np.append(group[1:] != group[:-1], True)
    heir = np.flatnonzero(stands)[np.cumsum(np.append(0, stands[:-1]))]
    different = ~stands & ((parcel.ticks != parcel.ticks[heir]) | (parcel.qualifier != parcel.qualifier[heir]))
    contradicting = different & (parcel.flag < INVALID)
    winners = np.zeros(len(parcel), bool)
    winners[heir[contradicting]] = True
    rule = rules.one("contradiction")
    _mark(parcel, winners, rules, rule)
    others: dict[int, list[int]] = {}
    rejects = []
    for i in np.flatnonzero(different).tolist():
        standing = int(heir[i])
        if contradicting[i]:
            others.setdefault(int(parcel.row[standing]), []).append(int(parcel.ticks[i]))
        rejects.append(
            Reject(
                int(parcel.row[i]),
                words.quantities.names[parcel.quantity[i]],
                "",
                f"{rule.key}: {rule.reason.en}; that of row {int(parcel.row[standing])} stands",
                "Find out which value is right and correct the reading",
            )
        )
    repeated = int(np.count_nonzero(~stands & ~different))
    return Flagged(parcel.take(stands), repeated, others, rejects)


def _same_key(parcel: Parcel) -> Bools:
    same = np.zeros(len(parcel), bool)
    if len(parcel):
        same[1:] = _same_series(parcel) & (parcel.start[1:] == parcel.start[:-1])
    return same


def _same_series(parcel: Parcel) -> Bools:
    same: Bools = parcel.station[1:] == parcel.station[:-1]
    for column in (parcel.quantity, parcel.statistic, parcel.period):
        same = same & (column[1:] == column[:-1])
    return same


class _Series:
    """Readings in order, and which of them follow one another without a gap."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        valid = parcel.flag < INVALID
        self.valid = valid
        self.follows = np.zeros(len(parcel), bool)
        if len(parcel) > 1:
            adjacent = parcel.start[1:] - parcel.start[:-1] == parcel.period[1:]
            self.follows[1:] = _same_series(parcel) & adjacent & valid[1:] & valid[:-1]


def _flag_cap(series: _Series, words: Vocabulary, rules: Rules, rule: Cap) -> None:
    parcel = series.parcel
    limits, has = _by_quantity(ticks_of(rule.at), words)
    found = (parcel.ticks == limits[parcel.quantity]) & has[parcel.quantity] & series.valid
    parcel.qualifier[found] = _ABOVE
    _mark(parcel, found, rules, rule)


def _flag_flat_line(series: _Series, words: Vocabulary, rules: Rules, rule: FlatLine) -> None:
    parcel = series.parcel
    if not len(parcel):
        return
    same = series.follows.copy()
    same[1:] &= parcel.ticks[1:] == parcel.ticks[:-1]
    first = np.flatnonzero(~same)
    lengths = np.diff(np.append(first, len(parcel)))
    needed, has = _by_quantity(rule.readings, words)
    except_to, excepted = _by_quantity(ticks_of(rule.except_up_to), words)
    quantity = parcel.quantity[first]
    long = has[quantity] & (lengths >= needed[quantity]) & (parcel.period[first] == seconds(rule.period))
    long &= ~excepted[quantity] | (parcel.ticks[first] > except_to[quantity])
    _mark(parcel, np.repeat(long, lengths), rules, rule)


def _flag_spike(series: _Series, words: Vocabulary, rules: Rules, rule: Spike) -> None:
    parcel = series.parcel
    if len(parcel) < 3:
        return
    by, has = _by_quantity(ticks_of(rule.by), words)
    times = Fraction(rule.times)
    here, quantity = parcel.ticks[1:-1], parcel.quantity[1:-1]
    neighbours = np.maximum(parcel.ticks[:-2], parcel.ticks[2:])
    found = np.zeros(len(parcel), bool)
    found[1:-1] = (
        series.follows[1:-1]
        & series.follows[2:]
        & has[quantity]
        & (parcel.period[1:-1] == seconds(rule.period))
        & (here - neighbours > by[quantity])
        & (here * times.denominator > neighbours * times.numerator)
    )
    _mark(parcel, found, rules, rule)


def _flag_exceeds(series: _Series, words: Vocabulary, rules: Rules, rule: Exceeds) -> None:
    parcel = series.parcel
    places = {name: i for i, name in enumerate(words.quantities.names)}
    if rule.larger not in places or rule.smaller not in places:
        return
    rows = {
        name: np.flatnonzero((parcel.quantity == places[name]) & series.valid) for name in (rule.larger, rule.smaller)
    }
    whole, part = rows[rule.larger], rows[rule.smaller]
    if not whole.size or not part.size:
        return
    both = np.concatenate([whole, part])
    columns = (parcel.station, parcel.statistic, parcel.start, parcel.period)
    keys = packed([column[both].astype(np.int64) for column in columns])
    if keys is None:
        raise OverflowError("too many different times at once")
    of_whole, of_part = keys[: whole.size], keys[whole.size :]
    if np.any(of_whole[1:] < of_whole[:-1]):
        order = np.argsort(of_whole, kind="stable")
        whole, of_whole = whole[order], of_whole[order]
    place = np.minimum(np.searchsorted(of_whole, of_part), whole.size - 1)
    partner = whole[place]
    above = (of_whole[place] == of_part) & (parcel.ticks[part] > parcel.ticks[partner])
    found = np.zeros(len(parcel), bool)
    found[part[above]] = True
    found[partner[above]] = True
    _mark(parcel, found, rules, rule)


_RULES: dict[type, Callable[..., None]] = {
    Cap: _flag_cap,
    FlatLine: _flag_flat_line,
    Spike: _flag_spike,
    Exceeds: _flag_exceeds,
}


def _mark(parcel: Parcel, found: Bools, rules: Rules, rule: Rule) -> None:
    assert isinstance(rule, (Contradiction, Range, Cap, FlatLine, Spike, Exceeds))
    if found.any():
        parcel.reasons[found] |= np.uint32(rules.bit(rule))
        parcel.flag[found] = np.maximum(parcel.flag[found], FLAGS.index(rule.flag))


def _by_quantity(amounts: dict[str, int], words: Vocabulary) -> tuple[Ints, Bools]:
    names = words.quantities.names
    return (
        np.array([amounts.get(name, 0) for name in names], np.int64),
        np.array([name in amounts for name in names], bool),
    )
