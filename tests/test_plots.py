"""Figures: every one is described, drawn the same way each time, and readable on any theme."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnnlib import plots


@pytest.fixture
def figure():
    with plt.rc_context(plots.style()):
        figure, axes = plt.subplots()
        axes.plot([0, 1], [1, 3])
        yield figure
        plt.close(figure)


def test_a_figure_is_an_image_that_carries_its_description(figure):
    picture = plots.figure_html(figure, alt='A line from 1 to 3,\n  "rising" & straight.')
    assert re.fullmatch(r'<img alt="[^"]*" width="614" src="data:image/png;base64,[A-Za-z0-9+/]+=*">', picture)
    assert 'alt="A line from 1 to 3, &quot;rising&quot; &amp; straight."' in picture


def test_the_same_figure_gives_the_same_bytes(figure):
    assert plots.figure_html(figure, alt="A line.") == plots.figure_html(figure, alt="A line.")


@pytest.mark.parametrize(("alt", "error"), [("", ValueError), (" \n", ValueError), (None, TypeError), (3, TypeError)])
def test_a_figure_without_a_description_is_refused(figure, alt, error):
    with pytest.raises(error, match="alt="):
        plots.show(figure, alt=alt)


def test_show_closes_the_figure_so_that_it_does_not_appear_twice(figure, capsys):
    plots.show(figure, alt="A line.")
    assert figure.number not in plt.get_fignums()
    assert capsys.readouterr().out == "A line.\n"


def test_figures_have_a_white_ground_whatever_the_theme(figure):
    figure.canvas.draw()
    assert (np.asarray(figure.canvas.buffer_rgba())[0, 0] == 255).all()
    assert figure.axes[0].get_facecolor() == (1, 1, 1, 1)


def test_the_title_of_square_cells_that_fill_the_figure_is_not_cut_off():
    with plt.rc_context(plots.style()):
        figure, axes = plt.subplots(1, 3, figsize=(8.6, 3.1))
        for axis in axes:
            plots.cells(axis, np.ones((10, 10)), cmap="Blues", vmin=0, vmax=6)
            axis.set(title="kernel", xticks=[], yticks=[])
        html = plots.figure_html(figure, "ones")
    plt.close(figure)
    image = plt.imread(io.BytesIO(base64.b64decode(html.split("base64,")[1].split('"')[0])))
    assert (image[0] == 1).all()


def test_no_two_curves_share_a_colour_or_a_line_style():
    cycle = list(plots.style()["axes.prop_cycle"])
    assert len({entry["color"] for entry in cycle}) == len(cycle) == len({str(entry["linestyle"]) for entry in cycle})


def test_cells_carry_their_numbers_row_0_on_top():
    figure, axes = plt.subplots()
    plots.cells(axes, np.array([[1, 2.5], [3.25, -4]]))
    written = {tuple(map(float, text.get_position())): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "1", (1, 0): "2.5", (0, 1): "3.25", (1, 1): "-4"}
    assert axes.yaxis_inverted()
    plt.close(figure)


def test_numbers_stay_readable_on_every_shade():
    figure, axes = plt.subplots()
    plots.cells(axes, np.array([[0.0, 1.0]]), cmap="gray")
    assert [text.get_color() for text in axes.texts] == ["white", "black"]
    plt.close(figure)


def test_equal_entries_of_a_weight_matrix_look_alike_and_zeros_stay_blank():
    figure, axes = plt.subplots()
    plots.weight_matrix(axes, np.array([["a", 0, "b"], [0, "a", 0]], dtype=object))
    looks = [(text.get_text(), patch.get_facecolor()) for text, patch in zip(axes.texts, axes.patches, strict=True)]
    assert [name for name, _ in looks] == ["a", "", "b", "", "a", ""]
    assert len(set(looks)) == 3
    assert len({colour for _, colour in looks}) == 3
    plt.close(figure)


@pytest.mark.parametrize(("limit", "full"), [(None, 8.0), (4, 4.0)])
def test_signed_colours_are_white_at_zero_and_equally_strong_on_both_sides(limit, full):
    figure, axes = plt.subplots()
    picture = plots.signed_image(axes, np.array([[-8.0, 0, 3]]), limit=limit)
    plt.close(figure)
    shade = lambda value: np.round(np.array(picture.cmap(picture.norm(value))[:3]) * 255)
    assert picture.get_clim() == (-full, full)
    assert shade(0).min() >= 253
    for value, name in ((-full, "orange"), (full, "blue")):
        np.testing.assert_array_equal(shade(value), [int(plots.COLORS[name][at : at + 2], 16) for at in (1, 3, 5)])
