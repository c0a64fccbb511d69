"""What the machine must have, and the sentences that say what is missing and how to mend it."""

import errno
import importlib.util
import os
import shlex
import shutil
import socket
import subprocess
import sys

OLDEST_PYTHON = (3, 11)
DEFAULT_PORT = 8888
ROOM_NEEDED = "about 1 GB"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Trouble(Exception):
    """Something the reader can repair. The message is one clear sentence and the repair."""


def path(*parts):
    """A place inside the project."""
    return os.path.join(ROOT, *parts)


def quoted(name):
    """A name as one word of a command line, as the reader's system wants it."""
    return subprocess.list2cmdline([name]) if os.name == "nt" else shlex.quote(name)


def check_python(version=sys.version_info, which=shutil.which):
    """Raise Trouble when this Python is too old, naming a newer one where the machine has it."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return
    wanted, running = "{}.{}".format(*OLDEST_PYTHON), "{}.{}".format(*version[:2])
    found = [name for name in (f"python3.{minor}" for minor in range(19, OLDEST_PYTHON[1] - 1, -1)) if which(name)]
    repair = f"Run: {found[0]} book.py" if found else "Install a newer one from https://www.python.org/downloads/ and run it on book.py."
    raise Trouble(f"The book needs Python {wanted} or newer, and this is Python {running}. {repair}")


def check_venv_module(find_spec=importlib.util.find_spec, which=shutil.which, version=sys.version_info):
    """Raise Trouble when this Python cannot make virtual environments, as on Debian and Ubuntu without one package."""
    if find_spec("venv") and find_spec("ensurepip"):
        return
    running = "{}.{}".format(*version[:2])
    if which("apt") or which("apt-get"):
        repair = f"Run: sudo apt install python{running}-venv"
    elif sys.platform.startswith("linux"):
        repair = f"Install your distribution's package with the venv and ensurepip modules of Python {running}."
    else:
        repair = "Install Python from https://www.python.org/downloads/, which has them."
    raise Trouble(f"This Python cannot make a virtual environment: its module venv or ensurepip is missing. {repair}")


def check_place(writable=os.access):
    """Raise Trouble when nothing can be written in the book's folder, as on a network drive or in an archive's view."""
    if not writable(ROOT, os.W_OK):
        raise Trouble(
            f"Nothing can be written in {ROOT}, where the book keeps its packages and your copies of the chapters. Copy the whole folder "
            "to a place of your own, such as your home folder, and run the command there."
        )


def disk_full():
    """The Trouble of a full disk."""
    free = shutil.disk_usage(ROOT).free // 10**6
    return Trouble(
        f"The disk is full: {free} MB are free, and the book needs {ROOM_NEEDED} in {ROOT}. Free some space and run the command again; "
        "nothing you typed is lost."
    )


def is_disk_full(error):
    """Whether an OSError says that the disk, or the reader's share of it, is full (112 is Windows's word for it)."""
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)) or getattr(error, "winerror", None) == 112


def told(error):
    """What to say of an OSError that the reader can mend: a full disk, a place that cannot be used. None for any other."""
    if is_disk_full(error):
        return str(disk_full())
    return None if error.filename is None else f"{error.filename} cannot be used: {error.strerror}. Name another place, or mend this one."


def choose_port(asked=None):
    """Return the port to use: the one asked for, or the first free one from 8888 on."""
    if asked is not None:
        if not 0 < asked < 65536:
            raise Trouble(f"Port {asked} does not exist: ports are 1 to 65535. Leave out --port and a free port is chosen.")
        if _is_free(asked):
            return asked
        reserved = ", or reserved for administrators, as those below 1024 often are" if asked < 1024 else ""
        raise Trouble(
            f"Port {asked} is in use by another program{reserved}. Close that program, or leave out --port and a free port is chosen."
        )
    for port in range(DEFAULT_PORT, DEFAULT_PORT + 100):
        if _is_free(port):
            return port
    raise Trouble(f"The ports from {DEFAULT_PORT} to {DEFAULT_PORT + 99} are all in use. Name a free one: --port 9500")


def _is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # on Windows this option would let two programs share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def read_file(name):
    """The bytes of a file."""
    with open(name, "rb") as file:
        return file.read()


def write_file(name, data):
    """Write a file whole or not at all: a crash or a full disk leaves the old one as it was."""
    unfinished = name + ".unfinished"
    try:
        with open(unfinished, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, name)
    except BaseException:
        if os.path.exists(unfinished):
            os.remove(unfinished)
        raise
