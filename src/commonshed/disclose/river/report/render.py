"""Lay the report of a river out as one page."""

from __future__ import annotations

from collections.abc import Iterable

from commonshed.disclose.drawing import names_of
from commonshed.disclose.river.planned import Plan
from commonshed.disclose.river.report.bill import billed
from commonshed.disclose.river.report.classes import grid_of, map_of
from commonshed.disclose.river.report.content import Content
from commonshed.disclose.river.report.lead import headline, standfirst, tiles
from commonshed.disclose.river.report.transport import loads_of, shares_of, symbol
from commonshed.disclose.river.report.trends import trends_of
from commonshed.disclose.river.sheet import sheet
from commonshed.disclose.river.wording import words as river_words
from commonshed.disclose.tokens import ink_on
from commonshed.disclose.words import Language, Words

__all__ = ["PACKAGE", "render"]

PACKAGE = "commonshed.disclose.river.report"


def render(content: Content, *, languages: Iterable[Language] = ("en", "zh")) -> str:
    """Write a report as one self-contained HTML page.

    Parameters
    ----------
    content : Content
    languages : iterable of {"en", "zh"}
        The first is shown at first; the reader switches.

    Returns
    -------
    str
        HTML that fetches nothing.
    """
    words = Words(languages, PACKAGE)
    shared = {
        quantity: found
        for quantity in content.shares
        if (found := shares_of(content, words, quantity, names=names_of(f"shares-{quantity}"))) is not None
    }
    first = next(iter(shared.values()), None)
    bill = billed(content, words)
    title = words.both("ui.title", river=content.river, year=content.year)
    values = {
        "c": content,
        "headline": headline(content, words),
        "standfirst": standfirst(content, words, first, bill),
        "tiles": tiles(content, words, shared, bill),
        "grids": [grid_of(content, words, law) for law in content.laws],
        "map": map_of(content, words, content.laws[0], names=names_of("map")),
        "loads": {
            quantity: loads_of(content, words, quantity, content.stem, names=names_of(f"loads-{quantity}"))
            for quantity in content.loads
        },
        "shared": shared,
        "trends": trends_of(content, words),
        "bill": bill,
        "symbol": symbol,
        "mouth": content.name(content.mouth),
        "ink_on": ink_on,
        "grouped": lambda number: f"{number:,}",
        "drill": None if content.response is None else Plan(content.response, river_words(words.languages)),
        "river_say": river_words(words.languages).say,
    }
    return sheet("report.html", words, title=title, values=values)
