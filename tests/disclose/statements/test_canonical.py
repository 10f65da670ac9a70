"""One text for one value: the published vectors of RFC 8785, and what a statement refuses beyond them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from commonshed.disclose.statements.canonical import canonical, digest, plain, read
from commonshed.errors import ProofError

VECTORS = sorted((Path(__file__).parent / "rfc8785" / "input").glob("*.json"))
LARGEST = 2**53 - 1
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_what_we_stand_on_gives_the_published_bytes(path: Path) -> None:
    expected = (path.parents[1] / "output" / path.name).read_bytes()
    assert rfc8785.dumps(json.loads(path.read_text("utf-8"))) == expected


@pytest.mark.parametrize("name", ["arrays", "french", "unicode", "weird"])
def test_we_give_the_published_bytes_wherever_no_number_has_a_point(name: str) -> None:
    folder = Path(__file__).parent / "rfc8785"
    value = read((folder / "input" / f"{name}.json").read_bytes())
    assert canonical(value) == (folder / "output" / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", ["structures", "values"])
def test_a_number_with_a_point_is_refused_even_where_it_is_whole(name: str) -> None:
    text = (Path(__file__).parent / "rfc8785" / "input" / f"{name}.json").read_bytes()
    with pytest.raises(ProofError, match="binary float"):
        read(text)


@given(JSON)
def test_our_quick_way_gives_the_bytes_of_what_we_stand_on(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_names_are_ordered_by_their_utf_16_code_units() -> None:
    assert canonical({"\ue000": 1, "\U00010000": 2, "a": 3}) == '{"a":3,"\U00010000":2,"\ue000":1}'.encode()


@given(JSON)
def test_reading_and_writing_come_back_to_the_same_bytes(value: object) -> None:
    text = canonical(value)
    assert read(text) == value
    assert canonical(read(text)) == text
    assert canonical(json.loads(json.dumps(value, indent=3))) == text


@pytest.mark.parametrize("value", [1.5, float("nan"), {"a": [0.1]}, b"bytes", object(), 2**53, -(2**53), "\ud800"])
def test_what_other_languages_would_write_otherwise_is_refused(value: object) -> None:
    with pytest.raises(ProofError):
        canonical(value)


@pytest.mark.parametrize("text", [b'{"a":1,"a":1}', b"NaN", b"1e3", b"{", b"\xff", b"[" * 100_000, b"[1.0]"])
def test_what_two_readers_could_read_otherwise_is_refused(text: bytes) -> None:
    with pytest.raises(ProofError):
        read(text)


def test_exact_numbers_are_text() -> None:
    assert plain({"share": Fraction(1, 3), "of": (1, 2)}) == {"share": "1/3", "of": [1, 2]}
    assert canonical({"b": 1, "a": "0.10"}) == b'{"a":"0.10","b":1}'
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
