"""What a proof proves, and what it does not, in words for people who keep files and not logs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Literal

from commonshed.disclose.proofs.proof import Proof
from commonshed.disclose.proofs.verifying import Proved, Version
from commonshed.errors import PeriodError, plain
from commonshed.periods import Zone
from commonshed.units import quantities, value_text

__all__ = ["Language", "tell"]

Language = Literal["en", "zh"]

_QUALIFIERS = {"<": "qualifier-below", ">": "qualifier-above"}
_LENGTHS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def tell(proof: Proof, proved: Proved, language: Language = "en") -> list[str]:
    """Sentences, a paragraph each."""
    told = _Telling(proof, proved, language)
    return [plain(each) for each in (*told.what(), *told.where(), *told.counts(), *told.not_proved())]


class _Telling:
    """What one proof proves, in one language."""

    def __init__(self, proof: Proof, proved: Proved, language: Language) -> None:
        self.proof = proof
        self.proved = proved
        self.language = language

    def what(self) -> Iterator[str]:
        subject, last = self.proved.subject, self.proved.last
        yield self._say(
            "what",
            station=subject.station,
            quantity=self._quantity(),
            statistic=self._named("statistic", subject.statistic),
            length=self._length(subject.period),
            start=self._time(subject.start),
            value=self._value(last),
        )
        row = last.row
        yield self._say("marked", flag=self._named("flag", row.flag), status=self._named("status", row.status))
        if row.reason is not None:
            yield self._say("reason", reason=repr(row.reason))
        if row.raw is not None:
            yield self._say("raw", raw=repr(row.raw))

    def where(self) -> Iterator[str]:
        last, checkpoint = self.proved.last, self.proved.checkpoint
        node = checkpoint.origin.removeprefix("commonshed/")
        yield self._say("entered", entry=last.position, node=node, at=self._time(last.at))
        yield self._say("signed", size=checkpoint.size, key=self.proved.signed_by)
        for each in self.proved.witnesses:
            yield self._say("witness", name=each.witness.name, at=self._time(each.at))
        if self.proved.strangers:
            yield self._say("strangers", names=", ".join(self.proved.strangers))

    def counts(self) -> Iterator[str]:
        versions = self.proved.versions
        if len(versions) > 1:
            yield self._say("times", count=len(versions))
            for version in versions:
                flag = version.row.flag if self.language == "en" else self._named("flag", version.row.flag)
                value, why = self._value(version), self._why(version)
                yield self._say("version", entry=version.position, value=value, flag=flag, why=why)
        if self.proved.counts == "proved":
            yield self._say("counts", size=self.proved.checkpoint.size)
        else:
            yield self._say("open")

    def not_proved(self) -> Iterator[str]:
        yield self._say("not", seen=self._seen(), last=self.proved.checkpoint.size - 1)
        if not self.proved.witnesses:
            yield self._say("alone")
        if self.proved.unit is None:
            yield self._say("undeclared", quantity=self.proved.subject.quantity)

    def _say(self, key: str, /, **values: object) -> str:
        return _sentences()[key][self.language].format(**values)

    def _named(self, of: str, word: str) -> str:
        """A word of a row in the reader's language; one nobody translated stands as it is."""
        known = _sentences().get(f"{of}-{word}")
        return word if known is None else known[self.language]

    def _quantity(self) -> str:
        key = self.proved.subject.quantity
        told = quantities().get(key)
        if told is None:
            return key
        return self._say("quantity", name=told.name_en if self.language == "en" else told.name_zh, id=key)

    def _seen(self) -> str:
        if not self.proved.witnesses:
            return ""
        return self._say("seen", at=self._utc(min(each.at for each in self.proved.witnesses)))

    def _value(self, version: Version) -> str:
        told = quantities().get(self.proved.subject.quantity)
        row = version.row
        text = str(row.ticks) if told is None else f"{value_text(row.ticks, told)} {told.unit}"
        if row.qualifier == "=":
            return text
        key = _QUALIFIERS.get(row.qualifier)
        return f"{row.qualifier}{text}" if key is None else self._say(key, value=text)

    def _why(self, version: Version) -> str:
        said = [version.reason or version.row.reason, version.author or version.row.author]
        told = ", ".join(each for each in said if each)
        return self._say("why", said=told) if told else ""

    def _length(self, seconds: int) -> str:
        if seconds == 0:
            return self._say("moment")
        name, unit = next(each for each in _LENGTHS if seconds % each[1] == 0)
        count = seconds // unit
        return self._say(name) if count == 1 else self._say(f"{name}s", count=count)

    def _time(self, second: int) -> str:
        try:
            minutes = Zone.parse(self.proof.zone).minutes
        except PeriodError:
            return self._utc(second)
        try:
            local = datetime.fromtimestamp(second, UTC) + timedelta(minutes=minutes)
        except (ValueError, OverflowError, OSError):
            return self._say("epoch", second=second)
        sign = "-" if minutes < 0 else "+"
        return f"{local:%Y-%m-%d %H:%M} (UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d})"

    def _utc(self, second: int) -> str:
        try:
            return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M} UTC"
        except (ValueError, OverflowError, OSError):
            return self._say("epoch", second=second)


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath("texts.toml").read_text("utf-8"))
