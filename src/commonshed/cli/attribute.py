"""``commonshed attribute``: grades become shares — what passes a section, and whose it is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from commonshed.cli.output import FormatOption, OutputOption, Record, is_table, talk, write
from commonshed.cli.sources import FilesArgument, Where, opened

if TYPE_CHECKING:
    from commonshed.attribute.river import ShareAssessment

__all__ = ["app", "loads", "shares"]

app = App(name="attribute", help="Say what passes each section of a river, and whose it is.")


@app.command
def loads(
    *files: FilesArgument,
    where: Where = Where(),  # noqa: B008 - frozen
    period: Annotated[str, Parameter(help="2016, 2016-Q1, 2016-03 or a span such as 2014..2016.")],
    quantity: Annotated[str, Parameter(help="A concentration in water, such as tp or no3n.")],
    section: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Only this section. May be given several times.")
    ] = (),
    method: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Only this method. May be given several times.")
    ] = (),
    by: Annotated[Literal["section"], Parameter(help="What a record is of.")] = "section",
    draws: Annotated[int, Parameter(help="Size of the bootstrap that the intervals are from.")] = 1000,
    seed: Annotated[int, Parameter(help="The same seed gives the same intervals.")] = 0,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Estimate the load that passed each section, by several methods side by side, with 90 % intervals.

    Example: commonshed attribute loads --shed demo --period 2016 --quantity tp --by section
    """
    from commonshed.attribute.river import METHODS
    from commonshed.attribute.river import loads as estimated

    found = estimated(
        opened(files, where),
        quantity=quantity,
        period=period,
        sections=section or None,
        methods=method or METHODS,
        draws=draws,
        seed=seed,
        as_of=where.as_of,
    )
    sections = dict.fromkeys(load.section for load in found.loads)
    talk(f"{found.period}, {found.quantity}: {len(sections)} section{'' if len(sections) == 1 else 's'}.")
    records = list(found.records())
    _tell_of_bias(sum(_beyond(record, "tonnes") for record in records), "`median` is the estimate without it")
    shown = {by: by, "name.en": "name", "method": "method", "tonnes": "t", "low": "from", "high": "to"}
    shown |= {
        "median": "median",
        "volume": "10^6 m3",
        "mean_concentration": "mg/L",
        "samples": "samples",
        "flow_days": "days of flow",
    }
    write(records, format=format, output=output, columns=list(shown), heads=shown)


@app.command
def shares(
    *files: FilesArgument,
    where: Where = Where(),  # noqa: B008 - frozen
    period: Annotated[str, Parameter(help="2016, 2016-Q1, 2016-03 or a span such as 2014..2016.")],
    quantity: Annotated[str, Parameter(help="A concentration in water, such as tp or no3n.")],
    section: Annotated[
        tuple[str, ...], Parameter(negative=(), help="Whose load is shared out. May be given several times.")
    ] = (),
    by: Annotated[
        Literal["jurisdiction", "source", "sector", "reach"], Parameter(help="Among whom the load is shared out.")
    ] = "jurisdiction",
    among: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="Count what lies in parts of this jurisdiction as its own. May be repeated."),
    ] = (),
    gains: Annotated[
        Literal["unexplained", "section", "length"],
        Parameter(
            help="Whose the gain of a stretch is that several jurisdictions hold: nobody's, that of the one that "
            "answers for its section, or all of theirs by length of river."
        ),
    ] = "unexplained",
    sources: Annotated[Path | None, Parameter(help="CSV of declared sources: works, farms, towns.")] = None,
    decay: Annotated[float, Parameter(help="Rate of loss in flowing water. [1/d]")] = 0.0,
    uptake: Annotated[float, Parameter(help="Velocity at which the bed takes it up. [m/d]")] = 0.0,
    settling: Annotated[float, Parameter(help="Apparent settling velocity in lakes. [m/a]")] = 0.0,
    lake: Annotated[Literal["plug", "mixed"], Parameter(help="How water goes through a lake.")] = "plug",
    spread: Annotated[float, Parameter(help="How unsure these losses are: 0.3 is about 30 %.")] = 0.0,
    method: Annotated[
        str | None, Parameter(help="Estimate of the loads to rest on; without it the most exact that answers.")
    ] = None,
    draws: Annotated[int, Parameter(help="Size of the bootstrap that the intervals are from.")] = 1000,
    seed: Annotated[int, Parameter(help="The same seed gives the same intervals.")] = 0,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Share out the load of a section among those upstream of it, with what nobody explains.

    Example: commonshed attribute shares --shed demo --period 2016 --quantity tp --section TC16 --by jurisdiction
    """
    from commonshed.attribute.river import Decay, read_sources
    from commonshed.attribute.river import shares as shared_out

    source = opened(files, where)
    found = shared_out(
        source,
        quantity=quantity,
        period=period,
        sections=section or None,
        by=by,
        among=among or None,
        gains=gains,
        decay=Decay(rate=decay, uptake=uptake, settling=settling, lake=lake, spread=spread),
        declared=() if sources is None else read_sources(sources, source.network(where.as_of)),
        method=method,
        draws=draws,
        seed=seed,
        as_of=where.as_of,
    )
    _tell_of(found)
    shown = {"section": "section", "of": by, "of_name.en": "name", "share": "share", "low": "from", "high": "to"}
    shown |= {
        "at_most": "at most",
        "known": "known by",
        "contribution.tonnes": "t",
        "if_removed.tonnes": "if removed, t",
    }
    records = list(found.records())
    _tell_of_bias(sum(_beyond(record, "share") for record in records), "`median` of attribute loads is without it")
    if is_table(format, output):
        records.sort(key=_largest_first)
    write(records, format=format, output=output, columns=list(shown), heads=shown)


def _largest_first(record: Record) -> tuple[str, bool, Decimal]:
    share = record["share"]
    return str(record["section"]), record["of"] == "unexplained", -Decimal(str(share or 0))


def _beyond(record: Record, figure: str) -> bool:
    """Whether a figure lies beyond its own interval."""
    value, low, high = (record[name] for name in (figure, "low", "high"))
    if value is None or low is None or high is None:
        return False
    return not Decimal(str(low)) <= Decimal(str(value)) <= Decimal(str(high))


def _tell_of_bias(count: int, where: str) -> None:
    if count:
        lie = "1 figure lies beyond its" if count == 1 else f"{count} figures lie beyond their"
        talk(f"{lie} interval, which allows for what is known of a method's bias: {where}.")


def _tell_of(found: ShareAssessment) -> None:
    """What holds for all records, once; each carries it too."""
    for note in found.notes:
        talk(note)
