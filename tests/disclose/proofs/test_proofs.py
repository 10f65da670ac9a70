"""A proof holds without its shed, says what counts, and fails wherever anything in it was changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.keep.making import HOUR, MARCH, hours, make_shed, row, source, table

from commonshed.disclose.proofs import Proof, Proved, prove, tell, verify
from commonshed.disclose.proofs.rows import rows_of
from commonshed.errors import InputError, ProofError
from commonshed.keep import Shed
from commonshed.keep.chunks import chunks
from commonshed.keep.log.cosignatures import Cosignatures
from commonshed.keep.log.notes import Checkpoint, Note, Signer, Verifier
from commonshed.keep.log.renewal import rotate
from commonshed.keep.merkle import EMPTY_ROOT
from commonshed.keep.rows import canonical

AT = MARCH + 300 * HOUR


@pytest.fixture(scope="module")
def shed(tmp_path_factory: pytest.TempPathFactory) -> Shed:
    """Two stations × two quantities × 600 hours, and as much of a third station later."""
    made = make_shed(tmp_path_factory.mktemp("proofs") / "shed")
    parts = [hours(600, station=station, quantity=of) for station in ("dongsi", "tiantan") for of in ("o3", "pm25")]
    made.seal_import(parts, source=source("a"))
    made.seal_import([hours(600, station="wanliu", quantity=of) for of in ("o3", "pm25")], source=source("b"))
    return made


def key_of(shed: Shed) -> Verifier:
    """The key of a node."""
    return shed.log.keys.verifiers[0]


def of_dongsi(shed: Shed, **asked: Any) -> Proof:
    """A proof of one reading."""
    return prove(shed, **{"station": "dongsi", "quantity": "pm25", "start": AT, **asked})


def through_a_file(proof: Proof, shed: Shed) -> Proved:
    """What a proof proves to somebody who has its bytes and the key."""
    return verify(Proof.decode(proof.encode()), key_of(shed))


def test_a_reading_is_proved_with_its_value_entry_and_checkpoint(shed: Shed) -> None:
    proved = through_a_file(of_dongsi(shed), shed)
    assert (proved.value, proved.unit) == ("0.300", "ug/m3")
    assert (proved.last.row.flag, proved.last.row.qualifier) == ("valid", "=")
    assert proved.checkpoint == shed.log.checkpoint()
    assert proved.signed_by == key_of(shed)
    assert [version.position for version in proved.versions] == [2]
    assert proved.counts == "proved"
    assert (proved.witnesses, proved.strangers) == ((), ())


def test_a_proof_is_canonical_json_and_reads_back_as_it_was(shed: Shed) -> None:
    proof = of_dongsi(shed)
    content = proof.encode()
    assert Proof.decode(content) == proof
    assert (
        content == json.dumps(json.loads(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    )


@pytest.mark.parametrize("station", ["dongsi", "tiantan", "wanliu"])
@pytest.mark.parametrize("hour", [0, 8, 255, 256, 263, 264, 519, 520, 599])
def test_every_reading_can_be_proved_at_the_edges_of_chunks_and_months_too(shed: Shed, station: str, hour: int) -> None:
    for quantity in ("o3", "pm25"):
        proved = through_a_file(of_dongsi(shed, station=station, quantity=quantity, start=MARCH + hour * HOUR), shed)
        assert (proved.last.row.ticks, proved.counts) == (hour, "proved")


def test_a_proof_that_was_written_once_holds_for_good() -> None:
    here = Path(__file__).parent
    content = (here / "proof.json").read_bytes()
    proof = Proof.decode(content)
    proved = verify(proof, Verifier.parse((here / "proof.key").read_text("ascii")))
    assert (proved.value, proved.last.row.flag, len(proved.versions), proved.counts) == ("7.500", "valid", 2, "proved")
    assert proof.encode() == content


def test_a_corrected_reading_is_proved_with_all_its_versions(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(40)], source=source("a"))
    why: dict[str, Any] = {"station": "dongsi", "quantity": "pm25", "reason": "scale was off", "author": "Li Na"}
    shed.correct(start=MARCH + 3 * HOUR, value="7.5", **why)
    shed.correct(start=MARCH + 4 * HOUR, value="9", **why)
    shed.correct(start=MARCH + 3 * HOUR, flag="invalid", **why)
    proof = of_dongsi(shed, start=MARCH + 3 * HOUR)
    proved = through_a_file(proof, shed)
    assert [(version.row.ticks, version.row.flag) for version in proved.versions] == [
        (3, "valid"), (7500, "valid"), (7500, "invalid"),
    ]  # fmt: skip
    assert (proved.last.cause, proved.last.row.author) == ("correction", "Li Na")
    assert proved.counts == "proved"
    said = "\n".join(tell(proof, proved))
    assert "kept 3 times" in said
    assert "7.500 ug/m3, invalid (scale was off, Li Na)" in said
    untouched = through_a_file(of_dongsi(shed, start=MARCH + 5 * HOUR), shed)
    assert [version.row.ticks for version in untouched.versions] == [5]


def test_hiding_a_correction_is_found(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(40)], source=source("a"))
    old = of_dongsi(shed, start=MARCH)
    shed.correct(station="dongsi", quantity="pm25", start=MARCH, value="7", reason="x", author="x")
    whole = json.loads(of_dongsi(shed, start=MARCH).encode())
    hidden = {**whole, "segments": whole["segments"][:1]}
    with pytest.raises(ProofError, match="is to carry entries"):
        verify(Proof.decode(json.dumps(hidden).encode()), key_of(shed))
    first = whole["segments"][0]["position"]
    later = {
        "first": first + 1,
        "entries": [shed.log.entry_bytes(position).decode() for position in range(first + 1, shed.size)],
        "peaks": json.loads(old.encode())["later"]["peaks"],
    }
    with pytest.raises(ProofError, match="may hold the reading, and the proof does not show"):
        verify(Proof.decode(json.dumps({**hidden, "later": later}).encode()), key_of(shed))
    open_ = verify(Proof.decode(json.dumps({**hidden, "later": None}).encode()), key_of(shed))
    assert (open_.last.row.ticks, open_.counts) == (0, "open"), "the old value was kept; that it counts is not proved"
    assert through_a_file(old, shed).counts == "proved", "as of the checkpoint it stands on"


def test_two_rows_of_one_segment_are_two_versions_and_the_later_counts(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    rows = [row(start=MARCH + HOUR * (8 + i), ticks=i) for i in range(700)]
    doubled = [row(start=MARCH + HOUR * (8 + i), ticks=9000 + i) for i in (0, 255, 256, 699)]
    with shed.journal() as journal:
        journal.append(table([*rows, *doubled]))
    shed.seal()
    for i in (0, 255, 256, 257, 699):
        proved = through_a_file(of_dongsi(shed, start=MARCH + HOUR * (8 + i)), shed)
        ticks = [i, 9000 + i] if i != 257 else [i]
        assert [version.row.ticks for version in proved.versions] == ticks
        assert proved.counts == "proved"


def test_what_is_not_kept_cannot_be_proved(shed: Shed) -> None:
    for asked in ({"station": "nowhere"}, {"quantity": "so2"}, {"start": AT + 1}, {"statistic": "max"}, {"period": 60}):
        with pytest.raises(InputError, match="no such reading is kept"):
            of_dongsi(shed, **asked)


def test_of_several_lengths_one_has_to_be_said(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(2), hours(2, period=86_400)], source=source("a"))
    with pytest.raises(InputError, match=r"several readings like this.*3600, 86400 s.*--length"):
        of_dongsi(shed, start=MARCH)
    assert through_a_file(of_dongsi(shed, start=MARCH, period=86_400), shed).subject.period == 86_400


def test_a_proof_made_anew_after_the_leaf_hashes_were_deleted_is_the_same(shed: Shed) -> None:
    before = of_dongsi(shed).encode()
    for leaves in (shed.path / "segments").rglob("*.leaves"):
        leaves.unlink()
    assert of_dongsi(shed).encode() == before
    assert list((shed.path / "segments").rglob("*.leaves"))


Content = dict[str, Any]


def changed_value(content: Content) -> None:
    chunk = content["segments"][0]["chunks"][0]
    chunk["text"] = chunk["text"].replace("\t300\t", "\t301\t")


def changed_path(content: Content) -> None:
    path = content["segments"][0]["path"]
    path[0] = "0" * 64


def shorter_path(content: Content) -> None:
    content["segments"][0]["path"].pop()


def longer_path(content: Content) -> None:
    content["segments"][0]["path"].append("0" * 64)


def changed_chunk_path(content: Content) -> None:
    content["segments"][0]["chunks"][0]["path"].reverse()


def path_of_another_leaf(content: Content) -> None:
    content["segments"][0]["chunks"][0]["index"] += 1


def another_position(content: Content) -> None:
    content["segments"][0]["position"] -= 1


def another_station(content: Content) -> None:
    content["reading"]["station"] = "tiantan"


def another_entry(content: Content) -> None:
    content["segments"][0]["entry"] = content["segments"][0]["entry"].replace('"first":', '"first": ')


def another_unit(content: Content) -> None:
    content["unit"] = "mg/m3"


def another_resolution(content: Content) -> None:
    content["resolution"] = "1"


def later_left_out(content: Content) -> None:
    content["later"]["entries"].pop()


def later_changed(content: Content) -> None:
    content["later"]["entries"][-1] = "{}"


def peaks_changed(content: Content) -> None:
    content["later"]["peaks"][0] = "0" * 64


def another_root(content: Content) -> None:
    lines = content["checkpoint"].split("\n")
    lines[2] = ("B" if lines[2][0] == "A" else "A") + lines[2][1:]
    content["checkpoint"] = "\n".join(lines)


def another_size(content: Content) -> None:
    lines = content["checkpoint"].split("\n")
    lines[1] = "9"
    content["checkpoint"] = "\n".join(lines)


def forged_signature(content: Content) -> None:
    text = content["checkpoint"]
    at = text.rindex("= ") if "= " in text else len(text) - 12
    content["checkpoint"] = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def no_signature(content: Content) -> None:
    content["checkpoint"] = content["checkpoint"].partition("\n\n")[0] + "\n\n"


def no_segments(content: Content) -> None:
    content["segments"] = []


def segments_twice(content: Content) -> None:
    content["segments"] *= 2


def chunks_apart(content: Content) -> None:
    content["segments"][0]["chunks"] *= 2


def no_chunks(content: Content) -> None:
    content["segments"][0]["chunks"] = []


FORGERIES: dict[Callable[[Content], None], str] = {
    changed_value: "chunk 4 is not shown to be in entry 2",
    changed_path: "entry 2 is not shown to be in the log",
    shorter_path: "entry 2 is not shown to be in the log",
    longer_path: "longer than the log is deep",
    changed_chunk_path: "chunk 4 is not shown",
    path_of_another_leaf: "chunk 5 is not shown",
    another_position: "entry 1 is not shown",
    another_station: "no row in this proof",
    another_entry: "entry 2 is not shown",
    another_unit: "in steps of 0.001 mg/m3",
    another_resolution: "in steps of 1 ug/m3",
    later_left_out: "is to carry entries",
    later_changed: "later entries are not those",
    peaks_changed: "later entries are not those",
    another_root: "forged",
    another_size: "forged",
    forged_signature: "forged",
    no_signature: "no signatures",
    no_segments: "no row in this proof",
    segments_twice: "order of the log",
    chunks_apart: "do not follow one another",
    no_chunks: "do not follow one another",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_proof_fails_at_the_step_that_was_forged(shed: Shed, forge: Callable[[Content], None]) -> None:
    content = json.loads(of_dongsi(shed).encode())
    forge(content)
    with pytest.raises(ProofError, match=FORGERIES[forge]):
        verify(Proof.decode(json.dumps(content).encode()), key_of(shed))


def test_the_key_of_another_node_proves_nothing(shed: Shed, tmp_path: Path) -> None:
    other = key_of(make_shed(tmp_path / "other"))
    with pytest.raises(ProofError, match="another log"):
        verify(of_dongsi(shed), other)
    with pytest.raises(ProofError, match="not signed by a key we know"):
        verify(of_dongsi(shed), Verifier(key_of(shed).name, other.public))


def test_the_checkpoint_of_another_log_or_of_an_empty_one_proves_nothing(shed: Shed, tmp_path: Path) -> None:
    content = json.loads(of_dongsi(shed).encode())
    content["checkpoint"] = make_shed(tmp_path / "other").log.note().encode().decode()
    with pytest.raises(ProofError, match="empty log"):
        verify(Proof.decode(json.dumps(content).encode()), key_of(shed))
    own = shed.log.keys.signer()
    for size, root, said in ((0, EMPTY_ROOT, "empty log"), (3, EMPTY_ROOT, "not shown")):
        note = Note(Checkpoint(shed.log.origin, size, root).text).signed_by(own)
        content["checkpoint"] = note.encode().decode()
        with pytest.raises(ProofError, match=said):
            verify(Proof.decode(json.dumps(content).encode()), key_of(shed))


def test_a_proof_cut_off_anywhere_or_with_another_field_is_none(shed: Shed) -> None:
    content = of_dongsi(shed).encode()
    for length in (0, 1, 100, len(content) // 2, len(content) - 1):
        with pytest.raises(ProofError, match="no proof, or not all of one"):
            Proof.decode(content[:length])
    told = json.loads(content)
    wrongs: list[Any] = [
        {**told, "format": "commonshed-proof/2"}, {**told, "more": 1}, {**told, "segments": {}}, [], 7,
        {key: told[key] for key in told if key != "later"}, {**told, "unit": 1}, {**told, "zone": None},
        {**told, "reading": {**told["reading"], "start": 1.5}}, {**told, "reading": {**told["reading"], "start": True}},
        {**told, "later": {**told["later"], "peaks": ["zz"]}},
        {**told, "later": {**told["later"], "peaks": ["A" * 64]}},
    ]  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(ProofError):
            Proof.decode(json.dumps(wrong).encode())


def test_neighbours_that_signed_are_named_and_others_are_said_to_be_strangers(tmp_path: Path) -> None:
    shed, witness = make_shed(tmp_path / "shed"), make_shed(tmp_path / "witness")
    shed.seal_import([hours(40)], source=source("a"))
    folder = shed.path / "peers" / "downstream" / "keys"
    folder.mkdir(parents=True)
    (folder / "node.pub").write_text(f"{key_of(witness)}\n")
    note = shed.log.note()
    cosigned = note.plus([witness.log.keys.signer().cosign(note.text, 1_700_000_000)])
    Cosignatures(shed.log, [key_of(witness)]).collect(cosigned)
    shed.record("mapping", "later.toml", b"x")
    proof = of_dongsi(shed, start=MARCH)
    proved = verify(proof, key_of(shed), witnesses=[key_of(witness)])
    assert proved.checkpoint.size == shed.size - 1, "a proof stands on the checkpoint that neighbours signed"
    assert [(each.witness.name, each.at) for each in proved.witnesses] == [(key_of(witness).name, 1_700_000_000)]
    said = "\n".join(tell(proof, proved))
    assert "confirms to have seen this log on 2023-11-15 06:13 (UTC+08:00)" in said
    assert "shows everybody the same log" not in said
    assert verify(proof, key_of(shed)).strangers == (key_of(witness).name,)
    newest = verify(of_dongsi(shed, start=MARCH, newest=True), key_of(shed))
    assert newest.checkpoint.size == shed.size
    shed.correct(station="dongsi", quantity="pm25", start=MARCH, value="7", reason="x", author="x")
    corrected = verify(of_dongsi(shed, start=MARCH), key_of(shed))
    assert (corrected.checkpoint.size, len(corrected.versions)) == (shed.size, 2), "a correction is never left out"
    forged = cosigned.signatures[-1]
    broken = Note(note.text, (*note.signatures, type(forged)(forged.name, forged.key_id, forged.value[:-1] + b"\0")))
    content = {**json.loads(proof.encode()), "checkpoint": broken.encode().decode()}
    with pytest.raises(ProofError, match="forged"):
        verify(Proof.decode(json.dumps(content).encode()), key_of(shed), witnesses=[key_of(witness)])


def test_a_proof_holds_by_the_key_from_before_a_rotation(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([hours(40)], source=source("a"))
    old = key_of(shed)
    before = of_dongsi(shed, start=MARCH)
    rotate(shed, reason="yearly", overlap=0)
    after = of_dongsi(shed, start=MARCH)
    assert key_of(shed) != old
    assert verify(before, old).signed_by == old
    assert verify(after, old).signed_by == verify(after, key_of(shed)).signed_by == key_of(shed)
    stolen = Note(shed.log.checkpoint().text).signed_by(Signer(old.name, b"0" * 32))
    content = {**json.loads(after.encode()), "checkpoint": stolen.encode().decode()}
    with pytest.raises(ProofError, match="not signed by a key we know"):
        verify(Proof.decode(json.dumps(content).encode()), old)


def test_too_long_a_log_leaves_open_whether_a_reading_still_counts(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commonshed.disclose.proofs.proving._MOST_LATER", 0)
    proof = of_dongsi(shed)
    proved = through_a_file(proof, shed)
    assert proved.counts == "open"
    assert "NOT proved: that no later entry changes this reading" in "\n".join(tell(proof, proved))


def test_what_a_clerk_reads_names_everything_that_is_proved(shed: Shed) -> None:
    proof = of_dongsi(shed)
    first, mark, where, signed, later, *rest = tell(proof, through_a_file(proof, shed))
    assert first == (
        "PROVED: station dongsi, PM2.5 (pm25), mean of 1 hour from 2016-03-13 12:00 (UTC+08:00): 0.300 ug/m3."
    )
    assert mark == "The reading is marked valid. Its status is provisional."
    assert where.startswith(f"It was kept as part of entry 2 of the log of node {shed.node}")
    assert signed == f"That log, at {shed.size} entries, is signed with the key {key_of(shed)}."
    assert later.startswith("PROVED as well")
    assert all(sentence.startswith("NOT proved") for sentence in rest)


def test_a_value_below_detection_and_as_it_was_received_is_told_so(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import(
        [table([row(qualifier="<", ticks=500, raw="<0,50", flag="suspect", reason="spike")])], source=source("a")
    )
    proof = of_dongsi(shed, start=MARCH)
    said = "\n".join(tell(proof, through_a_file(proof, shed)))
    assert "below the limit of detection of 0.500 ug/m3" in said
    assert "As it was received: '<0,50'" in said
    assert "'spike'" in said


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(st.tuples(TEXT, TEXT, st.none() | TEXT, st.none() | TEXT, st.integers(-(2**63), 2**63 - 1)), min_size=1)
)
def test_canonical_text_reads_back_as_the_rows_it_was_made_of(
    rows: list[tuple[str, str, str | None, str | None, int]],
) -> None:
    told = [
        row(station=station, quantity=of, reason=reason, raw=raw, author=raw, ticks=ticks, start=i, origin=of)
        for i, (station, of, reason, raw, ticks) in enumerate(rows)
    ]
    ordered = canonical(table(told))
    found = [each for chunk in chunks(ordered) for each in rows_of(chunk.text.decode())]
    for read, expected in zip(found, ordered.to_pylist(), strict=True):
        assert (read.key.station, read.key.quantity, read.key.start) == (
            expected["station"], expected["quantity"], expected["start"],
        )  # fmt: skip
        assert [read.ticks, read.reason, read.raw, read.author, read.origin] == [
            expected[name] for name in ("ticks", "reason", "raw", "author", "origin")
        ]


@pytest.mark.parametrize(
    "text",
    [
        "", "commonshed-rows/1\ta\tb\n", "commonshed-rows/2\ta\tb\nx\n", "commonshed-rows/1\ta\tb\nx\n",
        "commonshed-rows/1\ta\tb\nmean\t01\t3600\t1\t=\tvalid\tprovisional\t\\N\t\\N\tm\to\t1\t\\N\n",
        "commonshed-rows/1\ta\tb\nmean\t1\t3600\t1\t=\tvalid\tprovisional\t\\N\t\\x\tm\to\t1\t\\N\n",
        "commonshed-rows/1\ta\tb\n\\N\t1\t3600\t1\t=\tvalid\tprovisional\t\\N\t\\N\tm\to\t1\t\\N\n",
    ],
)  # fmt: skip
def test_what_is_no_canonical_text_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        rows_of(text)
