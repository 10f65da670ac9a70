"""Entries have one text and one hash, fit into a bundle, and are read as strictly as they are written."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import ShedDamaged, ShedError
from commonshed.keep.log.entries import LARGEST, Entry, decode, decode_strictly, encode, with_registered


def test_an_entry_is_canonical_json_with_its_kind_and_time() -> None:
    content = {"name": "东四", "digest": "ab", "rows": [1, True, None, -5]}
    assert encode("mapping", 1_700_000_000, content) == (
        '{"at":1700000000,"digest":"ab","kind":"mapping","name":"东四","rows":[1,true,null,-5]}'.encode()
    )
    assert decode(3, encode("mapping", 1_700_000_000, content)) == Entry(3, "mapping", 1_700_000_000, content)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
contents = st.dictionaries(
    texts.filter(lambda name: name not in ("kind", "at")),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


@given(texts, st.integers(0, 2**40), contents)
def test_whatever_it_says_an_entry_is_read_as_it_was_written(kind: str, at: int, content: dict[str, Any]) -> None:
    written = encode(kind, at, content)
    assert decode(0, written) == decode_strictly(0, written) == Entry(0, kind, at, content)
    assert written == rfc8785.dumps({**content, "kind": kind, "at": at})


@pytest.mark.parametrize("value", [float("nan"), 2**53, -(2**60), "\ud800", {1: 2}, {"a": object()}])
def test_what_has_no_one_text_is_not_written(value: object) -> None:
    with pytest.raises((rfc8785.CanonicalizationError, ValueError, TypeError)):
        encode("a", 1, {"value": value, "e": [1e9]})


def test_the_order_in_which_things_are_said_makes_no_difference() -> None:
    assert encode("a", 1, {"x": 1, "y": 2}) == encode("a", 1, {"y": 2, "x": 1})


def test_an_entry_of_65535_bytes_fits_and_one_more_does_not() -> None:
    room = LARGEST - len(encode("a", 1, {"name": ""}))
    assert len(encode("a", 1, {"name": "x" * room})) == LARGEST
    with pytest.raises(ShedError, match=r"would have 65536 bytes; a log takes 65535\. Split it"):
        encode("a", 1, {"name": "x" * (room + 1)})


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"1", b"{}", b'{"kind":"a"}', b'{"at":1}', b'{"at":1,"kind":"a"} ', b'{"at":1,"kind":"a"}{}',
     b'\xff{"at":1,"kind":"a"}', '{"at":1,"kind":"a"}'.encode("utf-16"), b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_entry_is_damage_with_its_position(text: bytes) -> None:
    with pytest.raises(ShedDamaged, match="entry 7 of the log cannot be read"):
        decode(7, text)


def test_a_few_new_stations_stand_in_the_first_entry() -> None:
    entries = [("import", {"new": 1}), ("segment", {"rows": 1})]
    assert with_registered(entries, []) == entries
    assert with_registered(entries, ["a", "东"]) == [("import", {"new": 1, "registers": ["a", "东"]}), entries[1]]


@pytest.mark.parametrize("count", [800, 5_000, 20_000])
def test_many_new_stations_stand_in_entries_before_it_each_small_enough_and_in_order(count: int) -> None:
    names = [hashlib.sha256(str(i).encode()).hexdigest()[:30] + "东" for i in range(count)]
    found = with_registered([("import", {"new": 1})], names)
    assert found[-1] == ("import", {"new": 1})
    assert [kind for kind, _ in found[:-1]] == ["registration"] * (len(found) - 1)
    assert [name for _, content in found[:-1] for name in content["registers"]] == names
    assert all(len(encode(kind, 2**40, content)) < LARGEST for kind, content in found)
