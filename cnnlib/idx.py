"""IDX files, the format of MNIST and its relatives: read, checked and, when missing, downloaded.

An IDX file is a magic number (two zero bytes, a type code, the number of axes), one big-endian 32-bit size per axis, then the cells.
Source: LeCun, Cortes and Burges 1998, The MNIST database of handwritten digits, section "File formats".
"""

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np

from cnnlib.checks import check_flag, check_path

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

MIRRORS = {
    "mnist": ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
    "fashion-mnist": (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
    ),
}

# Published checksums, in the order of FILES: SHA-256 of the gzipped files, and MD5 of the plain ones.
GZIP_SHA256 = {
    "mnist": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    "fashion-mnist": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
}
PLAIN_MD5 = {
    "mnist": (
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ),
    "fashion-mnist": (
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
}


def read_idx(path):
    """Read one IDX file, plain or gzipped, into an array of the shape and type that its header states.

    Raises FileNotFoundError, or ValueError where the header is wrong, cells are missing or left over, or the compression is damaged.
    """
    path = check_path(path, "path", "train-images-idx3-ubyte.gz")
    if not path.is_file():
        raise FileNotFoundError(f"path={str(path)!r} is no file. Pass the name of an IDX file, plain or gzipped.")
    return _parse(_unpacked(path.read_bytes(), path), path)


def load_idx_dataset(name, root, download, verify, classes):
    """The four arrays of a data set: training images and labels, test images and labels, checked against each other."""
    download, verify = check_flag(download, "download"), check_flag(verify, "verify")
    root = _cache_folder(name) if root is None else check_path(root, "root", "data").expanduser()
    paths = [_find(root, file) for file in FILES]
    if download and None in paths:
        from cnnlib.download import fetch

        paths = [path or fetch(MIRRORS[name], f"{FILES[i]}.gz", root, GZIP_SHA256[name][i]) for i, path in enumerate(paths)]
    missing = [file for file, path in zip(FILES, paths, strict=True) if path is None]
    if missing:
        raise FileNotFoundError(
            f"{root} has no {', '.join(missing)} (plain or with .gz). Put the files there, or write download=True to fetch them."
        )
    arrays = [_checked(path, name, i) if verify else read_idx(path) for i, path in enumerate(paths)]
    for images, labels, image_path, label_path in ((*arrays[:2], *paths[:2]), (*arrays[2:], *paths[2:])):
        _check_pair(images, labels, image_path, label_path, classes)
    return arrays


def _cache_folder(name):
    """The folder where pooch, too, would keep the files of cnnlib."""
    try:
        import pooch

        return Path(pooch.os_cache("cnnlib")) / name
    except ImportError:
        return Path.home() / ".cache" / "cnnlib" / name


def _find(root, file):
    return next((path for path in (root / file, root / f"{file}.gz") if path.is_file()), None)


def _checked(path, name, index):
    content = path.read_bytes()
    zipped = path.suffix == ".gz"
    wanted = (GZIP_SHA256 if zipped else PLAIN_MD5)[name][index]
    digest = (hashlib.sha256 if zipped else hashlib.md5)(content).hexdigest()
    if digest != wanted:
        kind = "SHA-256" if zipped else "MD5"
        raise ValueError(
            f"{path.name} is not the published file of {name}: its {kind} starts with {digest[:12]}, the published one with {wanted[:12]}. "
            f"Delete {path} and load again; to read your own files in this format, write verify=False."
        )
    return _parse(_unpacked(content, path), path)


def _unpacked(content, path):
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged: the gzip data cannot be unpacked ({error}). Delete the file and load again.") from None


def _parse(content, path):
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES:
        raise ValueError(
            f"{path} is not an IDX file: it starts with {content[:4].hex(' ') or 'nothing'}, and IDX starts with 00 00, a type code such "
            f"as 08 and the number of axes. Pass an IDX file, plain or gzipped."
        )
    dtype, axes = np.dtype(TYPES[content[2]]), content[3]
    header = 4 + 4 * axes
    if axes == 0:
        raise ValueError(f"{path} has no axis: its fourth byte, the number of axes, is 00. Pass an IDX file of images or labels.")
    if len(content) < header:
        raise ValueError(f"{path} is cut off: its header needs {header} bytes, and it has {len(content)}. Load the file again.")
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", axes, 4))
    wanted = header + dtype.itemsize * int(np.prod(shape, dtype=object))
    if len(content) != wanted:
        kind = "cut off" if len(content) < wanted else "too long"
        raise ValueError(f"{path} is {kind}: its header says {shape}, {wanted} bytes, and it has {len(content)}. Load the file again.")
    return np.frombuffer(content, dtype, offset=header).reshape(shape).astype(dtype.newbyteorder("="))


def _check_pair(images, labels, image_path, label_path, classes):
    if images.ndim != 3 or images.dtype != np.uint8:
        raise ValueError(f"{image_path} holds {images.dtype} of shape {images.shape}, and images are uint8 (N, H, W). Exchange the file.")
    if labels.shape != (len(images),):
        raise ValueError(
            f"{label_path} has shape {labels.shape}, and {image_path.name} holds {len(images)} images. Take both files from one place."
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"{label_path} holds the label {labels.max()}, and classes are numbered 0 to {classes - 1}. Exchange the file.")
