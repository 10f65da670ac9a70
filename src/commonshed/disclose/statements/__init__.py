"""Statements: published, signed, recomputable results, and what came of recomputing one.

`state` publishes the answer to a question from a shed; `verify` holds a statement against a shed or a neighbour's
mirror; `errata.publish` says that a method was wrong. ``docs/formats/statement.md`` is the form.
"""

from commonshed.disclose.statements.claims import CLAIMS, Claim, Tolerance, claim_of
from commonshed.disclose.statements.statement import Statement
from commonshed.disclose.statements.stating import Stated, state, statements_of
from commonshed.disclose.statements.verdict import Finding, Verdict
from commonshed.disclose.statements.verifying import verify

__all__ = [
    "CLAIMS",
    "Claim",
    "Finding",
    "Stated",
    "Statement",
    "Tolerance",
    "Verdict",
    "claim_of",
    "state",
    "statements_of",
    "verify",
]
