"""Errors become exit codes in one place; talk goes to standard error; help answers at once."""

from __future__ import annotations

import os
import subprocess
import sys

import cyclopts
import pytest

from commonshed import __version__, cli
from commonshed.errors import InputError, LaxerLayer, MissingExtra, NotCovered, ShedLocked

PROGRAM = [sys.executable, "-m", "commonshed"]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """A command ``break`` that raises what the dictionary holds under "error"."""
    holder: dict[str, BaseException] = {}
    app = cyclopts.App(name="commonshed", suppress_keyboard_interrupt=False, result_action="return_value")

    @app.command(name="break")
    def fail() -> None:
        raise holder["error"]

    monkeypatch.setattr(cli, "app", app)
    return holder


@pytest.mark.parametrize(
    "error",
    [
        InputError("is no number", file="a.csv", row=3, field="PM2.5", value="x", mend="Write 35"),
        NotCovered("no regime governs 1990-01-01 in Beijing; the nearest is cn-2012"),
        LaxerLayer("24h PM2.5: the layer allows 80, the standard 75"),
        ShedLocked("another process is sealing demo/beijing"),
        MissingExtra("plot", "drawing pictures"),
    ],
)
def test_what_the_user_can_mend_is_one_sentence_and_code_2(
    error: Exception, broken: dict[str, BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    broken["error"] = error
    assert cli.run(["break"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"commonshed: {error}\n"


def test_a_file_that_is_not_there_is_the_users_to_mend(
    broken: dict[str, BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    broken["error"] = FileNotFoundError(2, "No such file or directory", "readings.csv")
    assert cli.run(["break"]) == 2
    assert capsys.readouterr().err == "commonshed: readings.csv: No such file or directory\n"


def test_our_own_fault_is_one_honest_sentence_and_code_1(
    broken: dict[str, BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMMONSHED_DEBUG", raising=False)
    broken["error"] = KeyError("pm25")
    assert cli.run(["break"]) == 1
    said = capsys.readouterr().err
    assert "our fault, not yours (KeyError: 'pm25')" in said
    assert "COMMONSHED_DEBUG=1" in said
    assert "Traceback" not in said


def test_the_trace_shows_when_asked_for(
    broken: dict[str, BaseException], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMONSHED_DEBUG", "1")
    broken["error"] = KeyError("pm25")
    assert cli.run(["break"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_code_130(broken: dict[str, BaseException]) -> None:
    broken["error"] = KeyboardInterrupt()
    assert cli.run(["break"]) == 130


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["asess"], 'Unknown command "asess".'),
        (["break", "--nosuch"], "--nosuch"),
    ],
)
def test_a_command_that_cannot_be_read_is_code_2_and_points_to_help(
    words: list[str], said: str, broken: dict[str, BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    broken["error"] = AssertionError("not reached")
    assert cli.run(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert "--help" in captured.err


def test_every_command_is_there_and_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    text = capsys.readouterr().out
    shown = [line.split()[1] for line in text.splitlines() if line.startswith("│ ") and line[2].isalpha()]
    assert shown == list(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_loads_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([name, "--help"]) == 0
    assert f"commonshed {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_list_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    own = " ".join(cli.app[name].help.split("\n\n")[0].split())
    assert own == cli.COMMANDS[name].answers


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_help_imports_no_engine() -> None:
    script = (
        "import sys; from commonshed.cli import run; run(['--help']); "
        "print(sorted({'numpy', 'pyarrow', 'duckdb', 'shapely', 'pydantic', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_answers_within_half_a_second() -> None:
    """The bar is the processor's time, best of three: the machine may be busy with other tests."""

    def seconds() -> float:
        before = os.times()
        subprocess.run([*PROGRAM, "--help"], check=True, capture_output=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(seconds() for _ in range(3)) < 0.5


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = (
        "import sys; from commonshed import cli; from commonshed.cli.output import write\n"
        "cli.app.command(lambda: write([{'day': n} for n in range(10**5)], format='csv'), name='much')\n"
        "sys.exit(cli.run(['much']))"
    )
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    _, said = process.communicate(timeout=60)
    assert said == ""
    assert process.returncode == 141
