"""Classes published with the readings of the national automatic network, sample by sample.

The figures are the network's own "original values" of single samples and the class it published for them, as they
stand in the snapshots of the public repository jikin001/water_quality (2020-05 to 2021-04). Each of these would be of
another class if its values were rounded before they are compared. The whole comparison is in
docs/formats/water-records.md.
"""

from __future__ import annotations

import pytest
from tests.assess.water.building import one

from commonshed.assess.water import water

ORDER = ("do", "codmn", "nh3n", "tp", "ph")
PUBLISHED = [
    # section, body, DO, CODMn, NH3-N, TP, pH, class
    ("颜集 2020-11-08", "river", ("8.29", "6.01", "0.2", "0.169", "8.17"), "IV"),
    ("辽河公园 2020-06-16", "river", ("8.766", "3.1006", "0.12531", "0.14859", "5.688"), "inferior V"),
    ("观音山 2020-11-14", "lake", ("8.171", "6.74", "0.86", "0.058", "9.144"), "inferior V"),
    ("白沙街 2020-05-08", "river", ("8.238", "1.093", "0.0132", "0.0205", "7.582"), "II"),
    ("沿河城 2020-08-06", "river", ("7.4235", "6.005", "0.11", "0.04063", "8.229"), "IV"),
    ("三岔口 2020-09-20", "river", ("5.975", "2.25", "0.19", "0.0022", "7.471"), "III"),
    ("兰山嘴 2020-11-18", "river", ("8.0895", "10.04", "0.2", "0.23497", "7.648"), "V"),
    ("北闸渡口 2020-05-08", "river", ("4.99", "3.93", "0.01", "0.074", "7.72"), "IV"),
    ("珠尔山 2020-11-16", "river", ("16.2022", "4.0202", "0.18", "0.09693", "8.157"), "III"),
    ("涧河口 2020-05-08", "river", ("7.4924", "12.49", "0.144", "0.257", "9.01"), "inferior V"),
]


@pytest.mark.parametrize(("where", "body", "values", "level"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_a_sample_of_the_network_is_of_the_class_it_was_published_with(
    where: str, body: str, values: tuple[str, ...], level: str
) -> None:
    day = where.split()[1]
    source = one(dict(zip(ORDER, values, strict=True)), body=body, day=day)
    (record,) = water(source, period=day, regime="cn-surface").records()
    assert record["class"] == level
