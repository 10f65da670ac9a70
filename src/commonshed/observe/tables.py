"""Readings in the form a shed keeps them, from parcels that are flagged and in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.exact import decimal_text
from commonshed.keep.rows import READINGS
from commonshed.observe.parcel import FLAGS, QUALIFIERS, Vocabulary
from commonshed.observe.quality import Flagged, Rules
from commonshed.units import quantity

__all__ = ["Stamp", "readings_table", "reason_texts"]

_NAME = READINGS.field("station").type


@dataclass(frozen=True)
class Stamp:
    """What all readings of one import have in common."""

    mapping: str
    origin: str
    status: str
    recorded: int
    """[UTC s]"""


def readings_table(flagged: Flagged, words: Vocabulary, rules: Rules, stamp: Stamp) -> pa.Table:
    """Flagged readings as a table of the form READINGS, in canonical order."""
    parcel = flagged.parcel
    n = len(parcel)
    columns = {
        "station": _named(parcel.station, words.stations.names),
        "quantity": _named(parcel.quantity, words.quantities.names),
        "statistic": _named(parcel.statistic, words.statistics.names),
        "start": pa.array(parcel.start),
        "period": pa.array(parcel.period),
        "ticks": pa.array(parcel.ticks),
        "qualifier": _named(parcel.qualifier, QUALIFIERS),
        "flag": _named(parcel.flag, FLAGS),
        "status": _same(stamp.status, n),
        "reason": _reasons(flagged, words, rules),
        "raw": _raw(parcel.raw, words.raw.names),
        "mapping": _same(stamp.mapping, n),
        "origin": _same(stamp.origin, n),
        "recorded": pa.repeat(pa.scalar(stamp.recorded, pa.int64()), n),
        "author": pa.nulls(n, _NAME),
    }
    return pa.Table.from_arrays([columns[name] for name in READINGS.names], schema=READINGS)


def _named(codes: NDArray[np.integer], names: list[str] | tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names, pa.string()))


def _same(text: str, n: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([text], pa.string()))


def _raw(codes: NDArray[np.int32], texts: list[str]) -> pa.Array:
    if not (codes >= 0).any():
        return pa.nulls(len(codes), pa.string())
    return pc.take(pa.array(texts, pa.string()), pa.array(codes, mask=codes < 0))


def reason_texts(reasons: NDArray[np.uint32], rules: Rules) -> pa.Array:
    """The sentences of the rules that each number names; null where it names none."""
    codes = np.zeros(len(reasons), np.int32)
    doubtful = np.flatnonzero(reasons)
    combinations, codes[doubtful] = np.unique(reasons[doubtful], return_inverse=True)
    texts = ["; ".join(_sentence(rules, i) for i in range(32) if int(bits) >> i & 1) for bits in combinations]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=reasons == 0), pa.array(texts, pa.string()))


def _reasons(flagged: Flagged, words: Vocabulary, rules: Rules) -> pa.Array:
    parcel = flagged.parcel
    plain = reason_texts(parcel.reasons, rules)
    if not flagged.others:
        return plain
    # Each reading that stands against others says which values these are.
    standing = np.flatnonzero(np.isin(parcel.row, np.fromiter(flagged.others, np.int64, len(flagged.others))))
    contradicted = np.uint32(rules.bit(rules.one("contradiction")))
    codes = plain.indices.fill_null(0).to_numpy(zero_copy_only=False).copy()
    texts = plain.dictionary.to_pylist()
    for i in standing[(parcel.reasons[standing] & contradicted) > 0].tolist():
        said = _values(flagged.others[int(parcel.row[i])], words.quantities.names[parcel.quantity[i]])
        texts.append(f"{texts[codes[i]]}; also given: {said}")
        codes[i] = len(texts) - 1
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=parcel.reasons == 0), pa.array(texts, pa.string()))


def _sentence(rules: Rules, i: int) -> str:
    rule = rules.rules[i]
    return f"{rule.key}: {rule.reason.en}"


def _values(ticks: list[int], name: str) -> str:
    decimals = len(str(quantity(name).resolution.denominator)) - 1
    texts = [decimal_text(each, decimals) for each in sorted(set(ticks))[:5]]
    return ", ".join(text.rstrip("0").rstrip(".") if "." in text else text for text in texts)
