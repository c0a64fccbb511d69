"""IDX files are read exactly, and damage never passes for data."""

import gzip

import numpy as np
import pytest
from idx_files import idx_bytes, publish, small_set

from cnnlib import idx, load_fashion_mnist, load_mnist, read_idx


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("load", [load_mnist, load_fashion_mnist])
def test_idx_files_plain_or_gzipped_arrive_cell_by_cell(tmp_path, monkeypatch, zipped, load):
    arrays = small_set(tmp_path, zipped)
    publish(monkeypatch, tmp_path)
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
    "no axes": (lambda content: content[:3] + b"\0", "has no axis"),
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
def test_one_changed_byte_is_refused(tmp_path, monkeypatch, zipped):
    small_set(tmp_path, zipped)
    publish(monkeypatch, tmp_path)
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
