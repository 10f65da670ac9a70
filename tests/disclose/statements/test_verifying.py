"""Whoever changes a figure, a reading, a law or the past is found out, and told in words where."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import rfc8785
from tests.disclose.statements.making import (
    MARCH,
    START,
    anew,
    city,
    codes,
    edited,
    pack_of,
    resigned,
    rewrite,
    shore,
    stated,
    with_ticks,
    without_row,
)

from commonshed.assess.air import air
from commonshed.disclose.statements import Statement, resting, state, verify
from commonshed.disclose.statements import claims as registry
from commonshed.disclose.statements.statement import Law
from commonshed.errors import ProofError, ShedNotFound
from commonshed.keep import Shed, Source
from commonshed.keep.block import read_block, write_block
from commonshed.keep.held import Held, Holding
from commonshed.keep.log import Signer
from commonshed.keep.log.renewal import rotate
from commonshed.keep.packs import Packs
from commonshed.keep.rows import conform, ordered_digest
from commonshed.observe import ingest

MONTH = 2016 * 12 + 2 - 1970 * 12


def better(content: dict[str, Any]) -> None:
    """What somebody might like the mill's figure to be."""
    content["result"]["records"][0]["mean"]["pm25"] = "30"


def better_with_digest(content: dict[str, Any]) -> None:
    from commonshed.disclose.statements.canonical import digest

    better(content)
    content["result"]["digest"] = digest(content["result"]["records"])


@pytest.fixture
def made(tmp_path: Path) -> tuple[Shed, Statement]:
    return stated(tmp_path / "shed")


def test_a_statement_agrees_with_the_readings_it_was_made_from(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, found.stands, found.differences) == ("agrees", True, ())
    assert [finding.code for finding in found.findings] == [
        "form.holds", "digest.holds", "signature.holds", "checkpoint.holds", "key.own", "log.holds", "entry.holds",
        "documents.hold", "figures.hold", "since.nothing",
    ]  # fmt: skip
    assert all(finding.holds is not False for finding in found.findings)


def test_blocks_that_were_cached_are_not_believed(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    honest = next(air(shed, period="2016-03", by="station").records())["mean"]["pm25"]
    shutil.rmtree(shed.path / "blocks" / "grades")
    for path in (shed.path / "blocks").rglob("*.parquet"):
        block = read_block(path)
        write_block(path, replace(block, ticks={key: ticks * 2 for key, ticks in block.ticks.items()}, largest={}))
    spoilt = next(air(Shed.open(shed.path), period="2016-03", by="station").records())["mean"]["pm25"]
    assert (honest, spoilt) == ("90", "180")
    assert verify(statement.content, shed=shed.path).kind == "agrees"


def test_a_file_that_was_laid_out_anew_is_still_what_was_signed(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    printed = json.dumps(json.loads(statement.content), indent=2, ensure_ascii=False).encode()
    found = verify(printed, shed=shed.path)
    assert (found.kind, found.findings[0].code) == ("agrees", "form.rewritten")


# ── the statement ──


def test_a_changed_figure_under_the_old_signature_is_forged(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    found = verify(edited(statement, better), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["digest.broken"])
    found = verify(edited(statement, better_with_digest), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["signature.broken"])


def test_a_signature_that_is_another_bit_by_bit_is_forged(made: tuple[Shed, Statement]) -> None:
    shed, statement = made

    def flip(content: dict[str, Any]) -> None:
        value = content["signature"]["value"]
        content["signature"]["value"] = ("A" if value[0] != "A" else "B") + value[1:]

    found = verify(edited(statement, flip), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["signature.broken"])


def test_edited_and_signed_anew_with_another_key_of_that_name_is_forged(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    forger = Signer(statement.node.origin, b"\x01" * 32)

    def everything(content: dict[str, Any]) -> None:
        from commonshed.keep.log import Note

        better_with_digest(content)
        content["node"]["key"] = str(forger.verifier)
        text = Note.parse(content["as_of"]["checkpoint"].encode()).text
        content["as_of"]["checkpoint"] = Note(text).signed_by(forger).encode().decode()

    found = verify(resigned(statement, forger, everything), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["key.of-nobody"])
    assert str(forger.verifier) in found.findings[-1].text()


def test_signed_anew_with_a_key_of_another_name_is_forged(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    found = verify(resigned(statement, Signer("somebody", b"\x02" * 32), better_with_digest), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["signature.broken"])


def test_the_node_itself_cannot_change_what_it_published(made: tuple[Shed, Statement]) -> None:
    """Its own key signs anything; the log and the readings do not follow."""
    shed, statement = made
    content = resigned(statement, shed.log.keys.signer(), better_with_digest)
    found = verify(content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("not-of-this-log", ["entry.none"])
    shed.record("statement", "another.json", content)
    found = verify(content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["figures.differ"])
    (difference,) = found.differences
    assert (difference.record, difference.path) == ("Mill, 2016-03", "mean.pm25")
    assert (difference.stated, difference.found) == ("30", "90")


def test_a_checkpoint_from_another_log_is_forged(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    shed, statement = made
    other = Shed.create(tmp_path / "other", name="Other", zone="+08:00")

    def foreign(content: dict[str, Any]) -> None:
        content["as_of"]["checkpoint"] = other.log.note().encode().decode()

    found = verify(resigned(statement, shed.log.keys.signer(), foreign), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["checkpoint.of-another"])


def test_a_checkpoint_of_another_size_than_said_is_forged(made: tuple[Shed, Statement]) -> None:
    shed, statement = made

    def earlier(content: dict[str, Any]) -> None:
        content["as_of"]["size"] -= 1

    found = verify(resigned(statement, shed.log.keys.signer(), earlier), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["checkpoint.broken"])


def test_a_statement_of_another_node_is_not_of_this_log(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    _, statement = made
    other = Shed.create(tmp_path / "other", name="Other", zone="+08:00")
    found = verify(statement.content, shed=other.path)
    assert (found.kind, codes(found.findings)) == ("not-of-this-log", ["log.of-another"])


def test_without_a_log_it_is_said_whose_key_it_is_and_that_nobody_vouched(made: tuple[Shed, Statement]) -> None:
    _, statement = made
    found = verify(statement.content)
    assert (found.kind, codes(found.findings)) == ("not-verifiable", ["log.none"])
    (unknown,) = [finding for finding in found.findings if finding.code == "key.unknown"]
    assert "Nobody here vouches" in unknown.text()
    vouched = verify(statement.content, keys=[statement.key])
    assert "key.given" in [finding.code for finding in vouched.findings]
    assert vouched.kind == "not-verifiable"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"[1, 2]", "no statement"),
        (b'{"format": "commonshed-statement/2"}', "commonshed-statement/2"),
        (b'{"format": "commonshed-statement/1", "node": 1.5}', "binary float"),
        (b'{"format": "commonshed-statement/1", "format": "commonshed-statement/1"}', "twice"),
        (b'{"format": "commonshed-statement/1"}', "field node"),
        (b'{"a":' * 100_000, "not JSON"),
    ],
)
def test_what_is_no_statement_is_refused_with_its_field(content: bytes, words: str) -> None:
    with pytest.raises(ProofError, match=words):
        verify(content)


def test_a_field_nobody_knows_is_refused(made: tuple[Shed, Statement]) -> None:
    _, statement = made
    with pytest.raises(ProofError, match="verified"):
        verify(edited(statement, lambda content: content.update(verified=True)))


def test_there_has_to_be_a_shed(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    with pytest.raises(ShedNotFound):
        verify(made[1].content, shed=tmp_path / "none")


# ── keys ──


def test_a_key_that_was_retired_by_a_rotation_still_vouches_for_what_it_signed(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    rotate(shed, reason="yearly", overlap=0)
    found = verify(statement.content, shed=shed.path)
    assert found.kind == "agrees"
    assert "key.retired" in [finding.code for finding in found.findings]
    again = state(Shed.open(shed.path), "assess air", {**MARCH, "by": "jurisdiction"})
    assert verify(again.statement.content, shed=shed.path).kind == "agrees"


def test_a_key_that_was_given_up_before_signs_nothing_new(made: tuple[Shed, Statement]) -> None:
    shed, _ = made
    old = shed.log.keys.signer()
    rotate(shed, reason="stolen", overlap=0)
    late = state(Shed.open(shed.path), "assess air", {**MARCH, "by": "jurisdiction"}).statement

    def by_the_thief(content: dict[str, Any]) -> None:
        from commonshed.keep.log import Note

        content["node"]["key"] = str(old.verifier)
        text = Note.parse(content["as_of"]["checkpoint"].encode()).text
        content["as_of"]["checkpoint"] = Note(text).signed_by(old).encode().decode()

    found = verify(resigned(late, old, by_the_thief), shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("forged", ["key.given-up"])


# ── the shed's files ──


def test_a_changed_segment_file_is_named_with_its_entry(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    position, pack = pack_of(shed)
    path = shed.path / "segments" / pack["path"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["file.changed"])
    assert f"segments/{pack['path']}" in found.findings[-1].text()
    assert f"entry {position} " in found.findings[-1].text()
    assert str(position) in found.findings[-1].text("zh")


def test_a_segment_file_that_is_gone_is_named(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    _, pack = pack_of(shed)
    (shed.path / "segments" / pack["path"]).unlink()
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["file.gone"])
    assert pack["path"] in found.findings[-1].text()


@pytest.mark.parametrize("rows_too", [False, True])
def test_a_row_that_was_removed_from_a_log_made_anew_is_found(made: tuple[Shed, Statement], rows_too: bool) -> None:
    """The node signs a new past: the statement carries the old one."""
    shed, statement = made
    rewrite(shed, without_row, rows_too=rows_too)
    found = verify(statement.content, shed=shed.path)
    assert found.kind == "not-of-this-log"
    assert codes(found.findings)[0] == "log.rewritten"
    if not rows_too:
        assert codes(found.findings)[-1] == "file.rows-removed"


def test_rows_that_are_not_what_their_entry_says_are_found_although_the_file_is(tmp_path: Path) -> None:
    """An entry that never was true: its file digest fits, its row digest does not."""
    shed = shore(tmp_path / "shed")
    position = rewrite(shed, with_ticks, rows_too=False)
    from commonshed.disclose.statements.watching import Changed

    with pytest.raises(Changed) as caught:
        state(Shed.open(shed.path), "assess air", MARCH)
    assert (caught.value.entry, caught.value.why) == (position, "rows")


def test_a_rewritten_hour_shows_which_figures_would_come_out_otherwise(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    rewrite(shed, with_ticks, rows_too=True)
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, codes(found.findings)[0]) == ("not-of-this-log", "log.rewritten")
    moved = {(each.record, each.path): (each.stated, each.found) for each in found.differences}
    assert moved["Park, 2016-03", "mean.pm25"] == ("30", "60")
    assert found.since is None


def test_up_to_where_a_rewritten_log_is_as_it_was_signed_is_told(made: tuple[Shed, Statement]) -> None:
    shed, first = made
    shed.correct(station="Park", quantity="pm25", start=START, value="31", reason="typo", author="Li Na")
    second = state(Shed.open(shed.path), "assess air", MARCH).statement
    last = Shed.open(shed.path)
    texts = [last.log.entry_bytes(number) for number in range(last.size)]
    correction = next(entry.position for entry in last.entries if entry.content.get("cause") == "correction")
    said = json.loads(texts[correction])
    texts[correction] = rfc8785.dumps({**said, "at": said["at"] - 86_400})
    anew(last, texts)
    found = verify(second.content, shed=shed.path)
    assert found.kind == "not-of-this-log"
    told = next(finding for finding in found.findings if finding.code == "log.agreed-until")
    assert told.values["size"] == first.as_of.size <= correction
    assert verify(first.content, shed=shed.path).kind == "agrees"


def test_a_log_cut_short_is_a_copy_to_be_pulled_again(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    shed, _ = made
    shutil.copytree(shed.path, tmp_path / "copy")
    shed.correct(station="Park", quantity="pm25", start=START, value="31", reason="typo", author="Li Na")
    later = state(Shed.open(shed.path), "assess air", MARCH).statement
    found = verify(later.content, shed=tmp_path / "copy")
    assert (found.kind, codes(found.findings)) == ("not-verifiable", ["log.short"])


def test_a_log_that_does_not_hold_together_is_told_in_words(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    for bundle in (path for path in (shed.path / "log" / "tile" / "entries").rglob("*") if path.is_file()):
        content = bytearray(bundle.read_bytes())
        content[-3] ^= 1
        bundle.write_bytes(content)
    (shed.path / "log" / "tail").unlink()
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["log.damaged"])


def test_a_swapped_standard_file_is_named(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    kept = next(held for held in shed.documents("standard") if held.name == "gb-3095-2012.toml")
    path = shed.document_path(kept)
    path.write_bytes(path.read_bytes().replace(b"35", b"75"))
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["file.changed"])
    assert "gb-3095-2012" in found.findings[-1].text()


def test_a_statement_graded_by_another_text_of_the_law_than_ours_is_told(
    made: tuple[Shed, Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The publisher swapped the law in its own program: what it graded by is in the log, and is not what we hold."""
    shed, _ = made
    true = resting.laws_of

    def laxer(regimes: Any) -> dict[Law, bytes]:
        texts = [(law.id, text + b"\n# laxer" * (law.id == "GB 3095-2012")) for law, text in true(regimes).items()]
        return {Law(id=id, digest=hashlib.sha256(text).hexdigest()): text for id, text in texts}

    monkeypatch.setattr(resting, "laws_of", laxer)
    swapped = state(shed, "assess air", {**MARCH, "by": "jurisdiction"}).statement
    monkeypatch.undo()
    found = verify(swapped.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["standard.other"])
    assert "GB 3095-2012" in found.findings[-3].text()


def test_a_place_edition_that_was_changed_is_named(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    path = shed.document_path(shed.documents("place-edition")[0])
    path.write_bytes(path.read_bytes().replace(b"Mill", b"Nill"))
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["file.changed"])


# ── since ──


def test_a_correction_that_came_later_is_told_with_reason_and_author(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    for hour in range(24):
        shed.correct(
            station="Park",
            quantity="pm25",
            start=START + hour * 3600,
            value="900",
            reason="typo",
            author="Li Na",
        )
    found = verify(statement.content, shed=shed.path)
    assert found.kind == "agrees"
    assert found.since is not None
    assert [finding.code for finding in found.findings][-1] == "since.other-figures"
    first = found.since.arrivals[0]
    assert (first.cause, first.corrected, first.late) == ("correction", 1, 0)
    assert (first.reason, first.author, first.entry) == ("typo", "Li Na", statement.as_of.size + 1)
    (reading,) = first.readings
    assert (reading.station, reading.quantity, reading.start) == ("Park", "pm25", "2016-03-01T00:00+08:00")
    assert (reading.before, reading.after) == ("30 ug/m3 (suspect)", "900 ug/m3 (suspect)")
    today = {(each.record, each.path): each.found for each in found.since.differences}
    assert today["Park, 2016-03", "mean.pm25"] == "58"


def test_a_late_insertion_is_told_from_a_correction(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    shed, statement = made
    late = tmp_path / "late.csv"
    rows = [f"Park,pm25,2015-03-{day:02d}T{hour:02d}:00+08:00,3600,55,ug/m3" for day in (1, 2) for hour in range(24)]
    late.write_text("station,quantity,start,period,value,unit\n" + "\n".join(rows) + "\n", "utf-8")
    ingest(Shed.open(shed.path), [late], "long")
    found = verify(statement.content, shed=shed.path)
    assert found.kind == "agrees"
    assert found.since is not None
    assert sum(arrival.late for arrival in found.since.arrivals) == 48
    assert all(arrival.corrected == 0 and arrival.cause == "import" for arrival in found.since.arrivals)
    assert found.since.arrivals[0].readings[0].before is None


def test_an_hour_taken_out_later_is_told_as_the_flag_it_got(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    shed.correct(station="Mill", quantity="o3", start=START, flag="invalid", reason="power cut", author="Li Na")
    found = verify(statement.content, shed=shed.path)
    assert found.since is not None
    assert found.since.arrivals[0].readings[0].after == "240 ug/m3 (invalid)"


def test_readings_it_does_not_rest_on_are_no_news(made: tuple[Shed, Statement]) -> None:
    shed, _ = made
    park = state(shed, "assess air", {"period": "2016-03", "by": "group", "group": ["us=Park"]}).statement
    shed.correct(station="Mill", quantity="pm25", start=START, value="900", reason="typo", author="Li Na")
    found = verify(park.content, shed=shed.path)
    assert [finding.code for finding in found.findings][-1] == "since.nothing"


def test_a_new_edition_of_places_is_told(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    from commonshed.places import network_from

    shed, statement = made
    stations = tmp_path / "stations.csv"
    stations.write_text(
        "station,name_zh,lon,lat,adcode,district_zh,district_en,role\n"
        "Mill,老磨坊,116.3,39.9,110108,西区,West,assessed\n"
        "Park,公园,116.4,39.9,110105,东区,East,assessed\n",
        "utf-8",
    )
    shed.publish_network(network_from(stations=stations))
    found = verify(statement.content, shed=shed.path)
    assert found.since is not None
    assert (found.kind, [held.kind for held in found.since.documents]) == ("agrees", ["place-edition"])
    assert {each.path for each in found.since.differences} == {"name.zh"}


# ── a neighbour's mirror ──


def mirror_of(shed: Shed, downstream: Shed) -> Path:
    """The neighbour's log and files in the shed of another, without its private key."""
    path = downstream.path / "peers" / "shore"
    shutil.copytree(shed.path, path, ignore=shutil.ignore_patterns("node.key", "blocks", "journal", "*.lock"))
    return path


def test_a_neighbours_statement_is_verified_from_its_mirror(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    shed, statement = made
    downstream = Shed.create(tmp_path / "down", name="Down", zone="+08:00")
    path = mirror_of(shed, downstream)
    for where in (path, downstream.path):
        found = verify(statement.content, shed=where)
        assert found.kind == "agrees"
        assert "key.peer" in [finding.code for finding in found.findings]


def test_what_a_neighbour_withheld_makes_it_not_verifiable_by_you(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    shed, statement = made
    path = mirror_of(shed, Shed.create(tmp_path / "down", name="Down", zone="+08:00"))
    position, pack = pack_of(shed)
    (path / "segments" / pack["path"]).unlink()
    Held(nothing=frozenset({position})).write(path)
    found = verify(statement.content, shed=path)
    assert (found.kind, codes(found.findings)) == ("not-verifiable", ["readings.withheld"])
    told = found.findings[-1]
    assert told.values["entry"] == position
    assert "pm25" in told.text()
    assert "did not hand over" in told.text()


def in_part(shed: Shed, path: Path, withheld: str) -> int:
    """A mirror without one quantity of the largest segment, as a pull under a sharing rule leaves it."""
    position, pack = pack_of(shed)
    table = conform(pq.read_table(path / "segments" / pack["path"]))
    kept = table.filter(pc.not_equal(table["quantity"].cast("string"), withheld))
    (path / "segments" / pack["path"]).unlink()
    location = Packs(path / "segments").write(MONTH, kept)
    digests = (location.digest, location.bytes, ordered_digest(conform(kept)))
    Held(placed={position: Holding("part", location.path, 0, kept.num_rows, *digests)}).write(path)
    return position


def test_a_quantity_a_neighbour_withheld_is_named_and_no_other(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    shed, statement = made
    path = mirror_of(shed, Shed.create(tmp_path / "down", name="Down", zone="+08:00"))
    in_part(shed, path, "o3")
    told = verify(statement.content, shed=path).findings[-1]
    assert (told.code, told.values["quantities"]) == ("readings.withheld", "o3")
    assert told.values["rows"] == 2 * (31 * 24 - 8), "the first hours of March are in the segment of February in UTC"


def test_what_was_withheld_and_is_not_asked_for_hinders_nobody(tmp_path: Path) -> None:
    shed = shore(tmp_path / "shed")
    place = [{"station": "Park", "quantity": "temp", "statistic": "mean", "start": START + 86_400 + hour * 3600,
              "period": 3600, "ticks": 100, "qualifier": "=", "flag": "valid", "status": "provisional",
              "mapping": "long", "origin": "test", "recorded": START} for hour in range(24)]  # fmt: skip
    shed.seal_import([pa.Table.from_pylist(place)], source=Source("temperatures", "1" * 64))
    statement = state(Shed.open(shed.path), "assess air", MARCH).statement
    path = mirror_of(Shed.open(shed.path), Shed.create(tmp_path / "down", name="Down", zone="+08:00"))
    position = next(entry.position for entry in shed.entries if "temp" in entry.content.get("quantities", {}))
    Held(nothing=frozenset({position})).write(path)
    assert verify(statement.content, shed=path).kind == "agrees"


def test_a_document_a_neighbour_withheld_is_named(made: tuple[Shed, Statement], tmp_path: Path) -> None:
    shed, statement = made
    path = mirror_of(shed, Shed.create(tmp_path / "down", name="Down", zone="+08:00"))
    mapping = shed.documents("mapping")[0]
    (path / "places" / mapping.path).unlink()
    Held(documents=frozenset({mapping.position})).write(path)
    found = verify(statement.content, shed=path)
    assert (found.kind, codes(found.findings)) == ("not-verifiable", ["document.withheld"])


# ── methods ──


def test_a_version_this_program_does_not_compute_is_not_verifiable(
    made: tuple[Shed, Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    shed, statement = made
    monkeypatch.setitem(registry.CLAIMS, "assess air", replace(registry.CLAIMS["assess air"], version=2))
    found = verify(statement.content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("not-verifiable", ["method.other"])


def test_wider_tolerances_than_the_methods_are_not_taken(made: tuple[Shed, Statement]) -> None:
    shed, statement = made

    def lenient(content: dict[str, Any]) -> None:
        content["method"] |= {"exact": False, "tolerance": {"mean.*": {"relative": "1"}}}
        better_with_digest(content)

    content = resigned(statement, shed.log.keys.signer(), lenient)
    shed.record("statement", "lenient.json", content)
    found = verify(content, shed=shed.path)
    assert (found.kind, codes(found.findings)) == ("differs", ["method.altered", "figures.differ"])


def test_every_verdict_and_finding_has_its_sentence_in_both_languages(made: tuple[Shed, Statement]) -> None:
    shed, statement = made
    shed.correct(station="Park", quantity="pm25", start=START, value="31", reason="typo", author="Li Na")
    found = verify(statement.content, shed=shed.path).content()
    assert found["format"] == "commonshed-verdict/1"
    assert all(finding["text"]["en"] and finding["text"]["zh"] for finding in found["findings"])
    assert json.loads(json.dumps(found)) == found


def test_a_statement_of_noise_is_verified_too() -> None:
    shed = Shed.open(city())
    found = state(shed, "assess noise", {"period": "2024-03-04", "regime": "cn-noise", "by": "station"})
    assert verify(found.statement.content, shed=shed.path).kind == "agrees"
