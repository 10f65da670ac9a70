"""Figures held against figures, record by record: bit for bit, or within the published tolerance of a model."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache
from typing import Any, Literal

from commonshed.disclose.statements.claims import Tolerance

__all__ = ["Comparison", "Difference", "compared", "dotted", "leaves"]

Path = tuple[str | int, ...]
"""Names and numbers that lead to a figure."""

_ABSENT = object()
_FIGURE = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Difference:
    """A figure, or a whole record, that is not the same.

    Attributes
    ----------
    record : str
        Which: ``110105, 2016``.
    path : str
        Of the figure, with dots; empty for a record that only one side has.
    kind : {"figure", "only-stated", "only-found"}
    stated, found : object
        None where a side has nothing.
    """

    record: str
    path: str
    kind: Literal["figure", "only-stated", "only-found"]
    stated: object = None
    found: object = None

    def content(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "record": self.record,
            "figure": self.path or None,
            "kind": self.kind,
            "stated": self.stated,
            "found": self.found,
        }


@dataclass(frozen=True)
class Comparison:
    """What came of comparing.

    Attributes
    ----------
    records, figures : int
        How many were compared.
    differences : tuple of Difference
    within : int
        Figures of a model that are not the same text and lie within their tolerance.
    """

    records: int
    figures: int
    differences: tuple[Difference, ...]
    within: int


def compared(
    stated: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    tolerance: Mapping[str, Tolerance],
) -> Comparison:
    """Compare two lists of records.

    Parameters
    ----------
    stated, found : sequences of records
        Plain JSON.
    keys : sequence of str
        Fields that tell a record from the others; one that occurs several times is told by its number, too.
    tolerance : mapping of pattern to Tolerance
        Of figures of a model, by path; all others must be the same text.

    Returns
    -------
    Comparison
    """
    left, right = _named(stated, keys), _named(found, keys)
    figures = within = 0
    differences = []
    for key in dict.fromkeys((*left, *right)):
        name = _called(*key)
        if key not in right:
            differences.append(Difference(name, "", "only-stated"))
        elif key not in left:
            differences.append(Difference(name, "", "only-found"))
        elif _text(left[key]) == _text(right[key]):
            figures += _count(left[key])
        else:
            a, b = dict(leaves(left[key])), dict(leaves(right[key]))
            for path in dict.fromkeys((*a, *b)):
                figures += 1
                one, other = a.get(path, _ABSENT), b.get(path, _ABSENT)
                if _same(one, other):
                    continue
                if _close(one, other, dotted(path), tolerance):
                    within += 1
                else:
                    differences.append(Difference(name, dotted(path), "figure", _shown(one), _shown(other)))
    return Comparison(len(stated), figures, tuple(differences), within)


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every single figure of a record with its path: ``("mean", "pm25")``, ``("notes", 0)``.

    Not as one text: a field that is called ``mean.pm25`` would take the place of the figure in ``mean``.
    """
    inner: Iterator[tuple[str | int, object]]
    if isinstance(value, Mapping) and value:
        inner = iter(value.items())
    elif isinstance(value, list) and value:
        inner = iter(enumerate(value))
    else:
        yield path, value
        return
    for name, each in inner:
        yield from leaves(each, (*path, name))


def dotted(path: Path) -> str:
    """A path for people and for patterns: ``mean.pm25``."""
    return ".".join(map(str, path))


def _text(record: Mapping[str, Any]) -> str:
    """Tells any two records apart that differ anywhere, types of figures included."""
    return json.dumps(record, sort_keys=True)


def _count(value: object) -> int:
    """How many figures a record has: as many as it has leaves."""
    if isinstance(value, dict) and value:
        return sum(map(_count, value.values()))
    if isinstance(value, list) and value:
        return sum(map(_count, value))
    return 1


def _named(records: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[tuple[str, int], Mapping[str, Any]]:
    """Records by name and number; not by one text, or a name like that of a second one would take its place."""
    seen: Counter[str] = Counter()
    found = {}
    for record in records:
        name = ", ".join(str(record[key]) for key in keys if record.get(key) is not None) or "–"
        seen[name] += 1
        found[name, seen[name]] = record
    return found


def _called(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"


def _same(one: object, other: object) -> bool:
    # True and 1 are equal in Python and two things in a statement.
    return type(one) is type(other) and one == other


def _close(one: object, other: object, path: str, tolerance: Mapping[str, Tolerance]) -> bool:
    bounds = _bounds(path, tuple(tolerance.items()))
    a, b = _number(one), _number(other)
    return a is not None and b is not None and any(bound.holds(a, b) for bound in bounds)


@cache
def _bounds(path: str, tolerance: tuple[tuple[str, Tolerance], ...]) -> tuple[Tolerance, ...]:
    return tuple(bound for pattern, bound in tolerance if fnmatchcase(path, pattern))


def _number(value: object) -> Fraction | None:
    """A figure as a method writes it: a text such as 1e999999999 would take all memory to become a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not _FIGURE.fullmatch(str(value)):
        return None
    return Fraction(value)


def _shown(value: object) -> object:
    return None if value is _ABSENT else value
