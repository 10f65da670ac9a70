"""Signed notes against the examples that their specifications and other implementations publish."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import ProofError
from commonshed.keep.log.keys import private_text, read_private
from commonshed.keep.log.notes import Checkpoint, Note, Signature, Signer, Verifier, cosigned_at

FACTS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "notes.toml").read_text("utf-8"))
GO = FACTS["verifies"][1]
PETER, ENOCH = (Verifier.parse(key) for key in GO["keys"])
TEXT, _, BELOW = GO["note"].rpartition("\n\n")
TEXT += "\n"
BY_PETER, BY_ENOCH = BELOW.splitlines(keepends=True)
LATEST = 2**63 - 1


def named(facts: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fact", facts, ids=lambda fact: fact.get("name", fact["origin"]))


def note(*lines: str, text: str = TEXT) -> bytes:
    return (text + "\n" + "".join(lines)).encode()


def line(signer: Signer, value: bytes, *, kind: int = 1) -> str:
    verifier = signer.verifier if kind == 1 else signer.verifier.witness
    return str(Signature(signer.name, verifier.key_id, value))


# ── what is published as right ──


@named(FACTS["verifies"])
def test_published_notes_verify_and_are_written_back_byte_for_byte(fact: dict[str, Any]) -> None:
    found = Note.parse(fact["note"].encode())
    keys = [Verifier.parse(key) for key in fact["keys"]]
    assert found.signers(keys) == tuple(keys)
    assert found.encode().decode() == fact["note"]
    assert [str(key) for key in keys] == fact["keys"]
    times = [cosigned_at(signature.value) or 0 for _, signature in found.signed_lines(keys)]
    assert times == fact.get("cosigned", [0] * len(keys))


@named(FACTS["verifies"])
def test_a_published_note_with_another_letter_in_its_text_is_forged(fact: dict[str, Any]) -> None:
    changed = fact["note"].replace("is", "as", 1) if "is" in fact["note"] else fact["note"].replace("14", "15", 1)
    assert changed != fact["note"]
    with pytest.raises(ProofError, match="is forged: it does not fit the text above it"):
        Note.parse(changed.encode()).signers(Verifier.parse(key) for key in fact["keys"])


@named(FACTS["unknown"])
def test_published_notes_of_unknown_keys_are_read_and_nobody_is_found_to_have_signed(fact: dict[str, Any]) -> None:
    found = Note.parse(fact["note"].encode())
    assert found.text.count("\n") == fact["text_lines"]
    assert [signature.key_id.hex() for signature in found.signatures] == fact["key_ids"]
    assert found.signers([PETER, ENOCH]) == ()
    with pytest.raises(ProofError, match="not signed by a key we know: there is"):
        found.checked([PETER])
    if "size" in fact:
        assert Checkpoint.parse(found.text).size == fact["size"]
        assert Checkpoint.parse(found.text).text == found.text
    if "cosigned" in fact:
        assert cosigned_at(found.signatures[-1].value) == fact["cosigned"]


@named(FACTS["ed25519"])
def test_ed25519_signs_as_the_rfc_says(fact: dict[str, Any]) -> None:
    signer = Signer("x", bytes.fromhex(fact["seed"]))
    message, signature = bytes.fromhex(fact["message"]), bytes.fromhex(fact["signature"])
    assert signer.verifier.public.hex() == fact["public"]
    assert signer.sign_bytes(message) == signature
    assert signer.verifier.signed_bytes(message, signature)
    assert not signer.verifier.signed_bytes(message + b"\0", signature)
    assert not signer.verifier.signed_bytes(message, signature[:-1])


def test_the_published_private_key_signs_the_published_signature() -> None:
    peter = read_private(GO["private"])
    assert peter.verifier == PETER
    assert Note(TEXT).signed_by(peter).encode() == note(BY_PETER)
    assert private_text(peter) == GO["private"] + "\n"


@pytest.mark.parametrize(("private", "public"), FACTS["keys"]["private"])
def test_published_private_keys_have_their_published_verifiers(private: str, public: str) -> None:
    assert str(read_private(private).verifier) == public


@pytest.mark.parametrize("key", FACTS["keys"]["good"])
def test_published_verifier_keys_are_read_and_written_back(key: str) -> None:
    assert str(Verifier.parse(key)) == key
    name, identity, rest = key.split("+", 2)
    assert str(Verifier.parse(f" {name}+{identity.upper()}+{rest}\n")) == key


@named(FACTS["times"])
def test_the_time_of_a_cosignature_is_read_and_a_plain_signature_has_none(fact: dict[str, Any]) -> None:
    assert cosigned_at(base64.b64decode(fact["signature"])[4:]) == fact.get("at")


# ── what is published as wrong, or forbidden by the text ──


@pytest.mark.parametrize("key", FACTS["keys"]["bad"])
def test_published_bad_verifier_keys_are_refused(key: str) -> None:
    with pytest.raises(ProofError, match="verifier key"):
        Verifier.parse(key)


@pytest.mark.parametrize("public", FACTS["keys"]["weak"])
@pytest.mark.parametrize("kind", [1, 4])
def test_a_key_for_which_anybody_can_sign_is_refused(public: str, kind: int) -> None:
    with pytest.raises(ProofError, match="a verifier key for which anybody can sign"):
        Verifier.parse(str(Verifier("x", bytes.fromhex(public), kind)))


def test_no_part_of_a_key_and_no_key_with_one_letter_changed_is_a_key() -> None:
    for good, read in ((str(PETER), Verifier.parse), (GO["private"], read_private)):
        parts = [good[i:j] for i in range(len(good)) for j in range(i + 1, len(good) + 1) if j - i < len(good)]
        changed = [good[:i] + chr(ord(good[i]) + 1) + good[i + 1 :] for i in range(len(good))]
        for bad in [*parts, *changed]:
            with pytest.raises((ProofError, ValueError)):
                read(bad)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode() + b"\n",
        note(BY_PETER)[:-1],
        b"\x01" + note(BY_PETER),
        b"\xff" + note(BY_PETER),
        note(BY_PETER.replace("PeterNeumann", "Bad Name").rstrip("\n")),
        note(BY_PETER, "Unexpected line.\n"),
        note(BY_PETER * 101),
        note(BY_PETER, "\n"),
        note(BY_PETER).replace(b"\n", b"\r\n"),
        note(BY_PETER.replace("PeterNeumann", "Peter\tNeumann")),
        note(BY_PETER.replace("PeterNeumann", "Peter\u00a0Neumann")),
        note(BY_PETER.replace("PeterNeumann", "Peter+Neumann")),
        note(BY_PETER.replace("PeterNeumann ", " ")),
        note(BY_PETER.replace("— ", "- ")),
        note(BY_PETER.replace("— ", "—  ")),
        note("— PeterNeumann \n"),
        note("— PeterNeumann x08gow==\n"),
        note("— PeterNeumann x08go_ZJ\n"),
        note(BY_PETER.replace("=\n", "\n")),
        note(BY_PETER.replace("=\n", "==\n")),
        note(BY_PETER.replace("M=\n", "N=\n")),
        b"",
        b"\n\n",
    ],
)
def test_what_is_no_signed_note_is_refused(content: bytes) -> None:
    with pytest.raises(ProofError):
        Note.parse(content)


@pytest.mark.parametrize("text", ["", "abc", "a\rb\n", "a\0\n", "a\tb\n"])
def test_a_text_that_no_tool_would_read_back_is_not_signed(text: str) -> None:
    with pytest.raises(ProofError, match="ends with a line break and holds no control characters"):
        Note(text)


def test_at_least_sixteen_signatures_are_read() -> None:
    assert len(Note.parse(note(BY_PETER, *[BY_ENOCH] * 99)).signatures) == 100


def test_a_signature_of_a_known_key_that_does_not_fit_condemns_the_whole_note() -> None:
    bad = BY_PETER[:60] + "ABCD" + BY_PETER[60:]
    with pytest.raises(ProofError, match="the signature of PeterNeumann is forged"):
        Note.parse(note(bad, BY_ENOCH)).signers([PETER, ENOCH])
    assert Note.parse(note(bad, BY_ENOCH)).signers([ENOCH]) == (ENOCH,)


def test_lines_that_are_doubled_count_once_and_those_of_unknown_keys_not_at_all() -> None:
    forged = BY_ENOCH[:60] + "ABCD" + BY_ENOCH[60:]
    found = Note.parse(note(BY_PETER, BY_PETER, BY_ENOCH, BY_ENOCH, forged))
    assert found.signers([PETER]) == (PETER,)
    assert len(found.plus(found.signatures).signatures) == 3


def test_the_same_name_with_another_key_id_and_the_same_id_under_another_name_are_unknown() -> None:
    namesake = BY_PETER.replace("x08g", "x18g")
    other = BY_PETER.replace("PeterNeumann", "CarmenSandiego")
    found = Note.parse(note(namesake, other, BY_ENOCH))
    assert found.signers([PETER, ENOCH]) == (ENOCH,)


def test_two_keys_of_one_name_and_id_are_refused_where_a_line_names_them() -> None:
    twin = Verifier(PETER.name, ENOCH.public)
    twin.__dict__["key_id"] = PETER.key_id  # four bytes collide in minutes of work
    with pytest.raises(ProofError, match=r"two keys we know are both called PeterNeumann\+c74f20a3"):
        Note.parse(note(BY_PETER)).signers([PETER, twin])
    assert Note.parse(note(BY_ENOCH)).signers([PETER, twin, ENOCH, ENOCH]) == (ENOCH,)


# ── witnesses ──

WITNESS = read_private(FACTS["keys"]["private"][0][0])
HEAD = Checkpoint("example.com/log", 42, bytes(32)).text


def test_a_witness_signs_the_text_of_the_specification() -> None:
    signature = WITNESS.cosign(HEAD, 1679315147)
    assert signature.value[:8] == (1679315147).to_bytes(8)
    message = f"cosignature/v1\ntime 1679315147\n{HEAD}".encode()
    assert WITNESS.verifier.signed_bytes(message, signature.value[8:])
    assert Note(HEAD, (signature,)).signers([WITNESS.verifier.witness]) == (WITNESS.verifier.witness,)


def test_one_key_as_a_log_and_as_a_witness_are_two_keys() -> None:
    assert WITNESS.verifier.key_id != WITNESS.verifier.witness.key_id
    as_log, as_witness = WITNESS.sign(HEAD), WITNESS.cosign(HEAD, 1)
    assert Note(HEAD, (as_log,)).signers([WITNESS.verifier.witness]) == ()
    assert Note(HEAD, (as_witness,)).signers([WITNESS.verifier]) == ()


@pytest.mark.parametrize("at", [LATEST + 1, 2**64 - 1])
def test_a_cosignature_of_an_impossible_time_is_refused_even_if_it_is_signed(at: int) -> None:
    value = at.to_bytes(8) + WITNESS.sign_bytes(f"cosignature/v1\ntime {at}\n{HEAD}".encode())
    forged = Note.parse(note(line(WITNESS, value, kind=4), text=HEAD))
    with pytest.raises(ProofError, match="forged"):
        forged.signers([WITNESS.verifier.witness])
    assert cosigned_at(value) is None
    assert WITNESS.verifier.witness.signed(HEAD, WITNESS.cosign(HEAD, LATEST).value)


@pytest.mark.parametrize("change", [lambda v: v[:-1], lambda v: v + b"\0", lambda v: b"\1" + v[1:], lambda v: v[8:]])
def test_a_cosignature_of_another_length_or_with_another_time_is_refused(change: Any) -> None:
    value = change(WITNESS.cosign(HEAD, 1679315147).value)
    with pytest.raises(ProofError, match="forged"):
        Note.parse(note(line(WITNESS, value, kind=4), text=HEAD)).signers([WITNESS.verifier.witness])


# ── checkpoints ──


@pytest.mark.parametrize("text", FACTS["checkpoints"]["good"])
def test_checkpoints_with_and_without_further_lines_are_read(text: str) -> None:
    found = Checkpoint.parse(text)
    assert text.startswith(found.text)
    assert (found.origin, str(found.size)) == tuple(text.split("\n")[:2])


@pytest.mark.parametrize("text", FACTS["checkpoints"]["bad"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        Checkpoint.parse(text)


# ── laws ──

seeds = st.binary(min_size=32, max_size=32)
names = st.text(st.characters(codec="utf-8", min_codepoint=0x21), min_size=1).filter(
    lambda name: "+" not in name and not any(each.isspace() for each in name)
)
texts = st.text(st.characters(codec="utf-8", min_codepoint=0x20)).map(lambda text: text + "\n")


@given(seeds, names, texts, st.integers(0, LATEST))
def test_what_is_signed_is_read_back_and_verifies(seed: bytes, name: str, text: str, at: int) -> None:
    signer = Signer(name, seed)
    signed = Note(text).signed_by(signer).plus([signer.cosign(text, at)])
    found = Note.parse(signed.encode())
    keys = (Verifier.parse(str(signer.verifier)), Verifier.parse(str(signer.verifier.witness)))
    assert found == signed
    assert found.signers(keys) == keys
    assert cosigned_at(found.signatures[1].value) == at


@given(st.binary(max_size=400))
def test_whatever_comes_is_a_note_or_refused_in_words(content: bytes) -> None:
    for tried in (content, note(BY_PETER)[: len(content)] + content, content + note(BY_PETER)):
        try:
            found = Note.parse(tried)
        except ProofError:
            continue
        assert found.encode() == tried


@given(st.text(max_size=200))
def test_whatever_is_said_to_be_a_checkpoint_or_a_key_is_one_or_refused_in_words(text: str) -> None:
    for read in (Checkpoint.parse, Verifier.parse):
        try:
            read(text)
        except ProofError:
            continue
