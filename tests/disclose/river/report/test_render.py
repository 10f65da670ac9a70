"""The page: both languages whole, every picture with its words and numbers, nothing from outside."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from tests.disclose.river.report.thames_page import QUESTION, content, linked, page, part, said, shed

from commonshed.disclose import river
from commonshed.disclose.river.report import render, write_river_report
from commonshed.disclose.river.report.render import PACKAGE
from commonshed.disclose.words import texts
from commonshed.errors import InputError

FIGURES = (
    "classes-uk-wfd-2010", "classes-cn-surface", "map", "trend", "loads-tp", "loads-tdn", "shares-tp", "shares-tdn",
    "profile-over-time", "arrivals",
)  # fmt: skip
HERE = Path(river.__file__).parent
VOID = {"meta", "link", "input", "br", "rect", "path", "circle", "line", "img", "hr"}


class Nesting(HTMLParser):
    """Complains when an element is closed that is not the last one opened, or an id comes twice."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.ids: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.opened.append(tag)

    def handle_startendtag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.opened or self.opened.pop() != tag:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]}")


@pytest.fixture(scope="module")
def parsed() -> Nesting:
    parser = Nesting()
    parser.feed(page())
    return parser


def test_elements_are_nested_and_ids_are_used_once(parsed: Nesting) -> None:
    assert parsed.faults == []
    assert parsed.opened == []
    assert sorted(parsed.ids) == sorted(set(parsed.ids))


def test_what_is_named_by_an_id_is_there(parsed: Nesting) -> None:
    for attribute in ("aria-labelledby", "aria-describedby", "for"):
        for names in re.findall(rf' {attribute}="([^"]+)"', page()):
            assert set(names.split()) <= set(parsed.ids), names


def test_both_languages_hold_the_same_sentences_in_the_same_order() -> None:
    assert list(texts("en", PACKAGE)) == list(texts("zh", PACKAGE))


def test_both_languages_fill_in_the_same_blanks() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    en, zh = texts("en", PACKAGE), texts("zh", PACKAGE)
    only = {key: blanks(zh[key]) ^ blanks(en[key]) for key in en if blanks(zh[key]) != blanks(en[key])}
    # Who is good enough for a law is named in English only where the sentence would be ambiguous without it.
    assert {key: names for key, names in only.items() if not names <= blanks(en[key])} == {}


def test_chinese_is_chinese_and_english_is_english() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    worded = {key for key, en in texts("en", PACKAGE).items() if re.search(r"[a-z]", re.sub(r"\{\w+\}", "", en))}
    assert {key for key, zh in texts("zh", PACKAGE).items() if not chinese.search(zh)} & worded == set()
    assert {key for key, en in texts("en", PACKAGE).items() if chinese.search(en)} == set()


def test_every_sentence_is_used() -> None:
    templates = [*(HERE / "templates").glob("*.html"), *(HERE.parent / "templates").glob("*.html")]
    code = "\n".join(path.read_text("utf-8") for path in [*(HERE / "report").glob("*.py"), *templates])
    together = ("status.", "quantity.", "method.", "bill.status.", "flag.", "made.limit_", "trend.")
    assert {key for key in texts("en", PACKAGE) if f'"{key}"' not in code and not key.startswith(together)} == set()
    for key in ("falling", "rising", "none"):
        assert f"trend.{key}" in texts("en", PACKAGE)


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_has_its_words_its_way_and_its_numbers(figure: str) -> None:
    found = re.search(rf'<figure class="figure" id="{figure}">.*?</figure>', page(), re.DOTALL)
    assert found is not None
    alt = re.search(rf'<div class="unseen" id="{figure}-alt">(.*?)</div>', found[0], re.DOTALL)
    assert alt is not None
    assert said(alt[1])
    assert re.search(r"[\u4e00-\u9fff]", said(alt[1], "zh"))
    assert '<details class="how">' in found[0]
    assert len(linked(figure)) > 1
    for svg in re.findall(r"<svg[^>]*>", found[0]):
        assert 'role="img"' in svg
        assert f'aria-labelledby="{figure}-title {figure}-alt"' in svg


def test_there_are_no_other_figures() -> None:
    assert tuple(re.findall(r'<figure class="figure" id="([^"]+)"', page())) == FIGURES


def test_the_numbers_of_a_chart_are_in_its_words() -> None:
    alt = re.search(r'id="shares-tp-alt">(.*?)</div>', page(), re.DOTALL)
    assert alt is not None
    for row in linked("shares-tp")[:3]:
        assert row["name"] in said(alt[1])
        assert f"{float(row['share']) * 100:.2f}" in said(alt[1])


def test_nothing_is_fetched() -> None:
    bare = re.sub(r"data:[^\"]*", "", page())
    assert not re.search(r"https?://", bare)
    assert not re.search(r"@import|url\((?!['\"]?(#|data:))", bare)
    assert re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]*)\"", bare) == [""]  # the empty icon
    assert re.findall(r"<a [^>]*href=\"(?!#)([^\"]+)\"", bare) == ["thames-plan.html"]


def test_no_binary_float_and_no_python_shows() -> None:
    seen = said(re.sub(r"<(style|script)>.*?</\1>", "", page(), flags=re.DOTALL))
    assert not re.search(r"\d\.\d{10,}", seen)
    assert not re.search(r"\bNone\b|\bTrue\b|\bFalse\b|Both\(|Decimal\(|\{\w+\}", seen)


def test_one_language_alone_holds_no_other() -> None:
    alone = render(content(), languages=["zh"])
    assert 'lang="en"' not in alone
    assert 'id="language-en"' not in alone
    assert "泰晤士河" in alone
    assert "What it would cost" not in alone


def test_the_drill_is_marked_as_one_and_the_plan_is_linked() -> None:
    assert "Nothing of this happened" in said(part("drill"))
    assert 'href="thames-plan.html"' in part("drill")
    assert "演练" in said(part("drill"), "zh")


def test_what_the_page_rests_on_is_named_with_digests() -> None:
    told = said(part("made"))
    assert content().basis.network_digest in told
    assert all(edition.digest in told for law in content().laws for edition in law.editions)
    assert "171,314" in told
    assert "unverified" in told


def test_a_river_with_nothing_but_classes_still_has_a_page() -> None:
    bare = replace(content(), loads={}, shares={}, trends={}, agreement=None, bill=(), response=None, plan=None)
    html = render(bare)
    for gone in ('id="bill"', 'id="drill"', 'id="shares"', 'id="trends"', 'id="loads"'):
        assert gone not in html
    assert 'id="classes-cn-surface"' in html


def test_names_from_files_never_become_markup() -> None:
    network = content().network
    stations = dict(network.stations)
    stations["TC16"] = replace(stations["TC16"], name_en="<script>alert(1)</script>", name_zh="<b>x")
    html = render(replace(content(), network=replace(network, stations=stations), response=None))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_report_is_written_with_its_plan_and_never_over_a_folder(tmp_path: Path) -> None:
    few = replace(
        QUESTION, quantities=(), trend="po4p", agreement=None, years=(2015,), members=8, regimes=("cn-surface",)
    )
    written = write_river_report(shed(), few, tmp_path / "out" / "river.html", languages=["en"])
    assert sorted(path.name for path in written.parent.iterdir()) == ["river-plan.html", "river.html"]
    assert 'href="river-plan.html"' in written.read_text("utf-8")
    with pytest.raises(InputError, match="the output is a folder"):
        write_river_report(shed(), replace(few, scenario=None), tmp_path)


def test_what_is_still_to_be_restored_has_the_points_of_its_language() -> None:
    assert re.search(r", total phosphorus: now 0\.\d+ mg/L, baseline 0\.\d+ mg/L; since \d{4}\.</span>", page())
    assert re.search(r"，总磷：现值0\.\d+ mg/L，基准0\.\d+ mg/L；自\d{4}起。</span>", page())
