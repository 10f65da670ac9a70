"""The public tree: any web server can host it, whatever interrupted its writing, and nothing else is in it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.disclose.federation.giver import (
    HEBEI,
    PM25_IS_PUBLIC,
    Asker,
    ask,
    giver,
    giving_at,
    pull,
    series,
    share,
    spoken,
)
from tests.disclose.federation.test_giving import SECRETS, secret_rows
from tests.keep.making import HOUR, MARCH, hours, make_shed, source

from commonshed.disclose.federation import publishing
from commonshed.disclose.federation.giving import Given, Giving
from commonshed.disclose.federation.publishing import PublishReport, publish
from commonshed.errors import ShedError
from commonshed.keep import Shed
from commonshed.keep.durable import write_file
from commonshed.keep.log import Checkpoint, Note, Signer

EVERYTHING = '[[rules]]\nid = "all"\nrelease = "public"\n'
LAST = {"node.json", "sharing.json", "checkpoint", ".published.json"}


def published(shed: Shed, folder: Path) -> PublishReport:
    return publish(Giving(Shed.open(shed.path)), folder)


def files(folder: Path) -> dict[str, bytes]:
    return {
        each.relative_to(folder).as_posix(): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()
    }


def data(folder: Path) -> dict[str, bytes]:
    """What a reader may come for: without what says when it was published."""
    return {path: content for path, content in files(folder).items() if path not in ("node.json", ".published.json")}


def pulled(folder: Path) -> pa.Table:
    """What a stranger gets from the tree, checked."""
    return pull(lambda path: (folder / path[1:]).read_bytes(), has=lambda path: (folder / path[1:]).is_file())


@pytest.fixture
def shed(tmp_path: Path) -> Shed:
    """Mixed segments from before the rule, and a public one from after it."""
    shed = giver(tmp_path / "shed")
    share(shed, PM25_IS_PUBLIC)
    shed.seal_import([hours(300, station="zhi")], source=source("b"))
    return shed


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return tmp_path / "tree"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """As ``python -m http.server`` hosts it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_plain_gets_from_a_plain_web_server_bring_everything_public_and_it_can_be_checked(
    shed: Shed, tree: Path
) -> None:
    report = published(shed, tree)
    assert (report.size, dict(report.states)) == (8, {"part": 3, "whole": 2})
    with hosted(tree) as address:
        asker = Asker(address)
        found = pull(asker.found, has=lambda path: asker.get(path, "HEAD").status_code == 200)
        assert ask(f"{address}/sharing.json?from=0&to=3").json()["to"] == 7
    assert series(found) == {("dongsi", "pm25"): 900, ("tiantan", "pm25"): 900, ("zhi", "pm25"): 300}


def test_nothing_of_what_is_internal_is_in_the_tree(tmp_path: Path, tree: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    shed.seal_import([pa.concat_tables([hours(600), secret_rows()])], source=source("a.csv"))
    shed.correct(
        station="dongsi", quantity="o3", start=MARCH, value="5.5", reason="typed wrongly: 5551234", author="Li Na"
    )
    share(shed, PM25_IS_PUBLIC)
    published(shed, tree)
    there = files(tree)
    assert any(path.startswith("rows/") for path in there)
    for path, content in there.items():
        for secret in SECRETS:
            assert secret not in path
            assert secret.encode() not in content
            assert not [said for said in spoken(content) if secret in said]


def test_what_is_for_partners_is_not_in_the_tree(tmp_path: Path, tree: Path) -> None:
    shed = giver(tmp_path / "shed", '[[rules]]\nid = "ours"\nrelease = "partner"\npartners = { hebei = {} }\n')
    published(shed, tree)
    assert pulled(tree).num_rows == 0
    assert not [path for path in files(tree) if path.startswith(("segments/", "rows/", "leaves/"))]


def test_only_what_is_new_is_written(shed: Shed, tree: Path) -> None:
    first = published(shed, tree)
    before = {path: (tree / path).stat().st_mtime_ns for path in files(tree)}
    again = published(shed, tree)
    assert (again.written, again.kept) == (3, first.written - 3)
    assert {path for path, at in before.items() if (tree / path).stat().st_mtime_ns != at} <= LAST
    shed.seal_import([hours(10, station="new")], source=source("c"))
    later = published(shed, tree)
    new = set(files(tree)) - set(before)
    assert later.written == 3 + len(new)
    assert {path.split("/")[0] for path in new} == {"segments", "tile"}
    assert sum(series(pulled(tree)).values()) == 2110


def test_with_time_more_chunks_go_out_under_the_same_name(tmp_path: Path, tree: Path) -> None:
    shed = giver(tmp_path / "shed", PM25_IS_PUBLIC + 'delay = "24 h"\n')
    counts = []
    for hour in (0, 300, 600, 1000):
        publish(giving_at(shed, MARCH + hour * HOUR), tree)
        counts.append(pulled(tree).num_rows)
    assert counts == [0, 16 + 512, 16 + 1024, 1800]
    assert {path.split("/")[0] for path in files(tree)} >= {"segments"}


def test_what_newer_files_took_the_place_of_stays_for_one_more_time(shed: Shed, tree: Path) -> None:
    shed.seal_import([hours(10, station="new")], source=source("c"))
    published(shed, tree)
    old = {path for path in files(tree) if path.startswith("segments/")}
    tile = f"tile/0/000.p/{shed.size}"
    shed.repack()
    published(shed, tree)
    assert old | {tile} <= set(files(tree))
    pulled(tree)
    assert published(shed, tree).removed == len(old) + 2
    assert not (old | {tile}) & set(files(tree))
    pulled(tree)


def test_what_is_no_longer_given_is_gone(shed: Shed, tree: Path) -> None:
    published(shed, tree)
    share(shed, '[[rules]]\nid = "here"\nstations = ["zhi"]\nrelease = "public"\n')
    published(shed, tree)
    assert not [path for path in files(tree) if path.startswith("rows/")]
    assert series(pulled(tree)) == {("zhi", "pm25"): 300}
    share(shed)
    published(shed, tree)
    assert pulled(tree).num_rows == 0
    assert not [path for path in files(tree) if path.startswith(("rows/", "segments/", "leaves/"))]


class _Killed(BaseException):
    """As a kill: nothing that handles errors sees it."""


def interrupted(monkeypatch: pytest.MonkeyPatch, run: Callable[[], object], after: int) -> bool:
    """Run until so many files were written or removed; whether it was stopped there."""
    left = after

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*args: Any, **named: Any) -> Any:
            nonlocal left
            if left == 0:
                if isinstance(args[0], Given):
                    args[0].file.close()
                raise _Killed
            left -= 1
            return step(*args, **named)

        return stepping

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "write_file", counted(write_file))
        patch.setattr(publishing, "_copy", counted(publishing._copy))
        patch.setattr(Path, "unlink", counted(Path.unlink))
        try:
            run()
        except _Killed:
            return True
    return False


def test_a_run_killed_at_any_step_leaves_a_tree_that_can_be_served_and_finished(
    tmp_path: Path, shed: Shed, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = tmp_path / "fresh"

    def bring() -> None:
        published(shed, tree)

    stages: list[Callable[[], object]] = [
        lambda: None,
        lambda: shed.seal_import([hours(10, station="new")], source=source("c")),
        lambda: shed.repack(),
        lambda: share(shed, '[[rules]]\nid = "here"\nstations = ["zhi", "new"]\nrelease = "public"\n'),
    ]
    steps = 0
    for number, change in enumerate(stages):
        change()
        before = pulled(tree) if number else None
        for after in range(200):
            if not interrupted(monkeypatch, bring, after):
                break
            steps += 1
            if before is not None:
                found = pulled(tree)  # every digest is checked on the way
                assert found.num_rows <= max(before.num_rows, 2110)
        else:
            pytest.fail("it never came to its end")
        published(shed, fresh)
        published(shed, fresh)
        published(shed, tree)
        published(shed, tree)
        assert data(tree) == data(fresh)
        for path in list(files(fresh)):
            (fresh / path).unlink()
        for folder in sorted((each for each in fresh.rglob("*") if each.is_dir()), reverse=True):
            folder.rmdir()
    assert steps > 30


def test_a_process_that_is_really_killed_leaves_a_tree_that_can_be_served(shed: Shed, tree: Path) -> None:
    for i in range(20):
        shed.seal_import([hours(30, station=f"s{i}")], source=source(str(i)))
    command = [sys.executable, "-m", "commonshed", "publish", "--shed", str(shed.path), "--to", str(tree)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (tree / "rows").exists():
            time.sleep(0.001)
        process.kill()
    if (tree / "checkpoint").exists():
        pulled(tree)
    published(shed, tree)
    assert sum(series(pulled(tree)).values()) == 2100 + 600


def test_a_folder_of_something_else_is_left_alone(shed: Shed, tree: Path, tmp_path: Path) -> None:
    tree.mkdir()
    (tree / "thesis.txt").write_text("mine")
    with pytest.raises(ShedError, match="holds something else"):
        published(shed, tree)
    assert files(tree) == {"thesis.txt": b"mine"}
    other = giver(tmp_path / "other", EVERYTHING)
    published(other, tmp_path / "theirs")
    with pytest.raises(ShedError, match="what another node published"):
        published(shed, tmp_path / "theirs")


def test_another_past_is_never_published_over_the_one_others_saw(shed: Shed, tree: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    subprocess.run(["cp", "-r", str(shed.path), str(backup)], check=True)
    shed.seal_import([hours(10, station="new")], source=source("c"))
    published(shed, tree)
    before = files(tree)
    restored = Shed.open(backup)
    with pytest.raises(ShedError, match="not in the past of this log"):
        published(restored, tree)
    restored.seal_import([hours(9, station="else")], source=source("d"))
    restored.seal_import([hours(9, station="more")], source=source("e"))
    with pytest.raises(ShedError, match="not in the past of this log"):
        published(restored, tree)
    assert files(tree) == before


def test_two_do_not_publish_into_one_folder(shed: Shed, tree: Path) -> None:
    published(shed, tree)
    descriptor = os.open(tree, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(ShedError, match="another process is publishing"):
            published(shed, tree)
    finally:
        os.close(descriptor)


def test_a_shed_repacked_while_it_is_published_is_published_as_it_is_now(
    shed: Shed, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shed.seal_import([hours(300, station="new")], source=source("c"))
    once = [
        lambda: (
            Shed.open(shed.path).repack(),
            Shed.open(shed.path).seal_import([hours(1, station="z")], source=source("z")),
        )
    ]
    bring = publishing._Tree._bring

    def repacking(self: Any, path: str, file: Any) -> None:
        if path.startswith("segments/") and once:
            once.pop()()
        bring(self, path, file)

    monkeypatch.setattr(publishing._Tree, "_bring", repacking)
    report = publish(Giving(shed), tree)
    assert not once
    assert report.size == Shed.open(shed.path).size
    assert sum(series(pulled(tree)).values()) == 2401


def test_what_neighbours_showed_us_is_in_the_tree(shed: Shed, tree: Path) -> None:
    folder = shed.path / "peers" / "hebei" / "keys"
    folder.mkdir(parents=True)
    (folder / "node.pub").write_text(f"{HEBEI.verifier}\n")
    note = Note(Checkpoint(HEBEI.name, 9, bytes(32)).text).signed_by(HEBEI).encode()
    (folder.parent / "seen.note").write_bytes(note)
    broken = shed.path / "peers" / "broken"
    broken.mkdir()
    (broken / "seen.note").write_bytes(b"half a no")
    published(shed, tree)
    assert (tree / "seen" / HEBEI.verifier.key_id.hex()).read_bytes() == note
    newer = Note(Checkpoint(HEBEI.name, 10, bytes(32)).text).signed_by(Signer(HEBEI.name, HEBEI.seed)).encode()
    (folder.parent / "seen.note").write_bytes(newer)
    published(shed, tree)
    assert (tree / "seen" / HEBEI.verifier.key_id.hex()).read_bytes() == newer


def test_a_long_log_is_there_to_its_last_tile(tmp_path: Path, tree: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    for count in (250, 6, 1, 300):
        with shed.store.sealing():
            shed.store.append([("agreement-noted", {"what": str(i)}) for i in range(count)])
        published(shed, tree)
        pulled(tree)
        assert Checkpoint.parse(Note.parse((tree / "checkpoint").read_bytes()).text).size == shed.size
    published(shed, tree)
    tiles = sorted(path for path in files(tree) if path.startswith("tile/"))
    assert tiles == [
        "tile/0/000", "tile/0/001", "tile/0/002.p/45", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/45",
    ]  # fmt: skip
    assert json.loads((tree / "sharing.json").read_bytes())["segments"] == {}
