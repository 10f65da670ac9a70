"""The answer: the page's first sentence, what follows from it, and the figures under it."""

from __future__ import annotations

from commonshed.disclose.river.plan_rows import Tile
from commonshed.disclose.river.report.bill import Billed
from commonshed.disclose.river.report.classes import decided, named_quantity, tally
from commonshed.disclose.river.report.content import Content
from commonshed.disclose.river.report.transport import Shared, largest, percent, rounded, symbol
from commonshed.disclose.words import Both, Words, join

__all__ = ["headline", "standfirst", "tiles"]


def headline(content: Content, words: Words) -> Both:
    """How many sections are good under the first law, and what decided the others."""
    law = content.laws[0]
    good, of = tally(content, law)
    by = [named_quantity(key) for key, _ in decided(content, law)[:2]]
    values = {"year": content.year, "good": good, "of": of, "river": content.river, "level": law.good_name}
    if good == of:
        return words.both("head.all", **values)
    return words.both("head.some", **values, by=join(by), law=law.title)


def standfirst(content: Content, words: Words, shared: Shared | None, bill: Billed | None) -> list[Both]:
    """Who brought it, what it costs under the example, and how sure we are of the law."""
    told = []
    if shared is not None:
        parts = [
            words.both("stand.part", name=name, percent=share)
            for name, share in largest(content, words, shared.quantity, 3)
        ]
        told.append(
            words.both(
                "stand.shares",
                tonnes=rounded(shared.load["tonnes"]),
                low=rounded(shared.load["low"]),
                high=rounded(shared.load["high"]),
                what=symbol(shared.quantity),
                mouth=content.name(content.mouth),
                parts=join(parts),
                unexplained=_unexplained(content, shared.quantity),
            )
        )
    if bill is not None:
        told.append(words.both("stand.bill", due=bill.due, currency=bill.currency))
    told += [words.both("stand.unsure", law=law.title) for law in content.laws[:1] if law.unsure]
    return told


def tiles(content: Content, words: Words, shared: dict[str, Shared], bill: Billed | None) -> list[Tile]:
    """The figures a reader takes away."""
    found = []
    for law in content.laws:
        good, of = tally(content, law)
        name = words.both("tile.good", level=law.good_name)
        found.append(Tile(name, words.both("tile.of", n=good, of=of), law.title))
    for quantity, part in shared.items():
        note = words.both(
            "tile.band",
            low=rounded(part.load["low"]),
            high=rounded(part.load["high"]),
            mouth=content.name(content.mouth),
        )
        found.append(
            Tile(
                words.both("tile.load", what=symbol(quantity), mouth=content.name(content.mouth)),
                words.both("tile.tonnes", n=rounded(part.load["tonnes"])),
                note,
            )
        )
    if bill is not None:
        name = words.both("tile.due", currency=bill.currency)
        found.append(Tile(name, Both(bill.due_whole, bill.due_whole), bill.title))
    return found


def _unexplained(content: Content, quantity: str) -> str:
    return percent(next((r["share"] for r in content.shares[quantity] if r["of"] == "unexplained"), None))
