"""Find an exercise, try an answer on its cases, and judge it by its behaviour.

The candidate runs in a sandbox and sends plain values; all judging happens here, on values that cannot do anything. An answer that
behaves like a known misconception gets that misconception's sentence; any other wrong answer gets its first failing case.
"""

import copy
import difflib
import importlib
import inspect
import pkgutil
import re
from functools import cache

import numpy as np

from cnnlib.exercises import compare, record, sandbox
from cnnlib.exercises.transport import Failure, pack, unpack
from cnnlib.exercises.unfit import Unfit
from cnnlib.exercises.verdict import Verdict
from cnnlib.exercises.wording import broken_off, call_text, changed_arguments, failing_case

UNTOUCHED = "Replace the `...` by your own answer and run the cell again."


class UnknownExercise(ValueError):
    """Raised for an id that no chapter has."""


@cache
def all_exercises():
    """Every exercise of every chapter, {id: Exercise}, in the order of the chapters."""
    package = importlib.import_module("cnnlib.exercises")
    names = sorted(each.name for each in pkgutil.iter_modules(package.__path__) if re.fullmatch(r"chapter_\d\d\w*", each.name))
    found = {}
    for name in names:
        for exercise in importlib.import_module(f"cnnlib.exercises.{name}").EXERCISES:
            if exercise.id in found:
                raise ValueError(f'two exercises have the id "{exercise.id}". Rename the one in {name}.py.')
            found[exercise.id] = exercise
    return found


def find(exercise_id):
    """The exercise with this id, or an error that names the nearest ones."""
    exercises = all_exercises()
    if not isinstance(exercise_id, str):
        raise TypeError(f'the first argument is the exercise\'s id, a string, such as "{next(iter(exercises))}"; you gave {exercise_id!r}.')
    if exercise_id not in exercises:
        near = difflib.get_close_matches(exercise_id, exercises, n=3, cutoff=0.4)
        repair = "Did you mean " + " or ".join(f'"{each}"' for each in near) + "?" if near else "`catalog()` lists all ids."
        raise UnknownExercise(f'there is no exercise "{exercise_id}". {repair}')
    return exercises[exercise_id]


def check(exercise_id, candidate):
    """Judge an answer.

    exercise_id: as in the catalogue. candidate: the answer: a function, a SymPy expression or a value, as the exercise asks.
    Returns a Verdict. Nothing the candidate does raises here: it runs in a process of its own, with a deadline.
    Raises UnknownExercise (a ValueError) for an id that does not exist.
    """
    exercise = find(exercise_id)
    verdict = judge(exercise, candidate)
    if verdict.passed is not None:
        record.note_attempt(exercise.id, verdict.passed)
    return verdict


def judge(exercise, candidate, seconds=None):
    """Judge an answer without noting it in the reader's progress."""
    if candidate is Ellipsis:
        return Verdict(None, UNTOUCHED, exercise=exercise.id)
    limit = seconds or exercise.seconds
    report = sandbox.run(lambda send: perform(exercise, candidate, send), limit)
    passed, message, misconception = _decide(exercise, report, limit)
    if passed is not None and report.printed.strip():
        message += f"\nIt printed:\n{_shortened(report.printed)}"
    return Verdict(passed, message, misconception, exercise.id)


def _shortened(text, lines=5, width=100):
    kept = [line[:width] for line in text.strip().splitlines()]
    return "\n".join(kept[:lines] + (["[...]"] if len(kept) > lines else []))


# Beside the candidate


def perform(exercise, candidate, send):
    """Call the candidate on every case and send what it makes of each. Runs in the sandbox."""
    try:
        call, expression = _prepare(exercise, candidate)
    except Unfit as reason:
        send({"unfit": str(reason)})
        return
    for number, case in enumerate(exercise.cases):
        send({"begin": number})
        outcome = _attempt(call, case, exercise.parameters)
        send(outcome)
        if (number == 0 and _is_untouched(outcome.get("value"))) or outcome.get("failure", [""])[0] == "MemoryError":
            return
    send({"complete": True})
    if expression is not None:
        from cnnlib.exercises import algebra

        send({"proved": algebra.proved(exercise, expression)})


def _is_untouched(node):
    """Whether a packed result is `...`, or a tuple of nothing else."""
    if not isinstance(node, dict):
        return False
    members = node.get("tuple")
    return "dots" in node or (isinstance(members, list) and bool(members) and all(map(_is_untouched, members)))


def _prepare(exercise, candidate):
    """A function of one case, and the expression of an algebraic answer."""
    if exercise.kind == "algebra":
        from cnnlib.exercises import algebra

        return algebra.as_function(exercise, candidate)
    if exercise.kind == "number":
        if isinstance(candidate, str):
            raise Unfit(f"Your answer is the string {candidate[:60]!r}. Write the value itself, without quotes.")
        measured = exercise.measure(candidate)
        return (lambda: measured), None
    if not callable(candidate):
        kind = "None" if candidate is None else f"of type {type(candidate).__name__}"
        raise Unfit(
            f'Your answer is {kind}, and a function is wanted. Give its name, without parentheses: check("{exercise.id}", {exercise.name}).'
        )
    _check_parameters(exercise, candidate)
    return candidate, None


def _check_parameters(exercise, candidate):
    try:
        signature = inspect.signature(candidate)
    except Exception:  # built-in functions often have none; the call itself will tell
        return
    try:
        signature.bind(*exercise.parameters)
    except TypeError:
        wanted = f"`{exercise.name}({', '.join(exercise.parameters)})`"
        raise Unfit(f"Your function takes `{signature}`, and it is called as {wanted}. Let it take these, in this order.") from None


def _attempt(call, case, names):
    given = copy.deepcopy(case)
    try:
        packed = pack(call(*given))
    except BaseException as error:
        if isinstance(error, MemoryError):  # without some memory there is no sentence; `perform` tries no further case
            sandbox.relax_memory()
        return {"failure": _describe(error, call)}
    changed = [name for name, before, after in zip(names, case, given, strict=False) if not _unchanged(before, after)]
    return {"value": packed, "changed": changed}


def _unchanged(before, after):
    if isinstance(before, np.ndarray):
        return (before.dtype, before.shape) == (after.dtype, after.shape) and before.tobytes() == after.tobytes()
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    return before == after


def _describe(error, call):
    """The kind and text of an exception, and the line of the candidate's own code that it came from."""
    kind = type(error).__name__
    try:
        text = " ".join(str(error).split())[:200]
    except BaseException:
        text = ""
    own, where, step = getattr(getattr(call, "__code__", None), "co_filename", None), "", error.__traceback__
    while step is not None and own is not None:
        if step.tb_frame.f_code.co_filename == own:
            import linecache

            where = linecache.getline(own, step.tb_lineno).strip()[:100]
        step = step.tb_next
    return [kind, text, where]


# In the kernel


def _decide(exercise, report, limit):
    """(passed, message, misconception) from what came out of the sandbox."""
    for message in report.messages:
        if "unfit" in message:
            return False, str(message["unfit"]), None
    outcomes = [each for each in report.messages if isinstance(each.get("value"), dict) or isinstance(each.get("failure"), list)]
    if outcomes and _is_untouched(outcomes[0].get("value")):
        return None, UNTOUCHED, None
    last = outcomes[-1].get("failure") if outcomes else None
    if last and last[0] == "MemoryError":
        return False, failing_case(exercise, len(outcomes) - 1, Failure("MemoryError"), None), None
    complete = any("complete" in message for message in report.messages) and len(outcomes) == len(exercise.cases)
    if not complete or (results := _results(outcomes)) is None:
        return False, broken_off(exercise, report, limit), None
    return _compare(exercise, results, outcomes, any(message.get("proved") for message in report.messages))


def _results(outcomes):
    """The results as plain values; None if the candidate meddled with what its process sent."""
    try:
        return [Failure(*map(str, each["failure"])) if each.get("failure") else unpack(each["value"]) for each in outcomes]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _compare(exercise, results, outcomes, proved):
    gaps = [compare.difference(truth, got, exercise) for truth, got in zip(exercise.truths, results, strict=True)]
    if any(gaps) and (known := explain(exercise, results)):
        first = next(number for number, wrong in enumerate(exercise.wrongs[known.id]) if not _agrees(exercise, number, wrong))
        return False, known.sentence + failing_case(exercise, first, results[first], gaps[first], after_sentence=True), known.id
    changed = next(
        ((number, each["changed"]) for number, each in enumerate(outcomes) if isinstance(each.get("changed"), list) and each["changed"]),
        None,
    )
    if changed:
        number, names = changed[0], list(map(str, changed[1]))
        return False, f"{changed_arguments(names)}\n{call_text(exercise, number)} that happens.", None
    real = next((number for number, gap in enumerate(gaps) if gap and gap.kind != "whole"), None)
    if real is not None:
        return False, failing_case(exercise, real, results[real], gaps[real]), None
    if any(gaps):
        number = next(number for number, gap in enumerate(gaps) if gap)
        remedy = "use `//` in place of `/`" if exercise.kind == "program" else "write it without a decimal point"
        return False, f"The right value, but {exercise.whole} is a whole number: {remedy}. {gaps[number].text.capitalize()}.", None
    return True, _praise(exercise, results, proved), None


def _praise(exercise, results, proved):
    if exercise.kind == "number":
        return "Right."
    cases = f"all {len(results)} {'points' if exercise.kind == 'algebra' else 'cases'}"
    text = f"Your answer agrees with the truth in {cases}."
    if exercise.kind == "algebra":
        text = f"Your formula agrees with the truth at {cases}" + (", and SymPy proves it for all values." if proved else ".")
    if any(map(compare.is_coarse, results)):
        text += " A remark: the results are float32 or float16; float64 arguments deserve float64 results."
    return text


def _agrees(exercise, number, value):
    return compare.alike(exercise.truths[number], value, exercise)


def explain(exercise, results):
    """The misconception that behaves like these results, or None.

    It must give the same wrong result wherever it differs from the truth. Best is one that agrees in every case; one that leaves
    other errors unexplained still counts if it accounts for at least half of the wrong cases.
    """
    wrong = sum(not _agrees(exercise, number, result) for number, result in enumerate(results))
    best, best_score = None, 0.5
    for known in exercise.misconceptions:
        same = [compare.alike(*pair, exercise) for pair in zip(exercise.wrongs[known.id], results, strict=True)]
        telling = [number for number, value in enumerate(exercise.wrongs[known.id]) if not _agrees(exercise, number, value)]
        score = 2 if all(same) else len(telling) / max(wrong, 1)
        if telling and all(same[number] for number in telling) and score >= best_score and (best is None or score > best_score):
            best, best_score = known, score
    return best
