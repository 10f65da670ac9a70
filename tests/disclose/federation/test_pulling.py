"""Pulling from a node that tells the truth, over a network that need not."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.disclose.federation.lying import IMPATIENT, QUICK, Answer, Node, serving
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, row, source, table

from commonshed.disclose.federation import peers
from commonshed.disclose.federation.pulling import Pulled, pull
from commonshed.errors import InputError, PeerError, UnknownName
from commonshed.keep import Shed
from commonshed.keep.log import Checkpoint, Note
from commonshed.places import shipped

pytestmark = pytest.mark.usefixtures("one_checker")


@pytest.fixture
def up(tmp_path: Path) -> Shed:
    made = make_shed(tmp_path / "up")
    made.seal_import([hours(60), hours(60, station="guanyuan", quantity="co")], source=source("a"))
    return made


@pytest.fixture
def node(up: Shed) -> Iterator[Node]:
    with serving(up) as found:
        yield found


@pytest.fixture
def me(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "me")


@pytest.fixture
def peered(me: Shed, node: Node) -> Shed:
    peers.add(me, node.url, key=node.key, name="up", limits=QUICK)
    return me


def pulled(shed: Shed, *, taking: bool = True) -> Pulled:
    (found,) = pull(shed, ["up"], taking=taking, limits=QUICK)
    return found


def test_a_peer_is_known_by_the_key_its_owner_gave(me: Shed, node: Node, tmp_path: Path) -> None:
    other = make_shed(tmp_path / "other")
    with pytest.raises(PeerError, match="the key you gave is"):
        peers.add(me, node.url, key=str(other.log.keys.verifiers[0]), name="up", limits=QUICK)
    assert peers.known(me) == []
    with pytest.raises(InputError, match="no verifier key"):
        peers.add(me, node.url, key="secret", name="up", limits=QUICK)
    with pytest.raises(InputError, match="short name"):
        peers.add(me, node.url, key=node.key, name="../up", limits=QUICK)
    found = peers.add(me, node.url, key=node.key, name="up", limits=QUICK)
    assert (found.name, found.origin, found.keys) == ("up", node.shed.log.origin, (node.key,))
    assert me.entries[-1].kind == "peer"
    assert me.entries[-1].content["key"] == node.key
    with pytest.raises(InputError, match="a peer already, as up"):
        peers.add(me, node.url, key=node.key, name="again", limits=QUICK)
    with pytest.raises(UnknownName, match="Did you mean up"):
        peers.named(me, "uq")


def test_a_node_does_not_pull_from_itself(up: Shed, node: Node) -> None:
    with pytest.raises(InputError, match="from itself"):
        peers.add(up, node.url, key=node.key, name="me", limits=QUICK)


def test_what_was_pulled_is_a_shed_that_says_the_same(peered: Shed, up: Shed) -> None:
    up.publish_network(shipped("beijing"))
    found = pulled(peered)
    assert (found.problem, found.peer.state, found.entries, found.segments, found.documents) == ("", "good", 4, 2, 1)
    mirror = Shed.open(peered.path / "peers" / "up")
    assert (mirror.name, mirror.node, mirror.size, str(mirror.zone)) == (up.name, up.node, up.size, "+08:00")
    assert mirror.readings().equals(up.readings())
    assert mirror.check().problems == ()
    assert mirror.withheld() == []
    assert list(mirror.network().stations) == list(up.network().stations)
    assert not (mirror.path / "keys" / "node.key").exists()
    assert not (mirror.path / "incoming").exists()


def test_readings_are_taken_in_under_the_name_of_the_peer(peered: Shed, up: Shed) -> None:
    found = pulled(peered)
    assert found.taken is not None
    assert (found.taken.new, found.taken.corrected) == (120, 0)
    assert current(peered.readings()) == current(up.readings())
    assert set(peered.readings()["origin"].to_pylist()) == {"peer up: test"}


def test_the_same_pull_again_changes_nothing(peered: Shed) -> None:
    pulled(peered)
    size = peered.size
    found = pulled(peered)
    peered.refresh()
    assert (found.entries, found.segments, peered.size) == (0, 0, size)
    assert found.taken is not None
    assert found.taken.new == found.taken.unchanged == 0


def test_a_correction_there_becomes_a_correction_here(peered: Shed, up: Shed) -> None:
    pulled(peered)
    up.correct(station="dongsi", quantity="pm25", start=MARCH, value="99", reason="calibration", author="Li Na")
    found = pulled(peered)
    assert found.taken is not None
    assert (found.taken.new, found.taken.corrected) == (0, 1)
    old, new = peered.readings(start=MARCH, end=MARCH + 1, quantities=["pm25"], history=True).to_pylist()
    assert (old["ticks"], new["ticks"], new["reason"], new["author"]) == (0, 99_000, "calibration", "Li Na")
    assert new["origin"] == "peer up: local"


def test_without_taking_the_readings_stay_in_the_mirror(peered: Shed) -> None:
    found = pulled(peered, taking=False)
    assert found.taken is None
    peered.refresh()
    assert peered.readings().num_rows == 0
    assert Shed.open(peered.path / "peers" / "up").readings().num_rows == 120
    later = pulled(peered)
    assert later.taken is not None
    assert later.taken.new == 120


def test_a_station_has_one_source(peered: Shed) -> None:
    peered.seal_import([hours(3, station="guanyuan", quantity="co", ticks_from=500)], source=source("own"))
    found = pulled(peered)
    assert found.left == {"guanyuan": "this node"}
    assert found.taken is not None
    assert found.taken.new == 60
    assert peered.readings(stations=["guanyuan"]).num_rows == 3
    assert found.peer.claimed == {"guanyuan": "this node"}


def test_the_peer_that_came_first_keeps_a_station(peered: Shed, tmp_path: Path) -> None:
    pulled(peered)
    rival = make_shed(tmp_path / "rival")
    rival.seal_import([hours(9, ticks_from=7), hours(9, station="tiantan")], source=source("r"))
    with serving(rival) as node:
        peers.add(peered, node.url, key=node.key, name="rival", limits=QUICK)
        (found,) = pull(peered, ["rival"], limits=QUICK)
    assert found.left == {"dongsi": "peer up"}
    assert found.taken is not None
    assert found.taken.new == 9
    assert set(peered.readings(stations=["dongsi"])["origin"].to_pylist()) == {"peer up: test"}


def test_a_correction_by_hand_here_claims_no_station(peered: Shed, up: Shed) -> None:
    pulled(peered)
    peered.correct(station="dongsi", quantity="pm25", start=MARCH, flag="invalid", reason="r", author="me")
    up.seal_import([hours(70)], source=source("b"))
    found = pulled(peered)
    assert found.left == {}
    assert found.taken is not None
    assert (found.taken.new, found.taken.overruled) == (10, 0)
    (kept,) = peered.readings(start=MARCH, end=MARCH + 1, quantities=["pm25"]).to_pylist()
    assert (kept["flag"], kept["author"]) == ("invalid", "me")


def test_a_verified_checkpoint_is_cosigned(peered: Shed, up: Shed) -> None:
    found = pulled(peered)
    assert found.cosigned
    note = Note.parse((peered.path / "peers" / "up" / "seen.note").read_bytes())
    witness = peered.log.keys.verifiers[0].witness
    assert note.signers([witness]) == (witness,)
    assert Checkpoint.parse(note.text) == up.log.checkpoint()


def test_what_a_peer_cosigned_of_our_log_is_kept(peered: Shed, up: Shed) -> None:
    with serving(peered) as mine:
        peers.add(up, mine.url, key=mine.key, name="me", limits=QUICK)
        pull(up, ["me"], limits=QUICK)
    found = pulled(peered)
    assert found.witnessed
    assert [path.name for path in (peered.path / "log" / "cosigned").iterdir()] == [
        str(Checkpoint.parse(Note.parse((up.path / "peers" / "me" / "seen.note").read_bytes()).text).size)
    ]


def test_only_what_is_new_is_asked_for(peered: Shed, up: Shed, node: Node) -> None:
    pulled(peered)
    up.seal_import([hours(24, first=MARCH + 90 * 24 * HOUR)], source=source("b"))
    node.asked.clear()
    found = pulled(peered)
    assert (found.entries, found.segments) == (2, 1)
    assert len(node.paths("segments/")) == 1


def test_what_was_repacked_there_is_not_fetched_again(peered: Shed, up: Shed, node: Node) -> None:
    up.seal_import([hours(24, first=MARCH + 70 * HOUR)], source=source("b"))
    pulled(peered)
    report = up.repack()
    assert report.packs_before > report.packs_after
    node.asked.clear()
    found = pulled(peered)
    assert (found.problem, found.entries) == ("", 1)
    assert node.paths("segments/") == []
    mirror = Shed.open(peered.path / "peers" / "up")
    assert current(mirror.readings()) == current(up.readings())
    up.correct(station="dongsi", quantity="pm25", start=MARCH, value="99", reason="r", author="a")
    up.repack()
    assert pulled(peered).problem == ""
    assert current(Shed.open(mirror.path).readings()) == current(up.readings())


def test_several_months_and_tiles_of_entries_come_over(me: Shed, tmp_path: Path) -> None:
    many = make_shed(tmp_path / "many")
    with many.store.sealing():
        many.store.append([("note", {"number": i}) for i in range(600)])
    many.seal_import([table(row(start=MARCH + i * 24 * HOUR, ticks=i) for i in range(120))], source=source("days"))
    with serving(many) as node:
        peers.add(me, node.url, key=node.key, name="up", limits=QUICK)
        assert pulled(me).problem == ""
        many.enter("note", {"number": 600})
        node.asked.clear()
        assert pulled(me).entries == 1
        assert len(node.paths("tile/entries")) == 1
    mirror = Shed.open(me.path / "peers" / "up")
    assert mirror.log.checkpoint() == many.log.checkpoint()
    assert mirror.log.root(257) == many.log.root(257)


# ── over a network that breaks ──


def test_a_pack_that_broke_off_is_gone_on_with(peered: Shed, up: Shed, node: Node) -> None:
    lengths: list[int] = []

    def cut(answer: Answer) -> None:
        lengths.append(len(answer.body))
        if len(lengths) % 3:
            answer.cut = 700
            answer.headers.setdefault("Content-Length", str(len(answer.body)))

    node.lies["segments/"] = cut
    assert pulled(peered).problem == ""
    whole = max(lengths)
    assert min(lengths) < whole
    assert any(headers.get("range") == "bytes=700-" for path, headers in node.asked if "segments/" in path)
    assert current(peered.readings()) == current(up.readings())


def test_a_pull_that_was_killed_goes_on_where_it_ended(peered: Shed, node: Node) -> None:
    seconds = {"n": 0}

    def broken(answer: Answer) -> None:
        seconds["n"] += 1
        answer.cut = 500
        answer.headers.setdefault("Content-Length", str(len(answer.body)))
        if seconds["n"] > 1:
            answer.status, answer.body, answer.cut = 500, b"", None
            answer.headers.clear()

    node.lies["segments/"] = broken
    found = pulled(peered)
    assert found.peer.state == "out of reach"
    assert found.peer.failures == 1
    assert not (peered.path / "peers" / "up" / "shed.toml").exists()
    node.lies.clear()
    node.asked.clear()
    assert pulled(peered).problem == ""
    assert next(headers.get("range") for path, headers in node.asked if "segments/" in path) == "bytes=500-"


def test_what_is_left_of_another_version_is_not_gone_on_with(peered: Shed, up: Shed) -> None:
    segment = next(entry for entry in up.entries if entry.kind == "segment")
    mirror = peers.named(peered, "up").mirror(peered)
    part = mirror.part(f"segments/{segment.content['pack']['path']}")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 300)
    part.with_name(f"{part.name}.etag").write_text(
        f'"segments/{segment.content["pack"]["path"]}-{segment.content["pack"]["bytes"]}"'
    )
    assert pulled(peered).problem == ""
    assert peers.named(peered, "up").state == "good"


def test_a_node_that_is_away_is_told_and_tried_ever_more_seldom(peered: Shed, node: Node) -> None:
    def away(answer: Answer) -> None:
        answer.status, answer.body = 502, b""

    node.lies["."] = away
    waits = []
    for _ in range(3):
        found = pulled(peered)
        assert (found.peer.state, found.taken) == ("out of reach", None)
        waits.append(found.peer.next_try - int(time.time()))
    assert 13 <= waits[0] <= 30 < waits[2] <= 120
    (skipped,) = pull(peered, limits=QUICK)
    assert "not before" in skipped.problem
    node.lies.clear()
    assert pulled(peered).peer.failures == 0


def test_a_node_that_asks_for_a_pause_gets_it(peered: Shed, node: Node) -> None:
    times: list[float] = []

    def busy(answer: Answer) -> None:
        times.append(time.monotonic())
        if len(times) < 3:
            answer.status, answer.body, answer.headers = 429, b"", {"Retry-After": "0"}

    node.lies["checkpoint"] = busy
    assert pulled(peered).problem == ""

    def busier(answer: Answer) -> None:
        answer.status, answer.headers = 429, {"Retry-After": "900"}

    node.lies["checkpoint"] = busier
    found = pulled(peered)
    assert found.peer.state == "waiting"
    assert 890 <= found.peer.next_try - time.time() <= 900


def test_who_asks_is_signed_with_the_key_of_the_node(peered: Shed, up: Shed, node: Node) -> None:
    from commonshed.disclose.federation.signing import check_request

    pulled(peered)
    for path, headers in node.asked:
        signed = check_request(headers["authorization"], method="GET", target=path, origin=up.log.origin)
        assert signed.key == peered.log.keys.verifiers[0]
        assert headers["accept-encoding"] == "identity"


def test_a_copy_without_a_key_asks_as_the_public(peered: Shed, node: Node) -> None:
    (peered.path / "keys" / "node.key").unlink()
    node.asked.clear()
    found = pulled(Shed.open(peered.path), taking=False)
    assert (found.problem, found.cosigned) == ("", False)
    assert all("authorization" not in headers for _, headers in node.asked)


def test_a_good_peer_waits_for_no_bad_one(peered: Shed, node: Node, tmp_path: Path) -> None:
    good = make_shed(tmp_path / "good")
    good.seal_import([hours(5, station="tiantan")], source=source("g"))
    node.lies["checkpoint"] = lambda answer: setattr(answer, "pause", 0.05)
    with serving(good) as other:
        peers.add(peered, other.url, key=other.key, name="good", limits=QUICK)
        found = {each.peer.name: each for each in pull(peered, limits=IMPATIENT)}
    assert found["good"].peer.state == "good"
    assert found["up"].peer.state == "at fault"
    assert peered.readings().num_rows == 5


def test_one_pull_of_a_peer_at_a_time(peered: Shed) -> None:
    with peers.named(peered, "up").mirror(peered).locked():
        assert "another process is pulling" in pulled(peered).problem


def test_a_removed_peer_is_moved_aside_and_what_was_taken_stays(peered: Shed, node: Node) -> None:
    pulled(peered)
    aside = peers.remove(peered, "up", reason="agreement ended")
    assert peers.known(peered) == []
    assert (aside / "seen.note").exists()
    assert peered.readings().num_rows == 120
    assert peered.entries[-1].content["reason"] == "agreement ended"
    peers.add(peered, node.url, key=node.key, name="up", limits=QUICK)
    again = pulled(peered)
    assert again.taken is not None
    assert (again.problem, again.taken.new, again.taken.corrected) == ("", 0, 0)


def test_a_pull_killed_at_any_moment_and_run_again_ends_the_same(peered: Shed, up: Shed) -> None:
    for i in range(3):
        up.seal_import([hours(40, first=MARCH + i * 31 * 24 * HOUR, station=f"s{i}")], source=source(f"k{i}"))
    work = (
        "import sys\nfrom commonshed.keep import Shed\nfrom commonshed.disclose.federation.pulling import pull\n"
        "shed = Shed.open(sys.argv[1])\nprint('ready', flush=True)\nprint(pull(shed, ['up'])[0].problem, flush=True)\n"
    )
    for after in (0.05, 0.5):
        child = subprocess.Popen([sys.executable, "-c", work, str(peered.path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(after)
        child.kill()
        child.communicate()
        folder = peered.path / "peers" / "up"
        if (folder / "shed.toml").exists():
            assert Shed.open(folder).check().problems == ()
    assert pulled(peered).problem == ""
    peered.refresh()
    assert current(peered.readings()) == current(up.readings())
    assert current(Shed.open(peered.path / "peers" / "up").readings()) == current(up.readings())
