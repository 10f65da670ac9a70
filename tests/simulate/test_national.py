"""The made-up network: the same seed gives the same numbers, and they look like air."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from commonshed.keep.block import SLAB, Block
from commonshed.periods import Period
from commonshed.simulate.national import QUANTITIES, simulate_blocks, station_names, write_national

WINTER = Period.parse("2017-01..2017-02")


@pytest.fixture(scope="module")
def january() -> Block:
    return next(simulate_blocks(WINTER, stations=200))[1]


def test_the_same_seed_gives_the_same_numbers_and_another_gives_others(january: Block) -> None:
    again = next(simulate_blocks(WINTER, stations=1650))[1]
    other = next(simulate_blocks(WINTER, stations=200, seed=1))[1]
    for q in QUANTITIES:
        assert np.array_equal(january.filled(q), again.filled(q))
        assert not np.array_equal(january.filled(q), other.filled(q))


def test_a_slab_is_full_and_the_last_one_holds_the_rest(january: Block) -> None:
    assert january.stations == station_names(200)[:SLAB]
    key, rest = next(simulate_blocks(WINTER, stations=200, slab=1))
    assert (key, len(rest.stations)) == ("air/2017-01/001", 200 - SLAB)


def test_three_in_a_hundred_hours_are_missing_and_outages_take_all_quantities(january: Block) -> None:
    masks = np.array([january.mask(q) for q in QUANTITIES])
    assert 0.02 < 1 - masks.mean() < 0.04
    none_at_all = ~masks.any(axis=0)
    assert 0.01 < none_at_all.mean() < 0.03


def test_levels_and_digits_are_those_of_a_network(january: Block) -> None:
    for q in QUANTITIES:
        ticks = january.ticks[q][january.mask(q)]
        assert ticks.min() >= 0
        assert (ticks % (1 if q == "co" else 1000) == 0).all()
    typical = {q: np.median(january.ticks[q][january.mask(q)]) / 1000 for q in QUANTITIES}
    assert 20 < typical["pm25"] < 120
    assert typical["pm25"] < typical["pm10"]
    both = january.mask("pm25") & january.mask("pm10")
    assert (january.ticks["pm25"] > january.ticks["pm10"])[both].mean() < 0.1


def test_hours_hang_together(january: Block) -> None:
    logs = np.log1p(january.filled("pm25")[:, :].astype(float))
    both = january.mask("pm25")[:, 1:] & january.mask("pm25")[:, :-1]
    assert np.corrcoef(logs[:, 1:][both], logs[:, :-1][both])[0, 1] > 0.9


def test_files_hold_what_was_made(tmp_path: Path, january: Block) -> None:
    refs = write_national(tmp_path, WINTER, stations=200)
    assert [ref.key for ref in refs] == [f"air/2017-0{m}/00{s}" for s in (0, 1) for m in (1, 2)]
    assert np.array_equal(refs[0].load().filled("o3"), january.filled("o3"))
