"""Methods for water and noise laid out in rows for people: each rule a short sentence, with its clause and how sure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from commonshed.standards.noise import NoiseMethod
from commonshed.standards.parts import Clause, Text, written
from commonshed.standards.schema import Edition
from commonshed.standards.vocabulary import name_of
from commonshed.standards.water import BasinRow, BasinRule, CityIndex, TrophicIndex, WaterMethod, WaterValue
from commonshed.standards.wording import quantity_name

__all__ = ["grade_rows", "method_rows"]

Row = dict[str, str | int | None]
Said = tuple[str, str, Clause, str]
"""Of what, the rule, its clause, its provenance."""

_BELOW = {"half": "half its limit", "zero": "nought", "limit": "its limit"}
_UNITS_OF_TIME = {"month": "a month", "quarter": "a quarter", "year": "a year"}


def method_rows(editions: Sequence[Edition]) -> list[Row]:
    """How samples or sound levels become classes, indices and shares: one row a rule."""
    return [
        {
            "of": of,
            "rule": rule,
            "clause": f"{clause.document or held.id}, {clause.en}",
            "how sure": name_of("statuses", held.provenance[key].status).en,
        }
        for held in editions
        for of, rule, clause, key in _rules(held)
    ]


def grade_rows(editions: Sequence[Edition]) -> list[Row]:
    """What a class, state or grade is called, and its colour."""
    return [
        {
            "of": of,
            "class": grade,
            "name": name.en,
            "name_zh": name.zh,
            "colour": colour,
            "how sure": name_of("statuses", held.provenance[key].status).en,
        }
        for held in editions
        for of, grade, name, colour, key in _grades(held)
    ]


def _rules(held: Edition) -> Iterator[Said]:
    if held.water is not None:
        yield from _water(held.water)
    if held.trophic is not None:
        yield from _trophic(held.trophic)
    if held.city_index is not None:
        yield from _city(held.city_index)
    if held.noise_day is not None:
        for part in held.noise_day.day_parts:
            said = f"{part.first_hour:02d}:00 to {part.last_hour:02d}:00"
            yield part.key, said, part.clause, part.provenance
        if held.noise_day.night_peak is not None:
            peak = held.noise_day.night_peak
            said = f"a sudden noise passes the limit by {written(peak.above)} dB at most"
            yield "peak at night", said, peak.clause, peak.provenance
    if held.noise is not None:
        yield from _noise(held.noise)


def _water(method: WaterMethod) -> Iterator[Said]:
    assessed = ", ".join(method.assessed)
    yield "class", f"the worst of any one of {len(method.assessed)}: {assessed}", method.clause, method.provenance
    for value in method.values:
        yield "value", _value(value), method.clause, value.provenance
    below = f"a value below detection counts as {_BELOW[method.below_detection]} in means"
    yield "below detection", below, method.clause, method.below_detection_provenance
    for key, decimals in _by_decimals(method.decimals).items():
        yield "decimals", f"{key}: {', '.join(decimals)}", method.clause, method.decimals_provenance
    rounding = f"rounded {name_of('roundings', method.rounding).en}"
    kept = "; what would become nought keeps one digit" if method.keep_one_digit else ""
    yield "rounding", rounding + kept, method.clause, method.decimals_provenance
    if method.single_samples == "unrounded":
        said = "a single sample is held against the limits as it was measured"
        yield "comparison", said, method.clause, method.compared_provenance or method.decimals_provenance
    if method.compared_unrounded:
        said = f"{', '.join(method.compared_unrounded)}: held against the limits before it is rounded"
        yield "comparison", said, method.clause, method.compared_provenance or method.decimals_provenance
    for need in method.needs:
        said = _counted(need.samples, "sample") if need.samples else f"a sample in {need.months} of its months"
        yield f"{_UNITS_OF_TIME[need.unit_of_time]} needs", said, need.clause, need.provenance
    if method.main_pollutants is not None:
        main = method.main_pollutants
        said = f"the first {main.most} worse than {main.worse_than}, {', '.join(main.first)} before all others"
        yield "main pollutants", said, main.clause, main.provenance
    if method.basin is not None:
        yield from _basin(method.basin)


def _value(value: WaterValue) -> str:
    said = {
        "mean": "mean of the samples",
        "hydrogen-mean": "mean of the hydrogen ions",
        "percentile": f"percentile {value.p} of the samples",
        "rank": f"the sample of rank {value.p} % of their number, rounded up",
    }[value.kind]
    of = ", ".join(value.quantities) or "all others"
    return f"{of}: {said}, held against the {name_of('averages', value.of).en}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _by_decimals(decimals: dict[str, int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, count in decimals.items():
        found.setdefault(count, []).append(key)
    return dict(sorted(found.items()))


def _basin(basin: BasinRule) -> Iterator[Said]:
    few = f"with fewer than {basin.min_sections} sections the values are averaged over them and graded like one"
    yield "river or basin", few, basin.clause, basin.provenance
    good = f"{basin.good[0]} to {basin.good[-1]}"
    for row in basin.rows:
        yield "river or basin", f"{row.name.en}: {_shares(row, good)}", basin.clause, row.provenance


def _shares(row: BasinRow, good: str) -> str:
    said = [
        *_between(f"share of {good}", row.good_at_least, row.good_below),
        *_between("share of the worst class", row.worse_at_least, row.worse_below),
    ]
    return " and ".join(said)


def _between(what: str, low: Fraction | None, high: Fraction | None) -> Iterator[str]:
    if low is not None and high is not None:
        yield f"{what} at least {written(low)} % and below {written(high)} %"
    elif low is not None:
        yield f"{what} at least {written(low)} %"
    elif high is not None:
        yield f"{what} below {written(high)} %"


def _trophic(index: TrophicIndex) -> Iterator[Said]:
    total = sum((term.r2 for term in index.terms), Fraction(0))
    for term in index.terms:
        share = f"weight {written(term.r2)} / {written(total)}"
        said = f"{quantity_name(term.quantity)}: 10 ({written(term.a)} + {written(term.b)} ln c), {term.unit}, {share}"
        yield "trophic index", said, index.clause, term.provenance
    yield "trophic index", _counted(index.decimals, "decimal"), index.clause, index.decimals_provenance


def _city(index: CityIndex) -> Iterator[Said]:
    inverse = ", ".join(quantity_name(key) for key in index.inverse)
    said = f"sum of C / S over the assessed quantities, S the limits of {index.level}; {inverse}: S / C"
    yield "index of cities", said, index.clause, index.provenance
    ph = f"pH: distance from {written(index.neutral_ph)} over the distance of the limit on that side"
    yield "index of cities", ph, index.clause, index.provenance
    weighed = "rivers and lakes weighed by how many sections each has"
    yield "index of cities", weighed, index.clause, index.weighting_provenance
    yield (
        "index of cities",
        f"{_counted(index.decimals, 'decimal')}; smaller is better",
        index.clause,
        index.decimals_provenance,
    )


def _noise(method: NoiseMethod) -> Iterator[Said]:
    for survey in method.surveys:
        said = {
            "arithmetic": "arithmetic mean over the points",
            "road-length": "mean over the roads, weighed by their lengths",
            "share-met": "share of the points' days and nights that meet the limit of their zone",
        }[survey.mean]
        yield survey.survey, said, survey.clause, survey.mean_provenance
        for part, hours in survey.min_hours.items():
            yield survey.survey, f"needs {hours} hours of the {part}", survey.clause, str(survey.min_hours_provenance)
    rounding = f"{_counted(method.decimals, 'decimal')}, {name_of('roundings', method.rounding).en}"
    yield "level", rounding, method.clause, method.decimals_provenance


def _grades(held: Edition) -> Iterator[tuple[str, str, Text, str | None, str]]:
    if held.water is not None:
        for each in held.water.classes:
            yield "section", ", ".join(each.levels), each.name, each.colour, each.provenance
        for row in held.water.basin.rows if held.water.basin else ():
            yield "river or basin", "", row.name, row.colour, row.provenance
    if held.trophic is not None:
        for state in held.trophic.levels:
            yield "lake", _up_to(state.up_to, inclusive=state.inclusive), state.name, None, state.provenance
    for survey in held.noise.surveys if held.noise else ():
        for grade in survey.grades:
            yield survey.survey, f"{grade.level}: {_noise_bounds(grade.up_to)}", grade.name, None, grade.provenance


def _up_to(bound: Fraction | None, *, inclusive: bool) -> str:
    if bound is None:
        return "above"
    return f"{'up to' if inclusive else 'below'} {written(bound)}"


def _noise_bounds(up_to: dict[str, Fraction]) -> str:
    said = ", ".join(f"{part} up to {written(bound)}" for part, bound in up_to.items())
    return said or "above"
