"""The printed form is one page that fetches nothing, with a code that leads back to the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import segno
from tests.disclose.statements.making import edited, stated

from commonshed.disclose.statements import Statement
from commonshed.disclose.statements.printing import code_text, render, write_statement
from commonshed.errors import InputError

URL = "https://air.example.org/statements/march.json"


@pytest.fixture(scope="module")
def statement(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    return stated(tmp_path_factory.mktemp("printed") / "shed")[1]


def of_records(statement: Statement, *records: dict[str, Any]) -> Statement:
    """The same with other records; nobody has signed it."""

    def other(content: dict[str, Any]) -> None:
        content["result"]["records"] = list(records)

    return Statement.parse(edited(statement, other))


def modules(page: str) -> list[list[int]]:
    """The dark modules of the code, read back from the lines of its drawing, quiet zone and all."""
    drawing = re.search(r'<svg[^>]*viewBox="0 0 (\d+) (\d+)"[^>]*>(.*?)</svg>', page, re.DOTALL)
    found = re.findall(r'<svg[^>]*viewBox="0 0 (\d+) (\d+)"[^>]*>(.*?)</svg>', page, re.DOTALL)
    assert drawing
    width, height, inside = found[-1]
    grid = [[0] * int(width) for _ in range(int(height))]
    path = re.findall(r'<path[^>]*\bd="([^"]*)"', inside)[-1]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path):
        values = [float(each) for each in re.findall(r"-?[\d.]+", numbers)]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            for column in range(int(x), int(x + values[0])):
                grid[int(y)][column] = 1
            x += values[0]
    return grid


@pytest.mark.parametrize("url", [URL, None])
def test_the_code_on_the_page_says_the_digest_and_where_to_verify(statement: Statement, url: str | None) -> None:
    said = code_text(statement, url)
    assert statement.digest in said
    assert said.startswith(URL if url else "commonshed:statement?sha256=")
    expected = [list(row) for row in segno.make_qr(said, error="m").matrix_iter(border=4)]
    read = modules(render(statement, url=url))
    assert read == expected
    assert not any(read[0] + read[3] + [row[0] for row in read] + [row[3] for row in read]), "four modules of quiet"


def test_the_page_fetches_nothing_and_says_what_was_stated(statement: Statement) -> None:
    page = render(statement, url=URL)
    assert not re.search(r'(?:src|href)="(?!data:|#|https://air\.example\.org)', page)
    assert not re.search(r"@import|url\((?!data:)", page)
    for text in (statement.digest, statement.signature.value, statement.as_of.root, "GB 3095-2012", "Mill", "90"):
        assert text in page
    assert f"commonshed verify {URL} --shed SHED" in page
    for word in ("Figures", "数值", "Check it", "核验", "place edition", "监测网络版本"):
        assert word in page


def test_a_page_of_one_language_holds_only_that(statement: Statement) -> None:
    page = render(statement, languages=("zh",))
    assert "公示结论" in page
    assert "Figures" not in page


def test_what_a_statement_says_cannot_act_on_the_page(statement: Statement) -> None:
    def spoil(content: dict[str, Any]) -> None:
        content["node"]["name"] = "<script>alert(1)</script>"
        content["result"]["records"][0]["name"] = {"en": "<img src=x onerror=alert(1)>", "zh": "a"}
        content["parameters"]["regime"] = '"><b>'

    page = render(Statement.parse(edited(statement, spoil)))
    assert "<script>alert" not in page
    assert "<img" not in page
    assert '"><b>' not in page


def test_a_claim_nobody_knows_is_printed_with_the_fields_it_has(statement: Statement) -> None:
    def other(content: dict[str, Any]) -> None:
        content["claim"] = "assess light"
        content["result"]["records"] = [{"lamp": "A", "lux": "3"}]

    page = render(Statement.parse(edited(statement, other)))
    assert "assess light" in page
    assert "lux" in page


@pytest.mark.parametrize("url", ["ftp://x", "javascript:alert(1)", "https://x y", "https://"])
def test_only_an_address_goes_into_the_code(statement: Statement, url: str) -> None:
    with pytest.raises(InputError, match="no address"):
        render(statement, url=url)


def test_it_is_written_whole(statement: Statement, tmp_path: Path) -> None:
    written = write_statement(statement, tmp_path / "below" / "page.html", url=URL)
    assert written.read_text("utf-8") == render(statement, url=URL)
    assert [path.name for path in written.parent.iterdir()] == ["page.html"]


def test_figures_stand_with_their_unit(statement: Statement) -> None:
    flat = {"jurisdiction": "110000", "mean": {"pm25": "73"}, "percentile": {"co_p95": "3.2"}}
    page = render(of_records(statement, flat), languages=("en",))
    assert "PM2.5 mean, µg/m³" in page
    assert "CO 95th percentile, mg/m³" in page


def test_a_bill_of_an_example_says_that_it_binds_nobody(statement: Statement) -> None:
    sentence = "The agreement it rests on is an example and binds nobody."
    assert sentence not in render(statement, languages=("en",))
    assert sentence in render(of_records(statement, {"nature": "example"}), languages=("en",))
