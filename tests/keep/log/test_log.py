"""The log as its users see it: what is appended, read on, followed and refused; readers beside a writer."""

from __future__ import annotations

import shutil
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from tests.keep.killing import child
from tests.keep.log.making import ORIGIN, assert_whole, grow, make_log, reopened, text, texts

from commonshed.errors import ProofError, ShedDamaged, ShedError
from commonshed.keep.log import Checkpoint, Log, Note
from commonshed.keep.log.keys import Keys
from commonshed.keep.merkle import EMPTY_ROOT


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return make_log(tmp_path)


def test_a_new_log_is_empty_and_says_so_signed(log: Log) -> None:
    assert (log.size, log.refresh()) == (0, [])
    assert log.checkpoint() == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert log.note().text == f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert log.note().signers(log.keys.verifiers) == log.keys.verifiers


def test_entries_are_numbered_and_read_again_as_written(log: Log, tmp_path: Path) -> None:
    reader = reopened(tmp_path)
    first = log.append([("mapping", {"name": "一"})])
    more = log.append([("mapping", {"name": name}) for name in ("two", "three")])
    assert [(entry.position, entry.content["name"]) for entry in first + more] == [(0, "一"), (1, "two"), (2, "three")]
    assert reader.refresh() == first + more
    assert reader.refresh() == []
    assert log.append([]) == []
    assert reader.checkpoint() == log.checkpoint()
    assert reader.note() == log.note()


def test_an_entry_that_is_too_large_keeps_nothing_of_its_batch(log: Log) -> None:
    with pytest.raises(ShedError, match="Split it"):
        log.append([("mapping", {"name": "a"}), ("mapping", {"name": "x" * 70_000})])
    assert log.size == 0
    log.append([("mapping", {"name": "x" * 65_000})] * 3)
    assert log.size == 3


def test_without_a_key_a_log_is_read_and_not_written(log: Log, tmp_path: Path) -> None:
    grow(log, 2)
    (tmp_path / "keys" / "node.key").unlink()
    reader = reopened(tmp_path)
    assert_whole(reader)
    with pytest.raises(ShedError, match="no key to sign with"):
        grow(reader, 1)
    assert reopened(tmp_path).size == 2


# ── what is refused ──


def test_a_checkpoint_that_is_gone_forged_or_of_another_log_is_damage(log: Log, tmp_path: Path) -> None:
    grow(log, 300)
    (log.folder / "tail").unlink()
    content = log.path.read_bytes()
    (tmp_path / "other").mkdir()
    other = make_log(tmp_path / "other")
    grow(other, 300)
    elsewhere = Log(tmp_path / "elsewhere", origin="commonshed/elsewhere", keys=log.keys)
    elsewhere.folder.mkdir()
    elsewhere.create()
    for wrong, said in (
        (other.path.read_bytes(), "not signed by a key we know"),
        (content.replace(b"300", b"299"), "forged"),
        (elsewhere.path.read_bytes(), "another log, commonshed/elsewhere"),
        (b"", "no signatures"),
    ):
        log.path.write_bytes(wrong)
        with pytest.raises(ShedDamaged, match=said):
            reopened(tmp_path)
    log.path.unlink()
    with pytest.raises(ShedDamaged, match="checkpoint: gone"):
        reopened(tmp_path)
    log.path.write_bytes(content)
    assert reopened(tmp_path).size == 300


def test_a_log_that_goes_back_or_forks_under_a_reader_is_damage(log: Log, tmp_path: Path) -> None:
    grow(log, 256)
    shutil.copytree(log.folder, tmp_path / "before")
    grow(log, 5)
    reader = reopened(tmp_path)
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "before", log.folder)
    with pytest.raises(ShedDamaged, match="went back from 261 entries to 256"):
        reader.refresh()
    forked = reopened(tmp_path)
    forked.append_texts(texts(1000, 5))
    with pytest.raises(ShedDamaged, match="not those that were signed"):
        reader.refresh()
    assert_whole(forked, range(256))


@pytest.mark.parametrize("at", [3, 300, 5000, -3])
def test_a_bit_that_flipped_in_an_entry_is_found_when_the_log_is_opened(at: int, log: Log, tmp_path: Path) -> None:
    grow(log, 300)
    for path in ("tile/entries/000", "tile/entries/001.p/44"):
        content = bytearray((log.folder / path).read_bytes())
        content[at % len(content)] ^= 4
        (log.folder / path).write_bytes(content)
        with pytest.raises(ShedDamaged):
            reopened(tmp_path)
        content[at % len(content)] ^= 4
        (log.folder / path).write_bytes(content)
    assert reopened(tmp_path).size == 300


# ── a log that follows another ──


def follower(log: Log, folder: Path) -> Log:
    (folder / "keys").mkdir(parents=True)
    (folder / "log").mkdir()
    keys = Keys(folder / "keys")
    keys.trust(log.keys.verifiers)
    return Log(folder / "log", origin=log.origin, keys=keys)


def test_entries_are_taken_over_with_the_checkpoint_of_their_owner(log: Log, tmp_path: Path) -> None:
    mirror = follower(log, tmp_path / "mirror")
    assert mirror.follow([], log.note()) == []
    for count in (1, 3, 252, 1, 700):
        grow(log, count)
        assert [entry.position for entry in mirror.follow(texts(mirror.size, count), log.note())][-1] == log.size - 1
        again = reopened(tmp_path / "mirror")
        assert again.path.read_bytes() == log.path.read_bytes()
        assert_whole(again, [0, log.size - 1], [0, 1, log.size])
    cosigned = log.note().plus([log.keys.signer().cosign(log.note().text)])
    mirror.follow([], cosigned)
    assert reopened(tmp_path / "mirror").note() == cosigned
    assert (mirror.folder / "tile/0/003.p/189").read_bytes() == (log.folder / "tile/0/003.p/189").read_bytes()


def test_entries_that_do_not_lead_to_the_checkpoint_are_not_taken_over(log: Log, tmp_path: Path) -> None:
    mirror = follower(log, tmp_path / "mirror")
    grow(log, 4)
    (tmp_path / "other").mkdir()
    other = make_log(tmp_path / "other")
    grow(other, 4)
    for wrong, note in (
        (texts(0, 3), log.note()),
        (texts(0, 5), log.note()),
        (texts(1, 4), log.note()),
        (texts(0, 4), other.note()),
        (texts(0, 4), Note(log.note().text)),
    ):
        with pytest.raises(ProofError):
            mirror.follow(wrong, note)
    assert (mirror.size, mirror.path.exists()) == (0, False)
    mirror.follow(texts(0, 4), log.note())
    assert_whole(reopened(tmp_path / "mirror"))


# ── readers beside a writer, in real processes ──


def write_on(folder: Path, count: int, reports: Connection) -> None:
    """Append one entry at a time, and now and then several."""
    log = reopened(folder)
    reports.send("ready")
    for i in range(count):
        grow(log, 1 if i % 10 else 7)
    reports.send(log.size)


def read_on(folder: Path, until: int, reports: Connection) -> None:
    """Read on, and prove what is there, until the log is as large as that."""
    log = Log(folder / "log", origin=ORIGIN, keys=Keys(folder / "keys"))
    seen = 0
    while seen < until:
        for entry in log.refresh():
            assert entry.content["name"] == f"n{seen}"
            seen += 1
        if seen:
            assert_whole(log, [0, seen - 1, seen // 2], [1, seen // 2])
            assert_whole(reopened(folder), [seen - 1])
    reports.send(seen)


def test_readers_never_err_while_a_writer_fills_bundle_after_bundle(log: Log, tmp_path: Path) -> None:
    appended = 300 + 30 * 6
    with (
        child(read_on, tmp_path, appended) as (_, one),
        child(read_on, tmp_path, appended) as (_, other),
        child(write_on, tmp_path, 300) as (_, writer),
    ):
        assert writer.recv() == "ready"
        assert writer.recv() == appended
        assert one.recv() >= appended
        assert other.recv() >= appended
    log.refresh()
    assert_whole(log, range(0, appended, 50), [255, 256, 257])


def test_a_writer_killed_again_and_again_loses_nothing_acknowledged(tmp_path: Path) -> None:
    make_log(tmp_path)
    known = 0
    for turn in range(6):
        with child(append_and_tell, tmp_path) as (process, reports):
            for _ in range(5 + turn * 13):
                known = reports.recv()
            process.kill()
            process.join()
            while True:
                try:
                    known = reports.recv()
                except (EOFError, OSError):
                    break
        found = reopened(tmp_path)
        assert known <= found.size <= known + 1
        assert_whole(found, [0, known - 1, found.size - 1], [1, found.size // 2])
    assert found.size > 200
    assert {path.name for path in found.folder.iterdir()} <= {".checkpoint.tmp", "checkpoint", "tail", "tile"}


def append_and_tell(folder: Path, reports: Connection) -> None:
    """Append one entry at a time, telling each."""
    log = reopened(folder)
    while True:
        log.append_texts([text(log.size)])
        reports.send(log.size)
