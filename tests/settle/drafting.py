"""Small agreements for tests: two counties, one section, and whatever rule is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from commonshed.periods import Period
from commonshed.settle import Agreement, Measured, Settlement, Value, Volume, parse, settle_measured
from commonshed.settle.measured import ShareOf

LEVELS = ("I", "II", "III", "IV", "V", "inferior V")

HEAD = """
schema_version = 1
id = "two-counties"
title = { en = "Two counties", zh = "两县" }
nature = "example"
first = 2016-01-01
regime = "cn-surface"

[money]
currency = "CNY"
rounding = "half-even"
provenance = "test"

[provenance.test]
status = "unverified"
"""

PARTIES = """
[[parties]]
code = "up"
name = { en = "Upper county", zh = "上县" }
fiscal_capacity = "0.6"
provenance = "test"

[[parties]]
code = "low"
name = { en = "Lower county", zh = "下县" }
fiscal_capacity = 1
provenance = "test"

[[parties]]
code = "third"
name = { en = "Third county", zh = "第三县" }
fiscal_capacity = 2
provenance = "test"

[[parties]]
code = "fund"
name = { en = "Fund", zh = "基金" }
kind = "fund"
provenance = "test"
"""

SECTION = """
[[sections]]
id = "s1"
upstream = "up"
downstream = "low"
level = "III"
provenance = "test"
targets = [
    { quantity = "tp", value = "0.2", unit = "mg/L", provenance = "test" },
    { quantity = "nh3n", value = "1.0", unit = "mg/L", provenance = "test" },
]
baselines = [{ quantity = "tp", value = "0.2", unit = "mg/L", provenance = "test" }]
"""

FLOW = """
[flow]
source = "declared"
unit = "1e4 m3"
clause = { en = "clause 2", zh = "第2条" }
provenance = "test"
"""

MISSING = """
[clauses.missing_samples]
samples = {{ month = {month} }}
action = "{action}"
clause = {{ en = "clause 9", zh = "第9条" }}
provenance = "test"
"""

LOAD = """
[[rules]]
id = "load"
kind = "load-price"
title = { en = "Loads", zh = "负荷" }
clause = { en = "clause 3", zh = "第3条" }
provenance = "test"
unit_of_time = "month"
quantities = ["tp"]
prices = [{ quantity = "tp", value = 10, unit = "1e4 CNY/t", provenance = "test" }]
"""

CLASSES = """
[[rules]]
id = "classes"
kind = "class-step"
title = { en = "Classes", zh = "类别" }
clause = { en = "clause 4", zh = "第4条" }
provenance = "test"
unit_of_time = "month"
quantities = ["tp", "nh3n"]
rate = { value = 30, unit = "1e4 CNY" }
reduced = { value = 15, unit = "1e4 CNY" }
"""

RESTORATION = """
[[rules]]
id = "restore"
kind = "restoration"
title = { en = "Restoration", zh = "恢复" }
clause = { en = "clause 5", zh = "第5条" }
provenance = "test"
unit_of_time = "month"
quantities = ["tp"]
"""


def drafted(*parts: str) -> Agreement:
    """An agreement of the usual head and parties, one section unless parts bring their own, and these parts."""
    own = [] if any("[[sections]]" in part for part in parts) else [SECTION]
    return parse("\n".join([HEAD, PARTIES, *own, *parts]).encode(), "two-counties.toml")


def value(of: str, text: str, *, samples: int = 4, level: str | None = None, unit: str = "mg/L") -> Value:
    """A published value."""
    return Value(of, text, unit, samples, level=level)


def volume(text: str, *, unit: str = "1e4 m3", readings: int = 0) -> Volume:
    """A volume."""
    return Volume(text, unit, readings, how="declared")


def month(number: int, year: int = 2016) -> Period:
    """A month of 2016."""
    return Period.month(year, number)


def settled(
    agreement: Agreement,
    values: Mapping[tuple[str, str, Period], Value],
    volumes: Mapping[tuple[str, Period], Volume] | None = None,
    *,
    period: str = "2016-01",
    shares: ShareOf | None = None,
    owners: Mapping[str, str] | None = None,
) -> Settlement:
    """The bill of plain figures."""
    measured = Measured(values, volumes or {}, LEVELS, shares or {}, owners or {})
    return settle_measured(agreement, measured, Period.parse(period))
