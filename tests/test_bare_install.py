"""What ``pip install commonshed`` gives without any extra: the wheel and the core requirements, nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")

EVERY_MODULE = """
import importlib, pkgutil, sys
import commonshed
from commonshed.errors import MissingExtra

def missing_extra(error):
    while error is not None and not isinstance(error, MissingExtra):
        error = error.__cause__ or error.__context__
    return error

for found in pkgutil.walk_packages(commonshed.__path__, "commonshed.", onerror=lambda name: None):
    if found.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(found.name)
    except Exception as error:
        extra = missing_extra(error)
        if extra is None:
            raise
        print("EXTRA", found.name, extra.extra)
    else:
        print("OK", found.name)
"""

SERVING = {
    "commonshed.disclose.federation.answers",
    "commonshed.disclose.federation.running",
    "commonshed.disclose.federation.serving",
    "commonshed.observe.gateway.http",
}
"""What speaks HTTP to others; asking others, and the gateway for HJ 212, need no extra."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not UV.exists(), reason="uv stands beside Python in make's .venv")]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and the pinned core requirements; its ``bin``."""
    folder = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist"), cwd=ROOT)
    run(str(UV), "venv", "--quiet", "--no-config", "--python", sys.executable, str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    install = [str(UV), "pip", "install", "--quiet", "--no-config", "--python", str(python)]
    core = [*install, "--require-hashes", "--requirement", str(ROOT / "requirements" / "core.txt")]
    # The same wheels lie in uv's cache since `make` installed them; only a cleared cache needs the index again.
    if subprocess.run([*core, "--offline"], capture_output=True, check=False).returncode != 0:
        run(*core)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(*install, "--no-deps", str(wheel))
    return python.parent


def run(*command: str, cwd: Path | None = None, code: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done


def test_every_module_that_needs_no_extra_imports(bare: Path, tmp_path: Path) -> None:
    lines = run(str(bare / "python"), "-c", EVERY_MODULE, cwd=tmp_path).stdout.splitlines()
    imported = {line.split()[1] for line in lines if line.startswith("OK ")}
    kept_back = {line.split()[1]: line.split()[2] for line in lines if line.startswith("EXTRA ")}
    stages = ["standards", "places", "keep", "compute", "observe", "assess", "cli"]
    assert {f"commonshed.{stage}" for stage in stages} <= imported
    assert set(kept_back.values()) == {"plot", "node"}
    assert {name for name, extra in kept_back.items() if extra == "node"} == SERVING
    assert all(name.startswith("commonshed.disclose") for name in kept_back.keys() - SERVING)


def test_the_standards_are_listed(bare: Path, tmp_path: Path) -> None:
    assert "GB 3095" in run(str(bare / "commonshed"), "standards", "list", cwd=tmp_path).stdout


def test_readings_are_graded_straight_from_a_file(bare: Path, tmp_path: Path) -> None:
    (tmp_path / "stations.csv").write_text(
        "station,name_zh,lon,lat,adcode,district_zh,district_en,role\n"
        "Dongsi,东四,116.417,39.929,110101,东城区,Dongcheng,assessed\n",
        encoding="utf-8",
    )
    rows = [f"Dongsi,pm25,2016-03-05T{hour:02d}:00+08:00,PT1H,{80 + hour},ug/m3" for hour in range(24)]
    (tmp_path / "readings.csv").write_text(
        "\n".join(["station,quantity,start,period,value,unit", *rows, ""]), encoding="utf-8"
    )
    words = [
        "assess",
        "air",
        "readings.csv",
        "--stations",
        "stations.csv",
        "--mapping",
        "long",
        "--period",
        "2016-03-05",
    ]
    words += ["--by", "station", "--regime", "cn-2012", "--unit-of-time", "day", "--format", "csv"]
    head, day = run(str(bare / "commonshed"), *words, cwd=tmp_path).stdout.splitlines()
    record = dict(zip(head.split(","), day.split(","), strict=False))
    # The mean of 80 … 103 is 91.5, and an exact half goes to the even neighbour (GB/T 8170).
    assert record["pm25"] == "92"


def test_a_node_says_the_name_of_the_extra_it_needs(bare: Path, tmp_path: Path) -> None:
    run(str(bare / "commonshed"), "init", "shed", "--place", "beijing", cwd=tmp_path)
    said = run(str(bare / "commonshed"), "serve-node", "--shed", "shed", "--port", "0", cwd=tmp_path, code=2).stderr
    assert "commonshed[node]" in said


def test_a_shed_is_checked_and_its_key_told_without_any_extra(bare: Path, tmp_path: Path) -> None:
    run(str(bare / "commonshed"), "init", "shed", "--place", "beijing", cwd=tmp_path)
    run(str(bare / "commonshed"), "shed", "status", "--shed", "shed", "--check", cwd=tmp_path)
    assert (
        "commonshed/"
        in run(str(bare / "commonshed"), "key", "show", "--shed", "shed", "--format", "csv", cwd=tmp_path).stdout
    )


def test_the_report_says_the_name_of_the_extra_it_needs(bare: Path, tmp_path: Path) -> None:
    run(str(bare / "commonshed"), "init", "shed", "--place", "beijing", cwd=tmp_path)
    said = run(str(bare / "commonshed"), "report", "--shed", "shed", "--period", "2016", cwd=tmp_path, code=2).stderr
    assert "commonshed[plot]" in said
