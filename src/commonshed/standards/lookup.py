"""From a concentration to a sub-index, exactly: the one definition every faster form is compiled from."""

from __future__ import annotations

from fractions import Fraction

from commonshed.exact import round_fraction
from commonshed.standards.schema import Band, Category, Index, IndexTable

__all__ = ["category", "sub_index"]


def sub_index(table: IndexTable, value: Fraction, index: Index) -> int | None:
    """The sub-index of one concentration.

    Parameters
    ----------
    table : IndexTable
    value : Fraction
        In the table's unit, already rounded to the decimals of its statistic.
    index : Index
        The index the table belongs to; says how the sub-index is rounded.

    Returns
    -------
    int or None
        None below the first band, and above the last where the table ends without a rule.

    Raises
    ------
    ValueError
        The value lies between two bands: it has not been rounded as its statistic says.

    Notes
    -----
    Within a band from (c₁, i₁) to (c₂, i₂): i = (i₂ − i₁) / (c₂ − c₁) · (c − c₁) + i₁, rounded once.

    References
    ----------
    HJ 633-2012 and HJ 633-2026, formula of the sub-index; EPA-454/B-24-002, equation 1.
    """
    if value < table.bands[0].concentration[0]:
        return None
    last = table.bands[-1]
    if value > last.concentration[1]:
        return _above(table, value, index)
    for band in table.bands:
        low, high = band.concentration
        if low <= value <= high:
            return _interpolated(band, value, index)
    raise ValueError(
        f"{value} {table.unit} lies between two bands of {table.key}: round it as its statistic says first"
    )


def category(index: Index, value: int) -> Category:
    """The class of an index value; above the last class, the last."""
    return next((c for c in index.categories if value <= c.index[1]), index.categories[-1])


def _above(table: IndexTable, value: Fraction, index: Index) -> int | None:
    last = table.bands[-1]
    match table.above:
        case "cap":
            return last.index[1]
        case "none":
            return None
        case "extrapolate":
            return _interpolated(last, value, index)
        case fixed:
            return fixed


def _interpolated(band: Band, value: Fraction, index: Index) -> int:
    (low, high), (index_low, index_high) = band.concentration, band.index
    exact = Fraction(index_high - index_low) / (high - low) * (value - low) + index_low
    return round_fraction(exact, 0, index.rounding)
