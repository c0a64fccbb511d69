"""The stand-in for systems without fork does what a thread can."""

import sys
import time

import pytest

from cnnlib.exercises import sandbox, threads
from cnnlib.exercises.engine import find, judge

SPAN = find("window-span")


@pytest.fixture(autouse=True)
def without_fork(monkeypatch):
    monkeypatch.setattr(sandbox, "run", threads.run)


def loop(k, d):
    while True:
        time.sleep(0.001)


def loop_with_an_except(k, d):
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            continue


@pytest.mark.parametrize("candidate", [loop, loop_with_an_except])
def test_an_endless_loop_is_stopped(candidate):
    assert "still working after 0.3 seconds" in judge(SPAN, candidate, 0.3).message


@pytest.mark.parametrize(("candidate", "piece"), [(lambda k, d: sys.exit(), "`exit`"), (lambda k, d: 1 // 0, "ZeroDivisionError")])
def test_an_exception_becomes_a_sentence(candidate, piece):
    assert piece in judge(SPAN, candidate).message


def test_a_right_answer_passes_and_what_it_prints_is_shown(capsys):
    def candidate(k, d):
        print("hello", k)
        return d * (k - 1) + 1

    verdict = judge(SPAN, candidate)
    assert verdict.passed
    assert "It printed:\nhello 3" in verdict.message
    assert capsys.readouterr().out == ""
