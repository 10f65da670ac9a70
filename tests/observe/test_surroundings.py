"""Flags do not depend on how a series was cut into files, nor on the order in which the files came."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.observe.tables import prsa, prsa_row

from commonshed.keep import KEY, READINGS
from commonshed.observe import load_rules, read
from commonshed.observe.surroundings import reach

Row = dict[str, object]


class Memory:
    """What a shed does for an import, in a dictionary: the last row of a key counts."""

    def __init__(self) -> None:
        self.rows: dict[tuple[object, ...], Row] = {}
        self.looked_up = 0

    def around(self, stations: list[str], quantities: list[str], start: int, end: int) -> pa.Table:
        found = [
            row
            for row in self.rows.values()
            if row["station"] in stations and row["quantity"] in quantities and start <= int(str(row["start"])) < end
        ]
        self.looked_up = len(found)
        return pa.Table.from_pylist(found, READINGS)

    def take(self, path: Path) -> None:
        for table in read(path, "prsa", around=self.around, now=2_000_000_000).tables:
            for row in table.to_pylist():
                self.rows[tuple(row[name] for name in KEY)] = row

    def state(self) -> dict[tuple[object, ...], Row]:
        names = ("ticks", "qualifier", "flag", "reason", "raw")
        return {key: {name: row[name] for name in names} for key, row in self.rows.items()}


runs = st.lists(
    st.tuples(st.sampled_from([3, 40, 45, 160, 700, 999, -999, None]), st.integers(1, 14)), min_size=1, max_size=14
)


def rows_of(station: str, some: list[tuple[int | None, int]], coarse: int) -> list[str]:
    values = [value for value, count in some for _ in range(count)]
    return [
        prsa_row(
            i % 24,
            day=i // 24 + 1,
            station=station,
            PM25="NA" if value is None else str(value),
            PM10=str(coarse + i % 3),
        )
        for i, value in enumerate(values)
    ]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs, runs, st.integers(2, 5), st.randoms(use_true_random=False), st.sampled_from(["time", "rows"]))
def test_a_file_and_its_pieces_get_the_same_flags(
    tmp_path: Path,
    one: list[tuple[int | None, int]],
    two: list[tuple[int | None, int]],
    pieces: int,
    chance: random.Random,
    by: str,
) -> None:
    rows = rows_of("Dongsi", one, 100) + rows_of("Shunyi", two, 20)
    whole, split = Memory(), Memory()
    whole.take(prsa(tmp_path / "whole.csv", rows))
    if by == "time":
        cuts = sorted(chance.randrange(len(rows) + 1) for _ in range(pieces - 1))
        parts = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    else:
        chance.shuffle(rows)
        parts = [rows[i::pieces] for i in range(pieces)]
    chance.shuffle(parts)
    for part in filter(None, parts):
        split.take(prsa(tmp_path / "part.csv", part))
    assert split.state() == whole.state()


def test_the_reach_is_that_of_the_longest_flat_line() -> None:
    assert reach(load_rules()) == 24 * 3600


def test_a_new_day_looks_at_days_around_it_not_at_history(tmp_path: Path) -> None:
    memory = Memory()
    month = [prsa_row(h, day=day, PM25=str(30 + h)) for day in range(1, 31) for h in range(24)]
    memory.take(prsa(tmp_path / "month.csv", month))
    memory.take(prsa(tmp_path / "day.csv", [prsa_row(h, day=31, PM25=str(30 + h)) for h in range(24)]))
    assert memory.looked_up == 48


@pytest.mark.parametrize("flag", ["invalid", "suspect"])
def test_what_the_source_flagged_stays_flagged(flag: str, tmp_path: Path) -> None:
    memory = Memory()
    memory.take(prsa(tmp_path / "a.csv", [prsa_row(0, PM25="30")]))
    [key] = memory.rows
    memory.rows[key] |= {"flag": flag, "reason": "source: flagged so by the source"}
    memory.take(prsa(tmp_path / "b.csv", [prsa_row(1, PM25="31")]))
    assert memory.rows[key]["flag"] == flag
