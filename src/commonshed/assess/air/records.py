"""What an assessment says, as records: the form documented in ``docs/formats/assessment-records.md``.

Exact numbers are text or integers, never binary floats. A record of a day or of a period names its law, and when it
is not assessed, the clause that makes it so. Records are made one at a time, so that a big result never stands in
memory as Python objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from commonshed.assess.air.attainment import NO, UNKNOWN, YES
from commonshed.assess.air.completeness import Shortfall, shortfall
from commonshed.assess.air.days import NONE, DayGrades
from commonshed.assess.air.periods import Figure, PeriodGrades
from commonshed.assess.air.ranking import UNRANKED
from commonshed.assess.air.whose import Place
from commonshed.exact import decimal_text, divide, round_fraction
from commonshed.periods import Period
from commonshed.standards.schema import Assessment

if TYPE_CHECKING:
    from commonshed.standards import Regime

__all__ = ["Law", "Ranking", "Record", "day_grades", "day_records", "period_grade", "period_records", "ranked"]

Record = dict[str, Any]
_ALWAYS = ("pm25", "pm10", "so2", "no2", "co", "o3_8h", "o3_1h")
"""Daily values every record of a day names, whether its law makes them or not."""
_VERDICTS = {NO: False, UNKNOWN: None, YES: True}


@dataclass(frozen=True, eq=False)
class Ranking:
    """Ranks of the places of a period, and how many were ranked; the same one year before where that is at hand."""

    now: NDArray[np.int32]
    of: NDArray[np.int64]
    before: NDArray[np.int32] | None = None
    of_before: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Law:
    """What a record says of its law; whether it was in force is looked up once per period and place."""

    regime: Regime
    _known: dict[tuple[Period, str], bool] = field(default_factory=dict, compare=False)

    def fields(self, period: Period, place: str) -> Record:
        """``regime``, ``editions`` and ``in_force``."""
        return {
            "regime": self.regime.id,
            "editions": list(self.regime.edition_ids),
            "in_force": self.in_force(period, place),
        }

    def on_days_of(self, period: Period, place: str) -> Callable[[Period], bool]:
        """Whether the regime governed a place on a day of a period, for asking often."""
        throughout = self.in_force(period, place)
        return lambda day: throughout or self.in_force(day, place)

    def in_force(self, period: Period, place: str) -> bool:
        """Whether the regime governed a place on every day of a period."""
        key = (period, place)
        if key not in self._known:
            self._known[key] = self.regime.in_force(period, place)
        return self._known[key]


def day_records(
    days: DayGrades, period: Period, places: Sequence[Place], *, notes: Sequence[str] = (), law: Law | None = None
) -> Iterator[Record]:
    """Records of the days of a period, place by place.

    Parameters
    ----------
    days : DayGrades
    period : Period
        Within the graded days; days outside are left out.
    places : sequence of Place
        In the order of ``days.places``.
    notes : sequence of str
        Sentences that go into every record.
    """
    law = law or Law(days.regime)
    columns = days.columns(period)
    graded = days.period if columns.stop == columns.start else _span(days, columns)
    names = [(day.isoformat(), Period(day, day)) for day in graded.each_day()]
    for row, place in enumerate(places):
        in_force, said = law.on_days_of(graded, place.law), law.fields(graded, place.law)
        for (name, day), grade in zip(names, _day_grades_of(days, row, columns), strict=False):
            fields = {**place.identity(), "period": name, **said, "in_force": in_force(day)}
            yield {**fields, **grade, "notes": list(notes)}


def _span(days: DayGrades, columns: slice) -> Period:
    first = days.first_day + timedelta(days=columns.start)
    return Period(first, first + timedelta(days=columns.stop - columns.start - 1))


def day_grades(days: DayGrades, period: Period) -> Iterator[Record]:
    """The grade parts of the records of `day_records`: what the law says, without whose and which."""
    for row in range(len(days.places)):
        yield from _day_grades_of(days, row, days.columns(period))


def _day_grades_of(days: DayGrades, row: int, columns: slice) -> Iterator[Record]:
    index = days.regime.index
    values = {s.key: days.values[s.key][row, columns].tolist() for s in days.statistics}
    hours = {s.key: days.hours[s.key][row, columns].tolist() for s in days.statistics}
    uses = [use.statistic for use in index.daily] if index else []
    sub_indices = {key: days.sub_indices[key][row, columns].tolist() for key in uses}
    aqi, level, primary = (array[row, columns].tolist() for array in (days.aqi, days.level, days.primary))
    clauses = {s.key: days.regime.clause(s) for s in days.statistics}
    needed = [s for s in days.statistics if not uses or s.key in uses]
    for i in range(columns.stop - columns.start):
        missing = [s for s in needed if values[s.key][i] == NONE]
        counted = {s.key: _counted(days, s.key, row, hours[s.key][i]) for s in missing}
        valid = aqi[i] != NONE if index else not missing
        yield {
            "valid": valid,
            "why_not": None if valid else _day_sentence(counted, clauses),
            **dict.fromkeys(_ALWAYS),
            **{s.key: _text(values[s.key][i], s.decimals) for s in days.statistics},
            "sub_indices": {key: _or_none(sub_indices[key][i]) for key in uses},
            "aqi": _or_none(aqi[i]),
            "class": level[i] or None,
            "primary": days.primary_quantities(primary[i]),
            "missing": [s.key for s in missing],
            "completeness": counted,
        }


def _counted(days: DayGrades, key: str, row: int, count: int) -> Record:
    """What was counted towards a daily value that is missing, and what was needed."""
    statistic = next(s for s in days.statistics if s.key == key)
    if days.of == "place":
        return {"of": "stations", "valid": count, "needed": _sites_needed(days, row)}
    if statistic.kind == "running-maximum" and statistic.min_windows is not None:
        return {"of": "windows", "valid": count, "needed": statistic.min_windows}
    return {"of": "hours", "valid": count, "needed": statistic.min_hours}


def _sites_needed(days: DayGrades, row: int) -> int | None:
    method = days.regime.assessment
    if method is None:
        return None
    sites = days.sites[row]
    share = method.city.few_share if sites < method.city.few_sites else method.city.min_share
    return -int(-share * sites // 1)


def _day_sentence(counted: Mapping[str, Record], clauses: Mapping[str, str]) -> str:
    parts = [f"{key} has {c['valid']} of {c['needed']} {c['of']} ({clauses[key]})" for key, c in counted.items()]
    return f"no index: {'; '.join(parts)}" if parts else "no index"


def period_records(
    grades: PeriodGrades,
    places: Sequence[Place],
    *,
    before: PeriodGrades | None = None,
    ranking: Ranking | None = None,
    incomparable: frozenset[str] = frozenset(),
    notes: Sequence[str] = (),
    law: Law | None = None,
) -> Iterator[Record]:
    """Records of one period, place by place.

    Parameters
    ----------
    grades : PeriodGrades
    places : sequence of Place
        In the order of ``grades.places``.
    before : PeriodGrades, optional
        The same places one year before, for the changes.
    ranking : Ranking, optional
    incomparable : set of str
        Quantities whose change from the year before means nothing (another reference state).
    notes : sequence of str
        Sentences that go into every record.
    """
    law = law or Law(grades.regime)
    for row, place in enumerate(places):
        yield {
            **place.identity(),
            "period": str(grades.period),
            **law.fields(grades.period, place.law),
            **period_grade(grades, row),
            **ranked(ranking, row),
            "year_on_year": _changes(grades, before, row, incomparable) if before is not None else {},
            "notes": list(notes),
        }


def period_grade(grades: PeriodGrades, row: int) -> Record:
    """The grade part of one period's record: what the law says, without whose, which, and in comparison with whom."""
    method = _method(grades)
    short = _shortfalls(grades, row)
    why = [f"{key} not assessed: {found.why_not}" for key, found in short.items() if found.why_not]
    if not method.tests:
        why = [f"{grades.regime.id} as we hold it judges days, not longer periods"]
    figures = {figure.key: _text(int(grades.values[figure.key][row]), figure.decimals) for figure in grades.figures}
    published = {
        figure.key: figures[figure.key] if bool(grades.complete[figure.statistic.key][row]) else None
        for figure in grades.figures
    }
    composite = _composite_text(grades, row)
    graded, good = int(grades.graded_days[row]), int(grades.good_days[row])
    return {
        "valid": not why,
        "why_not": ". ".join(why) or None,
        "not_assessed": [key for key, found in short.items() if not found.valid],
        "mean": _part(grades.figures, published, mean=True),
        "percentile": _part(grades.figures, published, mean=False),
        "composite_index": composite if bool(grades.composite_complete[row]) else None,
        "days_by_class": {str(level): int(days) for level, days in enumerate(grades.by_level[row].tolist()) if level},
        "good_days": good,
        "valid_days": graded,
        "good_day_rate": _rate(good, graded, method.rate_decimals),
        "days_by_primary": {key: int(days[row]) for key, days in grades.by_primary.items()},
        "exceedance_days": {key: int(days[row]) for key, days in grades.exceedances.items()},
        "attained": {key: _VERDICTS[int(verdicts[row])] for key, verdicts in grades.attained.items()},
        "completeness": {key: _completeness(found) for key, found in short.items()},
        "indicative": {}
        if not why
        else {
            "mean": _part(grades.figures, figures, mean=True),
            "percentile": _part(grades.figures, figures, mean=False),
            "composite_index": composite,
        },
    }


def _method(grades: PeriodGrades) -> Assessment:
    method = grades.regime.assessment
    assert method is not None  # what has no method for periods never becomes PeriodGrades
    return method


def _part(figures: Sequence[Figure], texts: Mapping[str, str | None], *, mean: bool) -> Record:
    return {figure.key: texts[figure.key] for figure in figures if (figure.p is None) is mean}


def _shortfalls(grades: PeriodGrades, row: int) -> dict[str, Shortfall]:
    """By quantity of the method: the least complete of the statistics it is tested by."""
    found: dict[str, Shortfall] = {}
    for test in _method(grades).tests:
        key = test.statistic if test.time == "day" else test.quantity
        if key not in grades.valid_days:
            continue
        by_month = grades.by_month[key][row].tolist()
        one = shortfall(int(grades.valid_days[key][row]), by_month, grades.months, grades.needed)
        if test.quantity not in found or one.valid_days < found[test.quantity].valid_days:
            found[test.quantity] = one
    return found


def _completeness(found: Shortfall) -> Record:
    return {
        "valid_days": found.valid_days,
        "needed": found.needed,
        "months_short": [month for month, _, _ in found.months_short],
        "valid": found.valid,
        "why_not": found.why_not,
    }


def _composite_text(grades: PeriodGrades, row: int) -> str | None:
    composite = _method(grades).composite
    return None if composite is None else _text(int(grades.composite[row]), composite.decimals)


def _rate(good: int, graded: int, decimals: int) -> str | None:
    return decimal_text(divide(100 * good * 10**decimals, graded), decimals) if graded else None


def ranked(ranking: Ranking | None, row: int) -> Record:
    """``rank``, of how many, and its change from the year before: negative is better."""
    now, of = (None, None) if ranking is None else _rank(ranking.now, ranking.of, row)
    before, of_before = (None, None) if ranking is None else _rank(ranking.before, ranking.of_before, row)
    change = None if now is None or before is None else now - before
    return {"rank": now, "rank_of": of, "rank_before": before, "rank_of_before": of_before, "rank_change": change}


def _rank(found: NDArray[np.int32] | None, of: NDArray[np.int64] | None, row: int) -> tuple[int | None, int | None]:
    if found is None or of is None or found[row] == UNRANKED:
        return None, None
    return int(found[row]), int(of[row])


def _changes(grades: PeriodGrades, before: PeriodGrades, row: int, incomparable: frozenset[str]) -> Record:
    """Change from one year before in percent of it, of figures that are assessed in both."""
    method = _method(grades)
    changes: Record = {}
    for figure in grades.figures:
        same = figure.statistic.quantity not in incomparable
        now, then = int(grades.published(figure.key)[row]), int(before.published(figure.key)[row])
        changes[figure.key] = _percent(now, then, method.rate_decimals) if same else None
    now, then = int(grades.published_composite()[row]), int(before.published_composite()[row])
    changes["composite_index"] = None if incomparable else _percent(now, then, method.rate_decimals)
    both = int(grades.graded_days[row]) and int(before.graded_days[row])
    changes["good_days"] = int(grades.good_days[row]) - int(before.good_days[row]) if both else None
    return changes


def _percent(now: int, then: int, decimals: int) -> str | None:
    if now == NONE or then in (NONE, 0):
        return None
    return decimal_text(round_fraction(Fraction(100 * (now - then), then), decimals), decimals)


def _text(count: int, decimals: int) -> str | None:
    return None if count == NONE else decimal_text(count, decimals)


def _or_none(value: int) -> int | None:
    return None if value == NONE else value
