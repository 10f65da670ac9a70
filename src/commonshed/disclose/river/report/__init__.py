"""The report of a river: graded, estimated, shared out, settled and drilled, as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from commonshed.disclose.report.words import Language
from commonshed.disclose.river.report.content import Content
from commonshed.disclose.river.report.gather import Question, gather
from commonshed.disclose.river.report.render import render
from commonshed.disclose.river.sheet import write_page

if TYPE_CHECKING:
    from commonshed.keep import Shed

__all__ = ["Content", "Question", "gather", "render", "write_river_report"]


def write_river_report(
    shed: Shed, question: Question, output: str | Path, *, languages: Iterable[Language] = ("en", "zh")
) -> Path:
    """Write the report of a river as one HTML file that opens without a network.

    Parameters
    ----------
    shed : Shed
    question : Question
    output : path
    languages : iterable of {"en", "zh"}
        The first is shown at first.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    RiverError, UnknownName, AgreementError, InputError, ShedError
        See `gather`; also when the output is a folder.
    """
    return write_page(render(gather(shed, question), languages=languages), output)
