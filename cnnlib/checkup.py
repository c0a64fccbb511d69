"""Is everything there? What chapter 00 runs first, and what a bug report quotes."""

import importlib
import platform
import sys
from dataclasses import dataclass
from importlib import metadata

import numpy as np

OLDEST_PYTHON = (3, 11)
# What the book needs besides Python, and what for. The versions it accepts are written once, in pyproject.toml.
PACKAGES = {
    "numpy": "arithmetic",
    "matplotlib": "figures",
    "sympy": "derivations",
    "ipywidgets": "sliders",
    "anywidget": "players",
    "jupyterlab_widgets": "sliders in JupyterLab",
    "tqdm": "progress bars",
}


@dataclass(frozen=True)
class Finding:
    """One line of the self-check: what was looked at, whether it is well, and the repair where it is not."""

    subject: str
    well: bool
    repair: str = ""

    def __str__(self):
        return f"ok       {self.subject}" if self.well else f"MISSING  {self.subject}. {self.repair}"


@dataclass(frozen=True)
class SelfCheck:
    """All findings; true where nothing is missing."""

    findings: tuple

    def __bool__(self):
        return all(finding.well for finding in self.findings)

    def __repr__(self):
        missing = sum(not finding.well for finding in self.findings)
        repair = f"{missing} of {len(self.findings)} need a repair; run this cell again afterwards."
        last = repair if missing else "Everything is there."
        return "\n".join([*map(str, self.findings), last])


def self_check():
    """Look at Python, the packages, the bundled data, the library and the exercises; every trouble becomes a line with its repair."""
    findings = [_python()]
    findings += [_package(name, purpose) for name, purpose in PACKAGES.items()]
    findings += [_try("the bundled digits and the photograph", _data), _try("the library counts correctly", _library)]
    findings += [_try("exercises can be checked", _exercises)]
    return SelfCheck(tuple(findings))


def versions():
    """The versions in one line, for a bug report."""
    from cnnlib import __version__

    found = [f"{name} {_version(name) or 'missing'}" for name in (*PACKAGES, "jupyterlab")]
    return ", ".join([f"cnnlib {__version__}", f"Python {platform.python_version()} on {platform.system()}", *found])


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _python():
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Finding(f"Python {wanted} or newer", sys.version_info >= OLDEST_PYTHON, f"Install Python {wanted} from python.org.")


def _accepted():
    """{package: its requirement as pyproject.toml states it}, from the installed library; empty where it runs uninstalled."""
    try:
        lines = metadata.requires("cnnlib") or ()
    except metadata.PackageNotFoundError:
        return {}
    from packaging.requirements import Requirement

    return {requirement.name: requirement for requirement in map(Requirement, lines)}


def _package(name, purpose):
    subject = f"{name}, for {purpose}"
    requirement = _accepted().get(name)
    wanted = f"{name}{requirement.specifier}" if requirement else name
    repair = f'Run in a terminal: python -m pip install "{wanted}"'
    try:
        importlib.import_module(name)
    except ImportError:
        return Finding(subject, False, repair)
    found = _version(name)
    fits = requirement is None or found is None or requirement.specifier.contains(found, prereleases=True)
    return Finding(subject, True) if fits else Finding(f"{subject}: version {found} is outside {requirement.specifier}", False, repair)


def _try(subject, look):
    try:
        repair = look()
    except Exception as error:  # a self-check reports whatever is wrong
        repair = f"{type(error).__name__}: {error}"
    return Finding(subject, not repair, repair or "")


def _data():
    from cnnlib.datasets import load_digits, sample_image

    load_digits()
    sample_image()


def _library():
    from cnnlib.ops.convolution import conv2d

    y = conv2d(np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)))
    if not np.array_equal(y[0, 0], [[8, 12], [20, 24]]):
        return f"conv2d gave {y.tolist()}. Reinstall with: python -m pip install --force-reinstall numpy"
    return None


def _exercises():
    from cnnlib.exercises.engine import find, judge  # which, unlike check, notes nothing in the reader's progress

    verdict = judge(find("output-size"), lambda n, kernel_size, stride, padding, dilation: 0)
    return None if verdict.passed is False else f"a wrong answer was told: {verdict.message}"
