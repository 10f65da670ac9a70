"""Three real node processes that pull from each other over a network that breaks; one of them lies."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from tests.disclose.federation.cutting import Cutting, cutting
from tests.disclose.federation.giver import PM25_IS_PUBLIC, share
from tests.disclose.federation.lying import QUICK
from tests.keep.making import HOUR, MARCH, current, hours, make_shed, source

from commonshed.disclose.federation import peers
from commonshed.disclose.federation.client import Limits
from commonshed.disclose.federation.evidence import records
from commonshed.disclose.federation.pulling import pull
from commonshed.keep import Shed
from commonshed.simulate.drill.tampering import copy_for_drill, edit_quietly, sign_anew

pytestmark = pytest.mark.usefixtures("one_checker")

PATIENT = Limits(connect=5, quiet=5, grace=10, slowest=1024, tries=12, pause=0.01, longest_pause=0.2)
NEXT = MARCH + 24 * HOUR


@dataclass
class Running:
    """A node process, and the network before it."""

    shed: Shed
    port: int
    network: Cutting


@contextmanager
def process(path: Path) -> Iterator[int]:
    """``commonshed serve-node`` on a free port."""
    words = [sys.executable, "-m", "commonshed", "serve-node", "--shed", str(path), "--port", "0"]
    child = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    try:
        said = child.stderr.readline()
        assert said.startswith("serving http://127.0.0.1:"), said
        yield int(said.rsplit(":", 1)[1])
    finally:
        child.terminate()
        child.communicate()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    """Three neighbours, each a process of its own behind a network of its own."""
    folder = tmp_path_factory.mktemp("three")
    sheds = {}
    for name in ("north", "middle", "south"):
        shed = make_shed(folder / name)
        share(shed, PM25_IS_PUBLIC)
        for i in range(3):
            shed.seal_import([hours(200, station=f"{name}{i}", first=NEXT, ticks_from=i)], source=source(f"{name}{i}"))
        sheds[name] = shed
    with ExitStack() as stack:
        ports = _all_at_once(stack, {name: shed.path for name, shed in sheds.items()})
        found = {
            name: Running(shed, ports[name], stack.enter_context(cutting(i, ports[name])))
            for i, (name, shed) in enumerate(sheds.items())
        }
        for name, running in found.items():
            for other, far in found.items():
                if other != name:
                    key = str(far.shed.log.keys.verifiers[0])
                    peers.add(running.shed, far.network.url, key=key, name=other, limits=QUICK)
        yield found


def _all_at_once(stack: ExitStack, paths: dict[str, Path]) -> dict[str, int]:
    """Starting takes a while: all of them side by side."""
    ports: dict[str, int] = {}

    def start(name: str, path: Path) -> None:
        ports[name] = stack.enter_context(process(path))

    threads = [threading.Thread(target=start, args=each) for each in paths.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ports


def test_everything_good_arrives_though_the_network_is_cut_at_random(three: dict[str, Running]) -> None:
    for running in three.values():
        running.network.often = 0.9
    waiting = set(three)
    for _ in range(40):
        for name in sorted(waiting):
            others = [each for each in three if each != name]
            if not any(found.problem for found in pull(three[name].shed, others, limits=PATIENT)):
                waiting.discard(name)
    for running in three.values():
        running.network.often = 0.0
    assert not waiting
    assert sum(running.network.cuts for running in three.values()) > 10
    own = {name: current(_own(running.shed)) for name, running in three.items()}
    everything = {key: value for rows in own.values() for key, value in rows.items()}
    for running in three.values():
        running.shed.refresh()
        assert current(running.shed.readings()) == everything
        assert running.shed.check().problems == ()


def test_neighbours_have_cosigned_each_other_s_logs(three: dict[str, Running]) -> None:
    for name, running in three.items():
        pull(running.shed, [each for each in three if each != name], limits=PATIENT)
    for name, running in three.items():
        (found, *_) = pull(running.shed, [each for each in three if each != name], limits=PATIENT)
        assert found.problem == ""
        assert list((running.shed.path / "log" / "cosigned").iterdir())


def test_one_that_rewrites_its_past_is_caught_by_both_and_holds_up_nobody(
    three: dict[str, Running], tmp_path: Path
) -> None:
    liar, honest = three["south"], [three["north"], three["middle"]]
    for running in honest:
        pull(running.shed, limits=PATIENT)
    before = [current(running.shed.readings()) for running in honest]
    drill = copy_for_drill(liar.shed.path, tmp_path / "drill")
    edit = edit_quietly(drill.path, station="south1", quantity="pm25", start=NEXT + 100 * HOUR, value=999_000)
    sign_anew(drill.path, edit)
    with process(drill.path) as port:
        for running in three.values():
            running.network.often = 0.2
        liar.network.to = port
        found = [{each.peer.name: each for each in pull(running.shed, limits=PATIENT)} for running in honest]
        for _ in range(20):
            if all(peers.named(running.shed, "south").state == "caught" for running in honest):
                break
            for running in honest:
                pull(running.shed, ["south"], limits=PATIENT)
        for running in three.values():
            running.network.often = 0.0
    liar.network.to = liar.port
    assert len(found) == 2
    for running, rows in zip(honest, before, strict=True):
        stands = peers.named(running.shed, "south")
        assert stands.state == "caught", stands.problem
        (record,) = [each for each in records(stands.folder(running.shed)) if each.proven]
        (changed,) = record.content["hours"]["rows"]
        assert (changed["station"], changed["before"]["ticks"], changed["after"]["ticks"]) == ("south1", 101, 999_000)
        running.shed.refresh()
        assert current(running.shed.readings()) == rows
        other = "middle" if running is three["north"] else "north"
        (still,) = pull(running.shed, [other], limits=PATIENT)
        assert still.problem == ""


def _own(shed: Shed) -> pa.Table:
    """Readings of a node's own stations."""
    shed.refresh()
    table = shed.readings()
    return table.filter([not origin.startswith("peer ") for origin in table["origin"].to_pylist()])
