"""The reader's own progress: one small JSON file in the book folder, made to survive.

Where: the path in the environment variable CNNLIB_PROGRESS ("off" for nowhere); otherwise `.cnnlib-progress.json` in the nearest
folder, from the current one upwards, that is a reader's book (named my-book, or already holding such a file); otherwise nowhere, and
progress lasts as long as the kernel. So building the book's own notebooks and running its tests write nothing.

Every change reads the file, merges, and replaces it in one step while holding a lock, so that two kernels lose nothing of each
other's. A damaged file is renamed, never overwritten. Where the file cannot be written, changes wait in the kernel for the next one
that can; a verdict never depends on it.
"""

import contextlib
import json
import os
import tempfile
import time
from pathlib import Path

FILE = ".cnnlib-progress.json"
BOOK = "my-book"
PATIENCE = 5.0  # seconds to wait for another kernel's lock
UNWRITTEN = "Progress is kept in this kernel"

_kept_here = {}  # what this kernel knows when there is no file
_waiting = []  # changes that could not be written yet, as arguments of `_apply`
notes = []  # sentences for `progress()`: what went wrong with the file


def location():
    """The path of the progress file, or None when progress is kept in this kernel alone."""
    chosen = os.environ.get("CNNLIB_PROGRESS", "")
    if chosen:
        return None if chosen == "off" else Path(chosen).expanduser()
    with contextlib.suppress(OSError):
        here = Path.cwd()
        for folder in (here, *here.parents):
            if folder.name == BOOK or (folder / FILE).exists():
                return folder / FILE
    return None


def load():
    """Every exercise's entry: {id: {"passed": bool, "attempts": int, "hints": int, "solution": bool}}."""
    path = location()
    entries = {key: dict(entry) for key, entry in _kept_here.items()} if path is None else _read_patiently(path)
    for change in _waiting:
        _apply(entries, *change)
    return entries


def _read_patiently(path):
    """The entries in a file; {} when it cannot be read or was damaged."""
    try:
        return _read(path)
    except OSError as error:
        _tell(f"The progress file {path.name} cannot be read: {error.strerror}.")
    except ValueError:
        with contextlib.suppress(OSError), _locked(path):
            return _read_or_set_aside(path)
    return {}


def note_attempt(exercise_id, passed):
    """Count an attempt. What was passed once stays passed."""

    def change(entry):
        entry["attempts"] += 1
        entry["passed"] = entry["passed"] or passed

    _update(exercise_id, change)


def note_hints(exercise_id, count):
    """Remember that hints up to number `count` were opened."""
    _update(exercise_id, lambda entry: entry.update(hints=max(entry["hints"], count)))


def note_solution(exercise_id):
    """Remember that the solution was shown."""
    _update(exercise_id, lambda entry: entry.update(solution=True))


def forget(exercise_id):
    """Remove an exercise's entry."""
    _update(exercise_id, None)


def _update(exercise_id, change):
    """Make a change where progress is kept. One that cannot be written waits for the next that can."""
    path = location()
    if path is None:
        _apply(_kept_here, exercise_id, change)
        return
    _waiting.append((exercise_id, change))
    try:
        with _locked(path):
            entries = _read_or_set_aside(path)
            for each in _waiting:
                _apply(entries, *each)
            _write(path, entries)
            _waiting.clear()
            notes[:] = [sentence for sentence in notes if not sentence.startswith(UNWRITTEN)]
    except OSError as error:
        _tell(f"{UNWRITTEN} alone until {path.name} can be written: {error.strerror or error}.")


def _apply(entries, exercise_id, change):
    if change is None:
        entries.pop(exercise_id, None)
    else:
        change(entries.setdefault(exercise_id, _blank()))


def _blank():
    return {"passed": False, "attempts": 0, "hints": 0, "solution": False}


def _read(path):
    """The entries in a file; {} when there is none. ValueError when it is not a progress file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    entries = content.get("exercises") if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not all(map(_is_sound, entries.values())):
        raise ValueError(f"{path} is not a progress file.")
    return {key: _blank() | entry for key, entry in entries.items()}


def _is_sound(entry):
    return isinstance(entry, dict) and all(type(entry[key]) is type(blank) for key, blank in _blank().items() if key in entry)


def _write(path, entries):
    """Replace the file in one step: whoever reads sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=FILE, suffix=".new")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            json.dump({"format": 1, "exercises": entries}, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _read_or_set_aside(path):
    """The entries, or {} after a damaged file was renamed. To be called under the lock."""
    try:
        return _read(path)
    except ValueError:
        _set_aside(path)
        return {}


def _set_aside(path):
    """Rename a damaged file to the first free name beside it."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    os.replace(path, aside)
    _tell(f"The progress file was damaged. It was set aside as {aside.name}, and a new one was begun.")


def _tell(sentence):
    if sentence not in notes:
        notes.append(sentence)


@contextlib.contextmanager
def _locked(path):
    """Hold the lock beside a file. The system frees it when its holder dies. After PATIENCE seconds: TimeoutError, an OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(path.name + ".lock"), "a+b") as file:
        give_up = time.monotonic() + PATIENCE
        while not _try_lock(file):
            if time.monotonic() > give_up:
                raise TimeoutError("another kernel holds the lock")
            time.sleep(0.01)
        try:
            yield
        finally:
            _unlock(file)


try:
    import fcntl

    def _try_lock(file):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file):
        fcntl.flock(file, fcntl.LOCK_UN)

except ImportError:  # Windows
    import msvcrt

    def _try_lock(file):
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file):
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
