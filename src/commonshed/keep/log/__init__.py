"""The transparency log of a shed: what was kept, in which order, so that nobody can quietly change it."""

from commonshed.keep.log.entries import Entry
from commonshed.keep.log.log import Log
from commonshed.keep.log.notes import Checkpoint, Note, Signature, Signer, Verifier

__all__ = ["Checkpoint", "Entry", "Log", "Note", "Signature", "Signer", "Verifier"]
