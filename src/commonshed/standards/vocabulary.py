"""The names people read for keys of the law: ``mda8`` is the daily maximum 8-hour mean, 日最大8小时平均."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from commonshed.standards.parts import Text

__all__ = ["averages", "name_of"]

Topic = Literal["averages", "statuses", "kinds", "roundings"]


def name_of(topic: Topic, key: str) -> Text:
    """The name of a key in both languages; a key without a name stands for itself.

    >>> name_of("averages", "mda8").zh
    '日最大8小时平均'
    """
    return _vocabulary()[topic].get(key, Text(en=key, zh=key))


def averages() -> dict[str, Text]:
    """Every average a limit may speak of, with its name."""
    return dict(_vocabulary()["averages"])


@cache
def _vocabulary() -> dict[str, dict[str, Text]]:
    text = resources.files("commonshed.standards").joinpath("vocabulary.toml").read_text("utf-8")
    return {
        topic: {key: Text.model_validate(entry) for key, entry in entries.items()}
        for topic, entries in tomllib.loads(text).items()
    }
