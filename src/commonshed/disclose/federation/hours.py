"""Which hours a peer changed: the rows we hold of an entry against those it hands out now under the same position."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from commonshed.disclose.federation.checking import Checker, Part
from commonshed.disclose.federation.client import Client
from commonshed.disclose.federation.mirror import Mirror
from commonshed.errors import PeerError
from commonshed.keep.held import plain_path
from commonshed.units import quantities, value_text

__all__ = ["changed_hours"]


def changed_hours(client: Client, checker: Checker, mirror: Mirror, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The first chunk that differs between two entries about readings, and its rows with old and new value.

    Parameters
    ----------
    changed : mapping
        ``position``, and the entries ``before`` and ``after``, whose proofs were verified.

    Returns
    -------
    dict
        ``chunk`` and ``rows``; empty where we do not hold the old rows or the peer does not hand out the new ones.
    """
    try:
        before = mirror.holding()
        location, segment = before.locations[changed["position"]], before.segments[changed["position"]]
        after = json.loads(changed["after"]["entry"])
        pack, rows, digest = after["pack"], int(after["rows"]), str(after["digest"])
        part = mirror.part(f"changed/{pack['path']}")
        if not 0 < pack["bytes"] <= client.limits.pack or not 0 < rows <= client.limits.rows:
            return {}
        client.fetch(f"segments/{plain_path(pack['path'])}", part, limit=pack["bytes"])
        new = Part(int(pack["offset"]), rows)
        if checker.pack(part, [new])[0].digest != digest:
            return {}
        old = (mirror.folder / "segments" / location.path, Part(location.offset, segment.extent.rows))
        found = checker.changed(old, (part, new))
        mirror.drop(part)
        return {"chunk": found["chunk"], "rows": [_told(row) for row in found["rows"]]}
    except (PeerError, KeyError, TypeError, ValueError):
        return {}  # the entries with their proofs are evidence enough


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row that changed, with values as people write them."""
    of = quantities().get(row["quantity"])
    found = {name: row[name] for name in ("station", "quantity", "statistic", "start", "period")}
    for when in ("before", "after"):
        each = row[when]
        if each is None:
            found[when] = None
            continue
        value = str(each["ticks"]) if of is None else value_text(int(each["ticks"]), of)
        told = {name: each[name] for name in ("ticks", "qualifier", "flag", "status", "reason", "origin", "author")}
        found[when] = {"value": value, "unit": None if of is None else of.unit, **told}
    return found
