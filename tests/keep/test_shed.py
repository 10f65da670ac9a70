"""A shed as its users see it: made, opened, asked, corrected, and damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, row, source, table

from commonshed.errors import InputError, ShedDamaged, ShedError, ShedNotFound
from commonshed.keep import READINGS, Shed
from commonshed.periods import Zone
from commonshed.places import Network, Station


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "shed")


@pytest.fixture
def filled(shed: Shed) -> Shed:
    """Two stations, two quantities, 100 hours each, in two segments (of February and March, UTC)."""
    parts = [hours(100, station=station, quantity=of) for station in ("dongsi", "tiantan") for of in ("pm25", "o3")]
    shed.seal_import(parts, source=source("a"))
    return shed


def test_a_shed_says_its_name_and_zone_again(tmp_path: Path) -> None:
    made = Shed.create(tmp_path / "东", name='东 "four"', zone="Asia/Shanghai")
    opened = Shed.open(tmp_path / "东")
    assert (opened.name, opened.zone, opened.node) == ('东 "four"', Zone(480), made.node)
    assert (opened.size, opened.entries, opened.readings().num_rows) == (0, (), 0)
    assert opened.readings().schema == READINGS


def test_a_folder_with_something_in_it_does_not_become_a_shed(tmp_path: Path, shed: Shed) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x")
    with pytest.raises(ShedError, match="already and not empty"):
        make_shed(tmp_path / "other")
    with pytest.raises(ShedError, match="is a shed already"):
        make_shed(shed.path)
    with pytest.raises(ShedNotFound, match=r"no shed here. Make one with `commonshed init"):
        Shed.open(tmp_path / "other")


def test_a_broken_description_says_where(shed: Shed) -> None:
    description = shed.path / "shed.toml"
    text = description.read_text()
    for broken, said in (("x =", r"shed\.toml"), (text.replace("zone", "zzz"), "'zone' is missing"), ("", "'format'")):
        description.write_text(broken)
        with pytest.raises(ShedDamaged, match=said):
            Shed.open(shed.path)
    description.write_text(text.replace("format = 2", "format = 3"))
    with pytest.raises(ShedError, match="format 3"):
        Shed.open(shed.path)


def test_readings_are_found_by_station_quantity_and_time(filled: Shed) -> None:
    assert filled.readings().num_rows == 400
    found = filled.readings(
        stations=["tiantan", "nowhere"], quantities=["o3"], start=MARCH + 10 * HOUR, end=MARCH + 12 * HOUR
    )
    assert found.schema == READINGS
    assert set(found["station"].to_pylist()) == {"tiantan"}
    assert found["start"].to_pylist() == [MARCH + 10 * HOUR, MARCH + 11 * HOUR]
    assert filled.readings(stations=[]).num_rows == 0
    assert filled.readings(quantities=["co"]).num_rows == 0
    assert filled.readings(end=MARCH).num_rows == 0


def test_one_dictionary_serves_a_column_so_that_grouping_works(filled: Shed) -> None:
    grouped = filled.readings().group_by(["station", "quantity"]).aggregate([("ticks", "sum")])
    assert grouped["ticks_sum"].to_pylist() == [4950] * 4


def test_a_correction_counts_and_the_old_value_stays_readable(filled: Shed) -> None:
    before = filled.size
    filled.correct(station="dongsi", quantity="pm25", start=MARCH, value="35.5", reason="scale was off", author="Li Na")
    where: dict[str, Any] = {"stations": ["dongsi"], "quantities": ["pm25"], "start": MARCH, "end": MARCH + 1}
    [now] = filled.readings(**where).to_pylist()
    assert (now["ticks"], now["reason"], now["author"], now["origin"]) == (35_500, "scale was off", "Li Na", "local")
    past = filled.readings(**where, history=True)
    assert past["ticks"].to_pylist() == [0, 35_500]
    assert past["position"].to_pylist() == [1, before]
    assert filled.readings(**where, as_of=before)["ticks"].to_pylist() == [0]
    entry = filled.entries[-1]
    assert (entry.kind, entry.content["cause"], entry.content["release"]) == ("segment", "correction", "internal")
    assert "Li Na" not in str(entry.content)  # the log goes to more people than what is internal


def test_a_correction_may_change_the_flag_alone_and_keeps_text_that_ticks_do_not_render(filled: Shed) -> None:
    key: dict[str, Any] = {"station": "dongsi", "quantity": "o3", "start": MARCH + HOUR}
    filled.correct(**key, flag="invalid", reason="power cut", author="x")
    filled.correct(**key, value="1.00049", reason="recomputed", author="x")
    rows = filled.readings(
        stations=["dongsi"], quantities=["o3"], start=MARCH + HOUR, end=MARCH + HOUR + 1, history=True
    ).to_pylist()
    assert [(each["ticks"], each["flag"], each["raw"]) for each in rows] == [
        (1, "valid", None),
        (1, "invalid", None),
        (1000, "invalid", "1.00049"),
    ]


def test_a_file_received_later_does_not_undo_what_a_person_corrected(filled: Shed) -> None:
    key: dict[str, Any] = {"station": "dongsi", "quantity": "pm25", "start": MARCH}
    filled.correct(**key, flag="invalid", reason="power cut", author="Li Na")
    later = table([row(start=MARCH, ticks=77), row(start=MARCH + HOUR, ticks=78)])
    report = filled.seal_import([later], source=source("later.csv"))
    assert (report.new, report.unchanged, report.corrected, report.overruled) == (0, 0, 1, 1)
    found = filled.readings(stations=["dongsi"], quantities=["pm25"], start=MARCH, end=MARCH + 2 * HOUR).to_pylist()
    assert [(each["ticks"], each["flag"], each["author"]) for each in found][1:] == [(78, "valid", None)]
    assert (found[0]["flag"], found[0]["author"]) == ("invalid", "Li Na")
    filled.correct(**key, flag="valid", value="77", reason="looked again", author="Wang Wei")
    again = filled.readings(stations=["dongsi"], quantities=["pm25"], start=MARCH, end=MARCH + HOUR).to_pylist()
    assert [(each["ticks"], each["author"]) for each in again] == [(77_000, "Wang Wei")]


def test_a_negative_concentration_can_only_stand_as_invalid(filled: Shed) -> None:
    key: dict[str, Any] = {
        "station": "dongsi",
        "quantity": "pm25",
        "start": MARCH,
        "author": "x",
        "reason": "zero drift",
    }
    with pytest.raises(InputError, match="a concentration is not negative"):
        filled.correct(**key, value="-3")
    assert filled.correct(**key, value="-3", flag="invalid").corrected == 1


def test_a_correction_finds_a_sample_by_its_start_and_asks_where_several_start(filled: Shed) -> None:
    key: dict[str, Any] = {"station": "ZSK", "quantity": "tp", "start": MARCH, "reason": "laboratory", "author": "x"}
    sample = row(station="ZSK", quantity="tp", period=0, ticks=120, qualifier="<", raw="<0.00012")
    filled.seal_import([table([sample])], source=source("samples.csv"))
    filled.correct(**key, value="0.1")
    where: dict[str, Any] = {"stations": ["ZSK"], "quantities": ["tp"]}
    [now] = filled.readings(**where).to_pylist()
    assert (now["ticks"], now["qualifier"], now["period"]) == (100_000, "=", 0)
    filled.correct(**key, value="<0.025")
    [now] = filled.readings(**where).to_pylist()
    assert (now["ticks"], now["qualifier"]) == (25_000, "<")
    with pytest.raises(InputError, match=r"What starts then is mean of 0 s"):
        filled.correct(**key, period=3600, value="0.1")
    filled.seal_import([table([{**sample, "period": 86_400}])], source=source("days.csv"))
    with pytest.raises(InputError, match=r"several readings like this: .*mean of 0 s, mean of 86400 s"):
        filled.correct(**key, value="0.1")


def test_a_correction_of_nothing_or_to_nothing_is_refused(filled: Shed) -> None:
    key: dict[str, Any] = {"quantity": "pm25", "start": MARCH, "reason": "x", "author": "x"}
    with pytest.raises(InputError, match=r"no such reading .*start 2016-03-01T00:00\+08:00"):
        filled.correct(station="nowhere", value="1", **key)
    with pytest.raises(InputError, match="no such reading"):
        filled.correct(station="dongsi", statistic="max", value="1", **key)
    with pytest.raises(InputError, match="changes nothing"):
        filled.correct(station="dongsi", **key)
    with pytest.raises(InputError, match="not a number"):
        filled.correct(station="dongsi", value="ten", **key)
    assert filled.readings(history=True).num_rows == 400


def test_an_earlier_size_of_the_log_shows_what_was_known_then(filled: Shed) -> None:
    sizes = [0, filled.size]
    filled.seal_import([hours(100, flag="suspect")], source=source("b"))
    sizes.append(filled.size)
    assert [filled.readings(as_of=size).num_rows for size in sizes] == [0, 400, 400]
    filled.seal_import([hours(120)], source=source("c"))
    assert [filled.readings(as_of=size).num_rows for size in sizes] == [0, 400, 400]
    assert filled.readings().num_rows == 420
    with pytest.raises(InputError, match="as_of"):
        filled.readings(as_of=filled.size + 1)


def test_a_state_the_log_never_had_is_refused_with_the_size_of_the_log(filled: Shed) -> None:
    nowhere = Network({}, {"dongsi": Station("dongsi")})
    filled.publish_network(nowhere)
    for size in (-1, filled.size + 1):
        with pytest.raises(
            InputError, match=rf"has {filled.size} entries.*\(given: '{size}'\).*from 0 to {filled.size}"
        ):
            filled.network(as_of=size)
    assert filled.network(as_of=filled.size) == nowhere
    with pytest.raises(ShedError, match=rf"when the log had 2 entries.*the log has {filled.size} entries"):
        filled.network(as_of=2)


def test_documents_are_kept_by_digest_and_the_same_again_changes_nothing(shed: Shed) -> None:
    first = shed.record("mapping", "prsa.toml", b"a")
    assert shed.record("mapping", "prsa.toml", b"a") == first
    assert shed.size == 1
    second = shed.record("mapping", "prsa.toml", b"b")
    shed.record("quality", "prsa.toml", b"c")
    back = shed.record("mapping", "prsa.toml", b"a")
    assert [found.position for found in shed.documents("mapping")] == [0, 1, 3]
    assert shed.document("mapping", "prsa.toml") == back
    assert shed.document("mapping", as_of=2) == second
    assert shed.document("layer") is None
    assert [shed.document_bytes(found) for found in shed.documents("mapping")] == [b"a", b"b", b"a"]
    assert (shed.path / "places" / "mappings" / f"prsa-{first.digest[:16]}.toml").read_bytes() == b"a"
    with pytest.raises(InputError, match="no such kind"):
        shed.record("poem", "x", b"")


def test_a_name_cannot_lead_out_of_the_folder(shed: Shed) -> None:
    document = shed.record("layer", "../../etc/pass wd", b"x")
    assert (shed.path / "places" / document.path).resolve().parent == (shed.path / "places" / "layers").resolve()


def test_the_network_in_force_is_the_last_published_and_registers_its_stations(shed: Shed) -> None:
    with pytest.raises(ShedError, match="no places are published"):
        shed.network()
    old = Network({}, {name: Station(name) for name in ("b", "a")})
    new = Network({}, {name: Station(name) for name in ("c", "a")})
    assert shed.publish_network(old).digest == old.digest
    shed.publish_network(new)
    assert Shed.open(shed.path).network() == new
    assert shed.network(as_of=1) == old
    assert shed.stations == ["a", "b", "c"]


def damage(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_pack_that_is_not_what_was_entered_is_named_with_its_entry_and_the_mend(filled: Shed) -> None:
    pack = max((filled.path / "segments").rglob("*.parquet"))
    damage(pack, 200)
    opened = Shed.open(filled.path)
    for look in (opened.readings, opened.repack):
        if look == opened.repack:
            opened.seal_import([hours(3, station="new", first=MARCH + 50 * HOUR)], source=source("b"))
        with pytest.raises(ShedDamaged, match=rf"{pack.name}: not what entry 2 of the log says .* Put back a copy"):
            look()
    assert opened.readings(end=MARCH + 8 * HOUR).num_rows == 32, "what is whole stays readable"


def test_a_pack_that_is_gone_is_named(filled: Shed) -> None:
    pack = max((filled.path / "segments").rglob("*.parquet"))
    pack.unlink()
    with pytest.raises(ShedDamaged, match=f"{pack.name}.* gone"):
        Shed.open(filled.path).readings()


def test_a_document_that_was_changed_is_named(shed: Shed) -> None:
    document = shed.record("standard", "gb.toml", b"limit = 75")
    damage(shed.path / "places" / document.path, 8)
    with pytest.raises(ShedDamaged, match="entry 0"):
        shed.document_bytes(document)


def test_the_status_is_told_by_the_entries_alone(filled: Shed) -> None:
    filled.correct(station="dongsi", quantity="pm25", start=MARCH, flag="invalid", reason="spike", author="x")
    for pack in (filled.path / "segments").rglob("*.parquet"):
        pack.unlink()
    found = Shed.open(filled.path).status()
    assert (found.size, found.segments, found.packs, found.imports, found.stations) == (4, 3, 3, 1, 2)
    assert (found.readings, found.corrected, found.waiting, found.journals) == (400, 1, 0, 0)
    assert found.quantities == {"o3": 200, "pm25": 201}
    assert found.flags == {"valid": 400, "invalid: correction": 1}
    assert (found.first, found.last) == (MARCH, MARCH + 99 * HOUR)
    assert (found.blocks, found.stale, found.places) == (1, 1, None)


def test_a_reader_sees_the_old_state_until_it_looks_again(filled: Shed) -> None:
    reader = Shed.open(filled.path)
    filled.seal_import([hours(200)], source=source("b"))
    assert reader.readings().num_rows == 400
    reader.refresh()
    assert reader.readings().num_rows == 500


def test_a_reader_follows_packs_that_were_repacked_and_swept_meanwhile(filled: Shed) -> None:
    reader = Shed.open(filled.path)
    filled.seal_import([hours(100, station="x")], source=source("b"))
    filled.repack()
    filled.seal()  # sweeps the superseded packs
    assert len(list((filled.path / "segments").rglob("*.parquet"))) == 2
    assert current(reader.readings()) == current(filled.readings())
