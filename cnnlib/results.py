"""Measurements that the book quotes, as the scripts in `benchmarks/` wrote them down."""

import json
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_FOLDERS = (_HERE.parent / "benchmarks" / "results", _HERE / "_results")  # in a checkout, in an installed copy


def stored_result(name):
    """Return what `benchmarks/NAME.py` wrote into `benchmarks/results/NAME.json`: figures with their seeds, settings and versions.

    Raises ValueError for a name that was never measured; the message lists those that were.
    """
    file = stored_file(f"{name}.json")
    if file is not None:
        return json.loads(file.read_text(encoding="utf-8"))
    known = sorted({file.stem for folder in _FOLDERS for file in folder.glob("*.json")})
    raise ValueError(f'name="{name}" is no stored result. Stored are {", ".join(known)}; benchmarks/README.md says how they are made.')


def stored_file(name):
    """Return the path of a file of `benchmarks/results/`, in a checkout or in an installed copy; None where there is none of this name."""
    return next((folder / name for folder in _FOLDERS if (folder / name).is_file()), None)
