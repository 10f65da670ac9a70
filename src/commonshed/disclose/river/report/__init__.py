"""The report of a river: graded, estimated, shared out, settled and drilled, as one self-contained page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from commonshed.disclose.page import write_page
from commonshed.disclose.river.plan import write_plan
from commonshed.disclose.river.report.content import Content
from commonshed.disclose.river.report.gather import Question, gather
from commonshed.disclose.river.report.render import render
from commonshed.disclose.words import Language

if TYPE_CHECKING:
    from commonshed.keep import Shed

__all__ = ["Content", "Question", "gather", "render", "write_river_report"]


def write_river_report(
    shed: Shed, question: Question, output: str | Path, *, languages: Sequence[Language] = ("en", "zh")
) -> Path:
    """Write the report of a river as one HTML file that opens without a network, and the plan of its drill beside it.

    Parameters
    ----------
    shed : Shed
    question : Question
    output : path
    languages : sequence of {"en", "zh"}
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
    page = Path(output)
    plan = None if question.scenario is None else page.with_name(f"{page.stem}-plan.html")
    content = gather(shed, question, plan=None if plan is None else plan.name)
    if content.response is not None and plan is not None:
        write_plan(content.response, plan, languages=languages)
    return write_page(render(content, languages=languages), page)
