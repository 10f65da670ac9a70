"""Pull from other nodes: ``commonshed peer …``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from commonshed.cli.output import FormatOption, OutputOption, Record, talk, write
from commonshed.errors import InputError
from commonshed.keep import Shed

if TYPE_CHECKING:
    from commonshed.disclose.federation.pulling import Pulled

__all__ = ["app"]

app = App(
    name="peer",
    help="Pull from other nodes: add, pull, status, evidence, accept-key, clear, remove.\n\n"
    "Example: commonshed peer pull --shed my-shed",
)

ShedOption = Annotated[Path, Parameter(name="--shed", help="Folder of the shed.")]
NameArgument = Annotated[str, Parameter(help="What we call the peer.")]
ReasonOption = Annotated[str, Parameter(help="Why; it goes into the log.")]

_PATIENCE = 2.0  # seconds before a progress bar shows
_SPANS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


@app.command
def add(
    url: Annotated[str, Parameter(help="Address of the node: https://air.upstream.example")],
    *,
    key: Annotated[str, Parameter(help="Its verifier key, as its owner told you by another way than this address.")],
    shed: ShedOption,
    name: Annotated[str | None, Parameter(help="What we call it; without it what it calls itself.")] = None,
    promised: Annotated[str | None, Parameter(help="Within how long its log grows, as was agreed: 2h, 1d.")] = None,
) -> None:
    """Take a node on as a peer. Its key is compared with the one you give; nothing is pulled yet.

    Example: commonshed peer add https://air.upstream.example --key commonshed/5f2a…+a1b2c3d4+AQ… --shed my-shed
    """
    from commonshed.disclose.federation import peers

    opened = Shed.open(shed)
    peer = peers.add(opened, url, key=key, name=name, promised=None if promised is None else _seconds(promised))
    talk(f"{peer.title!r} is now the peer {peer.name}. Pull from it: commonshed peer pull {peer.name} --shed {shed}")


@app.command
def pull(
    *names: Annotated[str, Parameter(help="From these, now; without a name from all whose next try is due.")],
    shed: ShedOption,
    take: Annotated[bool, Parameter(negative="--no-take", help="Take what was verified into our own shed.")] = True,
    format: FormatOption = None,
    output: OutputOption = None,
) -> int:
    """Pull from peers: see that their logs only grew, verify every row, take it in, cosign.

    Nothing that was not verified is kept. A pull that broke off goes on where it ended. A peer that does not answer, or
    is caught at something, is told and holds up no other.

    Example: commonshed peer pull --shed my-shed

    Returns
    -------
    int
        0, or 2 if a peer could not be pulled from.
    """
    from commonshed.disclose.federation.pulling import pull as pull_from

    opened = Shed.open(shed)
    with _progress() as advance:
        found = pull_from(opened, names, taking=take, advance=advance)
    if not found:
        talk("there are no peers. Add one: commonshed peer add URL --key KEY")
    for each in found:
        _say(each)
    write([_record(each) for each in found], format=format, output=output, columns=_COLUMNS)
    return 2 if any(each.problem for each in found) else 0


@app.command
def status(
    name: Annotated[str | None, Parameter(help="Of this peer only.")] = None,
    *,
    shed: ShedOption,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """How it stands with each peer: state, last good contact, how far its log and our mirror are, what is withheld.

    Example: commonshed peer status --shed my-shed
    """
    from commonshed.disclose.federation.peers import named
    from commonshed.disclose.federation.status import status as status_of

    opened = Shed.open(shed)
    if name is not None:
        named(opened, name)
    records = status_of(opened, name)
    for each in records:
        if each["problem"]:
            talk(f"{each['name']}: {each['means']}. {each['problem']}")
        for station, who in each["claimed_by_two"].items():
            talk(f"{each['name']}: {station} is claimed by two; its readings are those of {who}")
    write(records, format=format, output=output, columns=_STATUS)


@app.command
def evidence(
    name: Annotated[str | None, Parameter(help="About this peer only.")] = None,
    *,
    shed: ShedOption,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """What peers were caught at, with what they signed: which entry and which hour changed, from what to what.

    JSON carries the signed notes and proofs, so that anybody can check them without us.

    Example: commonshed peer evidence upstream --shed my-shed --format json
    """
    from commonshed.disclose.federation.evidence import records
    from commonshed.disclose.federation.peers import known, named
    from commonshed.disclose.federation.status import evidence_record

    opened = Shed.open(shed)
    peers = known(opened) if name is None else [named(opened, name)]
    found = [evidence_record(opened, peer.name, record) for peer in peers for record in records(peer.folder(opened))]
    if not found:
        talk("there is no evidence of anything")
    write(found, format=format, output=output, columns=_EVIDENCE)


@app.command(name="accept-key")
def accept_key(
    name: NameArgument,
    key: Annotated[str, Parameter(help="The new verifier key, as its owner told you by another way.")],
    *,
    reason: ReasonOption,
    shed: ShedOption,
) -> None:
    """Believe a peer under a new key, because its owner declared the old one lost.

    A planned change of key needs no hand: the old key signs the new one. The log has still to follow from what we saw.

    Example: commonshed peer accept-key upstream commonshed/5f2a…+0f9e8d7c+AQ… --reason "call with Zhao Min"
    --shed my-shed
    """
    from commonshed.disclose.federation import peers

    peer = peers.accept_key(Shed.open(shed), name, key, reason=reason)
    talk(f"{peer.name} is believed under {peer.keys[0]} from now on")


@app.command
def clear(name: NameArgument, *, reason: ReasonOption, shed: ShedOption) -> None:
    """Pull again from a peer that was caught, because you have looked at it. The evidence stays.

    Example: commonshed peer clear upstream --reason "restored from a backup, call with Zhao Min" --shed my-shed
    """
    from commonshed.disclose.federation import peers

    peer = peers.clear(Shed.open(shed), name, reason=reason)
    talk(f"{peer.name} is pulled from again. If its log still differs it will be caught again: then remove and add it")


@app.command
def remove(name: NameArgument, *, reason: ReasonOption, shed: ShedOption) -> None:
    """Pull from a peer no more. What was taken in stays; mirror and evidence are moved aside, not deleted.

    Example: commonshed peer remove upstream --reason "agreement ended" --shed my-shed
    """
    from commonshed.disclose.federation import peers

    talk(f"removed; its mirror and the evidence are in {peers.remove(Shed.open(shed), name, reason=reason)}")


_COLUMNS = ["peer", "state", "entries", "segments", "bytes", "withheld", "new", "corrected", "cosigned"]
_STATUS = ["name", "state", "last_good", "size", "mirrored", "withheld_part", "withheld_none", "evidence", "proven"]
_EVIDENCE = ["peer", "at", "kind", "proven", "entry", "changed", "said"]


def _record(found: Pulled) -> Record:
    taken = found.taken
    return {
        "peer": found.peer.name,
        "state": found.peer.state,
        "problem": found.problem or None,
        "size": found.peer.size,
        "entries": found.entries,
        "segments": found.segments,
        "documents": found.documents,
        "bytes": found.bytes,
        "withheld": found.part + found.none,
        "withheld_part": found.part,
        "withheld_none": found.none,
        "new": None if taken is None else taken.new,
        "corrected": None if taken is None else taken.corrected,
        "unchanged": None if taken is None else taken.unchanged,
        "overruled": None if taken is None else taken.overruled,
        "left": dict(found.left),
        "cosigned": found.cosigned,
        "witnessed": found.witnessed,
    }


def _say(found: Pulled) -> None:
    """What a person should know beyond the table."""
    name = found.peer.name
    if found.problem:
        talk(f"{name}: {found.problem}")
    for station, who in found.left.items():
        talk(f"{name}: {station} is claimed by two; its readings are those of {who}, these stay in the mirror")
    if found.taken is not None and found.taken.overruled:
        talk(f"{name}: {found.taken.overruled:,} readings differ from a person's correction here, which stands")


def _seconds(text: str) -> int:
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = text[len(number) :].strip()
    if not number.isdigit() or unit not in _SPANS:
        raise InputError("no span of time", field="--promised", value=text, mend="Write 30min, 2h or 1d")
    return int(number) * _SPANS[unit]


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar a peer on a terminal, once it takes longer than a moment."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    began = time.monotonic()
    tasks: dict[str, Any] = {}

    def advance(name: str, done: int, there_are: int) -> None:
        if name not in tasks:
            tasks[name] = bar.add_task(name, total=there_are)
        bar.update(tasks[name], completed=done, total=max(there_are, done))
        if not bar.live.is_started and time.monotonic() - began > _PATIENCE:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()
