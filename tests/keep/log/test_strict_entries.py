"""A stranger's entry has one text, so that no two readers can understand it differently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import ShedDamaged
from commonshed.keep.log.entries import Entry, decode, decode_strictly, encode

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.dictionaries(TEXTS.filter(lambda name: name not in ("kind", "at")), VALUES, max_size=4))
def test_whatever_was_entered_is_read_strictly_too(content: dict[str, object]) -> None:
    assert decode_strictly(7, encode("peer", 9, content)) == Entry(7, "peer", 9, content)


@pytest.mark.parametrize(
    "text",
    [
        b'{"at":1,"kind":"quality","kind":"segment"}',
        b'{"at":1,"kind":"x","pack":{"path":"a","path":"b"}}',
        b'{"kind":"x","at":1}',
        b'{"at":1, "kind":"x"}',
        b'{"at":1,"kind":"x","n":9007199254740993}',
        b'{"at":1,"kind":"x","n":12345678901234567890}',
        b'{"at":1,"kind":"x","n":1.0}',
        b'{"at":1,"kind":"x","n":1E2}',
        b'{"at":1,"kind":"x","n":-0}',
        b'{"at":1,"kind":"x","n":NaN}',
        b'{"at":1,"kind":"x","n":"\\u0041"}',
        b'{"at":1,"kind":"x","n":"\\ud800"}',
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b',"at":1,"kind":"x"}',
        b'{"at":true,"kind":"x"}',
        b'{"at":1,"kind":["x"]}',
        b'{"at":1}',
        b"[]",
        b"\xff",
    ],
)
def test_what_can_be_read_in_two_ways_is_no_entry(text: bytes) -> None:
    with pytest.raises(ShedDamaged, match="entry 3 of the log"):
        decode_strictly(3, text)


def test_an_entry_nested_without_end_is_told_and_breaks_nothing() -> None:
    with pytest.raises(ShedDamaged):
        decode(3, b"[" * 60_000)
