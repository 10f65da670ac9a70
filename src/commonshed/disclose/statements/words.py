"""The sentences about statements, in English and Chinese: data in ``texts/``, read without the extra for pages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Literal

from commonshed.errors import UnknownName, plain

__all__ = ["Language", "said", "sentences"]

Language = Literal["en", "zh"]


def said(key: str, language: Language = "en", /, **values: object) -> str:
    """A sentence, filled in.

    Raises
    ------
    UnknownName
        There is no such sentence.
    """
    known = sentences(language)
    if key not in known:
        raise UnknownName(f"sentence in {language}", key, known)
    return plain(known[key].format(**values))


@cache
def sentences(language: Language) -> dict[str, str]:
    """Every sentence of a language by its key: ``verdict.agrees``."""
    text = resources.files(__package__).joinpath(f"texts/{language}.toml").read_text("utf-8")
    return dict(_flat(tomllib.loads(text)))


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
