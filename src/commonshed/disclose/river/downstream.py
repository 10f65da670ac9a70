"""The part of a network that a plan shows: the water from the spill down, and where others join it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from commonshed.attribute.river.response import Response
from commonshed.places import Mark, Node, Reach, Rivers

__all__ = ["SPILL", "Below", "below"]

SPILL = "the spill"
"""Id of the mark that stands where it was released."""


@dataclass(frozen=True)
class Below:
    """What lies downstream.

    Attributes
    ----------
    rivers : Rivers
        Carrying reaches, a stub for each water that joins, the marks along the way, and the spill.
    hot : frozenset of str
        Ids of the carrying reaches.
    joining : mapping of node to Reach
        The last reach of each water that joins, by the node its stub begins at.
    """

    rivers: Rivers
    hot: frozenset[str]
    joining: dict[str, Reach]


def below(response: Response) -> Below:
    """Cut a network down to what a plan shows."""
    rivers, release = response.setting.rivers, response.setting.release
    first = [release.at] if release.at in rivers.reaches else list(rivers.out_of.get(_node(rivers, release.at), ()))
    hot = _carrying(rivers, first)
    wet = {rivers.reaches[id].downstream for id in hot}
    joining = {id: rivers.reaches[id] for node in wet for id in rivers.into[node] if id not in hot}
    shown = [rivers.reaches[id] for id in hot] + [
        replace(reach, upstream=f"stub {id}") for id, reach in joining.items()
    ]
    whole = [reach if len(_out(shown, reach.upstream)) > 1 else replace(reach, part=None) for reach in shown]
    nodes = [rivers.nodes[id] for id in {*wet, *(rivers.reaches[id].upstream for id in hot)}]
    stubs = [Node(f"stub {id}") for id in joining]
    marks = [mark for mark in rivers.marks.values() if _stands(mark, hot, {node.id for node in nodes})]
    spill = _spill(rivers, release.at, release.distance)
    own = Rivers.of([*nodes, *stubs], whole, [*marks, spill])
    return Below(own, frozenset(hot), {f"stub {id}": reach for id, reach in joining.items()})


def _node(rivers: Rivers, at: str) -> str:
    return (rivers.marks[at].node or "") if at in rivers.marks else at


def _carrying(rivers: Rivers, first: list[str]) -> set[str]:
    found, waiting = set(first), list(first)
    while waiting:
        for id in rivers.out_of[rivers.reaches[waiting.pop()].downstream]:
            if id not in found:
                found.add(id)
                waiting.append(id)
    return found


def _out(reaches: list[Reach], node: str) -> list[Reach]:
    return [reach for reach in reaches if reach.upstream == node]


def _stands(mark: Mark, hot: set[str], nodes: set[str]) -> bool:
    return mark.reach in hot if mark.reach is not None else mark.node in nodes


def _spill(rivers: Rivers, at: str, distance: float | None) -> Mark:
    if at in rivers.marks:
        mark = rivers.marks[at]
        return Mark(SPILL, "outlet", mark.node, mark.reach, mark.distance)
    if at in rivers.reaches:
        return Mark(SPILL, "outlet", reach=at, distance=distance or 0.0)
    return Mark(SPILL, "outlet", node=at)
