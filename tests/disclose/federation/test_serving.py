"""A node on a real socket: what it answers, whom, how often, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.disclose.federation.giver import (
    HEBEI,
    PM25_IS_PUBLIC,
    TIANJIN,
    Asker,
    ask,
    giver,
    pull,
    series,
    served,
    share,
)
from tests.keep.making import hours, source

from commonshed.disclose.federation import running
from commonshed.disclose.federation.giving import Giving
from commonshed.disclose.federation.logfiles import log_paths
from commonshed.disclose.federation.pace import Pace, Paces, network_of
from commonshed.disclose.federation.serving import ServingLimits, node_app
from commonshed.disclose.federation.signing import sign_request
from commonshed.keep import Shed
from commonshed.keep.log import Checkpoint, Note, Signer
from commonshed.keep.log.tiles import pack_entries, unpack_entries

OZONE = '[[rules]]\nid = "ozone"\nquantities = ["o3"]\nrelease = "partner"\npartners = { hebei = {} }\n'


@pytest.fixture(scope="module")
def shed(tmp_path_factory: pytest.TempPathFactory) -> Shed:
    """Public and partner's packs of their own from the start; one mixed segment from before the rule."""
    shed = giver(tmp_path_factory.mktemp("giver") / "shed")
    share(shed, PM25_IS_PUBLIC, OZONE)
    shed.seal_import([hours(300, station="zhi")], source=source("b"))
    return shed


@pytest.fixture(scope="module")
def url(shed: Shed) -> Iterator[str]:
    with served(node_app(Giving(shed))) as address:
        yield address


@pytest.fixture
def public(url: str) -> Asker:
    return Asker(url)


@pytest.fixture
def hebei(url: str, shed: Shed) -> Asker:
    return Asker(url, HEBEI, shed.log.origin)


def has(asker: Asker):  # type: ignore[no-untyped-def]
    return lambda path: asker.get(path, "HEAD").status_code == 200


# ── what is answered ──


def test_everybody_gets_the_log_and_the_public_readings_and_can_check_them(public: Asker) -> None:
    assert series(pull(public.found, has=has(public))) == {
        ("dongsi", "pm25"): 900, ("tiantan", "pm25"): 900, ("zhi", "pm25"): 300,
    }  # fmt: skip


def test_a_partner_gets_what_is_for_it_as_well(hebei: Asker) -> None:
    found = series(pull(hebei.found, has=has(hebei)))
    assert found[("dongsi", "o3")] == found[("tiantan", "o3")] == 900
    assert json.loads(hebei.found("/sharing.json"))["audience"] == "hebei"


def test_another_partner_gets_only_what_everybody_does(url: str, shed: Shed) -> None:
    tianjin = Asker(url, TIANJIN, shed.log.origin)
    assert {quantity for _, quantity in series(pull(tianjin.found, has=has(tianjin)))} == {"pm25"}


def test_a_key_nobody_named_is_everybodys(url: str, shed: Shed) -> None:
    stranger = Asker(url, Signer("commonshed/stranger", b"s" * 32), shed.log.origin)
    assert json.loads(stranger.found("/sharing.json"))["audience"] == "public"


def test_a_node_says_who_it_is(public: Asker, shed: Shed) -> None:
    said = json.loads(public.found("/node.json"))
    assert (said["format"], said["name"], said["node"]) == ("commonshed-node/1", "test", shed.node)
    assert (said["origin"], said["keys"]) == (shed.log.origin, [str(key) for key in shed.log.keys.verifiers])


def test_the_log_is_handed_out_as_it_stands_in_its_folder(public: Asker, shed: Shed) -> None:
    assert public.found("/checkpoint") == shed.log.path.read_bytes()
    for path in log_paths(shed.size):
        answer = public.get(f"/{path}")
        assert answer.content == (shed.path / "log" / path).read_bytes()
        assert "immutable" in answer.headers["cache-control"]


def test_a_smaller_part_of_a_bundle_can_be_had_for_an_older_checkpoint(public: Asker, shed: Shed) -> None:
    texts = [shed.log.entry_bytes(position) for position in range(3)]
    assert public.found("/tile/entries/000.p/3") == pack_entries(texts)
    assert list(unpack_entries(public.found("/tile/entries/000.p/2"))) == texts[:2]
    assert public.found("/tile/0/000.p/3") == public.found(f"/tile/0/000.p/{shed.size}")[:96]


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/0/000.p/99", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/x000/000.p/1",
     "tile/9/000.p/1", "tile/entries/001", "tile/0/000.p/-1", "tile/00/000.p/1", "tile/a/000"],
)  # fmt: skip
def test_what_no_log_of_this_size_has_is_not_there(public: Asker, path: str) -> None:
    assert public.get(f"/{path}").status_code == 404


def test_what_was_never_acknowledged_is_not_handed_out(public: Asker, shed: Shed) -> None:
    beyond = shed.path / "log" / f"tile/0/000.p/{shed.size + 1}"
    beyond.write_bytes(bytes(32 * (shed.size + 1)))
    try:
        assert public.get(f"/tile/0/000.p/{shed.size + 1}").status_code == 404
    finally:
        beyond.unlink()


def test_documents_are_handed_out_that_the_log_names(public: Asker, shed: Shed) -> None:
    [document] = shed.documents("sharing-rule")
    assert public.found(f"/places/{document.path}") == shed.document_bytes(document)
    (shed.path / "places" / "draft.toml").write_text("secret")
    assert public.get("/places/draft.toml").status_code == 404


def test_a_page_of_what_is_shared_is_about_what_was_asked(public: Asker, shed: Shed) -> None:
    said = json.loads(public.found("/sharing.json?from=1&to=2"))
    assert (said["from"], said["to"], said["sealed"]) == (1, 2, shed.size)
    assert said["segments"] == {"1-2": "part"}
    for query in ("from=x", "to=-1", "from=" + "9" * 30):
        assert public.get(f"/sharing.json?{query}").status_code == 404


def test_what_a_neighbour_showed_us_is_shown_on(public: Asker, shed: Shed) -> None:
    other = Signer("commonshed/other", b"o" * 32)
    folder = shed.path / "peers" / "other"
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    (folder / "keys" / "node.pub").write_text(f"{other.verifier}\n")
    note = Note(Checkpoint(other.name, 9, bytes(32)).text).signed_by(other).encode()
    (folder / "seen.note").write_bytes(note)
    assert public.found(f"/seen/{other.verifier.key_id.hex()}") == note
    assert public.get("/seen/00000000").status_code == 404
    assert public.get("/seen/..%2f..%2fshed.toml").status_code == 404


def test_a_new_entry_is_there_at_once_while_another_process_is_sealing(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed", PM25_IS_PUBLIC)
    other = Shed.open(shed.path)
    with served(node_app(Giving(shed))) as address:
        asker = Asker(address)
        asker.found("/checkpoint")
        with other.store.sealing():
            other.store.append([("agreement-noted", {"what": "x"})])
            assert Checkpoint.parse(Note.parse(asker.found("/checkpoint")).text).size == other.size == 9
            pull(asker.found, has=has(asker))


def test_a_pack_that_was_repacked_is_found_where_it_is_now(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed", PM25_IS_PUBLIC)
    shed.seal_import([hours(300, station="zhi")], source=source("b"))
    with served(node_app(Giving(Shed.open(shed.path)))) as address:
        asker = Asker(address)
        old = shed.store.contents.locations[max(shed.store.contents.segments)].path
        assert asker.get(f"/segments/{old}").status_code == 200
        shed.repack()
        shed.seal_import([hours(1, station="zhi", quantity="so2")], source=source("c"))  # sweeps
        assert not (shed.path / "segments" / old).exists()
        assert asker.get(f"/segments/{old}").status_code == 404
        assert sum(series(pull(asker.found, has=has(asker))).values()) == 2100


# ── parts of files ──


def rows_path(shed: Shed) -> str:
    return f"/rows/{max(shed.store.contents.segments)}.parquet"


@pytest.mark.parametrize(
    ("asked", "low", "high"),
    [("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=100-", 100, None), ("bytes=-7", -7, None),
     ("bytes=5-999999999", 5, None), ("bytes=-999999999", 0, None)],
)  # fmt: skip
def test_a_part_of_a_file_is_sent_as_asked(public: Asker, shed: Shed, asked: str, low: int, high: int | None) -> None:
    whole = public.found(rows_path(shed))
    answer = public.get(rows_path(shed), Range=asked)
    first = low % len(whole) if low < 0 else low
    last = (len(whole) if high is None else high) - 1
    assert (answer.status_code, answer.content) == (206, whole[low:high])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=5-4", "bytes=0-1,4-5", "bytes=x-", "bytes=-", "lines=1-2", ""])
def test_a_range_we_do_not_understand_is_passed_over(public: Asker, shed: Shed, asked: str) -> None:
    answer = public.get(rows_path(shed), Range=asked)
    assert (answer.status_code, answer.content) == (200, public.found(rows_path(shed)))


def test_a_range_beyond_the_file_is_refused(public: Asker, shed: Shed) -> None:
    size = len(public.found(rows_path(shed)))
    for asked in (f"bytes={size}-", "bytes=-0"):
        answer = public.get(rows_path(shed), Range=asked)
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")


def test_going_on_with_another_version_begins_anew(public: Asker, shed: Shed) -> None:
    etag = public.get(rows_path(shed)).headers["etag"]
    assert public.get(rows_path(shed), Range="bytes=4-9", **{"If-Range": etag}).status_code == 206
    assert public.get(rows_path(shed), Range="bytes=4-9", **{"If-Range": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/checkpoint", "/sharing.json", "/tile/0/000.p/2", "/leaves/1", "rows"])
def test_what_one_has_already_is_not_sent_again(public: Asker, shed: Shed, path: str) -> None:
    path = rows_path(shed) if path == "rows" else path
    etag = public.get(path).headers["etag"]
    for said in (etag, f'"x", W/{etag}', "*"):
        answer = public.get(path, **{"If-None-Match": said})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert public.get(path, **{"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.parametrize("path", ["/checkpoint", "/leaves/1", "/rows/1.parquet", "/nothing"])
def test_head_says_what_get_would(public: Asker, path: str) -> None:
    get, head = public.get(path), public.get(path, "HEAD")
    assert (head.status_code, head.content) == (get.status_code, b"")
    for name in ("content-length", "content-type", "etag"):
        assert head.headers.get(name) == get.headers.get(name)


def test_what_depends_on_who_asks_is_kept_by_no_cache_on_the_way(public: Asker, shed: Shed) -> None:
    for path in ("/sharing.json", rows_path(shed)):
        headers = public.get(path).headers
        assert (headers["cache-control"], headers["vary"]) == ("private, no-cache", "Authorization")


# ── who asks ──


def test_a_forged_or_foreign_signature_is_refused(url: str, shed: Shed) -> None:
    good = sign_request(HEBEI, method="GET", target="/checkpoint", origin=shed.log.origin)
    for header in (
        sign_request(HEBEI, method="GET", target="/checkpoint", origin="commonshed/other"),
        sign_request(HEBEI, method="GET", target="/sharing.json", origin=shed.log.origin),
        sign_request(HEBEI, method="GET", target="/checkpoint", origin=shed.log.origin, at=1_600_000_000),
        good.replace(str(HEBEI.verifier), str(TIANJIN.verifier)),
        "Basic dXNlcjpwYXNz",
    ):
        answer = ask(f"{url}/checkpoint", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Commonshed"
        assert set(answer.json()) == {"problem", "mend"}
    assert ask(f"{url}/checkpoint", headers={"Authorization": good}).status_code == 200


def test_the_query_is_signed_as_it_was_sent(hebei: Asker, url: str, shed: Shed) -> None:
    assert hebei.get("/sharing.json?from=0&to=1").status_code == 200
    said = sign_request(HEBEI, method="GET", target="/sharing.json?from=0&to=1", origin=shed.log.origin)
    assert ask(f"{url}/sharing.json?from=0&to=2", headers={"Authorization": said}).status_code == 401


def test_what_is_not_for_an_asker_is_refused_in_words(public: Asker, hebei: Asker, shed: Shed) -> None:
    location = shed.store.contents.locations[1]
    new = max(shed.store.contents.segments)
    assert [public.get(f"/{what}").status_code for what in (f"leaves/{new}", f"rows/{new}.parquet")] == [200, 200]
    answer = public.get(f"/segments/{location.path}")
    assert answer.status_code == 403
    assert "does not go" in answer.json()["problem"] or "do not go" in answer.json()["problem"]
    assert hebei.get(f"/segments/{location.path}").status_code == 200


def test_a_node_below_a_path_of_a_larger_application_knows_its_partners(shed: Shed) -> None:
    app = Starlette(routes=[Mount("/air/node", node_app(Giving(shed)))])
    with served(app) as address:
        asker = Asker(f"{address}/air/node", HEBEI, shed.log.origin)
        assert json.loads(asker.found("/sharing.json?from=0"))["audience"] == "hebei"
        [document] = shed.documents("sharing-rule")
        assert asker.found(f"/places/{document.path}") == shed.document_bytes(document)
        assert asker.get("/none").json()["problem"] == "a node has no /none"


# ── how often ──


def test_who_asks_too_often_is_told_when_to_come_back(shed: Shed) -> None:
    limits = ServingLimits(address=Pace(burst=3, rate=0.01), partner=Pace(burst=5, rate=0.01))
    with served(node_app(Giving(shed), limits=limits)) as address:
        everybody, hebei = Asker(address), Asker(address, HEBEI, shed.log.origin)
        assert [everybody.get("/checkpoint").status_code for _ in range(2)] == [200, 200]
        assert [hebei.get("/checkpoint").status_code for _ in range(6)] == [200] * 5 + [429]
        strangers = [Asker(address, Signer(f"commonshed/s{i}", bytes([i]) * 32), shed.log.origin) for i in range(3)]
        assert [each.get("/checkpoint").status_code for each in strangers] == [200, 429, 429]
        answer = everybody.get("/checkpoint")
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 100
        assert set(answer.json()) == {"problem", "mend"}


def test_bad_signatures_use_up_the_pace_of_their_address(shed: Shed) -> None:
    with served(node_app(Giving(shed), limits=ServingLimits(address=Pace(burst=2, rate=0.01)))) as address:
        statuses = [ask(f"{address}/checkpoint", headers={"Authorization": "x"}).status_code for _ in range(3)]
        assert statuses == [401, 401, 429]


def test_a_pace_fills_up_again_with_time() -> None:
    now = 0.0
    paces = Paces(Pace(burst=2, rate=0.5), clock=lambda: now)
    assert [paces.wait("a") for _ in range(3)] == [0, 0, 2]
    assert paces.wait("b") == 0
    now = 1.9
    assert paces.wait("a", take=False) == 1
    now = 2.0
    assert [paces.wait("a", take=False), paces.wait("a"), paces.wait("a")] == [0, 0, 2]
    now = 1000.0
    assert [paces.wait("a") for _ in range(3)] == [0, 0, 2]


def test_one_subscriber_is_one_asker() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of(None) == network_of("unix") == "unknown"


# ── what is refused ──


def raw(url: str, text: str) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as wire:
        wire.sendall(text.encode())
        return b"".join(iter(lambda: wire.recv(65536), b""))


@pytest.mark.parametrize(
    "path",
    ["/../shed.toml", "/places/../shed.toml", "/places/%2e%2e/shed.toml", "/places/..%2f..%2fkeys/node.key",
     "/segments/../keys/node.key", "/segments/2016-03/../../shed.toml", "/statements/....//shed.toml",
     "//etc/passwd", "/places//etc/passwd", "/places/%00", "/tile/../checkpoint", "/rows/../1.parquet",
     "/seen/../../keys/node.pub", "/keys/node.key", "/shed.toml", "/places/\\..\\shed.toml"],
)  # fmt: skip
def test_no_path_leads_out_of_what_the_log_names(url: str, shed: Shed, path: str) -> None:
    answer = raw(url, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 404")
    assert (shed.path / "keys" / "node.key").read_bytes().strip() not in answer
    assert b"format = 2" not in answer
    assert b"root:" not in answer


def test_nothing_can_be_sent_in(public: Asker, url: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = public.get("/checkpoint", method)
        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
        assert set(answer.json()) == {"problem", "mend"}
    answer = ask(f"{url}/checkpoint", content=b"x" * 10)
    assert answer.status_code == 413
    assert raw(url, "GET /checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").startswith(
        b"HTTP/1.1 413"
    )


def test_a_path_beyond_all_measure_is_refused(public: Asker) -> None:
    assert public.get("/" + "a" * 3000).status_code == 414
    assert public.get("/sharing.json?from=" + "0" * 3000).status_code == 414


def test_a_fault_of_ours_is_told_without_telling_where_we_live(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed", PM25_IS_PUBLIC)
    for pack in (shed.path / "segments").rglob("*.parquet"):
        pack.write_bytes(b"PAR1")
    with served(node_app(Giving(Shed.open(shed.path)))) as address:
        asker = Asker(address)
        answer = asker.get(rows_path(shed).replace(str(max(shed.store.contents.segments)), "2"))
        assert answer.status_code == 500
        assert str(tmp_path) not in answer.text
        assert asker.get("/checkpoint").status_code == 200


def test_who_never_finishes_asking_is_cut(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_HEAD", 0.2)
    with served(node_app(Giving(shed))) as address:
        assert raw(address, "") == b""
        assert raw(address, "GET /checkpoint HTT") == b""
        assert raw(address, "GET /checkpoint HTTP/1.1\r\nHost: x\r\n\r\nGET /").startswith(b"HTTP/1.1 200")


# ── as a process ──


def test_a_node_runs_until_it_is_told_to_end_and_ends_well(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed", PM25_IS_PUBLIC)
    command = [sys.executable, "-m", "commonshed", "serve-node", "--shed", str(shed.path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": ""}) as node:
        assert node.stderr is not None
        told = re.search(r"http://\S+", node.stderr.readline())
        assert told is not None
        asker = Asker(told[0])
        assert sum(series(pull(asker.found, has=has(asker))).values()) == 1800
        node.send_signal(signal.SIGTERM)
        assert (node.wait(30), node.stderr.read()) == (0, "ended\n")
