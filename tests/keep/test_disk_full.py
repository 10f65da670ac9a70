"""A disk that fills up at any moment: the old state stays, the shed opens, and the error is a sentence."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from tests.keep.killing import assert_as_readings, child
from tests.keep.log.crashing import Disk, choosers, quick_folder
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, source

from commonshed.errors import ShedError
from commonshed.keep import Shed
from commonshed.keep.durable import StorageFull
from commonshed.periods import Period

MAY = MARCH + 61 * 24 * HOUR


@contextmanager
def full_at(call: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The n-th write or sync finds the disk full; a write takes half of what it is given first."""
    calls: list[str] = []
    plain_write, plain_fsync = os.write, os.fsync

    def write(descriptor: int, content: Any) -> int:
        calls.append("write")
        if len(calls) == call:
            plain_write(descriptor, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain_write(descriptor, content)

    def fsync(descriptor: int) -> None:
        calls.append("fsync")
        if len(calls) == call:
            raise OSError(errno.ENOSPC, "No space left on device")
        plain_fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        patched.setattr(os, "fsync", fsync)
        yield calls


def seal_a_file(shed: Shed) -> None:
    shed.seal_import([hours(200, station="x"), hours(100, ticks_from=7)], source=source("b"))


def seal_a_journal(shed: Shed) -> None:
    shed.seal()


def repack(shed: Shed) -> None:
    shed.repack()


def publish(shed: Shed) -> None:
    shed.record("mapping", "long.toml", b"x" * 1000)


@pytest.mark.parametrize("work", [seal_a_file, seal_a_journal, repack, publish])
def test_a_disk_that_is_full_at_any_write_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, work: Callable[[Shed], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    template = make_shed(tmp_path / "template")
    template.seal_import([hours(50)], source=source("a"))
    template.seal_import([hours(50, station="y")], source=source("c"))
    with template.journal() as journal:
        journal.append(hours(30, station="z"))
    before = template.size, current(template.readings())
    for call in range(1, 200):
        shed = Shed.open(shutil.copytree(template.path, tmp_path / f"shed{call}"))
        with full_at(call, monkeypatch) as calls:
            try:
                work(shed)
                kept = True
            except StorageFull as error:
                said.append(str(error))
                kept = False
        opened = Shed.open(shed.path)
        if not kept:
            assert (opened.size, current(opened.readings())) == before
        work(opened)
        assert opened.size > before[0]
        opened.seal()  # sweeps
        assert list(opened.path.rglob("*.tmp")) == []
        assert opened.check().require().packs == opened.status().packs
        assert opened.status().waiting == 0
        if len(calls) < call:
            break
    assert len(said) >= 3
    assert all("no room left on the disk" in sentence for sentence in said)
    assert len(calls) < call, "every write was tried"


def import_with_little_room(path: Path, reports: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
    shed = Shed.open(path)
    said = []
    try:
        shed.seal_import([hours(30, first=MAY, station="b"), hours(2000, station="b")], source=source("b"))
    except ShedError as error:
        said.append(f"{type(error).__name__}: {error}")
    try:
        with shed.journal() as journal:
            for _ in range(1000):
                journal.append(hours(30, station="c"))
    except ShedError as error:
        said.append(f"{type(error).__name__}: {error}")
    reports.send(said)


def test_files_that_may_not_grow_are_a_full_disk_too(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(10)], source=source("a"))
    with child(import_with_little_room, shed.path) as (_, reports):
        said = reports.recv()
    assert [each.partition(":")[0] for each in said] == ["StorageFull", "StorageFull"]
    assert "nothing of this was kept" in said[0]
    assert "These readings were not kept" in said[1]
    opened = Shed.open(shed.path)
    assert current(opened.readings()) == current(hours(10))
    assert opened.seal_import([hours(2000, station="b")], source=source("b")).new == 2000
    opened.seal()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_is_really_full_keeps_what_it_has_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    shed = make_shed(small_disk / "shed")
    kept = 0
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(100_000))
    with suppress(StorageFull):
        for i in range(100):
            shed.seal_import([hours(600, station=f"s{i}")], source=source(str(i)))
            kept += 1
    assert 2 < kept < 100
    opened = Shed.open(shed.path)
    assert opened.readings().num_rows == kept * 600
    references = opened.blocks(["pm25"], Period.parse("2016"))
    for reference in references:
        assert_as_readings(opened, reference.load())
    ballast.unlink()
    assert opened.seal_import([hours(600, station=f"s{kept}")], source=source(str(kept))).new == 600
    assert opened.check().require().packs == opened.status().packs


def test_a_power_cut_at_any_moment_of_sealing_leaves_a_log_whose_packs_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what a real disk does is not asked here
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # one step after the other, so that each is a moment
    with quick_folder(tmp_path) as folder:
        shed = make_shed(folder / "shed")
        shed.seal_import([hours(30)], source=source("a"))
        sizes, states = [shed.size], [current(shed.readings())]
        disk = Disk(shed.path)
        with disk.watched(monkeypatch):
            for work in (seal_a_file, publish, repack):
                work(shed)
                sizes.append(shed.size)
                states.append(current(shed.readings()))
                disk.acknowledged = len(sizes) - 1
        for number, cut in enumerate(disk.cuts):
            for turn, choose in enumerate(choosers(number, 1)):
                place = folder / f"{number}.{turn}"
                cut.lay_out(place, choose)
                found = Shed.open(place)
                assert found.size in sizes[cut.acknowledged :], cut.what
                assert current(found.readings()) == states[sizes.index(found.size)]
                shutil.rmtree(place)
        assert len(disk.cuts) > 40
