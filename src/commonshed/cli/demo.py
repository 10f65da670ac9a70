"""``commonshed demo``: from shipped readings to a page, with a summary that says what was found."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from commonshed.cli.output import file_to_write
from commonshed.errors import UnknownName

__all__ = ["DEMOS", "demo"]

DEMOS = ("beijing", "thames")
"""Each is a module of `commonshed.cli.demos` with a function ``show``."""


def demo(
    *,
    place: str = "beijing",
    shed: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], validator=file_to_write)] = None,
) -> None:
    """Show a whole pass of the loop on real readings that come with the package.

    beijing: makes a shed of twelve stations, assesses every year from 2013 to 2017 under the law of its time and under
    today's, and writes one HTML page.

    thames: makes a shed of 23 river sections, grades their water, estimates loads of phosphorus and nitrogen, says who
    upstream brought them, settles an example agreement, follows a drill spill down the river, and writes one HTML page
    with the bill.

    Running it again changes nothing and is quicker.

    Example: commonshed demo --place thames --output thames.html

    Parameters
    ----------
    place
        What to show: beijing or thames.
    shed
        Folder of the shed; without it demo/PLACE.
    output
        File of the report; without it PLACE.html beside the shed.
    """
    if place not in DEMOS:
        raise UnknownName("demo", place, DEMOS)
    import_module(f"commonshed.cli.demos.{place}").show(shed or Path("demo") / place, output)
