"""What a log believes of its files, at the sizes where trees change shape, and whether it lies as others lay theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.keep.log.making import ORIGIN, assert_whole, grow, make_log, reopened, text, texts

from commonshed.errors import ProofError, ShedDamaged, ShedError
from commonshed.keep.log import Checkpoint, Log, Note, Signer, Verifier
from commonshed.keep.log.tiles import Edge, unpack_entries
from commonshed.keep.merkle import leaf_hash, merkle_root

TESSERA = Path(__file__).with_name("vectors") / "tessera"
KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def signed(log: Log, said: Checkpoint) -> bytes:
    """A checkpoint with the signature of the log's own key, whatever it says."""
    return Note(said.text).signed_by(log.keys.signer()).encode()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 513])
def test_a_log_is_read_again_and_proves_every_entry_at_the_borders_of_tiles(size: int, tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, *[size] * bool(size))
    again = reopened(tmp_path)
    assert (again.size, again.checkpoint().root) == (size, merkle_root([leaf_hash(each) for each in texts(0, size)]))
    near = {at for at in (0, 1, 254, 255, 256, size - 2, size - 1) if 0 <= at < size}
    assert_whole(again, sorted(near), sorted({each + 1 for each in near}))
    with pytest.raises(ShedError, match=f"has {size} entries and no entry {size}"):
        again.entry_bytes(size)
    with pytest.raises(ShedError, match=f"never had {size + 1}"):
        again.root(size + 1)


def test_a_log_grown_one_by_one_or_at_once_is_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = make_log(tmp_path / "one"), make_log(tmp_path / "two")
    grow(one, 254, 1, 1, 1, 1)
    grow(two, 258)
    assert one.checkpoint().root == two.checkpoint().root
    for name in ("tile/entries/000", "tile/entries/001.p/2", "tile/0/000", "tile/0/001.p/2", "tile/1/000.p/1"):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()


def test_a_checkpoint_that_somebody_else_signed_is_not_believed(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 3)
    stranger = Signer(ORIGIN, bytes(range(32)))
    log.path.write_bytes(Note(log.checkpoint().text).signed_by(stranger).encode())
    with pytest.raises(ShedDamaged, match="not signed by a key we know"):
        reopened(tmp_path)


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (lambda said: Checkpoint(said.origin, said.size, bytes(32)), "not those that were signed"),
        (lambda said: Checkpoint(said.origin, said.size - 1, said.root), "not those that were signed"),
        (lambda said: Checkpoint("commonshed/another", said.size, said.root), "the checkpoint of another log"),
        (lambda said: Checkpoint(said.origin, said.size + 1, said.root), "it is gone"),
    ],
    ids=["another root", "another size", "another log", "more than there is"],
)
def test_a_checkpoint_that_its_own_key_signed_and_the_entries_do_not_make_is_not_believed(
    lie: Callable[[Checkpoint], Checkpoint], told: str, tmp_path: Path
) -> None:
    log = make_log(tmp_path)
    grow(log, 1, 1, 1)
    log.path.write_bytes(signed(log, lie(log.checkpoint())))
    (log.folder / "tail").unlink()  # from it the right one would be made anew
    with pytest.raises(ShedDamaged, match=told):
        reopened(tmp_path)


def test_a_log_that_goes_back_or_forks_under_an_open_reader_is_noticed(tmp_path: Path) -> None:
    log = make_log(tmp_path)
    grow(log, 3)
    reader = reopened(tmp_path)
    (log.folder / "tail").unlink()
    log.path.write_bytes(signed(log, log.checkpoint(2)))
    with pytest.raises(ShedDamaged, match="went back from 3 entries to 2"):
        reader.refresh()
    log.path.write_bytes(signed(log, Checkpoint(ORIGIN, 3, bytes(32))))
    with pytest.raises(ShedDamaged, match="not those that were signed"):
        reader.refresh()
    assert reader.size == 3


def test_entries_of_another_node_are_taken_over_with_its_signature_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    theirs = make_log(tmp_path / "theirs")
    grow(theirs, 3)
    (tmp_path / "ours" / "log").mkdir(parents=True)
    (tmp_path / "ours" / "keys").mkdir()
    (tmp_path / "ours" / "keys" / "node.pub").write_text(f"{theirs.keys.verifiers[0]}\n")
    ours = Log(tmp_path / "ours" / "log", origin=ORIGIN, keys=type(theirs.keys)(tmp_path / "ours" / "keys"))
    for wrong in (texts(0, 2), texts(0, 4), [*texts(0, 2), text(9)]):
        with pytest.raises(ProofError, match="do not make the log"):
            ours.follow(wrong, theirs.note())
    assert ours.size == 0
    ours.follow(texts(0, 3), theirs.note())
    assert_whole(reopened(tmp_path / "ours"), sizes=[1, 2, 3])


def test_a_published_log_of_another_program_has_the_files_and_roots_that_ours_would_have() -> None:
    bundle = (TESSERA / "tile-entries-000.p-15").read_bytes()
    entries = list(unpack_entries(bundle))
    assert len(entries) == 15
    for size in range(16):
        edge, files = Edge().grown(entries[:size])
        said = Checkpoint.parse(
            Note.parse((TESSERA / f"checkpoint.{size}").read_bytes()).checked([Verifier.parse(KEY)]).text
        )
        assert (said.size, said.root) == (size, edge.root)
    assert files == {
        "tile/entries/000.p/15": bundle,
        "tile/0/000.p/15": (TESSERA / "tile-0-000.p-15").read_bytes(),
    }
