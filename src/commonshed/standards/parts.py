"""What every law is written with: texts in two languages, exact numbers, clauses and provenance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from commonshed.exact import decimal_text

__all__ = ["Clause", "Exact", "Note", "Part", "Provenance", "Text", "written"]

_DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError(f"write {value} in quotes: a legal value is a decimal, not a binary float")
    if isinstance(value, bool):
        raise ValueError("a legal value is a number, not true or false")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise ValueError("a legal value is written as a plain decimal number, such as 37.5")
    return Fraction(value) if isinstance(value, (int, str)) else value


def written(value: Fraction) -> str:
    """Write a number of the law as plain decimal text, with no more decimals than it has.

    >>> written(Fraction("37.50")), written(Fraction(160))
    ('37.5', '160')

    Raises
    ------
    ValueError
        The number has no finite decimal form.
    """
    for decimals in range(30):
        if 10**decimals % value.denominator == 0:
            return decimal_text(value.numerator * 10**decimals // value.denominator, decimals)
    raise ValueError(f"{value} has no finite decimal form")


Exact = Annotated[Fraction, BeforeValidator(_exact), PlainSerializer(written, return_type=str)]
"""A number of the law: an integer or a decimal string in the file, a Fraction in memory, decimal text when written."""


class Part(BaseModel):
    """Base of every part: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def parts(self) -> Iterator[Part]:
        """This part and every part within it."""
        yield self
        for name in type(self).model_fields:
            value = getattr(self, name)
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
            for item in inner:
                if isinstance(item, Part):
                    yield from item.parts()

    def cited(self) -> set[str]:
        """Keys of the blocks of provenance that this part and those within it name."""
        return {
            key
            for part in self.parts()
            for name in type(part).model_fields
            if (name == "provenance" or name.endswith("_provenance")) and isinstance(key := getattr(part, name), str)
        }


class Text(Part):
    """A text in both languages of the interface; English when printed."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def text(self, language: str = "en") -> str:
        """The text in ``en`` or ``zh``."""
        return self.zh if language.startswith("zh") else self.en


class Clause(Text):
    """Where in the document something stands: ``table 1``, or its heading when we do not hold the number."""

    document: str | None = None
    """The document, when it is not the one the file holds."""


class Note(Text):
    """Something the law says that no typed entry holds."""

    provenance: str


class Provenance(Part):
    """How sure we are that a block says what the law says.

    ``verified``: two independent sources agree; ``single-source``; ``unverified``: from general knowledge, or a choice
    of ours where the law is silent (the note says which).
    """

    status: Literal["verified", "single-source", "unverified"]
    sources: tuple[str, ...] = ()
    note: str | None = None
