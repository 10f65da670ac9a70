"""``commonshed report``: one page that anyone can open, read and check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from commonshed.cli.output import file_to_write, talk

__all__ = ["report"]


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
