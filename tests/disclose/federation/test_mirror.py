"""What a mirror holds of a shed that is not handed over whole, and how it moves from one state to the next."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.disclose.federation.giver import PM25_IS_PUBLIC, giver, served, share
from tests.disclose.federation.lying import QUICK, Answer, Node, serving
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, source

from commonshed.disclose.federation import bringing, peers
from commonshed.disclose.federation.giving import Giving
from commonshed.disclose.federation.pulling import Pulled, pull
from commonshed.disclose.federation.redaction import chunked, write_given
from commonshed.disclose.federation.serving import node_app
from commonshed.errors import ShedDamaged, ShedError
from commonshed.keep import Shed
from commonshed.keep.chunks import leaf_hashes
from commonshed.keep.held import Held, Holding, plain_path
from commonshed.keep.log import Log
from commonshed.keep.store import Question

pytestmark = pytest.mark.usefixtures("one_checker")

DAY = 24 * HOUR
OZONE_TOO = '[[rules]]\nid = "ozone"\nquantities = ["o3"]\nrelease = "public"\n'
OZONE_LATER = '[[rules]]\nid = "ozone"\nquantities = ["o3"]\nrelease = "public"\ndelay = "10 d"\n'


class Clock:
    """A giver's clock that a test moves."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(MARCH + 1000 * DAY)


@pytest.fixture
def up(tmp_path: Path) -> Shed:
    """Mixed segments, sealed before there was a rule, of which fine dust is public."""
    made = giver(tmp_path / "up")
    share(made, PM25_IS_PUBLIC)
    return made


@pytest.fixture
def me(tmp_path: Path, up: Shed, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shed]:
    """A node that asks as the public does: the giver's clock is not that of a signature."""
    monkeypatch.setattr(peers, "_signer", lambda _: None)
    made = make_shed(tmp_path / "me")
    with served(node_app(Giving(up, clock=clock))) as url:
        peers.add(made, url, key=str(up.log.keys.verifiers[0]), name="up", limits=QUICK)
        yield made


def pulled(shed: Shed) -> Pulled:
    (found,) = pull(shed, ["up"], limits=replace(QUICK, quiet=10.0, grace=10.0))
    assert found.problem == ""
    return found


def mirror_of(shed: Shed) -> Shed:
    return Shed.open(shed.path / "peers" / "up")


def asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was withheld is asked for again in every pull, not ever more seldom."""
    monkeypatch.setattr(bringing, "_HOUR", -(1 << 40))
    monkeypatch.setattr(bringing._Bringing, "_due", lambda *_: True)


def test_rows_that_are_withheld_are_known_to_be_missing(me: Shed, up: Shed) -> None:
    found = pulled(me)
    mirror = mirror_of(me)
    assert (found.part, found.none) == (3, 0)
    assert mirror.log.checkpoint() == up.log.checkpoint()
    assert current(mirror.readings()) == current(up.readings(quantities=["pm25"]))
    assert current(me.readings()) == current(up.readings(quantities=["pm25"]))
    assert mirror.check().problems == ()
    missing = mirror.withheld(quantities=["o3"])
    assert sum(each.rows for each in missing) == up.readings(quantities=["o3"]).num_rows == 1800
    assert [each.position for each in missing] == [entry.position for entry in up.entries if entry.kind == "segment"]


def test_withheld_names_only_what_a_question_would_have_asked_for(me: Shed) -> None:
    pulled(me)
    mirror = mirror_of(me)
    assert len(mirror.withheld(start=MARCH, end=MARCH + HOUR)) == 1
    assert mirror.withheld(start=MARCH + 1000 * DAY) == []
    assert mirror.withheld(stations=["nowhere"]) == []
    assert mirror.withheld(as_of=1) == []


def test_of_a_node_that_shares_nothing_the_log_is_held_and_verifies(me: Shed, up: Shed) -> None:
    share(up)
    found = pulled(me)
    mirror = mirror_of(me)
    assert (found.part, found.none, found.segments) == (0, 3, 0)
    assert mirror.log.checkpoint() == up.log.checkpoint()
    assert mirror.readings().num_rows == 0
    assert sum(each.rows for each in mirror.withheld()) == 3600
    assert (mirror.status().readings, mirror.status().segments) == (0, 0)
    assert found.taken is not None
    assert found.taken.new == 0


def test_what_is_released_later_is_brought_over_and_taken_in(me: Shed, up: Shed) -> None:
    pulled(me)
    share(up, PM25_IS_PUBLIC, OZONE_TOO)
    found = pulled(me)
    assert (found.part, found.none) == (0, 0)
    assert found.taken is not None
    assert (found.taken.new, found.taken.corrected) == (1800, 0)
    assert current(me.readings()) == current(up.readings())
    mirror = mirror_of(me)
    assert current(mirror.readings()) == current(up.readings())
    assert mirror.withheld() == []
    again = pulled(me)
    assert again.taken is not None
    assert again.taken.new == again.taken.unchanged == 0


def test_what_was_given_once_is_kept_when_the_rule_becomes_stricter(me: Shed, up: Shed) -> None:
    pulled(me)
    share(up)
    found = pulled(me)
    assert (found.part, found.none) == (3, 0)
    assert current(mirror_of(me).readings()) == current(up.readings(quantities=["pm25"]))


def test_rows_that_grow_old_enough_follow(me: Shed, up: Shed, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    share(up, PM25_IS_PUBLIC, OZONE_LATER)
    asked_at_once(monkeypatch)
    clock.now = MARCH + 20 * DAY
    pulled(me)
    seen = me.readings().num_rows
    assert 0 < me.readings(quantities=["o3"]).num_rows < 1800
    clock.now = MARCH + 100 * DAY
    found = pulled(me)
    assert found.taken is not None
    assert found.taken.new == 3600 - seen
    assert current(me.readings()) == current(up.readings())


def test_what_is_released_late_undoes_no_correction(
    me: Shed, up: Shed, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_at_once(monkeypatch)
    share(up, PM25_IS_PUBLIC, OZONE_LATER)
    up.correct(station="dongsi", quantity="o3", start=MARCH + DAY, value="77", reason="r", author="Li Na")
    # The correction is old enough, the chunk of 256 hours that it corrects is not.
    clock.now = MARCH + 11 * DAY + 2 * HOUR
    pulled(me)
    key = ("dongsi", "o3", "mean", MARCH + DAY, HOUR)
    there = current(me.readings(quantities=["o3"], start=MARCH + 10 * HOUR))
    assert there == {key: (77_000, "valid", None)}
    clock.now = MARCH + 1000 * DAY
    pulled(me)
    assert current(me.readings())[key] == (77_000, "valid", None)
    assert current(me.readings()) == current(up.readings())


def test_without_its_note_of_what_was_taken_all_is_compared_once_more(me: Shed, up: Shed) -> None:
    pulled(me)
    (me.path / "peers" / "up" / "taken.json").unlink()
    share(up, PM25_IS_PUBLIC, OZONE_TOO)
    found = pulled(me)
    assert found.taken is not None
    assert (found.taken.new, found.taken.corrected) == (1800, 0)
    assert current(me.readings()) == current(up.readings())


def test_a_segment_whose_pack_holds_others_rows_comes_by_itself(me: Shed, up: Shed) -> None:
    up.seal_import([hours(40, station="s", first=MARCH + DAY)], source=source("b"))
    found = pulled(me)
    assert found.part == 3
    whole = next(entry.position for entry in up.entries if entry.content.get("rows") == 40)
    assert mirror_of(me).store.contents.segments[whole].digest == up.store.contents.segments[whole].digest
    up.repack()
    pulled(me)
    assert mirror_of(me).check().problems == ()
    assert current(mirror_of(me).readings()) == current(up.readings(quantities=["pm25"]))


def test_a_pull_that_dies_between_two_files_leaves_the_old_state_or_the_new(
    me: Shed, up: Shed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled(me)
    before = current(mirror_of(me).readings())
    share(up, PM25_IS_PUBLIC, OZONE_TOO)
    up.seal_import([hours(40, station="s", first=MARCH + DAY)], source=source("b"))
    for dying, where in ((Log, "follow"), (Held, "write")):
        with monkeypatch.context() as patched:
            patched.setattr(dying, where, lambda *_: (_ for _ in ()).throw(ShedError("the power went")))
            (found,) = pull(me, ["up"], limits=QUICK)
            assert "the power went" in found.problem
        assert mirror_of(me).check().problems == ()
        there = current(mirror_of(me).readings())
        assert before.items() <= there.items() <= current(up.readings()).items()
    pulled(me)
    assert current(mirror_of(me).readings()) == current(up.readings())


# ── rows of a liar ──


@pytest.fixture
def liar(tmp_path: Path) -> Iterator[Node]:
    """A shed served as files that gives fine dust only, and lies when it is told to."""
    made = giver(tmp_path / "liar")
    states = {}
    for position, segment in made.store.contents.segments.items():
        table = made.store.rows_of([segment])
        laid = chunked(table)
        wanted = [laid.pairs[number][1] == "pm25" for number in laid.series]
        leaves = leaf_hashes(table)
        (made.path / "rows").mkdir(exist_ok=True)
        (made.path / "leaves").mkdir(exist_ok=True)
        pieces = partial(iter, [table])
        write_given(made.path / "rows" / f"{position}.parquet", pieces, laid, np.array(wanted), leaves)
        (made.path / "leaves" / str(position)).write_bytes(b"".join(leaves))
        states[str(position)] = "part"

    said = {
        "format": "commonshed-sharing/1",
        "rule": None,
        "audience": "public",
        "sealed": made.size,
        "segments": states,
    }
    (made.path / "sharing.json").write_text(json.dumps(said))
    with serving(made) as node:
        yield node


@pytest.fixture
def lied_to(tmp_path: Path, liar: Node) -> Shed:
    made = make_shed(tmp_path / "lied-to")
    peers.add(made, liar.url, key=liar.key, name="up", limits=QUICK)
    return made


def test_a_static_server_can_give_parts_as_well(lied_to: Shed, liar: Node) -> None:
    pulled(lied_to)
    assert current(lied_to.readings()) == current(liar.shed.readings(quantities=["pm25"]))


def changed_row(answer: Answer) -> None:
    table = pq.read_table(io.BytesIO(answer.body))
    ticks = table["ticks"].to_numpy().copy()
    ticks[0] += 1
    sink = pa.BufferOutputStream()
    pq.write_table(table.set_column(5, table.schema.field("ticks"), pa.array(ticks)), sink)
    answer.body = sink.getvalue().to_pybytes()


def without_a_row(answer: Answer) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pq.read_table(io.BytesIO(answer.body)).slice(1), sink)
    answer.body = sink.getvalue().to_pybytes()


@pytest.mark.parametrize("lie", [changed_row, without_a_row])
def test_rows_that_are_in_no_chunk_that_was_logged_are_caught(lied_to: Shed, liar: Node, lie: object) -> None:
    liar.lies["rows/"] = lie  # type: ignore[assignment]
    (found,) = pull(lied_to, ["up"], limits=QUICK)
    assert found.problem.startswith("wrong-rows: the rows it hands out of entry ")
    assert found.peer.state == "at fault"
    assert not (lied_to.path / "peers" / "up" / "shed.toml").exists()
    liar.lies.clear()
    pulled(lied_to)


def test_hashes_that_do_not_make_the_digest_are_caught(lied_to: Shed, liar: Node) -> None:
    liar.lies["leaves/"] = lambda answer: setattr(answer, "body", answer.body + bytes(32))
    (found,) = pull(lied_to, ["up"], limits=QUICK)
    assert "come with hashes of chunks that make" in found.problem
    liar.lies["leaves/"] = lambda answer: setattr(answer, "body", answer.body[:-1])
    (found,) = pull(lied_to, ["up"], limits=QUICK)
    assert found.problem.startswith("wrong-rows")


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"{}", b"x", b"[" * 100_000, b'{"format":"commonshed-sharing/1"}',
        b'{"format":"commonshed-sharing/1","rule":null,"audience":"public","sealed":1,"segments":{"0-99999999999999":"all"}}',
        b'{"format":"commonshed-sharing/1","rule":null,"audience":"public","sealed":1,"from":9,"to":9,"segments":{}}',
    ],
)  # fmt: skip
def test_a_sharing_document_that_is_none_is_told(lied_to: Shed, liar: Node, body: bytes) -> None:
    liar.lies["sharing.json"] = lambda answer: setattr(answer, "body", body)
    (found,) = pull(lied_to, ["up"], limits=QUICK)
    assert found.problem.startswith("malformed: ")
    assert "sharing.json" in found.problem


# ── held.json ──

positions = st.integers(0, 10_000)
names = st.text(st.characters(codec="utf-8"), max_size=9)
holdings = st.builds(
    Holding, st.sampled_from(["whole", "part"]), names, positions, positions, names, positions, names, names, names,
    positions,
)  # fmt: skip
sets = st.frozensets(positions, max_size=9)
helds = st.builds(Held, st.dictionaries(positions, holdings, max_size=5), sets, sets)


@settings(max_examples=40)
@given(held=helds)
def test_what_is_held_is_read_as_it_was_written(held: Held, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    held.write(folder)
    assert Held.read(folder) == held


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "commonshed-held/9", "placed": {}}', '{"format": 1}'])
def test_a_note_of_what_is_held_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "held.json").write_text(content)
    with pytest.raises(ShedDamaged, match="peer pull"):
        Held.read(tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../x",
        "a/../b",
        "/etc/passwd",
        "a//b",
        "a\\b",
        ".hidden",
        "a/.b",
        "a\0b",
        "a\nb",
        "x" * 300,
        "站" * 90,
        "\ud800",
        None,
        7,
    ],
)
def test_a_path_that_leads_elsewhere_is_none(path: object) -> None:
    with pytest.raises(ValueError, match=r"not a path|surrogates"):
        plain_path(path)


@pytest.mark.parametrize("path", ["2016-03/0a1b.parquet", "editions/network-00.json", "a.toml", "站/点.json"])
def test_a_path_below_its_folder_is_taken_as_it_is(path: str) -> None:
    assert plain_path(path) == path


def test_an_own_shed_holds_everything(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "own")
    shed.seal_import([hours(3)], source=source("a"))
    assert shed.withheld() == []
    assert shed.store.missing(Question()) == []
