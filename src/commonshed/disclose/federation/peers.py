"""Who we pull from: its address, the key we were given for it, and how it has behaved. ``peers/<name>/peer.json``."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from commonshed.disclose.federation.client import Client, Limits, Malformed, checked_url
from commonshed.disclose.federation.mirror import Mirror
from commonshed.disclose.federation.signing import sign_request
from commonshed.errors import InputError, PeerError, PeriodError, ProofError, ShedDamaged, ShedError, UnknownName
from commonshed.keep import Shed
from commonshed.keep.durable import sync_folder, write_file
from commonshed.keep.log.notes import ED25519, Signer, Verifier
from commonshed.periods import Zone

__all__ = ["Peer", "State", "accept_key", "add", "clear", "client_for", "known", "named", "remove", "save"]

State = Literal["new", "good", "waiting", "out of reach", "at fault", "caught"]
"""How it stands with a peer: never pulled; fine; told us to come back; no answer; not answering as agreed, which may be
the way to it; caught at something it signed itself, until a person clears it."""

_FORMAT = "commonshed-peer/1"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NODE = re.compile(r"[0-9a-z-]{1,64}")


@dataclass(frozen=True)
class Peer:
    """A node we pull from.

    Attributes
    ----------
    name : str
        What we call it; the folder below ``peers/``.
    url, origin, node, title, zone : str
        Its address, its log, its id, what it calls itself, in which zone it counts days.
    keys : tuple of str
        Verifier keys its log may be signed with, the current one first.
    added : int
        [UTC s]
    promised : int or None
        Seconds within which its log should grow, as was agreed.
    last_contact, last_good : int or None
        Last answer; last pull that was verified to the end. [UTC s]
    failures : int
        Pulls in a row that came to nothing.
    next_try : int
        Not before. [UTC s]
    state : str
    problem : str
        In a sentence; empty when there is none.
    size : int
        Entries of its log that were verified.
    grew : int or None
        When its log was last seen to have grown. [UTC s]
    claimed : dict of station to claimant
        Stations whose readings were left in the mirror, because someone else has readings of them.
    """

    name: str
    url: str
    origin: str
    node: str
    title: str
    zone: str
    keys: tuple[str, ...]
    added: int
    promised: int | None = None
    last_contact: int | None = None
    last_good: int | None = None
    failures: int = 0
    next_try: int = 0
    state: State = "new"
    problem: str = ""
    size: int = 0
    grew: int | None = None
    claimed: Mapping[str, str] | None = None

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """The keys, ready to verify with."""
        return tuple(map(Verifier.parse, self.keys))

    @property
    def key_id(self) -> str:
        """By which other nodes name its log: 8 hexadecimal digits."""
        return self.verifiers[0].key_id.hex()

    def folder(self, shed: Shed) -> Path:
        """Where its mirror lies."""
        return shed.path / "peers" / self.name

    def mirror(self, shed: Shed) -> Mirror:
        """Its mirror, read as far as it was verified."""
        found = Mirror(self.folder(shed), origin=self.origin)
        found.trust(self.verifiers)
        found.refresh()
        return found


def add(
    shed: Shed,
    url: str,
    *,
    key: str,
    name: str | None = None,
    promised: int | None = None,
    limits: Limits | None = None,
) -> Peer:
    """Take a node on as a peer; nothing is pulled yet.

    Parameters
    ----------
    url : str
        Address of the node.
    key : str
        Its verifier key, as its owner gave it to us by another way than this address.
    name : str, optional
        What we call it; without it what it calls itself.
    promised : int, optional
        Within how long its log should grow. [s]

    Raises
    ------
    InputError
        The name is taken or is none, the address or the key is none.
    PeerError
        The node at this address has another key, or does not answer as a node does.
    """
    try:
        pinned = Verifier.parse(key)
    except ProofError as error:
        raise InputError(
            str(error), field="--key", mend="Ask the owner of the node for `commonshed key show`"
        ) from None
    if pinned.kind != ED25519:
        raise InputError("a witness key cosigns the logs of others", field="--key", mend="Give the key of the log")
    with client_for(shed, checked_url(url), origin=pinned.name, limits=limits) as client:
        said = describe(client)
    if str(pinned) not in said["keys"]:
        raise PeerError(
            f"{url}: the node there signs with {' or '.join(said['keys']) or 'no key'}; the key you gave is {pinned}. "
            "Ask its owner which one is right before anything else"
        )
    if said["origin"] != pinned.name or said["origin"] != f"commonshed/{said['node']}":
        raise PeerError(f"{url}: the node calls its log {said['origin']!r}, its key is named {pinned.name!r}")
    if said["node"] == shed.node:
        raise InputError("this is the very node that would pull from itself", value=url)
    called = _called(shed, name, said["name"])
    if (twin := next((peer for peer in known(shed) if peer.origin == said["origin"]), None)) is not None:
        raise InputError(f"this node is a peer already, as {twin.name}", value=url)
    peer = Peer(
        called, checked_url(url), said["origin"], said["node"], said["name"], said["zone"], (str(pinned),),
        added=_now(), promised=promised, last_contact=_now(),
    )  # fmt: skip
    peer.mirror(shed)
    shed.enter("peer", {"act": "added", "name": called, "url": peer.url, "origin": peer.origin, "key": str(pinned)})
    save(shed, peer)
    return peer


def known(shed: Shed) -> list[Peer]:
    """All peers, by name."""
    return [_read(path) for path in sorted((shed.path / "peers").glob("[a-z0-9]*/peer.json"))]


def named(shed: Shed, name: str) -> Peer:
    """One peer.

    Raises
    ------
    UnknownName
    """
    path = shed.path / "peers" / name / "peer.json"
    if not _NAME.fullmatch(name) or not path.exists():
        raise UnknownName("peer", name, [peer.name for peer in known(shed)])
    return _read(path)


def save(shed: Shed, peer: Peer) -> None:
    """Write down how it stands with a peer; durable on return."""
    content = {"format": _FORMAT, "key": peer.keys[0], **asdict(peer)}
    write_file(peer.folder(shed) / "peer.json", json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")


def remove(shed: Shed, name: str, *, reason: str) -> Path:
    """Pull from a peer no more. What was taken in stays; the mirror and the evidence are moved aside, not deleted.

    Returns
    -------
    Path
        Where they are now.
    """
    peer = named(shed, name)
    with peer.mirror(shed).locked():
        aside = shed.path / "peers" / ".removed" / f"{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
        aside.parent.mkdir(parents=True, exist_ok=True)
        shed.enter("peer", {"act": "removed", "name": name, "origin": peer.origin, "reason": reason})
        peer.folder(shed).rename(aside)
        sync_folder(aside.parent)
    return aside


def clear(shed: Shed, name: str, *, reason: str) -> Peer:
    """Pull again from a peer that was caught, because a person looked at it. The evidence stays.

    Raises
    ------
    InputError
        It was not caught.
    """
    peer = named(shed, name)
    if peer.state != "caught":
        raise InputError(f"{name} was not caught at anything: {peer.state}", mend="There is nothing to clear")
    shed.enter("peer", {"act": "cleared", "name": name, "origin": peer.origin, "reason": reason, "was": peer.problem})
    cleared = replace(peer, state="new" if not peer.size else "good", problem="", failures=0, next_try=0)
    save(shed, cleared)
    return cleared


def accept_key(shed: Shed, name: str, key: str, *, reason: str) -> Peer:
    """Believe a peer under another key, because its owner declared by another way that the old one is lost.

    Its log has still to follow from what we saw under the old key.

    Raises
    ------
    InputError
        It is no key, or that of another log.
    """
    peer = named(shed, name)
    try:
        fresh = Verifier.parse(key)
    except ProofError as error:
        raise InputError(str(error), mend="Ask the owner of the node for `commonshed key show`") from None
    if fresh.name != peer.origin or fresh.kind != ED25519:
        raise InputError(f"this is no key of {peer.origin}", value=key, mend="Its name is that of the log")
    shed.enter(
        "peer",
        {
            "act": "key accepted",
            "name": name,
            "origin": peer.origin,
            "key": str(fresh),
            "was": peer.keys[0],
            "reason": reason,
        },
    )
    accepted = replace(peer, keys=tuple(dict.fromkeys((str(fresh), *peer.keys))), failures=0, next_try=0)
    save(shed, accepted)
    accepted.mirror(shed)
    return accepted


def client_for(shed: Shed, url: str, *, origin: str, limits: Limits | None = None) -> Client:
    """A client that says who we are, where this shed has a key to say it with."""
    return Client(url, authorize=_authorize(_signer(shed), origin), limits=limits)


def describe(client: Client) -> dict[str, Any]:
    """What a node says of itself: ``node.json``.

    Raises
    ------
    Malformed
        It is not what a node says.
    """
    content = client.get("node.json", limit=client.limits.description)
    try:
        said = json.loads(content)
        found = {name: said[name] for name in ("name", "node", "zone", "origin", "keys")}
        if said["format"] != "commonshed-node/1" or not all(isinstance(key, str) for key in found["keys"]):
            raise ValueError("it is of another format")
        texts = [found[name] for name in ("name", "node", "zone", "origin")]
        if not all(isinstance(text, str) and 0 < len(text) <= 200 and text.isprintable() for text in texts):
            raise ValueError("a name is no name")
        if not _NODE.fullmatch(found["node"]):
            raise ValueError("its id is none")
        Zone.parse(found["zone"])
    except (ValueError, KeyError, TypeError, RecursionError, PeriodError) as error:
        raise Malformed(f"{client.url}: node.json is not what a node says of itself ({error!r})") from None
    return found


def _called(shed: Shed, name: str | None, title: str) -> str:
    called = name if name is not None else _plain(title)
    if not _NAME.fullmatch(called):
        raise InputError(
            "a peer needs a short name",
            field="--name",
            value=called,
            mend="Write it in a-z, 0-9 and -: --name upstream",
        )
    if (shed.path / "peers" / called / "peer.json").exists():
        raise InputError("another peer has this name", field="--name", value=called, mend="Give another: --name NAME")
    return called


def _plain(title: str) -> str:
    text = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:40]


def _read(path: Path) -> Peer:
    try:
        found = json.loads(path.read_bytes())
        known_fields = {each.name for each in fields(Peer)}
        peer = Peer(**{name: value for name, value in found.items() if name in known_fields})
        if found["format"] != _FORMAT or peer.state not in get_args(State):
            raise ValueError(f"of another format: {found['format']}")
        return replace(peer, keys=tuple(peer.keys))
    except (ValueError, KeyError, TypeError) as error:
        raise ShedDamaged(f"{path}: {error!r}. Put back a copy, or add the peer anew") from None


def _signer(shed: Shed) -> Signer | None:
    try:
        return shed.log.keys.signer()
    except ShedDamaged:
        raise
    except ShedError:
        return None  # a copy without a key asks as the public does


def _authorize(signer: Signer | None, origin: str) -> Callable[[str, str], Mapping[str, str]]:
    def headers(method: str, target: str) -> Mapping[str, str]:
        if signer is None:
            return {}
        return {"Authorization": sign_request(signer, method=method, target=target, origin=origin)}

    return headers


def _now() -> int:
    return int(time.time())
