"""The book on the newest releases of everything it stands on: what changed, and what broke.

Upper bounds are ignored; a version pinned with `==` stays, because the reason for the pin does not go away with time.
"""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from launcher.environment import QUIET, clean_environment, interpreter, run_and_diagnose
from launcher.machine import ROOT, check_venv_module, path, read_file

REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*([^#;\s]*)")


def requirements(name):
    """{package: bounds} of a requirements file and of those that it includes."""
    found = {}
    for line in read_file(path(name)).decode().splitlines():
        if line.startswith("-r "):
            found.update(requirements(line[3:].strip()))
        match = REQUIREMENT.match(line)
        if match:
            found[match.group(1)] = match.group(2)
    return found


def without_upper_bounds(bounds):
    """The same bounds as far as they speak of what is too old or pinned: `>=2.0,<3` becomes `>=2.0`."""
    return ",".join(part for part in bounds.split(",") if not part.startswith("<"))


def numbers(version):
    """The leading whole numbers of a version: `9.0.1rc1` is (9, 0, 1)."""
    return tuple(int(part) for part in re.match(r"[\d.]*", version).group().split(".") if part)


def beyond(version, bounds):
    """Whether a version is refused by the upper bound among these bounds."""
    limits = [numbers(part[1:]) for part in bounds.split(",") if part.startswith("<") and not part.startswith("<=")]
    return any(numbers(version) >= limit for limit in limits)


def installed(python):
    """{package: version} in the environment of an interpreter; {} where it does not start."""
    command = [python, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    try:
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=clean_environment())
        return {package["name"].lower().replace("_", "-"): package["version"] for package in json.loads(answer.stdout.decode())}
    except (OSError, ValueError):
        return {}


def changes(old, new, bounds):
    """One line per package that is new, gone or of another version, those beyond the book's bounds marked."""
    bounds = {name.lower().replace("_", "-"): limit for name, limit in bounds.items()}
    for name in sorted(set(old) | set(new)):
        before, after = old.get(name, "absent"), new.get(name, "absent")
        if before != after:
            refused = name in new and beyond(after, bounds.get(name, ""))
            yield f"{name}: {before} -> {after}" + (f"   beyond the book's bound {bounds[name]}" if refused else "")


def make_newest(folder, name):
    """Make an environment in a folder with the newest releases of what a requirements file names; return its interpreter."""
    check_venv_module()
    run_and_diagnose([sys.executable, "-m", "venv", "--clear", os.path.join(folder, "venv")], "The virtual environment could not be made")
    python = interpreter(os.path.join(folder, "venv"))
    loose = os.path.join(folder, "newest.txt")
    with open(loose, "w") as file:
        file.writelines(f"{package}{without_upper_bounds(bounds)}\n" for package, bounds in requirements(name).items())
    run_and_diagnose([python, "-m", "pip", "install", *QUIET, "--upgrade", "-r", loose], "The newest releases could not be installed")
    # Without its dependencies: the library's own bounds are what is left aside here.
    run_and_diagnose([python, "-m", "pip", "install", *QUIET, "--no-deps", "-e", ROOT], "The library could not be installed")
    return python


def broken(report):
    """The names of the failed tests in pytest's report in JUnit's form; without a report, that it never came so far."""
    try:
        cases = ElementTree.parse(report).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        return ["no test ran: pytest stopped before its report"]
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return ["::".join(filter(None, (case.get("classname"), case.get("name")))) for case in bad]
