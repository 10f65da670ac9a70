"""A key in words: 24 of them for an envelope in a safe, six for the telephone.

The 24 words are the private key itself (BIP-39: 256 bits and a checksum of 8), in English or in Simplified Chinese.
Whoever has them can sign as this node. The six words are of the *public* key: two people read them to each other to
know that they speak of the same key; they are no secret.
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from commonshed.errors import InputError
from commonshed.keep.durable import disk_errors, sync_folder, write_all
from commonshed.keep.log.keys import private_text, read_private
from commonshed.keep.log.notes import Signer, Verifier
from commonshed.keep.log.renewal import chain_of
from commonshed.keep.log.spoken import (
    BITS,
    Language,
    fingerprint,
    fingerprint_words,
    in_words,
    spoken,
    word_list,
)

if TYPE_CHECKING:
    from commonshed.keep.shed import Shed

__all__ = [
    "Form",
    "Language",
    "fingerprint",
    "fingerprint_words",
    "restore",
    "seed_of",
    "sheet",
    "words_of",
    "write_secret",
]

Form = Literal["words", "key"]

_WORDS = 24
_NUMBER = re.compile(r"\d+[.、:：)]?")


def words_of(seed: bytes, language: Language = "en") -> list[str]:
    """A private key as 24 words.

    Parameters
    ----------
    seed : bytes, 32

    References
    ----------
    BIP-39, Generating the mnemonic.
    """
    return spoken(int.from_bytes(seed + hashlib.sha256(seed).digest()[:1]), _WORDS, language)


def seed_of(text: str, fits: Callable[[bytes], bool] | None = None) -> bytes:
    """The private key that 24 words stand for; English or Chinese, with or without their numbers.

    Parameters
    ----------
    text : str
        Lines that begin with ``#`` are passed over. Chinese words may stand without spaces.
    fits : callable, optional
        Whether a key is the one looked for. With it a mistake in one word, or two that changed places, is found.

    Raises
    ------
    InputError
        They are not 24 words of one list, or not a key; the error names the word that is wrong where that can be known.
    """
    words = list(_words(text))
    language: Language = "en" if 2 * sum(word.isascii() for word in words) >= len(words) else "zh"
    if len(words) != _WORDS:
        raise InputError(
            f"a key is {_WORDS} words and these are {len(words)}",
            field="words",
            mend="Count them on the sheet: one is left out, or one stands there twice",
        )
    listed = _listed(language)
    numbers = [listed.get(word, -1) for word in words]
    if -1 in numbers:
        raise _not_listed(words, numbers, language, fits)
    seed = _seed(numbers)
    if seed is not None and (fits is None or fits(seed)):
        return seed
    mistake = None if fits is None else _mistake(words, numbers, language, fits)
    if mistake is not None:
        raise mistake
    if seed is None:
        raise InputError(
            "these words are no key: their checksum does not hold, and more than one of them is wrong",
            field="words",
            mend="Compare every word with the sheet, and whether it is the sheet of this shed",
        )
    return seed


def sheet(shed: Shed, *, language: Language = "en", form: Form = "words") -> str:
    """What is put into the envelope: the private key in force, in words or as other tools write it.

    Raises
    ------
    ShedError
        There is no key here, or others can read it.
    """
    signer = shed.log.keys.signer()
    day = datetime.now(UTC).date().isoformat()
    lines = [
        "# Commonshed: private key of a node  节点私钥",
        f"# shed  共域: {shed.name}",
        f"# log  日志: {signer.name}",
        f"# public key in words  公钥短语: {fingerprint_words(signer.verifier, language)}",
        f"# written down  抄录日期: {day}",
        "# Whoever has what stands below can sign as this node. Paper, a sealed envelope, a safe.",
        "# 持有以下内容者可以本节点名义签名。请写在纸上，封入信封，存入保险柜。",
    ]
    return "".join(f"{line}\n" for line in lines) + _secret(signer, language, form)


def restore(shed: Shed, text: str) -> bool:
    """Bring a private key back from its backup.

    Parameters
    ----------
    text : str
        Of a sheet, or its words alone.

    Returns
    -------
    bool
        False: the key was there already.

    Raises
    ------
    InputError
        The words are no key, or not the key of this log.
    """
    keys = shed.log.keys
    with keys.changing():
        chain = chain_of(shed)
        signer = _signer(text, chain.current)
        if signer.verifier != chain.current:
            raise _another(signer.verifier, chain.current, chain.verifiers)
        with disk_errors(keys.folder):
            keys.folder.chmod(keys.folder.stat().st_mode & 0o711)
        path = keys.folder / "node.key"
        if keys.there and path.read_text("utf-8", "replace").splitlines()[:1] == private_text(signer).splitlines():
            with disk_errors(path):
                path.chmod(0o600)
            return False
        keys.set_aside(signer)
        keys.keep(signer)
        keys.trust([signer.verifier, *keys.verifiers])
        return True


def write_secret(path: Path, text: str) -> None:
    """Write a new file that its owner alone can read, durable on return.

    Raises
    ------
    InputError
        It is there already.
    """
    try:
        with disk_errors(path):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError("this file is there already", file=path, mend="Name a new one; none is overwritten") from None
    try:
        with disk_errors(path):
            write_all(descriptor, text.encode())
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.absolute().parent)


def _secret(signer: Signer, language: Language, form: Form) -> str:
    if form == "key":
        return private_text(signer)
    words = words_of(signer.seed, language)
    rows = [range(first, first + 6) for first in range(0, _WORDS, 6)]
    return "".join("   ".join(f"{i + 1:2} {words[i]}" for i in row) + "\n" for row in rows)


def _signer(text: str, wanted: Verifier) -> Signer:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines and lines[0].startswith("PRIVATE+KEY+"):
        try:
            return read_private(lines[0])
        except ValueError:
            raise InputError(
                "this line is no private key", field="file", mend="It was copied wrongly: take it from the backup again"
            ) from None
    name = wanted.name
    return Signer(name, seed_of(text, lambda seed: Signer(name, seed).verifier == wanted))


def _another(found: Verifier, wanted: Verifier, all_of_log: Sequence[Verifier]) -> InputError:
    told, ours = in_words(found), in_words(wanted)
    if found in all_of_log:
        return InputError(
            f"these words are an earlier key of this log ({told}), which has given it up; the key in force is {ours}",
            field="words",
            mend="Take the sheet written after the last rotation. If there is none: commonshed key recover",
        )
    return InputError(
        f"these words are a key, but not this log's: theirs is {told}, this log's is {ours}",
        field="words",
        mend="Look for the sheet whose public key has these words, or name the shed it belongs to",
    )


# ── words and numbers ──


@cache
def _listed(language: Language) -> dict[str, int]:
    return {word: number for number, word in enumerate(word_list(language))}


def _seed(numbers: Sequence[int]) -> bytes | None:
    """The key, if its checksum holds."""
    value = 0
    for number in numbers:
        value = value << BITS | number
    seed = (value >> 8).to_bytes(32)
    return seed if hashlib.sha256(seed).digest()[0] == value & 255 else None


def _words(text: str) -> Iterator[str]:
    for line in unicodedata.normalize("NFKC", text).splitlines():
        if line.lstrip().startswith("#"):
            continue
        for token in line.lower().replace(",", " ").replace("、", " ").split():
            if _NUMBER.fullmatch(token):
                continue
            word = token.lstrip("0123456789.:)")
            yield from [word] if word.isascii() else word


# ── which word is wrong ──


def _not_listed(
    words: Sequence[str], numbers: list[int], language: Language, fits: Callable[[bytes], bool] | None
) -> InputError:
    at = numbers.index(-1)
    near = difflib.get_close_matches(words[at], word_list(language), n=3, cutoff=0.6)
    if fits is not None and numbers.count(-1) == 1:
        near = [word_list(language)[number] for number in _in_place(numbers, at, fits)] or near
    mend = f"Is it {' or '.join(near)}?" if near else "Look at the sheet"
    name = "English" if language == "en" else "Chinese"
    return InputError(f"this is no word of the {name} list", field=f"word {at + 1}", value=words[at], mend=mend)


def _mistake(
    words: Sequence[str], numbers: list[int], language: Language, fits: Callable[[bytes], bool]
) -> InputError | None:
    """The one word that is another, or the two that have changed places; None where more is wrong."""
    for i, j in itertools.combinations(range(_WORDS), 2):
        swapped = list(numbers)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        if _fits(swapped, fits):
            return InputError(
                f"words {i + 1} and {j + 1} have changed places",
                field="words",
                value=f"{words[i]}, {words[j]}",
                mend="Write them the other way round",
            )
    for at in range(_WORDS):
        for number in _in_place(numbers, at, fits):
            return InputError(
                "this is not the word that was written down",
                field=f"word {at + 1}",
                value=words[at],
                mend=f"The key of this log has {word_list(language)[number]} there",
            )
    return None


def _in_place(numbers: Sequence[int], at: int, fits: Callable[[bytes], bool]) -> list[int]:
    """Words that make the key looked for, put into one place."""
    return [number for number in range(2048) if _fits([*numbers[:at], number, *numbers[at + 1 :]], fits)]


def _fits(numbers: Sequence[int], fits: Callable[[bytes], bool]) -> bool:
    seed = _seed(numbers)
    return seed is not None and fits(seed)
