"""The manifest after a power cut at any byte, and after damage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commonshed.errors import ShedDamaged
from commonshed.keep.manifest import Entry, Manifest


def opened(folder: Path) -> tuple[Manifest, list[Entry]]:
    manifest = Manifest(folder)
    return manifest, manifest.refresh()


def names(entries: list[Entry]) -> list[str]:
    return [entry.content["name"] for entry in entries]


@pytest.fixture
def written(tmp_path: Path) -> Manifest:
    """Two batches, of one entry and of three; the checkpoint knows the first only."""
    manifest, _ = opened(tmp_path)
    manifest.append([("mapping", {"name": "一"})])
    checkpoint = manifest.checkpoint.read_bytes()
    manifest.append([("mapping", {"name": name}) for name in ("two", "three", "four")])
    manifest.checkpoint.write_bytes(checkpoint)
    return manifest


def test_entries_are_numbered_and_read_again_as_written(written: Manifest) -> None:
    again, entries = opened(written.path.parent)
    assert [entry.position for entry in entries] == [0, 1, 2, 3]
    assert names(entries) == ["一", "two", "three", "four"]
    assert (again.size, again.bytes) == (4, written.path.stat().st_size)


def test_a_batch_torn_at_any_byte_is_dropped_whole_and_written_over(written: Manifest) -> None:
    content = written.path.read_bytes()
    first = content.index(b"\n") + 1
    for end in range(first, len(content)):
        written.path.write_bytes(content[:end])
        manifest, entries = opened(written.path.parent)
        assert names(entries) == ["一"]
        assert manifest.bytes == first
    manifest.append([("mapping", {"name": "five"})])
    assert names(opened(written.path.parent)[1]) == ["一", "five"]


def test_a_tail_of_which_only_the_end_reached_the_disk_is_dropped(written: Manifest) -> None:
    content = written.path.read_bytes()
    first = content.index(b"\n") + 1
    for zeros in (1, 100, len(content) - first - 3):
        written.path.write_bytes(content[:first] + bytes(zeros) + content[first + zeros :])
        assert names(opened(written.path.parent)[1]) == ["一"]


def test_what_had_been_acknowledged_and_is_broken_is_damage_not_a_torn_tail(written: Manifest) -> None:
    written.checkpoint.write_bytes(json.dumps({"size": 4, "bytes": written.bytes}).encode())
    content = written.path.read_bytes()
    for at in range(0, len(content), 7):
        written.path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        with pytest.raises(ShedDamaged, match=r"manifest\.jsonl: entry \d .* was acknowledged"):
            opened(written.path.parent)
    written.path.unlink()
    with pytest.raises(ShedDamaged, match="entry 0"):
        opened(written.path.parent)


def test_a_broken_batch_with_a_whole_one_behind_it_is_damage_even_without_a_checkpoint(written: Manifest) -> None:
    written.checkpoint.unlink()
    content = written.path.read_bytes()
    written.path.write_bytes(b"x" + content[1:])
    with pytest.raises(ShedDamaged, match="entry 0"):
        opened(written.path.parent)


def test_a_reader_sees_a_batch_when_it_is_whole_and_not_before(written: Manifest) -> None:
    content = written.path.read_bytes()
    first = content.index(b"\n") + 1
    written.path.write_bytes(content[: first + 40])
    reader, entries = opened(written.path.parent)
    assert names(entries) == ["一"]
    assert reader.refresh() == []
    written.path.write_bytes(content)
    assert names(reader.refresh()) == ["two", "three", "four"]
    assert reader.refresh() == []


def test_an_unreadable_checkpoint_says_what_to_do(written: Manifest) -> None:
    written.checkpoint.write_text("?")
    with pytest.raises(ShedDamaged, match="checkpoint: not readable"):
        opened(written.path.parent)
