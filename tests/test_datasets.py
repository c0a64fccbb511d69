"""The bundled data are what data/README.md says."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from cnnlib import datasets, load_digits, sample_image

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


def test_the_random_split_takes_the_same_share_of_every_answer_sheet():
    with np.load(DATA / "digits.npz", allow_pickle=False) as archive:
        sheet, test = archive["sheet"], archive["random_test"]
    assert np.abs(np.bincount(sheet[test]) - np.bincount(sheet) * 382 / 1797).max() < 3


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
