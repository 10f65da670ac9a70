"""The folder of keys: who may read it, what is in it, and what is done when something is wrong with it."""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path

import pytest
from tests.keep.making import make_shed

from commonshed.errors import ShedDamaged, ShedError, ShedLocked
from commonshed.keep import Shed
from commonshed.keep.log.keys import Keys, private_text, read_private
from commonshed.keep.log.notes import Signer

LOG = "commonshed/0123"


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", LOG)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_shed_is_made_with_a_key_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        shed = make_shed(tmp_path / "shed")
    finally:
        os.umask(before)
    folder = shed.path / "keys"
    assert (mode(folder), mode(folder / "node.key")) == (0o700, 0o600)
    assert shed.log.keys.verifiers == (shed.log.keys.signer().verifier,)
    assert shed.log.keys.signer().name == shed.log.origin


def test_two_sheds_have_two_keys(tmp_path: Path) -> None:
    one, two = (Keys.create(tmp_path / name, LOG).signer() for name in "ab")
    assert one.seed != two.seed


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o602, 0o601, 0o660, 0o666, 0o777])
def test_a_key_that_others_can_get_at_is_not_signed_with(keys: Keys, bits: int) -> None:
    path = keys.folder / "node.key"
    path.chmod(bits)
    for use in (keys.signer, keys.signers, keys.overlapping):
        with pytest.raises(ShedError, match=rf"mode {bits:04o}.*chmod 600 .*node\.key"):
            use()
    path.chmod(0o600)
    assert keys.signer().name == LOG


@pytest.mark.parametrize("bits", [0o750, 0o705, 0o770, 0o702, 0o777, 0o740])
def test_a_folder_that_others_can_list_or_change_is_not_signed_from(keys: Keys, bits: int) -> None:
    keys.folder.chmod(bits)
    with pytest.raises(ShedError, match=rf"mode {bits:04o}.*chmod 700 .*keys"):
        keys.signer()


def test_others_may_be_let_through_to_the_public_keys(keys: Keys) -> None:
    keys.folder.chmod(0o711)
    assert keys.signer().verifier == keys.verifiers[0]
    assert mode(keys.folder / "node.pub") & 0o044 == 0o044


def test_a_copy_without_its_key_opens_and_reads_and_does_not_write(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.enter("agreement", {"name": "x", "digest": "0" * 64, "file": "x"})
    shutil.copytree(shed.path, tmp_path / "copy", ignore=shutil.ignore_patterns("node.key"))
    copy = Shed.open(tmp_path / "copy")
    assert (copy.size, copy.log.keys.there) == (1, False)
    assert copy.status().size == 1
    with pytest.raises(ShedError, match=r"can be read and not written.*commonshed key restore"):
        copy.enter("agreement", {"name": "y", "digest": "0" * 64, "file": "y"})
    assert Shed.open(copy.path).size == 1


def test_public_keys_that_are_gone_or_torn_are_told_with_what_to_do(keys: Keys) -> None:
    path = keys.folder / "node.pub"
    for torn in ("", "\n", "x+y", "\udcff"):
        path.write_bytes(torn.encode("utf-8", "surrogateescape"))
        with pytest.raises(ShedDamaged, match="Put back a copy; it holds no secret"):
            _ = keys.verifiers
    path.unlink()
    with pytest.raises(ShedDamaged, match=r"gone\. Put back a copy"):
        _ = keys.verifiers


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_is_closed_to_this_user_is_told_with_what_to_do(keys: Keys) -> None:
    keys.folder.chmod(0)
    try:
        with pytest.raises(ShedError, match="chmod 711"):
            _ = keys.verifiers
        with pytest.raises(ShedError, match="Only the owner of the node may write"):
            keys.signer()
    finally:
        keys.folder.chmod(0o700)


def test_a_torn_key_is_told_and_no_part_of_it_is_repeated(keys: Keys) -> None:
    path = keys.folder / "node.key"
    whole = path.read_text()
    other = private_text(Signer(LOG, bytes(32)))
    for torn in (
        "",
        whole[:-9],
        whole.replace("+", "-"),
        whole + whole,
        whole + "until 5\n",
        whole + "until 05\n" + other,
        whole + "until x\n" + other,
        whole + "until 5\n" + other[:-9],
        "until 5\n" + whole,
    ):
        path.write_text(torn)
        with pytest.raises(ShedDamaged, match=r"this is no key\. Bring it back from its backup") as told:
            keys.signers()
        assert whole.strip().rsplit("+", 1)[1][:8] not in str(told.value)
        assert told.value.__cause__ is None
        assert told.value.__suppress_context__


def test_the_key_of_another_shed_signs_nothing_here(tmp_path: Path) -> None:
    shed, other = make_shed(tmp_path / "shed"), make_shed(tmp_path / "other")
    shutil.copy(other.path / "keys" / "node.key", shed.path / "keys" / "node.key")
    for use in (shed.log.keys.signer, shed.log.keys.signers):
        with pytest.raises(ShedDamaged, match=r"is not one this log is signed with.*commonshed key restore"):
            use()


def test_a_torn_key_of_a_rotation_is_told_with_what_to_do(keys: Keys) -> None:
    keys.prepare(Signer(LOG, bytes(32)))
    (keys.folder / "next.key").write_text("torn")
    with pytest.raises(ShedDamaged, match=r"next\.key: this is no key\. Remove it, and run again what was cut off"):
        keys.signers()


def test_secrets_do_not_show_when_a_key_is_printed(keys: Keys) -> None:
    signer = keys.signer()
    assert signer.seed.hex() not in repr(signer)
    assert repr(signer.seed) not in repr(signer)
    with pytest.raises(ValueError, match=r"^this is no private key$"):
        read_private(private_text(signer)[:-3])


def test_a_key_that_is_replaced_is_seen_by_those_who_had_read_it(keys: Keys) -> None:
    other = Keys(keys.folder)
    assert other.signer() == keys.signer()
    new = Signer(LOG, bytes(32))
    keys.keep(new)
    keys.trust([new.verifier])
    assert (other.signer(), other.verifiers) == (new, (new.verifier,))


def test_an_earlier_key_signs_until_its_time_and_is_then_put_away(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time.time())
    old, older, new = keys.signer(), Signer(LOG, b"o" * 32), Signer(LOG, bytes(32))
    keys.keep(new, [(old, now + 100), (older, now + 50)])
    keys.trust([new.verifier, old.verifier, older.verifier])
    assert keys.signers() == (new, old, older)
    monkeypatch.setattr(time, "time", lambda: now + 50)
    assert keys.signers() == (new, old)
    assert list(keys.verifiers) == [new.verifier, old.verifier]
    assert (keys.folder / "node.key").read_text() == private_text(new) + f"until {now + 100}\n" + private_text(old)
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert Keys(keys.folder).signers() == (new,)
    assert (keys.folder / "node.key").read_text() == private_text(new)
    assert list(keys.verifiers) == [new.verifier]


def test_while_another_process_changes_keys_an_earlier_one_is_put_away_later(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time())
    old, new = keys.signer(), Signer(LOG, bytes(32))
    keys.keep(new, [(old, now + 100)])
    keys.trust([new.verifier, old.verifier])
    monkeypatch.setattr(time, "time", lambda: now + 100)
    with keys.changing():
        with pytest.raises(ShedLocked), Keys(keys.folder).changing(wait=0.0):
            pass
        assert Keys(keys.folder).signers() == (new,)
        assert "until" in (keys.folder / "node.key").read_text()
    assert keys.signers() == (new,)
    assert "until" not in (keys.folder / "node.key").read_text()


def test_an_earlier_key_that_cannot_be_put_away_does_not_keep_the_new_one_from_signing(
    keys: Keys, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = int(time.time())
    old, new = keys.signer(), Signer(LOG, bytes(32))
    keys.keep(new, [(old, now - 1)])
    keys.trust([new.verifier, old.verifier])

    def full(*_: object, **__: object) -> None:
        raise ShedError("no room left on the disk")

    monkeypatch.setattr(Keys, "keep", full)
    with caplog.at_level(logging.WARNING):
        assert keys.signers() == (new,)
    assert "an earlier key could not be put away: no room left on the disk" in caplog.text


def test_no_moment_at_which_the_key_is_open_to_others(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    plain = os.fsync

    def fsync(descriptor: int) -> None:
        seen.extend(mode(path) for path in keys.folder.glob("*key*"))
        seen.extend(mode(path) for path in keys.folder.glob(".*key*"))
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    before = os.umask(0)
    try:
        keys.prepare(Signer(LOG, bytes(32)))
        keys.adopt(Signer(LOG, bytes(32)), until=int(time.time()) + 100)
    finally:
        os.umask(before)
    assert len(seen) > 6
    assert set(seen) == {0o600}
