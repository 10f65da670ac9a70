"""A body that is small and unfolds without end, or says one thing twice, is refused before it costs anything."""

from __future__ import annotations

import contextlib
import io
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonshed.errors import InputError
from commonshed.observe.gateway.arrow_heads import heads
from commonshed.observe.gateway.intake import MOST_ROWS, IntakeRefused, from_arrow, from_json

NEEDED = ("station", "quantity", "start", "period", "value", "unit")
ROW = {"station": "s1", "quantity": "pm25", "start": "1", "period": "3600", "value": "1", "unit": "ug/m3"}


def stream(*columns: pa.Array, packed: str | None = None) -> bytes:
    batch = pa.record_batch(list(columns), names=list(NEEDED[: len(columns)]))
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression=packed)) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def text(inside: str) -> bytes:
    return f'{{"readings":[{json.dumps(ROW)[:-1]}{inside}}}]}}'.encode()


@pytest.mark.parametrize("packing", ["zstd", "lz4"])
def test_a_stream_that_unfolds_is_refused_folded(packing: str) -> None:
    content = stream(*[pa.array([" " * 10_000_000])] * 6, packed=packing)
    assert len(content) < 1_000_000
    with pytest.raises(InputError, match="compressed"):
        from_arrow(content)


def test_columns_of_nothing_are_not_longer_than_a_body_may_be() -> None:
    with pytest.raises(InputError, match="too many readings"):
        from_arrow(stream(*[pa.nulls(2**31 - 1)] * 6))


def test_one_value_does_not_stand_for_a_billion_rows() -> None:
    run = pa.RunEndEncodedArray.from_arrays(pa.array([1 << 30], pa.int32()), pa.array(["s1"]))
    with pytest.raises(InputError, match="too many readings"):
        from_arrow(stream(*[run] * 6))


def test_names_of_a_dictionary_count_as_well() -> None:
    names = pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), pa.array([str(i) for i in range(MOST_ROWS + 1)]))
    with pytest.raises(InputError, match="too many readings"):
        from_arrow(stream(names))


def test_heads_say_how_many_rows_a_stream_has() -> None:
    names = pa.array(["a", "b", "a"]).dictionary_encode()
    assert [head.rows for head in heads(stream(names, pa.array([1, 2, 3])))] == [2, 3]


@given(st.data())
def test_a_stream_with_any_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(stream(*[pa.array(["1", "2"])] * 6))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InputError):
        assert from_arrow(bytes(content[: data.draw(st.integers(0, len(content)))])).num_rows <= 2 * MOST_ROWS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text(',"value":"2"'), "'value' is said twice"),
        (b'{"readings":[],"readings":[]}', "'readings' is said twice"),
        (b'{"readings":[' + b",".join([b"{}"] * (MOST_ROWS + 1)) + b"]}", "too many readings"),
        (b'{"readings":[' + b"{" * 1_000_000, "too many readings"),
    ],
)
def test_json_that_says_one_thing_twice_or_too_much_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_json(content)


@pytest.mark.parametrize("inside", [',"reason":"\\ud800"', ',"\\udfff":"x"'])
def test_half_a_character_is_told_in_words_that_can_be_sent_back(inside: str) -> None:
    with pytest.raises(IntakeRefused) as refused:
        from_json(text(inside))
    json.dumps(refused.value.content(), ensure_ascii=False).encode()
