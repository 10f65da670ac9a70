"""The full check finds everything that was changed, and says where: file, entry, chunk."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.keep.making import HOUR, MARCH, hours, make_shed, row, source, table

from commonshed.errors import ShedDamaged
from commonshed.keep import Shed
from commonshed.keep.checking import check
from commonshed.keep.log.cosignatures import Cosignatures
from commonshed.keep.problems import Problem
from commonshed.places import Network, Station


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Places, a standard, two statements, two stations × two quantities × 600 hours, a correction."""
    shed = make_shed(tmp_path_factory.mktemp("template") / "shed")
    shed.publish_network(Network({}, {name: Station(name) for name in ("dongsi", "tiantan")}))
    shed.record("standard", "gb.toml", b"limit = 75\n" * 20)
    parts = [hours(600, station=station, quantity=of) for station in ("dongsi", "tiantan") for of in ("pm25", "o3")]
    shed.seal_import(parts, source=source("a"))
    shed.record("statement", "march.json", b'{"mean": "35"}')
    shed.record("erratum", "march.json", b'{"mean": "36"}')
    shed.correct(
        station="tiantan", quantity="o3", start=MARCH + 5 * HOUR, flag="invalid", reason="logbook", author="Li Na"
    )
    return shed.path


@pytest.fixture
def shed(template: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(template, tmp_path / "shed")


def flip(path: Path, at: int = -1, bit: int = 0) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)


def only(shed: Path) -> Problem:
    """The one problem of a shed."""
    [problem] = check(shed).problems
    return problem


def packs(shed: Path) -> list[Path]:
    """Packs, the largest first."""
    return sorted((shed / "segments").rglob("*.parquet"), key=lambda path: -path.stat().st_size)


def rewrite(pack: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Write a pack anew with other rows."""
    pq.write_table(change(pq.read_table(pack)), pack, compression="zstd")


def test_a_whole_shed_is_whole_and_says_what_was_compared(shed: Path) -> None:
    report = check(shed)
    assert report.require() is report
    assert (report.size, report.packs, report.segments, report.documents) == (8, 3, 3, 4)
    assert (report.rows, report.problems, report.notes) == (2401, (), ())


def test_an_empty_shed_is_whole(tmp_path: Path) -> None:
    report = make_shed(tmp_path / "shed").check()
    assert (report.size, report.files, report.packs, report.whole) == (0, 1, 0, True)


def test_the_check_tells_how_far_it_is(shed: Path) -> None:
    seen: list[tuple[int, int]] = []
    check(shed, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_reading_that_was_changed_is_found_in_its_chunk(shed: Path) -> None:
    def change(rows: pa.Table) -> pa.Table:
        ticks = rows["ticks"].to_numpy().copy()
        ticks[len(ticks) - 1] += 1
        return rows.set_column(rows.schema.get_field_index("ticks"), rows.schema.field("ticks"), pa.array(ticks))

    pack = packs(shed)[0]
    held = pq.read_table(pack)
    rewrite(pack, change)
    file, rows = check(shed).problems
    assert (file.part, rows.part) == ("pack", "rows")
    assert file.file == rows.file == pack.relative_to(shed).as_posix()
    assert file.entry == rows.entry
    assert (rows.station, rows.quantity) == ("tiantan", "pm25")
    last = held.num_rows - 1
    length = held.num_rows // 4 % 256
    assert rows.rows == (last - length + 1, last)
    assert rows.starts is not None
    assert rows.starts[1] == held["start"][last].as_py()
    assert "SHA-256" in file.said
    assert f"({rows.station} × {rows.quantity})" in str(rows)
    with pytest.raises(ShedDamaged, match="2 of what was compared is not as the log says"):
        check(shed).require()


def test_a_row_that_was_removed_is_found_in_its_station_and_quantity(shed: Path) -> None:
    rewrite(packs(shed)[0], lambda rows: rows.slice(0, rows.num_rows - 1))
    file, short = check(shed).problems
    assert (file.part, short.part) == ("pack", "pack")
    assert "rows 0 to" in short.said
    rewrite(packs(shed)[0], lambda rows: pa.concat_tables([rows.slice(1), rows.slice(0, 1)]))
    assert {problem.part for problem in check(shed).problems} == {"pack"}


def test_without_leaf_hashes_the_segment_is_told_and_that_the_chunk_cannot_be(shed: Path) -> None:
    for leaves in (shed / "segments").rglob("*.leaves"):
        leaves.unlink()
    assert check(shed).whole
    rewrite(packs(shed)[0], lambda rows: rows.set_column(5, rows.schema.field(5), pa.array([7] * rows.num_rows)))
    problems = check(shed).problems
    assert problems[0].part == "pack"
    assert {problem.part for problem in problems[1:]} == {"rows"}
    assert all("cannot be told" in problem.said for problem in problems[1:])


def test_every_chunk_that_differs_is_told(shed: Path) -> None:
    rewrite(packs(shed)[0], lambda rows: rows.set_column(5, rows.schema.field(5), pa.array([7] * rows.num_rows)))
    problems = [problem for problem in check(shed).problems if problem.part == "rows"]
    assert {(problem.station, problem.quantity) for problem in problems} == {
        (station, quantity) for station in ("dongsi", "tiantan") for quantity in ("pm25", "o3")
    }
    assert [problem.chunk for problem in problems] == list(range(len(problems)))


def test_rows_that_cannot_be_decoded_are_told_with_their_segment(shed: Path) -> None:
    pack = packs(shed)[0]
    content = bytearray(pack.read_bytes())
    content[-8:-4] = b"\xff\xff\xff\x7f"
    pack.write_bytes(content)
    problems = check(shed).problems
    assert [problem.part for problem in problems] == ["pack", "rows"]
    assert "cannot be read" in problems[1].said
    assert problems[1].rows is not None
    assert "o3 pm25" in problems[1].said


def test_a_pack_that_is_gone_does_not_hide_another_that_was_changed(shed: Path) -> None:
    first, second, _ = packs(shed)
    first.unlink()
    flip(second, 100)
    problems = check(shed).problems
    assert {problem.file.rpartition("/")[2] for problem in problems} == {first.name, second.name}
    assert any("gone" in problem.said for problem in problems)


@pytest.mark.parametrize(
    ("pattern", "entry", "said"),
    [
        ("places/standards/*", 1, "the standard 'gb.toml'"),
        ("places/editions/*", 0, "the place-edition"),
        ("statements/*", None, "march.json"),
    ],
)
def test_a_document_that_was_changed_or_lost_is_told_with_its_entry(
    shed: Path, pattern: str, entry: int | None, said: str
) -> None:
    path = next(shed.glob(pattern))
    flip(path)
    problem = only(shed)
    assert (problem.part, problem.file) == ("document", path.relative_to(shed).as_posix())
    assert entry in (None, problem.entry)
    assert said in problem.said
    path.unlink()
    assert "gone" in only(shed).said


def test_an_entry_that_was_changed_is_told_by_number_and_its_pack_is_still_compared(shed: Path) -> None:
    bundle = max((shed / "log" / "tile" / "entries").rglob("*"), key=lambda path: (path.is_file(), int(path.stem)))
    content = bundle.read_bytes()
    at = content.index(b'"limit' if b'"limit' in content else b"gb.toml")
    flip(bundle, at)
    with pytest.raises(ShedDamaged):
        Shed.open(shed)
    problem = only(shed)
    assert (problem.part, problem.entry) == ("entry", 1)
    assert check(shed).rows == 2401


def test_a_tile_that_was_changed_is_told_by_number(shed: Path) -> None:
    tile = max((shed / "log" / "tile" / "0").rglob("*"), key=lambda path: (path.is_file(), int(path.stem)))
    flip(tile, 32 * 3 + 7)
    problem = only(shed)
    assert (problem.part, problem.entry) == ("tile", 3)
    assert problem.file == tile.relative_to(shed).as_posix()


def test_a_checkpoint_that_was_changed_is_told_and_the_rest_is_compared(shed: Path) -> None:
    path = shed / "log" / "checkpoint"
    whole = path.read_bytes()
    for at, said in ((0, "log"), (len(whole) - 10, "forged"), (whole.index(b"\n") + 1, "forged")):
        flip(path, at)
        problem = only(shed)
        assert problem.part == "checkpoint"
        assert said in problem.said
        assert check(shed).rows == 2401
        path.write_bytes(whole)
    path.unlink()
    assert check(shed).whole, "the tail says what it was"
    path.unlink()
    (shed / "log" / "tail").unlink()
    assert "gone" in only(shed).said


def test_a_tail_that_was_changed_is_told(shed: Path) -> None:
    path = shed / "log" / "tail"
    whole = path.read_bytes()
    flip(path, len(whole) // 2)
    problem = only(shed)
    assert (problem.part, problem.file) == ("tail", "log/tail")
    assert problem.entry is not None
    path.write_bytes(whole + b"begun")
    assert [note.part for note in check(shed).notes] == ["tail"]


def test_a_cosigned_checkpoint_that_was_changed_is_told(shed: Path, tmp_path: Path) -> None:
    witness = make_shed(tmp_path / "witness")
    log = Shed.open(shed).log
    neighbour = shed / "peers" / "downstream" / "keys"
    neighbour.mkdir(parents=True)
    shutil.copy(witness.path / "keys" / "node.pub", neighbour / "node.pub")
    note = log.note()
    cosigned = note.plus([witness.log.keys.signer().cosign(note.text, 1_700_000_000)])
    Cosignatures(log, witness.log.keys.verifiers).collect(cosigned)
    assert check(shed).problems == check(shed).notes == ()
    path = shed / "log" / "cosigned" / "8"
    whole = path.read_bytes()
    for at in (len("commonshed/"), len(note.text) - 6, len(whole) - 9, len(note.encode()) - 10):
        flip(path, at)
        problem = only(shed)
        assert (problem.part, problem.file) == ("checkpoint", "log/cosigned/8")
        path.write_bytes(whole)
    (neighbour / "node.pub").unlink()
    [note_about] = check(shed).notes
    assert "whose key is not known here" in note_about.said


def test_the_spare_bits_of_a_signature_are_looked_at_too(shed: Path) -> None:
    path = shed / "log" / "checkpoint"
    content = path.read_bytes()
    at = content.rindex(b"=") - 1
    flip(path, at)
    assert only(shed).part == "checkpoint"


def test_keys_and_description_have_to_belong_together(shed: Path, tmp_path: Path) -> None:
    other = make_shed(tmp_path / "other").path
    shutil.copy(other / "keys" / "node.pub", shed / "keys" / "node.pub")
    problems = {problem.file: problem.said for problem in check(shed).problems}
    assert "a key of commonshed/" in problems["keys/node.pub"]
    assert "is not one" in problems["keys/node.key"]
    assert "not signed by a key we know" in problems["log/checkpoint"]
    (shed / "keys" / "node.key").unlink()
    shutil.copy(other / "shed.toml", shed / "shed.toml")
    assert "it is of the log" in {problem.file: problem.said for problem in check(shed).problems}["log/checkpoint"]
    (shed / "shed.toml").write_text("format = ")
    (shed / "keys" / "node.pub").write_text("nonsense")
    assert {"shed.toml", "keys/node.pub"} <= {problem.file for problem in check(shed).problems}


def test_a_zone_that_was_changed_is_told_and_a_name_is_free_to_change(shed: Path) -> None:
    path = shed / "shed.toml"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace('name = "test"', 'name = "another"'), "utf-8")
    assert check(shed).problems == check(shed).notes == ()
    path.write_text(whole + 'colour = "blue"\n', "utf-8")
    assert [note.said for note in check(shed).notes] == ["nothing here reads the field 'colour'"]
    path.write_text(whole.replace("+08:00", "+09:00"), "utf-8")
    problem = only(shed)
    assert (problem.part, problem.file) == ("shed", "shed.toml")
    assert "counted in +09:00" in problem.said
    path.write_text("".join(line for line in whole.splitlines(True) if not line.startswith("signed")), "utf-8")
    assert check(shed).whole, "a shed from before does not say"


def test_a_private_key_that_others_can_read_is_told(shed: Path) -> None:
    (shed / "keys" / "node.key").chmod(0o644)
    assert "others on this machine" in only(shed).said


def test_files_that_nobody_entered_are_noted_and_no_problem(shed: Path) -> None:
    shutil.copy(packs(shed)[0], shed / "segments" / "2016-03" / "0000000000000000.parquet")
    (shed / "places" / "letter.txt").write_text("x")
    (shed / "log" / "tile" / "readme.txt").write_text("x")
    report = check(shed)
    assert report.whole
    assert {note.file for note in report.notes} == {
        "segments/2016-03/0000000000000000.parquet", "places/letter.txt", "log/tile/readme.txt",
    }  # fmt: skip


def test_damaged_leaf_hashes_are_noted_since_they_can_be_made_anew(shed: Path) -> None:
    leaves = next((shed / "segments").rglob("*.leaves"))
    flip(leaves)
    report = check(shed)
    assert report.whole
    assert [(note.part, note.file) for note in report.notes] == [("leaves", leaves.relative_to(shed).as_posix())]


def test_an_entry_that_says_other_than_its_rows_is_told_though_it_is_signed(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(40)], source=source("a"))
    [said] = [entry.content for entry in shed.entries if entry.kind == "segment"][-1:]
    shed.enter("segment", {**said, "quantities": {"o3": said["rows"]}})
    shed.enter("segment", {**said, "digest": "0" * 64})
    extent, rows = check(shed.path).problems
    assert (extent.part, extent.entry) == ("extent", shed.size - 2)
    assert "quantities" in extent.said
    assert (rows.part, rows.entry) == ("rows", shed.size - 1)


def test_a_log_of_several_tiles_is_compared_level_by_level(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    with shed._store.sealing():
        shed._store.append([("note", {"number": number}) for number in range(600)])
        shed._store.append([("note", {"number": number}) for number in range(600, 700)])
    folder = shed.path / "log" / "tile"
    assert check(shed.path).whole
    for path, at, part, entry in (
        (folder / "1" / "000.p" / "2", 40, "tile", None),
        (folder / "0" / "001", 64, "tile", 258),
        (folder / "entries" / "001", 3, "entry", 256),
        (folder / "entries" / "002.p" / "188", 3, "entry", 512),
    ):
        whole = path.read_bytes()
        flip(path, at)
        problem = only(shed.path)
        assert (problem.part, problem.entry, problem.file) == (part, entry, path.relative_to(shed.path).as_posix())
        path.unlink()
        tail = (shed.path / "log" / "tail").read_bytes()
        (shed.path / "log" / "tail").unlink()
        assert "gone" in only(shed.path).said
        path.write_bytes(whole)
        (shed.path / "log" / "tail").write_bytes(tail)
    assert check(shed.path).whole


def test_what_lies_beyond_the_checkpoint_is_noted(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.enter("note", {"number": 1})
    before = (shed.path / "log" / "checkpoint").read_bytes()
    shed.enter("note", {"number": 2})
    (shed.path / "log" / "checkpoint").write_bytes(before)
    (shed.path / "log" / "tail").unlink()
    report = check(shed.path)
    assert report.whole
    assert {Path(note.file).name for note in report.notes} == {"2"}


def test_a_repacked_shed_is_whole_and_many_small_segments_are_digested_together(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    for number in range(12):
        rows = [
            row(start=MARCH + 10 * HOUR + 9 * HOUR * number + HOUR * i, ticks=i, quantity=of)
            for of in ("pm25", "o3")
            for i in range(9)
        ]
        shed.seal_import([table(rows)], source=source(str(number)))
    shed.repack()
    shed.seal()
    report = check(shed.path)
    assert (report.segments, report.rows, report.problems) == (12, 12 * 18, ())
    pack = packs(shed.path)[0]
    digest = hashlib.sha256(pack.read_bytes()).hexdigest()
    rewrite(pack, lambda rows: rows.set_column(5, rows.schema.field(5), pa.array([8] * rows.num_rows)))
    assert hashlib.sha256(pack.read_bytes()).hexdigest() != digest
    assert {problem.entry for problem in check(shed.path).problems if problem.part == "rows"} == {
        entry.position for entry in shed.entries if entry.kind == "segment" and f"{entry.content['pack']['path']}"
    }
