"""Every sentence of the report, in each language of the reader; the sentences themselves are data in ``texts/``.

Both languages stand in the page and the style sheet shows one, so that switching needs neither network nor script.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

from commonshed.errors import InputError, MissingExtra, UnknownName
from commonshed.standards.parts import Text

try:
    from markupsafe import Markup, escape
except ImportError:
    raise MissingExtra("plot", "writing a report") from None

__all__ = ["LANGUAGES", "Both", "Language", "Words", "day_text", "join", "month_text", "texts"]

Language = Literal["en", "zh"]
LANGUAGES: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}
"""Languages by our key, with their tag in HTML."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, text: Text) -> Both:
        """A text of a law, an agreement or a scenario as a text of the page."""
        return cls(text.en, text.zh)

    def get(self, language: Language) -> str:
        """The text in one language."""
        return self.en if language == "en" else self.zh

    def __str__(self) -> str:
        return self.en


@cache
def texts(language: Language, package: str = "commonshed.disclose.report") -> dict[str, str]:
    """Every sentence of a language by its key: ``ranking.title``; each kind of page keeps its own beside it."""
    source = resources.files(package).joinpath(f"texts/{language}.toml").read_text("utf-8")
    return dict(_flatten(tomllib.loads(source)))


def _flatten(table: dict[str, object], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


class Words:
    """Say things in the languages of one report.

    Parameters
    ----------
    languages : iterable of {"en", "zh"}
        The first is the one shown at first.
    package : str
        Whose ``texts/`` the sentences are from.
    """

    def __init__(self, languages: Iterable[Language], package: str = "commonshed.disclose.report") -> None:
        self.languages: tuple[Language, ...] = tuple(languages)
        self.package = package
        if not self.languages:
            raise InputError("a report needs a language", mend="Choose en, zh or both")

    def both(self, key: str, **values: object) -> Both:
        """A sentence filled in, as a text in both languages."""
        return Both(*(_fill(key, language, values, self.package) for language in ("en", "zh")))

    def say(self, key: str, **values: object) -> Markup:
        """A sentence as HTML, one span a language."""
        return self.show(self.both(key, **values))

    def show(self, text: Both | str) -> Markup:
        """A text in both languages as HTML; a text that is the same in all stands alone."""
        return self._spans(text, lambda content, tag: Markup('<span lang="{}">{}</span>').format(tag, content))

    def svg(self, text: Both | str) -> Markup:
        """The same inside an SVG text element."""
        return self._spans(text, lambda content, tag: Markup('<tspan lang="{}">{}</tspan>').format(tag, content))

    def _spans(self, text: Both | str, wrap: Callable[[str, str], Markup]) -> Markup:
        if isinstance(text, str):
            return escape(text)
        contents = [text.get(language) for language in self.languages]
        if len(set(contents)) == 1:
            return escape(contents[0])
        return Markup("").join(
            wrap(content, LANGUAGES[language]) for content, language in zip(contents, self.languages, strict=True)
        )


def _fill(key: str, language: Language, values: dict[str, object], package: str) -> str:
    try:
        pattern = texts(language, package)[key]
    except KeyError:
        raise UnknownName(f"text in {language}", key, texts(language, package)) from None
    return pattern.format(**{name: _in(value, language) for name, value in values.items()})


def _in(value: object, language: Language) -> object:
    return value.get(language) if isinstance(value, Both) else value


def day_text(day: date) -> Both:
    """A day as people write it: 5 Mar 2016, 2016年3月5日."""
    return Both(f"{day.day} {_MONTHS[day.month - 1]} {day.year}", f"{day.year}年{day.month}月{day.day}日")


def month_text(month: int) -> Both:
    """A month's short name."""
    return Both(_MONTHS[month - 1], f"{month}月")


def join(parts: Iterable[Both | str]) -> Both:
    """A list inside a sentence: "a, b and c", 「甲、乙和丙」."""
    items = [part if isinstance(part, Both) else Both(part, part) for part in parts]
    en, zh = [item.en for item in items], [item.zh for item in items]
    return Both(
        en[0] if len(en) == 1 else f"{', '.join(en[:-1])} and {en[-1]}" if en else "",
        zh[0] if len(zh) == 1 else f"{'、'.join(zh[:-1])}和{zh[-1]}" if zh else "",
    )
