"""The canonical text of readings: byte for byte as docs/formats/readings.md has it, and as a slow second writer."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.keep.making import MARCH, hours, row, table

from commonshed.errors import ReadingsError
from commonshed.keep import rows
from commonshed.keep.rows import READINGS, canonical_chunks, canonical_order, conform, rows_digest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "formats" / "readings.md"


def chunks(readings: pa.Table) -> list[bytes]:
    ordered = readings.take(canonical_order(readings))
    return [header + bytes(lines) for header, lines in canonical_chunks(ordered)]


# ── a second writer, slow and from the words of the document ──

FIELDS = [name for name in READINGS.names if name not in ("station", "quantity")]


def escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def field(value: Any) -> str:
    return "\\N" if value is None else escape(str(value))


def slow_chunks(rows: list[dict[str, Any]]) -> list[bytes]:
    def names(each: dict[str, Any]) -> list[bytes]:
        return [each[name].encode() for name in ("station", "quantity", "statistic")]

    ordered = sorted(rows, key=lambda each: (*names(each), each["start"], each["period"]))
    found: list[bytes] = []
    last, lines = None, 0
    for each in ordered:
        series = (each["station"], each["quantity"])
        if series != last or lines == 256:
            found.append(("\t".join(["commonshed-rows/1", *map(escape, series)]) + "\n").encode())
            last, lines = series, 0
        found[-1] += ("\t".join(field(each[name]) for name in FIELDS) + "\n").encode()
        lines += 1
    return found


def slow_root(leaves: list[bytes]) -> str:
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + (level[-1:] if len(level) % 2 else [])
    return level[0].hex()


text = st.text(st.sampled_from("a\\Nt\t\n 东é\U0001f32b\r"), max_size=4)
readings = st.fixed_dictionaries(
    {
        "station": text,
        "quantity": st.sampled_from(["pm25", "o3"]),
        "statistic": st.sampled_from(["mean", "max"]),
        "start": st.integers(MARCH, MARCH + 3),
        "period": st.sampled_from([3600, 60]),
        "ticks": st.integers(-(2**63), 2**63 - 1),
        "qualifier": st.sampled_from(["=", "<", ">"]),
        "flag": st.sampled_from(["valid", "suspect", "invalid"]),
        "status": st.sampled_from(["provisional", "validated"]),
        "reason": st.none() | text,
        "raw": st.none() | text,
        "mapping": text,
        "origin": text,
        "recorded": st.integers(0, 2**40),
        "author": st.none() | text,
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(readings, max_size=12))
def test_the_text_is_what_the_document_says_whatever_the_readings(rows: list[dict[str, Any]]) -> None:
    assert chunks(table(rows)) == slow_chunks(rows)
    assert rows_digest(table(rows)) == slow_root(slow_chunks(rows))


def test_the_worked_example_of_the_document_has_these_bytes_and_digests() -> None:
    page = DOCUMENT.read_text("utf-8").split("## Worked example")[1]
    rows = [json.loads(line) for line in re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0].splitlines()]
    written = [found.encode() for found in re.findall(r"```text\n(.*?)```", page, re.DOTALL)]
    leaves = [hashlib.sha256(b"\x00" + chunk).hexdigest() for chunk in written]
    assert chunks(table(rows)) == written
    assert re.findall(r"^Leaf \d: `([0-9a-f]{64})`", page, re.MULTILINE) == leaves
    assert re.findall(r"^Row digest: `([0-9a-f]{64})`", page, re.MULTILINE) == [rows_digest(table(rows))]
    assert [len(chunk) for chunk in written] == [int(n) for n in re.findall(r"(\d+) bytes", page)]


def test_null_empty_and_a_backslash_with_n_are_three_different_texts() -> None:
    for raw, written in ((None, b"\t\\N\t"), ("", b"\t\t"), ("\\N", b"\t\\\\N\t")):
        [chunk] = chunks(table([row(reason="x", raw=raw)]))
        assert b"\tx" + written + b"long\t" in chunk


@pytest.mark.parametrize(("rows", "sizes"), [(1, [1]), (256, [256]), (257, [256, 1]), (600, [256, 256, 88])])
def test_a_chunk_has_at_most_256_rows(rows: int, sizes: list[int]) -> None:
    assert [chunk.count(b"\n") - 1 for chunk in chunks(hours(rows))] == sizes


def test_a_chunk_holds_one_station_and_quantity() -> None:
    found = chunks(pa.concat_tables([hours(3, station="b"), hours(300, station="a", quantity="o3"), hours(1)]))
    assert [(chunk.split(b"\n")[0], chunk.count(b"\n") - 1) for chunk in found] == [
        (b"commonshed-rows/1\ta\to3", 256),
        (b"commonshed-rows/1\ta\to3", 44),
        (b"commonshed-rows/1\tb\tpm25", 3),
        (b"commonshed-rows/1\tdongsi\tpm25", 1),
    ]


def test_rows_beyond_one_rendering_slice_are_written_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_SLICE_CHUNKS", 3)
    many = pa.concat_tables([hours(280, station=f"s{i:04d}") for i in range(10)])
    assert rows_digest(many) == slow_root(slow_chunks(many.to_pylist()))


def test_rows_that_have_nothing_in_common_are_written_as_well() -> None:
    count = 47_000  # its fourth power is beyond 64 bits
    each = [str(i) for i in range(count)]
    names = pa.array(each)
    found = hours(1).take(pa.array(np.zeros(count, np.int64)))
    for column in ("mapping", "origin", "raw", "author"):
        found = found.set_column(READINGS.get_field_index(column), column, names)
    found = found.set_column(READINGS.get_field_index("recorded"), "recorded", pa.array(range(count)))
    rows = [row(ticks=0, mapping=i, origin=i, raw=i, author=i, recorded=int(i)) for i in each]
    assert chunks(conform(found)) == slow_chunks(rows)


def test_plain_strings_and_dictionaries_with_repeated_names_mean_the_same() -> None:
    plain = hours(5).cast(
        pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in READINGS])
    )
    doubled = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2, 1, 0], pa.int32()), pa.array(["dongsi", "dongsi", "dongsi"])
    )
    assert rows_digest(conform(plain)) == rows_digest(hours(5))
    assert rows_digest(conform(plain.set_column(0, "station", doubled))) == rows_digest(hours(5))


def test_columns_that_are_seldom_known_may_be_absent() -> None:
    short = hours(2).drop_columns(["reason", "raw", "author"])
    assert conform(short).equals(hours(2))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop_columns(["ticks"]), "field ticks: readings lack a column"),
        (lambda t: t.append_column("colour", t["flag"]), "field colour: readings have a column nobody declared"),
        (lambda t: t.set_column(6, "qualifier", pa.array(["~", "="])), "undeclared qualifier (given: '~')"),
        (lambda t: t.set_column(7, "flag", pa.array(["valid", "good"])), "undeclared flag (given: 'good')"),
        (lambda t: t.set_column(3, "start", pa.array([1, None])), "row 2, field start: a reading has a gap"),
        (lambda t: t.set_column(5, "ticks", pa.array(["x", "1"])), "field ticks: a column of readings is not int64"),
    ],
)
def test_what_is_no_reading_is_refused_in_words(change: Any, said: str) -> None:
    with pytest.raises(ReadingsError) as refused:
        conform(change(hours(2)))
    assert said in str(refused.value)
