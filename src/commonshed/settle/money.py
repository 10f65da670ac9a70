"""Exact money: amounts as an agreement writes them, rounding once, and allotment that adds up.

Inside, money is a rational number of one unit of its currency. It becomes a decimal once, where a bill is published, by
the rule the agreement names; what is split after that is split in whole smallest units, by largest remainder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from commonshed.errors import AgreementError
from commonshed.exact import Rounding, apportion, decimal_text, round_fraction
from commonshed.standards.parts import Clause, Exact, Part, written

__all__ = ["Amount", "MoneyRule", "UnitPrice", "allot", "published"]

_UNIT = re.compile(r"(?:(?P<scale>1e(?:[1-9]|1[0-2])) )?(?P<currency>[A-Z]{3})(?:/(?P<per>[a-z0-9]+))?")
_GRAMS = {"t": 10**6, "kg": 1000}


class MoneyRule(Part):
    """How amounts are published."""

    currency: str
    """Three letters of ISO 4217: ``CNY``."""
    decimals: int = 2
    rounding: Rounding
    clause: Clause | None = None
    provenance: str


class Amount(Part):
    """A sum of money as the agreement writes it: ``{ value = "30", unit = "1e4 CNY" }``."""

    value: Exact
    unit: str

    def of(self, currency: str) -> Fraction:
        """The sum in one unit of the currency.

        Raises
        ------
        AgreementError
            The unit is none of money, or of another currency.
        """
        scale, per = _read(self.unit, currency)
        if per is not None:
            raise AgreementError("a sum has a price's unit", field="unit", value=self.unit, mend=f"1e4 {currency}?")
        return self.value * scale

    def __str__(self) -> str:
        return f"{written(self.value)} {self.unit}"


class UnitPrice(Part):
    """Money for a mass: ``{ value = "10", unit = "1e4 CNY/t" }``."""

    value: Exact
    unit: str

    def per_gram(self, currency: str) -> Fraction:
        """Units of the currency for one gram.

        Raises
        ------
        AgreementError
            The unit is no price of a mass, or of another currency.
        """
        scale, per = _read(self.unit, currency)
        if per not in _GRAMS:
            mend = f"Write {currency}/t, 1e4 {currency}/t or {currency}/kg"
            raise AgreementError("a price of a load is per t or kg", field="unit", value=self.unit, mend=mend)
        return self.value * scale / _GRAMS[per]


def published(amount: Fraction, rule: MoneyRule) -> Decimal:
    """An amount as it stands in a bill: rounded once, by the rule the agreement names.

    Parameters
    ----------
    amount : Fraction
        [currency]
    rule : MoneyRule
    """
    return Decimal(decimal_text(round_fraction(amount, rule.decimals, rule.rounding), rule.decimals))


def allot(total: Decimal, parts: Mapping[str, Fraction]) -> dict[str, Decimal]:
    """Split a published amount in proportion, so that the pieces add up to it exactly.

    Parameters
    ----------
    total : Decimal
        Its last decimal is the smallest unit that is handed out.
    parts : mapping of name to Fraction, n
        Not negative; only their proportion matters.

    Returns
    -------
    dict of name to Decimal, n
        In the order of the names; together the total.

    Raises
    ------
    AgreementError
        A part is negative, or all are nought.

    Notes
    -----
    Largest remainder (Hamilton, 1792): each gets the whole units of its quota, what is left goes one by one to the
    largest fractions; where these are equal, to the larger part, then to the name that comes first.
    """
    names = sorted(parts)
    sign, digits, exponent = total.as_tuple()
    assert isinstance(exponent, int)
    if not any(parts.values()) or min(parts.values()) < 0:
        shown = ", ".join(f"{name} {parts[name]}" for name in names)
        raise AgreementError(f"money cannot be split in the proportion {shown}", mend="Parts are nought or more")
    units = apportion(int("".join(map(str, digits))), [parts[name] for name in names])
    return {
        name: Decimal((sign, Decimal(given).as_tuple().digits, exponent))
        for name, given in zip(names, units, strict=True)
    }


def _read(unit: str, currency: str) -> tuple[Fraction, str | None]:
    found = _UNIT.fullmatch(unit.strip())
    if found is None:
        mend = f"Write {currency}, 1e4 {currency}, 1e8 {currency}, with /t for a price"
        raise AgreementError("this is no unit of money", field="unit", value=unit, mend=mend)
    if found["currency"] != currency:
        mend = f"Write every sum in {currency}; an agreement has one currency"
        raise AgreementError("a sum is in another currency than the agreement", field="unit", value=unit, mend=mend)
    return Fraction(int(float(found["scale"] or 1))), found["per"]
