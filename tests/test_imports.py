"""The import contracts hold, and each of them fails when it is broken (decision 0001)."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BREACHES = {
    "upward": ("keep/upward.py", "import commonshed.assess\n", "The order of the loop is the order of imports"),
    "unplaced": ("misc/__init__.py", '"""Nowhere in the loop."""\n', "The order of the loop is the order of imports"),
    "web": ("assess/web.py", "import django.http\n", "No web framework below the server"),
    "engine": ("assess/engine.py", "import duckdb\n", "No DuckDB or Spark outside compute, keep and cli"),
    "picture": ("assess/picture.py", "import matplotlib\n", "Pictures are drawn in disclose only"),
    "peer": ("attribute/river/peer.py", "from scipy import optimize\n", "What we compare with"),
    "river": (
        "attribute/river/loads/spilt.py",
        "import commonshed.attribute.river.spill\n",
        "know nothing of spills",
    ),
    "page": ("disclose/river/borrowed.py", "import commonshed.disclose.report.gather\n", "one frame"),
    "statement": ("disclose/statements/laid_out.py", "import commonshed.disclose.report.gather\n", "one frame"),
    "log": ("keep/log/held.py", "import commonshed.keep.packs\n", "knows nothing of what it holds"),
    "signature": ("disclose/sealed.py", "import cryptography.hazmat\n", "Signatures are made and checked"),
    "wire": ("observe/hj212/dialled.py", "import socket\n", "no socket, no clock and no shed"),
    "server": ("disclose/served.py", "import starlette.routing\n", "Only nodes and the gateway serve HTTP"),
    "asker": ("observe/fetched.py", "import httpx\n", "Strangers are asked over HTTP"),
    "giver": (
        "disclose/federation/redaction.py",
        "import commonshed.disclose.federation.client\n",
        "Who gives knows nothing of who pulls",
    ),
    "neighbour": ("disclose/federation/strange.py", '"""Nowhere."""\n', "each have their order"),
    "figure": ("disclose/federation/figured.py", "import commonshed.disclose.statements\n", "another matter"),
    "proof": ("disclose/proofs/rows.py", "import commonshed.keep.shed\n", "checked without any shed"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's modules and the contracts, without data."""
    folder = tmp_path_factory.mktemp("copy")
    only_code = shutil.ignore_patterns("__pycache__", "*.parquet", "*.geojson", "*.csv", "*.tmp")
    shutil.copytree(ROOT / "src" / "commonshed", folder / "src" / "commonshed", ignore=only_code)
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_seen(breach: str, copy: Path) -> None:
    place, text, contract = BREACHES[breach]
    module = copy / "src" / "commonshed" / place
    existed = module.parent.exists()
    before = module.read_text("utf-8") if module.exists() else None
    module.parent.mkdir(exist_ok=True)
    module.write_text((before or "") + text, encoding="utf-8")
    try:
        done = lint(copy)
    finally:
        if before is None:
            module.unlink()
        else:
            module.write_text(before, encoding="utf-8")
        if not existed:
            shutil.rmtree(module.parent)
    assert done.returncode == 1, done.stdout
    assert any(contract in line for line in done.stdout.splitlines() if " BROKEN" in line), done.stdout


def test_every_package_of_the_design_has_its_place_from_the_start() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    layers = contracts["importlinter:contract:loop"]["layers"]
    placed = [name.strip("() ") for line in layers.split("\n") for name in line.split("|") if name.strip()]
    loop = ["observe", "assess", "attribute", "assign", "act", "settle", "disclose"]
    assert [name for name in reversed(placed) if name in loop] == loop
    floor_and_frame = {"errors", "exact", "units", "periods", "standards", "places", "keep", "compute"}
    assert set(placed) >= floor_and_frame | {"simulate", "server", "cli"}
