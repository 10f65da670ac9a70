"""Why there is no report of a city: no readings, or a rule that stopped it, and what can be asked instead."""

from __future__ import annotations

from collections.abc import Collection

from commonshed.disclose.report.content import City, Graded, Record
from commonshed.periods import Period
from commonshed.standards import Regime

__all__ = ["why_nothing"]


def why_nothing(graded: Collection[Graded], regime: Regime, city: City, span: Period) -> str:
    """Why no day of a city can be graded.

    Parameters
    ----------
    graded : collection of Graded
        The years of the report, none of which has a valid day of the city.
    regime : Regime
        The law of the time.
    city : City
    span : Period
    """
    stations = _most_days([record for found in graded for record in found.stations])
    if stations is None:
        return (
            f"no day of {span} can be graded, so there is nothing to report. See what is in it: commonshed shed status"
        )
    return (
        f"no day of {span} can be graded for {city.name.en}, so there is no report of it: {_rule(graded, regime)}. "
        f"Its stations can be graded ({stations['station']} on {stations['valid_days']} days of "
        f"{stations['period']}): {_instead(graded, span)}"
    )


def _rule(graded: Collection[Graded], regime: Regime) -> str:
    counted = [
        count
        for found in graded
        for day in found.days
        for count in day["completeness"].values()
        if count["of"] == "stations" and count["needed"] is not None
    ]
    if regime.assessment is None or not counted:
        return "no day has the values its law asks for"
    rule = regime.assessment.city
    best = max(counted, key=lambda count: int(count["valid"]))
    share = f"{rule.min_share * 100} %, and {rule.few_share * 100} % of fewer than {rule.few_sites}"
    return (
        f"{best['needed']} of its assessed stations need a valid value ({share}: {regime.clause(rule, 'en')}), "
        f"and of a quantity that is missing at most {best['valid']} had one on any day"
    )


def _instead(graded: Collection[Graded], span: Period) -> str:
    asked = f"commonshed assess air --shed … --period {span} --by station"
    district = _most_days([record for found in graded for record in found.districts])
    if district is None:
        return f"ask for them with {asked}"
    return f"ask for them with {asked}, or for a district with commonshed report --place {district['jurisdiction']}"


def _most_days(records: Collection[Record]) -> Record | None:
    """The record with the most valid days; none where no record has any."""
    best = max(records, key=lambda record: int(record["valid_days"]), default=None)
    return best if best is not None and best["valid_days"] else None
