"""Rooms without a network: the book installs from a folder of wheels, and asks nothing of the network."""

import functools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packages import IN_CI

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from launcher import environment, machine, wheels  # noqa: E402
from launcher.machine import Trouble  # noqa: E402

# Continuous integration collects and installs everything; elsewhere two packages show that the way leads through.
FEW = ("numpy", "tqdm")
CHECK = (
    "from cnnlib.checkup import self_check; found = self_check(); print(found); raise SystemExit(not found)"
    if IN_CI
    else "import cnnlib, tqdm"
)


@functools.cache
def cut_off():
    """What runs a command in a network namespace that has no network; nothing where the system does not allow it."""
    command = ["unshare", "--map-root-user", "--net"]
    return command if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0 else []


def without_network(*command, cwd):
    """Run a command with no network: a namespace of its own where the system has them, and proxies that nobody answers."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("PIP_") and "proxy" not in name.lower()}
    dead = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    alone = kept | dead | {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
    return subprocess.run([*cut_off(), *command], cwd=cwd, env=alone, capture_output=True, text=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of what an installation reads."""
    folder = tmp_path_factory.mktemp("room") / "book"
    folder.mkdir()
    for name in ("cnnlib", "data", "launcher", "benchmarks/results"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("book.py", "pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder)
    if not IN_CI:
        lines = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line.startswith(FEW)]
        (folder / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_book_installs_from_its_wheelhouse_with_the_network_refused(project):
    book, house = [sys.executable, "book.py"], str(project.parent / "wheels (ü) & more")
    refused = without_network(*book, "setup", cwd=project)
    assert refused.returncode == 2, "the network was to be refused"
    assert "Connect to the network" in refused.stderr
    collected = subprocess.run([*book, "wheelhouse", house], cwd=project, capture_output=True, text=True)
    assert collected.returncode == 0, collected.stderr
    names = wheels.wheels_in(house)
    assert any(name.startswith("cnnlib-") for name in names)
    assert f"{len(names)} wheels" in collected.stdout
    assert collected.stdout.endswith(f"book.py setup --wheels {machine.quoted(house)}\n")
    installed = without_network(*book, "setup", "--wheels", house, cwd=project)
    assert installed.returncode == 0, installed.stderr
    python = environment.interpreter(str(project / ".venv"))
    works = without_network(python, "-c", CHECK, cwd=project.parent)
    assert works.returncode == 0, works.stdout + works.stderr
    line = without_network(*book, "version", cwd=project).stdout
    assert re.fullmatch(r"cnnlib [\d.]+, Python [\d.]+ on \w+, numpy [\d.]+, .*\n", line)
    again = without_network(*book, "setup", cwd=project)
    assert (again.returncode, again.stdout) == (0, "Everything is installed. Open the book with: python3 book.py\n")


@pytest.mark.parametrize("make", [lambda folder: None, Path.mkdir], ids=["missing", "empty"])
def test_a_folder_without_wheels_is_told_how_it_is_filled(tmp_path, make):
    make(tmp_path / "wheels")
    with pytest.raises(Trouble, match=r"There are no wheels in .*python3 book\.py wheelhouse FOLDER"):
        wheels.use_wheels(str(tmp_path / "wheels"))


def test_wheels_leave_pip_no_other_source(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {"PIP_INDEX_URL": "https://elsewhere.example", "PIP_RETRIES": "9", "HOME": "kept"})
    (tmp_path / "some-1.0-py3-none-any.whl").touch()
    wheels.use_wheels(str(tmp_path))
    assert os.environ == {"HOME": "kept", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": tmp_path.as_uri(), "PIP_CONFIG_FILE": os.devnull}


def test_a_wheel_that_is_missing_is_named(monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", Path("/the stick").as_uri())
    says = "ERROR: Could not find a version (from versions: none)\nERROR: No matching distribution found for numpy"
    with pytest.raises(Trouble, match="The folder /the stick has no wheel of numpy that fits this system and Python 3"):
        environment.run_and_diagnose([sys.executable, "-c", f"print({says!r}); raise SystemExit(1)"], "The installation failed")


def test_wheels_that_want_a_newer_patch_of_python_say_so(monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", Path("/the stick").as_uri())
    says = "ERROR: Package 'soupsieve' requires a different Python: 3.11.2 not in '>=3.11.5'"
    with pytest.raises(
        Trouble, match=r"^The folder /the stick was filled by a newer Python: its soupsieve wants Python >=3\.11\.5, and this is 3\.11\.2\."
    ):
        environment.run_and_diagnose([sys.executable, "-c", f"print({says!r}); raise SystemExit(1)"], "The installation failed")
