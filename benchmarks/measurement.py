"""What a benchmark hands back: what was asked, what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Measurement", "show"]


@dataclass(frozen=True)
class Measurement:
    """One measured figure.

    Attributes
    ----------
    what : str
        A sentence's worth: "one more day of a national network, until grades are updated".
    asked : float or None
        The bar we hold ourselves to; None: no bar, for comparison only.
    measured : float
    unit : str
    better : {"less", "more"}
    note : str
        The conditions: which data, how many runs, what it was compared with.
    """

    what: str
    asked: float | None
    measured: float
    unit: str
    better: Literal["less", "more"]
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Measured ÷ asked; None without a bar, or with a bar of nothing."""
        return self.measured / self.asked if self.asked else None

    @property
    def kept(self) -> bool | None:
        """Whether the bar is kept; None without a bar."""
        if self.asked is None:
            return None
        return self.measured <= self.asked if self.better == "less" else self.measured >= self.asked


def show(measurements: list[Measurement]) -> None:
    """Print measurements as a table: asked, measured, ratio."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("what", overflow="fold")
    for head in ("asked", "measured", "ratio"):
        table.add_column(head, justify="right", no_wrap=True)
    for head in ("", "note"):
        table.add_column(head, overflow="fold")
    for each in measurements:
        table.add_row(*_cells(each))
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(table)


def _cells(each: Measurement) -> tuple[str, ...]:
    sign = "≤" if each.better == "less" else "≥"
    asked = "" if each.asked is None else f"{sign} {_figure(each.asked)} {each.unit}"
    ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
    verdict = {True: "kept", False: "MISSED", None: ""}[each.kept]
    return each.what, asked, f"{_figure(each.measured)} {each.unit}", ratio, verdict, each.note


def _figure(value: float) -> str:
    """Three significant digits, thousands apart: 0.62, 1.8, 12,300,000."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
