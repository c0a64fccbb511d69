"""Small IDX files under the names of MNIST, for tests to read and to spoil."""

import gzip
import hashlib
import struct

import numpy as np

from cnnlib import idx


def idx_bytes(array, code=0x08):
    big = np.asarray(array).astype(idx.TYPES[code])
    return bytes([0, 0, code, big.ndim]) + struct.pack(f">{big.ndim}I", *big.shape) + big.tobytes()


def small_set(root, zipped, train=5, test=3):
    """Write a data set of the right names and shapes; returns the arrays."""
    rng = np.random.default_rng(0)
    arrays = []
    for count in (train, test):
        arrays += [rng.integers(0, 256, (count, 4, 6)).astype(np.uint8), rng.integers(0, 10, count).astype(np.uint8)]
    for name, array in zip(idx.FILES, arrays, strict=True):
        content = idx_bytes(array)
        path = root / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(content, mtime=0) if zipped else content)
    return arrays


def publish(monkeypatch, root):
    """Make the files in a folder the published ones."""
    for table, suffix, algorithm in ((idx.GZIP_SHA256, ".gz", "sha256"), (idx.PLAIN_MD5, "", "md5")):
        paths = [root / (name + suffix) for name in idx.FILES]
        if all(path.exists() for path in paths):
            digests = tuple(hashlib.new(algorithm, path.read_bytes()).hexdigest() for path in paths)
            monkeypatch.setitem(table, "mnist", digests)
            monkeypatch.setitem(table, "fashion-mnist", digests)
