"""The training monitor in the real JupyterLab: it draws while the net learns, and its button stops the training."""

import pytest
from harness import animation_frames

SETUP = """
import numpy as np, cnnlib
from cnnlib.widgets import TrainingMonitor
digits = cnnlib.load_digits()
rng = np.random.default_rng({seed})
model = cnnlib.Sequential(
    cnnlib.Conv2d(1, 8, 3, padding=1, rng=rng), cnnlib.ReLU(), cnnlib.MaxPool2d(2), cnnlib.Flatten(), cnnlib.Linear(128, 10, rng=rng)
)
monitor = TrainingMonitor(model)
monitor"""
TRAIN = """
settings = dict(batch_size=32, optimizer=cnnlib.SGD(0.05, momentum=0.9), rng=rng, progress=False)
data = digits.test_images, digits.test_labels
train = digits.train_images, digits.train_labels
history = await monitor.watch(cnnlib.fit_steps(model, *train, epochs={epochs}, validation_data=data, **settings))"""
JUDGE = "print(monitor.status, history.steps, history.interrupted, cnnlib.evaluate(model, *data)[1] > 0.3)"


@pytest.fixture
def monitor(open_notebook):
    def start(seed=0, epochs=2):
        notebook = open_notebook("monitor.ipynb", SETUP.format(seed=seed), TRAIN.format(epochs=epochs), JUDGE)
        notebook.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")  # not awaited: it trains
        notebook.page.wait_for_selector(".cnn-widget .cnn-filters svg")
        return notebook

    return start


def printed(notebook):
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells[2].outputs.length > 0", timeout=120_000
    )
    return "".join(notebook.cells()[2]["outputs"][0]["text"]).split()


def said(page):
    animation_frames(page)
    return page.locator(".cnn-said").inner_text()


def test_the_stop_button_ends_the_training_and_the_model_keeps_what_it_learned(monitor):
    notebook = monitor(epochs=10_000)  # more than anyone would wait for
    page = notebook.page
    page.wait_for_function("() => Number(document.querySelector('.cnn-said').textContent.match(/, (\\d+) epochs/)?.[1]) >= 3")
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    page.keyboard.press("Enter")
    status, steps, interrupted, learned = printed(notebook)
    assert (status, interrupted, learned) == ("stopped", "True", "True")
    assert 3 * 45 <= int(steps) < 10_000 * 45
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('Stopped')")
    assert stop.is_disabled()
    assert notebook.complaints() == []


def test_curves_and_filters_move_while_the_net_learns(monitor):
    notebook = monitor(epochs=10_000)
    page = notebook.page
    pictures, filters = set(), set()
    for epoch in (1, 8, 16):  # apart by several paints
        seen = page.wait_for_function(
            f"""() => Number(document.querySelector('.cnn-said').textContent.match(/, (\\d+) epochs/)?.[1]) >= {epoch}
                && [document.querySelector("[data-chart=loss] polyline").outerHTML, document.querySelector(".cnn-filters").innerHTML]"""
        ).json_value()
        pictures.add(seen[0])
        filters.add(seen[1])
    page.get_by_role("button", name="Stop").click()
    printed(notebook)
    assert len(pictures) == len(filters) == 3
    assert notebook.complaints() == []


def test_a_training_that_ends_by_itself_says_so_and_another_seed_draws_another_picture(monitor):
    pictures = []
    for seed in (0, 1):
        notebook = monitor(seed=seed)
        status, steps, interrupted, _ = printed(notebook)
        assert (status, steps, interrupted) == ("finished", "90", "False")
        page = notebook.page
        page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('Finished: step 90, 2 epochs')")
        assert "validation accuracy" in said(page)
        pictures.append(page.locator(".cnn-stage").inner_html())
    assert pictures[0] != pictures[1]
