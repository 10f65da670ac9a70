"""The plan in a real browser: nothing is fetched, nothing sticks out, it prints on a few sheets of A4."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.e2e import test_report_in_browser as report_pages

from commonshed.attribute.river.response import read_scenario, respond, set_on
from commonshed.disclose.river import write_plan
from commonshed.places import shipped

browser, _open = report_pages.browser, report_pages._open


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    response = respond(set_on(shipped("thames"), read_scenario("thames")), members=32)
    return write_plan(response, tmp_path_factory.mktemp("plan") / "plan.html").as_uri()


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_and_nothing_is_fetched(browser: Any, address: str, width: int, scheme: str) -> None:
    opened = _open(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for language in ("en", "zh"):
        opened.locator(f"label[for=language-{language}]").click()
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    assert opened.faults == []


def test_no_label_of_the_schematic_lies_over_another(browser: Any, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    overlapping = """() => {
      const boxes = [...document.querySelectorAll('.schematic text')]
        .map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0);
      const hits = [];
      boxes.forEach(([a, r], i) => boxes.slice(i + 1).forEach(([b, q]) => {
        const w = Math.min(r.right, q.right) - Math.max(r.left, q.left);
        const h = Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top);
        if (w > 1 && h > 3) hits.push([a, b]);
      }));
      return hits;
    }"""
    for language in ("en", "zh"):
        opened.locator(f"label[for=language-{language}]").click()
        assert opened.evaluate(overlapping) == []


def test_it_prints_on_four_sheets_with_room_to_write_when_each_was_called(
    browser: Any, address: str, tmp_path: Path
) -> None:
    opened = _open(browser, address)
    opened.emulate_media(media="print")
    assert opened.locator("#calls td.done:visible").count() >= 10
    assert not opened.locator("fieldset.language").is_visible()
    printed = tmp_path / "plan.pdf"
    opened.pdf(path=str(printed), prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed.read_bytes())) <= 5
