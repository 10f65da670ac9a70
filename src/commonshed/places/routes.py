"""Ways over a network of rivers: the course from one place down to another, and the parts that do not meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commonshed.errors import RiverError

if TYPE_CHECKING:
    from commonshed.places.rivers import Rivers

__all__ = ["notices", "parts", "way"]


def way(rivers: Rivers, upstream: str, downstream: str) -> tuple[str, ...]:
    """Ids of the reaches from one node down to another; where the river divides, by the arm with more water.

    Raises
    ------
    RiverError
        The one does not lie upstream of the other.
    UnknownName
        There is no such node.
    """
    leading = {downstream, *rivers.above(downstream)}
    if rivers.node(upstream).id not in leading:
        turned = downstream in rivers.above(upstream)
        raise RiverError(
            f"no water flows from {upstream} to {downstream}",
            field="upstream",
            value=upstream,
            mend="They are the other way round" if turned else "Name two places on one course of the river",
        )
    course: list[str] = []
    at = upstream
    while at != downstream:
        arms = [rivers.reaches[id] for id in rivers.out_of[at] if rivers.reaches[id].downstream in leading]
        course.append(max(arms, key=lambda reach: (reach.part or 0.0, reach.id)).id)
        at = rivers.reaches[course[-1]].downstream
    return tuple(course)


def parts(rivers: Rivers) -> tuple[frozenset[str], ...]:
    """Ids of the nodes of each part that no reach joins to another, the largest first."""
    found: list[frozenset[str]] = []
    left = dict.fromkeys(rivers.order)
    while left:
        part = {next(iter(left))}
        waiting = list(part)
        while waiting:
            node = waiting.pop()
            near = [rivers.reaches[id].upstream for id in rivers.into[node]]
            near += [rivers.reaches[id].downstream for id in rivers.out_of[node]]
            fresh = set(near) - part
            part |= fresh
            waiting += fresh
        found.append(frozenset(part))
        left = {node: None for node in left if node not in part}
    return tuple(sorted(found, key=lambda part: (-len(part), min(part))))


def notices(rivers: Rivers) -> tuple[str, ...]:
    """What somebody who drew or typed this network should look at; nothing of it makes the network unusable."""
    return (*_apart(rivers), *_unmeasured(rivers), *_lonely(rivers))


def _apart(rivers: Rivers) -> list[str]:
    several = parts(rivers)
    if len(several) < 2:
        return []
    named = [f"{_mouths(rivers, part)} ({len(part)} nodes)" for part in several]
    return [f"the rivers are in {len(several)} parts that do not meet: to {'; to '.join(named)}"]


def _mouths(rivers: Rivers, part: frozenset[str]) -> str:
    return ", ".join(mouth for mouth in rivers.mouths if mouth in part)


def _unmeasured(rivers: Rivers) -> list[str]:
    bare = [reach.id for reach in rivers.reaches.values() if reach.length is None]
    more = f" and {len(bare) - 5} more" if len(bare) > 5 else ""
    return [f"no length is known of {', '.join(bare[:5])}{more}: no travel time there"] if bare else []


def _lonely(rivers: Rivers) -> list[str]:
    lonely = [node for node in rivers.nodes if not rivers.into[node] and not rivers.out_of[node]]
    return [f"no reach begins or ends at {', '.join(lonely)}"] if lonely else []
