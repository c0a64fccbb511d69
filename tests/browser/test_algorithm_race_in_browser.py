"""The algorithm race: the browser's costs and steps are Python's, and its keys, its lists and Python lead to the same picture."""

import itertools
import random

import pytest
from harness import animation_frames

from cnnlib.symbolic.algorithm_costs import METHODS, cost
from cnnlib.widgets import AlgorithmRace
from cnnlib.widgets.algorithm_race import outline, short, toy
from cnnlib.widgets.bundle import bundle


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("algorithm_race.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def cells(which):
    """Touched cells, in an order of their own."""
    return {name: sorted(map(tuple, touched)) for name, touched in which.items()}


def test_every_step_of_every_way_is_pythons(module):
    assert module("m.METHODS") == list(METHODS)
    for method in METHODS:
        found, truth = module("m.toySteps(a)", method), toy(method)
        assert len(found) == len(truth)
        for mine, theirs in zip(truth, found, strict=True):
            assert cells(theirs["reads"]) == cells(mine["reads"])
            assert cells(theirs["writes"]) == cells(mine["writes"])
            assert list(theirs["arrays"]) == list(mine["arrays"])
            assert all(theirs[key] == mine[key] for key in ("said", "products", "arrays", "multiplied", "read", "written"))


def test_costs_are_pythons(module):
    rng = random.Random(14)
    states = [
        dict(
            images=rng.randint(1, 64),
            channels=rng.randint(1, 64),
            filters=rng.randint(1, 64),
            n=n,
            k=rng.choice((3, rng.randint(1, min(n, 15)))),
        )
        for n in range(4, 65)
    ]
    found = module("a.map(state => m.METHODS.map(method => m.raceCost(method, state)))", states)
    for state, answers in zip(states, found, strict=True):
        sizes = dict(N=state["images"], C=state["channels"], F=state["filters"], n=state["n"], k=state["k"])
        for method, answer in zip(METHODS, answers, strict=True):
            truth = cost(method, **sizes)
            if truth is None:
                assert answer is None
                continue
            assert answer == pytest.approx(dict(work=truth.work, extra=truth.extra, intensity=truth.intensity), rel=1e-12)
    assert {state["k"] == 3 for state in states} == {True, False}
    values = [0, 0.25, 999.9, 1000, 123456, 9.87e8, 3.3e10, 5e12]
    assert module("a.map(m.shortCount)", values) == [short(value) for value in values]


def test_every_lane_says_what_python_says(module):
    settings = list(itertools.product(METHODS, ("FFT", "loops"), (0, 3, 20, 35)))
    for left, right, step in settings:
        race = AlgorithmRace(left=left, right=right, step=step)
        said = module("[a.left, a.right].map(method => m.raceLane(method, a.step).sentence).join('\\n')", race.state())
        assert said == race.sentence
        assert module("m.raceSteps(a)", race.state()) == race.steps


def test_a_chain_of_changes_leads_to_the_same_state_on_both_sides(module):
    rng, race = random.Random(5), AlgorithmRace()
    choices = dict(n=(4, 9, 64), k=(1, 3, 15), left=METHODS, right=METHODS, step=(0, 5, 35, 99), filters=(1, 64))
    for _ in range(200):
        before, name = race.state(), rng.choice(list(choices))
        change = {name: rng.choice(choices[name])}
        found = module("({ ...a[0], ...a[1], ...m.reconcileRace({ ...a[0], ...a[1] }) })", [before, change])
        setattr(race, name, change[name])
        assert found == race.state(), (before, change)


def test_outlines_are_pythons(module):
    for touched in ([], [[0, 0]], [[1, 2], [3, 2], [2, 4]]):
        box = outline([tuple(cell) for cell in touched])
        expected = [dict(zip(("row", "column", "rows", "columns"), box, strict=True))] if box else []
        assert module("m.outlineOf(a)", touched) == expected


def test_keys_lists_and_python_lead_to_the_same_picture(open_notebook):
    notebook = open_notebook("race.ipynb", "from cnnlib.widgets import AlgorithmRace\nrace = AlgorithmRace()\nrace")
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-lane=right] [data-cell]")
    said = page.locator(".cnn-said")

    def agree(step):
        animation_frames(page)
        notebook.await_idle()
        assert said.text_content() == notebook.python("print(race.sentence)")
        assert notebook.python("print(race.step)") == str(step)

    grid = page.locator("[data-lane=left] [data-panel=left-columns] svg")
    grid.focus()
    for key, step in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 9), ("ArrowRight", 9), ("Home", 0)):
        page.keyboard.press(key)
        agree(step)
    assert page.locator("[data-lane=left] .taken").count() == len(toy("im2col")[0]["reads"]["x"])
    page.locator("[data-key=left] select").select_option("Winograd")
    animation_frames(page)
    agree(0)
    assert page.locator("[data-lane=left] [data-panel=left-UV]").is_visible()
    notebook.python("race.right = 'FFT'; race.step = 18; race.k = 5; race.n = 20")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.includes('Winograd, step 19 of 19')")
    agree(18)
    shown = page.locator("[data-panel=left-y] .value").all_text_contents()
    assert [float(number) for number in shown] == eval(notebook.python("print(sum(race.lane('Winograd')['arrays']['y'], []))"))
    bars = page.locator("[data-bars=work]").get_attribute("aria-label")
    assert "Winograd needs k = 3" in bars
    assert notebook.python("from cnnlib.widgets.algorithm_race import short; print(short(race.costs['FFT'].work))") in bars
    assert notebook.complaints() == []


def test_every_number_of_every_way_stays_inside_its_cell(open_notebook):
    notebook = open_notebook("fit.ipynb", "from cnnlib.widgets import AlgorithmRace\nrace = AlgorithmRace(step=35)\nrace")
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-lane=right] [data-cell]")
    for way in METHODS:
        page.locator("[data-key=left] select").select_option(way)
        animation_frames(page)
        too_wide = page.locator("[data-lane=left] [data-cell]").evaluate_all(
            """cells => cells.filter(cell => cell.querySelector(".value").getBBox().width > cell.querySelector(".cell").getBBox().width - 2)
                             .map(cell => cell.textContent)"""
        )
        assert too_wide == [], way
