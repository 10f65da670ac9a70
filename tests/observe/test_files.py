"""Files as people send them: encodings, compression, damage; each refused by name with what to do."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.observe.tables import LONG, PRSA, hours, long, prsa_row

from commonshed.errors import ReadingsError
from commonshed.observe import read, read_files
from commonshed.observe.files import batches, expand, row_texts, survey

ROWS = hours([str(value) for value in range(20, 44)])
TEXT = "\n".join([",".join(PRSA), *ROWS]) + "\n"


def save(folder: Path, content: bytes | str, name: str = "readings.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.replace("Dongsi", "东四").encode("utf-8-sig"), "UTF-8 with BOM"),
        (TEXT.replace("Dongsi", "东四").encode("gbk"), "GBK"),
        (TEXT.replace("\n", "\r\n").encode(), "UTF-8"),
    ],
    ids=["UTF-8", "BOM", "GBK", "Windows"],
)
def test_the_usual_encodings_are_told_apart_and_give_the_same_readings(
    content: bytes, encoding: str, tmp_path: Path
) -> None:
    path = save(tmp_path, content)
    file = survey(path)
    assert (file.encoding, file.columns, file.digest) == (encoding, tuple(PRSA), hashlib.sha256(content).hexdigest())
    table = read_files([path], "prsa")
    assert table["ticks"].to_pylist() == [value * 1000 for value in range(20, 44)]
    assert set(table["station"].to_pylist()) <= {"Dongsi", "东四"}
    notices = read(path, "prsa").notices
    assert any(encoding in notice for notice in notices) == (encoding != "UTF-8")


def test_gbk_that_begins_with_plain_text_is_seen_in_the_second_megabyte(tmp_path: Path) -> None:
    filler = "\n".join(prsa_row(3, PM25="5") for _ in range(20_000))
    late = prsa_row(4, PM25="6", station="东四")
    path = save(tmp_path, f"{','.join(PRSA)}\n{filler}\n{late}\n".encode("gbk"))
    assert path.stat().st_size > 1 << 20
    assert survey(path).encoding == "GBK"
    assert set(read_files([path], "prsa")["station"].to_pylist()) == {"Dongsi", "东四"}


def test_a_gzipped_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = save(tmp_path, gzip.compress(TEXT.encode()), "readings.csv.gz")
    assert survey(path).compressed
    assert read_files([path], "prsa").num_rows == 24
    assert row_texts(survey(path), [1, 24]) == {1: ROWS[0], 24: ROWS[23]}


def test_parquet_is_known_by_its_first_bytes_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    pq.write_table(pa.table({"a": [1]}), path)
    assert survey(path).kind == "parquet"


def test_batches_number_the_rows_and_leave_out_ragged_ones(tmp_path: Path) -> None:
    rows = ["1,2,3", "1,2", "4,5,6", "1,2,3,4", "7,8,9"]
    path = save(tmp_path, "a,b,c\n" + "\n".join(rows) + "\n")
    ragged: list[object] = []
    found = list(batches(survey(path), ["b"], ragged))  # type: ignore[arg-type]
    assert [row for batch in found for row in batch.rows.tolist()] == [1, 3, 5]
    assert [each for batch in found for each in batch.columns["b"].to_pylist()] == ["2", "5", "8"]
    assert [(each.row, each.cells, each.expected) for each in ragged] == [(2, 2, 3), (4, 4, 3)]  # type: ignore[attr-defined]


def test_row_numbers_hold_across_blocks(tmp_path: Path) -> None:
    """Arrow reads a megabyte at a time, and tells of ragged rows before the batch that follows them."""
    lines = [f"{i},{'x' * 20}" if i % 1000 else f"{i}" for i in range(1, 120_001)]
    path = save(tmp_path, "a,b\n" + "\n".join(lines) + "\n")
    ragged: list[object] = []
    for batch in batches(survey(path), ["a"], ragged):  # type: ignore[arg-type]
        assert batch.rows.tolist() == [int(text) for text in batch.columns["a"].to_pylist()]
    assert [each.row for each in ragged] == list(range(1000, 120_001, 1000))  # type: ignore[attr-defined]


def test_the_original_row_can_be_shown_of_parquet_too(tmp_path: Path) -> None:
    path = tmp_path / "readings.parquet"
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", None]}), path)
    assert row_texts(survey(path), [2]) == {2: '{"a": 2, "b": null}'}


def test_patterns_are_expanded_once_and_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        save(tmp_path, TEXT, name)
    found = expand([str(tmp_path / "*.csv"), tmp_path / "a.csv", tmp_path / "c.txt"])
    assert [path.name for path in found] == ["a.csv", "b.csv", "c.txt"]
    with pytest.raises(ReadingsError, match=r"d\*: no file matches"):
        expand(str(tmp_path / "d*"))


def truncated_parquet(path: Path) -> Path:
    pq.write_table(pa.table({name: [1.0] * 5000 for name in PRSA}), path)
    path.write_bytes(path.read_bytes()[:-200])
    return path


def spoiled_parquet(path: Path) -> Path:
    """The footer is whole, a page inside is not."""
    table = pa.table({name: list(range(2000)) for name in PRSA[:-1]} | {"station": ["Dongsi"] * 2000})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[100:4000] = bytes(3900)
    path.write_bytes(content)
    return path


NO_CO = ",".join(name for name in PRSA if name != "CO")
BROKEN: dict[str, tuple[Callable[[Path], Path], str, tuple[str, ...]]] = {
    "missing file": (lambda p: p, "prsa", ("no such file",)),
    "a folder": (lambda p: p.parent, "prsa", ("folder",)),
    "empty file": (lambda p: save(p.parent, b"", p.name), "prsa", ("empty",)),
    "header only": (lambda p: save(p.parent, ",".join(PRSA) + "\n", p.name), "prsa", ("no rows",)),
    "blank lines only": (lambda p: save(p.parent, b"\n\n\n", p.name), "prsa", ("column names",)),
    "missing column": (lambda p: save(p.parent, NO_CO + "\n1\n", p.name), "prsa", ("CO", "missing", "the file has")),
    "wrong delimiter": (lambda p: save(p.parent, TEXT.replace(",", ";"), p.name), "prsa", ("';'", "','")),
    "duplicate columns": (lambda p: save(p.parent, TEXT.replace("O3", "CO", 1), p.name), "prsa", ("CO", "twice")),
    "truncated Parquet": (truncated_parquet, "prsa", ("damaged or cut off",)),
    "spoiled Parquet": (spoiled_parquet, "prsa", ("damaged after row",)),
    "Parquet without rows": (
        lambda p: pq.write_table(pa.table({n: pa.array([], pa.float64()) for n in PRSA}), p) or p,
        "prsa",
        ("no rows",),
    ),
    "Parquet of another kind": (
        lambda p: pq.write_table(pa.table({n: [True] for n in PRSA} | {"station": ["Dongsi"]}), p) or p,
        "prsa",
        ("bool",),
    ),
    "binary junk": (lambda p: save(p.parent, bytes(range(256)) * 9, p.name), "prsa", ("neither text nor Parquet",)),
    "truncated gzip": (lambda p: save(p.parent, gzip.compress(TEXT.encode())[:-30], p.name), "prsa", ("cut off",)),
    "bad encoding": (
        lambda p: save(p.parent, TEXT.encode() + b"\xff\xff,", p.name),
        "prsa",
        ("neither UTF-8 nor GBK",),
    ),
    "UTF-16": (lambda p: save(p.parent, TEXT.encode("utf-16"), p.name), "prsa", ("UTF-16", "UTF-8")),
    "no station column": (lambda p: save(p.parent, "date,no2\n2016-03-05,5\n", p.name), "openair", ("--station",)),
    "none of the columns": (
        lambda p: save(p.parent, "date,site,x\n2016-03-05,S,5\n", p.name),
        "openair",
        ("none of the mapping's value columns",),
    ),
    "every unit wrong": (
        lambda p: long(p, "S,pm25,2016-03-05T00:00Z,3600,5,furlong"),
        "long",
        ("none of its 1 rows", "furlong", "ug/m3"),
    ),
    "every station missing": (
        lambda p: long(p, ",pm25,2016-03-05T00:00Z,3600,5,ug/m3"),
        "long",
        ("none of its 1 rows", "station is missing"),
    ),
}


@pytest.mark.parametrize(("make", "mapping", "words"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_refused_by_name(
    make: Callable[[Path], Path], mapping: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    path = make(tmp_path / "broken.file")
    with pytest.raises(ReadingsError) as caught:
        read_files([path], mapping)
    for word in (path.name, *words):
        assert word in str(caught.value)


def test_the_header_of_the_long_table_is_as_documented() -> None:
    assert LONG == "station,quantity,start,period,value,unit"
