"""Beside others: the city's bulletin, and the embassy's monitor."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from commonshed.disclose.agreement import Agreement
from commonshed.disclose.bulletin import Compared
from commonshed.disclose.drawing import names_of, number
from commonshed.disclose.report.chapters.chapter import Chapter
from commonshed.disclose.report.content import Comparison, HourLabels, Law
from commonshed.disclose.report.pictures import difference_plot, scatter
from commonshed.disclose.words import Both, day_text
from commonshed.periods import Period

__all__ = ["Beside"]

HEAVY = 250.0
"""Average of both from which an hour counts as heavily polluted here. [µg/m³]"""

SHOWN = 600.0
"""Upper end of the axes of the pictures. [µg/m³]"""


@dataclass(frozen=True)
class StatisticsRow:
    """One row of the table of agreement."""

    name: Both
    cells: tuple[str, ...]
    head: bool


@dataclass(frozen=True)
class BinRow:
    """Bias at one level."""

    range: str
    n: str
    bias: str
    mae: str
    side: str
    width: str


class Beside(Chapter):
    """Bulletin and embassy."""

    def bulletin_title(self, year: int) -> Both:
        """Finding of the comparison with the bulletin."""
        lines = self.content.bulletin.get(year, ())
        ours = [line for line in lines if line.ours is not None]
        if not lines:
            return self.text("bulletin.title_none", year=year)
        if not ours:
            return self.text("bulletin.title_partial", year=year)
        same = sum(1 for line in ours if "same" in line.reasons)
        return self.text("bulletin.title", same=same, total=len(ours), year=year)

    def reason(self, key: str, line: Compared, year: int) -> Both:
        """One reason for a difference."""
        low, high = line.spread or ("", "")
        city = self.of(self.content.laws[0], year).city
        count = sum(1 for mark in self.content.city.stations if mark.role == "assessed")
        return self.text(f"reason.{key}", low=low, high=high, valid=city["valid_days"], stations=count,
                         missing=Period.year(year).days - city["valid_days"])  # fmt: skip

    # The embassy

    def _main(self) -> Comparison:
        return self.content.comparisons[0]

    def embassy_answer(self) -> Both:
        """The finding in two sentences."""
        k = self._main()
        return self.text(
            "embassy.answer", name=k.name, bias=_abs(k.hours.bias), share=f"{abs(k.hours.relative_bias):.1%}",
            side=self.text("embassy.higher" if k.hours.bias > 0 else "embassy.lower"), n=f"{k.hours.n:,}",
            r=f"{k.hours.correlation:.2f}", mae=number(k.hours.mae), km=self._kilometres(k),
            same=self._class_share(self.content.laws[0], k),
        )  # fmt: skip

    def _kilometres(self, k: Comparison) -> Both:
        return self.text("embassy.km", km=f"{k.kilometres:.1f}") if k.kilometres is not None else Both("", "")

    def embassy_title(self, k: Comparison) -> Both:
        """Finding of the hours."""
        return self.text("embassy.hours_title", name=k.name, r=f"{k.hours.correlation:.2f}")

    def embassy_sub(self, k: Comparison) -> Both:
        """What the picture shows."""
        return self.text("embassy.hours_sub", n=f"{k.hours.n:,}", span=self.embassy_span(), name=k.name)

    def embassy_span(self) -> Both:
        """From when to when."""
        span = self.content.comparison_span
        assert span is not None
        return self.text("ui.span", first=day_text(span[0]), last=day_text(span[1]))

    def embassy_alt(self, k: Comparison) -> Both:
        """The two pictures in words."""
        h = k.hours
        return self.text(
            "embassy.hours_alt", n=f"{h.n:,}", name=k.name, slope=f"{h.slope:.2f}", intercept=number(h.intercept, 1),
            bias=number(h.bias, 1), lower=number(h.lower), upper=number(h.upper), r=f"{h.correlation:.3f}",
        )  # fmt: skip

    def embassy_scatter(self, k: Comparison) -> Markup:
        """Embassy against official, hour by hour."""
        h = k.hours
        line = f"y = {h.slope:.2f} x {'+' if h.intercept >= 0 else '−'} {abs(h.intercept):.1f}"
        return scatter(
            self.words, k.official, k.embassy, top=SHOWN, fit=(h.slope, h.intercept),
            titles=(self.text("embassy.axis_official", name=k.name), self.text("embassy.axis_embassy")),
            equality=self.text("embassy.equality"), fit_name=self.text("embassy.fit", line=line),
            names=names_of("embassy-hours"),
        )  # fmt: skip

    def embassy_difference(self, k: Comparison) -> Markup:
        """Differences against averages."""
        h = k.hours
        return difference_plot(
            self.words, k.official, k.embassy, top=SHOWN, reach=300,
            bias=(h.bias, self.text("embassy.bias_line", value=_signed(h.bias))),
            limits=((h.lower, self.text("embassy.limit_line", value=_signed(h.lower, 0))),
                    (h.upper, self.text("embassy.limit_line", value=_signed(h.upper, 0)))),
            titles=(self.text("embassy.axis_average"), self.text("embassy.axis_difference")),
            names=names_of("embassy-hours"),
        )  # fmt: skip

    def embassy_rows(self) -> list[StatisticsRow]:
        """Every monitor: hours, days, and hours by year."""
        rows = []
        for k in self.content.comparisons:
            name = self.text("embassy.row_hours", name=k.name, km=self._kilometres(k))
            rows.append(StatisticsRow(name, _cells(k.hours), head=True))
            rows.append(StatisticsRow(self.text("embassy.row_days"), _cells(k.days), head=False))
            for year, found in k.by_year.items():
                rows.append(StatisticsRow(self.text("embassy.row_year", year=year), _cells(found), head=False))
        return rows

    def embassy_bins(self) -> list[BinRow]:
        """Bias by level, as a bar to the left or the right of zero."""
        bins = self._main().bins
        reach = max([abs(b.bias) for b in bins if b.bias is not None] + [1e-9])
        return [
            BinRow(
                f"{b.low:.0f}–{b.high:.0f}" if b.high is not None else f"≥ {b.low:.0f}", f"{b.n:,}",
                "–" if b.bias is None else _signed(b.bias), "–" if b.mae is None else number(b.mae, 1),
                "right" if (b.bias or 0) > 0 else "left", f"{50 * abs(b.bias or 0) / reach:.0f}",
            )
            for b in bins
        ]  # fmt: skip

    def class_table(self, law: Law) -> tuple[tuple[int, ...], ...]:
        """Days by class: official in rows, embassy in columns."""
        return self._main().classes[law.key]

    def classes_title(self, law: Law) -> Both:
        """Finding of the classes."""
        k = self._main()
        table = k.classes[law.key]
        days = sum(map(sum, table))
        near = sum(table[i][j] for i in range(len(table)) for j in range(len(table)) if abs(i - j) <= 1)
        return self.text("embassy.classes_title", same=self._class_share(law, k), near=_share(near, days), days=days)

    def _class_share(self, law: Law, k: Comparison) -> str:
        table = k.classes[law.key]
        return _share(sum(table[i][i] for i in range(len(table))), sum(map(sum, table)))

    def trust(self) -> list[Both]:
        """What it means, in plain words."""
        k = self._main()
        years = {year: _signed(a.bias) for year, a in k.by_year.items()}
        signs = [a.bias for a in k.by_year.values()]
        listed = Both(
            ", ".join(f"{year}: {bias}" for year, bias in years.items()),
            "，".join(f"{year}年 {bias}" for year, bias in years.items()),
        )
        return [
            self.text("trust.supports", share=f"{abs(k.days.relative_bias):.1%}", r=f"{k.days.correlation:.2f}"),
            self.text("trust.differences", lower=number(k.hours.lower), upper=number(k.hours.upper)),
            self.text("trust.years_turned" if min(signs) < 0 < max(signs) else "trust.years_kept", years=listed),
            *self._haze(k),
            self.text("trust.not"),
        ]

    def _haze(self, k: Comparison) -> list[Both]:
        """What the heaviest hours say: where shading the figures would pay most."""
        heavy = [b for b in k.bins if b.low >= HEAVY and b.n and b.bias is not None]
        hours = sum(b.n for b in heavy)
        if not hours:
            return []
        bias = sum(b.n * (b.bias or 0.0) for b in heavy) / hours
        side = self.text("embassy.higher" if bias > 0 else "embassy.lower")
        return [self.text("trust.haze", level=f"{HEAVY:.0f}", n=f"{hours:,}", bias=_abs(bias), side=side)]

    def statistics_title(self) -> Both:
        """Finding of the table of all monitors."""
        biases = [k.hours.bias for k in self.content.comparisons]
        return self.text("embassy.statistics", low=_signed(min(biases)), high=_signed(max(biases)), count=len(biases))

    def hour_labels(self) -> list[Both]:
        """What the same monitor in two files says about the label of the hour."""
        return [*map(self._hour_label, self.content.hour_labels), self.text("labels.means")]

    def _hour_label(self, found: HourLabels) -> Both:
        share, unshifted = f"{found.equal_share:.1%}", f"{found.equal_share_unshifted:.1%}"
        key = "labels.found" if found.shift else "labels.same"
        return self.text(key, station=found.name, shift=abs(found.shift), share=share, unshifted=unshifted,
                         pairs=f"{found.pairs:,}")  # fmt: skip


def _share(part: int, whole: int) -> str:
    """A share of days; 100% only when it is all of them."""
    return "100%" if part == whole else f"{min(part / whole, 0.999):.1%}"


def _abs(value: float) -> str:
    return number(abs(value), 1)


def _signed(value: float, decimals: int = 1) -> str:
    return f"{'+' if value > 0 else ''}{number(value, decimals)}"


def _cells(a: Agreement) -> tuple[str, ...]:
    line = f"{a.slope:.2f} x {'+' if a.intercept >= 0 else '−'} {abs(a.intercept):.1f}"
    return (
        f"{a.n:,}", number(a.mean_x, 1), number(a.mean_y, 1), _signed(a.bias), number(a.mae, 1), number(a.rmse, 1),
        f"{a.correlation:.3f}", line, f"{number(a.lower)} … {_signed(a.upper, 0)}",
    )  # fmt: skip
