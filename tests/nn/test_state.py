"""A saved net comes back as it was, PyTorch's states load in both directions, and nothing doubtful is let in."""

import pickle
import zipfile

import numpy as np
import pytest
from nets import mixed_net, mixed_twin, residual_net

from cnnlib import Linear


def arrays_of(model):
    return {name: array.copy() for name, array in model.state_dict().items()}


def assert_same(model, arrays):
    state = model.state_dict()
    assert list(state) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(state[name], array)
        assert state[name].dtype == array.dtype


@pytest.mark.parametrize("build", [mixed_net, residual_net, lambda: Linear(3, 2, rng=0)])
@pytest.mark.parametrize("name", ["net.npz", "net", "net.v2"])
def test_a_saved_net_comes_back_bit_by_bit(tmp_path, build, name):
    model = build()
    path = model.save(tmp_path / name)
    assert path.suffix == ".npz"
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    other = build()
    for array in other.parameters().values():
        array[...] = 7
    assert other.load(tmp_path / name) is other
    assert_same(other, arrays_of(model))


def test_a_saved_file_is_plain_arrays(tmp_path):
    path = residual_net().save(tmp_path / "net.npz")
    with np.load(path, allow_pickle=False) as archive:
        assert archive.files == ["0.weight", "0.bias", "1.0.weight", "1.0.bias", "3.weight", "3.bias"]
        assert archive["0.weight"].dtype == np.float32


@pytest.mark.requires_torch
def test_state_names_and_values_travel_to_pytorch_and_back(torch):
    model, twin = mixed_net(), mixed_twin(torch)
    model(np.random.default_rng(0).random((2, 3, 9, 8)))
    assert list(model.state_dict()) == list(twin.state_dict())
    twin.load_state_dict({name: torch.tensor(array) for name, array in model.state_dict().items()})
    other = mixed_net(rng=9).load(twin.state_dict())
    assert_same(other, arrays_of(model))


def test_loading_keeps_the_arrays_that_others_hold_and_takes_on_another_float_dtype():
    model = residual_net()
    held = model[0].weight
    model.load({name: array + 1 for name, array in model.state_dict().items()})
    assert model[0].weight is held
    model.load({name: array.astype(np.float64) for name, array in model.state_dict().items()})
    assert model[0].weight.dtype == np.float64
    assert model.astype("float32")[0].weight.dtype == np.float32


def test_the_state_is_a_copy():
    model = residual_net()
    model.state_dict()["0.weight"][...] = 5
    assert not (model[0].weight == 5).any()


def test_the_count_of_batches_may_be_missing_as_in_old_pytorch_files():
    model = mixed_net()
    state = arrays_of(model)
    del state["1.num_batches_tracked"]
    mixed_net(rng=1).load(state)


class Bomb:
    """What a hostile pickle would run."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def without(state, name):
    return {key: array for key, array in state.items() if key != name}


WRONG_STATES = {
    "missing": (lambda state: without(state, "0.bias"), r"missing 0\.bias"),
    "a missing running mean": (lambda state: without(state, "1.running_mean"), r"missing 1\.running_mean"),
    "unknown": (lambda state: state | {"9.weight": np.zeros(3)}, r"unknown 9\.weight"),
    "both": (lambda state: without(state, "0.bias") | {"0.b": np.zeros(8)}, r"missing 0\.bias; unknown 0\.b"),
    "wrong shape": (lambda state: state | {"8.bias": np.zeros(6)}, r"8\.bias has shape \(6,\), and in this net \(5,\)"),
    "would broadcast": (lambda state: state | {"8.bias": np.zeros(1)}, r"8\.bias has shape \(1,\)"),
    "complex": (lambda state: state | {"8.bias": np.zeros(5, complex)}, r"8\.bias holds complex128"),
    "words": (lambda state: state | {"8.bias": np.array(["a"] * 5)}, r"8\.bias holds <U1"),
    "objects": (lambda state: state | {"8.bias": np.array([None] * 5)}, r"8\.bias holds object|pickled objects"),
}


@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.parametrize("case", WRONG_STATES)
def test_a_wrong_state_is_refused_and_changes_nothing(tmp_path, case, as_file):
    spoil, words = WRONG_STATES[case]
    model = mixed_net()
    before = arrays_of(model)
    source = {name: array + 1 if array.dtype.kind == "f" else array for name, array in before.items()}
    source = spoil(source)
    if as_file:
        np.savez(tmp_path / "net.npz", **source)
        source = tmp_path / "net.npz"
    with pytest.raises(ValueError, match=words):
        model.load(source)
    assert_same(model, before)


def truncated(content):
    return content[: len(content) // 2]


def flipped(content):
    middle = content.index(b"0.weight.npy") + 400
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


DAMAGE = {
    "truncated": truncated,
    "one flipped byte": flipped,
    "empty": lambda content: b"",
    "garbage": lambda content: bytes(range(256)) * 10,
    "a pickle": lambda content: pickle.dumps(Bomb()),
    "a single array": lambda content: b"\x93NUMPY" + content,
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_file_is_refused_and_changes_nothing(tmp_path, case):
    model = mixed_net()
    path = model.save(tmp_path / "net.npz")
    before = arrays_of(model)
    path.write_bytes(DAMAGE[case](path.read_bytes()))
    with pytest.raises(ValueError, match=r"net\.npz"):
        model.load(path)
    assert_same(model, before)


def test_a_pickle_inside_the_archive_is_never_run(tmp_path):
    model = Linear(1, 1, rng=0)
    path = model.save(tmp_path / "net.npz")
    before = arrays_of(model)
    objects = np.array([Bomb()], dtype=object)
    with zipfile.ZipFile(path, "a") as archive, archive.open("extra.npy", "w") as file:
        np.lib.format.write_array(file, objects, allow_pickle=True)
    with pytest.raises(ValueError, match="pickled objects"):
        model.load(path)
    assert_same(model, before)


def test_a_missing_file_and_a_wrong_source_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz does not exist"):
        Linear(1, 1).load(tmp_path / "nowhere")
    with pytest.raises(TypeError, match="source=3"):
        Linear(1, 1).load(3)
    with pytest.raises(TypeError, match="path=None"):
        Linear(1, 1).save(None)
    with pytest.raises(ValueError, match=r"path='\.' is a folder"):
        Linear(1, 1).save(".")
    with pytest.raises(FileNotFoundError, match=r"folder that does not exist\. Make the folder .*none"):
        Linear(1, 1).save(tmp_path / "none" / "net")
    assert not list(tmp_path.iterdir())


def test_a_file_of_torch_save_is_refused_and_its_state_dict_loads(tmp_path):
    torch = pytest.importorskip("torch")
    twin = torch.nn.Linear(3, 2)
    torch.save(twin.state_dict(), tmp_path / "net.pt")
    layer = Linear(3, 2, rng=0)
    with pytest.raises(ValueError, match=r"written by torch\.save: it is a pickle.*model\.load\(state_dict\)"):
        layer.load(tmp_path / "net.pt")
    layer.load(torch.load(tmp_path / "net.pt"))
    np.testing.assert_array_equal(layer.weight, twin.weight.detach().numpy())


@pytest.mark.parametrize("dtype", [int, "int64", None, complex, "double precision"])
def test_weights_stay_floats(dtype):
    layer = Linear(3, 2, rng=0)
    before = layer.weight.copy()
    with pytest.raises(TypeError, match=r"dtype=.* is not a floating dtype"):
        layer.astype(dtype)
    np.testing.assert_array_equal(layer.weight, before)


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = Linear(1, 1, rng=0).save(tmp_path / "net.npz")
    content = path.read_bytes()
    monkeypatch.setattr(np, "savez", lambda file, **arrays: (_ for _ in ()).throw(OSError("the disk is full")))
    with pytest.raises(OSError, match="the disk is full"):
        Linear(1, 1, rng=1).save(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]
