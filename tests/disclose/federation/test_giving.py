"""What an asker gets of a segment: whole chunks, their hashes, and never a word of the others."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.disclose.federation.giver import PM25_IS_PUBLIC, giver, giving_at, rule, series, share, spoken
from tests.keep.making import HOUR, MARCH, hours, make_shed, row, source, table

from commonshed.disclose.federation import giving as giving_module
from commonshed.disclose.federation import redaction
from commonshed.disclose.federation.audience import PUBLIC, Audience
from commonshed.disclose.federation.cache import Cache
from commonshed.disclose.federation.giving import Given, Giving, NotHere, NotYours
from commonshed.disclose.federation.offers import Offer, runs
from commonshed.disclose.federation.redaction import chunked, leaves_of, write_given
from commonshed.errors import ProofError, ShedDamaged
from commonshed.keep import Shed
from commonshed.keep.chunks import leaf_hashes
from commonshed.keep.merkle import merkle_root
from commonshed.keep.rows import canonical, ordered_digest

HEBEI = Audience("hebei")
DAY_LATE = PM25_IS_PUBLIC + 'delay = "24 h"\npartners = { hebei = { delay = "0 h" } }\n'
LONG_AFTER = MARCH + 400 * 86_400.0


def content(given_: Given) -> bytes:
    with given_.file:
        found = given_.file.read()
    assert len(found) == given_.bytes
    return found


def read(content_: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(content_))


def split(content_: bytes) -> list[bytes]:
    return [content_[at : at + 32] for at in range(0, len(content_), 32)]


def march(shed: Shed) -> int:
    """The segment of March: two stations and quantities, 744 hours each."""
    [found] = [p for p, each in shed.store.contents.segments.items() if each.extent.rows == 4 * 744]
    return found


@pytest.fixture
def mixed(tmp_path: Path) -> Shed:
    """Sealed as internal before there was a rule, so that segments hold what goes out and what does not."""
    shed = giver(tmp_path / "shed")
    share(shed, PM25_IS_PUBLIC)
    return shed


# ── whole, part, none ──


def test_without_a_rule_no_row_goes_to_anybody(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed")
    giving = Giving(shed)
    assert set(giving.offer(PUBLIC).segments) == {(1, 3, "none")}
    with pytest.raises(NotYours):
        giving.rows(PUBLIC, march(shed))
    for position, location in shed.store.contents.locations.items():
        with pytest.raises(NotYours):
            giving.pack(PUBLIC, location.path)
        with pytest.raises(NotYours):
            giving.leaves(PUBLIC, position)


def test_the_rows_and_the_hashes_of_all_chunks_make_the_digest(mixed: Shed) -> None:
    giving, position = Giving(mixed), march(mixed)
    segment = mixed.store.contents.segments[position]
    assert giving.state(PUBLIC, position) == "part"
    leaves, rows = split(content(giving.leaves(PUBLIC, position))), read(content(giving.rows(PUBLIC, position)))
    assert merkle_root(leaves).hex() == segment.digest
    assert series(rows) == {("dongsi", "pm25"): 744, ("tiantan", "pm25"): 744}
    assert len(leaves) == 12
    assert [leaves.index(leaf) for leaf in leaf_hashes(rows)] == [3, 4, 5, 9, 10, 11]


def test_a_pack_goes_out_where_every_row_in_it_does(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed", PM25_IS_PUBLIC)
    giving = Giving(shed)
    states = {position: giving.state(PUBLIC, position) for position in shed.store.contents.segments}
    assert sorted(states.values()) == ["none"] * 3 + ["whole"] * 3
    for position, state in states.items():
        location = shed.store.contents.locations[position]
        if state == "whole":
            found = giving.pack(PUBLIC, location.path)
            assert found.etag == location.digest
            assert content(found) == (shed.path / "segments" / location.path).read_bytes()
            assert (
                ordered_digest(read(content(giving.rows(PUBLIC, position))))
                == shed.store.contents.segments[position].digest
            )
        else:
            with pytest.raises(NotYours):
                giving.pack(PUBLIC, location.path)


def test_a_partner_has_what_its_key_opens_and_no_more(tmp_path: Path) -> None:
    ozone = '[[rules]]\nid = "ozone"\nquantities = ["o3"]\nrelease = "partner"\npartners = { hebei = {} }\n'
    shed = giver(tmp_path / "shed", PM25_IS_PUBLIC, ozone)
    giving = Giving(shed)
    counts = {
        who: sum(state == "whole" for state in (giving.state(Audience(who), p) for p in shed.store.contents.segments))
        for who in (None, "hebei", "tianjin")
    }
    assert counts == {None: 3, "hebei": 6, "tianjin": 3}


def test_what_is_not_there_is_said_to_be_not_there(mixed: Shed) -> None:
    giving = Giving(mixed)
    asks: list[Callable[[], Given]] = [
        lambda: giving.rows(PUBLIC, 0),
        lambda: giving.leaves(PUBLIC, 10**9),
        lambda: giving.pack(PUBLIC, "../shed.toml"),
        lambda: giving.pack(PUBLIC, "2016-03/none.parquet"),
        lambda: giving.document("../keys/node.key", below="places"),
    ]
    for ask in asks:
        with pytest.raises(NotHere):
            ask()


def test_a_rule_that_cannot_be_read_gives_nothing(mixed: Shed) -> None:
    [document] = mixed.documents("sharing-rule")
    mixed.document_path(document).unlink()
    giving = Giving(Shed.open(mixed.path))
    assert set(giving.offer(PUBLIC).segments) == {(1, 3, "none")}


# ── the clock ──


def test_a_chunk_goes_out_to_the_second_when_its_last_row_is_past_the_delay(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed", DAY_LATE)
    position = next(p for p, each in shed.store.contents.segments.items() if each.extent.rows == 2 * 744)
    first = shed.store.contents.segments[position].extent.first
    chunk_past = first + 256 * HOUR + 86_400
    for now, state, rows in (
        (first + HOUR + 86_400, "none", 0),
        (chunk_past - 1, "none", 0),
        (chunk_past, "part", 2 * 256),
        (chunk_past + 256 * HOUR, "part", 2 * 512),
        (first + 744 * HOUR + 86_400 - 1, "part", 2 * 512),
        (first + 744 * HOUR + 86_400, "whole", 2 * 744),
    ):
        giving = giving_at(shed, now)
        assert giving.state(PUBLIC, position) == state
        if rows:
            found = read(content(giving.rows(PUBLIC, position)))
            assert found.num_rows == rows
            assert max(found["start"].to_pylist()) + HOUR + 86_400 <= now
        else:
            with pytest.raises(NotYours):
                giving.rows(PUBLIC, position)


def test_a_partner_without_the_delay_has_what_everybody_waits_for(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed", DAY_LATE)
    giving = giving_at(shed, MARCH + 900 * HOUR)
    said = {who.name: giving.offer(who) for who in (PUBLIC, HEBEI)}
    assert said["hebei"].segments != said["public"].segments
    assert {state for _, _, state in said["hebei"].segments} == {"whole", "none"}
    [terms] = said["hebei"].terms
    assert (terms["rule"], terms["delay"]) == ("fine-dust", 0)
    assert "tianjin" not in json.dumps(said["hebei"].content())


def test_a_long_reading_waits_from_its_end(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    share(shed, PM25_IS_PUBLIC + 'delay = "1 h"\n')
    shed.seal_import([table([row(period=86_400, statistic="max")])], source=source("a"))
    assert giving_at(shed, MARCH + 86_400 + HOUR - 1).state(PUBLIC, 2) == "none"
    assert giving_at(shed, MARCH + 86_400 + HOUR).state(PUBLIC, 2) == "whole"


SPANS = st.lists(
    st.tuples(
        st.sampled_from(["dongsi", "tiantan"]), st.sampled_from(["pm25", "o3"]),
        st.integers(0, 40), st.integers(1, 300), st.sampled_from([3600, 60, 86_400]),
    ),
    min_size=1, max_size=3, unique_by=lambda span: span[:2],
)  # fmt: skip
RULES = st.lists(
    st.tuples(
        st.sampled_from(["", 'stations = ["dongsi"]\n']),
        st.sampled_from(["", 'quantities = ["pm25"]\n']),
        st.sampled_from(['release = "public"\n', 'release = "public"\ndelay = "30 h"\n', 'release = "internal"\n']),
    ),
    max_size=3,
)


@given(spans=SPANS, rules=RULES, now=st.integers(0, 400))
@settings(max_examples=25, deadline=None)
def test_what_entries_settle_is_what_the_chunks_say(
    tmp_path_factory: pytest.TempPathFactory, spans: list[Any], rules: list[Any], now: int
) -> None:
    shed = make_shed(tmp_path_factory.mktemp("shed") / "shed")
    parts = [
        hours(count, station=station, quantity=quantity, first=MARCH + 9 * HOUR + first * HOUR, period=period)
        for station, quantity, first, count, period in spans
    ]
    shed.seal_import([pa.concat_tables(parts)], source=source("a"))
    share(shed, *(f'[[rules]]\nid = "r{i}"\n{"".join(each)}' for i, each in enumerate(rules)))
    moment = MARCH + 9 * HOUR + now * HOUR
    giving = giving_at(shed, moment)
    ruling = giving.refresh()
    for position, segment in shed.store.contents.segments.items():
        found = chunked(shed.store.rows_of([segment]))
        pairs = [found.pairs[number] for number in found.series]
        grants = [ruling.grant(station, quantity, None) for station, quantity in pairs]
        allowed = [
            grant is not None and int(end) + grant.delay <= moment
            for grant, end in zip(grants, found.ends.tolist(), strict=True)
        ]
        slow = "whole" if all(allowed) else "part" if any(allowed) else "none"
        assert giving.state(PUBLIC, position) == slow == giving.offer(PUBLIC).of(position)


# ── the bytes ──


def test_the_bytes_are_the_same_whenever_and_from_whichever_pack_they_are_made(tmp_path: Path) -> None:
    shed = giver(tmp_path / "shed")
    both = pa.concat_tables([hours(500, station="zhi", quantity=quantity) for quantity in ("pm25", "o3")])
    shed.seal_import([both], source=source("more"))
    share(shed, PM25_IS_PUBLIC)
    position = max(shed.store.contents.segments)
    first = content(Giving(shed).rows(PUBLIC, position))
    shutil.rmtree(shed.path / "blocks")
    shed.repack()
    assert shed.store.contents.locations[position].offset > 0
    assert content(Giving(Shed.open(shed.path)).rows(PUBLIC, position)) == first
    shutil.rmtree(shed.path / "blocks")
    code = (
        "import sys; from commonshed.keep import Shed; from commonshed.disclose.federation.giving import Giving; "
        "from commonshed.disclose.federation.audience import PUBLIC; "
        "sys.stdout.buffer.write(Giving(Shed.open(sys.argv[1])).rows(PUBLIC, int(sys.argv[2])).file.read())"
    )
    told = subprocess.run([sys.executable, "-c", code, str(shed.path), str(position)], capture_output=True, check=True)
    assert told.stdout == first


@given(
    series_=st.lists(st.integers(1, 700), min_size=1, max_size=4), chosen=st.data(), cuts=st.lists(st.integers(1, 900)),
    group=st.integers(1, 4),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_any_chunks_go_out_however_the_pack_is_cut(
    tmp_path_factory: pytest.TempPathFactory, series_: list[int], chosen: st.DataObject, cuts: list[int], group: int
) -> None:
    rows = canonical(pa.concat_tables([hours(n, station=f"s{i}") for i, n in enumerate(series_)]).combine_chunks())
    laid = chunked(rows)
    chunks = np.array(chosen.draw(st.lists(st.booleans(), min_size=len(laid.rows), max_size=len(laid.rows))))
    if not chunks.any():
        chunks[0] = True
    bounds = [0, *sorted({cut for cut in cuts if cut < rows.num_rows}), rows.num_rows]
    pieces = [rows.slice(low, high - low) for low, high in pairwise(bounds)]
    path = tmp_path_factory.mktemp("given") / "rows.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_GROUP", group)
        leaves = leaves_of(lambda: iter(pieces), laid, ordered_digest(rows))
        write_given(path, lambda: iter(pieces), laid, chunks, leaves)
    wanted = rows.filter(pa.array(np.repeat(chunks, laid.rows)))
    assert pq.read_table(path).to_pylist() == wanted.to_pylist()
    assert leaves == leaf_hashes(rows)


# ── nothing leaks ──


SECRETS = {"5551234", "5.551234", "typed wrongly: 5551234", "Li Na", "secret.csv", "raw-5551234", "special"}


def secret_rows(**fields: Any) -> pa.Table:
    rows = [
        row(
            quantity="o3", start=MARCH + i * HOUR, ticks=5_551_234, raw="raw-5551234", reason="typed wrongly: 5551234",
            author="Li Na", mapping="special", origin="secret.csv", **fields,
        )
        for i in range(600)
    ]  # fmt: skip
    return table(rows)


@pytest.mark.parametrize("ruled", ["before", "after"])
def test_nothing_of_what_is_internal_is_in_any_byte_for_everybody(tmp_path: Path, ruled: str) -> None:
    shed = make_shed(tmp_path / "shed")
    if ruled == "before":
        share(shed, PM25_IS_PUBLIC)
    shed.seal_import([pa.concat_tables([hours(600), secret_rows()])], source=source("a.csv"))
    shed.correct(
        station="dongsi", quantity="o3", start=MARCH, value="5551.234", reason="typed wrongly: 5551234", author="Li Na"
    )
    if ruled == "after":
        share(shed, PM25_IS_PUBLIC)
        shed.repack()
    giving = Giving(shed)
    out: list[bytes] = [json.dumps(giving.offer(PUBLIC).content()).encode()]
    out += [shed.log.entry_bytes(position) for position in range(shed.size)]
    for position, location in shed.store.contents.locations.items():
        out.append(location.path.encode())
        with suppress(NotYours):
            out.append(content(giving.leaves(PUBLIC, position)))
        with suppress(NotYours):
            out.append(content(giving.rows(PUBLIC, position)))
        with suppress(NotYours):
            out.append(content(giving.pack(PUBLIC, location.path)))
    assert sum(each[:4] == b"PAR1" for each in out) >= 2
    for each in out:
        assert not {secret for secret in SECRETS for said in spoken(each) if secret in said}
        assert not [secret for secret in SECRETS if secret.encode() in each]
        assert (5_551_234).to_bytes(8, "little") not in each


def test_a_partner_does_not_learn_who_else_is_one(tmp_path: Path) -> None:
    shed = make_shed(tmp_path / "shed")
    late = '[[rules]]\nid = "a"\nrelease = "partner"\npartners = { hebei = {}, tianjin = { delay = "9 h" } }\n'
    share(shed, late)
    assert "tianjin" not in json.dumps(Giving(shed).offer(HEBEI).content())
    assert Giving(shed).offer(PUBLIC).terms == ()


# ── damage ──


def test_a_damaged_pack_is_not_handed_out(mixed: Shed) -> None:
    location = mixed.store.contents.locations[march(mixed)]
    path = mixed.path / "segments" / location.path
    kept = bytearray(path.read_bytes())
    kept[len(kept) // 2] ^= 1
    path.write_bytes(kept)
    giving = Giving(Shed.open(mixed.path))
    with pytest.raises(ShedDamaged, match=location.path):
        giving.rows(PUBLIC, march(mixed))


def test_rows_that_were_changed_under_a_matching_file_digest_are_not_handed_out(tmp_path: Path) -> None:
    rows = canonical(hours(300))
    laid = chunked(rows)
    leaves = leaves_of(lambda: iter([rows]), laid, ordered_digest(rows))
    other = canonical(hours(300, ticks_from=1))
    with pytest.raises(ShedDamaged, match="not what was sealed"):
        write_given(tmp_path / "x", lambda: iter([other]), laid, np.ones(2, bool), leaves)
    with pytest.raises(ShedDamaged, match="do not have the digest"):
        leaves_of(lambda: iter([other]), laid, ordered_digest(rows))


# ── the cache ──


def test_what_was_made_is_made_once_and_again_when_it_was_deleted(mixed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def counted(path: Path, *rest: Any) -> None:
        made.append(path)
        write_given(path, *rest)

    monkeypatch.setattr(giving_module, "write_given", counted)
    giving, position = Giving(mixed), march(mixed)
    first = content(giving.rows(PUBLIC, position))
    assert content(giving.rows(PUBLIC, position)) == first
    assert len(made) == 1
    shutil.rmtree(mixed.path / "blocks")
    assert content(giving.rows(PUBLIC, position)) == first
    assert len(made) == 2


def test_the_cache_forgets_what_was_asked_for_longest_ago(tmp_path: Path) -> None:
    def ten(path: Path) -> None:
        path.write_bytes(b"0123456789")

    cache = Cache(tmp_path / "given", largest=25)
    for name in ("a", "b", "c"):
        cache.make(name, ten)[0].close()
    assert cache.open("a") is None
    assert sorted(path.name for path in (tmp_path / "given").iterdir()) == ["b", "c"]


def test_a_file_that_could_not_be_made_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        Cache(tmp_path).make("a", fail)
    assert list(tmp_path.iterdir()) == []


# ── sharing.json ──


def test_a_long_log_is_answered_page_by_page(mixed: Shed) -> None:
    giving = Giving(mixed)
    whole = giving.offer(PUBLIC)
    pages = [giving.offer(PUBLIC, first, most=2) for first in range(0, whole.sealed, 2)]
    assert [(page.first, page.last) for page in pages] == [(0, 1), (2, 3), (4, 4)]
    assert all(page.sealed == whole.sealed == 5 for page in pages)
    for position in range(whole.sealed):
        assert pages[position // 2].of(position) == whole.of(position)
    beyond = giving.offer(PUBLIC, 99)
    assert (beyond.first, beyond.last, beyond.segments) == (99, 98, ())


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(["whole", "part", "none"])), unique_by=lambda pair: pair[0]
    )
)
def test_an_offer_says_the_same_after_it_was_sent(states: list[Any]) -> None:
    states = sorted(states)
    offer = Offer("ab", "public", 10**6 + 1, 0, 10**6, runs(states), ({"rule": "a"},))
    again = Offer.parse(json.loads(json.dumps(offer.content())))
    assert again == offer
    assert [again.of(position) for position, _ in states] == [state for _, state in states]


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "commonshed-sharing/2"},
        {"segments": {"1": "all"}},
        {"segments": {"1-": "none"}},
        {"segments": {"-1": "none"}},
        {"segments": {"5-4": "none"}},
        {"segments": {"1-9": "none", "5": "whole"}},
        {"segments": {"1" * 17: "none"}},
        {"segments": []},
        {"sealed": -1},
        {"sealed": True},
        {"sealed": "5"},
        {"rule": 5},
        {"audience": None},
        {"from": -3},
    ],
)  # fmt: skip
def test_an_offer_out_of_form_is_refused(changed: dict[str, Any]) -> None:
    said: dict[str, Any] = {
        "format": "commonshed-sharing/1",
        "rule": None,
        "audience": "public",
        "sealed": 9,
        "segments": {},
    }
    assert Offer.parse(said).of(3) == "none"
    with pytest.raises(ProofError, match="cannot be read"):
        Offer.parse({**said, **changed})
    wrong: list[Any] = [None, [], "x", {k: v for k, v in said.items() if k != "sealed"}]
    for broken in wrong:
        with pytest.raises(ProofError):
            Offer.parse(broken)


def test_a_rule_set_meanwhile_counts_from_the_next_question(mixed: Shed) -> None:
    giving = Giving(Shed.open(mixed.path))
    assert giving.state(PUBLIC, march(mixed)) == "part"
    share(mixed, '[[rules]]\nid = "all"\nrelease = "public"\n')
    assert giving.state(PUBLIC, march(mixed)) == "whole"
    mixed.record("sharing-rule", "sharing.toml", rule())
    assert giving.state(PUBLIC, march(mixed)) == "none"


def test_how_segments_are_cut_is_remembered_within_bounds(mixed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_module, "_CHUNKS_REMEMBERED", 13)
    giving = Giving(mixed)
    for _ in range(2):
        for position in mixed.store.contents.segments:
            assert giving.state(PUBLIC, position) == "part"
            assert sum(len(each.rows) for each in giving._laid.values()) == giving._remembered <= 13
