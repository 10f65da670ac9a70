"""What passes the sections, and whose it is: loads by several methods, shares with what is sure about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from commonshed.disclose.river.pictures import Drawn, Estimate, Loaded, ShareBar, load_chart, share_bars
from commonshed.disclose.river.report.content import Content, Record
from commonshed.disclose.words import Both, Words, join

__all__ = ["UNEXPLAINED", "Shared", "largest", "load_at", "loads_of", "percent", "rounded", "shares_of", "symbol"]

UNEXPLAINED = "unexplained"
_CALLED = {
    "tp": Both("phosphorus", "总磷"),
    "tdn": Both("nitrogen (dissolved)", "溶解性总氮"),
    "tn": Both("nitrogen", "总氮"),
}
_NAMED_FROM = Decimal("0.0005")
"""A share that is shown as 0.0 % has no bar of its own."""


@dataclass(frozen=True)
class Shared:
    """The shares of the mouth's load of one quantity."""

    quantity: str
    picture: Drawn
    nothing: Both
    """Those upstream to whom nothing could be traced, and why."""
    load: Record
    method: str
    beside: tuple[tuple[Both, tuple[str, ...]], ...]
    """Shares in percent by each method, for the parts with a bar."""
    methods: tuple[str, ...]


def symbol(key: str) -> Both:
    """What a quantity is called where a sentence speaks of its load."""
    return _CALLED.get(key, Both(key, key))


def load_at(content: Content, quantity: str, section: str, method: str) -> Record | None:
    """The load of a section by one method."""
    return next(
        (r for r in content.loads[quantity] if r["section"] == section and r["method"] == method and r["tonnes"]), None
    )


def loads_of(
    content: Content, words: Words, quantity: str, sections: Sequence[str], *, names: str | None = None
) -> Drawn:
    """The loads of some sections, every method beside the others."""
    loaded = []
    for section in sections:
        records = [record for record in content.loads[quantity] if record["section"] == section]
        if not records:
            continue
        estimates = tuple(
            Estimate(words.both(f"method.{r['method']}"), r["tonnes"], r["low"], r["high"]) for r in records
        )
        note = words.both("loads.samples", n=records[0]["samples"], flows=records[0]["flow_days"])
        loaded.append(Loaded(content.name(section), estimates, note))
    return load_chart(words, loaded, unit="t", names=names)


def shares_of(content: Content, words: Words, quantity: str, *, names: str | None = None) -> Shared | None:
    """The shares of the mouth's load; none where there is no load to share out."""
    records = [record for record in content.shares[quantity] if record["share"] is not None]
    if not records:
        return None
    shown = sorted(
        (r for r in records if r["of"] == UNEXPLAINED or Decimal(r["share"]) >= _NAMED_FROM),
        key=lambda r: (r["of"] == UNEXPLAINED, -Decimal(r["share"])),
    )
    bars = [ShareBar(_owner(content, words, r), r["share"], r["low"], r["high"], _basis(r)) for r in shown]
    without = [_owner(content, words, r) for r in records if r not in shown]
    methods = tuple(shown[0]["by_method"])
    return Shared(
        quantity=quantity,
        picture=share_bars(words, bars, names=names),
        nothing=words.both("shares.nothing", who=join(without)) if without else Both("", ""),
        load=records[0]["load"],
        method=records[0]["method"],
        beside=tuple(
            (_owner(content, words, r), tuple(percent(r["by_method"][method]) for method in methods)) for r in shown
        ),
        methods=methods,
    )


def largest(content: Content, words: Words, quantity: str, count: int) -> list[tuple[Both, str]]:
    """The parts with the largest shares, without what is unexplained; in percent."""
    named = [r for r in content.shares[quantity] if r["share"] is not None and r["of"] != UNEXPLAINED]
    named.sort(key=lambda r: -Decimal(r["share"]))
    return [(_owner(content, words, r), percent(r["share"])) for r in named[:count]]


def rounded(tonnes: str | None) -> str:
    """A load for people: three significant digits, thousands set apart; the records keep their own.

    >>> rounded("250.951"), rounded("9095.136"), rounded("3.4520")
    ('251', '9,100', '3.45')
    """
    if tonnes is None:
        return "–"
    held = Decimal(tonnes)
    place = held.adjusted() - 2 if held else 0
    return f"{held.quantize(Decimal(1).scaleb(place)):,f}"


def percent(share: str | None) -> str:
    """A published share in percent, one decimal, as exact text.

    >>> percent("0.1465")
    '14.6'
    """
    return "–" if share is None else str((Decimal(share) * 100).quantize(Decimal("0.1")))


def _owner(content: Content, words: Words, record: Record) -> Both:
    if record["of"] == UNEXPLAINED:
        return words.both("shares.unexplained")
    return content.called(record["of"])


def _basis(record: Record) -> Literal["measured", "inferred", "unexplained"]:
    if record["of"] == UNEXPLAINED:
        return "unexplained"
    return "measured" if Decimal(record["basis"]["measured"]) * 2 >= Decimal(record["share"]) else "inferred"
