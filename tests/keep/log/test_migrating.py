"""A shed of format 1 becomes one with a signed log: nothing it holds changes, wherever it is killed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.keep.log.crashing import Disk, choosers, quick_folder
from tests.keep.log.test_crash import failing_at

from commonshed.errors import CommonshedError, ShedDamaged, ShedError, ShedLocked
from commonshed.keep import Shed, rows_digest
from commonshed.keep.lock import sealer_lock
from commonshed.keep.log.migrating import Migration, finish, migrate, unfinished

OLD = Path(__file__).parent / "format-1"
EXPECTED = json.loads((OLD / "expected.json").read_text())
CONTENT = ("shed.toml", "log", "segments", "places", "journal", "sealer.lock")


def old_shed(path: Path) -> Path:
    """A copy of the shed that an earlier version made."""
    path.mkdir()
    for name in CONTENT:
        copy = shutil.copytree if (OLD / name).is_dir() else shutil.copyfile
        copy(OLD / name, path / name)
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    """The manifest, as it was."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def manifest(batches: list[list[dict[str, Any]]]) -> bytes:
    """A manifest of format 1, made from the description of that format."""
    content, size = b"", 0
    for batch in batches:
        for i, entry in enumerate(batch):
            head = {"position": size + i, "batch": [size, len(batch)], **entry}
            text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
            content += text + b',"sum":"' + hashlib.sha256(text).hexdigest()[:16].encode() + b'"}\n'
        size += len(batch)
    return content


def assert_carried_over(path: Path, sizes: tuple[str, ...] = (str(EXPECTED["size"]),)) -> None:
    shed = Shed.open(path)
    assert shed.size == EXPECTED["size"]
    assert shed.stations == EXPECTED["stations"]
    for entry, line in zip(shed.entries, lines(path / "log" / "manifest.jsonl.migrated"), strict=True):
        said = {name: value for name, value in line.items() if name not in ("position", "batch", "kind", "at", "sum")}
        assert (entry.position, entry.kind, entry.at) == (line["position"], line["kind"], line["at"])
        assert dict(entry.content) == said
    for size in sizes:
        assert rows_digest(shed.readings(as_of=int(size))) == EXPECTED["readings"][size]
    assert shed.readings(history=True).num_rows == EXPECTED["rows_history"]
    assert not unfinished(path)
    assert not (path / "log" / ".migrating").exists()


def test_a_shed_of_the_earlier_version_says_in_one_sentence_what_to_do(tmp_path: Path) -> None:
    path = old_shed(tmp_path / "shed")
    with pytest.raises(ShedError, match=f"format 1, .*: commonshed shed migrate --shed {path}"):
        Shed.open(path)


def test_positions_digests_and_readings_of_every_size_are_what_the_earlier_version_said(tmp_path: Path) -> None:
    path = old_shed(tmp_path / "shed")
    assert migrate(path) == Migration(EXPECTED["size"], already=False)
    assert_carried_over(path, tuple(EXPECTED["readings"]))
    assert Shed.open(path).check().problems == ()
    assert (path / "keys" / "node.key").stat().st_mode & 0o777 == 0o600
    assert migrate(path) == Migration(0, already=True)
    assert_carried_over(path)
    shed = Shed.open(path)
    assert shed.seal().new == EXPECTED["waiting"], "what waited in a journal is sealed now"
    assert shed.seal().new == 0
    shed.repack()
    assert Shed.open(path).check().problems == ()


def test_killed_at_any_moment_the_shed_is_of_one_format_or_the_other_and_running_again_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    kinds = set()
    with quick_folder(tmp_path) as folder:
        path = old_shed(folder / "shed")
        disk = Disk(path)
        with disk.watched(monkeypatch):
            migrate(path)
        for number, cut in enumerate(disk.cuts):
            for turn, choose in enumerate(choosers(number, 0)):
                place = folder / f"{number}.{turn}"
                cut.lay_out(place, choose)
                kind = (place / "shed.toml").read_text()[:10]
                kinds.add(kind)
                if kind == "format = 1":
                    assert (place / "log" / "manifest.jsonl").read_bytes() == (OLD / "log/manifest.jsonl").read_bytes()
                    assert (place / "log" / "checkpoint").read_bytes() == (OLD / "log/checkpoint").read_bytes()
                    migrate(place)
                assert_carried_over(place)
                shutil.rmtree(place)
    assert kinds == {"format = 1", "format = 2"}
    assert len(disk.cuts) > 40


def test_a_disk_that_is_full_at_any_call_leaves_what_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with quick_folder(tmp_path) as folder:
        for call in range(1, 200):
            path = old_shed(folder / str(call))
            with failing_at(call, monkeypatch, errno.ENOSPC) as calls:
                try:
                    migrate(path)
                except (CommonshedError, OSError):
                    assert "format = 1" in (path / "shed.toml").read_text() or unfinished(path) or call > 1
            migrate(path)
            if call % 5 == 0 or len(calls) < call:
                assert_carried_over(path)
            if len(calls) < call:
                break
    assert 20 < call < 200


def test_opening_finishes_what_was_decided(tmp_path: Path) -> None:
    path = old_shed(tmp_path / "shed")
    migrate(path)
    log = path / "log"
    (log / ".migrating").mkdir()
    for name in ("tile", "tail", "checkpoint"):
        (log / name).replace(log / ".migrating" / name)
    (log / "manifest.jsonl.migrated").replace(log / "manifest.jsonl")
    shutil.copyfile(OLD / "log" / "checkpoint", log / "checkpoint")
    assert unfinished(path)
    assert_carried_over(path)
    finish(path)
    assert_carried_over(path)


def test_what_was_never_acknowledged_is_left_behind_and_what_was_is_missed(tmp_path: Path) -> None:
    content = (OLD / "log" / "manifest.jsonl").read_bytes()
    promised = (OLD / "log" / "checkpoint").read_bytes()
    for name, end, said, kept in (
        ("torn", content + content[:40], promised, EXPECTED["size"]),
        ("whole", content, b"", EXPECTED["size"]),
        ("last batch torn", content[:-9], b'{"size": 1, "bytes": 200}', 13),
    ):
        path = old_shed(tmp_path / name)
        (path / "log" / "manifest.jsonl").write_bytes(end)
        (path / "log" / "checkpoint").write_bytes(said)
        if not said:
            (path / "log" / "checkpoint").unlink()
        assert migrate(path).entries <= kept
    for i, broken in enumerate((content[:-9], content[:700] + b"x" + content[701:], b"")):
        path = old_shed(tmp_path / str(i))
        (path / "log" / "manifest.jsonl").write_bytes(broken)
        with pytest.raises(ShedDamaged, match="was acknowledged and is broken or gone"):
            migrate(path)
        assert "format = 1" in (path / "shed.toml").read_text()


def test_a_log_of_many_bundles_and_stations_that_fill_an_entry_keep_their_order(tmp_path: Path) -> None:
    path = old_shed(tmp_path / "shed")
    names = [f"站{i:05d}-{'x' * 20}" for i in range(4000)]
    first = {"kind": "mapping", "at": 1, "name": "a", "digest": "0" * 64, "file": "mappings/a", "registers": names}
    others = [
        {"kind": "mapping", "at": i, "name": f"m{i}", "digest": "0" * 64, "file": "mappings/a"} for i in range(600)
    ]
    others[1]["registers"] = ["later"]
    (path / "log" / "manifest.jsonl").write_bytes(manifest([[first], others[:300], others[300:]]))
    (path / "log" / "checkpoint").unlink()
    assert migrate(path).entries == 601
    shed = Shed.open(path)
    assert shed.stations == [*names, "later"]
    assert [entry.content["name"] for entry in shed.entries] == ["a", *(f"m{i}" for i in range(600))]


def test_nothing_is_done_while_another_seals_and_to_no_other_format(tmp_path: Path) -> None:
    path = old_shed(tmp_path / "shed")
    with sealer_lock(path / "sealer.lock"), pytest.raises(ShedLocked):
        migrate(path)
    (path / "shed.toml").write_text((path / "shed.toml").read_text().replace("format = 1", "format = 7"))
    with pytest.raises(ShedError, match="format 7"):
        migrate(path)
    (path / "shed.toml").write_text("x =")
    with pytest.raises(ShedDamaged):
        migrate(path)
    with pytest.raises(ShedError, match="no shed here"):
        migrate(tmp_path)
