"""A plan of a short river with one point and one place: no plural where there is one, orders that are sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from commonshed.cli import run

DRILL = """
format = "commonshed-spill/1"
kind = "drill"
name = { en = "Drill on the Ash", zh = "阿什河演练" }
network = "rivers.csv"
at = 2024-05-06T08:00:00+08:00
zone = "+08:00"
hours = 36
step = 500
place = { node = "A", name = { en = "highway bridge", zh = "公路桥" } }
substance = { quantity = "nh3n", threshold = 1.0, unit = "mg/L", source = "GB 3838-2002, table 1, class III" }
release = { kind = "instant", mass = 2000 }
roles = { duty = { en = "duty officer", zh = "值班员" } }

[[point]]
id = "weir"
kind = "weir"
name = { en = "weir at B", zh = "拦河闸" }
node = "B"
minutes = 60
share = 1
capacity = 100000
calls = ["duty"]
does = { en = "close the weir", zh = "关闸" }

[[watch]]
id = "intake"
kind = "intake"
name = { en = "Waterworks intake", zh = "水厂取水口" }
node = "C"
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("ash")
    (folder / "rivers.csv").write_text(
        "upstream,downstream,length,width,depth,discharge,velocity\nA,B,12000,40,1.5,30,0.5\nB,C,18000,50,1.6,40,0.5\n"
    )
    (folder / "drill.toml").write_text(DRILL, "utf-8")
    assert run(["spill", str(folder / "drill.toml"), "--members", "20", "--plan", str(folder / "plan.html")]) == 0
    return (folder / "plan.html").read_text("utf-8")


def test_one_point_and_one_place_are_no_plural(page: str) -> None:
    assert "Response points that can still act: 1 of 1." in page
    assert "until it is there" in page
    assert "1 points" not in page
    assert "1 places" not in page


def test_an_order_without_a_full_stop_gets_one(page: str) -> None:
    assert "close the weir. Act from" in page
    assert "关闸。自" in page
