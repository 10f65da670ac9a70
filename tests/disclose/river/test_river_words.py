"""Every sentence about rivers exists in both languages and is used."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from string import Formatter

import pytest

import commonshed.disclose.river as river
from commonshed.disclose.river.wording import PACKAGE, clock, day_and_clock, duration, figure, said
from commonshed.disclose.words import Both, texts
from commonshed.errors import UnknownName

HERE = Path(river.__file__).parent
SOURCES = [path for path in [*HERE.rglob("*"), *HERE.parent.glob("templates/*")] if path.suffix in (".py", ".html")]


def test_both_languages_hold_the_same_sentences() -> None:
    assert list(texts("en", PACKAGE)) == list(texts("zh", PACKAGE))


def test_chinese_asks_for_nothing_that_english_does_not_get() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    en, zh = texts("en", PACKAGE), texts("zh", PACKAGE)
    assert {key for key in en if not blanks(zh[key]) <= blanks(en[key])} == set()


def test_chinese_is_chinese_and_english_is_english() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    # What only puts blanks together has no word of its own in either language.
    worded = {key for key, en in texts("en", PACKAGE).items() if re.search(r"[a-z]", re.sub(r"\{\w+\}", "", en))}
    assert {key for key, zh in texts("zh", PACKAGE).items() if not chinese.search(zh)} & worded == set()
    assert {key for key, en in texts("en", PACKAGE).items() if chinese.search(en)} == set()


def test_every_sentence_is_used_and_every_one_used_exists() -> None:
    code = "\n".join(path.read_text("utf-8") for path in SOURCES if path.parent.name != "report")
    named = set(re.findall(r"said\(\s*\"([a-z_]+\.[a-zA-Z0-9_-]+)\"[,)]", code))
    assert named <= set(texts("en", PACKAGE))
    # Some keys are put together from what they name.
    together: tuple[str, ...] = (
        "kind.",
        "standing.",
        "plan.kind_",
        "plan.kind_says_",
        "plan.margin_",
        "plan.release_",
        "plan.do_",
    )
    together += ("plan.facts_", "plan.map_", "plan.below", "plan.not_yet", "shares.", "ui.")
    unused = {k for k in texts("en", PACKAGE) if f'"{k}"' not in code and not k.startswith(together)}
    assert unused == set()


def test_an_unknown_sentence_is_named() -> None:
    with pytest.raises(UnknownName, match="no text in en"):
        said("plan.nonsense")


@pytest.mark.parametrize(
    ("hours", "told"),
    [(0.5, "30 min"), (1.0, "1 h"), (6.37, "6.4 h"), (41.7, "42 h"), (68.18, "2.8 days"), (96.0, "4 days")],
)
def test_a_duration_is_as_short_as_people_say_it(hours: float, told: str) -> None:
    assert duration(hours).en == told


def test_figures_have_two_significant_digits_and_a_true_minus() -> None:
    assert [figure(v) for v in (28.44, 6.81, 0.0501, 0, 3412.0, -0.5)] == ["28", "6.8", "0.050", "0", "3,412", "−0.50"]


def test_a_clock_tells_the_day_only_where_it_is_another() -> None:
    spilled = datetime(2016, 6, 20, 8, 40, tzinfo=UTC)
    zone = timezone(timedelta(hours=1))
    assert clock(spilled + timedelta(hours=6), zone, beside=spilled).en == "15:40"
    assert clock(spilled + timedelta(hours=16), zone, beside=spilled) == Both("21 Jun 01:40", "6月21日01:40")
    assert day_and_clock(spilled, zone) == Both("20 Jun 2016 09:40", "2016年6月20日09:40")
