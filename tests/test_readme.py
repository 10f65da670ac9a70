"""The README does what it says: every command and the library example run; links of all pages lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("changelog.d/*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
COMMONSHED = [sys.executable, "-m", "commonshed"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def commands(program: str) -> list[str]:
    lines = [line.strip() for block in blocks("sh") for line in block.splitlines()]
    assert all(line.split()[0] in ("make", "commonshed") for line in lines if line)
    return [line for line in lines if line.startswith(f"{program} ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with the files that the README's commands speak of."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "stations.csv").write_text(
        "station,name_zh,lon,lat,adcode,district_zh,district_en,role\n"
        "Dongsi,东四,116.417,39.929,110101,东城区,Dongcheng,assessed\n"
        "Dingling,定陵,116.22,40.292,110114,昌平区,Changping,control\n",
        encoding="utf-8",
    )
    lines = [
        f"{station},pm25,2016-03-{day:02d}T{hour:02d}:00+08:00,PT1H,{value + hour},ug/m3"
        for station, value in (("Dongsi", 60), ("Dingling", 30))
        for day in range(1, 32)
        for hour in range(24)
    ]
    text = "\n".join(["station,quantity,start,period,value,unit", *lines, ""])
    (folder / "readings.csv").write_text(text, encoding="utf-8")
    (folder / "sections.csv").write_text(
        "section,name_en,adcode,water_body,water,basin,target\nshaokou,Shaokou,230100,river,Songhua,Songhua,III\n",
        encoding="utf-8",
    )
    samples = [
        f"shaokou,{quantity},2016-03-{day:02d}T10:20+08:00,PT1S,{value},{unit}"
        for day in (3, 17)
        for quantity, value, unit in (("do", 8.1, "mg/L"), ("nh3n", 0.9, "mg/L as NH4"), ("tp", 120, "ug/L"))
    ]
    text = "\n".join(["station,quantity,start,period,value,unit", *samples, ""])
    (folder / "samples.csv").write_text(text, encoding="utf-8")
    return folder


def run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_command_runs_in_the_order_given(folder: Path) -> None:
    written = commands("commonshed")
    assert len(written) >= 6
    for line in written:
        assert run([*COMMONSHED, *shlex.split(line)[1:]], folder).strip() or " init " in line or " ingest " in line, (
            line
        )


def test_the_library_example_prints_what_the_bulletin_is_compared_with(folder: Path) -> None:
    (example,) = blocks("python")
    lines = run([sys.executable, "-c", example], folder).splitlines()
    city = {line.split()[0]: line for line in lines if "Beijing" in line}
    assert sorted(city) == ["2014", "2015", "2016"]
    assert "73" in city["2016"].split()  # the official bulletin of 2016 prints 73 as well


def test_every_make_target_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.findall(r"^(\w+):.*## ", makefile, flags=re.MULTILINE)
    named = {word for line in commands("make") for word in line.split()[1:]} | set(re.findall(r"`make (\w+)`", README))
    assert named
    assert named <= set(targets)
    assert {"demo", "test", "check", "bench", "docs", "requirements", "clean"} <= set(targets)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("picture", ["report.png", "river.png"])
def test_the_picture_of_a_report_is_small_enough_to_open_at_once(picture: str) -> None:
    assert (ROOT / "docs" / "pictures" / picture).stat().st_size <= 300 * 1024


def test_the_tree_that_is_drawn_is_the_tree() -> None:
    (tree,) = [block for block in blocks("text") if "src/commonshed/" in block]
    for folder in re.findall(r"^  (\w+)/ ", tree, flags=re.MULTILINE):
        assert (ROOT / "src" / "commonshed" / folder / "__init__.py").exists(), folder
    for folder in re.findall(r"^(\w+)/ ", tree, flags=re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder
    drawn = set(re.findall(r"^  (\w+)/ ", tree, flags=re.MULTILINE))
    packages = {path.parent.name for path in (ROOT / "src" / "commonshed").glob("*/__init__.py")}
    assert packages - drawn <= {"simulate"}


def test_no_committed_requirement_names_an_index() -> None:
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text("utf-8"), path.name
        assert "--index" not in path.read_text("utf-8"), path.name


def test_every_pinned_requirement_has_a_hash() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        entries = re.split(r"\n(?=\S)", path.read_text("utf-8").strip())
        assert entries
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
