"""The worked example of docs/formats/log.md is what the program makes, and a log is laid out as that page says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from tests.keep.log.making import grow, make_log

from commonshed.keep.log import Checkpoint, Note, Signer, Verifier
from commonshed.keep.log.entries import decode_strictly
from commonshed.keep.log.tail import Record, Tail
from commonshed.keep.log.tiles import Edge, pack_entries
from commonshed.keep.merkle import consistency_proof, inclusion_proof, merkle_root

PAGE = (Path(__file__).parents[3] / "docs" / "formats" / "log.md").read_text("utf-8")
BLOCKS = re.findall(r"```(?:text|json)\n(.*?)```", PAGE.partition("## Worked example")[2], re.DOTALL)
KEY, ENTRIES, LEAVES, ROOTS, CHECKPOINT = (block.splitlines() for block in BLOCKS)


def test_the_worked_example_is_what_the_program_makes() -> None:
    signer = Signer("commonshed/00112233445566778899aabbccddeeff", bytes(range(32)))
    assert [str(signer.verifier)] == KEY
    assert Verifier.parse(KEY[0]) == signer.verifier
    texts = [line.encode() for line in ENTRIES]
    for position, text in enumerate(texts):
        decode_strictly(position, text)
    edge, files = Edge().grown(texts)
    assert files["tile/0/000.p/3"].hex() == "".join(LEAVES)
    assert [files["tile/entries/000.p/3"][:2].hex(), edge.bundle[211:213].hex()] == ["00d1", "00ae"]
    hashes = [bytes.fromhex(leaf) for leaf in LEAVES]

    def node(level: int, index: int) -> bytes:
        return merkle_root(hashes[index << level : (index + 1) << level])

    assert [merkle_root(hashes[:2]).hex(), edge.root.hex()] == ROOTS
    assert inclusion_proof(node, 1, 3) == [hashes[0], hashes[2]]
    assert inclusion_proof(node, 2, 3) == [bytes.fromhex(ROOTS[0])]
    assert consistency_proof(node, 2, 3) == [hashes[2]]
    note = Note(Checkpoint(signer.name, 3, edge.root).text).signed_by(signer)
    assert note.encode().decode().splitlines() == CHECKPOINT


def test_records_of_the_tail_stand_as_the_page_says(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 2, 1)
    content = (log.folder / "tail").read_bytes()
    found = []
    while content:
        magic, rest = content[:8], content[8:]
        before, after = int.from_bytes(rest[:8]), int.from_bytes(rest[8:16])
        note, entries = int.from_bytes(rest[16:20]), int.from_bytes(rest[20:24])
        body = content[64 : 64 + note + entries]
        assert hashlib.sha256(content[:32] + body).digest() == content[32:64]
        assert magic == b"cs-tail1"
        found.append((before, after, body[:note], body[note:]))
        content = content[64 + note + entries :]
    assert [(before, after) for before, after, _, _ in found] == [(0, 2), (2, 3)]
    assert found[-1][2] == log.path.read_bytes()
    assert b"".join(entries for *_, entries in found) == (log.folder / "tile/entries/000.p/3").read_bytes()


@pytest.mark.parametrize("broken", [0, 8, 20, 40, 70, 300])
def test_records_behind_one_that_is_not_whole_or_does_not_follow_are_not_read(broken: int, tmp_path: Path) -> None:
    tail = Tail(tmp_path / "tail")
    records = [Record(0, 1, b"one" * 100, (b"a",)), Record(1, 3, b"two", (b"b", b"c")), Record(3, 4, b"three", (b"d",))]
    for record in records:
        tail.append(record)
    assert (tail.size, tail.records()) == (4, records)
    content = tail.path.read_bytes()
    tail.path.write_bytes(content[:broken] + bytes([content[broken] ^ 1]) + content[broken + 1 :])
    assert (tail.size, Tail(tail.path).records()) == (0, [])
    tail.path.write_bytes(records[0].encode() + records[2].encode())
    assert Tail(tail.path).size == 1
    tail.restart(Record(1, 300, b"new"))
    assert Tail(tail.path).records() == [Record(1, 300, b"new")]
    tail.take_back()
    assert tail.path.read_bytes() == records[0].encode() + records[2].encode()
    assert pack_entries(records[1].texts) == b"\x00\x01b\x00\x01c"
