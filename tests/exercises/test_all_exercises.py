"""Every exercise of every chapter keeps the rules. A new chapter is tested by being there."""

import contextlib
import inspect

import equivalent
import numpy as np
import pytest
from mutants import mutants

from cnnlib.exercises import check
from cnnlib.exercises.compare import alike
from cnnlib.exercises.engine import all_exercises, judge
from cnnlib.exercises.exercise import normal
from cnnlib.exercises.reader import solution_sources
from editions import guide

EXERCISES = list(all_exercises().values())
PROGRAMS = [each for each in EXERCISES if each.kind == "program"]
WRONG = [(exercise, known) for exercise in EXERCISES for known in exercise.misconceptions]
WAYS = [(exercise, number) for exercise in EXERCISES for number in range(len(solution_sources(exercise)))]


def named(values):
    return [f"{each[0].id}-{getattr(each[1], 'id', each[1])}" if isinstance(each, tuple) else each.id for each in values]


def run(exercise, source):
    """Execute a cell and return what it calls by the exercise's name."""
    space = {"check": lambda *_: None}
    if exercise.kind == "algebra":
        import sympy

        space["sympy"] = sympy
    exec(source, space)
    return space[exercise.name]


def as_candidate(exercise, function):
    """A misconception as a reader would hand it in."""
    if exercise.kind == "program":
        return function
    if exercise.kind == "number":
        return function()
    import sympy

    return sympy.sympify(function(*(sympy.Symbol(name) for name in exercise.parameters)))


@pytest.mark.parametrize(("exercise", "way"), WAYS, ids=named(WAYS))
def test_every_way_of_the_solution_passes(exercise, way):
    verdict = check(exercise.id, run(exercise, solution_sources(exercise)[way]))
    assert verdict.passed is True, verdict.message
    assert verdict.misconception is None


@pytest.mark.parametrize("exercise", EXERCISES, ids=named(EXERCISES))
def test_the_untouched_starter_is_not_attempted_and_leaves_no_trace(exercise, progress_file):
    verdict = check(exercise.id, run(exercise, exercise.cell))
    assert verdict.passed is None
    assert not progress_file.exists()


@pytest.mark.parametrize(("exercise", "known"), WRONG, ids=named(WRONG))
def test_every_misconception_is_recognised_and_gets_its_own_sentence(exercise, known):
    verdict = judge(exercise, as_candidate(exercise, known.answer))
    assert verdict.passed is False
    assert verdict.misconception == known.id
    assert verdict.message.startswith(known.sentence)


@pytest.mark.parametrize("exercise", EXERCISES, ids=named(EXERCISES))
def test_an_exercise_is_complete(exercise):
    assert len(exercise.misconceptions) >= 3
    assert len({each.id for each in exercise.misconceptions}) == len({each.sentence for each in exercise.misconceptions})
    assert len({each.id for each in exercise.misconceptions}) == len(exercise.misconceptions)
    assert len(exercise.hints) >= 2
    assert exercise.minutes > 0
    assert exercise.difficulty in (1, 2, 3)
    assert len(solution_sources(exercise)) >= (1 if exercise.kind == "number" else 3)
    assert "..." in exercise.starter
    if exercise.kind != "number":
        assert len(exercise.cases) >= 20
        assert all(len(case) == len(exercise.parameters) for case in exercise.cases)


@pytest.mark.parametrize("exercise", EXERCISES, ids=named(EXERCISES))
def test_the_generated_pages_tell_of_the_exercise_as_it_is(exercise):
    told = all(
        line in (guide.ROOT / page).read_text(encoding="utf-8").splitlines()
        for page, line in ((guide.INDEX, guide.index_row(exercise)), (guide.TEACHERS, guide.typical(exercise)))
    )
    assert told, f"{guide.INDEX} or {guide.TEACHERS} is out of date. Run: python3 book.py exercises --write, and commit docs/ too"


@pytest.mark.parametrize("exercise", PROGRAMS, ids=named(PROGRAMS))
def test_the_starter_has_the_parameters_that_are_passed(exercise):
    assert tuple(inspect.signature(run(exercise, exercise.starter)).parameters) == exercise.parameters


@pytest.mark.parametrize("exercise", EXERCISES, ids=named(EXERCISES))
def test_cases_are_the_same_in_every_run(exercise):
    again = type(exercise)(**{name: getattr(exercise, name) for name in exercise.__dataclass_fields__})
    assert repr(again.cases) == repr(exercise.cases)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", PROGRAMS, ids=named(PROGRAMS))
def test_no_mutant_of_a_solution_passes(exercise):
    made, survivors = 0, []
    for source in solution_sources(exercise):
        for description, mutant in mutants(source, exercise.parameters):
            made += 1
            with contextlib.suppress(Exception):  # a mutant that is no program cannot pass
                candidate = run(exercise, mutant)
                if judge(exercise, candidate, seconds=0.25).passed and not _is_excused(exercise, description, candidate):
                    survivors.append(f"{description}:\n{mutant}")
    assert made >= 10
    assert not survivors, f"{len(survivors)} of {made} mutants pass:\n\n" + "\n\n".join(survivors)


def _is_excused(exercise, description, candidate):
    """Whether a mutant is listed as equivalent, with a reason, and behaves so on 500 further cases."""
    if description not in equivalent.MUTANTS.get(exercise.id, {}):
        return False
    rng = np.random.default_rng(1)
    cases = [exercise.draw(rng) for _ in range(500)]
    return all(alike(normal(exercise.answer, case), normal(candidate, case), exercise) for case in cases)


def test_every_excused_mutant_still_exists():
    for identifier, excuses in equivalent.MUTANTS.items():
        exercise = all_exercises()[identifier]
        made = {each for source in solution_sources(exercise) for each, _ in mutants(source, exercise.parameters)}
        assert not set(excuses) - made
