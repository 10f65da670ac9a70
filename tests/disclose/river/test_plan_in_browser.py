"""The plan in a real browser: nothing is fetched, nothing sticks out, it prints on a few sheets of A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.test_report_in_browser import CHROMIUM, sync_api

from commonshed.attribute.river.response import read_scenario, respond, set_on
from commonshed.disclose.river import write_plan
from commonshed.places import shipped


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
    response = respond(set_on(shipped("thames"), read_scenario("thames")), members=32)
    return write_plan(response, tmp_path_factory.mktemp("plan") / "plan.html").as_uri()


def _open(browser: Any, address: str, **options: Any) -> Any:
    opened = browser.new_context(locale="en-GB", **options).new_page()
    opened.requests, opened.faults = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda said: opened.faults.append(said.text) if said.type == "error" else None)
    opened.goto(address)
    return opened


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
