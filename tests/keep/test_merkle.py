"""RFC 6962 hashing against the test vectors of the certificate-transparency project."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.keep.merkle import leaf_hash, merkle_root, node_hash

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


def by_the_book(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as written: split at the largest power of two below n."""
    n = len(hashes)
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return hashes[0]
    k = 1
    while k * 2 < n:
        k *= 2
    return node_hash(by_the_book(hashes[:k]), by_the_book(hashes[k:]))


@given(st.integers(0, 600))
def test_pairing_level_by_level_gives_the_tree_of_the_standard(size: int) -> None:
    hashes = [leaf_hash(str(i).encode()) for i in range(size)]
    assert merkle_root(hashes) == by_the_book(hashes)
