"""From what a file holds to ticks, exactly and fast.

A number in a file is a decimal. Text is read as the decimal it spells; a binary float from Parquet is read as the
shortest decimal that gives this float back, which is what its writer printed or parsed. The fast path works on whole
columns in floating point and keeps a result only where it is proved exact; everything else goes through rationals.

Notes
-----
Let n = rint(v · 10ᵏ) with \\|n\\| < 10¹⁵ and k ≤ 22. Both n and 10ᵏ are floats without rounding, so the float quotient
n / 10ᵏ is the float nearest to the decimal n · 10⁻ᵏ. If it equals v, that decimal of at most 15 digits reads as v; and
since different decimals of at most 15 digits read as different floats, it is the shortest one: ``repr(v)``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from commonshed.exact import divide, round_fraction

__all__ = ["LARGEST", "Converted", "convert"]

LARGEST = 2**53
"""Readings of this many ticks or more are refused: no instrument shows them, and sums of them would not fit."""

_DIGITS = 10**15
_DECIMALS = (3, 6, 9)
_INT64 = 2**63
_TEXT_DIGITS = 15
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Converted:
    """A column as ticks, n rows.

    Attributes
    ----------
    ticks : int64 array, n
        Undefined where nothing is given or readable.
    given : bool array, n
        False where the cell holds one of the texts that mean nothing is there.
    readable : bool array, n
        False where what is given is no number, or one too large.
    exact : bool array, n
        False where the number lies between two ticks and went to the even one.
    qualifier : uint8 array, n
        0 ``=``, 1 ``<``, 2 ``>``: as written before the number.
    """

    ticks: Ints
    given: Bools
    readable: Bools
    exact: Bools
    qualifier: NDArray[np.uint8]

    def take(self, indices: NDArray[np.integer]) -> Converted:
        """The same for some of the rows, or for rows that repeat these."""
        return Converted(*(getattr(self, name)[indices] for name in self.__dataclass_fields__))


def convert(
    column: pa.Array, per_unit: Fraction, *, missing: Collection[str] = ("",), decimal_mark: str = "."
) -> Converted:
    """Numbers of any Arrow type as ticks.

    Parameters
    ----------
    column : pa.Array, n
        Text (plain or dictionary), integers, decimals or binary floats.
    per_unit : Fraction
        Ticks in one unit of the numbers.
    missing : collection of str
        Texts that mean nothing is there. Null and NaN mean so too.
    decimal_mark : {".", ","}

    Raises
    ------
    TypeError
        The column holds something else, such as times or booleans.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        distinct = convert(column.dictionary, per_unit, missing=missing, decimal_mark=decimal_mark)
        return _by_index(distinct, column.indices)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        encoded = column.cast(pa.string()).dictionary_encode()
        return _by_index(_from_text(encoded.dictionary, per_unit, set(missing), decimal_mark), encoded.indices)
    if pa.types.is_floating(kind):
        return _from_floats(column, per_unit)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return convert(column.cast(pa.string()), per_unit)
    if pa.types.is_null(kind):
        return _nothing(len(column))
    raise TypeError(f"a column of {kind} holds no numbers")


def shortest_texts(column: pa.Array) -> pa.Array:
    """The numbers of a column as text: as received, or the shortest decimal of a binary float."""
    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        return pa.array([None if np.isnan(value) else _repr(value) for value in values], pa.string())
    return column.cast(pa.string())


def _by_index(distinct: Converted, indices: pa.Array) -> Converted:
    if not len(distinct.ticks):
        return _nothing(len(indices))
    positions = indices.fill_null(0).to_numpy(zero_copy_only=False)
    taken = distinct.take(positions)
    if indices.null_count:
        np.logical_and(taken.given, indices.is_valid().to_numpy(zero_copy_only=False), out=taken.given)
    return taken


def _nothing(n: int) -> Converted:
    no = np.zeros(n, bool)
    return Converted(np.zeros(n, np.int64), no, ~no, ~no, np.zeros(n, np.uint8))


def _from_text(distinct: pa.Array, per_unit: Fraction, missing: set[str], decimal_mark: str) -> Converted:
    texts = pc.utf8_trim_whitespace(distinct.fill_null(""))
    given = ~np.isin(np.array(texts.to_pylist(), dtype=object), list(missing)) if len(texts) else np.zeros(0, bool)
    given &= distinct.is_valid().to_numpy(zero_copy_only=False)
    qualifier = np.zeros(len(texts), np.uint8)
    for code, sign in ((1, "<"), (2, ">")):
        qualifier[pc.starts_with(texts, sign).to_numpy(zero_copy_only=False)] = code
    # Chinese laboratories write a detection limit with an L behind it: 0.025L is "below 0.025".
    limit = pc.match_substring_regex(texts, r"\dL$").to_numpy(zero_copy_only=False)
    if limit.any():
        qualifier[limit] = 1
        texts = pc.if_else(pa.array(limit), pc.utf8_rtrim(texts, "L"), texts)
    if qualifier.any():
        texts = pc.utf8_trim_whitespace(pc.utf8_ltrim(texts, "<>"))
    if decimal_mark != ".":
        texts = pc.replace_substring(texts, decimal_mark, ".")
    number = given & pc.match_substring_regex(texts, _NUMBER).to_numpy(zero_copy_only=False)
    # A number with an exponent may vanish or grow beyond a float: the long way for these.
    short = number & (pc.binary_length(texts).to_numpy(zero_copy_only=False) <= _TEXT_DIGITS)
    short &= ~pc.match_substring(texts, "e", ignore_case=True).to_numpy(zero_copy_only=False)
    floats = pc.if_else(pa.array(short), texts, "0").cast(pa.float64()).to_numpy(zero_copy_only=False)
    ticks, exact, fast = _decimals(floats, per_unit)
    readable = ~given | (short & fast)
    for i in np.flatnonzero(number & ~(short & fast)).tolist():
        found = _slowly(texts[i].as_py(), per_unit)
        if found is not None:
            ticks[i], exact[i] = found
            readable[i] = True
    return Converted(ticks, given, readable, exact, qualifier)


def _from_floats(column: pa.Array, per_unit: Fraction) -> Converted:
    values = column.to_numpy(zero_copy_only=False)
    given = ~np.isnan(values)
    filled = np.where(given, values, values.dtype.type(0))
    ticks, exact, fast = _decimals(filled, per_unit)
    readable = ~given | fast
    slow = np.flatnonzero(given & ~fast)
    if slow.size:
        distinct, inverse = np.unique(filled[slow], return_inverse=True)
        found = [_slowly(_repr(value), per_unit) for value in distinct]
        ticks[slow] = np.array([0 if pair is None else pair[0] for pair in found], np.int64)[inverse]
        exact[slow] = np.array([pair is not None and pair[1] for pair in found], bool)[inverse]
        readable[slow] = np.array([pair is not None for pair in found], bool)[inverse]
    return Converted(ticks, given, readable, exact, np.zeros(len(values), np.uint8))


def _repr(value: np.floating) -> str:
    # NumPy's scalars print the shortest decimal of their own precision; Python's float only of double.
    return str(value)


def _decimals(values: NDArray[np.floating], per_unit: Fraction) -> tuple[Ints, Bools, Bools]:
    """Ticks, whether they are exact, and whether the fast path proved the decimal (see the module's notes)."""
    limit = _DIGITS if values.dtype == np.float64 else 10**6
    ticks = np.zeros(len(values), np.int64)
    exact = np.ones(len(values), bool)
    done = np.zeros(len(values), bool)
    for k in _DECIMALS:
        rest = slice(None) if not done.any() else np.flatnonzero(~done)
        numbers = values[rest].astype(np.float64, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):
            counts = np.rint(numbers * 10**k)
            proved = np.abs(counts) < limit
            counts[~proved] = 0
            proved &= (counts / 10**k).astype(values.dtype, copy=False) == values[rest]
        n = counts.astype(np.int64)
        found, fits, small = _scaled(n, per_unit / 10**k)
        ticks[rest], exact[rest], done[rest] = found, fits, proved & small
        if done.all():
            break
    return ticks, exact, done


def _scaled(counts: Ints, factor: Fraction) -> tuple[Ints, Bools, Bools]:
    """Counts × factor rounded half-even, whether exactly so, and whether the result is small enough."""
    largest = int(np.abs(counts).max(initial=0))
    if largest * factor >= LARGEST:
        small = np.abs(counts) < LARGEST / factor
        counts = np.where(small, counts, 0)
        largest = int(np.abs(counts).max(initial=0))
    else:
        small = np.ones(len(counts), bool)
    num, den = factor.numerator, factor.denominator
    if 2 * (largest * num + den) < _INT64:
        products = counts * num
        return divide(products, np.full(1, den, np.int64)), products % den == 0, small
    distinct, inverse = np.unique(counts, return_inverse=True)
    products_exact = [int(count) * num for count in distinct]
    rounded = np.array([divide(product, den) for product in products_exact], np.int64)
    whole = np.array([product % den == 0 for product in products_exact], bool)
    return rounded[inverse], whole[inverse], small


def _slowly(text: str, per_unit: Fraction) -> tuple[int, bool] | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() > 30:
        return None
    if number and number.adjusted() < -60:
        return 0, False
    product = Fraction(number) * per_unit
    ticks = round_fraction(product, 0)
    return (ticks, product.denominator == 1) if abs(ticks) < LARGEST else None
