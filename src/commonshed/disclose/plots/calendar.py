"""A year of daily indices, each day in the law's own colour with its number."""

from __future__ import annotations

import calendar as almanac
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from commonshed.disclose.plots.style import drawing
from commonshed.disclose.tokens import Scheme, ink_on, tokens
from commonshed.errors import InputError
from commonshed.standards import Regime
from commonshed.standards import regime as regime_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["calendar"]

_WEEKDAYS = {"en": "MTWTFSS", "zh": "一二三四五六日"}


def calendar(
    days: Iterable[Mapping[str, Any]],
    *,
    year: int | None = None,
    regime: Regime | str | None = None,
    language: str = "en",
    scheme: Scheme = "light",
) -> Figure:
    """Draw twelve months of daily indices.

    Parameters
    ----------
    days : iterable of records
        Of one place, by day, as `commonshed.assess.air.air(..., unit_of_time="day").records()` gives them.
    year : int, optional
        Without it the year of the first record.
    regime : Regime or str, optional
        Whose classes colour the days; without it the one the records name.
    language : {"en", "zh"}
    scheme : {"light", "dark"}

    Returns
    -------
    Figure
        Twelve axes. A day without an index is hatched.

    Raises
    ------
    InputError
        There are no days, or they are of several places, or the regime has no index.
    MissingExtra
        matplotlib is not installed.
    """
    records = list(days)
    places = {record.get("station") or record.get("jurisdiction") or record.get("group") for record in records}
    if len(places) != 1:
        raise InputError("a calendar shows the days of one place", value=", ".join(sorted(map(str, places))) or None)
    shown = year or date.fromisoformat(records[0]["period"]).year
    law = regime_of(regime or records[0]["regime"]) if not isinstance(regime, Regime) else regime
    if law.index is None:
        raise InputError(f"{law.id} has no daily index to draw", field="regime", value=law.id, mend="Try cn-2012")
    graded = {date.fromisoformat(r["period"]): (r["aqi"], r["class"]) for r in records if r["aqi"] is not None}
    colours = {category.level: category.colour for category in law.index.categories}
    with drawing(scheme) as module:
        figure: Figure = module.Figure(figsize=(11, 5.6), layout="constrained")
        for month, axes in enumerate(figure.subplots(2, 6).flat, start=1):
            _month(axes, shown, month, graded, colours, language, scheme)
        name = records[0].get("name", {}).get(language) or next(iter(places))
        figure.suptitle(f"{name} {shown} · {law.id}", x=0.01, ha="left", weight="bold")
    return figure


def _month(
    axes: Axes,
    year: int,
    month: int,
    graded: Mapping[date, tuple[int, int]],
    colours: Mapping[int, str],
    language: str,
    scheme: Scheme,
) -> None:
    from matplotlib.patches import Rectangle

    first, count = almanac.monthrange(year, month)
    axes.set(xlim=(0, 7), ylim=(6.2, -0.7), aspect="equal")
    axes.axis("off")
    axes.set_title(f"{month}月" if language == "zh" else date(year, month, 1).strftime("%b"), fontsize=10)
    for column, letter in enumerate(_WEEKDAYS[language]):
        axes.text(column + 0.5, -0.35, letter, ha="center", va="center", fontsize=7, color=tokens(scheme)["muted"])
    for day in range(1, count + 1):
        row, column = divmod(first + day - 1, 7)
        index, level = graded.get(date(year, month, day), (None, None))
        if index is None or level is None:
            axes.add_patch(Rectangle((column, row), 0.94, 0.94, fill=False, hatch="//////", linewidth=0))
            continue
        axes.add_patch(Rectangle((column, row), 0.94, 0.94, facecolor=colours[level], linewidth=0))
        axes.text(
            column + 0.47, row + 0.5, str(index), ha="center", va="center", fontsize=6.5, color=ink_on(colours[level])
        )
