"""Every lie a peer can tell: caught, written down, and of no effect on what we hold."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rfc8785
from tests.disclose.federation.lying import IMPATIENT, QUICK, Answer, Node, serving
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, row, source, table

from commonshed.disclose.federation import peers
from commonshed.disclose.federation.evidence import Record, records
from commonshed.disclose.federation.pulling import Pulled, pull
from commonshed.disclose.federation.status import evidence_record, status
from commonshed.errors import InputError
from commonshed.keep import Shed
from commonshed.keep.log import Checkpoint, Note, Signer
from commonshed.keep.log.tiles import Edge
from commonshed.keep.merkle import leaf_hash, verify_inclusion
from commonshed.simulate.drill.tampering import copy_for_drill, edit_quietly, sign_anew

NEXT = MARCH + 24 * HOUR
"""Within one month, by UTC as well."""

pytestmark = pytest.mark.usefixtures("one_checker")


@pytest.fixture
def up(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "up")
    made.seal_import(
        [hours(600, first=NEXT), hours(60, station="guanyuan", quantity="co", first=NEXT)], source=source("a")
    )
    return made


@pytest.fixture
def node(up: Shed) -> Iterator[Node]:
    with serving(up) as found:
        yield found


@pytest.fixture
def me(tmp_path: Path, node: Node) -> Shed:
    """A node whose peer ``up`` is at the address of the node that may lie."""
    made = make_shed(tmp_path / "me")
    peers.add(made, node.url, key=node.key, name="up", limits=QUICK)
    return made


def pulled(shed: Shed) -> Pulled:
    (found,) = pull(shed, ["up"], limits=QUICK)
    return found


def folder(shed: Shed) -> Path:
    return shed.path / "peers" / "up"


def only(shed: Shed) -> Record:
    """The one piece of evidence; it stands in our own log."""
    (found,) = records(folder(shed))
    shed.refresh()
    (entry,) = [entry for entry in shed.entries if entry.kind == "evidence"]
    assert entry.content["digest"] == found.digest
    assert entry.content["what"] == found.kind
    return found


def state(shed: Shed) -> tuple[Any, ...]:
    """What we hold of the peer."""
    mirror = Shed.open(folder(shed))
    return mirror.size, mirror.log.checkpoint().root, current(mirror.readings()), current(shed.readings())


def twin(up: Shed, to: Path) -> Shed:
    """The same node, key and all, that goes on by itself from here."""
    shutil.copytree(up.path, to)
    return Shed.open(to)


# ── what it contradicts with its own signature ──


def test_one_hour_edited_and_all_signed_anew_is_shown_with_both_values(me: Shed, up: Shed, node: Node) -> None:
    pulled(me)
    before = state(me)
    drill = copy_for_drill(up.path, up.path.with_name("drill"))
    edit = edit_quietly(drill.path, station="dongsi", quantity="pm25", start=NEXT + 300 * HOUR, value=1)
    sign_anew(drill.path, edit)
    node.shed = Shed.open(drill.path)
    found = pulled(me)
    assert found.peer.state == "caught"
    assert found.problem.startswith("fork: it signed two different logs of 2 entries")
    caught = only(me)
    assert (caught.kind, caught.proven) == ("fork", True)
    content = caught.content
    assert content["changed"]["position"] == edit.position
    assert content["hours"]["chunk"] == 1
    (changed,) = content["hours"]["rows"]
    assert (changed["station"], changed["quantity"], changed["start"]) == ("dongsi", "pm25", NEXT + 300 * HOUR)
    assert (changed["before"]["value"], changed["after"]["value"]) == ("0.300", "0.001")
    assert state(me) == before
    told = evidence_record(me, "up", caught)
    assert told["changed"] == "dongsi pm25 2016-03-14T12:00+08:00: 0.300 ug/m3 → 0.001 ug/m3"


def test_the_evidence_can_be_checked_by_anybody(me: Shed, up: Shed, node: Node) -> None:
    pulled(me)
    other = twin(up, up.path.with_name("twin"))
    up.seal_import([hours(9, station="s", first=NEXT)], source=source("b"))
    pulled(me)
    other.seal_import([hours(9, station="s", first=NEXT, ticks_from=1)], source=source("b"))
    other.enter("note", {"text": "more"})
    node.shed = other
    assert pulled(me).problem.startswith("rewriting: ")
    content = json.loads(only(me).path.read_bytes())
    key = peers.named(me, "up").verifiers
    notes = {
        name: Checkpoint.parse(Note.parse(text.encode()).checked(key).text) for name, text in content["notes"].items()
    }
    assert (notes["seen"].size, notes["shown"].size) == (4, 5)
    for when, note in (("before", "seen"), ("after", "shown")):
        said = content["first_difference"][when]
        proof = [base64.b64decode(each) for each in said["inclusion"]]
        leaf = leaf_hash(said["entry"].encode())
        verify_inclusion(leaf, content["first_difference"]["position"], said["size"], proof, notes[note].root)
    assert content["first_difference"]["before"]["entry"] != content["first_difference"]["after"]["entry"]


def test_a_log_that_went_back_is_caught(me: Shed, up: Shed, node: Node) -> None:
    old = twin(up, up.path.with_name("old"))
    up.enter("note", {"text": "more"})
    pulled(me)
    before = state(me)
    node.shed = old
    found = pulled(me)
    assert found.problem == "rollback: its log went back from 3 entries to 2"
    assert state(me) == before
    # Anybody on the way can replay an old checkpoint: it is told and kept, and cuts nobody off for good.
    assert (found.peer.state, only(me).proven) == ("at fault", False)
    node.shed = up
    assert (pulled(me).problem, only(me).kind) == ("", "rollback")


def test_a_log_that_went_back_and_was_changed_as_well_is_rewritten(me: Shed, up: Shed, node: Node) -> None:
    old = twin(up, up.path.with_name("old"))
    up.seal_import([hours(9, station="s", first=NEXT)], source=source("b"))
    pulled(me)
    old.enter("note", {"text": "other"})
    node.shed = old
    assert pulled(me).problem.startswith("rewriting: its log went back from 4 entries to 3, and these are not")
    assert only(me).content["first_difference"]["position"] == 2


def test_a_cache_on_the_way_that_is_old_for_a_moment_is_no_rollback(me: Shed, up: Shed, node: Node) -> None:
    old = (up.path / "log" / "checkpoint").read_bytes()
    up.enter("note", {"text": "more"})
    pulled(me)
    answers = [old]

    def late(answer: Answer) -> None:
        if answers:
            answer.body = answers.pop()

    node.lies["checkpoint"] = late
    assert pulled(me).problem == ""


def test_what_was_caught_stays_so_until_a_person_clears_it(me: Shed, up: Shed, node: Node) -> None:
    old = twin(up, up.path.with_name("old"))
    up.enter("note", {"text": "more"})
    pulled(me)
    old.enter("note", {"text": "other"})
    node.shed = old
    pulled(me)
    node.shed = up
    node.asked.clear()
    found = pulled(me)
    assert found.problem.startswith("stopped: fork")
    assert node.asked == []
    cleared = peers.clear(me, "up", reason="restored from a backup, call with Zhao Min")
    assert cleared.state == "good"
    assert me.entries[-1].content["reason"] == "restored from a backup, call with Zhao Min"
    assert pulled(me).problem == ""
    assert len(records(folder(me))) == 1
    with pytest.raises(InputError, match="nothing to clear"):
        peers.clear(me, "up", reason="again")


def test_a_past_rewritten_before_the_rows_had_come_over_is_caught(me: Shed, up: Shed, node: Node) -> None:
    other = twin(up, up.path.with_name("twin"))
    up.enter("note", {"text": "one"})
    node.lies["segments/"] = lambda answer: setattr(answer, "status", 500)
    assert pulled(me).peer.state == "out of reach"
    other.enter("note", {"text": "another"})
    node.shed = other
    node.lies.clear()
    assert pulled(me).problem.startswith("fork: ")
    assert not (folder(me) / "shed.toml").exists()


def test_rows_that_are_not_those_that_were_logged_are_caught_though_the_file_is(me: Shed, up: Shed, node: Node) -> None:
    pulled(me)
    before = state(me)
    liar = relogged(up, lambda said: said | {"digest": "0" * 64})
    node.shed = liar
    assert pulled(me).problem.startswith("wrong-rows: the file of entry ")
    assert only(me).proven
    assert state(me) == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"first": NEXT + 699 * HOUR}, "not all that it speaks of"),
        ({"last": NEXT + 701 * HOUR}, "other times"),
        ({"quantities": {"o3": 7}}, "other quantities"),
        ({"stations": "1"}, "other stations"),
    ],
)
def test_an_entry_that_misleads_about_its_rows_is_caught(
    me: Shed, up: Shed, node: Node, change: dict[str, Any], why: str
) -> None:
    node.shed = relogged(up, lambda said: said | change)
    assert why in pulled(me).problem
    assert only(me).kind == "wrong-rows"


def relogged(up: Shed, change: Any) -> Shed:
    """The same node, which logs seven more readings with an entry that was changed, and signs it."""
    made = twin(up, up.path.with_name("liar"))
    made.seal_import([hours(7, station="dongsi", first=NEXT + 700 * HOUR)], source=source("lie"))
    texts = [made.log.entry_bytes(position) for position in range(made.size)]
    texts[-1] = rfc8785.dumps(change(json.loads(texts[-1])))
    signed_again(made, texts)
    return made


def signed_again(shed: Shed, texts: list[bytes]) -> None:
    """Sign another log with the node's key, whatever its entries are."""
    folder = shed.path / "log"
    shutil.rmtree(folder / "tile", ignore_errors=True)
    edge, files = Edge().grown(texts)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    checkpoint = Checkpoint(shed.log.origin, edge.size, edge.root)
    (folder / "checkpoint").write_bytes(Note(checkpoint.text).signed_by(shed.log.keys.signer()).encode())


# ── what may as well have happened on the way ──


@pytest.mark.parametrize("change", [lambda b: b[:-20] + bytes([b[-20] ^ 1]) + b[-19:], lambda b: b[: len(b) // 2]])
def test_a_changed_pack_is_caught_and_never_has_a_place(me: Shed, node: Node, change: Any) -> None:
    node.lies["segments/"] = lambda answer: setattr(answer, "body", change(answer.body))
    found = pulled(me)
    assert found.peer.state == "at fault"
    assert found.problem.startswith("changed-pack: segments/2016-03/")
    caught = only(me)
    assert not caught.proven
    assert not (folder(me) / "shed.toml").exists()
    assert list((folder(me)).glob("segments/*/*")) == []
    node.lies.clear()
    assert pulled(me).problem == ""
    assert len(records(folder(me))) == 1


def test_the_chunk_of_a_changed_pack_is_named_where_hashes_can_be_had(me: Shed, up: Shed, node: Node) -> None:
    from commonshed.keep.chunks import leaf_hashes

    segment = max((e for e in up.entries if e.kind == "segment"), key=lambda e: e.content["rows"])
    path = up.path / "segments" / segment.content["pack"]["path"]
    rows = pq.read_table(path)
    leaves = b"".join(leaf_hashes(up.store.rows_of([up.store.contents.segments[segment.position]])))
    at = rows["quantity"].to_pylist().index("pm25") + 300
    ticks = rows["ticks"].to_numpy().copy()
    ticks[at] += 1
    sink = pa.BufferOutputStream()
    pq.write_table(rows.set_column(5, rows.schema.field("ticks"), pa.array(ticks)), sink)

    def hand_out(answer: Answer) -> None:
        answer.status, answer.body = 200, leaves

    node.lies[segment.content["pack"]["path"]] = lambda answer: setattr(answer, "body", sink.getvalue().to_pybytes())
    node.lies["leaves/"] = hand_out
    assert pulled(me).problem.startswith("changed-pack")
    changed = only(me).content["changed"]
    assert (changed["position"], changed["station"], changed["quantity"]) == (segment.position, "dongsi", "pm25")
    assert changed["first"] <= at < changed["first"] + changed["rows"]


def test_a_changed_document_is_caught(me: Shed, up: Shed, node: Node) -> None:
    up.record("mapping", "long.toml", b"right")
    node.lies["places/"] = lambda answer: setattr(answer, "body", b"wrong")
    assert pulled(me).problem.startswith("changed-document: places/mappings/long-")
    assert only(me).content["logged"] == up.documents("mapping")[0].digest


def test_a_checkpoint_nobody_we_know_signed_is_caught(me: Shed, up: Shed, node: Node, tmp_path: Path) -> None:
    pulled(me)
    before = state(me)
    thief = Signer(up.log.origin, os.urandom(32))

    def sign(answer: Answer) -> None:
        answer.body = Note(Note.parse(answer.body).text).signed_by(thief).encode()

    node.lies["checkpoint"] = sign
    found = pulled(me)
    assert found.problem.startswith("wrong-signature: ")
    assert (found.peer.state, state(me)) == ("at fault", before)
    stranger = make_shed(tmp_path / "stranger")
    node.lies["checkpoint"] = lambda answer: setattr(answer, "body", stranger.log.path.read_bytes())
    assert "the checkpoint of another log" in pulled(me).problem

    def forge(answer: Answer) -> None:
        answer.body = answer.body.replace(b"\n2\n", b"\n3\n")

    node.lies["checkpoint"] = forge
    assert "is forged" in pulled(me).problem
    assert {record.kind for record in records(folder(me))} == {"wrong-signature"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no note",
        b"\xff\xfe",
        b"a\n1\nAAAA\n\n\xe2\x80\x94 x AAAAAAAA\n",
        b"<html>sign in to the hotel network</html>",
    ],
)
def test_a_checkpoint_that_is_none_is_told_as_such(me: Shed, node: Node, body: bytes) -> None:
    node.lies["checkpoint"] = lambda answer: setattr(answer, "body", body)
    assert pulled(me).problem.startswith("malformed: what it calls its checkpoint is none")
    assert not only(me).proven


def test_entries_that_are_not_those_signed_are_told(me: Shed, node: Node) -> None:
    node.lies["tile/entries"] = lambda answer: setattr(answer, "body", answer.body.replace(b"dongsi", b"dongsj"))
    assert pulled(me).problem.startswith("malformed: the entries it hands out do not make the root")
    node.lies["tile/entries"] = lambda answer: setattr(answer, "body", answer.body[:-1])
    assert "ends in the middle of an entry" in pulled(me).problem
    assert not (folder(me) / "shed.toml").exists()


def test_tiles_that_do_not_make_the_signed_root_accuse_nobody(me: Shed, up: Shed, node: Node) -> None:
    pulled(me)
    up.enter("note", {"text": "more"})
    node.lies["tile/0/"] = lambda answer: setattr(answer, "body", bytes(len(answer.body)))
    found = pulled(me)
    assert found.problem.startswith("malformed: its tiles do not make the root of 3 entries")
    assert found.peer.state == "at fault"
    node.lies.clear()
    assert pulled(me).problem == ""


HOSTILE = [
    {"kind": "mapping", "name": "x", "file": "../../keys/node.key", "digest": "a" * 64},
    {"kind": "mapping", "name": "x", "file": "/etc/" + "a" * 16, "digest": "a" * 64},
    {"kind": "mapping", "name": "x", "file": "mappings/long.toml", "digest": "a" * 64},
    {"kind": "mapping", "name": "x", "file": "mappings\\..\\" + "a" * 16, "digest": "a" * 64},
    {"kind": "mapping", "name": "x", "file": 7, "digest": "a" * 64},
    {"kind": "mapping", "name": "x", "file": "mappings/.hidden-" + "a" * 16, "digest": "a" * 64},
    {"kind": "repacking", "pack": {"path": "../" + "b" * 16, "digest": "b" * 64, "bytes": 1}, "segments": []},
    {"kind": "repacking", "pack": {"path": "m/" + "b" * 16, "digest": "b" * 64, "bytes": 1}, "segments": [[0, 0]]},
    {"kind": "segment"},
    {"kind": 7},
    {"kind": "import", "source": "x"},
    {"kind": "registration", "registers": [["a"]]},
    {"kind": "registration", "registers": 5},
    {"kind": "registration", "registers": ["a", "a"]},
    {"kind": "registration", "registers": ["\x1b[2J"]},
    {"kind": "mapping", "name": "x", "file": "站" * 80 + "a" * 16, "digest": "a" * 64},
]


@pytest.mark.parametrize("content", HOSTILE)
def test_an_entry_meant_to_do_harm_is_not_taken(me: Shed, up: Shed, node: Node, content: dict[str, Any]) -> None:
    pulled(me)
    before = state(me)
    liar = twin(up, up.path.with_name("liar"))
    texts = [liar.log.entry_bytes(position) for position in range(liar.size)]
    signed_again(liar, [*texts, rfc8785.dumps({"at": 1, **content})])
    node.shed = liar
    found = pulled(me)
    assert found.problem.startswith("malformed: entry 2 of its log is none that we can take")
    assert only(me).content["entry"]["position"] == 2
    assert state(me) == before


@pytest.mark.parametrize(
    "text",
    [
        b'{"at":1,"kind":"note","kind":"key-rotation"}',
        b'{"at":1,"kind":"key\\u002drotation"}',
        b'{"at":1,"kind":"note","x":9007199254740993}',
        b'{"at":1,"kind":"note" }',
    ],
)
def test_an_entry_that_two_readers_could_read_in_two_ways_is_not_taken(
    me: Shed, up: Shed, node: Node, text: bytes
) -> None:
    liar = twin(up, up.path.with_name("liar"))
    signed_again(liar, [*(liar.log.entry_bytes(position) for position in range(liar.size)), text])
    node.shed = liar
    assert pulled(me).problem.startswith("malformed: entry 2 of its log is none that we can take")


def test_half_a_character_is_not_taken(me: Shed, up: Shed, node: Node) -> None:
    liar = twin(up, up.path.with_name("liar"))
    texts = [liar.log.entry_bytes(position) for position in range(liar.size)]
    signed_again(liar, [*texts, b'{"at":1,"kind":"registration","registers":["\\ud800"]}'])
    node.shed = liar
    assert "entry 2" in pulled(me).problem


def test_nested_beyond_all_measure_is_not_taken(me: Shed, up: Shed, node: Node) -> None:
    liar = twin(up, up.path.with_name("liar"))
    texts = [liar.log.entry_bytes(position) for position in range(liar.size)]
    text = b'{"at":1,"kind":"note","x":' + b"[" * 50_000 + b"]" * 5_000 + b"}"
    signed_again(liar, [*texts, text])
    node.shed = liar
    assert "entry 2" in pulled(me).problem


def test_an_endless_answer_is_cut(me: Shed, node: Node) -> None:
    node.lies["checkpoint"] = lambda answer: setattr(answer, "body", b"x" * (QUICK.note + 1))
    found = pulled(me)
    assert found.problem.startswith("oversized: ")
    assert only(me).kind == "oversized"
    assert found.peer.state == "at fault"


def test_a_packed_answer_is_not_unpacked(me: Shed, node: Node) -> None:
    node.lies["checkpoint"] = lambda answer: answer.headers.update({"Content-Encoding": "gzip"})
    assert "came packed (gzip)" in pulled(me).problem


def test_a_redirection_is_not_followed(me: Shed, node: Node) -> None:
    def elsewhere(answer: Answer) -> None:
        answer.status, answer.headers, answer.body = 302, {"Location": "http://127.0.0.1:1/"}, b""

    node.lies["checkpoint"] = elsewhere
    assert "we do not follow" in pulled(me).problem


def test_an_answer_byte_by_byte_is_given_up(me: Shed, node: Node) -> None:
    node.lies["checkpoint"] = lambda answer: setattr(answer, "pause", 0.1)
    (found,) = pull(me, ["up"], limits=IMPATIENT)
    assert found.problem.startswith("stalling: ")
    assert only(me).kind == "stalling"
    assert found.peer.state == "at fault"


def test_one_answer_that_hangs_is_asked_for_again(me: Shed, node: Node) -> None:
    hung: list[str] = []

    def hang(answer: Answer) -> None:
        if not hung:
            answer.pause = 0.1
        hung.append(answer.path)

    node.lies["checkpoint"] = hang
    (found,) = pull(me, ["up"], limits=IMPATIENT)
    assert (found.problem, len(hung)) == ("", 2)


def test_a_log_that_does_not_grow_as_promised_is_told(me: Shed, node: Node) -> None:
    from dataclasses import replace

    pulled(me)
    peer = peers.named(me, "up")
    assert peer.grew is not None
    peers.save(me, replace(peer, promised=3600, grew=peer.grew - 3601))
    found = pulled(me)
    assert "it was to grow within 3600 s" in found.problem
    assert only(me).kind == "stalling"
    node.shed.enter("note", {"text": "more"})
    assert pulled(me).problem == ""


def bomb(rows: int) -> bytes:
    """A small file that unfolds into gigabytes of the same text."""
    one = table([row(raw="x" * (1 << 20))])
    raw = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), one["raw"].combine_chunks())
    many = one.drop_columns(["raw"]).take(pa.array([0] * rows))
    sink = pa.BufferOutputStream()
    pq.write_table(many.add_column(10, "raw", raw), sink, compression="zstd", store_schema=False)
    return bytes(sink.getvalue().to_pybytes())


def test_a_pack_that_unfolds_into_gigabytes_does_not(me: Shed, up: Shed, node: Node) -> None:
    content = bomb(3_000)
    assert len(content) < 1 << 20
    digest = hashlib.sha256(content).hexdigest()
    path = f"2016-03/{digest[:16]}.parquet"
    change = {
        "rows": 3_000,
        "quantities": {"pm25": 3_000},
        "pack": {"path": path, "digest": digest, "bytes": len(content), "offset": 0},
    }
    liar = relogged(up, lambda said: said | change)
    (liar.path / "segments" / path).parent.mkdir(exist_ok=True, parents=True)
    (liar.path / "segments" / path).write_bytes(content)
    node.shed = liar
    found = pulled(me)
    assert found.problem.startswith("wrong-rows: the file of entry 3")
    assert not (folder(me) / "shed.toml").exists()


def test_what_is_no_parquet_is_told_as_such(me: Shed, up: Shed, node: Node) -> None:
    digest = hashlib.sha256(b"PAR1 no PAR1").hexdigest()
    path = f"2016-03/{digest[:16]}.parquet"
    liar = relogged(up, lambda said: said | {"pack": {"path": path, "digest": digest, "bytes": 12, "offset": 0}})
    (liar.path / "segments" / path).write_bytes(b"PAR1 no PAR1")
    node.shed = liar
    assert "cannot be read as readings" in pulled(me).problem


# ── what neighbours tell each other ──


def test_two_logs_shown_to_two_neighbours_are_caught_when_they_compare(me: Shed, up: Shed, tmp_path: Path) -> None:
    other = twin(up, up.path.with_name("twin"))
    up.seal_import([hours(9, station="s", first=NEXT)], source=source("b"))
    other.seal_import([hours(9, station="s", first=NEXT, ticks_from=1)], source=source("b"))
    neighbour = make_shed(tmp_path / "neighbour")
    with serving(other) as lie, serving(neighbour) as third:
        peers.add(neighbour, lie.url, key=lie.key, name="up", limits=QUICK)
        assert pulled(neighbour).problem == ""
        assert pulled(me).problem == ""
        peers.add(me, third.url, key=third.key, name="neighbour", limits=QUICK)
        found = {each.peer.name: each for each in pull(me, limits=QUICK)}
    assert found["neighbour"].problem == ""
    assert found["up"].peer.state == "caught"
    assert peers.named(me, "up").problem == (
        "fork: it showed neighbour another log of 4 entries than the one it showed us"
    )
    caught = only(me)
    assert caught.proven
    key = peers.named(me, "up").verifiers
    roots = {
        Checkpoint.parse(Note.parse(note.encode()).checked(key).text).root for note in caught.content["notes"].values()
    }
    assert len(roots) == 2


def test_what_a_neighbour_saw_before_us_is_compared_when_we_come_so_far(me: Shed, up: Shed, tmp_path: Path) -> None:
    other = twin(up, up.path.with_name("twin"))
    pulled(me)
    other.enter("note", {"text": "one"})
    other.enter("note", {"text": "two"})
    neighbour = make_shed(tmp_path / "neighbour")
    with serving(other) as lie, serving(neighbour) as third:
        peers.add(neighbour, lie.url, key=lie.key, name="up", limits=QUICK)
        pulled(neighbour)
        peers.add(me, third.url, key=third.key, name="neighbour", limits=QUICK)
        pull(me, ["neighbour"], limits=QUICK)
    assert "it showed others 4 entries and shows us 2" in pulled(me).problem
    for _ in range(3):
        up.enter("note", {"text": "other"})
    assert pulled(me).problem == "fork: it showed neighbour another log of 4 entries than the one it showed us"


def test_a_neighbour_that_makes_things_up_accuses_nobody(me: Shed, up: Shed, tmp_path: Path) -> None:
    pulled(me)
    neighbour = make_shed(tmp_path / "neighbour")
    forged = Note(Checkpoint(up.log.origin, 2, bytes(32)).text).signed_by(Signer(up.log.origin, bytes(32)))
    with serving(neighbour) as third:

        def make_up(answer: Answer) -> None:
            answer.status, answer.body = 200, forged.encode()

        third.lies["seen/"] = make_up
        peers.add(me, third.url, key=third.key, name="neighbour", limits=QUICK)
        assert [each.problem for each in pull(me, limits=QUICK)] == ["", ""]


def test_somebody_who_signs_with_our_own_key_is_found_out(me: Shed, node: Node) -> None:
    stolen = me.log.keys.signer()
    note = Note(Checkpoint(me.log.origin, 2, bytes(32)).text).signed_by(stolen)

    def show(answer: Answer) -> None:
        answer.status, answer.body = 200, note.encode()

    node.lies["seen/"] = show
    assert "our key signed and that is none of our log" in pulled(me).problem
    assert only(me).kind == "key-misused"


# ── keys that change ──


def test_a_planned_change_of_key_is_followed(me: Shed, up: Shed, node: Node) -> None:
    from commonshed.keep.log.renewal import rotate

    pulled(me)
    rotate(up, reason="a year is over", overlap=0)
    node.shed = Shed.open(up.path)
    assert pulled(me).problem == ""
    assert peers.named(me, "up").keys[0] == node.key
    up.enter("note", {"text": "under the new key"})
    assert pulled(me).problem == ""
    assert Shed.open(folder(me)).size == up.size


def test_a_key_declared_lost_is_accepted_by_hand_only(me: Shed, up: Shed, node: Node) -> None:
    from commonshed.keep.log.renewal import recover

    pulled(me)
    (up.path / "keys" / "node.key").unlink()
    recover(Shed.open(up.path), reason="the disk burnt")
    node.shed = Shed.open(up.path)
    found = pulled(me)
    assert found.peer.state == "at fault"
    assert "accept it by hand" in found.problem
    before = state(me)
    with pytest.raises(InputError, match="no key of"):
        peers.accept_key(me, "up", str(me.log.keys.verifiers[0]), reason="call")
    peers.accept_key(me, "up", node.key, reason="call with Zhao Min")
    assert pulled(me).problem == ""
    assert state(me)[0] == before[0] + 1


# ── how it is told ──


def test_status_says_how_it_stands_in_words(me: Shed, up: Shed, node: Node) -> None:
    (told,) = status(me)
    assert (told["state"], told["means"], told["mirrored"]) == ("new", "not pulled yet", 0)
    pulled(me)
    (told,) = status(me)
    assert (told["state"], told["size"], told["mirrored"], told["behind"], told["evidence"]) == ("good", 2, 2, 0, 0)
    old = twin(up, up.path.with_name("old"))
    up.enter("note", {"text": "more"})
    pulled(me)
    old.enter("note", {"text": "other"})
    node.shed = old
    pulled(me)
    (told,) = status(me)
    assert told["state"] == "caught"
    assert "until a person has looked at it" in told["means"]
    assert (told["evidence"], told["proven"]) == (1, 1)
    assert told["latest_evidence"].endswith(": fork")


def test_evidence_written_while_our_log_was_locked_is_entered_later(
    me: Shed, up: Shed, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commonshed.disclose.federation import evidence
    from commonshed.errors import ShedLocked

    old = twin(up, up.path.with_name("old"))
    up.enter("note", {"text": "more"})
    pulled(me)
    old.enter("note", {"text": "other"})
    node.shed = old

    def locked(*_: object, **__: object) -> int:
        raise ShedLocked("another process is sealing")

    with monkeypatch.context() as patched:
        patched.setattr(evidence, "enter", locked)
        assert "another process is sealing" in pulled(me).problem
    assert peers.named(me, "up").state == "caught"
    pulled(me)
    assert only(me).kind == "fork"
