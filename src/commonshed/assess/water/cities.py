"""The index cities are ranked by for their water: how far each quantity is from its standard, summed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from commonshed.assess.logarithms import Enclosure, round_enclosed
from commonshed.assess.water.means import Plain, Value, mean_of
from commonshed.assess.water.scale import Scale
from commonshed.assess.water.sections import SectionGrade
from commonshed.assess.water.values import body_of
from commonshed.exact import decimal_text
from commonshed.standards.water import CityIndex

__all__ = ["CityGrade", "city_index", "ranks_of"]


@dataclass(frozen=True)
class CityGrade:
    """The index of a city.

    Attributes
    ----------
    index : Fraction or None
        As published; None without a section that counts.
    text : str or None
    rivers, lakes : int
        Sections of rivers and points of lakes in it.
    terms : dict of str to str
        What each quantity adds, as published; they are rounded one by one and need not sum to the index.
    missing : tuple of str
        Quantities of the index that no section has.
    """

    index: Fraction | None
    text: str | None
    rivers: int
    lakes: int
    terms: dict[str, str]
    missing: tuple[str, ...]


def city_index(law: CityIndex, grades: Sequence[SectionGrade]) -> CityGrade:
    """The index of the sections of a city that are assessed.

    Notes
    -----
    CWQI_i = C_i / S_i with C_i the mean over the sections; S_i / C_i where more is better; for pH the distance from
    neutral over that of the limit on its side. Rivers and lakes are summed apart, then weighed by their numbers. The
    means go in unrounded; the index is rounded once.

    References
    ----------
    CWQI-2017, Technical provisions for ranking the surface-water quality of cities (on trial).
    """
    counted = [held for held in grades if held.valid]
    bodies = {body: [held for held in counted if body_of(held.section) == body] for body in ("river", "lake")}
    parts = [(len(held), *_means(law, held)) for held in bodies.values() if held]
    assessed = counted[0].scale.method.assessed if counted else ()
    present = [key for key in assessed if any(key in means for _, _, means in parts)]
    sizes = {body: len(held) for body, held in bodies.items()}
    missing = tuple(key for key in assessed if key not in present)
    if not present:
        return CityGrade(None, None, sizes["river"], sizes["lake"], {}, missing)

    def enclose(keys: Sequence[str], digits: int) -> Enclosure:
        low = high = Fraction(0)
        for key in keys:
            # Where only the rivers or only the lakes have a quantity, their mean stands for the city.
            having = [(number, scale, means[key]) for number, scale, means in parts if key in means]
            among = sum(number for number, _, _ in having)
            for number, scale, mean in having:
                least, most = _term(law, scale, key, mean, digits)
                low, high = low + least * number / among, high + most * number / among
        return low, high

    def text(keys: Sequence[str]) -> tuple[Fraction, str]:
        count = round_enclosed(lambda digits: enclose(keys, digits), law.decimals)
        return Fraction(count, 10**law.decimals), decimal_text(count, law.decimals)

    index, said = text(present)
    return CityGrade(index, said, sizes["river"], sizes["lake"], {key: text([key])[1] for key in present}, missing)


def ranks_of(cities: Sequence[CityGrade]) -> list[tuple[int | None, int | None]]:
    """Rank of each city and among how many, the smallest index first; equal ones share a rank.

    Cities whose index lacks quantities the others have are not comparable: only those that have the same quantities as
    most cities are ranked.
    """
    kinds = Counter(city.missing for city in cities if city.index is not None)
    if not kinds:
        return [(None, None)] * len(cities)
    usual = max(kinds, key=lambda missing: (kinds[missing], -len(missing)))
    held = [city.index for city in cities if city.index is not None and city.missing == usual]
    return [
        (1 + sum(other < city.index for other in held), len(held))
        if city.index is not None and city.missing == usual
        else (None, None)
        for city in cities
    ]


def _means(law: CityIndex, grades: Sequence[SectionGrade]) -> tuple[Scale, dict[str, Value]]:
    scale = grades[0].scale
    keys = [key for key in scale.assessed if any(key in held.values for held in grades)]
    means = {key: mean_of([held.values[key].value for held in grades if key in held.values]) for key in keys}
    # What more is better of cannot be divided by nought: the index does without it, and says so.
    return scale, {key: mean for key, mean in means.items() if key not in law.inverse or mean.enclose(1)[0] > 0}


def _term(law: CityIndex, scale: Scale, quantity: str, value: Value, digits: int) -> Enclosure:
    low, high = scale.bounds_of(quantity).lowest(law.level), scale.bounds_of(quantity).highest(law.level)
    ends = value.enclose(digits)
    if low is not None and high is not None:
        distances = [_distance(end, low, high, law.neutral_ph) for end in ends]
        return min(distances), max(distances)
    if quantity in law.inverse:
        assert low is not None
        assert isinstance(value, Plain)
        return low / value.exact, low / value.exact
    assert high is not None  # a limit has one side at least
    return ends[0] / high, ends[1] / high


def _distance(ph: Fraction, low: Fraction, high: Fraction, neutral: Fraction) -> Fraction:
    return (neutral - ph) / (neutral - low) if ph <= neutral else (ph - neutral) / (high - neutral)
