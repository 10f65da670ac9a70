"""The stretch above each section, up to the sections before it: what lies in it and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commonshed.attribute.river.course import Course, Link
from commonshed.places import Mark

__all__ = ["Stretch", "stretches"]


@dataclass(frozen=True)
class Stretch:
    """All water between a section and the sections next upstream of it; of an uppermost section, its whole basin.

    Attributes
    ----------
    section : str
        Its lower end.
    upstream : tuple of str
        The measured sections next upstream; none: nothing is measured above.
    reaches : tuple of str
        Ids of the reaches in it, whole or in part.
    lengths : dict of str to float or None
        Codes of the jurisdictions it lies in, in order, and how much of it lies in each; none where a length is not
        known. Where a reach says no jurisdiction it is the one that answers for the section. [m]
    answers : str or None
        Code of the jurisdiction that answers for the section.
    """

    section: str
    upstream: tuple[str, ...]
    reaches: tuple[str, ...]
    lengths: dict[str, float | None]
    answers: str | None

    @property
    def uppermost(self) -> bool:
        """Whether all that passes the section comes from this stretch."""
        return not self.upstream

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """Codes of the jurisdictions it lies in."""
        return tuple(self.lengths)


def stretches(course: Course, sections: Sequence[Mark]) -> tuple[Stretch, ...]:
    """The stretch above each section, in the order given.

    Parameters
    ----------
    course : Course
        Cut at these sections.
    sections : sequence of Mark
        Those with a measured load.
    """
    at: dict[int, list[str]] = {}
    for section in sections:
        at.setdefault(course.point(section), []).append(section.id)
    return tuple(_above(course, section, at) for section in sections)


def _above(course: Course, section: Mark, at: dict[int, list[str]]) -> Stretch:
    upstream: dict[str, None] = {}
    links: list[Link] = []
    waiting = [course.point(section)]
    seen = set(waiting)
    while waiting:
        for number in course.into[waiting.pop()]:
            link = course.links[number]
            links.append(link)
            if link.tail in at:
                upstream |= dict.fromkeys(at[link.tail])
            elif link.tail not in seen:
                seen.add(link.tail)
                waiting.append(link.tail)
    reaches = tuple(sorted({link.reach.id for link in links}))
    return Stretch(section.id, tuple(sorted(upstream)), reaches, _lengths(links, section), section.jurisdiction)


def _lengths(links: Sequence[Link], section: Mark) -> dict[str, float | None]:
    """How much lies in whom; a section without a reach above it stands for what its jurisdiction holds."""
    if not links:
        return {} if section.jurisdiction is None else {section.jurisdiction: None}
    found: dict[str, float | None] = {}
    for link in links:
        owner = link.reach.jurisdiction or section.jurisdiction
        if owner is not None:
            length = None if link.end is None else link.end - link.begin
            before = found.get(owner, 0.0)
            found[owner] = None if length is None or before is None else before + length
    return dict(sorted(found.items()))
