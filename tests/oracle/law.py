"""The constants of GB 3095, HJ 633 and HJ 663 in both editions, typed from the texts with their clauses.

Concentrations are in ug/m3, CO in mg/m3. Conventions the texts do not settle are marked *convention*.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

SIX = ("pm25", "pm10", "so2", "no2", "co", "o3")
GASES = frozenset({"so2", "no2", "co", "o3"})

# Decimals of a legal concentration: GB/T 8170 to whole ug/m3, CO to 0.1 mg/m3 (HJ 663-2013 rounding; HJ 633-2026 5.3).
DECIMALS = {"pm25": 0, "pm10": 0, "so2": 0, "no2": 0, "co": 1, "o3_8h": 0, "o3_1h": 0}
QUANTITY_OF = {"o3_8h": "o3", "o3_1h": "o3"}

# GB 3095-2012 and GB 3095-2026, Table 4: validity of data.
DAY_MIN_HOURS = 20
WINDOW_MIN_HOURS = 6
MONTH_MIN_DAYS = 27
FEBRUARY_MIN_DAYS = 25
YEAR_MIN_DAYS = 324
# HJ 663-2013: 8-h means that end at 08:00 ... 24:00 lie within the natural day; 14 of the 17 are needed,
# or fewer when the largest of them is above the limit value.
WINDOW_ENDS = range(8, 25)
DAY_MIN_WINDOWS = 14
# Convention: the largest hour of a day needs the hours a daily mean needs.
O3_1H_MIN_HOURS = 20
# Convention: the running 24-h mean of particulate matter needs the hours a daily mean needs.
RUNNING_24H_MIN_HOURS = 20

# HJ 663-2013, city evaluation. Convention: share of sites; half of them where there are fewer than four.
CITY_MIN_SHARE = Fraction(3, 4)
CITY_FEW_SITES = 4
CITY_FEW_SHARE = Fraction(1, 2)

# HJ 633-2012 table 1, HJ 633-2026 table 1: sub-index at the breakpoints.
LEVELS = (0, 50, 100, 150, 200, 300, 400, 500)
# HJ 633: classes one to six end at these values of the index.
CLASS_ENDS = (50, 100, 150, 200, 300, 500)

_COMMON_BREAKPOINTS = {
    "so2_24h": (0, 50, 150, 475, 800, 1600, 2100, 2620),
    "so2_1h": (0, 150, 500, 650, 800),
    "no2_24h": (0, 40, 80, 180, 280, 565, 750, 940),
    "no2_1h": (0, 100, 200, 700, 1200, 2340, 3090, 3840),
    "co_24h": (0, 2, 4, 14, 24, 36, 48, 60),
    "co_1h": (0, 5, 10, 35, 60, 90, 120, 150),
    "o3_1h": (0, 160, 200, 300, 400, 800, 1000, 1200),
    "o3_8h": (0, 100, 160, 215, 265, 800),
}


@dataclass(frozen=True)
class Law:
    """One set of editions that grade together, as plain numbers.

    ``above`` gives the sub-index beyond a short table: a number, or None for "no sub-index"; full tables are capped
    at 500 (practice in 2012, HJ 633-2026 in the text).
    """

    name: str
    breakpoints: dict[str, tuple[int, ...]]
    above: dict[str, int | None]
    daily: dict[str, str]
    hourly: dict[str, str]
    aqi_min: int
    rest_only_above: int | None
    """An index with a sub-index missing counts only above this; None: always."""
    year_limit: dict[str, Fraction]
    day_limit: dict[str, Fraction]
    percentile: dict[str, int]
    period_decimals: dict[str, int]
    composite: dict[str, tuple[str, Fraction, int]]
    """Quantity to (mean or percentile, S, weight)."""


def _fractions(**limits: str) -> dict[str, Fraction]:
    return {key: Fraction(text) for key, text in limits.items()}


# HJ 663-2013 and 2026: percentiles of the daily values.
_PERCENTILE = {"so2": 98, "no2": 98, "pm10": 95, "pm25": 95, "co": 95, "o3_8h": 90}

CN_2012 = Law(
    name="cn-2012",
    breakpoints=_COMMON_BREAKPOINTS
    | {"pm10_24h": (0, 50, 150, 250, 350, 420, 500, 600), "pm25_24h": (0, 35, 75, 115, 150, 250, 350, 500)},
    # HJ 633-2012 table 1, notes 2 and 3: SO2 above 800 takes the 24-h sub-index, O3 above 800 the 1-h sub-index.
    above={"so2_1h": None, "o3_8h": None},
    daily={
        "pm25": "pm25_24h",
        "pm10": "pm10_24h",
        "so2": "so2_24h",
        "no2": "no2_24h",
        "co": "co_24h",
        "o3_8h": "o3_8h",
        "o3_1h": "o3_1h",
    },
    hourly={
        "so2": "so2_1h",
        "no2": "no2_1h",
        "co": "co_1h",
        "o3_1h": "o3_1h",
        "o3_8h": "o3_8h",
        "pm10_24h": "pm10_24h",
        "pm25_24h": "pm25_24h",
    },
    aqi_min=0,
    rest_only_above=None,
    # GB 3095-2012 table 1, class II.
    year_limit=_fractions(so2="60", no2="40", pm10="70", pm25="35"),
    day_limit=_fractions(so2="150", no2="80", co="4", pm10="150", pm25="75", o3_8h="160"),
    percentile=_PERCENTILE,
    period_decimals={"so2": 0, "no2": 0, "pm10": 0, "pm25": 0, "co": 1, "o3_8h": 0},
    # HJ 663-2013: I = sum C/S; annual class II, CO 24-h, O3 8-h.
    composite={
        "so2": ("mean", Fraction(60), 1),
        "no2": ("mean", Fraction(40), 1),
        "pm10": ("mean", Fraction(70), 1),
        "pm25": ("mean", Fraction(35), 1),
        "co": ("percentile", Fraction(4), 1),
        "o3_8h": ("percentile", Fraction(160), 1),
    },
)

_BREAKPOINTS_2026 = _COMMON_BREAKPOINTS | {
    "pm10_24h": (0, 50, 120, 250, 350, 420, 500, 600),
    "pm25_24h": (0, 35, 60, 115, 150, 250, 350, 500),
}


def _cn_2026(name: str, year_limit: dict[str, Fraction], day_limit: dict[str, Fraction]) -> Law:
    return Law(
        name=name,
        breakpoints=_BREAKPOINTS_2026,
        # HJ 633-2026 table 1, notes: SO2 1-h above 800 is 200, O3 8-h above 800 is 300.
        above={"so2_1h": 200, "o3_8h": 300},
        # HJ 633-2026: six indicators, no daily O3 1-h.
        daily={key: table for key, table in CN_2012.daily.items() if key != "o3_1h"},
        # HJ 633-2026: the hour itself, particulate matter on the 24-h breakpoints.
        hourly={
            "so2": "so2_1h",
            "no2": "no2_1h",
            "co": "co_1h",
            "o3_1h": "o3_1h",
            "pm10": "pm10_24h",
            "pm25": "pm25_24h",
        },
        aqi_min=1,
        rest_only_above=100,
        year_limit=year_limit,
        day_limit=day_limit,
        percentile=_PERCENTILE,
        # HJ 663-2026 as far as known (one source): one decimal more than in 2013.
        period_decimals={"so2": 1, "no2": 1, "pm10": 1, "pm25": 1, "co": 2, "o3_8h": 1},
        # HJ 663-2026 as far as known (one source): weights 1 2 1 3 1 2, the sum not divided by 10 (unresolved).
        # S is the annual limit, for CO and O3 the 24-h and 8-h limit; convention: of its own phase.
        composite={
            "so2": ("mean", year_limit["so2"], 1),
            "no2": ("mean", year_limit["no2"], 2),
            "pm10": ("mean", year_limit["pm10"], 1),
            "pm25": ("mean", year_limit["pm25"], 3),
            "co": ("percentile", day_limit["co"], 1),
            "o3_8h": ("percentile", day_limit["o3_8h"], 2),
        },
    )


# GB 3095-2026 table 1, class II, to 2030-12-31.
CN_2026 = _cn_2026(
    "cn-2026@transition",
    _fractions(so2="60", no2="40", pm10="60", pm25="30"),
    _fractions(so2="150", no2="80", co="4", pm10="120", pm25="60", o3_8h="160"),
)
# GB 3095-2026 table 1, class II, from 2031-01-01.
CN_2026_FINAL = _cn_2026(
    "cn-2026@final",
    _fractions(so2="20", no2="30", pm10="50", pm25="25"),
    _fractions(so2="50", no2="50", co="4", pm10="100", pm25="50", o3_8h="160"),
)

LAWS = {law.name: law for law in (CN_2012, CN_2026, CN_2026_FINAL)}

# GB 3095-2012 before the amendment of 2018: gases at 273 K; GB 3095-2026: at 298.15 K, the same pressure.
GASES_OLD_TO_NEW = Fraction(5460, 5963)
