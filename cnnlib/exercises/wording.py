"""The sentences of a verdict: how a case, a difference and a broken-off run are told to the reader."""

import signal

import numpy as np

from cnnlib.exercises.compare import SHOWN, show
from cnnlib.exercises.transport import Alien, Failure


def listing(names):
    """Names in backquotes, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def changed_arguments(names):
    """That a function changes the arguments with these names."""
    one = len(names) == 1
    them = "The caller still needs it: work on a copy." if one else "The caller still needs them: work on copies."
    return f"Your function changes its argument{'' if one else 's'} {listing(names)}. {them}"


def call_text(exercise, number, opening=None):
    """One case as a call, after "For" or another opening; larger arrays on lines of their own."""
    case = exercise.cases[number]
    if exercise.kind == "algebra":
        return (opening or "At") + " " + ", ".join(f"{name} = {show(value)}" for name, value in zip(exercise.parameters, case, strict=True))
    inline, below = [], []
    for name, value in zip(exercise.parameters, case, strict=True):
        if isinstance(value, np.ndarray) and (value.ndim > 1 or value.size > 8):
            inline.append(name)
            random = "random numbers, " if value.size > SHOWN else ""
            below.append(f"{name} = {random}{show(value)}" if value.size > SHOWN else f"{name} =\n{show(value)}")
        else:
            inline.append(f"{name}={show(value)}")
    text = f"{opening or 'For'} `{exercise.name}({', '.join(inline)})`"
    return text + (" with\n" + "\n".join(below) + "\n" if below else "")


def failing_case(exercise, number, got, gap, after_sentence=False):
    """What went wrong in one case. After a misconception's sentence it is the example that shows it."""
    if exercise.kind == "number":
        return "" if after_sentence else _hidden(exercise, got)
    lead = call_text(exercise, number)
    opening = "\n" if after_sentence else ""
    if isinstance(got, Failure):
        no_value = exercise.kind == "algebra" and got.kind in ("ValueError", "ZeroDivisionError")  # from algebra._number
        return f"{opening}{lead} {f'your expression has no value: {got.text}.' if no_value else stopped(got)}"
    if got is None:
        return f"{opening}{lead} nothing was returned (None). Does the function end in `return`?"
    separator = "" if lead.endswith("\n") else ": " if "\n" in lead else " "
    return f"{opening}{lead}{separator}{gap.text}."


def stopped(failure):
    """What an exception says, and where it came from."""
    if failure.kind == "MemoryError":
        return "your code asked for more memory than an exercise may have."
    if failure.kind == "SystemExit":
        return "your code called `exit`. Use `return` to leave a function."
    if failure.kind == "RecursionError":
        return "your function called itself until Python gave up (RecursionError). Which case should end the recursion?"
    text = f": {failure.text}" if failure.text else ""
    where = f"\nThe line: `{failure.where}`" if failure.where else ""
    return f"your code stopped with {failure.kind}{text}.{where}"


def _hidden(exercise, got):
    """A wrong value worked out by hand: say what is wrong without telling the answer."""
    truth = exercise.truths[0]
    if isinstance(got, Failure):
        return f"Your answer cannot be read ({got.kind}). Write a plain number."
    if isinstance(got, Alien):
        return f"Your answer is {got.description}. Write a plain number."
    if got is None:
        return "Your answer is None: nothing was given yet. Write a value."
    if isinstance(truth, tuple):
        if not isinstance(got, tuple) or len(got) != len(truth):
            return f"A tuple of {len(truth)} values is wanted, such as ({', '.join('0' * len(truth))}); yours is {show(got)}."
        right = 0
        while right < len(truth) and isinstance(got[right], (int, float)) and got[right] == truth[right]:
            right += 1
        names = exercise.parts or tuple(f"value {number}" for number in range(1, len(truth) + 1))
        return f"Look at {names[right]}; yours is {told(got[right])}." + (" Those before it are right." if right else "")
    return f"{told(got)} is not the answer."


def told(value):
    """A value as the reader gave it, or what it is where it is no number."""
    return value.description if isinstance(value, Alien) else show(value)


def broken_off(exercise, report, limit):
    """Why a run did not reach its end, and at which case."""
    begun = [message["begin"] for message in report.messages if message.get("begin") in range(len(exercise.cases))]
    place = f" {call_text(exercise, begun[-1], 'It was at work on').strip()}." if begun and exercise.kind != "number" else ""
    if report.ended == "deadline":
        return f"Your code was still working after {limit:g} seconds and was stopped. Is there a loop that never ends?{place}"
    if report.ended == "died":
        return f"Your code ended the Python process it ran in ({_cause(report.exit_code)}). Your notebook is unharmed.{place}"
    return f"The check could not go on, because your code broke something it stands on. Your notebook is unharmed.{place}"


def _cause(code):
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in signal.valid_signals() else f"signal {-code}"
        hint = {"SIGSEGV": ", an invalid use of memory", "SIGKILL": ", perhaps for want of memory"}.get(name, "")
        return f"{name}{hint}"
    return f"exit code {code}"
