"""What witnesses signed below the checkpoints of a log: taken up, held, counted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.keep.making import make_shed

from commonshed.errors import InputError, ProofError, ShedDamaged
from commonshed.keep import Shed
from commonshed.keep.log import cosignatures
from commonshed.keep.log.cosignatures import Cosignatures, Witnessed, known_witnesses, quorum, witnessed
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Checkpoint, Note, Signer
from commonshed.keep.log.renewal import chain_of, rotate

ANNA, BO, CHEN, EVE = (Signer(f"commonshed/{name}", name.encode().ljust(32)) for name in ("anna", "bo", "chen", "eve"))
KNOWN = [each.verifier for each in (ANNA, BO, CHEN)]
ROOT = b"\1" * 32


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "shed")
    say(made)
    return made


def say(shed: Shed) -> None:
    shed.enter("agreement", {"name": "x", "digest": "0" * 64, "file": "x"})


def cosigned(note: Note, *by: tuple[Signer, int]) -> Note:
    """A note as witnesses give it back."""
    return note.plus(signer.cosign(note.text, at) for signer, at in by)


def names(found: tuple[Witnessed, ...]) -> list[tuple[str, int]]:
    return [(each.witness.name.removeprefix("commonshed/"), each.at) for each in found]


# ── a store ──


def test_what_known_witnesses_signed_is_held_and_what_others_signed_is_not(shed: Shed) -> None:
    store = Cosignatures(shed.log, KNOWN)
    assert (store.sizes(), store.cosigned(), store.cosigned(1), store.covering(0)) == ([], None, None, None)
    new = store.collect(cosigned(shed.log.note(), (ANNA, 100), (EVE, 100)))
    assert names(new) == [("anna", 100)]
    assert names(store.collect(cosigned(shed.log.note(), (BO, 50)))) == [("bo", 50)]
    held = store.cosigned(1)
    assert held is not None
    assert held.text == shed.log.checkpoint(1).text
    assert names(witnessed(held, KNOWN)) == [("anna", 100), ("bo", 50)]
    assert [signature.name for signature in held.signatures] == [shed.log.origin, ANNA.name, BO.name]
    assert Note.parse((shed.path / "log" / "cosigned" / "1").read_bytes()) == held


def test_the_same_again_is_nothing_new_and_a_later_look_is(shed: Shed) -> None:
    store = Cosignatures(shed.log, KNOWN)
    first = cosigned(shed.log.note(), (ANNA, 100))
    store.collect(first)
    content = (shed.path / "log" / "cosigned" / "1").read_bytes()
    assert store.collect(first) == store.collect(shed.log.note()) == ()
    assert store.collect(cosigned(shed.log.note(), (ANNA, 99))) == ()
    assert (shed.path / "log" / "cosigned" / "1").read_bytes() == content
    assert names(store.collect(cosigned(shed.log.note(), (ANNA, 101)))) == [("anna", 101)]
    held = store.cosigned(1)
    assert held is not None
    assert names(witnessed(held, KNOWN)) == [("anna", 101)]


def test_a_proof_stands_on_the_earliest_cosigned_checkpoint_that_holds_the_entry(shed: Shed) -> None:
    store = Cosignatures(shed.log, KNOWN)
    for size in range(1, 6):
        if size in (2, 4):
            store.collect(cosigned(shed.log.note(), (ANNA, size)))
        say(shed)
    assert store.sizes() == [4, 2]
    sizes = [None if (note := store.covering(i)) is None else Checkpoint.parse(note.text).size for i in range(5)]
    assert sizes == [2, 2, 4, 4, None]
    assert store.cosigned() == store.cosigned(4)


def test_only_the_newest_sizes_are_held(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosignatures, "HELD", 3)
    store = Cosignatures(shed.log, KNOWN)
    for _ in range(5):
        store.collect(cosigned(shed.log.note(), (BO, 7)))
        say(shed)
    assert store.sizes() == [5, 4, 3]


def test_an_older_checkpoint_signed_with_an_earlier_key_is_taken_up(shed: Shed) -> None:
    before = cosigned(shed.log.note(), (ANNA, 5))
    rotate(shed, reason="planned", overlap=0)
    store = Cosignatures(shed.log, KNOWN)
    with pytest.raises(ProofError, match="not signed by a key we know"):
        store.collect(before)
    assert names(store.collect(before, chain_of(shed).verifiers)) == [("anna", 5)]


def test_a_checkpoint_that_is_not_this_log_s_is_refused_and_evidence_is_called_so(shed: Shed) -> None:
    store = Cosignatures(shed.log, KNOWN)
    own = shed.log.keys.signer()

    def forged(origin: str, size: int, more: str = "") -> Note:
        return Note(Checkpoint(origin, size, ROOT).text + more).signed_by(own)

    with pytest.raises(ProofError, match="the checkpoint of another log, elsewhere"):
        store.collect(forged("elsewhere", 1))
    with pytest.raises(ProofError, match="a checkpoint of 2 entries; this log has 1"):
        store.collect(forged(shed.log.origin, 2))
    with pytest.raises(ProofError, match=r"another root than it has here: .* Keep the note; it is evidence"):
        store.collect(cosigned(forged(shed.log.origin, 1), (ANNA, 5)))
    with pytest.raises(ProofError, match="not signed by a key we know"):
        store.collect(Note(shed.log.note().text, (ANNA.cosign(shed.log.note().text, 5),)))
    assert store.sizes() == []


def test_a_forged_line_of_a_known_witness_is_refused_and_nothing_is_held(shed: Shed) -> None:
    store = Cosignatures(shed.log, KNOWN)
    elsewhere = ANNA.cosign("another text\n", 5)
    with pytest.raises(ProofError, match="the signature of commonshed/anna is forged"):
        store.collect(cosigned(shed.log.note(), (BO, 5)).plus([elsewhere]))
    assert store.sizes() == []


def test_a_held_note_that_was_changed_is_told(shed: Shed) -> None:
    store = Cosignatures(shed.log, KNOWN)
    store.collect(cosigned(shed.log.note(), (ANNA, 5)))
    path = shed.path / "log" / "cosigned" / "1"
    whole = path.read_bytes()
    for changed, told in ((whole[:-2], "Remove it"), (whole.replace(b"\n1\n", b"\n2\n"), "not the checkpoint of this")):
        path.write_bytes(changed)
        with pytest.raises(ShedDamaged, match=told):
            store.cosigned()
    (path.parent / ".1.77.tmp").write_bytes(b"")
    assert store.sizes() == [1]


def test_neighbours_are_the_witnesses_that_are_known_and_a_broken_one_is_left_out(shed: Shed) -> None:
    assert known_witnesses(shed.path) == ()
    for name, signer in (("bo", BO), ("anna", ANNA)):
        folder = shed.path / "peers" / name / "keys"
        folder.mkdir(parents=True)
        Keys(folder).trust([signer.verifier])
    broken = shed.path / "peers" / "broken" / "keys"
    broken.mkdir(parents=True)
    (broken / "node.pub").write_text("x")
    assert known_witnesses(shed.path) == (ANNA.verifier.witness, BO.verifier.witness)


# ── k of n ──


def test_enough_is_as_many_of_the_known_as_are_asked_for() -> None:
    note = cosigned(Note(Checkpoint("log", 3, ROOT).text), (ANNA, 10), (CHEN, 30), (EVE, 20))
    found = quorum(note, KNOWN, needed=2)
    assert (found.reached, found.known, names(found.by)) == (True, 3, [("chen", 30), ("anna", 10)])
    assert str(found) == "2 of 3 known witnesses (commonshed/chen, commonshed/anna); 2 are needed: enough"
    assert not quorum(note, KNOWN, needed=3).reached
    none = quorum(note, [BO.verifier], needed=1)
    assert str(none) == "0 of 1 known witnesses (none); 1 are needed: not enough"
    for needed in (-1, 4):
        with pytest.raises(InputError, match=f"{needed} witnesses are asked for and 3 are known"):
            quorum(note, KNOWN, needed=needed)


def test_one_key_under_two_names_is_one_witness() -> None:
    again = Signer("commonshed/also-anna", ANNA.seed)
    note = cosigned(Note(Checkpoint("log", 3, ROOT).text), (ANNA, 10), (again, 20))
    found = quorum(note, [ANNA.verifier, again.verifier, BO.verifier], needed=1)
    assert (found.known, names(found.by)) == (2, [("also-anna", 20)])


def test_a_log_s_own_signature_is_not_a_witness_s() -> None:
    note = Note(Checkpoint("log", 3, ROOT).text).signed_by(ANNA)
    assert witnessed(note, KNOWN) == ()


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)), st.integers(0, 10), st.randoms(use_true_random=False))
def test_order_and_repetition_of_lines_and_keys_do_not_matter(
    signing: set[int], known: set[int], needed: int, dice: random.Random
) -> None:
    signers = [Signer(f"w{i}", bytes([i]) * 32) for i in range(10)]
    text = Checkpoint("log", 3, ROOT).text
    lines = [signers[i].cosign(text, i) for i in [*signing, *signing]]
    verifiers = [signers[i].verifier for i in [*known, *known]]
    dice.shuffle(lines)
    dice.shuffle(verifiers)
    if needed > len(known):
        return
    found = quorum(Note(text, tuple(lines)), verifiers, needed=needed)
    assert found.reached == (len(signing & known) >= needed)
    assert {each.witness.name for each in found.by} == {f"w{i}" for i in signing & known}
