"""Pulling from peers: see how far a log is, verify, bring over, take in, cosign; several side by side.

A peer that is away, slow or caught is told and left at its last good state; no other waits for it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from commonshed.disclose.federation import evidence
from commonshed.disclose.federation.bringing import Brought, bring
from commonshed.disclose.federation.checking import Checker
from commonshed.disclose.federation.client import (
    Client,
    Limits,
    Malformed,
    NotGiven,
    NotNow,
    Oversized,
    TooSlow,
    Unreachable,
)
from commonshed.disclose.federation.evidence import Caught
from commonshed.disclose.federation.growth import Growth, look
from commonshed.disclose.federation.hours import changed_hours
from commonshed.disclose.federation.mirror import Mirror, description
from commonshed.disclose.federation.peers import Peer, State, client_for, known, named, save
from commonshed.disclose.federation.taking import Taken, take
from commonshed.disclose.federation.witness import ask_of_others, ask_of_us, compare_heard, cosign, heard_size
from commonshed.errors import CommonshedError, PeerError, ShedError
from commonshed.keep import SealReport, Shed
from commonshed.keep.log import Verifier

__all__ = ["Pulled", "pull"]

logger = logging.getLogger(__name__)

_SIDE_BY_SIDE = 4
_LONGEST_PAUSE = 6 * 3600  # s between two tries of a peer that is away
_FIRST_PAUSE = 30  # s

Advance = Callable[[str, int, int], None]
"""Told which peer, how many bytes have come, and how many there are."""


@dataclass(frozen=True)
class Pulled:
    """What came of pulling from one peer.

    Attributes
    ----------
    peer : Peer
        How it stands with it now.
    entries : int
        That are new to us and verified.
    segments, documents, bytes : int
        That came over.
    part, none : int
        Segments of which some rows, or all, are withheld from us.
    taken : SealReport or None
        What it changed in our own shed; None where nothing was taken in.
    left : mapping of station to who has readings of it
    cosigned : bool
    witnessed : bool
        The peer's cosignature of our own log came back.
    problem : str
        In a sentence; empty when all went well.
    """

    peer: Peer
    entries: int = 0
    segments: int = 0
    documents: int = 0
    bytes: int = 0
    part: int = 0
    none: int = 0
    taken: SealReport | None = None
    left: Mapping[str, str] = field(default_factory=dict)
    cosigned: bool = False
    witnessed: bool = False
    problem: str = ""


def pull(
    shed: Shed,
    names: Sequence[str] = (),
    *,
    taking: bool = True,
    limits: Limits | None = None,
    advance: Advance | None = None,
) -> list[Pulled]:
    """Pull from peers.

    Parameters
    ----------
    names : sequence of str
        From these, now; without a name from all whose next try is due.
    taking : bool
        Take the readings into our own shed; else they stay in the mirror.
    limits : Limits, optional
    advance : callable, optional

    Returns
    -------
    list of Pulled
        One a peer, in order of name: what went wrong with one stands there and is no error here.

    Raises
    ------
    UnknownName
        There is no such peer.
    """
    chosen = [named(shed, name) for name in dict.fromkeys(names)] if names else known(shed)
    now = int(time.time())
    turn = threading.Lock()  # our own shed is sealed by one at a time

    def one(peer: Peer) -> tuple[Pulled, list[tuple[str, Caught]]]:
        if not names and peer.next_try > now and peer.state != "caught":
            return Pulled(peer, problem=f"not before {shed.zone.text(peer.next_try)}: {peer.problem}"), []
        each = _Pull(shed, peer, limits or Limits(), turn, advance)
        return each.run(taking=taking), each.accused

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found = list(pool.map(one, chosen))
    accused = [(name, caught) for _, each in found for name, caught in each]
    stand = {name: _catch(shed, named(shed, name), caught) for name, caught in accused}
    return [_after(result, stand.get(result.peer.name)) for result, _ in found]


def _after(result: Pulled, stands: Peer | None) -> Pulled:
    """A result, with what another peer has brought up."""
    return result if stands is None else replace(result, peer=stands, problem=stands.problem)


class _Pull:
    """One pull of one peer."""

    def __init__(self, shed: Shed, peer: Peer, limits: Limits, turn: threading.Lock, advance: Advance | None) -> None:
        self.shed = shed
        self.peer = peer
        self.limits = limits
        self.turn = turn
        self.advance = advance
        self.folder: Path = peer.folder(shed)
        self.result = Pulled(peer)
        self.accused: list[tuple[str, Caught]] = []

    def run(self, *, taking: bool) -> Pulled:
        """Pull; whatever goes wrong is in what comes back."""
        if self.peer.state == "caught":
            self._enter()
            said = f"stopped: {self.peer.problem}. Look at it: commonshed peer evidence {self.peer.name}"
            return replace(self.result, problem=said)
        try:
            mirror = self.peer.mirror(self.shed)
            with mirror.locked():
                self._run(mirror, taking=taking)
        except (CommonshedError, OSError) as error:  # the peer's faults are told in _run; these are ours
            return replace(self.result, peer=self.peer, problem=str(error))
        return replace(self.result, peer=self.peer)

    def _run(self, mirror: Mirror, *, taking: bool) -> None:
        try:
            with (
                client_for(self.shed, self.peer.url, origin=self.peer.origin, limits=self.limits) as client,
                Checker(seconds=self.limits.check) as checker,
            ):
                self._follow(client, checker, mirror)
                self._gossip(client)
        except (Caught, Oversized, Malformed, TooSlow) as error:
            self._caught(_as_caught(error))
        except NotNow as error:
            self._away("waiting", str(error), pause=error.seconds)
        except (Unreachable, NotGiven) as error:
            self._away("out of reach", str(error))
        if taking and self.peer.state != "caught" and (mirror.folder / "shed.toml").exists():
            self._take(mirror)

    def _follow(self, client: Client, checker: Checker, mirror: Mirror) -> None:
        growth = self._look(client, checker, mirror)
        self._progress(growth)
        mirror.trust(tuple(map(Verifier.parse, growth.keys)))
        mirror.keep_latest(growth.note)
        brought = bring(client, mirror, checker, growth, advance=self._advance)
        mirror.commit(growth.texts, growth.note, brought.held, self._description())
        self._brought(brought, mirror)
        compare_heard(mirror)
        self.result = replace(self.result, cosigned=cosign(self.shed, mirror, growth.note))
        self._moving(mirror)

    def _advance(self, done: int, there_are: int) -> None:
        if self.advance is not None:
            self.advance(self.peer.name, done, there_are)

    def _look(self, client: Client, checker: Checker, mirror: Mirror) -> Growth:
        try:
            return look(client, mirror, self.peer)
        except Caught as caught:
            if "changed" in caught.details:
                caught.details["hours"] = changed_hours(client, checker, mirror, caught.details["changed"])
            raise

    def _progress(self, growth: Growth) -> None:
        """The log is verified so far; its rows come next."""
        now = int(time.time())
        grew = now if growth.checkpoint.size > self.peer.size or self.peer.grew is None else self.peer.grew
        self._now(keys=growth.keys, size=growth.checkpoint.size, grew=grew, last_contact=now)
        self.result = replace(self.result, entries=len(growth.texts))

    def _brought(self, brought: Brought, mirror: Mirror) -> None:
        withheld = mirror.holding().withheld.values()
        part = sum(each.rows < each.extent.rows for each in withheld)
        self.result = replace(
            self.result, segments=brought.segments, documents=brought.documents, bytes=brought.bytes,
            part=part, none=len(withheld) - part,
        )  # fmt: skip
        now = int(time.time())
        self._now(state="good", problem="", failures=0, next_try=0, last_contact=now, last_good=now)

    def _moving(self, mirror: Mirror) -> None:
        """Whether it keeps what it promised, and shows us what it shows to others."""
        now = int(time.time())
        if (more := heard_size(mirror)) > self.peer.size:
            raise Caught("stalling", f"it showed others {more} entries and shows us {self.peer.size}")
        promised, grew = self.peer.promised, self.peer.grew
        if promised is not None and grew is not None and now - grew > promised:
            since = self.shed.zone.text(grew)
            raise Caught("stalling", f"its log has not grown since {since}; it was to grow within {promised} s")

    def _gossip(self, client: Client) -> None:
        """Compare notes; a peer that does not take part is none the worse for it."""
        try:
            with self.turn:
                others = [(peer, peer.mirror(self.shed)) for peer in known(self.shed) if peer.name != self.peer.name]
            self.result = replace(self.result, witnessed=ask_of_us(client, self.shed, self.peer, self.turn))
            found = ask_of_others(client, self.peer, others)
            self.accused = [(other.name, caught) for other, caught in found]
        except Caught:
            raise
        except (PeerError, ShedError) as error:
            logger.info("%s does not compare notes: %s", self.peer.name, error)

    def _take(self, mirror: Mirror) -> None:
        with self.turn:
            taken: Taken = take(self.shed, self.peer, mirror.folder)
        self.result = replace(self.result, taken=taken.report, left=self._by_name(taken.left))
        self._now(claimed={**(self.peer.claimed or {}), **self._by_name(taken.left)})

    def _by_name(self, left: Mapping[str, str]) -> dict[str, str]:
        names = {peer.origin: f"peer {peer.name}" for peer in known(self.shed)}
        return {station: names.get(who, who) for station, who in sorted(left.items())}

    # ── how it stands ──

    def _caught(self, caught: Caught) -> None:
        self.peer = _catch(self.shed, self.peer, caught, turn=self.turn)
        self.result = replace(self.result, problem=self.peer.problem)

    def _enter(self) -> None:
        with self.turn:
            evidence.enter(self.shed, self.folder)

    def _away(self, state: State, problem: str, pause: float | None = None) -> None:
        failures = self.peer.failures + 1
        pause = _pause(failures) if pause is None else pause
        self._now(state=state, problem=problem, failures=failures, next_try=int(time.time() + pause))
        self.result = replace(self.result, problem=problem)

    def _now(self, **changed: object) -> None:
        self.peer = replace(self.peer, **changed)  # type: ignore[arg-type]
        save(self.shed, self.peer)

    def _description(self) -> str:
        return description(name=self.peer.title, node=self.peer.node, zone=self.peer.zone)


def _catch(shed: Shed, peer: Peer, caught: Caught, turn: threading.Lock | None = None) -> Peer:
    """Keep evidence, and how it stands with a peer after it; what is proven stays until a person clears it."""
    about = {"name": peer.name, "url": peer.url, "origin": peer.origin, "key": peer.keys[0]}
    evidence.keep(peer.folder(shed), caught, peer=about)
    failures = peer.failures + 1
    state: State = "caught" if caught.proven else "at fault"
    now = int(time.time())
    next_try = 0 if caught.proven else int(now + _pause(failures))
    problem = f"{caught.kind}: {caught.said}"
    stands = replace(peer, state=state, problem=problem, failures=failures, next_try=next_try, last_contact=now)
    save(shed, stands)
    if turn is None:
        evidence.enter(shed, peer.folder(shed))
    else:
        with turn:
            evidence.enter(shed, peer.folder(shed))
    return stands


def _as_caught(error: Caught | Oversized | Malformed | TooSlow) -> Caught:
    if isinstance(error, Caught):
        return error
    if isinstance(error, Oversized):
        return Caught("oversized", str(error))
    return Caught("malformed" if isinstance(error, Malformed) else "stalling", str(error))


def _pause(failures: int) -> float:
    """Doubled each time, and never the same for two: neighbours of a node that comes back do not all come at once."""
    return min(_FIRST_PAUSE * 2.0 ** (failures - 1), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)
