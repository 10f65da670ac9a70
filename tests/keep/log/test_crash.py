"""The log when the process is killed, the disk is full or the power fails at any write, sync or rename."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.keep.log.crashing import Disk, choosers, quick_folder
from tests.keep.log.making import assert_whole, files, grow, make_log, reopened, texts

from commonshed.errors import CommonshedError, ShedDamaged
from commonshed.keep.log import Log

APPENDS = {"from nothing": (0, [1, 1, 2]), "a bundle is filled": (253, [1, 1, 1, 1]), "beyond": (254, [1, 4, 300, 1])}


@pytest.mark.parametrize("case", APPENDS)
def test_after_a_power_cut_at_any_moment_all_that_was_acknowledged_or_seen_is_there(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, counts = APPENDS[case]
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what a real disk does is not asked here
    with quick_folder(tmp_path) as folder:
        log = make_log(folder)
        grow(log, *[start] * bool(start))
        disk = Disk(log.folder, acknowledged=start)
        with disk.watched(monkeypatch):
            for count in counts:
                grow(log, count)
                disk.acknowledged = log.size
        sizes = {start + sum(counts[:i]) for i in range(len(counts) + 1)}
        assert len(disk.cuts) > 6 * len(counts)
        for number, cut in enumerate(disk.cuts):
            for turn, choose in enumerate(choosers(number, 2)):
                place = folder / f"{number}.{turn}"
                place.mkdir()
                cut.lay_out(place / "log", choose)
                found = reopened(place, folder / "keys")
                assert cut.acknowledged <= cut.visible <= found.size, cut.what
                assert found.size in sizes, "an append is kept whole or not at all"
                assert_edge(found)
                grow(found, 1)
                assert_whole(reopened(place, folder / "keys"), [0, found.size - 1], [found.size - 1])
                shutil.rmtree(place)


def assert_edge(log: Log) -> None:
    """What the checkpoint says can be fetched as files, by those who do not compute tiles."""
    if log.size:
        edge = log.tiles.edge(log.size, log.checkpoint().root)
        assert all(log.tiles.stands(path, content) for path, content in edge.files().items())


@contextmanager
def failing_at(call: int, monkeypatch: pytest.MonkeyPatch, code: int) -> Iterator[list[str]]:
    """The n-th write, sync or rename fails; a write takes half of what it is given first."""
    calls: list[str] = []
    plain_write, plain_fsync, plain_replace = os.write, os.fsync, os.replace

    def now(what: str) -> bool:
        calls.append(what)
        return len(calls) == call

    def write(descriptor: int, content: Any) -> int:
        if now("write"):
            plain_write(descriptor, content[: len(content) // 2])
            raise OSError(code, os.strerror(code))
        return plain_write(descriptor, content)

    def fsync(descriptor: int) -> None:
        if now("fsync"):
            raise OSError(code, os.strerror(code))
        plain_fsync(descriptor)

    def replace(one: Any, other: Any) -> None:
        if now("rename"):
            raise OSError(code, os.strerror(code))
        plain_replace(one, other)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        patched.setattr(os, "fsync", fsync)
        patched.setattr(os, "replace", replace)
        yield calls


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize(("start", "count"), [(0, 1), (1, 1), (255, 1), (254, 300)])
def test_an_append_that_fails_at_any_call_leaves_the_log_as_it_was_and_can_be_tried_again(
    start: int, count: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with quick_folder(tmp_path) as whole:
        for call in range(1, 200):
            folder = whole / str(call)
            folder.mkdir()
            log = make_log(folder)
            grow(log, *[start] * bool(start))
            with failing_at(call, monkeypatch, code) as calls:
                try:
                    grow(log, count)
                    kept = True
                except (CommonshedError, OSError):
                    kept = False
            assert log.size == reopened(folder).size == start + count * kept
            assert not any(path.endswith(".tmp") for path in files(log))
            grow(log, *[count] * (not kept), 1)
            assert_whole(reopened(folder), [0, start, start + count])
            if len(calls) < call:
                break
    assert 4 < call < 200, "every call was tried"
    assert kept


def test_what_a_killed_writer_left_behind_the_checkpoint_is_never_read_and_is_written_over(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 255)
    junk = {
        "tile/entries/000": b"\x00\x05other",
        "tile/0/000": bytes(8192),
        "tile/1/000.p/1": bytes(32),
        "tile/entries/001.p/1": b"\xff\xff",
        ".checkpoint.tmp": b"half",
    }
    for path, content in junk.items():
        (log.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (log.folder / path).write_bytes(content)
    assert_whole(reopened(tmp_path), [0, 254], [1, 200])
    grow(reopened(tmp_path), 2)
    again = reopened(tmp_path)
    assert_whole(again, [0, 254, 255, 256], [1, 255, 256])
    assert not (log.folder / "tile/entries/000.p").exists()
    assert not (log.folder / ".checkpoint.tmp").exists()


def test_an_append_that_was_durable_and_not_yet_seen_is_ended_by_who_comes_next(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 3)
    before = log.path.read_bytes()
    grow(log, 2)
    for checkpoint in (before, b"", before[:40], bytes(len(before)), None):
        log.path.unlink()
        if checkpoint is not None:
            log.path.write_bytes(checkpoint)
        assert reopened(tmp_path).size == 5
        assert log.path.read_bytes() == log.note().encode()


def test_a_reader_without_the_right_to_write_sees_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(tmp_path)
    grow(log, 3)
    before = log.path.read_bytes()
    grow(log, 2)
    log.path.write_bytes(before)
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda *_: False)
        assert reopened(tmp_path).size == 3
    assert reopened(tmp_path).size == 5


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/000.p/5"])
def test_a_file_that_was_changed_is_damage_and_not_mended(path: str, tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 3, 2)
    content = (log.folder / path).read_bytes()
    (log.folder / path).write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    with pytest.raises(ShedDamaged, match=path):
        reopened(tmp_path)


def test_a_tail_cut_off_anywhere_changes_nothing_that_the_checkpoint_says(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 3, 2, 1)
    content = (log.folder / "tail").read_bytes()
    for end in range(0, len(content), 7):
        (log.folder / "tail").write_bytes(content[:end] + b"x" * (end % 3))
        assert reopened(tmp_path).size == 6
    (log.folder / "tail").unlink()
    log = reopened(tmp_path)
    grow(log, 1, 1)
    assert_whole(reopened(tmp_path), sizes=range(1, 8))


def test_a_log_put_back_from_a_copy_older_than_its_tail_is_refused(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 300)
    shutil.copytree(log.folder, tmp_path / "copy")
    grow(log, 300, 1)
    tail = (log.folder / "tail").read_bytes()
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "copy", log.folder)
    (log.folder / "tail").write_bytes(tail)
    with pytest.raises(ShedDamaged, match="gone"):
        reopened(tmp_path)


def test_tiles_that_are_gone_are_computed_and_written_again_when_the_log_grows(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 256, 256, 88)
    shutil.rmtree(log.folder / "tile/0")
    shutil.rmtree(log.folder / "tile/1")
    log = reopened(tmp_path)
    assert_whole(log, [0, 255, 256, 599], [1, 256, 599])
    grow(log, 1)
    assert (log.folder / "tile/0/002.p/89").stat().st_size == 89 * 32
    assert_whole(reopened(tmp_path), [0, 255, 256, 600], [1, 256, 599])
    grow(log, 512)
    assert (log.folder / "tile/1/000.p/4").stat().st_size == 4 * 32


def test_entries_of_another_writer_are_not_written_over(tmp_path: Path) -> None:
    log, other = make_log(tmp_path), reopened(tmp_path)
    grow(log, 2)
    with pytest.raises(CommonshedError, match="has grown"):
        other.append_texts(texts(0, 1))
    other.refresh()
    grow(other, 1)
    log.refresh()
    assert_whole(log)
