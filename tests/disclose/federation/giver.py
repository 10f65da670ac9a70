"""A giver for tests: a shed with a sharing rule, an ASGI server on loopback, and an asker that trusts nobody."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import uvicorn
from tests.keep.making import HOUR, hours, make_shed, source

from commonshed.disclose.federation.giving import Giving
from commonshed.disclose.federation.offers import Offer
from commonshed.disclose.federation.running import _Protocol
from commonshed.disclose.federation.signing import sign_request
from commonshed.keep import READINGS, Shed
from commonshed.keep.chunks import leaf_hashes
from commonshed.keep.contents import Contents
from commonshed.keep.log import Checkpoint, Note, Signer, Verifier
from commonshed.keep.log.entries import decode
from commonshed.keep.log.tiles import unpack_entries
from commonshed.keep.merkle import Frontier, leaf_hash, merkle_root
from commonshed.keep.rows import ordered_digest

HEBEI = Signer("commonshed/hebei", b"h" * 32)
TIANJIN = Signer("commonshed/tianjin", b"t" * 32)

HEAD = """kind = "sharing-rule"
id = "test"
title = { en = "A test", zh = "测试" }
in_force_from = 2016-01-01T00:00:00+08:00
[provenance]
status = "unverified"
"""

PARTNERS = f"""[partners.hebei]
name = {{ en = "Hebei", zh = "河北" }}
key = "{HEBEI.verifier}"
[partners.tianjin]
name = {{ en = "Tianjin", zh = "天津" }}
key = "{TIANJIN.verifier}"
"""

PM25_IS_PUBLIC = """[[rules]]
id = "fine-dust"
quantities = ["pm25"]
release = "public"
"""


def rule(*rules: str, head: str = HEAD) -> bytes:
    """A sharing rule with two partners."""
    return "\n".join([head, PARTNERS, *rules]).encode()


def share(shed: Shed, *rules: str) -> None:
    """Put a rule in force."""
    shed.record("sharing-rule", "sharing.toml", rule(*rules))


def giver(path: Path, *rules: str) -> Shed:
    """Two stations × two quantities × 900 hours from the first of March 2016, sealed under a rule."""
    shed = make_shed(path)
    if rules:
        share(shed, *rules)
    series = [
        hours(900, station=station, quantity=quantity, ticks_from=ticks)
        for station, quantity, ticks in (
            ("dongsi", "pm25", 0),
            ("dongsi", "o3", 10_000),
            ("tiantan", "pm25", 20_000),
            ("tiantan", "o3", 30_000),
        )
    ]
    shed.seal_import([pa.concat_tables(series)], source=source("march.csv"))
    return shed


def ask(url: str, method: str = "GET", **asked: Any) -> httpx.Response:
    """Ask once, over a connection of its own."""
    with httpx.Client(verify=False, trust_env=False, timeout=30) as client:
        return client.request(method, url, **asked)


class Asker:
    """Asks over HTTP as anybody may, or signs as a partner."""

    def __init__(self, url: str, signer: Signer | None = None, origin: str = "") -> None:
        self.url = url
        self.signer = signer
        self.origin = origin

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        """Ask for one thing."""
        if self.signer is not None:
            said = sign_request(self.signer, method=method, target=path, origin=self.origin)
            headers = {"Authorization": said, **headers}
        return ask(f"{self.url}{path}", method, headers=headers)

    def found(self, path: str) -> bytes:
        """The content of what has to be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:200])
        return answer.content


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application on loopback; its address."""
    config = uvicorn.Config(app, port=0, http=_Protocol, lifespan="off", log_level="critical", server_header=False)
    server = uvicorn.Server(config)
    ready = threading.Event()
    startup = server.startup

    async def told(sockets: Any = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = told  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(30)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def pull(find: Callable[[str], bytes], *, has: Callable[[str], bool]) -> pa.Table:
    """Every row that is given, after everything was checked that can be checked from outside.

    Parameters
    ----------
    find : callable
        Content of a path of the node; fails where it is not there.
    has : callable
        Whether a path is there.
    """
    said = json.loads(find("/node.json"))
    note = Note.parse(find("/checkpoint")).checked([Verifier.parse(key) for key in said["keys"]])
    checkpoint = Checkpoint.parse(note.text)
    assert checkpoint.origin == said["origin"]
    contents = _contents(find, checkpoint)
    offer = Offer.parse(json.loads(find("/sharing.json")))
    rows = [READINGS.empty_table()]
    for documents in contents.documents.values():
        for document in documents:
            find(f"/places/{document.path}")
    for position, segment in contents.segments.items():
        state = offer.of(position)
        location = contents.locations[position]
        if state == "whole" and has(f"/segments/{location.path}"):
            pack = _table(find(f"/segments/{location.path}"))
            table = pack.slice(location.offset, segment.extent.rows)
            assert ordered_digest(table.unify_dictionaries().combine_chunks()) == segment.digest
            rows.append(table)
            continue
        if state == "none":
            continue
        content = find(f"/leaves/{position}")
        leaves = [content[at : at + 32] for at in range(0, len(content), 32)]
        assert merkle_root(leaves).hex() == segment.digest
        table = _table(find(f"/rows/{position}.parquet"))
        given = leaf_hashes(table)
        assert given == [leaf for leaf in leaves if leaf in set(given)]
        assert (given == leaves) == (state == "whole")
        rows.append(table)
    return pa.concat_tables(rows).unify_dictionaries().combine_chunks()


def series(table: pa.Table) -> dict[tuple[str, str], int]:
    """Rows of each station and quantity."""
    pairs = zip(table["station"].to_pylist(), table["quantity"].to_pylist(), strict=True)
    found: dict[tuple[str, str], int] = {}
    for pair in pairs:
        found[pair] = found.get(pair, 0) + 1
    return found


def spoken(content: bytes) -> set[str]:
    """Everything an answer says, however it is packed: its text; of Parquet every value and name in a dictionary."""
    said = set(re.findall(r"[\w.+-]+", content.decode("utf-8", "replace")))
    if content[:4] == b"PAR1":
        with pq.ParquetFile(io.BytesIO(content)) as file:
            for group in range(file.metadata.num_row_groups):
                for column in file.read_row_group(group).columns:
                    for chunk in column.chunks:
                        names = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
                        said.update(map(str, names.to_pylist()))
                        said.update(map(str, chunk.to_pylist()))
            said.update(map(str, (file.metadata.metadata or {}).values()))
    return said


def giving_at(shed: Shed, now: float) -> Giving:
    """What a shed gives at some moment. [UTC s]"""
    return Giving(shed, clock=lambda: now)


def _contents(find: Callable[[str], bytes], checkpoint: Checkpoint) -> Contents:
    texts: list[bytes] = []
    for number in range(-(-checkpoint.size // 256)):
        width = min(checkpoint.size - 256 * number, 256)
        part = f".p/{width}" if width < 256 else ""
        bundle = list(unpack_entries(find(f"/tile/entries/{number:03d}{part}")))
        tile = find(f"/tile/0/{number:03d}{part}")
        assert tile == b"".join(map(leaf_hash, bundle))
        texts += bundle
    frontier = Frontier()
    frontier.extend(map(leaf_hash, texts))
    assert frontier.root == checkpoint.root
    contents = Contents()
    contents.apply(decode(position, text) for position, text in enumerate(texts))
    return contents


def _table(content: bytes) -> pa.Table:
    table = pq.read_table(io.BytesIO(content))
    assert table.schema.equals(READINGS)
    return table


__all__ = ["HOUR"]
