"""Data sets: the bundled digits and photograph, and the readers of MNIST and Fashion-MNIST.

The bundled files lie in `data/`, each with its licence and origin; `data/sources.json` holds the SHA-256 that is compared on every load.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from cnnlib.arrays import check_choice
from cnnlib.idx import load_idx_dataset, read_idx

__all__ = ["Dataset", "load_digits", "load_fashion_mnist", "load_mnist", "read_idx", "sample_image"]

FASHION_CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
DIGIT_CLASSES = tuple("0123456789")
TEST_SHEETS = 3  # the split by order keeps the last three answer sheets, 382 digits, for the test


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with labels, cut into a part for training and a part for testing.

    train_images, test_images: (N, 1, H, W) float32 in [0, 1]. train_labels, test_labels: (N,) int64. class_names: one word per class.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: tuple

    def __repr__(self):
        height, width = self.train_images.shape[2:]
        return (
            f"Dataset({len(self.train_labels):,} training and {len(self.test_labels):,} test images of {height} x {width}, "
            f"{len(self.class_names)} classes)"
        )


def load_digits(split="random"):
    """Load 1,797 handwritten digits of 8 x 8 cells: 1,415 to train on, 382 to test on. One test digit weighs 0.26 percentage points.

    The digits stand in the order in which they were collected: 14 answer sheets, each with the same digits to be written, of which 122 to
    130 came through; 13 people wrote them. split="random" draws the test digits from all sheets, the same share of every class and sheet (a
    fixed draw); so every test digit has brothers by the same hand in the training part. split="order" tests on the last three sheets:
    hands that the training never saw.

    Returns a Dataset with (N, 1, 8, 8) float32 images in [0, 1], where 1 is ink, and int64 labels.
    Source: Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI, doi:10.24432/C50P49 (the part by other writers
    than the 30 of its training set). Licence CC BY 4.0.
    """
    check_choice(split, "split", ("random", "order"))
    arrays = _bundled("digits.npz")
    images = arrays["images"][:, None].astype(np.float32) / 16
    labels = arrays["labels"].astype(np.int64)
    sheet = arrays["sheet"]
    test = arrays["random_test"] if split == "random" else sheet > sheet.max() - TEST_SHEETS
    return Dataset(images[~test], labels[~test], images[test], labels[test], DIGIT_CLASSES)


def sample_image():
    """Load a photograph: Grace Hopper, a pioneer of compilers, as a grey picture (281, 240), float64 in [0, 1], where 1 is white.

    Source: official portrait by the United States Navy, in the public domain; details in data/README.md.
    """
    return _bundled("grace_hopper.npz")["image"] / 255


def load_mnist(root=None, download=True, *, verify=True):
    """Load MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28.

    root: the folder with the four IDX files, plain or gzipped; None is a folder in the user's cache. download: fetch the missing files
    over HTTPS (about 11 MB, once; needs the package pooch). verify=False reads files with other checksums than the published ones.
    Returns a Dataset. Raises FileNotFoundError where files are missing, ValueError where they are damaged, ConnectionError offline.
    Source: LeCun, Cortes and Burges 1998, The MNIST database of handwritten digits.
    """
    return _from_idx("mnist", root, download, verify, DIGIT_CLASSES)


def load_fashion_mnist(root=None, download=True, *, verify=True):
    """Load Fashion-MNIST: 60,000 training and 10,000 test images of clothes, 28 x 28. Arguments and errors as in `load_mnist`.

    The download is about 30 MB. Source: Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747. Licence MIT.
    """
    return _from_idx("fashion-mnist", root, download, verify, FASHION_CLASSES)


def _from_idx(name, root, download, verify, class_names):
    train_images, train_labels, test_images, test_labels = load_idx_dataset(name, root, download, verify, len(class_names))
    as_images = [images[:, None].astype(np.float32) / np.float32(255) for images in (train_images, test_images)]
    as_labels = [labels.astype(np.int64) for labels in (train_labels, test_labels)]
    return Dataset(as_images[0], as_labels[0], as_images[1], as_labels[1], class_names)


def _data_folder():
    """The checkout's `data/`, or the copy inside an installed wheel."""
    package = Path(__file__).parent
    for folder in (package.parent / "data", package / "_data"):
        if (folder / "sources.json").is_file():
            return folder
    raise FileNotFoundError("the data files of cnnlib are missing. Install cnnlib again, or clone the whole project.")


@cache
def _bundled_bytes(name):
    folder = _data_folder()
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"data/{name} is missing. Restore it with: git checkout data/{name} (or install cnnlib again).") from None
    wanted = json.loads((folder / "sources.json").read_text(encoding="utf-8"))[name]["sha256"]
    found = hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise ValueError(
            f"data/{name} is damaged: its SHA-256 starts with {found[:12]}, and data/sources.json says {wanted[:12]}. "
            f"Restore it with: git checkout data/{name} (or install cnnlib again)."
        )
    return content


def _bundled(name):
    """Read a bundled .npz whose checksum is right; pickles are never read."""
    with np.load(io.BytesIO(_bundled_bytes(name)), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}
