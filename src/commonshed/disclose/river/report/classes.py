"""Classes of the sections over the years, as a grid and on the schematic of the river."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from commonshed.disclose.river.pictures import Drawn, Stop, lay_out, schematic
from commonshed.disclose.river.report.content import Content, Law, Record
from commonshed.disclose.tokens import ink_on
from commonshed.disclose.words import Both, Words
from commonshed.units import quantity

__all__ = ["Cell", "Grid", "Line", "decided", "grid_of", "in_order", "map_of", "named_quantity", "tally"]


@dataclass(frozen=True)
class Cell:
    """One section in one year.

    Attributes
    ----------
    text : Both
    colour, ink : str
        Empty where nothing is graded.
    told : Both
        For those who do not see the colour.
    part : bool
        A class from too few samples, shown for orientation.
    """

    text: Both
    colour: str
    ink: str
    told: Both
    part: bool = False


@dataclass(frozen=True)
class Line:
    """A section: its class in each year, and what decided the year shown."""

    name: Both
    stem: bool
    cells: tuple[Cell, ...]
    deciding: Both
    change: Both


@dataclass(frozen=True)
class Grid:
    """The classes of all sections under one law."""

    law: Law
    title: Both
    force: Both
    years: tuple[int, ...]
    lines: tuple[Line, ...]
    table: tuple[tuple[str, ...], ...]


def in_order(content: Content) -> list[str]:
    """Sections as the schematic has them, tributaries above the water they join; those off the network last."""
    rivers = content.network.rivers
    assert rivers is not None
    found = [row.id for row in lay_out(rivers, list(content.sections_on)).rows if row.kind == "place"]
    return [*found, *(id for id in content.sections if id not in found)]


def named_quantity(key: str) -> Both:
    """What a quantity is called in a sentence."""
    held = quantity(key)
    return Both(held.name_en, held.name_zh)


def tally(content: Content, law: Law, year: int | None = None) -> tuple[int, int]:
    """How many sections are good, of how many that have a class."""
    graded = [
        record["class"]
        for section in content.sections
        if (record := content.grade(law, section, year)) is not None and record["class"] is not None
    ]
    return sum(law.is_good(level) for level in graded), len(graded)


def decided(content: Content, law: Law) -> list[tuple[str, int]]:
    """Which quantities decided the sections that are not good, the most frequent first."""
    counted: Counter[str] = Counter()
    for section in content.sections:
        record = content.grade(law, section)
        if record is not None and record["class"] is not None and not law.is_good(record["class"]):
            counted.update(record["deciding"])
    return counted.most_common()


def grid_of(content: Content, words: Words, law: Law) -> Grid:
    """The classes of every section in every year."""
    order = in_order(content)
    years = [year for year in content.years if any(content.grade(law, section, year) for section in order)]
    lines = [_line(content, words, law, section, years) for section in order]
    head = ("section", "name", *map(str, years))
    rows = [
        (section, content.name(section).en, *(_key(content.grade(law, section, year)) for year in years))
        for section in order
    ]
    good, of = tally(content, law)
    title = words.both("classes.title", good=good, of=of, level=law.good_name, year=content.year)
    records = [record for section in order if (record := content.grade(law, section)) is not None]
    force = "classes.in_force" if records and all(record["in_force"] for record in records) else "classes.not_in_force"
    return Grid(law, title, words.both(force, year=content.year), tuple(years), tuple(lines), (head, *rows))


def map_of(content: Content, words: Words, law: Law, *, names: str | None = None) -> Drawn:
    """The schematic of the river with the class of each section."""
    rivers = content.network.rivers
    assert rivers is not None
    stops = {}
    for section in content.sections_on:
        level = law.level((content.grade(law, section) or {}).get("class"))
        chip = None if level is None else (level.short, level.colour)
        stops[section] = Stop(content.name(section), chip=chip, strong=section == content.mouth)
    return schematic(words, rivers, stops, names=names)


def _line(content: Content, words: Words, law: Law, section: str, years: Sequence[int]) -> Line:
    record = content.grade(law, section) or {}
    named = [named_quantity(key) for key in record.get("deciding", [])]
    deciding = Both(", ".join(each.en for each in named) or "–", "、".join(each.zh for each in named) or "–")
    cells = tuple(_cell(words, law, content.grade(law, section, year), year) for year in years)
    return Line(content.name(section), section in content.stem, cells, deciding, _change(law, content, section))


def _cell(words: Words, law: Law, record: Record | None, year: int) -> Cell:
    part = record is not None and record["class"] is None and bool(record.get("indicative"))
    key = _key(record)
    level = law.level(key.strip("()"))
    if level is None:
        return Cell(Both("–", "–"), "", "", words.both("classes.not_graded", year=year))
    text = Both(f"({level.short.en})", f"（{level.short.zh}）") if part else level.short
    told = words.both("classes.told_part" if part else "classes.told", year=year, level=Both(level.key, level.key))
    return Cell(text, "" if part else level.colour, "" if part else ink_on(level.colour), told, part)


def _key(record: Record | None) -> str:
    """The class; in brackets where too few samples make it."""
    if record is None:
        return ""
    if record["class"] is not None:
        return str(record["class"])
    indicative = record.get("indicative") or {}
    return f"({indicative['class']})" if indicative.get("class") else ""


def _change(law: Law, content: Content, section: str) -> Both:
    """From the year before: an arrow with the number of classes."""
    keys = [level.key for level in law.levels]
    now, before = ((content.grade(law, section, y) or {}).get("class") for y in (content.year, content.year - 1))
    if now is None or before is None or now == before:
        return Both("", "")
    step = keys.index(now) - keys.index(before)
    arrow = "▼" if step > 0 else "▲"
    return Both(f"{arrow} {abs(step)}", f"{arrow} {abs(step)}")
