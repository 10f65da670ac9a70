"""The plan a duty officer prints: who is called by when, what can still be done, when it is where."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from commonshed.attribute.river.response import Response
from commonshed.disclose.page import write_page
from commonshed.disclose.river.planned import Plan
from commonshed.disclose.river.sheet import sheet
from commonshed.disclose.river.wording import said, words
from commonshed.disclose.words import Language

__all__ = ["render_plan", "write_plan"]


def render_plan(response: Response, *, languages: Iterable[Language] = ("en", "zh")) -> str:
    """Write a plan as one self-contained HTML page.

    Parameters
    ----------
    response : Response
    languages : iterable of {"en", "zh"}
        The first is shown at first; the reader switches, and prints the one that is chosen.
    """
    spoken = words(languages)
    plan = Plan(response, spoken)
    stamp = said(f"plan.margin_{plan.kind}")
    margin = " · ".join(dict.fromkeys(stamp.get(language) for language in spoken.languages))
    title = said("plan.title", name=plan.name)
    return sheet("plan.html", spoken, title=title, values={"p": plan}, margin=margin)


def write_plan(response: Response, output: str | Path, *, languages: Iterable[Language] = ("en", "zh")) -> Path:
    """Write a plan as one HTML file that opens without a network and prints on A4.

    Parameters
    ----------
    response : Response
    output : path
    languages : iterable of {"en", "zh"}

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        The output is a folder.
    """
    return write_page(render_plan(response, languages=languages), output)
