"""Recompute what a statement says from the data it rests on, and say what agrees and what does not.

The order is from what costs nothing to what costs most: the statement alone, whose key it is, the log, the documents,
the readings, the figures as they were known then, what has changed since. What is told is told in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from commonshed.disclose.statements import locating
from commonshed.disclose.statements.checking import by_itself
from commonshed.disclose.statements.claims import CLAIMS, Claim
from commonshed.disclose.statements.comparing import Comparison, compared
from commonshed.disclose.statements.computing import Computed
from commonshed.disclose.statements.framing import faults_of_question, framed_otherwise
from commonshed.disclose.statements.resting import current_digest
from commonshed.disclose.statements.since import Since, arrivals, newer_documents
from commonshed.disclose.statements.statement import Rests, Statement
from commonshed.disclose.statements.verdict import Finding, Kind, KindOf, Verdict
from commonshed.disclose.statements.watching import Asked, Changed, Watched
from commonshed.errors import CommonshedError, ProofError, ShedDamaged
from commonshed.keep.contents import Document
from commonshed.keep.log import Verifier

__all__ = ["verify"]

Telling = Callable[[str], None]


def verify(
    content: bytes,
    *,
    shed: Path | None = None,
    keys: Sequence[Verifier] = (),
    telling: Telling | None = None,
) -> Verdict:
    """Verify a statement.

    Parameters
    ----------
    content : bytes
        The statement's file.
    shed : Path, optional
        A shed, or the mirror of a neighbour in one; a neighbour's mirror below it is found by itself.
    keys : sequence of Verifier
        Keys somebody vouches for, besides those of the shed and of its neighbours.
    telling : callable, optional
        Told the name of each step as it begins, for those who wait.

    Returns
    -------
    Verdict
        Never an error for what is wrong with the statement or with the shed's files.

    Raises
    ------
    ProofError
        The file is no statement at all.
    ShedNotFound
        There is no shed in that folder.
    """
    statement = Statement.parse(content)
    alone = tuple(by_itself(statement, content))
    if any(finding.holds is False for finding in alone):
        return Verdict("forged", statement, alone)
    return _Verification(statement, alone, telling or (lambda _: None)).against(shed, keys)


class _Stop(Exception):
    """A finding that decides."""

    def __init__(self, kind: Kind, finding: Finding) -> None:
        self.kind, self.finding = kind, finding
        super().__init__(finding.code)


class _Verification:
    """One statement held against one log; what was found so far."""

    def __init__(self, statement: Statement, alone: Sequence[Finding], telling: Telling) -> None:
        self.statement = statement
        self.findings = list(alone)
        self.telling = telling
        self.kind: Kind = "agrees"
        self.differences: Comparison | None = None
        self.since: Since | None = None

    def against(self, path: Path | None, keys: Sequence[Verifier]) -> Verdict:
        """Go on with the log at hand."""
        try:
            self.telling("log")
            shed = locating.log_of(self.statement, path)
            self._key(shed, keys)
            if shed is None:
                where = {"node": self.statement.node.origin, "name": self.statement.node.name}
                if path is None:
                    raise _Stop("not-verifiable", Finding("log.none", False, where))
                raise _Stop("not-of-this-log", Finding("log.of-another", False, where))
            self._log(shed)
            self._documents(shed)
            return self._figures(shed)
        except _Stop as stop:
            self.findings.append(stop.finding)
            return self._verdict(stop.kind)
        except Changed as changed:
            return self._damaged(changed)
        except (ShedDamaged, ProofError) as error:
            self.findings.append(Finding("log.damaged", False, {"problem": str(error)}))
            return self._verdict("differs")

    # ── whose key, which log ──

    def _key(self, shed: Watched | None, keys: Sequence[Verifier]) -> None:
        key = self.statement.key
        values = {"key": str(key), "node": self.statement.node.name, "origin": key.name}
        whose = None if shed is None else locating.whose(shed, key, self.statement.as_of.size)
        if whose == "given-up":
            raise _Stop("forged", Finding("key.given-up", False, values))
        if whose is None and key in keys:
            whose = "given"
        if whose is not None:
            self.findings.append(Finding(f"key.{whose}", True, values))
        elif shed is None:
            self.findings.append(Finding("key.unknown", None, values))
        else:
            raise _Stop("forged", Finding("key.of-nobody", False, values))

    def _log(self, shed: Watched) -> None:
        said = self.statement.checkpoint
        if said.size > shed.size:
            raise _Stop("not-verifiable", Finding("log.short", False, {"size": said.size, "have": shed.size}))
        if shed.log.root(said.size) != said.root:
            self._rewritten(shed)
            return
        self.findings.append(Finding("log.holds", True, {"size": said.size}))
        if (entered := locating.entered(shed, self.statement)) is None:
            raise _Stop("not-of-this-log", Finding("entry.none", False, {"have": shed.size}))
        at = shed.zone.text(shed.entries[entered.position].at)
        self.findings.append(Finding("entry.holds", True, {"entry": entered.position, "at": at}))

    def _rewritten(self, shed: Watched) -> None:
        """The node signed another past than this log has: say so, and go on to the figures that show it."""
        values = {"size": self.statement.as_of.size}
        self.findings.append(Finding("log.rewritten", False, values))
        if (same := locating.last_agreed(shed, self.statement)) is not None:
            self.findings.append(Finding("log.agreed-until", None, {"size": same}))
        self.kind = "not-of-this-log"

    # ── what it rests on ──

    def _documents(self, shed: Watched) -> None:
        self.telling("documents")
        for rests in self.statement.documents:
            self._document(shed, rests)
        for law in self.statement.standards:
            kept = next((held for held in shed.documents("standard") if held.digest == law.digest), None)
            if kept is None:
                self._against(Finding("standard.not-logged", False, {"id": law.id, "digest": law.digest[:16]}))
            elif shed.has_file(kept):
                shed.intact(kept)
            if (ours := current_digest(law.id)) != law.digest:
                values = {"id": law.id, "theirs": law.digest[:16], "ours": (ours or "–")[:16]}
                self._against(Finding("standard.other" if ours else "standard.unknown", False, values))
        count = len(self.statement.documents) + len(self.statement.standards)
        if self.kind == "agrees":
            self.findings.append(Finding("documents.hold", True, {"count": count}))

    def _document(self, shed: Watched, rests: Rests) -> None:
        held = [each for each in shed.documents(rests.kind) if each.digest == rests.digest]
        if not any(each.position == rests.position for each in held):
            values = {"kind": KindOf(rests.kind), "name": rests.name, "entry": rests.position}
            self._against(Finding("document.none", False, values))
        for each in held[:1]:
            if not shed.has_file(each):
                raise _Stop(
                    "not-verifiable", Finding("document.withheld", False, {"kind": each.kind, "name": each.name})
                )
            shed.intact(each)

    # ── the figures ──

    def _figures(self, shed: Watched) -> Verdict:
        document, successor = locating.successor(shed, self.statement)
        claim = CLAIMS.get(self.statement.claim)
        method = self.statement.method
        same = claim is not None and (claim.method, claim.version) == (method.name, method.version)
        if claim is not None and same:
            self._recompute(shed, claim)
        if document is not None and successor is not None:
            return self._superseded(shed, document, successor)
        if not same:
            values = {"method": method.name, "version": method.version, "ours": claim.version if claim else "–"}
            raise _Stop("not-verifiable", Finding("method.other", False, values))
        return self._verdict(self.kind)

    def _recompute(self, shed: Watched, claim: Claim) -> None:
        self.telling("figures")
        statement, size = self.statement, self.statement.as_of.size
        if wrong := next(faults_of_question(claim, statement.parameters), None):
            raise _Stop("differs", Finding("question.none", False, {"name": wrong, "claim": claim.name}))
        computed, only, refused = Computed([]), None, None
        try:
            computed = claim.compute(shed, statement.parameters, size)
            only = claim.stations(shed.network(size), statement.parameters)
        except ShedDamaged:
            raise
        except CommonshedError as error:
            refused = str(error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # of a question nobody could ask
            refused = repr(error)
        framed = [] if refused is not None else list(framed_otherwise(shed, claim, statement, computed))
        questions = shed.narrowed(only)
        if missing := shed.not_here(questions, size):
            raise _Stop("not-verifiable", locating.withheld(shed, missing))
        if refused is not None:
            raise _Stop("differs", Finding("figures.refused", False, {"problem": refused}))
        self._compare(claim, computed.records)
        for name in framed:
            self._against(Finding("framing.other", False, {"name": name}))
        if self.kind != "not-of-this-log":
            self._since(shed, claim, questions)

    def _compare(self, claim: Claim, found: list[dict[str, object]]) -> None:
        if self.statement.method.content() != claim.content():
            self._against(Finding("method.altered", False, {"method": claim.method, "version": claim.version}))
        result = compared(self.statement.records, found, keys=claim.keys, tolerance=claim.tolerance)
        self.differences = result
        values = {"records": result.records, "figures": result.figures, "within": result.within}
        if not result.differences:
            self.findings.append(Finding("figures.hold" if claim.exact else "figures.hold-model", True, values))
        else:
            count = {**values, "count": len(result.differences)}
            self._against(Finding("figures.differ", False, count))

    def _since(self, shed: Watched, claim: Claim, questions: Sequence[Asked]) -> None:
        self.telling("since")
        then, statement = self.statement.as_of.size, self.statement
        kinds: list[tuple[str, str | None]] = [("place-edition", None), ("layer", None)]
        if "agreement" in statement.parameters:
            kinds.append(("agreement", str(statement.parameters["agreement"])))
        since = Since(shed.size, arrivals(shed, questions, then=then), newer_documents(shed, kinds, then=then))
        if since.anything:
            try:
                found = claim.compute(shed, statement.parameters, shed.size).records
            except ShedDamaged:
                raise
            except CommonshedError as error:
                since = replace(since, refused=str(error))
            else:
                today = compared(statement.records, found, keys=claim.keys, tolerance=claim.tolerance)
                since = replace(since, differences=today.differences)
        self.since = since
        self.findings.append(_since_finding(since))

    def _superseded(self, shed: Watched, document: Document, successor: bytes) -> Verdict:
        reason = locating.reason_of(shed, document)
        values = {"entry": document.position, "digest": document.digest[:16], "reason": reason}
        self.findings.append(Finding("superseded.by", None, values))
        after = verify(successor, shed=shed.path, telling=self.telling)
        keys = CLAIMS[self.statement.claim].keys if self.statement.claim in CLAIMS else ()
        moved = compared(self.statement.records, after.statement.records, keys=keys, tolerance={}).differences
        kind: Kind = "superseded" if self.kind == "agrees" else self.kind
        return replace(self._verdict(kind), successor=after, by_erratum=moved)

    # ── helpers ──

    def _against(self, finding: Finding) -> None:
        """A finding that speaks against the statement, while the rest is still worth looking at."""
        self.findings.append(finding)
        if self.kind == "agrees":
            self.kind = "differs"

    def _damaged(self, changed: Changed) -> Verdict:
        values = {"file": changed.file, "entry": changed.entry, "rows": changed.rows, "said": changed.said}
        code = "rows-removed" if changed.why == "rows" and changed.rows is not None else changed.why
        self.findings.append(Finding(f"file.{code}", False, values))
        return self._verdict("differs" if self.kind == "agrees" else self.kind)

    def _verdict(self, kind: Kind) -> Verdict:
        differences = self.differences.differences if self.differences else ()
        return Verdict(kind, self.statement, tuple(self.findings), differences, self.since)


def _since_finding(since: Since) -> Finding:
    values = {
        "entries": len(since.arrivals) + len(since.documents),
        "first": min([each.entry for each in since.arrivals] + [each.position for each in since.documents], default=0),
        "count": len(since.differences),
        "size": since.size,
        "problem": since.refused,
    }
    if not since.anything:
        return Finding("since.nothing", None, values)
    if since.refused is not None:
        return Finding("since.refused", None, values)
    return Finding("since.other-figures" if since.differences else "since.same-figures", None, values)
