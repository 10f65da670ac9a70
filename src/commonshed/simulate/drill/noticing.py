"""Who notices that the past was changed, when, and by what: acted out with real nodes on this machine."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from commonshed.disclose import proofs, statements
from commonshed.disclose.federation import evidence, peers, sharing
from commonshed.disclose.federation.pulling import pull
from commonshed.errors import InputError, MissingExtra, ProofError, ShedError
from commonshed.exact import without_zeros
from commonshed.keep import Shed
from commonshed.keep.durable import disk_errors
from commonshed.keep.log.cosignatures import Cosignatures
from commonshed.keep.log.notes import Note, Verifier
from commonshed.simulate.drill.tampering import Edit, copy_for_drill, edit_quietly, position_of, sign_anew
from commonshed.units import quantity as declared
from commonshed.units import value_text

__all__ = ["Drill", "Look", "Reading", "Scene", "drill", "said"]

Language = Literal["en", "zh"]
_RULE = """
# Made for a drill: everything goes to everybody.
kind = "sharing-rule"
id = "drill"
title = { en = "A drill: all readings are open", zh = "演练：全部数据公开" }
in_force_from = 2000-01-01T00:00:00+00:00

[provenance]
status = "unverified"
note = "made for a drill"

[[rules]]
id = "all"
release = "public"
use = { en = "A drill.", zh = "演练。" }
"""


@dataclass(frozen=True)
class Reading:
    """The reading that is changed: start in UTC seconds, the value it is to have in ticks."""

    station: str
    quantity: str
    start: int
    value: int


@dataclass(frozen=True)
class Scene:
    """Something that happens between the looks: ``before.title``, ``drill.title``."""

    key: str
    values: Mapping[str, str]

    def text(self, language: Language = "en") -> str:
        """In a sentence."""
        return said(self.key, language, **self.values)


@dataclass(frozen=True)
class Look:
    """What one of those concerned saw.

    Attributes
    ----------
    who : str
        ``disk``, ``own``, ``neighbour``, ``reporter``, ``court``.
    notices : bool
    seconds : float
        That it took to look.
    values : mapping
        What its sentence is filled with; by language where it is itself a sentence.
    """

    who: str
    notices: bool
    seconds: float
    values: Mapping[str, str | Mapping[Language, str]] = field(default_factory=dict)

    def name(self, language: Language = "en") -> str:
        """Who looked."""
        return said(f"{self.who}.who", language)

    def text(self, language: Language = "en") -> str:
        """What it saw, in a sentence."""
        values = {name: each if isinstance(each, str) else each[language] for name, each in self.values.items()}
        return said(f"{self.who}.{'sees' if self.notices else 'misses'}", language, **values)


@dataclass(frozen=True)
class Drill:
    """What was acted out, and who noticed.

    Attributes
    ----------
    edit : Edit
    hour, before, after, unit : str
        Of the reading, as people write it.
    size : int
        Of the log when it was changed.
    looks : tuple of Look
    folder : Path
        Where the copy, the neighbour and the papers lie.
    """

    edit: Edit
    hour: str
    before: str
    after: str
    unit: str
    size: int
    looks: tuple[Look, ...]
    folder: Path

    @property
    def noticed(self) -> int:
        """How many noticed."""
        return sum(look.notices for look in self.looks)


def said(key: str, language: Language = "en", /, **values: object) -> str:
    """A sentence of the drill, filled in."""
    return _sentences()[key][language].format(**values)


def drill(source: Path, folder: Path, reading: Reading, *, month: str, told: Callable[[Look | Scene], None]) -> Drill:
    """Copy a shed, change one reading of the copy, sign everything anew, and see who notices.

    Parameters
    ----------
    source : Path
        A shed of air; it is copied and stays as it is.
    folder : Path
        Made; holds the copy and everybody's papers.
    reading : Reading
    month : str
        Of the statement: 2016-12.
    told : callable
        Called with each scene and each look as it comes.

    Raises
    ------
    MissingExtra
        ``node``: the copy is served on this machine.
    InputError
        There is no such reading, or the folder is there already.
    """
    position_of(Shed.open(source), reading.station, reading.quantity, reading.start)
    if folder.exists():
        raise InputError("this folder is there already", field="--folder", value=folder, mend="Name one that is not")
    with disk_errors(folder):
        folder.mkdir(parents=True)
    node = copy_for_drill(source, folder / "node")
    sharing.set_rule(node, _RULE.encode(), "the drill's sharing rule")
    papers = _hand_out(node, folder, reading, month)
    told(Scene("before.title", {"size": str(papers.size)}))
    looks: list[Look] = []

    def look(taken: Look) -> None:
        looks.append(taken)
        told(taken)

    edit = edit_quietly(
        node.path, station=reading.station, quantity=reading.quantity, start=reading.start, value=reading.value
    )
    of = declared(reading.quantity)
    before, after, hour = (
        without_zeros(value_text(edit.before, of)),
        without_zeros(value_text(edit.after, of)),
        node.zone.text(edit.start),
    )
    written = {"quantity": of.name_en, "station": edit.station, "hour": hour, "unit": of.unit}
    told(Scene("drill.title", {**written, "before": before, "after": after}))
    look(_own("disk", node.path))
    sign_anew(node.path, edit)
    look(_own("own", node.path))
    look(_neighbour(papers, node.path))
    look(_reporter(papers.statement, node.path))
    look(_court(papers, after))
    return Drill(edit, hour, before, after, of.unit, papers.size, tuple(looks), folder)


# ── before ──


@dataclass(frozen=True)
class _Papers:
    statement: Path
    proof: Path
    key: str
    neighbour: Path
    port: int
    size: int


def _hand_out(node: Shed, folder: Path, reading: Reading, month: str) -> _Papers:
    """As every month: a statement is published, a neighbour pulls and cosigns, a court asks for one reading."""
    stated = statements.state(node, "assess air", {"period": month, "by": "jurisdiction"})
    (folder / "statement.json").write_bytes(node.document_bytes(stated.document))
    neighbour = Shed.create(folder / "neighbour", name="Neighbour", zone=node.zone)
    key = node.log.keys.verifiers[0]
    with _served(node.path) as port:
        peers.add(neighbour, f"http://127.0.0.1:{port}", key=str(key), name="node")
        [pulled] = pull(neighbour, ["node"], taking=False)
        if pulled.problem:
            raise ShedError(f"the drill could not begin, the neighbour's first pull failed: {pulled.problem}")
    seen = Note.parse((neighbour.path / "peers" / "node" / "seen.note").read_bytes())
    witness = neighbour.log.keys.verifiers[0].witness
    Cosignatures(node.log, [witness]).collect(seen)
    proof = proofs.prove(node, station=reading.station, quantity=reading.quantity, start=reading.start)
    (folder / "proof.json").write_bytes(proof.encode())
    return _Papers(folder / "statement.json", folder / "proof.json", str(key), neighbour.path, port, node.size)


@contextmanager
def _served(shed: Path, port: int = 0) -> Iterator[int]:
    """A node on this machine, in a thread; its port."""
    from commonshed.disclose.federation.giving import Giving
    from commonshed.disclose.federation.serving import node_app

    try:
        import uvicorn
    except ImportError:
        raise MissingExtra("node", "serving a node") from None
    config = uvicorn.Config(
        node_app(Giving(Shed.open(shed))), host="127.0.0.1", port=port, lifespan="off", log_level="error", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=15)


# ── who notices ──


def _own(who: str, node: Path) -> Look:
    began = time.perf_counter()
    report = Shed.open(node).check()
    located = sorted(report.problems, key=lambda problem: problem.chunk is None)
    place = str(located[0]) if located else ""
    return Look(who, bool(report.problems), time.perf_counter() - began, {"place": place})


def _neighbour(papers: _Papers, node: Path) -> Look:
    began = time.perf_counter()
    neighbour = Shed.open(papers.neighbour)
    with _served(node, papers.port):
        [pulled] = pull(neighbour, ["node"], taking=False)
    caught = evidence.records(neighbour.path / "peers" / "node")
    values = _evidence(neighbour, caught[0]) if caught else {}
    return Look("neighbour", bool(caught and pulled.problem), time.perf_counter() - began, values)


def _evidence(neighbour: Shed, record: evidence.Record) -> dict[str, str | Mapping[Language, str]]:
    content: Mapping[str, Any] = record.content
    [row] = content["hours"]["rows"]
    return {
        "problem": {"en": said(f"kind.{record.kind}", "en"), "zh": said(f"kind.{record.kind}", "zh")},
        "entry": str(content["changed"]["position"]),
        "hour": f"{row['station']}, {row['quantity']}, {neighbour.zone.text(row['start'])}",
        "before": f"{without_zeros(row['before']['value'])} {row['before']['unit']}",
        "after": f"{without_zeros(row['after']['value'])} {row['after']['unit']}",
    }


def _reporter(statement: Path, node: Path) -> Look:
    began = time.perf_counter()
    verdict = statements.verify(statement.read_bytes(), shed=node)
    return Look("reporter", not verdict.stands, time.perf_counter() - began,
                {"problem": {"en": verdict.headline("en"), "zh": verdict.headline("zh")}})  # fmt: skip


def _court(papers: _Papers, after: str) -> Look:
    began = time.perf_counter()
    witness = Shed.open(papers.neighbour).log.keys.verifiers[0].witness
    try:
        proved = proofs.verify(proofs.Proof.read(papers.proof), Verifier.parse(papers.key), witnesses=[witness])
    except ProofError as error:
        return Look("court", False, time.perf_counter() - began, {"problem": str(error)})
    value = without_zeros(proved.value)
    values: dict[str, str | Mapping[Language, str]]
    values = {"value": value, "unit": proved.unit or "", "after": after, "witnesses": _witnessed(proved)}
    return Look("court", value != after, time.perf_counter() - began, values)


def _witnessed(proved: proofs.Proved) -> Mapping[Language, str]:
    if not proved.witnesses:
        return {"en": "", "zh": ""}
    return {"en": said("court.witnesses", "en"), "zh": said("court.witnesses", "zh")}


@cache
def _sentences() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("texts.toml").read_text("utf-8")
    return {f"{about}.{key}": texts for about, each in tomllib.loads(text).items() for key, texts in each.items()}
