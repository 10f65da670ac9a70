"""The composite index: how far all quantities together stand from their standards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.days import NONE
from commonshed.exact import divide
from commonshed.standards.schema import CompositeTerm

if TYPE_CHECKING:
    from commonshed.standards import Regime

__all__ = ["composite_index", "term_key"]

Ints = NDArray[np.int64]


class _Figure(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def decimals(self) -> int: ...


def term_key(term: CompositeTerm) -> str:
    """The figure a term uses: ``pm25`` or ``co_p95``."""
    return term.statistic if term.p is None else f"{term.statistic}_p{term.p}"


def composite_index(
    regime: Regime, values: Mapping[str, Ints], figures: Sequence[_Figure]
) -> tuple[Ints, tuple[str, ...]]:
    """Composite index of each place.

    Parameters
    ----------
    regime : Regime
        In the phase of the period.
    values : dict of str to int array, n places
        Rounded figures by key, as counts of their decimals; NONE where there is none.
    figures : sequence of Figure
        What the keys are.

    Returns
    -------
    (int array, tuple of str)
        The index as a count of its decimals, NONE where a term has no value; and the statistics it is made of.

    Notes
    -----
    I = Σ w · C / S over the quantities, divided by the regime's divisor (mostly 1), with C rounded as published. The
    sum is taken over the least common denominator, exactly, and rounded once.

    References
    ----------
    HJ 663-2013: C is the mean of SO2, NO2, PM10, PM2.5, the 95th percentile of CO and the 90th of O3; S the class II
    limit of the same average.
    """
    method = regime.assessment
    if method is None or method.composite is None:
        return np.full(_length(values), NONE, np.int64), ()
    terms = method.composite.terms
    decimals = {figure.key: figure.decimals for figure in figures}
    # C / S = count / (10^decimals · S): a rational weight for every count.
    weights = [Fraction(term.weight) / (term.standard * 10 ** decimals[term_key(term)]) for term in terms]
    denominator = math.lcm(*(weight.denominator for weight in weights))
    total = np.zeros(_length(values), np.int64)
    known = np.ones(total.shape, bool)
    for term, weight in zip(terms, weights, strict=True):
        count = values[term_key(term)]
        known &= count != NONE
        total += count * int(weight * denominator)
    index = divide(total * 10**method.composite.decimals, np.int64(denominator * method.composite.divisor))
    return np.where(known, index, NONE), tuple(term.statistic for term in terms)


def _length(values: Mapping[str, Ints]) -> int:
    return next((array.size for array in values.values()), 0)
