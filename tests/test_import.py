"""What importing the package does, and what it leaves alone."""

import subprocess
import sys

import pytest
from operations import TABLE

import cnnlib


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_cnnlib_loads_numpy_alone():
    code = (
        "import sys, numpy; before = set(sys.modules); import cnnlib; print(*sorted({m.split('.')[0] for m in set(sys.modules) - before}))"
    )
    outside = set(run(code).split()) - set(sys.stdlib_module_names) - {"cnnlib"}
    assert not outside


def test_nothing_touches_the_global_random_state():
    code = (
        "import random; import numpy as np; before = np.random.get_state()[1].tolist(), random.getstate();"
        "import cnnlib; from cnnlib import augment;"
        "cnnlib.check_gradients(cnnlib.relu, cnnlib.relu_backward, np.ones((2, 2)));"
        "net = cnnlib.Sequential(cnnlib.Conv2d(1, 2, 3), cnnlib.Dropout(0.5), cnnlib.Flatten(), cnnlib.Linear(8, 2));"
        "x = augment.elastic(augment.noise(np.ones((4, 1, 4, 4))));"
        "cnnlib.fit(net, x, [0, 1, 0, 1], epochs=1, batch_size=2, optimizer=cnnlib.Adam(), progress=False); net.train()(x);"
        "print(before == (np.random.get_state()[1].tolist(), random.getstate()))"
    )
    assert run(code) == "True"


def test_everything_exported_exists_and_is_listed():
    assert set(cnnlib.__all__) <= set(dir(cnnlib))
    for name in cnnlib.__all__:
        assert getattr(cnnlib, name).__doc__, f"{name} has no docstring"
    assert {operation.name for operation in TABLE} <= set(cnnlib.__all__)
    assert cnnlib.__version__.count(".") == 2


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="conv3d"):
        cnnlib.conv3d  # noqa: B018
