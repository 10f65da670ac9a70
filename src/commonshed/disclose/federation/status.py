"""How it stands with each peer, in words a person understands and in fields a program can read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from commonshed.disclose.federation import evidence
from commonshed.disclose.federation.peers import Peer, State, known
from commonshed.errors import ShedError
from commonshed.keep import Shed
from commonshed.keep.extent import Extent
from commonshed.keep.log.cosignatures import Cosignatures, witnessed

__all__ = ["STATES", "evidence_record", "peer_record", "status"]

STATES: Mapping[State, str] = {
    "new": "not pulled yet",
    "good": "verified to the end",
    "waiting": "asked us to come back later",
    "out of reach": "out of reach; the mirror is at its last good state",
    "at fault": "did not answer as agreed; the mirror is at its last good state, and it is tried again",
    "caught": "caught; nothing is pulled until a person has looked at it and cleared it",
}
"""What a state means."""


def status(shed: Shed, name: str | None = None) -> list[dict[str, Any]]:
    """One record a peer.

    Parameters
    ----------
    name : str, optional
        Of this one only.
    """
    cosigned = _cosigned(shed)
    peers = known(shed)
    return [peer_record(shed, peer, cosigned) for peer in peers if name is None or peer.name == name]


def peer_record(shed: Shed, peer: Peer, cosigned: Mapping[str, int] | None = None) -> dict[str, Any]:
    """How it stands with one peer.

    Parameters
    ----------
    cosigned : mapping of origin to size, optional
        Largest checkpoint of our own log that each peer has signed as a witness.
    """
    now = int(time.time())
    text = shed.zone.text
    mirror = peer.mirror(shed)
    withheld = mirror.holding().withheld.values()
    found = evidence.records(peer.folder(shed))
    return {
        "name": peer.name,
        "state": peer.state,
        "means": STATES[peer.state],
        "problem": peer.problem or None,
        "title": peer.title,
        "url": peer.url,
        "origin": peer.origin,
        "key": peer.keys[0],
        "last_good": None if peer.last_good is None else text(peer.last_good),
        "lag_s": None if peer.last_good is None else now - peer.last_good,
        "last_contact": None if peer.last_contact is None else text(peer.last_contact),
        "grew": None if peer.grew is None else text(peer.grew),
        "failures": peer.failures,
        "next_try": text(peer.next_try) if peer.next_try > now else None,
        "size": peer.size,
        "mirrored": mirror.log.size,
        "behind": max(peer.size - mirror.log.size, 0),
        "cosigned_by_us": mirror.seen() is not None,
        "cosigned_by_it": (cosigned or {}).get(peer.origin),
        "withheld_part": sum(each.rows < each.extent.rows for each in withheld),
        "withheld_none": sum(each.rows == each.extent.rows for each in withheld),
        "withheld_rows": sum(each.rows for each in withheld),
        "withheld": _spans(shed, [each.extent for each in withheld]),
        "claimed_by_two": dict(peer.claimed or {}),
        "evidence": len(found),
        "proven": sum(record.proven for record in found),
        "latest_evidence": None if not found else f"{text(found[-1].at)}: {found[-1].kind}",
    }


def evidence_record(shed: Shed, peer: str, record: evidence.Record) -> dict[str, Any]:
    """One piece of evidence, whole, with where it stands in our own log."""
    entered = next(
        (
            entry.position
            for entry in shed.entries
            if entry.kind == "evidence" and entry.content["digest"] == record.digest
        ),
        None,
    )
    changed = record.content.get("hours") or {}
    rows = changed.get("rows", [])
    return {
        "peer": peer,
        "at": shed.zone.text(record.at),
        "kind": record.kind,
        "proven": record.proven,
        "said": record.said,
        "entry": _position(record.content),
        "changed": _hour(shed, rows[0]) if rows else None,
        "changed_rows": len(rows),
        "file": str(record.path),
        "digest": record.digest,
        "entered_at": entered,
        "content": dict(record.content),
    }


def _position(content: Mapping[str, Any]) -> int | None:
    for name in ("changed", "first_difference", "entry"):
        found = content.get(name)
        if isinstance(found, Mapping) and isinstance(found.get("position"), int):
            return int(found["position"])
    return None


def _hour(shed: Shed, row: Mapping[str, Any]) -> str:
    was, now = row["before"], row["after"]
    told = [_value(was), _value(now)]
    return f"{row['station']} {row['quantity']} {shed.zone.text(row['start'])}: {told[0]} → {told[1]}"


def _value(said: Mapping[str, Any] | None) -> str:
    if said is None:
        return "nothing"
    flag = "" if said["flag"] == "valid" else f" ({said['flag']})"
    return f"{said['value']} {said['unit'] or ''}".strip() + flag


def _spans(shed: Shed, extents: list[Extent]) -> dict[str, Any] | None:
    """What the withheld parts are about."""
    if not extents:
        return None
    quantities = sorted({quantity for extent in extents for quantity in extent.quantities})
    first, last = min(extent.first for extent in extents), max(extent.last for extent in extents)
    return {"quantities": quantities, "first": shed.zone.text(first), "last": shed.zone.text(last)}


def _cosigned(shed: Shed) -> dict[str, int]:
    """Per witness the largest size of our log it has signed."""
    verifiers = [verifier for peer in known(shed) for verifier in peer.verifiers]
    found: dict[str, int] = {}
    try:
        kept = Cosignatures(shed.log, verifiers)
        for size in kept.sizes():
            note = kept.cosigned(size)
            for each in witnessed(note, verifiers) if note is not None else ():
                found.setdefault(each.witness.name, size)
    except ShedError:
        return found
    return found
