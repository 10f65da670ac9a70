"""A made-up river of forty kilometres with a tributary, and a spill on it: round numbers, to be checked by hand."""

from __future__ import annotations

from typing import Any

from commonshed.attribute.river.response import Scenario, Setting, set_on
from commonshed.places import Jurisdiction, Mark, Network, Node, Reach, Rivers

__all__ = ["scenario", "setting", "straight"]


def straight() -> Network:
    """Source → A → B (the Brook joins) → mouth; 0.5 m/s everywhere, 10 m³/s above B and 20 m³/s below."""
    reaches = [
        Reach("upper", "source", "A", "River", "河", 10_000, discharge=10, width=20, depth=1, jurisdiction="up"),
        Reach("middle", "A", "B", "River", "河", 20_000, discharge=10, width=20, depth=1, jurisdiction="up"),
        Reach("lower", "B", "mouth", "River", "河", 20_000, discharge=20, width=40, depth=1, jurisdiction="down"),
        Reach("brook", "spring", "B", "Brook", "溪", 5_000, discharge=10, width=20, depth=1, jurisdiction="side"),
    ]
    marks = [
        Mark("B-border", "border", node="B", name_en="Border", name_zh="交界", jurisdiction="up", towards="down"),
        Mark("brook-border", "border", node="B", jurisdiction="side", towards="down"),
        Mark("S1", "section", reach="middle", distance=10_000, name_en="Section one", name_zh="一号断面"),
    ]
    rivers = Rivers.of([Node(id) for id in ("source", "A", "B", "mouth", "spring")], reaches, marks)
    codes = {code: Jurisdiction(code, code.title(), code) for code in ("up", "down", "side")}
    return Network(codes, {}, rivers=rivers)


def scenario(**changes: Any) -> Scenario:
    """Three tonnes at once at A, an intake 15 km further down; what is given replaces or adds keys."""
    told: dict[str, Any] = {
        "format": "commonshed-spill/1",
        "kind": "drill",
        "name": {"en": "Drill", "zh": "演练"},
        "at": "2024-05-01T08:00:00+08:00",
        "zone": "+08:00",
        "hours": 30.0,
        "step": 200.0,
        "place": {"node": "A", "name": {"en": "bridge at A", "zh": "甲桥"}},
        "substance": {"quantity": "nh3n", "threshold": 1.0, "source": "made up"},
        "release": {"kind": "instant", "mass": 3000.0},
        "uncertainty": {"members": 0},
        "roles": {"keeper": {"en": "Keeper", "zh": "管理员"}, "works": {"en": "Waterworks", "zh": "水厂"}},
        "watch": [
            {"id": "I1", "kind": "intake", "reach": "middle", "distance": 15_000.0, "calls": ["works"],
             "name": {"en": "Intake", "zh": "取水口"}}
        ],
    }  # fmt: skip
    return Scenario.model_validate(told | changes)


def point(id: str, distance: float, **changes: Any) -> dict[str, Any]:
    """A gate on the middle reach that stops all, half an hour after the call."""
    told = {"id": id, "kind": "gate", "reach": "middle", "distance": distance, "minutes": 30.0, "calls": ["keeper"]}
    told |= {"name": {"en": f"Gate {id}", "zh": f"{id}闸"}}
    return told | ({"share": 1.0} if "flow" not in changes else {}) | changes


def setting(**changes: Any) -> Setting:
    """The scenario on the river."""
    return set_on(straight(), scenario(**changes))
