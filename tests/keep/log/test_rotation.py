"""A log that changes its key: who can follow, who is stopped, and what a process that dies leaves."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.keep.log import dying
from tests.keep.making import make_shed

from commonshed.errors import InputError, ProofError, ShedDamaged, ShedError, ShedLocked
from commonshed.keep import Shed
from commonshed.keep.log.entries import Entry
from commonshed.keep.log.keys import Keys
from commonshed.keep.log.notes import Checkpoint, Note, Signer, Verifier
from commonshed.keep.log.renewal import OVERLAP, chain_of, recover, rotate
from commonshed.keep.log.rotation import ROTATION, KeyChain, Rotation, declared_recoveries, follow, rotations
from commonshed.keep.log.spoken import in_words

LOG = "commonshed/0123"


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "shed")
    say(made)
    return made


def say(shed: Shed) -> None:
    """One more entry, whatever it says."""
    shed.enter("agreement", {"name": "x", "digest": "0" * 64, "file": "x"})


def key(number: int) -> Signer:
    return Signer(LOG, bytes([number]) * 32)


def change(old: Signer, new: Signer, position: int, **said: Any) -> Rotation:
    """A change of key, signed by those who have to."""
    declared = said.get("declared", False)
    unsigned = Rotation(old.verifier, new.verifier, "drill", 1000, 2000, **said)
    return dataclasses.replace(unsigned.signed_by(*([new] if declared else [old, new])), position=position)


def entry(rotation: Rotation, **other: Any) -> Entry:
    return Entry(rotation.position, ROTATION, 1000, {**rotation.content, **other})


# ── planned ──


def test_from_its_entry_on_both_keys_sign_and_the_new_one_is_listed_first(shed: Shed) -> None:
    old = shed.log.keys.signer()
    done = rotate(shed, reason="three years are over")
    new = shed.log.keys.signer()
    assert (done.old, done.new, done.position, done.declared) == (old.verifier, new.verifier, 1, False)
    assert done.until - done.start == OVERLAP
    assert shed.log.keys.verifiers == (new.verifier, old.verifier)
    assert set(shed.log.note().signers([old.verifier, new.verifier])) == {new.verifier, old.verifier}
    say(shed)
    assert shed.log.note().signers([new.verifier, old.verifier]) == (new.verifier, old.verifier)
    assert Shed.open(shed.path).size == 3
    assert [path.name for path in sorted((shed.path / "keys").iterdir())] == ["node.key", "node.pub"]


def test_when_the_overlap_is_over_only_the_new_key_signs_and_the_old_one_is_gone(
    shed: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = shed.log.keys.signer()
    done = rotate(shed, reason="planned", overlap=3600)
    assert shed.log.keys.overlapping() == [(old.verifier, done.until)]
    monkeypatch.setattr(time, "time", lambda: done.until + 0.5)
    say(shed)
    assert shed.log.note().signers([old.verifier, done.new]) == (done.new,)
    assert shed.log.keys.verifiers == (done.new,)
    assert shed.log.keys.overlapping() == []
    assert (shed.path / "keys" / "node.key").read_text().count("PRIVATE+KEY+") == 1
    assert Shed.open(shed.path).size == 3


def test_without_an_overlap_the_old_key_signs_its_own_end_and_nothing_after(shed: Shed) -> None:
    old = shed.log.keys.signer()
    done = rotate(shed, reason="the old key may be in wrong hands", overlap=0)
    assert set(shed.log.note().signers([old.verifier, done.new])) == {old.verifier, done.new}
    say(shed)
    assert shed.log.note().signers([old.verifier, done.new]) == (done.new,)


def test_a_second_rotation_within_the_overlap_keeps_the_time_of_the_first(shed: Shed) -> None:
    first = rotate(shed, reason="one", overlap=7200)
    second = rotate(shed, reason="two", overlap=3600)
    assert shed.log.keys.overlapping() == [(first.new, second.until), (first.old, second.until)]
    say(shed)
    assert len(shed.log.note().signatures) == 3
    assert chain_of(shed).verifiers == (second.new, first.new, first.old)


def test_processes_that_were_there_before_see_the_new_key(shed: Shed) -> None:
    writer, reader = Shed.open(shed.path), Shed.open(shed.path)
    done = rotate(shed, reason="planned", overlap=0)
    say(writer)
    assert writer.log.note().signers([done.old, done.new]) == (done.new,)
    reader.refresh()
    assert reader.size == 3


def test_what_was_signed_before_can_be_checked_after(shed: Shed) -> None:
    before = shed.log.note()
    first = rotate(shed, reason="one", overlap=0)
    say(shed)
    between = shed.log.note()
    second = rotate(shed, reason="two", overlap=0)
    for pinned in (first.old, first.new, second.new):
        chain = follow(shed.entries, pinned)
        assert chain == chain_of(shed)
        assert chain.links == ((0, first.old), (2, first.new), (4, second.new))
        assert [chain.checked(note).size for note in (before, between, shed.log.note())] == [1, 3, 4]
    assert chain.verifiers_at(1) == (first.old,)
    assert chain.verifiers_at(2) == chain.verifiers_at(3) == (first.new,)
    assert chain.since(2) == (second.new, first.new)
    assert chain.since(0) == chain.verifiers == (second.new, first.new, first.old)


def test_whoever_has_read_the_entry_asks_for_the_new_key(shed: Shed) -> None:
    old = shed.log.keys.signer()
    done = rotate(shed, reason="the old key may be in wrong hands", overlap=0)
    forged = Note(Checkpoint(shed.log.origin, 3, bytes(32)).text).signed_by(old)
    with pytest.raises(ProofError, match="not signed by a key we know"):
        follow(shed.entries, done.old).checked(forged)
    with pytest.raises(ProofError, match="the checkpoint of another log, elsewhere"):
        chain_of(shed).checked(Note(Checkpoint("elsewhere", 3, bytes(32)).text).signed_by(old))


def test_a_rotation_wants_a_key_an_overlap_and_a_line_of_reason(shed: Shed) -> None:
    for overlap in (-1, 10**9):
        with pytest.raises(InputError, match="from 0 to 5 years"):
            rotate(shed, reason="x", overlap=overlap)
    for reason in ("", " ", "two\nlines", "x" * 501):
        with pytest.raises(InputError, match="is one line of at most 500 characters"):
            rotate(shed, reason=reason)
    assert not (shed.path / "keys" / "next.key").exists()
    (shed.path / "keys" / "node.key").unlink()
    with pytest.raises(ShedError, match="can be read and not written"):
        rotate(shed, reason="x")
    assert shed.size == 1


def test_one_process_at_a_time_changes_keys(shed: Shed) -> None:
    with Keys(shed.path / "keys").changing(), pytest.raises(ShedLocked, match="another process is changing the keys"):
        rotate(shed, reason="x", wait=0.0)


def test_keys_put_back_from_an_old_copy_do_not_sign_a_successor(shed: Shed, tmp_path: Path) -> None:
    shutil.copytree(shed.path / "keys", tmp_path / "old")
    done = rotate(shed, reason="planned", overlap=3600)
    shutil.rmtree(shed.path / "keys")
    shutil.copytree(tmp_path / "old", shed.path / "keys")
    stale = Shed.open(shed.path)  # both keys have signed, so it opens
    with pytest.raises(ShedDamaged, match="which this log has given up for"):
        rotate(stale, reason="again")
    recovered = recover(stale, reason="the new key was on the broken disk only")
    assert follow(stale.entries, done.old, [recovered.new]).current == recovered.new
    assert len(list((shed.path / "keys").glob("aside-*.key"))) == 1


# ── what is signed ──


def test_the_signed_text_is_a_signed_note_that_any_tool_can_check() -> None:
    found = change(key(1), key(2), 7)
    assert found.text == (
        f"commonshed-key-rotation/1\n{LOG}\nold {key(1).verifier}\nnew {key(2).verifier}\n"
        "from 1000\nuntil 2000\nreason drill\n"
    )
    note = Note.parse(Note(found.text, found.signatures).encode())
    assert note.signers([key(1).verifier, key(2).verifier]) == (key(1).verifier, key(2).verifier)
    assert Rotation.of(entry(found)) == found


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"reason": "another"}, "forged"),
        ({"until": 2001}, "forged"),
        ({"from": 999}, "forged"),
        ({"declared": True}, "forged"),
        ({"new": str(key(3).verifier)}, "forged|not signed by the new key"),
        ({"old": str(key(3).verifier)}, "forged|not signed by the old key"),
        ({"signatures": ["first"]}, "no change of key in a form we know"),
        ({"signatures": []}, "no change of key in a form we know"),
        ({"signatures": None}, "no change of key in a form we know"),
        ({"signatures": [1]}, "no change of key in a form we know"),
        ({"old": "x"}, "no change of key in a form we know"),
        ({"new": None}, "no change of key in a form we know"),
        ({"from": 2001}, "no change of key in a form we know"),
        ({"from": True}, "no change of key in a form we know"),
        ({"until": "2000"}, "no change of key in a form we know"),
        ({"reason": "a\nb"}, "no change of key in a form we know"),
        ({"reason": 7}, "no change of key in a form we know"),
    ],
)
def test_a_change_of_key_with_one_field_changed_changes_nothing(other: dict[str, Any], told: str) -> None:
    with pytest.raises(ProofError, match=told):
        follow([entry(change(key(1), key(2), 7), **other)], key(1).verifier)


@pytest.mark.parametrize("missing", ["old", "new", "declared"])
def test_a_field_that_is_missing_is_told(missing: str) -> None:
    whole = change(key(1), key(2), 7)
    content = {name: value for name, value in whole.content.items() if name != missing}
    with pytest.raises(ProofError, match=f"entry 7 is no change of key in a form we know .*{missing}"):
        Rotation.of(Entry(7, ROTATION, 1000, content))


@pytest.mark.parametrize("by", [1, 2])
def test_both_keys_have_to_sign(by: int) -> None:
    lone = Rotation(key(1).verifier, key(2).verifier, "drill", 1000, 2000).signed_by(key(by))
    missing = "new" if by == 1 else "old"
    with pytest.raises(ProofError, match=f"is not signed by the {missing} key .* so it changes nothing"):
        follow([dataclasses.replace(lone, position=3)], key(1).verifier)


def test_a_declared_recovery_cannot_be_passed_off_as_a_rotation_nor_the_other_way_round() -> None:
    declared = change(key(1), key(2), 3, declared=True)
    for other in ({"declared": False}, {"declared": False, "signatures": change(key(1), key(2), 3).signatures}):
        passed_off = dataclasses.replace(declared, **other)
        if "signatures" in other:
            passed_off = dataclasses.replace(passed_off, declared=True)
        with pytest.raises(ProofError, match="forged"):
            follow([passed_off], key(1).verifier, [key(2).verifier])


# ── following ──


def test_a_log_that_never_changed_its_key_has_the_one_that_is_pinned() -> None:
    other = Entry(0, "segment", 0, {})
    assert follow([other], key(1).verifier) == KeyChain(((0, key(1).verifier),))


def test_a_chain_that_does_not_hang_together_is_told_by_the_entry_that_breaks_it() -> None:
    first, gap = change(key(1), key(2), 3), change(key(3), key(4), 9)
    with pytest.raises(ProofError, match=r"entry 9 changes the key .* but the key in force then was"):
        follow([first, gap], key(1).verifier)
    back = change(key(2), key(1), 9)
    with pytest.raises(ProofError, match=r"entry 9 brings back .* a key this log has given up"):
        follow([first, back], key(1).verifier)
    with pytest.raises(ProofError, match="is not a key of this log: its keys are"):
        follow([first], key(7).verifier)
    with pytest.raises(ProofError, match="puts a key in the place of itself"):
        follow([change(key(1), key(1), 3)], key(1).verifier)


def test_a_change_to_a_key_of_another_name_is_none() -> None:
    elsewhere = Signer("commonshed/9999", bytes(32))
    with pytest.raises(ProofError, match="passes from the log commonshed/0123 to another, commonshed/9999"):
        follow([change(key(1), elsewhere, 3)], key(1).verifier)


@given(st.permutations(range(5)), st.integers(0, 5))
def test_the_order_in_which_changes_are_given_does_not_matter(order: list[int], pinned: int) -> None:
    changes = [change(key(i + 1), key(i + 2), 10 * i) for i in range(5)]
    chain = follow([entry(changes[i]) for i in order], key(pinned + 1).verifier)
    assert [verifier for _, verifier in chain.links] == [key(i).verifier for i in range(1, 7)]
    for size in range(60):
        changed = sum(each.position < size for each in changes)
        assert chain.verifiers_at(size) == (key(changed + 1).verifier,)


# ── lost ──


def test_a_declared_recovery_stops_those_who_knew_the_lost_key_until_a_person_accepts_it(shed: Shed) -> None:
    lost = shed.log.keys.signer()
    before = shed.log.note()
    (shed.path / "keys" / "node.key").unlink()
    done = recover(shed, reason="the machine room burnt")
    assert (done.declared, done.old, done.position) == (True, lost.verifier, 1)
    assert shed.log.note().signers([lost.verifier, done.new]) == (done.new,)
    assert shed.log.keys.verifiers == (done.new,)
    assert declared_recoveries(shed.entries) == [done]
    with pytest.raises(
        ProofError, match=r"entry 1 says that the key of .* was lost \(the machine room burnt\)"
    ) as told:
        follow(shed.entries, lost.verifier)
    assert "accept it by hand: commonshed peer accept-key" in str(told.value)
    assert f"the words of the new key ({in_words(done.new)})" in str(told.value)
    accepted = follow(shed.entries, lost.verifier, accepted=[done.new])
    assert accepted == follow(shed.entries, done.new) == chain_of(shed)
    assert [accepted.checked(note).size for note in (before, shed.log.note())] == [1, 2]
    say(Shed.open(shed.path))
    assert Shed.open(shed.path).size == 3


def test_after_a_recovery_keys_rotate_as_before(shed: Shed) -> None:
    (shed.path / "keys" / "node.key").unlink()
    lost = recover(shed, reason="lost")
    done = rotate(shed, reason="planned")
    assert follow(shed.entries, lost.new).current == done.new
    assert declared_recoveries(shed.entries) == [lost]
    assert rotations(shed.entries) == [lost, done]


def test_a_key_that_is_there_is_not_declared_lost(shed: Shed) -> None:
    with pytest.raises(ShedError, match="the key is there, so nothing has to be declared lost"):
        recover(shed, reason="x")
    (shed.path / "keys" / "node.key").chmod(0o644)
    with pytest.raises(ShedError, match="chmod 600"):
        recover(shed, reason="x")
    assert shed.size == 1


def test_a_broken_key_may_be_declared_lost_and_is_set_aside(shed: Shed) -> None:
    path = shed.path / "keys" / "node.key"
    path.write_text("PRIVATE+KEY+torn")
    with pytest.raises(ShedDamaged, match="this is no key"):
        shed.log.keys.signers()
    recover(shed, reason="the file was torn")
    [aside] = (shed.path / "keys").glob("aside-*.key")
    assert aside.read_text() == "PRIVATE+KEY+torn"
    assert aside.stat().st_mode & 0o777 == 0o600
    say(shed)


# ── a process that dies ──


def deaths(work: Callable[[Path], None], original: Path, folder: Path) -> list[Path]:
    """What is left of a shed when a process dies right before each of its steps on the disk."""
    whole = folder / "whole"
    shutil.copytree(original, whole)
    left = []
    for step in range(1, dying.steps_of(work, whole) + 1):
        path = folder / f"cut-{step}"
        shutil.copytree(original, path)
        dying.die_at(step, work, path)
        left.append(path)
    assert len(left) > 15
    return left


def check_follows(shed: Shed, pinned: Verifier, accepted: list[Verifier]) -> None:
    """A neighbour can follow to the checkpoint as it stands."""
    assert follow(shed.entries, pinned, accepted).checked(shed.log.note()).size == shed.size


def test_a_rotation_cut_off_at_any_step_leaves_a_log_that_opens_and_is_signed_and_can_be_finished(
    shed: Shed, tmp_path: Path
) -> None:
    pinned = shed.log.keys.verifiers[0]
    entered = 0
    for path in deaths(dying.rotate, shed.path, tmp_path / "cuts"):
        left = Shed.open(path)
        check_follows(left, pinned, [])
        say(left)  # a gateway that goes on sealing
        check_follows(Shed.open(path), pinned, [])
        entered += len(rotations(left.entries))
        done = rotate(Shed.open(path), reason="again", overlap=3600)
        finished = Shed.open(path)
        assert len(rotations(finished.entries)) in (1, 2)
        assert len(rotations(finished.entries)) == 1 or not (path / "keys" / "next.key").exists()
        assert chain_of(finished).current == done.new == finished.log.keys.signer().verifier
        say(finished)
        check_follows(finished, pinned, [])
        names = {each.name for each in (path / "keys").iterdir() if not each.name.startswith(".")}
        assert names == {"node.key", "node.pub"}
        assert all(each.stat().st_mode & 0o077 == 0 for each in (path / "keys").glob("*.key"))
    assert entered > 3


def test_a_recovery_cut_off_at_any_step_leaves_a_log_that_opens_and_can_be_finished(shed: Shed, tmp_path: Path) -> None:
    pinned = shed.log.keys.verifiers[0]
    (shed.path / "keys" / "node.key").unlink()
    for path in deaths(dying.recover, shed.path, tmp_path / "cuts"):
        left = Shed.open(path)
        check_follows(left, pinned, [each.new for each in declared_recoveries(left.entries)])
        if left.log.keys.there:
            assert [each.new for each in declared_recoveries(left.entries)] == [left.log.keys.signer().verifier]
        if (path / "keys" / "next.key").exists() or not left.log.keys.there:
            recover(left, reason="again")
        finished = Shed.open(path)
        say(finished)
        [done] = declared_recoveries(finished.entries)
        assert done.new == finished.log.keys.signer().verifier
        check_follows(finished, pinned, [done.new])
        assert not list((path / "keys").glob("aside-*"))
        assert not (path / "keys" / "next.key").exists()


def test_a_key_that_waits_signs_beside_the_one_in_force(shed: Shed) -> None:
    coming = Signer(shed.log.origin, bytes(32))
    shed.log.keys.prepare(coming)
    say(shed)
    assert shed.log.note().signers([coming.verifier]) == (coming.verifier,)
    assert chain_of(shed).checked(shed.log.note()).size == 2
    done = rotate(shed, reason="planned")
    assert done.new == coming.verifier


# ── a process that runs on ──


def test_a_process_that_runs_on_lets_the_old_key_go_when_its_time_is_over(
    shed: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = rotate(shed, reason="planned", overlap=3600)
    say(shed)
    monkeypatch.setattr(time, "time", lambda: done.until + 0.5)
    say(shed)
    assert shed.log.note().signers([done.old, done.new]) == (done.new,)


def test_a_process_that_runs_on_stops_signing_when_others_can_read_the_key(shed: Shed) -> None:
    say(shed)
    (shed.path / "keys" / "node.key").chmod(0o644)
    with pytest.raises(ShedError, match="chmod 600"):
        say(shed)
