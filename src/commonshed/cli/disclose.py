"""``commonshed report`` and ``report-river``: one page that anyone can open, read and check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from commonshed.cli.output import file_to_write, talk

__all__ = ["report", "report_river"]


def report(
    *,
    shed: Annotated[Path, Parameter(help="Folder of the shed.")],
    period: str,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], validator=file_to_write)] = None,
    language: Literal["en", "zh", "both"] = "both",
    place: str | None = None,
    against: str | None = None,
) -> None:
    """Write one self-contained HTML page of what was assessed.

    The page holds all its data and opens without a network. Its reader switches between languages and between the law
    of the time and the one in force last.

    Example: commonshed report --shed demo/beijing --period 2014..2016 --output beijing.html

    Parameters
    ----------
    period
        Whole years: 2016 or 2014..2016.
    output
        File of the report; without it report-PERIOD.html in this folder.
    language
        Languages of the page: en, zh, or both.
    place
        Code of the city; without it the one that holds all others.
    against
        The regime the page can be switched to; without it the one in force there last.
    """
    from commonshed.disclose.report import write_report
    from commonshed.keep import Shed
    from commonshed.periods import Period

    span = Period.parse(period)
    page = output or Path(f"report-{span}.html")
    languages: list[Literal["en", "zh"]] = ["en", "zh"] if language == "both" else [language]
    written = write_report(Shed.open(shed), span, page, languages=languages, place=place, against=against)
    print(written)
    talk(f"{written} ({written.stat().st_size / 1e6:.1f} MB): open it in a browser, it needs no network")


def report_river(
    *,
    shed: Annotated[Path, Parameter(help="Folder of the shed.")],
    year: int,
    mouth: str,
    regime: Annotated[tuple[str, ...], Parameter(negative=())] = ("cn-surface",),
    quantity: Annotated[tuple[str, ...], Parameter(negative=())] = ("tp",),
    agreement: str | None = None,
    scenario: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], validator=file_to_write)] = None,
    language: Literal["en", "zh", "both"] = "both",
) -> None:
    """Write one self-contained HTML page about a river: classes, loads, shares, a bill, a spill drill.

    Example: commonshed report-river --shed demo/thames --year 2015 --mouth TC16 --agreement thames-example

    Parameters
    ----------
    year
        The year shown; classes and trends run from the shed's first year to its last.
    mouth
        Section whose load is shared out.
    regime
        Law to grade by, such as cn-surface; given twice, the page shows both, the first first.
    quantity
        Whose loads and shares are shown; may be given several times. The first one's trends are shown.
    agreement
        Id or file of an agreement to settle; without it the page has no bill.
    scenario
        File of a spill; without it the page has no drill. Its plan is written beside the page.
    output
        File of the report; without it river-YEAR.html in this folder.
    language
        Languages of the page: en, zh, or both.
    """
    from commonshed.disclose.river.report import Question, write_river_report
    from commonshed.keep import Shed

    page = output or Path(f"river-{year}.html")
    question = Question(
        year=year, mouth=mouth, regimes=regime, quantities=quantity, agreement=agreement, scenario=scenario
    )
    languages: list[Literal["en", "zh"]] = ["en", "zh"] if language == "both" else [language]
    written = write_river_report(Shed.open(shed), question, page, languages=languages)
    print(written)
    talk(f"{written} ({written.stat().st_size / 1e6:.1f} MB): open it in a browser, it needs no network")
