"""What an administrative division code (GB/T 2260) says by itself: who is above whom.

The six digits are province, prefecture, county. A county of a municipality under the central government (and a county
that its province governs directly, whose middle digits are 90) has no prefecture above it that answers for its air.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib import resources

from commonshed.places.network import Jurisdiction

__all__ = ["ancestors", "is_adcode", "parent", "province"]

_MUNICIPALITIES = {"11", "12", "31", "50"}
_ADCODE = re.compile(r"[1-8]\d{5}\Z")


def is_adcode(code: str) -> bool:
    """Whether the text has the form of an administrative division code."""
    return _ADCODE.match(code) is not None


def parent(code: str) -> str | None:
    """The jurisdiction directly above, by the digits alone; none above a province.

    >>> parent("110105"), parent("230102"), parent("230100"), parent("429004"), parent("230000")
    ('110000', '230100', '230000', '420000', None)
    """
    if not is_adcode(code) or code.endswith("0000"):
        return None
    directly_governed = code[:2] in _MUNICIPALITIES or code[2:4] == "90"
    if code.endswith("00") or directly_governed:
        return f"{code[:2]}0000"
    return f"{code[:4]}00"


def ancestors(code: str) -> list[str]:
    """Everything above, nearest first, by the digits alone."""
    chain: list[str] = []
    above = parent(code)
    while above is not None:
        chain.append(above)
        above = parent(above)
    return chain


def province(code: str) -> Jurisdiction | None:
    """The province-level division of that code, with its names; none if there is no such code."""
    return _provinces().get(code)


@cache
def _provinces() -> dict[str, Jurisdiction]:
    text = resources.files("commonshed.places").joinpath("provinces.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: Jurisdiction(row["code"], name_en=row["name_en"], name_zh=row["name_zh"]) for row in rows}
