"""Save and load the state of a net: an .npz of arrays under PyTorch's names, never a pickle, and all or nothing."""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

from cnnlib.checks import check_path

OPTIONAL = "num_batches_tracked"  # PyTorch counts batches in batch norm; old files lack the count, and nothing here needs it


def save_state(layer, path):
    """Write the state to `path`, with .npz added where it is missing. The file appears whole or not at all. Returns the path."""
    path = _npz(check_path(path, "path", "net.npz"), "path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path={str(path)!r} lies in a folder that does not exist. Make the folder {str(path.parent)!r} first.")
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **layer.state_dict())
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
    return path


def load_state(layer, source):
    """Check everything first, then put the arrays in place; floating arrays keep the dtype that they come with."""
    where, arrays = _read(source)
    state = layer._state()
    missing = [name for name in state if name not in arrays and name.rsplit(".", 1)[-1] != OPTIONAL]
    unknown = [name for name in arrays if name not in state]
    if missing or unknown:
        raise ValueError(
            f"{where} is not the state of this net: {_listed('missing', missing)}{'; ' if missing and unknown else ''}"
            f"{_listed('unknown', unknown)}. Load it into a net of the same layers in the same order."
        )
    checked = {name: _checked(arrays[name], name, state[name], where) for name in state if name in arrays}
    _put(layer, checked)


def _npz(path, name):
    if not path.name:
        raise ValueError(f"{name}={str(path)!r} is a folder, and the name of a file is wanted. Write {name}={str(path / 'net.npz')!r}.")
    return path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")


def _read(source):
    """(what to call it in errors, {name: array}) of a mapping or an .npz file."""
    if isinstance(source, Mapping):
        return "the mapping", {str(name): np.asarray(array) for name, array in source.items()}
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(f"source={source!r} is neither a file nor a mapping of names to arrays. Write a name such as 'net.npz'.")
    path = check_path(source, "source", "net.npz")
    path = path if path.is_file() else _npz(path, "source")
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist. Save a net there first, with model.save({str(path)!r}).")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not an .npz file: it is damaged, or it is a pickle, which could run foreign code. Save the net again.")
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{path} cannot be read: it is damaged, or it holds pickled objects ({error}). Save the net again.") from None
    if any(name.endswith("data.pkl") for name in arrays):
        raise ValueError(
            f"{path} was written by torch.save: it is a pickle, which could run foreign code. Read it in PyTorch with torch.load and pass "
            f"the state_dict itself: model.load(state_dict)."
        )
    return str(path), arrays


def _checked(array, name, present, where):
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{where}: {name} holds {array.dtype} values, and a state is made of real numbers. Save the net again.")
    if array.shape != present.shape:
        raise ValueError(
            f"{where}: {name} has shape {array.shape}, and in this net {present.shape}. Build the net with the sizes it was saved with."
        )
    dtype = array.dtype if array.dtype.kind == present.dtype.kind else present.dtype
    return np.array(array, dtype=dtype.newbyteorder("="))


def _put(layer, arrays):
    children = layer.children()
    for prefix, child in children:
        start = f"{prefix}."
        _put(child, {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)})
    if children:
        return
    for name, array in arrays.items():
        present = getattr(layer, name)
        if present.dtype == array.dtype:
            present[...] = array  # whoever holds the array, such as an optimizer, sees the new values
        else:
            setattr(layer, name, array)


def _listed(what, names):
    if not names:
        return ""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{what} {', '.join(names[:5])}{more}"
