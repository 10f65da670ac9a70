"""Which jurisdictions a place lies in, from its code alone: the law of each of them may govern it.

Codes are Chinese adcodes (GB/T 2260, six digits: province, prefecture, county), ISO 3166 codes of countries (``DE``)
and of their parts (``US-CA``), or the name of a union (``EU``).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

__all__ = ["known_to_laws", "lineage"]

_ADCODE = re.compile(r"(\d{2})(\d{2})(\d{2})")
_COUNTRY = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?")


def lineage(place: str) -> tuple[str, ...]:
    """The place and all it lies in, nearest first.

    >>> lineage("110105"), lineage("DE")
    (('110105', '110100', '110000', 'CN'), ('DE', 'EU'))

    A code of no known form stands alone.

    References
    ----------
    GB/T 2260, Codes for the administrative divisions of the People's Republic of China.
    """
    if adcode := _ADCODE.fullmatch(place):
        province, prefecture, _ = adcode.groups()
        return tuple(dict.fromkeys((place, f"{province}{prefecture}00", f"{province}0000", "CN")))
    if country := _COUNTRY.fullmatch(place):
        union = _unions().get(country[1])
        return tuple(dict.fromkeys((place, country[1], *([union] if union else []))))
    return (place,)


def known_to_laws(place: str) -> bool:
    """Whether a code has a form that tells which laws may govern it: an adcode, a country or a part of one.

    >>> known_to_laws("230102"), known_to_laws("GB-ENG"), known_to_laws("kennet")
    (True, True, False)
    """
    return bool(_ADCODE.fullmatch(place) or _COUNTRY.fullmatch(place))


@cache
def _unions() -> dict[str, str]:
    text = resources.files("commonshed.standards").joinpath("unions.toml").read_text("utf-8")
    return {member: union for union, entry in tomllib.loads(text).items() for member in entry["members"]}
