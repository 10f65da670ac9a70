"""Proofs of one reading, for who has nothing but the proof and a key: a court, a newspaper, a neighbour.

`prove` makes one from a shed, `verify` checks it without any. ``docs/formats/proof.md`` is the form.
"""

from commonshed.disclose.proofs.proof import Proof, Subject
from commonshed.disclose.proofs.proving import prove
from commonshed.disclose.proofs.telling import tell
from commonshed.disclose.proofs.verifying import Proved, Version, verify
from commonshed.disclose.proofs.vouching import vouched

__all__ = ["Proof", "Proved", "Subject", "Version", "prove", "tell", "verify", "vouched"]
