"""The one line that a bug report begins with; it never installs anything."""

import platform
import re
import subprocess

from launcher.environment import clean_environment, living_version, venv_python
from launcher.machine import path, read_file

ASK = "from cnnlib.checkup import versions; print(versions())"


def version_line():
    """The versions of the book, of Python and of the packages; without a working .venv, what can be said without it."""
    book = re.search(r'^version = "(.+)"', read_file(path("pyproject.toml")).decode(), re.MULTILINE)
    plain = "cnnlib {}, Python {} on {}".format(book.group(1) if book else "?", platform.python_version(), platform.system())
    if living_version() is None:
        return f"{plain}, nothing is installed: .venv is missing or broken; this makes it: python3 book.py setup"
    answer = subprocess.run([venv_python(), "-c", ASK], capture_output=True, env=clean_environment())
    if answer.returncode:
        reason = (answer.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason was given"])[-1]
        return f"{plain}, the library in .venv does not start: {reason}; delete .venv and run: python3 book.py setup"
    return answer.stdout.decode().strip()
