"""The tree keeps to its habits: names that answer something, public names listed, modules one can read."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "commonshed"
MODULES = sorted(SOURCE.rglob("*.py"))
NOT_YET_THOUGHT_THROUGH = {"utils", "util", "helpers", "helper", "common", "core", "misc", "tools", "base"}
LAWFUL_PRINTERS = {"cli"}


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_named_for_what_it_answers_and_says_why_it_exists(path: Path) -> None:
    assert path.stem not in NOT_YET_THOUGHT_THROUGH
    assert path.parent.name not in NOT_YET_THOUGHT_THROUGH
    assert ast.get_docstring(syntax(path)), "a module docstring says why the module exists"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 500, "split it by topic"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_library_prints_nothing(path: Path) -> None:
    if path.relative_to(SOURCE).parts[0] in LAWFUL_PRINTERS:
        return
    calls = [node for node in ast.walk(syntax(path)) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"] == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=name)
def test_a_package_lists_what_it_offers(path: Path) -> None:
    body = syntax(path).body
    assigned = {
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    imports = [node for node in body if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    assert "__all__" in assigned or not imports


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_test_s_name_is_a_sentence(path: Path) -> None:
    functions = [node for node in ast.walk(syntax(path)) if isinstance(node, ast.FunctionDef)]
    tests = [each.name for each in functions if each.name.startswith("test_")]
    assert [test for test in tests if test.count("_") < 3] == []


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a repository, or no git to search it with")
    here = "contracts/test_layout.py"
    words = [
        "/work" + "/",
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "npmjs" + ".org",
        "deb.debian" + ".org",
        "/opt" + "/",
    ]
    # A checkout may belong to another user; git then refuses to look, and that must not pass for "not found".
    search = ["git", "-c", f"safe.directory={ROOT}", "grep", "-I", "-l", "-F", "-e"]
    for word in words:
        done = subprocess.run([*search, word], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        assert [file for file in done.stdout.splitlines() if not file.endswith(here)] == [], word
