"""The report in a real browser: nothing is fetched, the switches work without a script, every width is readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

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
def browser() -> Iterator[object]:
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


def _open(browser: object, address: str, **options: object) -> object:
    context = browser.new_context(locale="en-GB", **options)  # type: ignore[attr-defined]
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.requests, opened.faults = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda said: opened.faults.append(said.text) if said.type == "error" else None)
    opened.goto(address)
    return opened


def _seen(opened: object, selector: str) -> str:
    return " ".join(
        piece.inner_text()
        for piece in opened.locator(selector).all()
        if piece.is_visible()  # type: ignore[attr-defined]
    )


def test_nothing_is_fetched_and_nothing_goes_wrong(browser: object, address: str) -> None:
    opened = _open(browser, address)
    opened.wait_for_timeout(300)  # type: ignore[attr-defined]
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []  # type: ignore[attr-defined]
    assert opened.faults == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_the_switches_change_what_is_seen(browser: object, address: str, script: bool) -> None:
    opened = _open(browser, address, java_script_enabled=script)
    shown, own, converted = content("2015..2017"), *content("2015..2017").laws[:2]

    def says_good_days_of(law: object, year: int) -> None:
        city = shown.graded[law.key, year].city  # type: ignore[attr-defined]
        assert f"{city['good_days']} of {city['valid_days']} days" in _seen(opened, ".lead .standfirst")

    says_good_days_of(own, 2016)
    opened.locator("label[for=law-1]").click()  # type: ignore[attr-defined]
    says_good_days_of(converted, 2016)
    assert "Not in force in 2016" in _seen(opened, ".stamp")
    opened.locator("label[for=year-2015]").click()  # type: ignore[attr-defined]
    says_good_days_of(converted, 2015)
    opened.locator("label[for=language-zh]").click()  # type: ignore[attr-defined]
    heading = _seen(opened, "h1")
    assert heading.startswith("若按2026年标准衡量，北京2015年")
    assert "Beijing" not in heading
    assert _seen(opened, "h2").count("每一天") == 1
    if script:
        assert opened.evaluate("document.documentElement.lang") == "zh-Hans"  # type: ignore[attr-defined]
        assert opened.title().startswith("北京的空气")  # type: ignore[attr-defined]


def test_a_link_opens_the_page_as_it_was_left(browser: object, address: str) -> None:
    opened = _open(browser, f"{address}#law=cn-2026-as-measured&year=2015&language=zh")
    assert opened.locator("#law-2").is_checked()  # type: ignore[attr-defined]
    assert opened.locator("#year-2015").is_checked()  # type: ignore[attr-defined]
    assert opened.locator("#language-zh").is_checked()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_of_the_page(browser: object, address: str, width: int, scheme: str) -> None:
    opened = _open(browser, address, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for language in ("en", "zh"):
        opened.locator(f"label[for=language-{language}]").click()  # type: ignore[attr-defined]
        assert opened.evaluate("document.documentElement.scrollWidth") <= width  # type: ignore[attr-defined]
    paper = {"light": "rgb(251, 250, 247)", "dark": "rgb(18, 22, 26)"}[scheme]
    assert opened.evaluate("getComputedStyle(document.documentElement).backgroundColor") == paper  # type: ignore[attr-defined]


def test_the_first_column_of_a_wide_table_stays_on_a_phone(browser: object, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    region = opened.locator("#ranking-stations .scroll").first  # type: ignore[attr-defined]
    region.scroll_into_view_if_needed()
    region.evaluate("element => element.scrollLeft = 300")
    cell = opened.locator("#ranking-stations tbody th:visible").first  # type: ignore[attr-defined]
    assert cell.bounding_box()["x"] == pytest.approx(region.bounding_box()["x"], abs=1)


def test_the_keyboard_reaches_the_switches_and_what_has_the_focus_is_marked(browser: object, address: str) -> None:
    opened = _open(browser, address)
    opened.keyboard.press("Tab")  # type: ignore[attr-defined]
    assert opened.evaluate("document.activeElement.className") == "skip"  # type: ignore[attr-defined]
    opened.keyboard.press("Tab")  # type: ignore[attr-defined]
    opened.keyboard.press("Tab")  # type: ignore[attr-defined]
    assert opened.evaluate("document.activeElement.name") == "law"  # type: ignore[attr-defined]
    opened.keyboard.press("ArrowRight")  # type: ignore[attr-defined]
    assert opened.locator("#law-1").is_checked()  # type: ignore[attr-defined]
    outline = opened.evaluate("getComputedStyle(document.querySelector('label[for=law-1]')).outlineStyle")  # type: ignore[attr-defined]
    assert outline == "solid"


def test_touch_targets_are_large_enough(browser: object, address: str) -> None:
    opened = _open(browser, address, viewport={"width": 390, "height": 900})
    small = opened.evaluate(  # type: ignore[attr-defined]
        "[...document.querySelectorAll('.choice label, .how > summary, a.data')]"
        ".map(e => e.getBoundingClientRect()).filter(r => r.height > 0 && r.height < 43.5).length"
    )
    assert small == 0


def test_a_ranking_sorts_and_finds_back_to_its_order(browser: object, address: str) -> None:
    opened = _open(browser, address)
    names = (
        "[...document.querySelectorAll('#ranking-stations tbody th')].filter(e => e.offsetParent).map(e => e.innerText)"
    )
    before = opened.evaluate(names)  # type: ignore[attr-defined]
    button = opened.locator("#ranking-stations thead button:visible", has_text="PM10").first  # type: ignore[attr-defined]
    button.click()
    assert opened.evaluate(names) != before  # type: ignore[attr-defined]
    button.click()
    button.click()
    assert opened.evaluate(names) == before  # type: ignore[attr-defined]


def test_a_data_link_gives_the_numbers_of_its_picture(browser: object, address: str, tmp_path: Path) -> None:
    opened = _open(browser, address)
    with opened.expect_download() as waiting:  # type: ignore[attr-defined]
        opened.locator("#calendar-aqi a.data").click()  # type: ignore[attr-defined]
    saved = tmp_path / "calendar.csv"
    waiting.value.save_as(saved)
    lines = saved.read_text("utf-8").splitlines()
    assert waiting.value.suggested_filename == "calendar-aqi.csv"
    assert lines[0].startswith("law,day,aqi,class")
    assert len(lines) == 1 + 3 * (365 + 366 + 365)


def test_the_page_prints_with_its_pictures(browser: object, address: str, tmp_path: Path) -> None:
    opened = _open(browser, address)
    opened.emulate_media(media="print")  # type: ignore[attr-defined]
    assert not opened.locator(".bar").is_visible()  # type: ignore[attr-defined]
    assert opened.locator("#months-by-quantity .pillar:visible").count() >= 60  # type: ignore[attr-defined]
    printed = tmp_path / "report.pdf"
    opened.pdf(path=str(printed), prefer_css_page_size=True)  # type: ignore[attr-defined]
    assert printed.read_bytes()[:5] == b"%PDF-"
