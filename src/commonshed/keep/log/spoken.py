"""Numbers as words that two people can read to each other, and the six of them that stand for a public key.

The words are those of BIP-39, in English and in Chinese: eleven bits each, no two alike in their first four letters.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Literal

from commonshed.keep.log.notes import Verifier

__all__ = ["BITS", "Language", "fingerprint", "fingerprint_words", "in_words", "numbers", "spoken", "word_list"]

Language = Literal["en", "zh"]

BITS = 11
"""What one word stands for."""

_LISTS: dict[Language, str] = {"en": "english", "zh": "chinese_simplified"}
_TOLD = 6


def fingerprint(verifier: Verifier) -> tuple[int, ...]:
    """A public key as six numbers below 2048: the first 66 bits of the digest its key id is taken from."""
    content = verifier.name.encode() + b"\n" + bytes([verifier.kind]) + verifier.public
    digest = int.from_bytes(hashlib.sha256(content).digest())
    return tuple(numbers(digest >> (256 - _TOLD * BITS), _TOLD))


def fingerprint_words(verifier: Verifier, language: Language = "en") -> str:
    """A public key as six words for the telephone."""
    words = word_list(language)
    return " ".join(words[number] for number in fingerprint(verifier))


def in_words(verifier: Verifier) -> str:
    """A public key as six words in both languages."""
    return f"{fingerprint_words(verifier)} / {fingerprint_words(verifier, 'zh')}"


def spoken(value: int, count: int, language: Language) -> list[str]:
    """A number as so many words."""
    words = word_list(language)
    return [words[number] for number in numbers(value, count)]


def numbers(value: int, count: int) -> list[int]:
    """A number as so many numbers below 2048, the highest bits first."""
    return [value >> (BITS * (count - 1 - i)) & 2047 for i in range(count)]


@cache
def word_list(language: Language) -> tuple[str, ...]:
    """The 2048 words of a language."""
    from mnemonic import Mnemonic  # only where words are spoken

    return tuple(Mnemonic(_LISTS[language]).wordlist)
