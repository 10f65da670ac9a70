"""What an hour label of the Beijing data stands for: declared, not known; and what the other data set says of it.

The five-cities data (CC BY) carries two of the same monitors. Their values are those of the multi-site data one label
later: one of the two sets labels the start of the hour and the other its end, and neither source says which.
"""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
import pytest
from tests.oracle import beijing, readings

from commonshed import datasets
from commonshed.observe.mapping import load_mapping


@pytest.mark.parametrize(("column", "station"), [("PM_Dongsi", "Dongsi"), ("PM_Nongzhanguan", "Nongzhanguan")])
def test_the_two_data_sets_differ_by_one_label(column: str, station: str) -> None:
    table = pq.read_table(
        datasets.path("beijing", "BeijingPM20100101_20151231.parquet"),
        columns=["year", "month", "day", "hour", column],
    )
    rows = list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
    ours = beijing.series()[station]["pm25"]
    equal: dict[int, float] = {}
    for shift in (-1, 0, 1):
        pairs = []
        for year, month, day, hour, value in rows:
            at = 24 * (date(year, month, day) - readings.FIRST_DAY).days + hour + shift
            if value is not None and 0 <= at < len(ours) and ours[at] is not None:
                pairs.append((ours[at], round(value * 1000)))
        equal[shift] = sum(a == b for a, b in pairs) / len(pairs)
    print(station, equal)
    assert equal[1] > 0.95
    assert max(equal[0], equal[-1]) < 0.10


def test_the_mapping_declares_the_start_and_says_that_it_is_declared() -> None:
    mapping = load_mapping("prsa")
    assert mapping.time.label == "start"
    assert "declared" in mapping.time.note
