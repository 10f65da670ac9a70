"""A small made-up river as people would type it: four sections, two counties above a third, samples when it suited.

    north ──► N1 ─┐
                  meet ──► M1 ──► L1 ──► sea
    east  ──► E1 ─┘

The North carries 6 m3/s, the East 4, the main river 10 and 10.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SECTIONS = """section,name_en,name_zh,lon,lat,adcode,water_body,water,basin,target
N1,North bridge,北桥,126.60,45.90,230111,river,North,Big,III
E1,East bridge,东桥,126.90,45.90,230112,river,East,Big,III
M1,Below the meeting,汇合口下,126.75,45.70,230103,river,Main,Big,III
L1,Low weir,下堰,126.75,45.50,230103,river,Main,Big,III
"""
RIVERS = """reach,upstream,downstream,name_en,name_zh,length,discharge,width,depth,jurisdiction
north,north,N1,North,北河,8000,6,20,1.0,230111
north-low,N1,meet,North,北河,2000,6,20,1.0,230111
east,east,E1,East,东河,7000,4,15,0.9,230112
east-low,E1,meet,East,东河,3000,4,15,0.9,230112
main,meet,M1,Main,干流,5000,10,30,1.2,230103
main-low,M1,L1,Main,干流,12000,10,30,1.2,230103
main-end,L1,sea,Main,干流,4000,10,30,1.2,230103
"""
HEAD = "station,quantity,start,period,value,unit"
SAMPLES = """N1,tp,2016-03-02T09:15+08:00,0,0.10,mg/L
N1,tp,2016-03-19T16:40+08:00,0,0.14,mg/L
E1,tp,2016-03-03T08:05+08:00,0,0.34,mg/L
E1,tp,2016-03-21T11:00+08:00,0,0.42,mg/L
M1,tp,2016-03-02T14:20+08:00,0,0.22,mg/L
M1,tp,2016-03-23T10:10+08:00,0,0.24,mg/L
L1,tp,2016-03-04T10:30+08:00,0,0.23,mg/L
N1,nh3n,2016-03-02T09:15+08:00,0,<0.05,mg/L as NH4
E1,nh3n,2016-03-03T08:05+08:00,0,1.6,mg/L as NH4
M1,nh3n,2016-03-02T14:20+08:00,0,0.70,mg/L
L1,nh3n,2016-03-04T10:30+08:00,0,0.025L,mg/L
N1,do,2016-03-02T09:15+08:00,0,8.1,mg/L
E1,do,2016-03-03T08:05+08:00,0,4.2,mg/L
M1,ph,2016-03-02T14:20+08:00,0,7.9,1
L1,ph,2016-03-04T10:30+08:00,0,9.3,1
"""
FLOWS = {"N1": "6", "E1": "4", "M1": "10", "L1": "10"}

AGREEMENT = """schema_version = 1
id = "two-counties"
title = { en = "Two counties on one river", zh = "两县流域补偿协议" }
nature = "example"
first = 2016-01-01
regime = "cn-surface"

[money]
currency = "CNY"
decimals = 2
rounding = "half-even"
provenance = "text"

[[parties]]
code = "230112"
name = { en = "Upper county", zh = "上游县" }
provenance = "text"

[[parties]]
code = "230103"
name = { en = "Lower county", zh = "下游县" }
provenance = "text"

[[sections]]
id = "E1"
upstream = "230112"
downstream = "230103"
level = "III"
provenance = "text"
targets = [{ quantity = "tp", value = "0.2", unit = "mg/L", provenance = "text" }]

[flow]
source = "readings"
unit = "1e4 m3"
needs = { month = 1 }
clause = { en = "clause 4", zh = "第四条" }
provenance = "text"

[[rules]]
id = "phosphorus"
kind = "load-price"
title = { en = "Phosphorus above the target", zh = "总磷超标补偿" }
clause = { en = "clause 5", zh = "第五条" }
provenance = "text"
unit_of_time = "month"
quantities = ["tp"]
prices = [{ quantity = "tp", value = 10, unit = "1e4 CNY/t", provenance = "text" }]

[clauses.missing_samples]
samples = { month = 1 }
action = "open"
clause = { en = "clause 8", zh = "第八条" }
provenance = "text"

[provenance.text]
status = "unverified"
note = "made up for this test"
"""

SPILL = """format = "commonshed-spill/1"
kind = "drill"
at = 2016-03-10T08:00:00+08:00
called = 2016-03-10T08:30:00+08:00
zone = "+08:00"
hours = 24
step = 100

[name]
en = "Drill at the North bridge"
zh = "北桥演练"

[place]
node = "N1"
name = { en = "North bridge", zh = "北桥" }

[substance]
quantity = "nh3n"
unit = "mg/L"
threshold = 1.0
source = { en = "class III", zh = "Ⅲ类" }

[release]
kind = "instant"
mass = 500

[roles]
keeper = { en = "Keeper", zh = "闸管员" }

[[point]]
id = "gate"
kind = "gate"
name = { en = "Gate at the meeting", zh = "汇合口闸" }
node = "meet"
minutes = 30
share = 0.5
hours = 12
calls = ["keeper"]
does = { en = "Shut it.", zh = "关闸。" }
source = "made up"
"""


def flows() -> str:
    """The mean flow of three days at every section."""
    days = ("2016-03-02", "2016-03-12", "2016-03-22")
    return "".join(f"{id},flow,{day}T00:00+08:00,P1D,{v},m3/s\n" for id, v in FLOWS.items() for day in days)


@dataclass
class Files:
    """The river's files in a folder; tests change a text before they ask."""

    folder: Path
    sections: str = SECTIONS
    rivers: str = RIVERS
    readings: str = field(default_factory=lambda: f"{HEAD}\n{SAMPLES}{flows()}")
    agreement: str = AGREEMENT
    spill: str = SPILL

    def write(self, encoding: str = "utf-8") -> Files:
        """Put the texts into the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.texts().items():
            (self.folder / name).write_bytes(text.encode(encoding if name.endswith(".csv") else "utf-8"))
        return self

    def texts(self) -> dict[str, str]:
        """Text of each file by its name."""
        return {
            "sections.csv": self.sections,
            "rivers.csv": self.rivers,
            "readings.csv": self.readings,
            "agreement.toml": self.agreement,
            "spill.toml": self.spill,
        }

    def path(self, name: str) -> Path:
        """One of them."""
        return self.folder / name

    @property
    def places(self) -> list[object]:
        """Options that name the places."""
        return ["--stations", self.path("sections.csv"), "--rivers", self.path("rivers.csv")]

    @property
    def given(self) -> list[object]:
        """Readings with their places and mapping."""
        return [self.path("readings.csv"), *self.places, "--mapping", "long"]
