"""The plan says what the response says, in both languages, and that it is a drill."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from tests.attribute.river.response.straight_river import point, setting

from commonshed.attribute.river.response import Response, respond
from commonshed.disclose.river import render_plan, write_plan
from commonshed.disclose.river.planned import Plan
from commonshed.disclose.river.wording import words
from commonshed.errors import InputError


@cache
def response(kind: str = "drill") -> Response:
    gates = [
        point("G", 8000.0, share=0.6, source="made up", does={"en": "Shut it.", "zh": "关闸。"}),
        point("late", 500.0, minutes=900.0),
        point("side", 1000.0, reach="brook"),
    ]
    return respond(setting(kind=kind, point=gates), members=24)


def plan(kind: str = "drill") -> Plan:
    return Plan(response(kind), words(["en", "zh"]))


def test_the_headline_is_the_answer() -> None:
    head = plan().headline
    # 15 km at 0.5 m/s take 8.3 h; the front comes before.
    assert re.fullmatch(
        r"3,000 kg of ammonia nitrogen spilled at the bridge at A reach Intake at 1\d:\d\d, [67]\.\d h later\.", head.en
    )
    assert head.zh.startswith("甲桥泄漏氨氮3,000千克，预计1")


def test_a_section_and_a_border_at_one_point_are_told_once() -> None:
    assert [place.name.en for place in plan().places] == ["Section one", "Intake", "Border"]


def test_the_points_stand_in_their_order_and_what_cannot_act_says_why() -> None:
    rows = plan().measures
    assert [(row.rank, row.standing.en, row.stops) for row in rows] == [
        (1, "in time", "60%"),
        (None, "not on its way", "–"),
        (None, "too late", "–"),
    ]
    before, after = float(plan().counted[0].peak), float(rows[0].after[0].text)
    assert after == pytest.approx(0.4 * before, rel=0.1)


def test_calls_tell_what_to_do_until_when() -> None:
    told = {row.role.en: row.what for row in plan().calls}
    assert re.match(r"1\. Gate G: Shut it\. Act from \d\d:\d\d to \d\d:\d\d\.", told["Keeper"].en)
    assert re.match(r"Intake: close before \d\d:\d\d\. Open again after .*, and only when", told["Waterworks"].en)
    assert told["Down"].zh.startswith("交界：")


def test_the_page_holds_both_languages_and_fetches_nothing() -> None:
    html = render_plan(response())
    assert html.startswith("<!doctype html>")
    assert not re.search(r"(src|href)=\"(?!data:|#)", html)
    assert "http" not in re.sub(r"data:[^\"]*", "", html)
    for said in ("Who is called", "通知谁", "What can still be done", "还能做什么", "Nothing of this happened"):
        assert said in html
    assert 'content:"DRILL · SIMULATED · 演练 · 模拟"' in html


def test_a_page_in_one_language_holds_no_other() -> None:
    html = render_plan(response(), languages=["zh"])
    assert 'lang="en"' not in html
    assert "Who is called" not in html
    assert "通知谁" in html


@pytest.mark.parametrize(("kind", "told"), [("event", "Simulated, not measured"), ("what-if", "What if.")])
def test_each_kind_of_scenario_says_what_it_is(kind: str, told: str) -> None:
    assert told in render_plan(response(kind), languages=["en"])


def test_every_picture_has_its_words_and_its_numbers() -> None:
    html = render_plan(response(), languages=["en"])
    for figure in ("river-map", "arrivals", "profile-over-time", "profiles"):
        assert f'aria-labelledby="{figure}-title {figure}-alt"' in html
        assert f'id="{figure}-alt"' in html
        assert f'download="{figure}.csv"' in html


def test_a_plan_without_points_or_roles_says_what_to_add() -> None:
    bare = respond(setting(watch=[], release={"kind": "instant", "mass": 0.2}))
    html = render_plan(bare, languages=["en"])
    assert "No response point is declared" in html
    assert "The scenario names nobody to call" in html
    assert "stay below the threshold at every place watched" in html


def test_nothing_of_a_scenario_becomes_markup() -> None:
    told = setting(name={"en": "<script>alert(1)</script>", "zh": "<b>"})
    html = render_plan(respond(told))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_spill_within_a_reach_and_at_a_mark_is_drawn_where_it_is() -> None:
    for place in ({"reach": "middle", "distance": 4000.0}, {"mark": "S1"}):
        spilled = setting(place={**place, "name": {"en": "here", "zh": "此处"}})
        svg = Plan(respond(spilled), words(["en"])).map.svg
        assert svg.index("here") < svg.index("Intake")
        assert "Brook joins" in svg


def test_the_page_is_written_whole_and_never_over_a_folder(tmp_path: Path) -> None:
    written = write_plan(response(), tmp_path / "new" / "plan.html", languages=["en"])
    assert [path.name for path in written.parent.iterdir()] == ["plan.html"]
    with pytest.raises(InputError, match="the output is a folder"):
        write_plan(response(), tmp_path)
