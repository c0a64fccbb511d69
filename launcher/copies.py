"""The reader's copies of the chapters in my-book/: nothing a reader typed is ever overwritten."""

import hashlib
import json
import os

from launcher.machine import path, read_file, write_file


def digest(data):
    """The SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def lay_out(books=None, readers=None):
    """Copy the chapters into the reader's folder and return the new editions that were laid beside changed copies.

    The ledger remembers which edition each copy was made from: a copy that still equals it is the book's and may be replaced; any
    other file is the reader's and is left alone.
    """
    books, readers = books or path("notebooks"), readers or path("my-book")
    os.makedirs(os.path.join(readers, "zh"), exist_ok=True)
    ledger_name, beside = os.path.join(readers, ".editions.json"), []
    try:
        ledger = {str(name): str(edition) for name, edition in json.loads(read_file(ledger_name).decode()).items()}
    except (OSError, ValueError, AttributeError):
        ledger = {}
    for folder in ("", "zh"):
        here = os.path.join(books, folder)
        for name in sorted(os.listdir(here)) if os.path.isdir(here) else ():
            if name.endswith(".ipynb"):
                relative = (folder + "/" if folder else "") + name
                laid = _lay_chapter(read_file(os.path.join(here, name)), relative, readers, ledger)
                if laid not in (None, relative):
                    beside.append((relative, laid))
    write_file(ledger_name, json.dumps(ledger, indent=1, sort_keys=True).encode())
    return beside


def _lay_chapter(data, relative, readers, ledger):
    """Lay one edition under the first name that is free for it; return the name where a file was written, else None."""
    edition, stem = digest(data), relative[: -len(".ipynb")]
    number = 0
    while True:
        suffix = ["", " (new edition)"][number] if number < 2 else f" (new edition {number})"
        name = f"{stem}{suffix}.ipynb"
        target = os.path.join(readers, *name.split("/"))
        there = digest(read_file(target)) if os.path.exists(target) else None
        if there is None and number and ledger.get(name) == edition:  # laid before, and removed by the reader
            return None
        if there is None or there in (edition, ledger.get(name)):
            ledger[name] = edition
            if there == edition:
                return None
            write_file(target, data)
            return name
        if ledger.get(name) == edition:  # the reader's work on this very edition
            return None
        number += 1
