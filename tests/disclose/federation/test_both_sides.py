"""Giver and puller on one wire: what the rule gives arrives verified, and what it keeps back is known to be missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.disclose.federation.giver import PM25_IS_PUBLIC, giver, rule, series, served, share
from tests.disclose.federation.lying import QUICK
from tests.disclose.federation.test_publishing import hosted
from tests.keep.making import MARCH, hours, make_shed, source

from commonshed.disclose.federation import peers
from commonshed.disclose.federation.giving import Giving
from commonshed.disclose.federation.publishing import publish
from commonshed.disclose.federation.pulling import Pulled, pull
from commonshed.disclose.federation.serving import node_app
from commonshed.keep import Shed

pytestmark = pytest.mark.usefixtures("one_checker")

OZONE_FOR_US = '[[rules]]\nid = "ozone"\nquantities = ["o3"]\nrelease = "partner"\npartners = { us = {} }\n'


@pytest.fixture
def up(tmp_path: Path) -> Shed:
    shed = giver(tmp_path / "up")
    share(shed, PM25_IS_PUBLIC)
    return shed


@pytest.fixture
def me(tmp_path: Path) -> Shed:
    return make_shed(tmp_path / "me")


def add(me: Shed, up: Shed, url: str) -> None:
    peers.add(me, url, key=str(up.log.keys.verifiers[0]), name="up", limits=QUICK)


def pulled(me: Shed) -> Pulled:
    [found] = pull(me, ["up"], limits=QUICK)
    assert found.problem == ""
    me.refresh()
    return found


def mirror(me: Shed) -> Shed:
    return Shed.open(me.path / "peers" / "up")


def missing(me: Shed) -> int:
    return sum(each.rows for each in mirror(me).withheld())


def test_everybody_gets_the_public_part_and_knows_what_is_missing(me: Shed, up: Shed) -> None:
    with served(node_app(Giving(up))) as url:
        add(me, up, url)
        pulled(me)
    assert series(me.readings()) == {("dongsi", "pm25"): 900, ("tiantan", "pm25"): 900}
    assert missing(me) == 1800
    assert mirror(me).check().problems == ()


def test_a_published_tree_gives_the_same_as_a_node(me: Shed, up: Shed, tmp_path: Path) -> None:
    publish(Giving(up), tmp_path / "tree")
    with hosted(tmp_path / "tree") as url:
        add(me, up, url)
        pulled(me)
        assert series(me.readings()) == {("dongsi", "pm25"): 900, ("tiantan", "pm25"): 900}
        assert missing(me) == 1800
        up.correct(station="dongsi", quantity="pm25", start=MARCH, value="9", reason="typed wrongly", author="Li Na")
        up.seal_import([hours(9, station="new")], source=source("c"))
        up.repack()
        publish(Giving(Shed.open(up.path)), tmp_path / "tree")
        pulled(me)
    assert sum(series(me.readings()).values()) == 1809
    assert me.readings(start=MARCH, end=MARCH + 1, stations=["dongsi"])["ticks"].to_pylist() == [9000]


def test_a_partner_gets_more_when_the_rule_gives_more(me: Shed, up: Shed) -> None:
    with served(node_app(Giving(up))) as url:
        add(me, up, url)
        pulled(me)
        assert missing(me) == 1800
        text = rule(PM25_IS_PUBLIC, OZONE_FOR_US).decode()
        named = f'[partners.us]\nname = {{ en = "Us", zh = "我们" }}\nkey = "{me.log.keys.verifiers[0]}"\n'
        up.record("sharing-rule", "sharing.toml", text.replace("[partners.hebei]", f"{named}[partners.hebei]").encode())
        pulled(me)
        assert missing(me) == 0
        assert len(series(me.readings())) == 4
        up.correct(station="dongsi", quantity="o3", start=MARCH, value="9", reason="typed wrongly", author="Li Na")
        pulled(me)
    [now] = me.readings(start=MARCH, end=MARCH + 1, stations=["dongsi"], quantities=["o3"]).to_pylist()
    assert (now["ticks"], now["reason"]) == (9000, "typed wrongly")
    assert mirror(me).check().problems == ()


def test_what_was_given_once_stays_when_no_more_is_given(me: Shed, up: Shed) -> None:
    with served(node_app(Giving(up))) as url:
        add(me, up, url)
        pulled(me)
        share(up)
        up.seal_import([hours(9, station="new")], source=source("c"))
        found = pulled(me)
        assert found.peer.state == "good"
    assert series(me.readings()) == {("dongsi", "pm25"): 900, ("tiantan", "pm25"): 900}
    assert missing(me) == 1809


def test_after_repacking_by_class_a_puller_finds_everything(me: Shed, up: Shed) -> None:
    with served(node_app(Giving(up))) as url:
        add(me, up, url)
        pulled(me)
        for i in range(3):
            up.seal_import(
                [hours(30, station=f"s{i}"), hours(30, station=f"s{i}", quantity="o3")], source=source(str(i))
            )
        up.repack()
        pulled(me)
    assert sum(series(me.readings()).values()) == 1890
    assert mirror(me).check().problems == ()
