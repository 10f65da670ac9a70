"""``commonshed assess noise``: sound levels become days and nights, zones kept, grades, on a shed or on files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from commonshed.cli.output import FormatOption, OutputOption, is_table, talk, tell_notes, write
from commonshed.cli.sources import FilesArgument, Where, opened

if TYPE_CHECKING:
    from commonshed.assess.noise import NoiseAssessment

__all__ = ["AskedOfNoise", "noise"]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AskedOfNoise(Where):
    """What an assessment of noise is asked for."""

    period: Annotated[str, Parameter(help="2016, 2016-Q1, 2016-03, 2016-03-05 or a span such as 2014..2016.")]
    by: Annotated[
        Literal["station", "jurisdiction"], Parameter(help="A record for each point, or for each survey of a place.")
    ] = "station"
    unit_of_time: Annotated[
        Literal["day", "month", "quarter", "year"] | None,
        Parameter(help="What the period is split into; without it one unit."),
    ] = None
    regime: Annotated[
        str | None, Parameter(help="Law to grade by, such as cn-noise; without it the one in force there and then.")
    ] = None
    station: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Only this point. May be given several times.")
    ] = ()


def noise(*files: FilesArgument, asked: AskedOfNoise, format: FormatOption = None, output: OutputOption = None) -> None:
    """Grade noise by day and night: points against the limit of their zone, areas and roads by their surveys.

    Example: commonshed assess noise --shed my-shed --period 2024-03 --by jurisdiction

    On files: commonshed assess noise levels.csv --stations points.csv --mapping long --period 2024-03 --format json
    """
    assessment = _assessed(files, asked)
    records = list(assessment.records())
    for sentence in assessment.not_graded:
        talk(f"{sentence}.")
    valid = sum(bool(record["valid"]) for record in records)
    what = "surveys" if asked.by == "jurisdiction" else "points"
    talk(f"{assessment.period}: {valid} of {len(records)} {what} are assessed.")
    if is_table(format, output):
        tell_notes(records, asked.by)
    shown = _columns(asked.by, records)
    write(records, format=format, output=output, columns=list(shown), heads=shown)


def _assessed(files: tuple[Path, ...], asked: AskedOfNoise) -> NoiseAssessment:
    from commonshed.assess.noise import noise as assess

    return assess(
        opened(files, asked),
        period=asked.period,
        by=asked.by,
        regime=asked.regime,
        unit_of_time=asked.unit_of_time,
        stations=asked.station or None,
        as_of=asked.as_of,
    )


def _columns(by: str, records: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    parts = [part for part in ("day", "evening", "night") if any(part in record for record in records)]
    if by == "jurisdiction":
        shown = {"jurisdiction": "jurisdiction", "name.en": "name", "period": "period", "survey": "survey"}
        shown |= {"points": "points"}
        for part in parts:
            shown |= {f"{part}.level": f"{part}\ndB(A)", f"{part}.grade": f"{part}\ngrade"}
            shown |= {f"{part}.share_met": f"{part}\nmet, %"}
        return shown
    shown = {"station": "station", "period": "period", "zone": "zone", "survey": "survey"}
    for part in parts:
        shown |= {f"{part}.level": f"{part}\ndB(A)", f"{part}.limit": f"{part}\nlimit", f"{part}.met": f"{part}\nmet"}
        shown |= {f"{part}.share_met": f"{part}s\nmet, %"}
    return shown | {"night.peak": "peak at night\ndB(A)", "why_not": "not assessed"}
