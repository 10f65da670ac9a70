"""RFC 6962 hashing: one digest over a list of leaves, and the short proofs that a leaf or an older list is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from commonshed.errors import ProofError

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "NodeReader",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "merkle_root",
    "node_hash",
    "subtree_hash",
    "verify_consistency",
    "verify_inclusion",
]

EMPTY_ROOT = hashlib.sha256().digest()
"""Merkle tree hash of no leaves: SHA-256 of nothing."""

LARGEST = 2**63 - 1
"""Entries of the largest log anyone can mean."""

NodeReader = Callable[[int, int], bytes]
"""Hash of a complete subtree: of 2**level leaves, the index-th of that size."""


def leaf_hash(*parts: bytes | memoryview) -> bytes:
    """Hash of one leaf, given in parts: SHA-256(0x00 ‖ leaf).

    References
    ----------
    RFC 6962, section 2.1.
    """
    digest = hashlib.sha256(b"\x00")
    for part in parts:
        digest.update(part)
    return digest.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Merkle tree hash of leaves that are hashed already; of no leaves, SHA-256 of nothing.

    Notes
    -----
    RFC 6962 splits n leaves at the largest power of two below n. Pairing neighbours level by level and carrying an odd
    last node up unchanged gives the same tree.
    """
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        carried = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + carried
    return level[0]


class Frontier:
    """A growing tree of which only the complete subtrees at its right edge are held: one hash a set bit of its size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    @classmethod
    def at(cls, size: int, node: NodeReader) -> Frontier:
        """The tree of so many leaves, from its complete subtrees."""
        found = cls()
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                found._peaks.append(node(level, found.size >> level))
                found.size += 1 << level
        return found

    def copy(self) -> Frontier:
        """The same tree, to grow apart from this one."""
        other = Frontier()
        other.size, other._peaks = self.size, list(self._peaks)
        return other

    def add(self, leaf: bytes) -> None:
        """Grow by one leaf, hashed already."""
        self._add(leaf, 0)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Grow by several leaves."""
        rest = list(leaves)
        at = 0
        while at < len(rest):
            level = 8 if self.size % 256 == 0 and len(rest) - at >= 256 else 0  # one look at the peaks for 256 leaves
            self._add(merkle_root(rest[at : at + (1 << level)]), level)
            at += 1 << level

    def _add(self, carried: bytes, level: int) -> None:
        """Grow by a complete subtree of 2**level leaves, where one begins."""
        size = self.size >> level
        while size & 1:
            carried = node_hash(self._peaks.pop(), carried)
            size >>= 1
        self._peaks.append(carried)
        self.size += 1 << level

    @property
    def root(self) -> bytes:
        """Merkle tree hash of all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def subtree_hash(node: NodeReader, first: int, count: int) -> bytes:
    """Merkle tree hash of the leaves [first, first + count), as RFC 6962 splits them."""
    level = count.bit_length() - 1
    if count == 1 << level:
        return node(level, first >> level)
    left = _split(count)
    return node_hash(subtree_hash(node, first, left), subtree_hash(node, first + left, count - left))


def inclusion_proof(node: NodeReader, index: int, size: int) -> list[bytes]:
    """Audit path of a leaf, from the leaf upwards.

    Raises
    ------
    ProofError
        There is no such leaf in a tree of that size.

    References
    ----------
    RFC 6962, section 2.1.1.
    """
    if not 0 <= index < size:
        raise ProofError(f"a log of {size} entries has no entry {index}")
    first, path = 0, []
    while size > 1:
        left = _split(size)
        if index < left:
            path.append(subtree_hash(node, first + left, size - left))
            size = left
        else:
            path.append(subtree_hash(node, first, left))
            first, index, size = first + left, index - left, size - left
    return path[::-1]


def consistency_proof(node: NodeReader, old: int, new: int) -> list[bytes]:
    """Proof that the tree of ``new`` leaves only added to the one of ``old``.

    Raises
    ------
    ProofError
        The older tree is the larger one.

    References
    ----------
    RFC 6962, section 2.1.2.
    """
    if not 0 <= old <= new:
        raise ProofError(f"a log of {new} entries never had {old}")
    if old in (0, new):
        return []
    first, whole, path = 0, True, []
    while old != new:
        left = _split(new)
        if old <= left:
            path.append(subtree_hash(node, first + left, new - left))
            new = left
        else:
            path.append(subtree_hash(node, first, left))
            first, old, new, whole = first + left, old - left, new - left, False
    return path[::-1] if whole else [subtree_hash(node, first, old), *path[::-1]]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check an audit path.

    Raises
    ------
    ProofError
        It does not lead from the leaf to the root.

    References
    ----------
    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size <= LARGEST:
        raise ProofError(f"entry {index} cannot be in a log of {size} entries")
    _of_a_tree(leaf, root, *proof)
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofError("the path to the root is longer than the log is deep")
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    if last or found != root:
        raise ProofError("the path does not lead to the root of the checkpoint")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that one log only added to another.

    Raises
    ------
    ProofError
        It does not; something before entry ``old`` was changed, or the proof is not one.

    References
    ----------
    RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old <= new <= LARGEST:
        raise ProofError(f"a log of {new} entries cannot follow one of {old}")
    _of_a_tree(old_root, new_root, *proof)
    if old in (0, new):
        if proof:
            raise ProofError("where nothing is to be proved there can be no proof")
        if old == 0 and old_root != EMPTY_ROOT:
            raise ProofError("the root of an empty log is not that of an empty log")
        if old == new and old_root != new_root:
            raise ProofError(f"two logs of {new} entries have different roots")
        return
    if not proof:
        raise ProofError("there is no proof")
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    found_old = found_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("the proof is longer than the log is deep")
        if at & 1 or at == last:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found_new = node_hash(found_new, step)
        at, last = at >> 1, last >> 1
    if last or found_old != old_root or found_new != new_root:
        raise ProofError(f"what the log says of its first {old} entries is not what it said before")


def _of_a_tree(*hashes: bytes) -> None:
    if any(len(each) != 32 for each in hashes):
        raise ProofError("a hash that is not 32 bytes long")


def _split(count: int) -> int:
    """The largest power of two below a number above one."""
    return 1 << ((count - 1).bit_length() - 1)
