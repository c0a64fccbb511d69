"""The virtual environment .venv: made once, repaired when broken, and left alone while it fits what it was made from."""

import hashlib
import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit
from urllib.request import url2pathname

from launcher.machine import ROOT, Trouble, check_place, check_venv_module, disk_full, path, write_file

NO_NETWORK = (
    "Failed to establish a new connection",
    "NewConnectionError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "getaddrinfo failed",
    "Network is unreachable",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "Connection refused",
    "(from versions: none)",  # the last word of a pip that is told not to retry
)
QUIET = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
DISK_FULL = ("No space left on device", "not enough space on the disk", "Disk quota exceeded", "[Errno 28]")


def interpreter(environment):
    """The interpreter of the virtual environment in a folder."""
    return os.path.join(environment, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


def venv_python():
    """The interpreter of the book's own environment."""
    return interpreter(path(".venv"))


def clean_environment():
    """This process's environment without the variables that lead a virtual environment astray."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__")}


def stamp(version, dev=False):
    """What the environment was made from: the requirements, this folder and the Python version, as one hash."""
    digest = hashlib.sha256((f"{ROOT}\n{version}\n").encode())
    for name in ("requirements.txt", "pyproject.toml", "requirements-dev.txt")[: 3 if dev else 2]:
        with open(path(name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def living_version():
    """The Python version of .venv, or None where it is missing or broken."""
    if not (os.path.exists(venv_python()) and os.path.exists(path(".venv", "pyvenv.cfg"))):
        return None
    command = [venv_python(), "-c", "import sys, pip; print('%d.%d' % sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=clean_environment())
    except OSError:
        return None
    return answer.stdout.decode().strip() if answer.returncode == 0 else None


def read_stamp():
    """The stamp of the last complete installation as (python version, hash)."""
    try:
        with open(path(".venv", "book-stamp.json")) as file:
            saved = json.load(file)
        return saved["python"], saved["stamp"]
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def set_up(dev=False):
    """Make or repair .venv and install into it; return at once where a complete installation is there."""
    version, (made_with, saved) = living_version(), read_stamp()
    if version and version == made_with and saved in (stamp(version, dev), stamp(version, dev=True)):
        return
    check_place()
    check_venv_module()
    if saved:
        os.remove(path(".venv", "book-stamp.json"))
    if not (version and version == made_with):
        print("Making the virtual environment .venv ...", flush=True)
        run_and_diagnose([sys.executable, "-m", "venv", "--clear", path(".venv")], "The virtual environment could not be made")
        version = living_version()
        if version is None:
            raise Trouble(f"The new virtual environment does not start. Delete the folder {path('.venv')} and run the command again.")
    source = "from the wheels" if "PIP_NO_INDEX" in os.environ else "this needs the network, once, and takes a few minutes"
    print(f"Installing the book's packages; {source} ...", flush=True)
    requirements = path("requirements-dev.txt" if dev else "requirements.txt")
    run_and_diagnose([venv_python(), "-m", "pip", "install", *QUIET, "-r", requirements, "-e", ROOT], "The installation failed")
    stay_offline()
    write_file(path(".venv", "book-stamp.json"), json.dumps({"python": version, "stamp": stamp(version, dev)}).encode())


def install_extra(requirements):
    """Install what a tool needs beyond the book; nothing is asked of the network where all of it is there."""
    command = [venv_python(), "-m", "pip", "install", *QUIET, "-r", path(requirements)]
    known = subprocess.run(
        [*command, "--no-index", "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment()
    )
    if known.returncode != 0:
        run_and_diagnose(command, "The installation failed")


def run_and_diagnose(command, failure):
    """Run an installer, show what it is collecting, and turn its failure into a sentence with the repair."""
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment()) as child:
        for raw in child.stdout:
            lines.append(raw.decode("utf-8", "replace").rstrip())
            if lines[-1].startswith(("Collecting", "Installing")):
                print("  " + lines[-1].split(" (from ")[0][:100], flush=True)
    if child.returncode == 0:
        return
    output = "\n".join(lines)
    if any(sign in output for sign in DISK_FULL):
        raise disk_full()
    if "PIP_NO_INDEX" in os.environ:
        missing = re.findall("No matching distribution found for (.+)", output)
        if missing:
            raise Trouble(
                f"The folder {wheel_folder()} has no wheel of {missing[0]} that fits this system and Python {sys.version.split()[0]}. "
                "Fill it again on a machine that is like this one, with: python3 book.py wheelhouse FOLDER"
            )
        newer = re.search("Package '(.+)' requires a different Python: (.+) not in '(.+)'", output)
        if newer:
            raise Trouble(
                f"The folder {wheel_folder()} was filled by a newer Python: its {newer[1]} wants Python {newer[3]}, and this is "
                f"{newer[2]}. Fill it again with the oldest Python of the room, or run the command here with a newer one."
            )
    elif any(sign in output for sign in NO_NETWORK):
        raise Trouble(
            "The Python package index cannot be reached, and the book's packages are not installed yet. Connect to the network "
            "(behind a proxy, set HTTPS_PROXY) and run the command again; once installed, the book needs no network."
        )
    if "ensurepip is not available" in output:
        check_venv_module(find_spec=lambda name: None)
    raise Trouble("{}. The last lines say why:\n{}\nRun the command again when that is repaired.".format(failure, "\n".join(lines[-15:])))


def wheel_folder():
    """The folder of wheels that pip was told of, as a path; the reader's own settings may name one too."""
    told = os.environ.get("PIP_FIND_LINKS", "")
    return url2pathname(urlsplit(told).path) if told.startswith("file:") else told


def stay_offline():
    """Keep JupyterLab from asking the internet for news and updates."""
    folder = path(".venv", "share", "jupyter", "lab", "settings")
    os.makedirs(folder, exist_ok=True)
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    write_file(os.path.join(folder, "overrides.json"), json.dumps(quiet).encode())
