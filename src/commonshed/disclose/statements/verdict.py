"""What came of verifying a statement: one word, and everything that was looked at on the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from commonshed.disclose.statements.comparing import Difference
from commonshed.disclose.statements.since import Since
from commonshed.disclose.statements.statement import Statement
from commonshed.disclose.statements.words import Language, said, sentences

__all__ = ["Finding", "Kind", "KindOf", "Verdict"]

Kind = Literal["agrees", "differs", "superseded", "not-verifiable", "forged", "not-of-this-log"]
"""From best to worst there is no order: each asks for something else to be done."""


@dataclass(frozen=True)
class KindOf:
    """A kind of document, which each language has its own word for."""

    kind: str

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    code : str
        Such as ``signature.holds``; the sentence of that key says it in words.
    holds : bool or None
        None: it speaks neither for nor against the statement.
    values : mapping
        What the sentence is filled with.
    """

    code: str
    holds: bool | None
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language = "en") -> str:
        """The sentence."""
        return said(
            f"finding.{self.code}", language, **{name: _in(each, language) for name, each in self.values.items()}
        )

    def content(self) -> dict[str, Any]:
        """As plain data, with the sentence in both languages."""
        return {
            "code": self.code,
            "holds": self.holds,
            "text": {"en": self.text("en"), "zh": self.text("zh")},
            "values": {name: _plain(value) for name, value in self.values.items()},
        }


@dataclass(frozen=True)
class Verdict:
    """What came of verifying one statement.

    Attributes
    ----------
    kind : Kind
    statement : Statement
    findings : tuple of Finding
        In the order they were looked at; the last that does not hold decided.
    differences : tuple of Difference
        Figures as stated, and as they come out from the readings as they were known then.
    since : Since or None
        What has changed since; None where nobody could look.
    successor : Verdict or None
        Of the statement that took the place of this one.
    by_erratum : tuple of Difference
        Figures as stated here, and in the statement that took its place.
    """

    kind: Kind
    statement: Statement
    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...] = ()
    since: Since | None = None
    successor: Verdict | None = None
    by_erratum: tuple[Difference, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it can be relied on: it agrees, or what took its place does."""
        if self.kind == "superseded":
            return self.successor is not None and self.successor.stands
        return self.kind == "agrees"

    def headline(self, language: Language = "en") -> str:
        """The verdict in one sentence."""
        claim = self.statement.claim
        if language != "en":  # in English the words of the command are words
            key = f"claim.{claim.replace(' ', '-')}"
            claim = said(key, language) if key in sentences(language) else claim
        return said(f"verdict.{self.kind}", language, claim=claim, period=self.period)

    @property
    def period(self) -> str:
        """What the statement is of."""
        return str(self.statement.parameters.get("period", ""))

    def content(self) -> dict[str, Any]:
        """As plain data: see ``docs/formats/statement.md``."""
        return {
            "format": "commonshed-verdict/1",
            "verdict": self.kind,
            "stands": self.stands,
            "text": {"en": self.headline("en"), "zh": self.headline("zh")},
            "statement": self.statement.digest,
            "claim": self.statement.claim,
            "node": self.statement.node.origin,
            "findings": [finding.content() for finding in self.findings],
            "differences": _listed(self.differences),
            "since": None if self.since is None else _since(self.since),
            "by_erratum": _listed(self.by_erratum),
            "successor": None if self.successor is None else self.successor.content(),
        }


def _since(since: Since) -> dict[str, Any]:
    return {
        "size": since.size,
        "arrivals": [
            {**asdict(arrival), "readings": [asdict(each) for each in arrival.readings]} for arrival in since.arrivals
        ],
        "documents": [asdict(document) for document in since.documents],
        "differences": _listed(since.differences),
        "refused": since.refused,
    }


def _listed(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    return [difference.content() for difference in differences]


def _in(value: object, language: Language) -> object:
    return said(f"kind.{value.kind}", language) if isinstance(value, KindOf) else value


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
