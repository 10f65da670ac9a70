"""RFC 6962 hashing and proofs, against published vectors and against the standard's recursion as written."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonshed.errors import ProofError
from commonshed.keep.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    merkle_root,
    node_hash,
    subtree_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parent / "log" / "vectors"

# google/certificate-transparency: cpp/merkletree/merkle_tree_test.cc (kInputs, kSHA256Roots); the same vectors stand in
# transparency-dev/merkle: testonly/constants.go.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_the_first_leaves_is_the_published_one(size: int) -> None:
    assert merkle_root([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def test_a_leaf_may_be_given_in_parts() -> None:
    assert leaf_hash(b"ab", memoryview(b"c")) == leaf_hash(b"abc") == hashlib.sha256(b"\x00abc").digest()


# ── the standard as written, slowly ──


def split(n: int) -> int:
    """The largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def by_the_book(hashes: list[bytes]) -> bytes:
    """MTH, RFC 6962, section 2.1."""
    n = len(hashes)
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return hashes[0]
    k = split(n)
    return hashlib.sha256(b"\x01" + by_the_book(hashes[:k]) + by_the_book(hashes[k:])).digest()


def path_by_the_book(m: int, hashes: list[bytes]) -> list[bytes]:
    """PATH, RFC 6962, section 2.1.1."""
    n = len(hashes)
    if n == 1:
        return []
    k = split(n)
    if m < k:
        return [*path_by_the_book(m, hashes[:k]), by_the_book(hashes[k:])]
    return [*path_by_the_book(m - k, hashes[k:]), by_the_book(hashes[:k])]


def proof_by_the_book(m: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF, RFC 6962, section 2.1.2."""
    n = len(hashes)
    if m == n:
        return [] if whole else [by_the_book(hashes)]
    k = split(n)
    if m <= k:
        return [*proof_by_the_book(m, hashes[:k], whole), by_the_book(hashes[k:])]
    return [*proof_by_the_book(m - k, hashes[k:], False), by_the_book(hashes[:k])]


def some(size: int) -> list[bytes]:
    """Different leaves."""
    return [leaf_hash(str(i).encode()) for i in range(size)]


class Nodes:
    """Hashes of complete subtrees of some leaves."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.levels = [hashes]

    def __call__(self, level: int, index: int) -> bytes:
        while len(self.levels) <= level:
            below = self.levels[-1]
            self.levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
        return self.levels[level][index]


HASHES = some(300)
NODES = Nodes(HASHES)
BOOK = [by_the_book(HASHES[:size]) for size in range(34)]


@given(st.integers(0, 600))
def test_pairing_level_by_level_gives_the_tree_of_the_standard(size: int) -> None:
    hashes = some(size)
    assert merkle_root(hashes) == by_the_book(hashes)
    grown = Frontier()
    grown.extend(hashes)
    assert (grown.size, grown.root) == (size, merkle_root(hashes))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 300])
def test_a_frontier_made_of_subtrees_grows_like_one_that_saw_every_leaf(size: int) -> None:
    found = Frontier.at(size, NODES)
    assert (found.size, found.root) == (size, by_the_book(HASHES[:size]))
    more = found.copy()
    more.add(leaf_hash(b"more"))
    assert more.root == by_the_book([*HASHES[:size], leaf_hash(b"more")])
    assert found.size == size


def test_every_path_of_every_small_tree_is_that_of_the_standard_and_leads_to_the_root() -> None:
    for size in range(1, 34):
        for index in range(size):
            proof = inclusion_proof(NODES, index, size)
            assert proof == path_by_the_book(index, HASHES[:size])
            verify_inclusion(HASHES[index], index, size, proof, BOOK[size])


def test_every_pair_of_small_trees_is_consistent_as_the_standard_proves_it() -> None:
    for new in range(1, 34):
        for old in range(new + 1):
            proof = consistency_proof(NODES, old, new)
            assert proof == (proof_by_the_book(old, HASHES[:new]) if old else [])
            verify_consistency(old, new, BOOK[old], BOOK[new], proof)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_paths_and_proofs_hold_at_the_borders_of_tiles(data: st.DataObject) -> None:
    sizes = st.sampled_from([1, 2, 63, 64, 65, 127, 128, 129, 254, 255, 256, 257, 258, 299, 300])
    new, old, index = data.draw(sizes), data.draw(sizes), data.draw(st.integers(0, 299))
    before, now = (subtree_hash(NODES, 0, size) for size in (old, new))
    assert now == by_the_book(HASHES[:new])
    if index < new:
        assert inclusion_proof(NODES, index, new) == path_by_the_book(index, HASHES[:new])
        verify_inclusion(HASHES[index], index, new, inclusion_proof(NODES, index, new), now)
    if old <= new:
        assert consistency_proof(NODES, old, new) == proof_by_the_book(old, HASHES[:new])
        verify_consistency(old, new, before, now, consistency_proof(NODES, old, new))


# ── what must not hold ──

small = st.integers(1, 33)


@settings(deadline=None, max_examples=400)
@given(small, small, st.data())
def test_no_path_holds_for_another_leaf_place_or_size_or_with_a_step_more_or_less(
    size: int, index: int, data: st.DataObject
) -> None:
    index = (index - 1) % size
    proof = inclusion_proof(NODES, index, size)
    root = BOOK[size]
    other = data.draw(st.integers(0, 33).filter(lambda each: each != index))
    with pytest.raises(ProofError):
        verify_inclusion(HASHES[index], other, size, proof, root)
    with pytest.raises(ProofError):
        verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    for wrong in _changed(proof, data):
        with pytest.raises(ProofError):
            verify_inclusion(HASHES[index], index, size, wrong, root)
    with pytest.raises(ProofError):
        verify_inclusion(HASHES[index], index, size, proof, EMPTY_ROOT)


@settings(deadline=None, max_examples=400)
@given(small, small, st.data())
def test_no_consistency_holds_between_other_logs_or_with_a_step_more_or_less(
    one: int, other: int, data: st.DataObject
) -> None:
    old, new = sorted((one, other))
    proof = consistency_proof(NODES, old, new)
    rewritten = by_the_book([leaf_hash(b"changed"), *HASHES[1:old]])
    with pytest.raises(ProofError):
        verify_consistency(old, new, rewritten, BOOK[new], proof)
    for wrong in _changed(proof, data):
        with pytest.raises(ProofError):
            verify_consistency(old, new, BOOK[old], BOOK[new], wrong)
    if old < new:
        with pytest.raises(ProofError):
            verify_consistency(new, old, BOOK[new], BOOK[old], proof)
        with pytest.raises(ProofError):
            verify_consistency(old, new, BOOK[new], BOOK[old], proof)


def _changed(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    found = [[*proof, EMPTY_ROOT], [EMPTY_ROOT, *proof], [*proof, *proof[-1:], bytes(32)]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        flipped = int.from_bytes(proof[at]) ^ 1 << bit
        found += [proof[:-1], proof[1:], [*proof[:at], flipped.to_bytes(32), *proof[at + 1 :]]]
        found += [[*proof[:at], proof[at][:-1], *proof[at + 1 :]], [*proof[:at], b"", *proof[at:]]]
    return found


@pytest.mark.parametrize("size", [2**63, 2**64, 10**30, -1, 0])
def test_logs_of_impossible_sizes_prove_nothing(size: int) -> None:
    with pytest.raises(ProofError, match="cannot be in a log"):
        verify_inclusion(HASHES[0], 0, size, [], HASHES[0])
    if size:
        with pytest.raises(ProofError, match="cannot follow"):
            verify_consistency(1, size, HASHES[0], HASHES[0], [])
        with pytest.raises(ProofError, match="cannot follow"):
            verify_consistency(size, size, HASHES[0], HASHES[0], [])


def test_the_largest_log_is_looked_at_in_as_many_steps_as_it_is_deep() -> None:
    with pytest.raises(ProofError, match="does not lead"):
        verify_inclusion(HASHES[0], 2**63 - 2, 2**63 - 1, HASHES[:62], HASHES[0])
    with pytest.raises(ProofError, match="longer than the log is deep"):
        verify_inclusion(HASHES[0], 2**63 - 2, 2**63 - 1, HASHES[:64], HASHES[0])
    with pytest.raises(ProofError):
        verify_consistency(2**62 + 1, 2**63 - 1, HASHES[0], HASHES[0], HASHES[:64] * 3)


def test_an_empty_log_is_followed_by_any_and_by_nothing_that_is_said_of_it() -> None:
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    verify_consistency(0, 7, EMPTY_ROOT, BOOK[7], [])
    wrong: list[tuple[bytes, bytes, list[bytes]]] = [
        (BOOK[1], BOOK[7], []),
        (EMPTY_ROOT, BOOK[7], [BOOK[7]]),
        (EMPTY_ROOT, b"", []),
    ]
    for old_root, new_root, proof in wrong:
        with pytest.raises(ProofError):
            verify_consistency(0, 7, old_root, new_root, proof)
    with pytest.raises(ProofError):
        verify_consistency(0, 0, BOOK[1], BOOK[1], [])
    with pytest.raises(ProofError):
        verify_consistency(3, 7, BOOK[3], BOOK[7], [])
    with pytest.raises(ProofError, match="has no entry"):
        inclusion_proof(NODES, 0, 0)
    with pytest.raises(ProofError, match="has no entry"):
        inclusion_proof(NODES, 7, 7)
    with pytest.raises(ProofError, match="never had"):
        consistency_proof(NODES, 8, 7)


# ── what others published (tests/keep/log/vectors/ORIGIN.md) ──


def vectors(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / f"merkle-{name}.json").read_text())
    return found


def hashes_of(vector: dict[str, Any], *fields: str) -> list[bytes]:
    return [b64decode(vector[field]) for field in fields] + [b64decode(step) for step in vector["proof"] or []]


@pytest.mark.parametrize("vector", vectors("inclusion"), ids=lambda vector: vector["file"])
def test_inclusion_is_as_transparency_dev_has_it(vector: dict[str, Any]) -> None:
    leaf, root, *proof = hashes_of(vector, "leafHash", "root")
    arguments = leaf, vector["leafIdx"], vector["treeSize"], proof, root
    if vector["wantErr"]:
        with pytest.raises(ProofError):
            verify_inclusion(*arguments)
    else:
        verify_inclusion(*arguments)


@pytest.mark.parametrize("vector", vectors("consistency"), ids=lambda vector: vector["file"])
def test_consistency_is_as_transparency_dev_has_it(vector: dict[str, Any]) -> None:
    first, second, *proof = hashes_of(vector, "root1", "root2")
    arguments = vector["size1"], vector["size2"], first, second, proof
    if vector["wantErr"] or len(first) != 32:
        with pytest.raises(ProofError):
            verify_consistency(*arguments)
    else:
        verify_consistency(*arguments)


def test_a_log_of_a_thousand_million_certificates_proves_what_it_published() -> None:
    argon = json.loads((VECTORS / "argon2020.json").read_text())
    size, root = argon["tree_size"], b64decode(argon["sha256_root_hash"])
    leaf = leaf_hash(b64decode(argon["leaf_input"]))
    path = [b64decode(step) for step in argon["audit_path"]]
    verify_inclusion(leaf, argon["leaf_index"], size, path, root)
    with pytest.raises(ProofError):
        verify_inclusion(leaf, argon["leaf_index"] + 1, size, path, root)
    steps = [b64decode(step) for step in argon["consistency"]]
    first = b64decode(argon["first_root_hash"])
    verify_consistency(argon["first"], size, first, root, steps)
    with pytest.raises(ProofError):
        verify_consistency(argon["first"] - 1, size, first, root, steps)
