"""Write the files of an edition into a folder, and never over anything else."""

import hashlib
import json
from pathlib import Path

LEDGER = ".release.json"


class ReleaseError(Exception):
    """Raised when an edition cannot be written. The message says what is in the way and the smallest repair."""


def write_tree(folder, edition, files, once=(), part=False):
    """Write {relative name: bytes} into a folder and note in its ledger what was written.

    An existing folder must be empty or hold the same edition from an earlier run. Then files of that run that are unchanged are
    renewed, files that the edition no longer has are removed, files of other origin stay, and a file that somebody changed is an
    error before anything is written. Names in `once` belong to whoever changed them: they are written as long as nobody has.
    part: whether these are some files of the edition, as of chosen chapters; then the others of earlier runs stay as they are.
    """
    folder = Path(folder)
    earlier = written_before(folder, edition)
    known = {name: digest for name, digest in earlier.items() if not part or name in files}
    there = {name: _digest((folder / name).read_bytes()) for name in {*known, *files} if (folder / name).is_file()}
    kept = {name for name in once if name in there and there[name] != known.get(name)}
    new = {name: _digest(data) for name, data in files.items()}
    changed = sorted(name for name, digest in there.items() if digest not in (known.get(name), new.get(name)) and name not in kept)
    if changed:
        more = f" and {len(changed) - 1} more files were" if len(changed) > 1 else " was"
        raise ReleaseError(f"{folder / changed[0]}{more} changed by hand; nothing was written. Name a new folder or move the changes away.")
    for name in sorted(set(known) & set(there) - set(files)):
        (folder / name).unlink()
    for name, data in sorted(files.items()):
        if name not in kept and there.get(name) != new[name]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    _drop_empty_folders(folder, set(known) - set(files))
    new = {**earlier, **new} if part else new
    (folder / LEDGER).write_text(json.dumps({"edition": edition, "files": new}, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def written_before(folder, edition):
    """What earlier runs wrote into the folder, {name: digest}; an error where the folder is not ours."""
    folder = Path(folder).resolve()
    if folder.exists() and not folder.is_dir():
        raise ReleaseError(f"{folder} is a file. Name a new folder.")
    if not folder.exists() or not any(folder.iterdir()):
        return {}
    try:
        ledger = json.loads((folder / LEDGER).read_text(encoding="utf-8"))
        there, known = str(ledger["edition"]), {str(name): str(digest) for name, digest in ledger["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        name = min(path.name for path in folder.iterdir())
        raise ReleaseError(f"{folder} holds other files, such as {name}; nothing was written. Name a new or an empty folder.") from None
    if there != edition:
        raise ReleaseError(f"{folder} holds the {there} edition; nothing was written. Name another folder for the {edition} edition.")
    return known


def _drop_empty_folders(folder, names):
    parents = {parent for name in names for parent in (folder / name).parents if folder in parent.parents}
    for parent in sorted(parents, key=lambda each: -len(each.parts)):
        if parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()


def _digest(data):
    return hashlib.sha256(data).hexdigest()
