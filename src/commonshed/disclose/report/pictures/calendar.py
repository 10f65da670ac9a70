"""The year as people know it: one small sheet a month, each day with its index and the law's colour."""

from __future__ import annotations

import calendar as almanac
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from commonshed.disclose.drawing import HATCH, cells, label, n, picture
from commonshed.disclose.report.content import Category
from commonshed.disclose.tokens import ink_on
from commonshed.disclose.words import Both, Words, month_text

__all__ = ["calendar_month"]

_CELL = (26.0, 23.0)
_GAP = 1.5
_TOP = 34.0
_WEEKDAYS = Both("MTWTFSS", "一二三四五六日")


def calendar_month(
    words: Words,
    year: int,
    month: int,
    days: Mapping[int, tuple[int, int]],
    categories: Sequence[Category],
    *,
    outside: frozenset[int] = frozenset(),
) -> Markup:
    """One month's sheet.

    Parameters
    ----------
    days : mapping of int to (index, level)
        By day of the month; a day that is not in it was not assessed and is hatched.
    categories : sequence of Category
        The law's classes with their colours.
    outside : frozenset of int
        Days on which nothing was measured because the record begins later or ended before: left blank.
    """
    width, height = _CELL
    first_weekday, count = almanac.monthrange(year, month)
    corner = {day: _corner(day, first_weekday) for day in range(1, count + 1)}
    size = (width - _GAP, height - _GAP)
    missing = [corner[day] for day in corner if day not in days and day not in outside]
    parts = [
        label(words, 0, 12, month_text(month), kind="b"),
        _weekday_heads(words),
        cells([corner[day] for day in corner if day in outside], *size, Markup('class="blank"')),
        cells(missing, *size, Markup('class="missing" fill="{}"').format(HATCH)),
    ]
    for category in categories:
        here = [day for day in corner if day in days and days[day][1] == category.level]
        if not here:
            continue
        parts.append(cells([corner[d] for d in here], *size, Markup('fill="{}"').format(category.colour)))
        numbers = Markup("").join(
            Markup('<text x="{}" y="{}">{}</text>').format(
                n(corner[d][0] + size[0] / 2), n(corner[d][1] + size[1] / 2 + 3.6), days[d][0]
            )
            for d in here
        )
        parts.append(Markup('<g class="m day" fill="{}">{}</g>').format(ink_on(category.colour), numbers))
    rows = (first_weekday + count + 6) // 7
    return picture(7 * width, _TOP + max(rows, 5) * height, parts, kind="sheet")


def _corner(day: int, first_weekday: int) -> tuple[float, float]:
    row, column = divmod(first_weekday + day - 1, 7)
    return column * _CELL[0], _TOP + row * _CELL[1]


def _weekday_heads(words: Words) -> Markup:
    xs = " ".join(n(column * _CELL[0] + (_CELL[0] - _GAP) / 2) for column in range(7))
    # One x for each letter places a whole row with a single element; language spans would break the count.
    return Markup("").join(
        Markup('<text class="m s" x="{}" y="28" lang="{}">{}</text>').format(
            xs, {"en": "en", "zh": "zh-Hans"}[language], _WEEKDAYS.get(language)
        )
        for language in words.languages
    )
