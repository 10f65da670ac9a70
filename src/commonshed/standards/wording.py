"""Rules of the law as short sentences, for tables that people read."""

from __future__ import annotations

from fractions import Fraction

from commonshed.standards.parts import Clause, written
from commonshed.standards.schema import Assessment, Completeness, CompositeTerm, Index, Statistic, Test
from commonshed.standards.vocabulary import name_of
from commonshed.units import quantities

__all__ = ["allowance", "how", "index_rules", "needs", "quantity_name", "what_is_asked"]


def allowance(allowed: int | None, years: int = 1) -> str | None:
    """How often a limit may be passed."""
    if allowed is None:
        return None
    return f"{allowed} times a year" + (f", mean of {years} years" if years > 1 else "")


def how(statistic: Statistic) -> str:
    """How a statistic is made from hours."""
    window = f"{statistic.window_hours} hours"
    match statistic.kind:
        case "mean":
            return "mean of the day"
        case "maximum":
            return "largest hour of the day"
        case "running-maximum":
            first, last = statistic.window_ends or (statistic.window_hours, 24)
            return f"largest mean of {window} ending {_hour(first)} to {_hour(last)}"
        case "hour":
            return "the hour"
        case "running":
            return f"mean of the {window} that end with the hour"
        case "nowcast":
            return f"mean of the last {window}, the newest weighing most"


def needs(statistic: Statistic) -> str:
    """How many hours and windows a statistic needs."""
    if statistic.kind == "hour":
        return "the hour"
    hours = statistic.window_hours if statistic.window_hours > 1 else 24
    needs = f"{statistic.min_hours} of {hours} hours"
    if statistic.min_recent is not None:
        needs = f"{statistic.min_recent[0]} of the newest {statistic.min_recent[1]} hours"
    if statistic.min_windows is not None:
        needs += f", {statistic.min_windows} windows"
    return needs + (" (or above the limit)" if statistic.fewer_windows_above else "")


def _hour(hour: int) -> str:
    return f"{hour:02d}:00" if hour <= 24 else f"{hour - 24:02d}:00 of the next day"


def index_rules(index: Index) -> list[tuple[str, str, str]]:
    """How sub-indices become an index: of what, the rule, its provenance."""
    missing = {
        "from-the-rest": "made from the rest",
        "from-the-rest-above-100": "made from the rest, and stated only when above 100",
        "all-needed": "not made",
    }
    made = [("daily report", index.daily), ("real-time report", index.realtime)]
    ends = f"from {index.minimum} " + ("without an upper end" if index.maximum is None else f"to {index.maximum}")
    return [
        ("index", f"the largest sub-index, {ends}", index.provenance),
        ("sub-index", f"rounded {name_of('roundings', index.rounding).en} to an integer", index.provenance),
        (
            "primary quantities",
            f"all with the largest sub-index, when it is above {index.primary_above}",
            index.provenance,
        ),
        ("good day", f"index up to {index.good_up_to}", index.provenance),
        ("index when a quantity is missing", missing[index.missing], index.missing_provenance),
        *(
            (report, ", ".join(f"{u.statistic} in {u.table}" for u in uses), index.provenance)
            for report, uses in made
            if uses
        ),
    ]


def what_is_asked(method: Assessment) -> list[tuple[str, str | None, str, Clause, str]]:
    """What a method asks of a year: of what, phase, what is asked, clause, provenance."""
    city, composite = method.city, method.composite
    place = (
        f"mean of the stations first, then the evaluation; {_percent(city.min_share)} of the assessed stations, "
        f"{_percent(city.few_share)} where there are fewer than {city.few_sites}"
    )
    asked = [
        (quantity_name(test.quantity), test.phase, _asked(test), test.clause, test.provenance) for test in method.tests
    ]
    completeness = method.completeness
    asked.append(("completeness", None, _days(completeness), completeness.clause, completeness.provenance))
    asked.append(("place", None, place, city.clause, city.share_provenance))
    if composite is not None:
        divided = f" (sum / {composite.divisor})" if composite.divisor != 1 else ""
        asked += [
            ("composite index", term.phase, _term(term) + divided, composite.clause, term.provenance)
            for term in composite.terms
        ]
    return asked


def _asked(test: Test) -> str:
    average = name_of("averages", test.limit).en
    limit = f"within the limit of the {average}"
    match test.kind:
        case "mean":
            return f"mean of {test.statistic} {limit}"
        case "percentile":
            return f"percentile {test.p} of {test.statistic} {limit}"
        case "count":
            unit = "hours" if test.time == "hour" else "days"
            return f"no more than {test.allowed} {unit} of {test.statistic} above the {average}"
        case "season":
            return f"mean of {test.statistic} over its highest six months {limit}"


def _days(completeness: Completeness) -> str:
    said = []
    if completeness.year_days is not None:
        said.append(f"{completeness.year_days} days a year")
    if completeness.year_share is not None:
        said.append(f"{_percent(completeness.year_share)} of the days")
    if completeness.month_days is not None:
        said.append(f"{completeness.month_days} days a month ({completeness.february_days} in February)")
    return " and ".join(said) + (", every month" if completeness.every_month else "")


def _term(term: CompositeTerm) -> str:
    figure = f"percentile {term.p}" if term.kind == "percentile" else term.kind
    weight = f"{term.weight} × " if term.weight != 1 else ""
    return f"{weight}{figure} of {term.statistic} / {written(term.standard)} {term.unit}"


def _percent(share: Fraction) -> str:
    return f"{written(share * 100)} %"


def quantity_name(key: str) -> str:
    """The name of a quantity that people read."""
    return quantities()[key].name_en
