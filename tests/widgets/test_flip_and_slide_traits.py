"""The flip-and-slide widget as a Python object: what it computes is the library's."""

import numpy as np
import pytest
from traitlets import TraitError

import cnnlib
from cnnlib.widgets import FlipAndSlide
from cnnlib.widgets.flip_and_slide import POINTS, WAVES


def random_widget(seed):
    rng = np.random.default_rng(seed)
    rows = [rng.integers(-9, 10, rng.integers(1, longest + 1)).tolist() for longest in (10, 5)]
    operation = ("convolution", "correlation")[seed % 2]
    return FlipAndSlide(signal=rows[0], kernel=rows[1], operation=operation, step=int(rng.integers(14)), wave=int(rng.integers(WAVES + 1)))


@pytest.mark.parametrize("seed", range(20))
def test_the_output_is_numpys_convolution_or_correlation(seed):
    widget = random_widget(seed)
    row = widget.kernel if widget.operation == "convolution" else widget.kernel[::-1]
    np.testing.assert_allclose(widget.output, np.convolve(widget.signal, row), atol=1e-12)
    assert len(widget.output) == widget.count


@pytest.mark.parametrize("seed", range(20))
def test_the_terms_are_those_of_the_formula_and_add_up_to_the_output(seed):
    widget = random_widget(seed)
    for t, x, u, w in widget.terms():
        assert t + u == widget.place if widget.operation == "convolution" else t == widget.place + u
        assert w == widget.kernel[u]
        assert x == (widget.signal[t] if 0 <= t < len(widget.signal) else 0)
    assert [t for t, *_ in widget.terms()] == sorted(t for t, *_ in widget.terms())
    assert sum(x * w for _, x, _, w in widget.terms()) == pytest.approx(widget.output[widget.step])


@pytest.mark.parametrize("seed", range(6))
def test_a_wave_comes_out_as_much_higher_as_the_gain_says(seed):
    widget = random_widget(seed)
    frequency, cells = widget.wave / (2 * WAVES), np.arange(480)
    came_out = np.convolve(np.exp(2j * np.pi * frequency * cells), widget.kernel, "valid")
    np.testing.assert_allclose(np.abs(came_out), widget.gain, atol=1e-9)
    assert len(widget.response) == POINTS + 1


def test_a_step_behind_the_last_place_becomes_the_last():
    widget = FlipAndSlide(signal=[1, 2, 3, 4], kernel=[1, 2, 3], step=99)
    assert widget.step == 5
    widget.kernel = [1]
    assert widget.step == 3


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"signal": [[1, 2]]}, r"signal has shape \(1, 2\). Give a row of 1 to 10 numbers."),
        ({"kernel": [1] * 6}, r"kernel has shape \(6,\). Give a row of 1 to 5 numbers."),
        ({"kernel": []}, "kernel has shape"),
        ({"signal": [1, float("nan")]}, "signal holds nan, and finite numbers are wanted."),
        ({"operation": "sum"}, "operation"),
    ],
)
def test_rows_that_cannot_be_shown_are_refused(rows, words):
    with pytest.raises(TraitError, match=words):
        FlipAndSlide(**rows)


def test_the_static_picture_and_the_description_carry_the_numbers():
    widget = FlipAndSlide(signal=[2, 7], kernel=[3, 5], step=1)
    assert widget.sentence == "y[1] = 2·5 + 7·3 = 31"
    assert "is 6 31 35" in widget.description
    assert cnnlib.frequency_response(np.array([[3.0, 5.0]]), (1, 2)).max() == 8
    assert "response is 8 at 0" in widget.description
    for number in ("6", "31", "35", "y[1] = 2·5 + 7·3 = 31"):
        assert f">{number}</text>" in widget.static_svg()
