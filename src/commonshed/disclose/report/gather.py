"""Ask the assessment everything a report says, once, and put it as plain content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from commonshed import __version__
from commonshed.assess.air import air
from commonshed.disclose.report.answers import AS_MEASURED, CONVERTED, OWN, Answers
from commonshed.disclose.report.beside import bulletin_lines, comparisons, hour_labels
from commonshed.disclose.report.content import Basis, City, Content, Graded, Law, Mark
from commonshed.disclose.report.laws import law_of
from commonshed.disclose.report.nothing import why_nothing
from commonshed.disclose.words import Both
from commonshed.errors import InputError, PeriodError, ShedError, UnknownName
from commonshed.periods import Period
from commonshed.standards import Regime, regime, regime_for

if TYPE_CHECKING:
    from commonshed.assess.air import AirAssessment
    from commonshed.keep import Shed
    from commonshed.places import Jurisdiction, Network, Station

__all__ = ["gather"]


def gather(shed: Shed, period: Period | str, *, place: str | None = None, against: str | None = None) -> Content:
    """Assess the years of a period in every way the report shows.

    Parameters
    ----------
    shed : Shed
    period : Period or str
        One or more whole years.
    place : str, optional
        Code of the city; without it the one that holds all others.
    against : str, optional
        The regime of the switch; without it the one in force there last.

    Raises
    ------
    PeriodError
        The period is not made of whole years.
    InputError
        The shed holds several cities and none is named.
    ShedError
        No day of the city can be graded in that period; says by which rule, and what to ask instead.
    NotCovered
        No law we hold governs the place.
    """
    span = _whole_years(Period.parse(period) if isinstance(period, str) else period)
    years = tuple(range(span.first.year, span.last.year + 1))
    network = shed.network()
    code = _city(network, place)
    governing = regime_for(span.last, code)
    other = regime(against) if against else regime_for(date.max, code)
    asked = _Asked(shed, span, governing, None if other.id == governing.id else other)
    laws = _laws(asked, span)
    city = _place(network, code)
    answers = Answers(asked.air, city)
    graded = {(law.key, year): answers.graded(treatment, year) for treatment, law in laws.items() for year in years}
    if not any(found.city["valid_days"] for found in graded.values()):
        raise ShedError(f"{shed.path}: {why_nothing(graded.values(), asked.regime_of(OWN, span.last), city, span)}")
    told, lines = bulletin_lines(code, city, {year: graded[laws[OWN].key, year] for year in years})
    compared, dates = comparisons(code, city, {law.key: asked.regime_of(t, span.last) for t, law in laws.items()})
    own = laws[OWN].key
    return Content(
        period=str(span),
        years=years,
        first_shown=_first_shown({year: graded[own, year] for year in years}),
        city=city,
        laws=tuple(laws.values()),
        graded=graded,
        bulletin=lines,
        bulletin_sources=told.sources if told else (),
        comparisons=compared,
        comparison_span=dates,
        hour_labels=hour_labels(shed, code),
        basis=_basis(shed, network),
    )


class _Asked:
    def __init__(self, shed: Shed, span: Period, governing: Regime, other: Regime | None) -> None:
        self.shed, self.span, self.governing, self.other = shed, span, governing, other

    def air(self, by: Literal["station", "jurisdiction"]) -> AirAssessment:
        return air(self.shed, period=self.span, by=by, unit_of_time="year", regime=self.governing, against=self.other)

    def regime_of(self, treatment: str, day: date) -> Regime:
        found = self.governing if treatment == OWN or self.other is None else self.other
        return found.at(day)


def _laws(asked: _Asked, span: Period) -> dict[str, Law]:
    own, other, day = asked.governing, asked.other, span.last
    laws = {OWN: law_of(own, day, key=own.id, converted=None)}
    if other is None:
        return laws
    if not _states_differ(own, other, day):
        return laws | {AS_MEASURED: law_of(other, day, key=other.id, converted=None)}
    return laws | {
        CONVERTED: law_of(other, day, key=f"{other.id}-converted", converted=True),
        AS_MEASURED: law_of(other, day, key=f"{other.id}-as-measured", converted=False),
    }


def _states_differ(own: Regime, other: Regime, day: date) -> bool:
    return own.reference_state("gas", day) != other.reference_state("gas", day)


def _whole_years(span: Period) -> Period:
    if (span.first.month, span.first.day, span.last.month, span.last.day) != (1, 1, 12, 31):
        raise PeriodError("a report covers whole years", value=str(span), mend="Write 2016 or 2014..2016")
    return span


def _city(network: Network, asked: str | None) -> str:
    holding = {
        code for station in network.stations.values() if station.jurisdiction is not None and station.role == "assessed"
        for code in (station.jurisdiction, *network.ancestors(station.jurisdiction))[:2]
    }  # fmt: skip
    if asked is not None:
        if asked not in holding:
            raise UnknownName("place with an assessed station", asked, holding)
        return asked
    tops = sorted(code for code in holding if network.jurisdiction(code).parent not in holding)
    if not tops:
        raise InputError("no assessed station lies in a jurisdiction, so there is no place to report on")
    if len(tops) > 1:
        raise InputError("the shed holds several cities", value=", ".join(tops), mend=f"Name one: --place {tops[0]}")
    return tops[0]


def _place(network: Network, code: str) -> City:
    below = network.children(code)
    stations = [s for s in network.stations.values() if s.jurisdiction is not None and _within(network, s, code)]
    outlines = {c: network.polygons[c] for c in (below or [code]) if c in network.polygons}
    return City(
        code=code,
        name=_name(network.jurisdiction(code)),
        districts={c: _name(network.jurisdiction(c)) for c in below},
        outlines=outlines,
        labels={
            c: (j.label_lon, j.label_lat)
            for c in below
            if (j := network.jurisdiction(c)).label_lon is not None and j.label_lat is not None
        },
        stations=tuple(Mark(s.id, _name(s), s.lon, s.lat, s.jurisdiction or "", s.role) for s in stations),
        zone=str(network.zone),
    )


def _within(network: Network, station: Station, code: str) -> bool:
    own = station.jurisdiction
    return own is not None and code in (own, *network.ancestors(own))


def _name(place: Jurisdiction | Station) -> Both:
    fallback: str = getattr(place, "code", "") or getattr(place, "id", "")
    zh = place.name_zh.removesuffix("市") if place.name_zh.endswith("市") and len(place.name_zh) > 2 else place.name_zh
    return Both(place.name_en or place.name_zh or fallback, zh or place.name_en or fallback)


def _first_shown(graded: Mapping[int, Graded]) -> int:
    """The last year the headline can speak of; without one, the last."""
    assessed = [year for year, g in graded.items() if g.city["completeness"]["pm25"]["valid"]]
    return max(assessed or graded)


def _basis(shed: Shed, network: Network) -> Basis:
    found = shed.status()
    flags: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for told, count in found.flags.items():
        flag, _, reason = told.partition(": ")
        flags[flag] = flags.get(flag, 0) + count
        if reason:
            reasons[reason] = reasons.get(reason, 0) + count
    return Basis(
        shed=found.name, size=found.size, zone=str(found.zone), network_digest=network.digest, rows=found.readings,
        flags=flags, reasons=reasons, version=__version__, written=f"{datetime.now(UTC):%Y-%m-%d}",
    )  # fmt: skip
