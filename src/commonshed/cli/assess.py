"""``commonshed assess``: readings become grades, on a shed or straight on files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from commonshed.cli.assess_noise import noise
from commonshed.cli.assess_water import water, water_trend
from commonshed.cli.output import FormatOption, OutputOption, talk, write
from commonshed.cli.sources import FilesArgument, Where, opened
from commonshed.errors import InputError

if TYPE_CHECKING:
    from commonshed.assess.air import AirAssessment, Figure, HourPart, PeriodGrades

__all__ = ["Asked", "air", "app", "exceedances", "trend"]

app = App(name="assess", help="Grade readings by the legal standard, on a shed or on files.")
app.command(water)
app.command(water_trend)
app.command(noise)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Asked(Where):
    """What every assessment is asked for."""

    period: Annotated[str, Parameter(help="2016, 2016-Q1, 2016-03, 2016-03-05 or a span such as 2014..2016.")]
    by: Annotated[Literal["station", "jurisdiction", "group"], Parameter(help="Whose air: a record for each.")] = (
        "station"
    )
    unit_of_time: Annotated[
        Literal["hour", "day", "month", "quarter", "year", "rolling-year", "span"] | None,
        Parameter(help="What the period is split into; without it the period's own unit."),
    ] = None
    regime: Annotated[
        str | None, Parameter(help="Law to grade by, such as cn-2012; without it the one in force there and then.")
    ] = None
    level: Annotated[str | None, Parameter(help="Level of the limits, I or II in China.")] = None
    group: Annotated[
        tuple[str, ...], Parameter(negative=(), help="A group of stations: NAME=ID,ID. May be given several times.")
    ] = ()


@app.command
def air(
    *files: FilesArgument,
    asked: Asked,
    against: Annotated[str | None, Parameter(help="Set each result beside another regime, such as cn-2026.")] = None,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Grade air by hour, day, month, quarter, year or rolling year.

    Example: commonshed assess air --shed demo --period 2016 --by jurisdiction

    On files: commonshed assess air readings.parquet --stations stations.csv --mapping prsa --period 2016 --format json
    """
    from commonshed.assess.air import headline

    assessment = _assessed(files, asked, against)
    talk(headline(assessment))
    shown = _columns(assessment)
    write(assessment.records(), format=format, output=output, columns=list(shown), heads=shown)


@app.command
def exceedances(*files: FilesArgument, asked: Asked, format: FormatOption = None, output: OutputOption = None) -> None:
    """List every daily value above its limit, with the multiple and the clause.

    Example: commonshed assess exceedances --shed demo --period 2016-12 --by jurisdiction
    """
    from commonshed.assess.air import exceedances as found

    assessment = _assessed(files, asked, None)
    records = list(found(assessment))
    days = len({(record[asked.by], record["period"]) for record in records})
    talk(f"{assessment.period}: {len(records)} daily values above their limit, on {days} days of a {asked.by}.")
    shown = {asked.by: asked.by, "name.en": "name", "period": "day", "statistic": "what", "value": "value"}
    shown |= {"limit": "limit", "unit": "unit", "multiple": "multiple", "clause": "clause"}
    write(records, format=format, output=output, columns=list(shown), heads=shown)


@app.command
def trend(
    *files: FilesArgument,
    asked: Asked,
    indicative: Annotated[bool, Parameter(help="Also use units of time that are not complete.", negative=())] = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Test whether figures rise or fall over years, quarters or months.

    Example: commonshed assess trend --shed demo --period 2013..2016 --unit-of-time month --by jurisdiction
    """
    from commonshed.assess.air import trend_records

    assessment = _assessed(files, asked, None)
    records = list(trend_records(assessment, indicative=indicative))
    test = "spearman" if assessment.unit_of_time == "year" else "seasonal_kendall"
    significant = sum(bool(record[test]["significant"]) for record in records)
    talk(f"{assessment.period} by {assessment.unit_of_time}: {significant} of {len(records)} series have a trend.")
    shown = {asked.by: asked.by, "name.en": "name", "figure": "figure", "unit": "unit", "n": "n"}
    shown |= {"spearman.coefficient": "rs", "spearman.critical_value": "critical"} if test == "spearman" else {}
    shown |= {f"{test}.p_value": "p", f"{test}.direction": "trend", "slope.per_year": "slope per year"}
    shown |= {"slope.low": "from", "slope.high": "to"}
    write(records, format=format, output=output, columns=list(shown), heads=shown)


def _assessed(files: tuple[Path, ...], asked: Asked, against: str | None) -> AirAssessment:
    from commonshed.assess.air import air as assess

    assessment = assess(
        opened(files, asked),
        period=asked.period,
        by=asked.by,
        regime=asked.regime,
        unit_of_time=asked.unit_of_time,
        against=against,
        groups=_groups(asked.group),
        level=asked.level,
        as_of=asked.as_of,
    )
    for sentence in assessment.not_graded:
        talk(f"{sentence}.")
    return assessment


def _groups(texts: tuple[str, ...]) -> dict[str, list[str]]:
    groups = {}
    for text in texts:
        name, equals, stations = text.partition("=")
        if not equals or not name or not stations:
            raise InputError("a group cannot be read", field="--group", value=text, mend="Write NAME=STATION,STATION")
        groups[name.strip()] = [station.strip() for station in stations.split(",") if station.strip()]
    return groups


def _columns(assessment: AirAssessment) -> Mapping[str, str]:
    """What a table shows of a record, with its heads."""
    if assessment.hours:
        return _hour_columns(assessment.hours[0])
    part = assessment.parts[0]
    shown = {part.places.by: part.places.by, "name.en": "name", "period": "period"}
    if part.places.by == "station":
        del shown["name.en"]
    if assessment.unit_of_time == "day":
        shown |= {statistic.key: f"{statistic.key}\n{statistic.unit}" for statistic in part.days.statistics}
        if part.regime.index is not None:
            shown |= {"aqi": "AQI", "class": "class", "primary": "primary"}
        return shown | {"missing": "missing"}
    shown |= _figures(part.periods[0])
    if part.regime.index is not None:
        shown |= {"good_days": "good days", "valid_days": "of days"}
    if part.regime.assessment is not None and part.regime.assessment.composite is not None:
        shown |= {"composite_index": "composite", "rank": "rank"}
    if part.beside is not None:
        other = part.beside.regime.id
        shown |= {"against.converted.good_days": f"good days\n{other}"}
        shown |= {"against.converted.composite_index": f"composite\n{other}"}
    if part.periods[0].attained:
        shown["attained.overall"] = "attained"
    return shown | {"not_assessed": "not assessed"}


def _hour_columns(part: HourPart) -> Mapping[str, str]:
    shown = {part.places.by: part.places.by, "period": "hour"}
    shown |= {statistic.key: f"{statistic.key}\n{statistic.unit}" for statistic in part.regime.statistics("hour")}
    return shown | {"aqi": "AQI", "class": "class", "primary": "primary", "missing": "missing"}


def _figures(grades: PeriodGrades) -> dict[str, str]:
    """The figures the composite index is made of, which stand for their quantities; without one all of them."""
    from commonshed.assess.air.composite import term_key

    composite = grades.regime.assessment.composite if grades.regime.assessment else None
    judged = {term_key(term) for term in composite.terms} if composite else None
    figures = [figure for figure in grades.figures if judged is None or figure.key in judged]
    return {_column(figure): f"{figure.key}\n{figure.statistic.unit}" for figure in figures}


def _column(figure: Figure) -> str:
    return f"{'mean' if figure.p is None else 'percentile'}.{figure.key}"
