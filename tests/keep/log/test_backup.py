"""A key in words: written down, read back, and told apart from another."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic
from tests.keep.making import make_shed

from commonshed.errors import InputError, ShedError
from commonshed.keep import Shed
from commonshed.keep.log.backup import (
    fingerprint,
    fingerprint_words,
    restore,
    seed_of,
    sheet,
    words_of,
    write_secret,
)
from commonshed.keep.log.keys import private_text
from commonshed.keep.log.notes import Signer, Verifier
from commonshed.keep.log.renewal import recover, rotate

Language = Literal["en", "zh"]

# BIP-39, test vectors of the reference implementation (trezor/python-mnemonic, vectors.json, MIT): 256 bits.
VECTORS = [
    ("00" * 32, "abandon " * 23 + "art"),
    (
        "7f" * 32,
        "legal winner thank year wave sausage worth useful " * 2 + "legal winner thank year wave sausage worth title",
    ),
    (
        "80" * 32,
        "letter advice cage absurd amount doctor acoustic avoid " * 2
        + "letter advice cage absurd amount doctor acoustic bless",
    ),
    ("ff" * 32, "zoo " * 23 + "vote"),
]
SEED = bytes(range(32))


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "shed")


def without_key(shed: Shed, path: Path) -> Shed:
    """A copy of a shed as it is after the machine with the key is gone."""
    shutil.copytree(shed.path, path, ignore=shutil.ignore_patterns("node.key"))
    return Shed.open(path)


@pytest.mark.parametrize(("seed", "words"), VECTORS)
def test_words_are_those_of_the_standard(seed: str, words: str) -> None:
    assert " ".join(words_of(bytes.fromhex(seed))) == words
    assert seed_of(words) == bytes.fromhex(seed)


@given(st.binary(min_size=32, max_size=32), st.sampled_from([("en", "english"), ("zh", "chinese_simplified")]))
def test_words_are_those_of_the_reference_and_lead_back_to_the_key(seed: bytes, of: tuple[Language, str]) -> None:
    language, name = of
    words = words_of(seed, language)
    assert words == Mnemonic(name).to_mnemonic(seed).split(" ")
    assert seed_of(" ".join(words)) == seed


def test_words_may_be_typed_as_people_do() -> None:
    words, chinese = words_of(SEED), words_of(SEED, "zh")
    numbered = "\n".join(f"{i + 1}. {word}" for i, word in enumerate(words))
    for typed in (
        "  ".join(words).upper(),
        numbered,
        "# a comment of ours\n" + ", ".join(words),
        "".join(chinese),
        "、".join(chinese),
        "\n".join(f"{i + 1}{word}" for i, word in enumerate(chinese)),
        "\u3000".join(chinese),
    ):
        assert seed_of(typed) == SEED


def test_the_error_names_the_word_that_is_in_no_list() -> None:
    words = words_of(SEED)
    words[6] = "abandn"
    with pytest.raises(
        InputError, match=r"field word 7: this is no word of the English list \(given: 'abandn'\). Is it"
    ):
        seed_of(" ".join(words))
    words[2] = "mistke"
    with pytest.raises(InputError, match=r"field word 3: .*'mistke'.* Is it mistake"):
        seed_of(" ".join(words))
    chinese = words_of(SEED, "zh")
    chinese[23] = "龘"
    with pytest.raises(InputError, match="field word 24: this is no word of the Chinese list"):
        seed_of("".join(chinese))
    with pytest.raises(InputError, match="field word 1: "):
        seed_of(" ".join(["的", *words_of(SEED)[1:]]))


def test_a_word_that_cannot_be_read_any_more_is_found_from_the_others() -> None:
    words = words_of(SEED)
    right, words[11] = words[11], "?"
    with pytest.raises(InputError, match=f"field word 12: .* Is it {right}"):
        seed_of(" ".join(words), lambda seed: seed == SEED)


@pytest.mark.parametrize("count", [0, 12, 23, 25])
def test_another_number_of_words_is_told(count: int) -> None:
    with pytest.raises(InputError, match=f"a key is 24 words and these are {count}"):
        seed_of(" ".join((words_of(SEED) * 2)[:count]))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("at", [0, 12, 23])
def test_the_error_names_the_one_word_that_is_another(language: Language, at: int) -> None:
    words = words_of(SEED, language)
    right = words[at]
    for other in words_of(bytes(reversed(SEED)), language)[:4]:
        words[at] = other
        with pytest.raises(
            InputError, match=f"field word {at + 1}: this is not the word .*'{other}'.* has {right} there"
        ):
            seed_of(" ".join(words), lambda seed: seed == SEED)


def test_one_word_in_256_makes_another_key_and_is_found_all_the_same() -> None:
    words = words_of(SEED)
    for other in Mnemonic("english").wordlist:
        if other != words[4] and Mnemonic("english").check(" ".join([*words[:4], other, *words[5:]])):
            break
    changed = " ".join([*words[:4], other, *words[5:]])
    assert seed_of(changed) != SEED
    with pytest.raises(InputError, match=f"field word 5: this is not the word .*has {words[4]} there"):
        seed_of(changed, lambda seed: seed == SEED)


def test_the_error_names_two_words_that_have_changed_places() -> None:
    words = words_of(SEED)
    words[3], words[19] = words[19], words[3]
    with pytest.raises(InputError, match="words 4 and 20 have changed places"):
        seed_of(" ".join(words), lambda seed: seed == SEED)


def test_where_several_words_are_wrong_that_is_all_that_is_said() -> None:
    words = words_of(SEED)
    words[1], words[2], words[3] = "zoo", "zoo", "zoo"
    with pytest.raises(InputError, match="checksum does not hold, and more than one of them is wrong"):
        seed_of(" ".join(words), lambda seed: seed == SEED)


def test_a_shuffled_sheet_is_no_key_of_this_log(shed: Shed, tmp_path: Path) -> None:
    words = words_of(shed.log.keys.signer().seed)
    copy = without_key(shed, tmp_path / "copy")
    for turn in range(5):
        shuffled = words[:]
        random.Random(turn).shuffle(shuffled)
        with pytest.raises(InputError):
            restore(copy, " ".join(shuffled))
    assert not copy.log.keys.there


# ── the telephone ──


def test_six_words_and_six_numbers_are_told_of_a_public_key() -> None:
    verifier = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    numbers = fingerprint(verifier)
    # the digest begins with the key id: c74f20a3 is 1594 · 2²¹ + what the next words hold
    assert numbers[0] == 0xC74F20A3 >> 21
    assert numbers[1] == 0xC74F20A3 >> 10 & 2047
    english, chinese = (Mnemonic(name).wordlist for name in ("english", "chinese_simplified"))
    assert fingerprint_words(verifier) == " ".join(english[number] for number in numbers)
    assert fingerprint_words(verifier, "zh") == " ".join(chinese[number] for number in numbers)
    assert len(numbers) == 6


def test_another_name_or_another_kind_of_the_same_key_has_other_words() -> None:
    verifier = Signer("a", SEED).verifier
    told = {fingerprint_words(each) for each in (verifier, verifier.witness, Signer("b", SEED).verifier)}
    assert len(told) == 3


# ── sheets ──


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["words", "key"])
def test_a_sheet_brings_the_key_back(
    shed: Shed, tmp_path: Path, language: Language, form: Literal["words", "key"]
) -> None:
    signer = shed.log.keys.signer()
    text = sheet(shed, language=language, form=form)
    copy = without_key(shed, tmp_path / "copy")
    (copy.path / "keys").chmod(0o755)
    assert restore(copy, text) is True
    assert copy.log.keys.signer() == signer
    assert (copy.path / "keys" / "node.key").stat().st_mode & 0o777 == 0o600
    assert (copy.path / "keys").stat().st_mode & 0o777 == 0o711
    copy.enter("agreement", {"name": "x", "digest": "0" * 64, "file": "x"})
    assert restore(copy, text) is False
    (copy.path / "keys" / "node.key").write_text("torn")
    assert restore(copy, text) is True
    assert private_text(signer).split("+")[-1].strip() in text or form == "words"


def test_a_sheet_says_whose_it_is(shed: Shed) -> None:
    text = sheet(shed)
    assert "shed  共域: test" in text
    assert shed.log.origin in text
    assert fingerprint_words(shed.log.keys.verifiers[0]) in text
    for i, word in enumerate(words_of(shed.log.keys.signer().seed)):
        assert f"{i + 1:2} {word}" in text


def test_the_key_of_another_log_is_refused(shed: Shed, tmp_path: Path) -> None:
    other = make_shed(tmp_path / "other")
    copy = without_key(shed, tmp_path / "copy")
    forms: list[Literal["words", "key"]] = ["words", "key"]
    for form in forms:
        with pytest.raises(InputError, match="these words are a key, but not this log's") as told:
            restore(copy, sheet(other, form=form))
        assert fingerprint_words(shed.log.keys.verifiers[0]) in str(told.value)
    assert not copy.log.keys.there


def test_the_key_before_the_last_rotation_is_refused_and_named(shed: Shed, tmp_path: Path) -> None:
    before = sheet(shed)
    rotate(shed, reason="planned")
    copy = without_key(shed, tmp_path / "copy")
    with pytest.raises(InputError, match=r"an earlier key of this log .* which has given it up"):
        restore(copy, before)
    assert restore(copy, sheet(shed, language="zh")) is True
    copy.enter("agreement", {"name": "x", "digest": "0" * 64, "file": "x"})
    assert len(Shed.open(copy.path).log.note().signatures) == 1


def test_the_key_that_was_declared_lost_stays_so(shed: Shed) -> None:
    before = sheet(shed)
    (shed.path / "keys" / "node.key").unlink()
    recover(shed, reason="lost")
    with pytest.raises(InputError, match="an earlier key of this log"):
        restore(shed, before)


def test_a_line_that_is_no_key_is_told_without_repeating_it(shed: Shed, tmp_path: Path) -> None:
    text = sheet(shed, form="key")
    copy = without_key(shed, tmp_path / "copy")
    with pytest.raises(InputError, match="this line is no private key") as told:
        restore(copy, text[:-6])
    assert text.rsplit("+", 1)[1][:10] not in str(told.value)


def test_a_copy_without_its_key_has_nothing_to_write_down(shed: Shed, tmp_path: Path) -> None:
    with pytest.raises(ShedError, match="there is no key to sign with"):
        sheet(without_key(shed, tmp_path / "copy"))


def test_a_sheet_is_written_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "sheet.txt"
    write_secret(path, "secret\n")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("secret\n", 0o600)
    with pytest.raises(InputError, match="this file is there already"):
        write_secret(path, "another")
    assert path.read_text() == "secret\n"
