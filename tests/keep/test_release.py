"""A pack holds one release class, by the sharing rule in force when it was sealed, and repacking follows a new one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, row, source, table

from commonshed.keep import READINGS, Shed, repacking
from commonshed.keep.log import Signer
from commonshed.keep.packs import compact
from commonshed.keep.release import CLASSES, Ruling, by_release, read_rule

HEAD = """kind = "sharing-rule"
id = "test"
title = { en = "A test", zh = "测试" }
in_force_from = 2016-01-01T00:00:00+08:00
partners.hebei = { name = { en = "Hebei", zh = "河北" }, key = "KEY" }
[provenance]
status = "unverified"
""".replace("KEY", str(Signer("commonshed/hebei", b"h" * 32).verifier))
PM25 = '[[rules]]\nid = "dust"\nquantities = ["pm25"]\nrelease = "public"\n'
OZONE = '[[rules]]\nid = "ozone"\nquantities = ["o3"]\nrelease = "partner"\npartners = { hebei = {} }\n'


def share(shed: Shed, *rules: str) -> None:
    shed.record("sharing-rule", "sharing.toml", (HEAD + "\n".join(rules)).encode())


def three(count: int = 20, **fields: Any) -> pa.Table:
    """A public, a partner's and an internal series, with their rows mingled."""
    quantities = ("so2", "pm25", "o3")
    return table(
        row(start=MARCH + i * HOUR, ticks=i, quantity=each, **fields) for i in range(count) for each in quantities
    )


def segments(shed: Shed) -> list[dict[str, Any]]:
    return [dict(entry.content) for entry in shed.entries if entry.kind == "segment"]


def in_packs(shed: Shed) -> dict[str, set[str]]:
    """Quantities in each pack the log names, by every name that stands in the file."""
    found = {}
    for location in shed.store.contents.locations.values():
        column = pq.read_table(shed.path / "segments" / location.path)["quantity"].combine_chunks()
        found[location.path] = set(column.dictionary.to_pylist())
    return found


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "shed")


def test_without_a_rule_everything_is_internal_and_together(shed: Shed) -> None:
    shed.seal_import([three(8)], source=source("a"))
    assert [each["release"] for each in segments(shed)] == ["internal"]


def test_readings_are_split_by_the_class_of_their_station_and_quantity(shed: Shed) -> None:
    share(shed, PM25, OZONE)
    report = shed.seal_import([three(20)], source=source("a"))
    assert (report.new, report.segments) == (60, 6)
    said = [(each["release"], each["quantities"], each["pack"]["offset"]) for each in segments(shed)]
    assert said == [
        ("public", {"pm25": 8}, 0), ("partner", {"o3": 8}, 0), ("internal", {"so2": 8}, 0),
        ("public", {"pm25": 12}, 0), ("partner", {"o3": 12}, 0), ("internal", {"so2": 12}, 0),
    ]  # fmt: skip
    assert list(in_packs(shed).values()) == [{"pm25"}, {"o3"}, {"so2"}] * 2
    assert current(shed.readings()) == current(three(20))
    assert (shed.check().packs, shed.check().problems) == (6, ())


def test_a_station_of_its_own_class_is_told_apart(shed: Shed) -> None:
    share(shed, PM25, '[[rules]]\nid = "here"\nstations = ["tiantan"]\nrelease = "internal"\n')
    shed.seal_import([pa.concat_tables([hours(4), hours(4, station="tiantan")])], source=source("a"))
    assert [(each["release"], each["stations"]) for each in segments(shed)] == [("public", "0"), ("internal", "1")]


def test_a_pack_says_no_name_that_only_other_rows_have(shed: Shed) -> None:
    share(shed, PM25)
    secret = three(8, origin="secret.csv", reason="secret", author="Li Na", mapping="secret")
    shed.seal_import(
        [pa.concat_tables([hours(8), secret.filter(pa.array([i % 3 != 1 for i in range(24)]))])], source=source("a")
    )
    public = next(each for each in segments(shed) if each["release"] == "public")
    read = pq.read_table(shed.path / "segments" / public["pack"]["path"])
    names = {
        name
        for field in READINGS
        if pa.types.is_dictionary(field.type)
        for name in read[field.name].combine_chunks().dictionary.to_pylist()
    }
    assert names == {"dongsi", "pm25", "mean", "=", "valid", "provisional", "long", "test"}


def test_what_was_replaced_is_counted_where_it_was(shed: Shed) -> None:
    share(shed, PM25)
    shed.seal_import([three(8)], source=source("a"))
    fresh = table(
        row(start=MARCH + i * HOUR, ticks=99, quantity=quantity)
        for quantity, first, last in (("pm25", 5, 12), ("o3", 7, 10))
        for i in range(first, last)
    )
    report = shed.seal_import([fresh], source=source("b"))
    assert (report.new, report.corrected) == (6, 4)
    later = segments(shed)[2:]
    assert [(each["release"], each["rows"], each["replaced"]) for each in later] == [
        ("public", 3, 3), ("internal", 1, 1), ("public", 4, 0), ("internal", 2, 0),
    ]  # fmt: skip
    assert shed.status().readings == 24 + 6


def test_readings_from_journals_are_split_as_well(shed: Shed) -> None:
    share(shed, PM25, OZONE)
    with shed.journal() as journal:
        journal.append(three(5))
    shed.seal()
    assert [each["release"] for each in segments(shed)] == ["public", "partner", "internal"]
    assert current(shed.readings()) == current(three(5))


def test_what_a_person_wrote_goes_into_the_entry_only_where_everybody_may_have_the_row(shed: Shed) -> None:
    share(shed, PM25)
    shed.seal_import([three(3)], source=source("a"))
    for quantity in ("pm25", "so2"):
        shed.correct(
            station="dongsi", quantity=quantity, start=MARCH, value="1", reason=f"why {quantity}", author="Li Na"
        )
    public, internal = segments(shed)[-2:]
    assert (public["release"], public["author"], public["flags"]) == ("public", "Li Na", {"valid: why pm25": 1})
    assert (internal["release"], internal["cause"], internal["flags"]) == (
        "internal",
        "correction",
        {"valid: correction": 1},
    )
    assert "Li Na" not in str(internal)
    [now] = shed.readings(quantities=["so2"], start=MARCH, end=MARCH + 1).to_pylist()
    assert (now["reason"], now["author"]) == ("why so2", "Li Na")


def test_a_rule_that_cannot_be_read_stops_no_sealing_and_lets_nothing_out(
    shed: Shed, caplog: pytest.LogCaptureFixture
) -> None:
    share(shed, PM25)
    [document] = shed.documents("sharing-rule")
    shed.document_path(document).write_bytes(b"touched")
    with caplog.at_level(logging.WARNING):
        Shed.open(shed.path).seal_import([three(3)], source=source("a"))
    shed.refresh()
    assert [each["release"] for each in segments(shed)] == ["internal"]
    assert "what is sealed now is internal" in caplog.text


# ── a rule changes ──


def test_repacking_brings_readings_of_one_class_together(shed: Shed) -> None:
    share(shed, PM25, OZONE)
    for i in range(3):
        shed.seal_import([three(2, station=f"s{i}")], source=source(str(i)))
    report = shed.repack()
    assert (report.packs_before, report.packs_after) == (9, 3)
    assert sorted(map(sorted, in_packs(shed).values())) == [["o3"], ["pm25"], ["so2"]]
    said = [entry.content for entry in shed.entries if entry.kind == "repacking"]
    assert [each["release"] for each in said] == ["internal", "partner", "public"]
    assert shed.repack().packs_after == 0


def test_after_a_rule_changed_segments_find_their_new_class(shed: Shed) -> None:
    for quantity in ("pm25", "o3", "so2"):
        shed.seal_import([hours(4, quantity=quantity)], source=source(quantity))
    shed.repack()
    assert list(in_packs(shed).values()) == [{"pm25", "o3", "so2"}] * 1
    before = current(shed.readings())
    share(shed, PM25)
    report = shed.repack()
    assert (report.packs_before, report.packs_after) == (1, 2)
    assert sorted(map(sorted, set(map(frozenset, in_packs(shed).values())))) == [["o3", "so2"], ["pm25"]]
    assert current(shed.readings()) == before
    assert not shed.check().problems
    assert shed.repack().packs_after == 0


def test_a_mixed_segment_stays_apart_from_pure_ones(shed: Shed) -> None:
    shed.seal_import([three(4)], source=source("mixed"))
    shed.seal_import([hours(4, station="b")], source=source("pure"))
    shed.repack()
    share(shed, PM25)
    shed.repack()
    assert sorted(map(sorted, set(map(frozenset, in_packs(shed).values())))) == [["o3", "pm25", "so2"], ["pm25"]]
    said = [entry.content["release"] for entry in shed.entries if entry.kind == "repacking"]
    assert said == ["internal", "mixed", "public"]


def test_a_large_pack_of_several_classes_is_split_too(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    for quantity in ("pm25", "o3"):
        shed.seal_import([hours(8, quantity=quantity)], source=source(quantity))
    shed.repack()
    share(shed, PM25)
    monkeypatch.setattr(repacking, "_PACK_ROWS", 5)
    shed.repack()
    assert sorted(map(sorted, in_packs(shed).values())) == [["o3"], ["pm25"]]
    assert shed.repack().packs_after == 0


def test_a_repacking_that_was_killed_left_everything_readable(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    for quantity in ("pm25", "o3"):
        shed.seal_import([hours(8, quantity=quantity)], source=source(quantity))
    shed.repack()
    share(shed, PM25)
    before = current(shed.readings())

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shed.store, "append", fail)
    with pytest.raises(KeyboardInterrupt):
        shed.repack()
    monkeypatch.undo()
    again = Shed.open(shed.path)
    assert current(again.readings()) == before
    again.repack()
    assert current(again.readings()) == before


# ── laws ──


NAMES = ("a", "b", "c")
RULES = st.lists(
    st.tuples(st.lists(st.sampled_from(NAMES)), st.lists(st.sampled_from(["pm25", "o3"])), st.sampled_from(CLASSES)),
    max_size=4,
)


def written(rules: list[Any]) -> bytes:
    said = [HEAD]
    for i, (stations, quantities, release) in enumerate(rules):
        partners = "partners = { hebei = {} }" if release == "partner" else ""
        said += [
            "[[rules]]",
            f'id = "r{i}"',
            f"stations = {stations}",
            f"quantities = {quantities}",
            f'release = "{release}"',
            partners,
        ]
    return "\n".join(said).encode()


@given(
    rules=RULES,
    spans=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["pm25", "o3"]), st.integers(0, 30)), max_size=6),
)
@settings(max_examples=30, deadline=None)
def test_splitting_loses_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory, rules: list[Any], spans: list[Any]
) -> None:
    shed = make_shed(tmp_path_factory.mktemp("shed") / "shed")
    shed.record("sharing-rule", "sharing.toml", written(rules))
    ruling = shed.store.ruling(2e9)
    rows = [
        row(station=station, quantity=quantity, start=MARCH + (first + i) * HOUR, ticks=j)
        for j, (station, quantity, first) in enumerate(spans)
        for i in range(10)
    ]
    shed.seal_import([table(rows)] if rows else [], source=source("a"))
    wanted = {(each["station"], each["quantity"], each["start"]): each["ticks"] for each in rows}
    found = shed.readings().to_pylist()
    assert {(each["station"], each["quantity"], each["start"]): each["ticks"] for each in found} == wanted
    assert len(found) == len(wanted)
    for segment in shed.store.contents.segments.values():
        release = shed.entries[segment.position].content["release"]
        pairs = {(each["station"], each["quantity"]) for each in shed.store.rows_of([segment]).to_pylist()}
        assert {ruling.release(*pair) for pair in pairs} == {release}
    assert not shed.check().problems


def test_rows_of_a_class_are_found_without_looking_at_each() -> None:
    rule = read_rule((HEAD + PM25 + OZONE).encode(), "x")
    asked: list[tuple[str, str]] = []

    class Counting(Ruling):
        def release(self, station: str, quantity: str) -> Any:
            asked.append((station, quantity))
            return super().release(station, quantity)

    ordered = pa.concat_tables([hours(300, quantity="o3"), hours(300)]).combine_chunks()
    found = by_release(ordered, Counting(rule, "d", None))
    assert [(release, rows.sum()) for release, rows in found if rows is not None] == [("public", 300), ("partner", 300)]
    assert asked == [("dongsi", "o3"), ("dongsi", "pm25")]


def test_compacting_keeps_rows_and_drops_names() -> None:
    rows = three(40, reason=None)
    kept = rows.filter(pa.array([each == "o3" for each in rows["quantity"].to_pylist()]))
    small = compact(kept)
    assert small.to_pylist() == kept.to_pylist()
    assert small["quantity"].combine_chunks().dictionary.to_pylist() == ["o3"]
    assert small["reason"].null_count == 40
    assert compact(READINGS.empty_table()).num_rows == 0
