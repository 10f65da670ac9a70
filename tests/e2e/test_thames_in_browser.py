"""The report of the Thames in a real browser: every width, both languages, light and dark, keyboard and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.river.report.thames_page import content, linked, page
from tests.e2e.test_report_in_browser import CHROMIUM, WIDTHS, sync_api

CONTRAST = """selector => {
  const light = text => {
    const c = text.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * c[0] + .7152 * c[1] + .0722 * c[2];
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/^rgba.*, 0\\)$|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll(selector)].filter(e => e.offsetParent).map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    return [e.innerText.trim(), (a + .05) / (b + .05)];
  });
}"""
"""Ratio of WCAG 2.2, success criterion 1.4.3, for each element that is seen."""

CUT = """selector => [...document.querySelectorAll(selector)].filter(e => e.scrollWidth > e.clientWidth + 1)
  .filter(e => !e.classList.contains('unseen')).map(e => e.innerText)"""
"""What is wider than the room it has."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("river") / "thames.html"
    file.write_text(page(), encoding="utf-8")
    return file.as_uri()


def _open(browser: Any, address: str, **options: Any) -> Any:
    opened = browser.new_context(locale="en-GB", **options).new_page()
    opened.set_default_timeout(60_000)
    opened.requests, opened.faults = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda said: opened.faults.append(said.text) if said.type == "error" else None)
    opened.goto(address)
    return opened


def _choose(opened: Any, language: str) -> None:
    opened.locator(f"label[for=language-{language}]").click()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_nothing_is_fetched_and_nothing_goes_wrong(
    browser: Any, address: str, width: int, scheme: str
) -> None:
    opened = _open(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for language in ("en", "zh"):
        _choose(opened, language)
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.evaluate(CUT, ".tile-figure, h1, h2, h3, .legend, .notreal") == []
        opened.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        assert opened.evaluate("document.documentElement.scrollWidth") <= width, "with everything unfolded"
    paper = {"light": "rgb(251, 250, 247)", "dark": "rgb(18, 22, 26)"}[scheme]
    assert opened.evaluate("getComputedStyle(document.documentElement).backgroundColor") == paper
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    assert opened.faults == []


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_the_language_is_switched_with_and_without_a_script(browser: Any, address: str, script: bool) -> None:
    opened = _open(browser, address, java_script_enabled=script)
    assert opened.locator("h1").inner_text().startswith("In 2015 5 of 21 sections of the Thames")
    _choose(opened, "zh")
    assert opened.locator("h1").inner_text().startswith("2015年，泰晤士河及其支流21个断面中有5个")
    assert "sections" not in opened.locator("main").inner_text()
    if script:
        assert opened.evaluate("document.documentElement.lang") == "zh-Hans"
    _choose(opened, "en")
    assert not re.search(r"[\u4e00-\u9fff]", opened.locator("main").inner_text())
    assert opened.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_classes_can_be_read_on_their_colours(browser: Any, address: str, scheme: str) -> None:
    opened = _open(browser, address, color_scheme=scheme)
    for language in ("en", "zh"):
        _choose(opened, language)
        cells = opened.evaluate(CONTRAST, ".grid td.cell, #classes .legend i, #network .legend i")
        assert len(cells) > 180
        assert {text for text, _ in cells} >= ({"H", "IV", ">V"} if language == "en" else {"优", "IV", "劣V"})
        assert [(text, ratio) for text, ratio in cells if ratio < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_figures_can_be_read_on_the_paper(browser: Any, address: str, scheme: str) -> None:
    opened = _open(browser, address, color_scheme=scheme)
    opened.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    told = opened.evaluate(CONTRAST, "main p, main li, main th, main td, main small, main a, main summary, .badge")
    assert len(told) > 500
    assert sorted({(text[:40], round(ratio, 2)) for text, ratio in told if text and ratio < 4.5}) == []


def test_the_name_of_a_section_stays_when_its_row_is_moved(browser: Any, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    for region in ("#classes .scroll", "#bill .scroll", "#drill .scroll"):
        scroll = opened.locator(region).first
        scroll.scroll_into_view_if_needed()
        scroll.evaluate("element => element.scrollLeft = 200")
        cell = scroll.locator("tbody th").first
        assert cell.bounding_box()["x"] == pytest.approx(scroll.bounding_box()["x"], abs=1), region


def test_the_keyboard_goes_through_the_page_and_shows_where_it_is(browser: Any, address: str) -> None:
    opened = _open(browser, address)
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.name") == "language"
    outline = "getComputedStyle(document.querySelector('label[for=language-en]')).outlineStyle"
    assert opened.evaluate(outline) == "solid"
    reached = set()
    for _ in range(90):
        opened.keyboard.press("Tab")
        told = opened.evaluate(
            "(e => [e.tagName, getComputedStyle(e).outlineStyle, e.closest('section')?.id ?? ''])"
            "(document.activeElement)"
        )
        if told[0] == "BODY":
            break
        assert told[1] == "solid", told
        reached.add(told[2])
    assert reached >= {"classes", "network", "trends", "loads", "shares", "bill", "drill"}


def test_touch_targets_are_large_enough(browser: Any, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    small = opened.evaluate(
        "[...document.querySelectorAll('.choice label, summary, a.data, .planlink a')]"
        ".map(e => [e.innerText, e.getBoundingClientRect().height]).filter(([, h]) => h > 0 && h < 43.5)"
    )
    assert small == []


def test_no_label_of_the_network_lies_over_another(browser: Any, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    overlapping = """() => {
      const boxes = [...document.querySelectorAll('#map svg text')]
        .map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0);
      return boxes.flatMap(([a, r], i) => boxes.slice(i + 1)
        .filter(([, q]) => Math.min(r.right, q.right) - Math.max(r.left, q.left) > 1
          && Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top) > 3).map(([b]) => [a, b]));
    }"""
    for language in ("en", "zh"):
        _choose(opened, language)
        assert opened.evaluate(overlapping) == []


def test_a_rule_of_the_bill_unfolds_to_lines_that_show_what_they_rest_on(browser: Any, address: str) -> None:
    opened = _open(browser, address)
    rule = opened.locator("#bill details.rule").first
    line = rule.locator("tbody tr").first
    assert not line.is_visible()
    rule.locator("summary").click()
    assert line.is_visible()
    assert "measured" in line.inner_text()
    assert "volume" in line.inner_text()


def test_data_links_give_the_numbers_of_the_page(browser: Any, address: str, tmp_path: Path) -> None:
    opened = _open(browser, address)
    for name, selector in (("bill", "#bill a.data"), ("shares-tp", "#shares-tp a.data")):
        with opened.expect_download() as waiting:
            opened.locator(selector).first.click()
        saved = tmp_path / f"{name}.csv"
        waiting.value.save_as(saved)
        assert waiting.value.suggested_filename == f"{name}.csv"
        assert len(saved.read_text("utf-8-sig").splitlines()) == 1 + len(linked(name))
    assert len(linked("bill")) == len(content().of_kind("line"))


def test_it_prints_in_light_colours_without_switches(browser: Any, address: str, tmp_path: Path) -> None:
    opened = _open(browser, address, color_scheme="dark")
    _choose(opened, "zh")
    opened.emulate_media(media="print", color_scheme="dark")
    assert not opened.locator("fieldset.language").is_visible()
    assert not opened.locator("a.data").first.is_visible()
    assert opened.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 31, 36)"
    for part in ("#classes td.cell", "#map svg", "#bill td.num", "#drill svg"):
        assert opened.locator(part).first.is_visible(), part
    printed = tmp_path / "report.pdf"
    opened.pdf(path=str(printed), prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page[^s]", printed.read_bytes()))
    assert 6 <= sheets <= 12


def test_the_network_and_the_trends_fit_a_sheet_each(browser: Any, address: str) -> None:
    """A4 less its margins and page heads is 265 mm high: 1001 px."""
    opened = _open(browser, address, viewport={"width": 703, "height": 1000})
    opened.emulate_media(media="print")
    for part in ("#network", "#trends"):
        assert opened.locator(part).bounding_box()["height"] <= 1001, part


def test_nothing_is_cut_off_at_the_edge_of_the_paper(browser: Any, address: str) -> None:
    """A4 less its margins is 186 mm: at 96 dots an inch 703 px."""
    opened = _open(browser, address, viewport={"width": 703, "height": 1000})
    opened.emulate_media(media="print")
    for language in ("en", "zh"):
        opened.evaluate(f"document.querySelector('#language-{language}').checked = true")
        out = opened.evaluate(
            "[...document.querySelectorAll('main table, main svg')].filter(e => e.checkVisibility())"
            ".map(e => [e.closest('section').id, e.getBoundingClientRect().right]).filter(([, x]) => x > 704)"
        )
        assert out == []
