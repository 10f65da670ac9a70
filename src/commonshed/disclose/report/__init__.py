"""The report a newspaper would print: one self-contained page about the air of one place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from commonshed.disclose.page import write_page
from commonshed.disclose.report.content import Content
from commonshed.disclose.report.gather import gather
from commonshed.disclose.report.render import render
from commonshed.disclose.words import Language
from commonshed.periods import Period

if TYPE_CHECKING:
    from commonshed.keep import Shed

__all__ = ["Content", "gather", "render", "write_report"]


def write_report(
    shed: Shed,
    period: Period | str,
    output: str | Path,
    *,
    languages: Iterable[Language] = ("en", "zh"),
    place: str | None = None,
    against: str | None = None,
) -> Path:
    """Write the report of one or more years as one HTML file that opens without a network.

    Parameters
    ----------
    shed : Shed
    period : Period or str
        Whole years: ``2016`` or ``2014..2016``.
    output : path
    languages : iterable of {"en", "zh"}
        The first is shown at first.
    place : str, optional
        Code of the city; without it the one that holds all others.
    against : str, optional
        The regime the page can be switched to; without it the one in force there last.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    PeriodError, InputError, ShedError, NotCovered
        See `gather`; also when the output is a folder.
    """
    return write_page(render(gather(shed, period, place=place, against=against), languages=languages), output)
