"""Tiles and bundles as C2SP tlog-tiles has them, at every size where implementations slip."""

from __future__ import annotations

import re
import shutil
from base64 import b64decode
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.keep.log.crashing import quick_folder
from tests.keep.log.making import ORIGIN, assert_whole, files, grow, make_log, reopened, text, texts

from commonshed.errors import ProofError, ShedDamaged, ShedError
from commonshed.keep.log import Checkpoint, Log, Note, Verifier
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.tiles import (
    Edge,
    TileFolder,
    bundle_path,
    pack_entries,
    read_path,
    tile_path,
    unpack_entries,
)
from commonshed.keep.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    merkle_root,
    verify_consistency,
    verify_inclusion,
)

TESSERA = Path(__file__).parent / "vectors" / "tessera"
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SIZES = (0, 1, 2, 3, 254, 255, 256, 257, 258, 511, 512, 513)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"),
        (1, "001"),
        (999, "999"),
        (1000, "x001/000"),
        (1234067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_the_number_of_a_tile_is_written_as_the_specification_writes_it(number: int, path: str) -> None:
    assert tile_path(3, number) == f"tile/3/{path}"
    assert bundle_path(number, 7) == f"tile/entries/{path}.p/7"


def test_there_is_no_tile_before_the_first() -> None:
    with pytest.raises(ValueError, match="before the first"):
        bundle_path(-1)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_entries_are_packed_behind_their_length_and_unpacked_again(entries: list[bytes]) -> None:
    packed = pack_entries(entries)
    assert list(unpack_entries(packed)) == entries
    for cut in (1, 2):
        if entries and len(entries[-1]) + 2 > cut:
            with pytest.raises(ValueError, match="in the middle of an entry"):
                list(unpack_entries(packed[:-cut]))


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Log]]:
    """A log of each size, each grown from the one before."""
    with quick_folder(tmp_path_factory.mktemp("sizes")) as folder:
        found: dict[int, Log] = {}
        log = make_log(folder / "0")
        found[0] = log
        for before, size in pairwise(SIZES):
            shutil.copytree(folder / str(before), folder / str(size))
            log = reopened(folder / str(size))
            grow(log, size - before)
            found[size] = reopened(folder / str(size))
        yield found


@pytest.mark.parametrize("size", SIZES)
def test_the_files_of_a_log_are_those_of_the_specification(size: int, sizes: dict[int, Log]) -> None:
    log = sizes[size]
    whole, rest = divmod(size, 256)
    expected = {f"tile/{kind}/{n:03d}" for kind in ("0", "entries") for n in range(whole)}
    expected |= {f"tile/{kind}/{whole:03d}.p/{rest}" for kind in ("0", "entries") if rest}
    expected |= {f"tile/1/000.p/{whole}"} if whole else set()
    there = {path for path in files(log) if path.startswith("tile")}
    assert expected <= there
    published = {f"tile/{kind}/{n // 256:03d}.p/{n % 256}" for kind in ("0", "entries") for n in SIZES}
    assert there - expected <= published | {"tile/1/000.p/1"}, "of other sizes that were signed, and no others"
    for path in there:
        assert not re.search(r"\.p/(0|256)$", path), "a tile of no hashes is never written"
    for n in range(whole):
        leaves = [leaf_hash(text(i)) for i in range(n * 256, n * 256 + 256)]
        assert (log.folder / f"tile/0/{n:03d}").read_bytes() == b"".join(leaves)
        assert (log.folder / f"tile/1/000.p/{whole}").read_bytes()[32 * n : 32 * n + 32] == merkle_root(leaves)


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_is_proved_and_every_earlier_size_is_consistent(size: int, sizes: dict[int, Log]) -> None:
    log = sizes[size]
    frontier = Frontier()
    frontier.extend(map(leaf_hash, texts(0, size)))
    assert log.checkpoint() == Checkpoint(ORIGIN, size, frontier.root)
    earlier = [each for each in SIZES if each <= size]
    assert_whole(log, [each for each in {*earlier, 1, 127, 128, size - 1} if 0 <= each < size], earlier)
    for each in earlier:
        frontier = Frontier()
        frontier.extend(map(leaf_hash, texts(0, each)))
        assert log.root(each) == frontier.root
        if each:
            at_that_size = log.inclusion(each - 1, each)
            verify_inclusion(leaf_hash(text(each - 1)), each - 1, each, at_that_size, log.root(each))


def test_what_is_outside_a_log_is_refused_in_a_sentence(sizes: dict[int, Log]) -> None:
    log = sizes[3]
    for position in (-1, 3, 2**63):
        with pytest.raises(ShedError, match=f"has 3 entries and no entry {position}"):
            log.entry_bytes(position)
        with pytest.raises(ProofError, match=f"has no entry {position}"):
            log.inclusion(position)
    for size in (-1, 4, 2**63):
        for asked in (lambda: log.root(size), lambda: log.inclusion(0, size), lambda: log.consistency(0, size)):  # noqa: B023
            with pytest.raises(ShedError, match=f"has 3 entries and never had {size}"):
                asked()
    with pytest.raises(ProofError, match="never had 3"):
        log.consistency(3, 2)
    assert sizes[0].root(0) == EMPTY_ROOT
    assert sizes[0].consistency(0) == []
    with pytest.raises(ProofError, match="log of 0 entries has no entry 0"):
        sizes[0].inclusion(0)


def test_the_edges_of_a_tree_of_two_levels_of_tiles() -> None:
    edge, frontier = Edge(), Frontier()
    made: dict[str, bytes] = {}
    for count in (1, 254, 1, 1, 65_278, 1, 1, 255, 300):
        new = texts(edge.size, count)
        edge, written = edge.grown(new)
        frontier.extend(map(leaf_hash, new))
        made |= written
        assert (edge.size, edge.root) == (frontier.size, frontier.root)
        assert all(written.get(path, content) == content for path, content in edge.files().items())
        if edge.size in (65_535, 65_536, 65_537):
            whole, rest = divmod(edge.size, 256)
            expected = {f"tile/0/{whole:03d}.p/{rest}", f"tile/entries/{whole:03d}.p/{rest}"} if rest else set()
            expected |= {f"tile/1/000.p/{whole}"} if whole < 256 else {"tile/2/000.p/1"}
            assert set(edge.files()) == expected
    assert len(made["tile/1/000"]) == 8192
    assert made["tile/2/000.p/1"] == merkle_root([made["tile/1/000"][i : i + 32] for i in range(0, 8192, 32)])
    assert len(made["tile/1/001.p/2"]) == 64
    assert "tile/2/000.p/2" not in made


def test_a_log_beyond_65536_entries_is_read_and_proved_from_its_files(tmp_path: Path) -> None:
    with quick_folder(tmp_path) as folder:
        log = make_log(folder)
        grow(log, 65_535, 1, 1)
        found = reopened(folder)
        assert found.size == 65_537
        assert_whole(found, [0, 255, 256, 65_279, 65_535, 65_536], [1, 255, 256, 65_535, 65_536])
        assert (found.folder / "tile/2/000.p/1").stat().st_size == 32
        assert not (found.folder / "tile/1/000.p").exists(), "partial tiles go when the whole one is there"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_however_it_grew_a_log_of_some_size_has_one_edge(counts: list[int]) -> None:
    edge = Edge()
    for count in counts:
        edge, _ = edge.grown(texts(edge.size, count))
    at_once, _ = Edge().grown(texts(0, sum(counts)))
    assert edge == at_once


def test_bundles_that_are_cut_off_or_too_short_are_named(tmp_path: Path) -> None:
    folder = TileFolder(tmp_path)
    with pytest.raises(ShedDamaged, match=r"tile/entries/000\.p/3: it is gone"):
        list(folder.entries(0, 3))
    path = tmp_path / "tile/entries/000.p/3"
    path.parent.mkdir(parents=True)
    path.write_bytes(pack_entries(texts(0, 3))[:-1])
    with pytest.raises(ShedDamaged, match="in the middle of an entry"):
        list(folder.entries(0, 3))
    path.write_bytes(pack_entries(texts(0, 2)))
    with pytest.raises(ShedDamaged, match="it holds 2 of 3 entries"):
        list(folder.entries(0, 3))
    (tmp_path / "tile/entries/000").write_bytes(pack_entries(texts(0, 256)))
    assert list(folder.entries(1, 3)) == texts(1, 2)


# ── a log that another program made (vectors/ORIGIN.md) ──


def test_a_log_of_tessera_is_read_as_one_of_ours(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    keys = Keys(tmp_path / "keys")
    keys.trust([Verifier.parse(TESSERA_KEY)])
    content = (TESSERA / "tile-entries-000.p-15").read_bytes()
    leaves = [leaf_hash(entry) for entry in unpack_entries(content)]
    assert (TESSERA / "tile-0-000.p-15").read_bytes() == b"".join(leaves)
    frontier = Frontier()
    for size in range(16):
        note = Note.parse((TESSERA / f"checkpoint.{size}").read_bytes()).checked(keys.verifiers)
        said = Checkpoint.parse(note.text)
        assert said == Checkpoint("example.com/log/testdata", size, frontier.root)
        assert note.encode() == (TESSERA / f"checkpoint.{size}").read_bytes()
        if size < 15:
            frontier.add(leaves[size])
    for path in ("tile/0/000.p/15", "tile/entries/000.p/15"):
        (tmp_path / path).parent.mkdir(parents=True)
        shutil.copyfile(TESSERA / path.replace("/", "-"), tmp_path / path)
    tiles = TileFolder(tmp_path)
    edge = tiles.edge(15, frontier.root)
    assert {path: (tmp_path / path).read_bytes() for path in edge.files()} == edge.files()
    assert list(tiles.entries(13, 15)) == [b"fourten", b"fivten"]


def test_every_pair_of_tesseras_checkpoints_is_consistent(tmp_path: Path) -> None:
    (tmp_path / "tile/0/000.p").mkdir(parents=True)
    shutil.copyfile(TESSERA / "tile-0-000.p-15", tmp_path / "tile/0/000.p/15")
    roots = [b64decode((TESSERA / f"checkpoint.{size}").read_text().split("\n")[2]) for size in range(16)]
    log = Log(tmp_path, origin="example.com/log/testdata", keys=Keys(tmp_path))
    log._frontier.extend(TileFolder(tmp_path).hashes(0, 0, 15))
    for new in range(1, 16):
        for old in range(new + 1):
            verify_consistency(old, new, roots[old], roots[new], log.consistency(old, new))
            if old < new:
                with pytest.raises(ProofError):
                    verify_consistency(old, new, roots[new], roots[old], log.consistency(old, new))


@pytest.mark.parametrize("number", [0, 1, 999, 1000, 1_234_067])
@pytest.mark.parametrize("level", [None, 0, 7])
def test_a_path_of_a_tile_is_read_as_it_is_written(level: int | None, number: int) -> None:
    for width in (1, 255, 256):
        path = bundle_path(number, width) if level is None else tile_path(level, number, width)
        assert read_path(path) == (level, number, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/05", "tile/0/000/",
        "tile/0/../000", "tile/entries/x001", "tile/0/00١", "tile/-1/000", "checkpoint", "/tile/0/000",
    ],
)  # fmt: skip
def test_what_no_log_writes_is_no_tile(path: str) -> None:
    assert read_path(path) is None
