"""``commonshed assess water``: samples become classes, grades and ranks, on a shed or straight on files."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from commonshed.cli.output import FormatOption, OutputOption, Record, flatten, is_table, talk, tell_notes, write
from commonshed.cli.sources import FilesArgument, Where, opened

if TYPE_CHECKING:
    from commonshed.assess.water import WaterAssessment

__all__ = ["AskedOfTrend", "AskedOfWater", "water", "water_trend"]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AskedOfWater(Where):
    """What every assessment of water is asked for."""

    period: Annotated[str, Parameter(help="2016, 2016-Q1, 2016-03, 2016-03-05 or a span such as 2014..2016.")]
    by: Annotated[
        Literal["section", "river", "basin", "jurisdiction"], Parameter(help="Whose water: a record for each.")
    ] = "section"
    unit_of_time: Annotated[
        Literal["day", "month", "quarter", "year", "rolling-year", "span"] | None,
        Parameter(help="What the period is split into; without it the period's own unit."),
    ] = None
    regime: Annotated[
        str | None, Parameter(help="Law to grade by, such as cn-surface; without it the one in force there and then.")
    ] = None
    section: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Only this section. May be given several times.")
    ] = ()


def water(*files: FilesArgument, asked: AskedOfWater, format: FormatOption = None, output: OutputOption = None) -> None:
    """Grade water by section, river, basin or jurisdiction, over days, months, quarters or years.

    Example: commonshed assess water --shed demo --period 2016 --by river --regime cn-surface

    On files: commonshed assess water readings.csv --stations sections.csv --mapping long --period 2016-03 --format json
    """
    assessment = _assessed(files, asked)
    for sentence in assessment.not_graded:
        talk(f"{sentence}.")
    talk(_headline(assessment))
    if is_table(format, output):
        tell_notes(assessment.records(), assessment.by)
    shown = _columns(assessment)
    write(assessment.records(), format=format, output=output, columns=list(shown), heads=shown)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AskedOfTrend(Where):
    """What a trend is asked for."""

    period: Annotated[str, Parameter(help="At least two years, such as 2009..2017.")]
    quantity: Annotated[tuple[str, ...], Parameter(negative=(), help="Only this quantity, such as tp.")] = ()
    section: Annotated[tuple[str, ...], Parameter(negative=(), help="Only this section.")] = ()


def water_trend(
    *files: FilesArgument, asked: AskedOfTrend, format: FormatOption = None, output: OutputOption = None
) -> None:
    """Test whether concentrations rise or fall over years, month by month, plain and without what the flow explains.

    Example: commonshed assess water-trend --shed demo --period 2010..2016 --quantity tp
    """
    from commonshed.assess.water import water_trends

    records = list(
        water_trends(
            opened(files, asked),
            period=asked.period,
            quantities=asked.quantity or None,
            sections=asked.section or None,
            as_of=asked.as_of,
        )
    )
    significant = sum(bool(record["seasonal_kendall"]["significant"]) for record in records)
    talk(f"{asked.period} by month: {significant} of {len(records)} series have a trend.")
    shown = {"section": "section", "name.en": "name", "quantity": "quantity", "n": "months", "median": "median"}
    shown |= {"unit": "unit", "seasonal_kendall.direction": "trend", "slope.percent_per_year": "% per year"}
    shown |= {"seasonal_kendall.p_value": "p", "flow_adjusted.seasonal_kendall.direction": "without flow"}
    shown |= {"flow_adjusted.slope.percent_per_year": "% per year", "flow_adjusted.seasonal_kendall.p_value": "p"}
    told = [_to_one_decimal(record) for record in records] if is_table(format, output) else records
    write(told, format=format, output=output, columns=list(shown), heads=shown)


def _to_one_decimal(record: Record) -> Record:
    """With its slopes as people read them; the other formats keep all digits."""
    shown = flatten(record)
    for name in ("slope.percent_per_year", "flow_adjusted.slope.percent_per_year"):
        if shown.get(name) is not None:
            shown[name] = f"{Decimal(str(shown[name])):.1f}"
    return shown


def _assessed(files: tuple[Path, ...], asked: AskedOfWater) -> WaterAssessment:
    from commonshed.assess.water import water as assess

    return assess(
        opened(files, asked),
        period=asked.period,
        by=asked.by,
        regime=asked.regime,
        unit_of_time=asked.unit_of_time,
        sections=asked.section or None,
        as_of=asked.as_of,
    )


def _headline(assessment: WaterAssessment) -> str:
    """How the last unit of time was, in one sentence."""
    from commonshed.assess.water.rivers import counted

    part = assessment.parts[-1]
    found = counted(part.sections)
    worst = part.sections[0].scale.method.worse
    said = f"{part.period}, {part.regime.id}: {len(found.sections)} of {len(part.sections)} sections assessed"
    if not found.sections:
        return f"{said}."
    good = f"{found.percent(found.excellent)} % good or better, " if found.excellent is not None else ""
    return f"{said}; {good}{found.percent(found.inferior)} % {worst}."


def _columns(assessment: WaterAssessment) -> dict[str, str]:
    """What a table shows of a record, with its heads."""
    if assessment.by == "section":
        shown = {"section": "section", "name.en": "name", "period": "period", "class": "class", "target": "target"}
        shown |= {"deciding": "deciding", "main_pollutants": "main pollutants"}
        shown |= {"quantities": "quantities", "quantities_of": "of"}
        grades = [grade for part in assessment.parts for grade in part.sections]
        if any(grade.trophic for grade in grades):
            shown |= {"tli": "TLI", "trophic_state.en": "trophic state"}
        return shown if all(grade.valid for grade in grades) else shown | {"why_not": "why not"}
    shown = {assessment.by: assessment.by, "period": "period"}
    if assessment.by == "jurisdiction":
        shown = {"jurisdiction": "jurisdiction", "name.en": "name", "period": "period"}
    shown |= {"sections": "sections", "excellent_rate": "good or better\n%", "inferior_rate": "worst class\n%"}
    if assessment.by == "jurisdiction":
        return shown | {"cwqi": "CWQI", "rank": "rank", "rank_of": "of", "targets_met": "targets met", "targets": "of"}
    return shown | {"grade.en": "grade", "class": "class", "main_pollutants": "main pollutants"}
