"""The report in a real browser: nothing is fetched, the switches work without a script, every width is readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.disclose.shed_of_beijing import content, page

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
if not CHROMIUM.exists() and not os.environ.get("CI"):
    pytest.skip("no chromium on this machine", allow_module_level=True)

sync_api = pytest.importorskip("playwright.sync_api") if not os.environ.get("CI") else __import__(
    "playwright.sync_api", fromlist=["sync_api"]
)  # fmt: skip

WIDTHS = (390, 768, 1440)


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
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(page("2015..2017"), encoding="utf-8")
    return file.as_uri()


def _open(browser: Any, address: str, **options: Any) -> Any:
    context = browser.new_context(locale="en-GB", **options)
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.requests, opened.faults = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda said: opened.faults.append(said.text) if said.type == "error" else None)
    opened.goto(address)
    return opened


def _seen(opened: Any, selector: str) -> str:
    return " ".join(piece.inner_text() for piece in opened.locator(selector).all() if piece.is_visible())


def test_nothing_is_fetched_and_nothing_goes_wrong(browser: Any, address: str) -> None:
    opened = _open(browser, address)
    opened.wait_for_timeout(300)
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    assert opened.faults == []


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_the_switches_change_what_is_seen(browser: Any, address: str, script: bool) -> None:
    opened = _open(browser, address, java_script_enabled=script)
    shown, own, converted = content("2015..2017"), *content("2015..2017").laws[:2]

    def says_good_days_of(law: Any, year: int) -> None:
        city = shown.graded[law.key, year].city
        assert f"{city['good_days']} of {city['valid_days']} days" in _seen(opened, ".lead .standfirst")

    says_good_days_of(own, 2016)
    opened.locator("label[for=law-1]").click()
    says_good_days_of(converted, 2016)
    assert "Not in force in 2016" in _seen(opened, ".stamp")
    opened.locator("label[for=year-2015]").click()
    says_good_days_of(converted, 2015)
    opened.locator("label[for=language-zh]").click()
    heading = _seen(opened, "h1")
    assert heading.startswith("若按2026年标准衡量，北京2015年")
    assert "Beijing" not in heading
    assert _seen(opened, "h2").count("每一天") == 1
    if script:
        assert opened.evaluate("document.documentElement.lang") == "zh-Hans"
        assert opened.title().startswith("北京的空气")


def test_a_link_opens_the_page_as_it_was_left(browser: Any, address: str) -> None:
    opened = _open(browser, f"{address}#law=cn-2026-as-measured&year=2015&language=zh")
    assert opened.locator("#law-2").is_checked()
    assert opened.locator("#year-2015").is_checked()
    assert opened.locator("#language-zh").is_checked()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_of_the_page(browser: Any, address: str, width: int, scheme: str) -> None:
    opened = _open(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for language in ("en", "zh"):
        opened.locator(f"label[for=language-{language}]").click()
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    paper = {"light": "rgb(251, 250, 247)", "dark": "rgb(18, 22, 26)"}[scheme]
    assert opened.evaluate("getComputedStyle(document.documentElement).backgroundColor") == paper


def test_the_first_column_of_a_wide_table_stays_on_a_phone(browser: Any, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    region = opened.locator("#ranking-stations .scroll").first
    region.scroll_into_view_if_needed()
    region.evaluate("element => element.scrollLeft = 300")
    cell = opened.locator("#ranking-stations tbody th:visible").first
    assert cell.bounding_box()["x"] == pytest.approx(region.bounding_box()["x"], abs=1)


def test_the_keyboard_reaches_the_switches_and_what_has_the_focus_is_marked(browser: Any, address: str) -> None:
    opened = _open(browser, address)
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.keyboard.press("Tab")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.name") == "law"
    opened.keyboard.press("ArrowRight")
    assert opened.locator("#law-1").is_checked()
    outline = opened.evaluate("getComputedStyle(document.querySelector('label[for=law-1]')).outlineStyle")
    assert outline == "solid"


def test_touch_targets_are_large_enough(browser: Any, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    small = opened.evaluate(
        "[...document.querySelectorAll('.choice label, .how > summary, a.data')]"
        ".map(e => e.getBoundingClientRect()).filter(r => r.height > 0 && r.height < 43.5).length"
    )
    assert small == 0


def test_a_ranking_sorts_and_finds_back_to_its_order(browser: Any, address: str) -> None:
    opened = _open(browser, address)
    names = (
        "[...document.querySelectorAll('#ranking-stations tbody th')].filter(e => e.offsetParent).map(e => e.innerText)"
    )
    before = opened.evaluate(names)
    button = opened.locator("#ranking-stations thead button:visible", has_text="PM10").first
    button.click()
    assert opened.evaluate(names) != before
    button.click()
    button.click()
    assert opened.evaluate(names) == before


def test_a_data_link_gives_the_numbers_of_its_picture(browser: Any, address: str, tmp_path: Path) -> None:
    opened = _open(browser, address)
    with opened.expect_download() as waiting:
        opened.locator("#calendar-aqi a.data").click()
    saved = tmp_path / "calendar.csv"
    waiting.value.save_as(saved)
    lines = saved.read_text("utf-8").splitlines()
    assert waiting.value.suggested_filename == "calendar-aqi.csv"
    assert lines[0].startswith("law,day,aqi,class")
    assert len(lines) == 1 + 3 * (365 + 366 + 365)


def test_the_page_prints_with_its_pictures(browser: Any, address: str, tmp_path: Path) -> None:
    opened = _open(browser, address)
    opened.emulate_media(media="print")
    assert not opened.locator(".bar").is_visible()
    assert opened.locator("#months-by-quantity .pillar:visible").count() >= 60
    printed = tmp_path / "report.pdf"
    opened.pdf(path=str(printed), prefer_css_page_size=True)
    assert printed.read_bytes()[:5] == b"%PDF-"
