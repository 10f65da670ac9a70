"""Lay content out as one HTML file: templates, one block of style, one small script, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from commonshed.disclose.page import csv_link, environment, hides, page, style
from commonshed.disclose.report import tables
from commonshed.disclose.report.chapters import QUANTITIES, UNITS, Story
from commonshed.disclose.report.content import Content, Law
from commonshed.disclose.tokens import ink_on
from commonshed.disclose.words import Language, Words, month_text
from commonshed.errors import MissingExtra

try:
    import jinja2
    from markupsafe import Markup
except ImportError:
    raise MissingExtra("plot", "writing a report") from None

__all__ = ["render"]

Over = Literal["law year", "law", "year"]


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
    words = Words(languages)
    laid = _Page(content, words)
    values = {
        "period_text": _period(content),
        "bar_label": words.both("ui.bar").get(words.languages[0]),
        "lead_label": words.both("ui.lead").get(words.languages[0]),
    }
    title = words.both("ui.title", city=content.city.name, period=_period(content))
    dress = style(words, rules=_rules(content))
    return page(laid.template("page.html"), words, title=title, style=dress, values=laid.names | values)


class _Page:
    def __init__(self, content: Content, words: Words) -> None:
        self.content = content
        self.story = Story(content, words)
        self.names: dict[str, Any] = {
            "c": content,
            "story": self.story,
            "say": words.say,
            "show": words.show,
            "switch": self.switch,
            "legend": self.legend,
            "csv": self.csv,
            "quantities": QUANTITIES,
            "units": UNITS,
            "ink_on": ink_on,
            "month_text": month_text,
            "grouped": lambda number: f"{number:,}",
        }

    def template(self, name: str) -> jinja2.Template:
        return environment(Path(__file__).parent / "templates").get_template(name)

    def piece(self, name: str, law: Law, year: int) -> Markup:
        values = {"law": law, "year": year, "g": self.content.of(law, year)}
        return Markup(self.template(name).render(self.names | values).strip())

    def legend(self, law: Law, year: int, g: object) -> Markup:
        return Markup(self.template("legend.html").render(self.names | {"law": law, "year": year, "g": g}))

    def switch(self, name: str, *, over: Over = "law year", tag: str = "div") -> Markup:
        """A piece under every law and year; what is the same stands once, the style sheet shows what is chosen."""
        laws = self.content.laws if "law" in over else self.content.laws[:1]
        years = self.content.years if "year" in over else (self.content.first_shown,)
        found: dict[str, dict[int, list[int]]] = {}
        for year in years:
            for position, law in enumerate(laws):
                html = self.piece(f"{name}.html", law, year)
                found.setdefault(html, {}).setdefault(year, []).append(position)
        parts = [
            _wrapped(
                Markup(html), tag, year if len(years) > 1 else None, positions if len(positions) < len(laws) else None
            )
            for html, by_year in found.items()
            for year, positions in by_year.items()
        ]
        if len(found) == 1 and all(len(p) == len(laws) for p in next(iter(found.values())).values()):
            return Markup(next(iter(found)))
        return Markup("").join(parts)

    def csv(self, figure: str) -> str:
        """The numbers of a figure as a link that holds them."""
        return csv_link(tables.table(self.story, figure))


def _wrapped(html: Markup, tag: str, year: int | None, laws: list[int] | None) -> Markup:
    """A piece with the settings under which it shows; none: under every one."""
    attributes = Markup("") if year is None else Markup(' data-year="{}"').format(year)
    if laws is not None:
        attributes += Markup(' data-law="{}"').format(" ".join(map(str, laws)))
    return Markup("<{}{}>{}</{}>").format(Markup(tag), attributes, html, Markup(tag))


def _rules(content: Content) -> list[str]:
    """One rule for each setting of the switches."""
    return [
        *(hides(f"law-{i}", f'[data-law]:not([data-law~="{i}"])') for i in range(len(content.laws))),
        *(hides(f"year-{year}", f'[data-year]:not([data-year="{year}"])') for year in content.years),
    ]


def _period(content: Content) -> str:
    first, last = content.years[0], content.years[-1]
    return str(first) if first == last else f"{first}–{last}"
