"""A wheelhouse: every package of the book in one folder, for rooms without a network.

Collecting needs the network once, on one machine. Installing from the folder asks nothing of the network: pip is told so by its own
environment variables, which also reach the environments that it makes for building.
"""

import os
import sys
import tempfile
from pathlib import Path

from launcher.environment import QUIET, interpreter, run_and_diagnose
from launcher.machine import ROOT, Trouble, check_venv_module, path, write_file

# What an editable installation of this folder is built with; pip would otherwise fetch it in the middle.
BUILDERS = ("hatchling>=1.26,<2", "editables>=0.5,<1")
NOTE = "INSTALL.txt"
TEXT = """The packages of the book, for rooms without a network
=====================================================

They fit {system} with Python {python}, from {whole} on. For another system or another Python, run
`python3 book.py wheelhouse FOLDER` on such a machine once more.

On each machine, in the book's folder:

    python3 book.py setup --wheels {folder}
    python3 book.py

The first line installs into .venv and asks nothing of the network. Any path to a copy of this folder will do: a memory stick, a
network drive. On Windows write `py` in place of `python3`.
"""


def collect_wheels(folder, dev=False):
    """Fill a folder with the wheels of the book's packages and of the book itself, and a note how to install from it."""
    check_venv_module()
    os.makedirs(folder, exist_ok=True)
    requirements = path("requirements-dev.txt" if dev else "requirements.txt")
    with tempfile.TemporaryDirectory() as scratch:  # a pip of our own: some systems have none, others one that is old
        run_and_diagnose([sys.executable, "-m", "venv", scratch], "The virtual environment could not be made")
        command = [interpreter(scratch), "-m", "pip", "wheel", *QUIET, "--wheel-dir", folder, "-r", requirements, ROOT, *BUILDERS]
        run_and_diagnose(command, "The wheels could not be collected")
    words = dict(
        system=sys.platform, python="{}.{}".format(*sys.version_info[:2]), whole="{}.{}.{}".format(*sys.version_info[:3]), folder="FOLDER"
    )
    write_file(os.path.join(folder, NOTE), TEXT.format(**words).encode())
    return wheels_in(folder)


def wheels_in(folder):
    """The names of the wheels in a folder, sorted."""
    return sorted(name for name in os.listdir(folder) if name.endswith(".whl")) if os.path.isdir(folder) else []


def use_wheels(folder):
    """From here on every pip that this process starts takes wheels from the folder and refuses the network and all settings of its own."""
    if not wheels_in(folder):
        raise Trouble(
            f"There are no wheels in {folder}. Fill the folder on a machine with a network, of the same system and Python version, with: "
            "python3 book.py wheelhouse FOLDER"
        )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        del os.environ[name]
    # As an address: pip would take the spaces of a plain path for the ends of several.
    os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=Path(folder).resolve().as_uri(), PIP_CONFIG_FILE=os.devnull)


def total_size(folder):
    """The size of the wheels in megabytes, rounded up."""
    return -(-sum(os.path.getsize(os.path.join(folder, name)) for name in wheels_in(folder)) // 10**6)
