"""The bundled data are what data/README.md says; IDX files are read exactly, and damage never passes for data."""

import gzip
import hashlib
import json
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from cnnlib import datasets, download, idx
from cnnlib.datasets import load_digits, load_fashion_mnist, load_mnist, read_idx, sample_image

DATA = Path(__file__).parents[1] / "data"
SPLITS = ("random", "order")


@pytest.mark.parametrize("split", SPLITS)
def test_the_digits_have_the_promised_shapes_types_and_range(split):
    digits = load_digits(split)
    assert digits.train_images.shape == (1415, 1, 8, 8)
    assert digits.test_images.shape == (382, 1, 8, 8)
    for images, labels in ((digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)):
        assert images.dtype == np.float32
        assert labels.dtype == np.int64
        assert images.min() == 0
        assert images.max() == 1
        np.testing.assert_array_equal(images * 16, np.round(images * 16))
        assert set(labels) == set(range(10))
    assert digits.class_names == tuple("0123456789")
    assert repr(digits) == "Dataset(1,415 training and 382 test images of 8 x 8, 10 classes)"


def test_each_split_deals_out_every_digit_exactly_once():
    def all_digits(split):
        digits = load_digits(split)
        images = np.concatenate([digits.train_images, digits.test_images]).reshape(-1, 64)
        labels = np.concatenate([digits.train_labels, digits.test_labels])
        rows = np.column_stack([images, labels])
        return rows[np.lexsort(rows.T)]

    np.testing.assert_array_equal(all_digits("random"), all_digits("order"))


def test_the_class_counts_are_those_that_the_uci_description_prints():
    digits = load_digits()
    counts = np.bincount(digits.train_labels) + np.bincount(digits.test_labels)
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_random_split_takes_the_same_share_of_every_class():
    digits = load_digits("random")
    whole = np.bincount(digits.train_labels) + np.bincount(digits.test_labels)
    assert np.abs(np.bincount(digits.test_labels) - whole * 382 / 1797).max() < 1


def test_the_split_by_order_tests_on_whole_answer_sheets():
    labels = np.concatenate([load_digits("order").train_labels, load_digits("order").test_labels])
    beginning = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert labels[1415:1425].tolist() == beginning, "the test part begins where a sheet begins"
    assert labels[1405:1415].tolist() != beginning


def test_the_photograph_is_a_grey_picture_in_the_unit_range():
    image = sample_image()
    assert image.shape == (281, 240)
    assert image.dtype == np.float64
    assert image.min() >= 0
    assert image.max() <= 1
    assert image.max() - image.min() > 0.9


def test_callers_may_change_what_they_loaded_without_changing_the_next_load():
    first = load_digits()
    first.train_images[...] = 7
    assert load_digits().train_images.max() == 1


def test_every_data_file_has_its_checksum_origin_and_licence_in_both_lists():
    sources = json.loads((DATA / "sources.json").read_text(encoding="utf-8"))
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert set(sources) == {path.name for path in DATA.iterdir() if path.name not in ("sources.json", "README.md")}
    for name, entry in sources.items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == entry["sha256"]
        assert (DATA / name).stat().st_size < 61_440
        for text in (name, entry["title"], entry["creator"], entry["licence"]):
            assert text in readme


def test_a_damaged_bundled_file_is_refused_by_name(tmp_path, monkeypatch):
    for path in DATA.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = bytearray((tmp_path / "digits.npz").read_bytes())
    content[1000] ^= 1
    (tmp_path / "digits.npz").write_bytes(content)
    monkeypatch.setattr(datasets, "_data_folder", lambda: tmp_path)
    datasets._bundled_bytes.cache_clear()
    with pytest.raises(ValueError, match=r"digits\.npz is damaged: its SHA-256"):
        load_digits()
    (tmp_path / "digits.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"digits\.npz is missing"):
        load_digits()
    datasets._bundled_bytes.cache_clear()


@pytest.mark.parametrize("split", ["Random", "", None, 3])
def test_an_unknown_split_is_refused_with_the_names_there_are(split):
    with pytest.raises((ValueError, TypeError), match=r'split=.*"random", "order"'):
        load_digits(split)


# IDX files -------------------------------------------------------------------------------------------------------------------------------


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


@pytest.fixture
def published(monkeypatch):
    """Make the files in a folder the published ones."""

    def publish(root):
        for table, suffix, algorithm in ((idx.GZIP_SHA256, ".gz", "sha256"), (idx.PLAIN_MD5, "", "md5")):
            paths = [root / (name + suffix) for name in idx.FILES]
            if all(path.exists() for path in paths):
                digests = tuple(hashlib.new(algorithm, path.read_bytes()).hexdigest() for path in paths)
                monkeypatch.setitem(table, "mnist", digests)
                monkeypatch.setitem(table, "fashion-mnist", digests)

    return publish


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("load", [load_mnist, load_fashion_mnist])
def test_idx_files_plain_or_gzipped_arrive_cell_by_cell(tmp_path, published, zipped, load):
    arrays = small_set(tmp_path, zipped)
    published(tmp_path)
    data = load(tmp_path, download=False)
    np.testing.assert_array_equal(np.round(data.train_images[:, 0] * 255), arrays[0])
    np.testing.assert_array_equal(data.train_labels, arrays[1])
    np.testing.assert_array_equal(np.round(data.test_images[:, 0] * 255), arrays[2])
    np.testing.assert_array_equal(data.test_labels, arrays[3])
    assert data.train_images.dtype == np.float32
    assert data.train_labels.dtype == np.int64
    assert len(data.class_names) == 10


@pytest.mark.parametrize("code", sorted(idx.TYPES))
def test_every_number_type_of_the_format_is_read_exactly(tmp_path, code):
    array = np.arange(-6, 6).astype(idx.TYPES[code]).reshape(2, 3, 2)
    (tmp_path / "numbers").write_bytes(idx_bytes(array, code))
    found = read_idx(tmp_path / "numbers")
    np.testing.assert_array_equal(found, array)
    assert found.dtype.isnative


@pytest.mark.parametrize("zipped", [False, True])
def test_files_that_are_not_the_published_ones_are_refused_and_verify_false_reads_them(tmp_path, zipped):
    arrays = small_set(tmp_path, zipped)
    with pytest.raises(ValueError, match=r"train-images.*is not the published file of mnist.*verify=False"):
        load_mnist(tmp_path, download=False)
    np.testing.assert_array_equal(load_mnist(tmp_path, download=False, verify=False).train_labels, arrays[1])


def flipped(content):
    return content[:-1] + bytes([content[-1] ^ 1])


DAMAGE = {
    "cut off": (lambda content: content[:-1], "cut off"),
    "too long": (lambda content: content + b"\0", "too long"),
    "header only begun": (lambda content: content[:6], "cut off"),
    "empty": (lambda content: b"", "not an IDX file"),
    "wrong magic": (lambda content: b"\1" + content[1:], "not an IDX file"),
    "unknown type": (lambda content: content[:2] + b"\7" + content[3:], "not an IDX file"),
    "no axes": (lambda content: content[:3] + b"\0", "cut off"),
    "absurd size": (lambda content: content[:4] + b"\xff" * 12 + content[16:], "cut off"),
    "gzip cut off": (lambda content: gzip.compress(content)[:-9], "damaged"),
    "gzip checksum": (lambda content: gzip.compress(content)[:-8] + b"\0" * 8, "damaged"),
    "gzip garbage": (lambda content: gzip.compress(content)[:10] + b"\xff" * 20, "damaged"),
    "a web page": (lambda content: b"<!doctype html>", "not an IDX file"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_idx_file_is_refused_by_path(tmp_path, damage):
    spoil, words = DAMAGE[damage]
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(spoil(idx_bytes(np.zeros((2, 3, 4), np.uint8))))
    with pytest.raises(ValueError, match=words) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("zipped", [False, True])
def test_one_changed_byte_is_refused(tmp_path, published, zipped):
    small_set(tmp_path, zipped)
    published(tmp_path)
    path = tmp_path / (idx.FILES[2] + (".gz" if zipped else ""))
    path.write_bytes(flipped(path.read_bytes()))
    with pytest.raises(ValueError, match=r"t10k-images.*is not the published file"):
        load_mnist(tmp_path, download=False)


def test_images_and_labels_that_do_not_belong_together_are_refused(tmp_path):
    small_set(tmp_path, zipped=False)
    (tmp_path / idx.FILES[1]).write_bytes(idx_bytes(np.zeros(4, np.uint8)))
    with pytest.raises(ValueError, match="holds 5 images"):
        load_mnist(tmp_path, download=False, verify=False)
    (tmp_path / idx.FILES[1]).write_bytes(idx_bytes(np.full(5, 10, np.uint8)))
    with pytest.raises(ValueError, match="label 10"):
        load_mnist(tmp_path, download=False, verify=False)
    (tmp_path / idx.FILES[0]).write_bytes(idx_bytes(np.zeros((5, 24), np.uint8)))
    with pytest.raises(ValueError, match=r"images are uint8 \(N, H, W\)"):
        load_mnist(tmp_path, download=False, verify=False)


def test_missing_files_are_named(tmp_path):
    small_set(tmp_path, zipped=True)
    (tmp_path / f"{idx.FILES[3]}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=f"{idx.FILES[3]} .*download=True"):
        load_mnist(tmp_path, download=False)


@pytest.mark.parametrize("download", [None, 1, "no"])
def test_download_is_true_or_false(tmp_path, download):
    with pytest.raises(TypeError, match="download="):
        load_mnist(tmp_path, download)


def test_all_mirrors_speak_https():
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirrors in idx.MIRRORS.values() for mirror in mirrors)


# Downloads, from a server on this machine ------------------------------------------------------------------------------------------------


@pytest.fixture
def server():
    """A web server with files, which can break a transfer off in the middle; knows ranges. Yields (address, files, log)."""
    files, log = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            log.append((self.path, self.headers.get("Range")))
            content, stop = files.get(self.path, (None, None))
            if content is None:
                self.send_error(404)
                return
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")) if "Range" in self.headers else 0
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start:stop] if stop else content[start:])

        def log_message(self, *_):
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/", files, log
        http.shutdown()
        thread.join()


@pytest.fixture
def quiet_pooch():
    pooch = pytest.importorskip("pooch")
    pytest.importorskip("requests")
    pooch.get_logger().setLevel("ERROR")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.mark.usefixtures("quiet_pooch")
def test_a_data_set_downloads_once_and_loads_from_the_folder_ever_after(tmp_path, server, published, monkeypatch):
    address, files, log = server
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    arrays = small_set(source, zipped=True)
    published(source)
    files.update({f"/{path.name}": (path.read_bytes(), None) for path in source.iterdir()})
    monkeypatch.setitem(idx.MIRRORS, "mnist", (address,))
    for _ in range(2):
        np.testing.assert_array_equal(load_mnist(target).test_labels, arrays[3])
    assert len(log) == 4
    assert sorted(path.name for path in target.iterdir()) == sorted(f"{name}.gz" for name in idx.FILES)


@pytest.mark.usefixtures("quiet_pooch")
def test_a_broken_transfer_continues_where_it_stopped(tmp_path, server):
    address, files, log = server
    content = np.random.default_rng(0).bytes(300_000)
    files["/file.gz"] = (content, 200_000)
    with pytest.raises(ConnectionError, match="a partial download continues"):
        download.fetch((address,), "file.gz", tmp_path, sha256(content))
    arrived = (tmp_path / "file.gz.part").stat().st_size
    assert 0 < arrived <= 200_000
    files["/file.gz"] = (content, None)
    assert download.fetch((address,), "file.gz", tmp_path, sha256(content)).read_bytes() == content
    assert log[-1] == ("/file.gz", f"bytes={arrived}-")
    assert [path.name for path in tmp_path.iterdir()] == ["file.gz"]


@pytest.mark.usefixtures("quiet_pooch")
def test_a_mirror_that_fails_or_lies_hands_over_to_the_next(tmp_path, server):
    address, files, _ = server
    content = b"the real file"
    files["/lies/file.gz"] = (b"something else", None)
    files["/good/file.gz"] = (content, None)
    mirrors = (f"{address}absent/", f"{address}lies/", f"{address}good/")
    assert download.fetch(mirrors, "file.gz", tmp_path, sha256(content)).read_bytes() == content
    with pytest.raises(ValueError, match="lies"):
        download.fetch(mirrors[1:2], "file.gz", tmp_path / "elsewhere", sha256(content))
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.usefixtures("quiet_pooch")
def test_without_a_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(idx.MIRRORS, "mnist", ("https://127.0.0.1:1/",))
    with pytest.raises(ConnectionError, match=r"Check the network.*download=False"):
        load_mnist(tmp_path)


def test_without_pooch_the_error_names_the_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pooch"):
        load_mnist(tmp_path)
