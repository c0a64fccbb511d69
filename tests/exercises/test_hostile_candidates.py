"""Whatever a candidate does becomes a sentence, and nothing of it stays behind."""

import os
import sys
import threading
import time

import hostile
import numpy as np
import pytest

from cnnlib.exercises import check, sandbox
from cnnlib.exercises.engine import find, judge

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork; threads.py has tests of its own")
SPAN = find("window-span")


def right(k, d):
    return d * (k - 1) + 1


@needs_fork
@pytest.mark.parametrize("candidate", hostile.SENTENCES, ids=lambda each: each.__name__)
def test_a_hostile_candidate_gets_its_sentence_and_the_next_check_works(candidate):
    verdict = judge(SPAN, candidate, hostile.seconds(candidate))
    assert verdict.passed is False
    assert hostile.SENTENCES[candidate] in verdict.message
    assert verdict.message.rstrip()
    assert judge(SPAN, right).passed is True


@pytest.mark.parametrize("candidate", hostile.NOT_FUNCTIONS.values(), ids=hostile.NOT_FUNCTIONS)
def test_what_is_no_function_is_told_so(candidate):
    verdict = check("window-span", candidate)
    assert verdict.passed is False
    assert 'check("window-span", window_span)' in verdict.message


@needs_fork
def test_no_process_and_no_open_file_is_left_behind():
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    for candidate in (hostile.loops, hostile.exits_at_once, hostile.leaves_a_thread, hostile.closes_all_files, right):
        judge(SPAN, candidate, 0.3)
    assert (set(os.listdir("/proc/self/fd")) if before else set()) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@needs_fork
def test_a_grandchild_dies_with_its_parent(tmp_path):
    """Python's own ways to start a process are refused, so this one goes behind Python's back."""
    pids = tmp_path / "pids"

    def candidate(k, d):
        import ctypes

        pid = ctypes.CDLL(None).fork()
        if pid == 0:
            time.sleep(600)
        pids.write_text(str(pid))
        return right(k, d) if os.getpid() else None

    judge(SPAN, candidate, 1)
    pid = int(pids.read_text())
    deadline = time.monotonic() + 10
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(pid)


def _runs(pid):
    """Whether a process exists and is no zombie (whose parent has yet to collect it)."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@needs_fork
def test_the_candidate_cannot_change_the_notebook():
    shelf = [1]

    def candidate(k, d):
        shelf.append(2)
        return right(k, d)

    assert judge(SPAN, candidate).passed
    assert shelf == [1]


@needs_fork
def test_what_a_candidate_prints_is_shown_and_does_not_reach_the_notebooks_output(capfd):
    def candidate(k, d):
        print("from Python", k, d)
        os.write(1, b"from below\n")
        sys.__stderr__.write("from the old stream\n")
        return right(k, d)

    verdict = judge(SPAN, candidate)
    assert verdict.passed
    assert "It printed:\nfrom Python 3 1\nfrom below" in verdict.message
    assert verdict.message.endswith("[...]")
    assert capfd.readouterr() == ("", "")


@needs_fork
def test_a_warning_of_the_candidate_is_neither_an_error_nor_printed():
    def candidate(k, d):
        np.log(np.zeros(1))
        return right(k, d)

    assert "printed" not in judge(SPAN, candidate).message


@needs_fork
def test_the_kernel_may_be_busy_in_other_threads():
    stop = threading.Event()

    def work():
        matrix = np.ones((200, 200))
        while not stop.is_set():
            matrix = matrix @ matrix / 200

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert all(judge(SPAN, lambda k, d: int(np.ones(100) @ np.ones(100)) - 100 + right(k, d)).passed for _ in range(20))
    finally:
        stop.set()
        worker.join()


@needs_fork
def test_checks_work_from_a_thread():
    verdicts = []
    workers = [threading.Thread(target=lambda: verdicts.append(judge(SPAN, right))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [each.passed for each in verdicts] == [True] * 3


@needs_fork
def test_an_interrupt_of_the_reader_reaches_the_reader_and_ends_the_child(monkeypatch):
    """Pressing the stop button is the reader's doing, not the candidate's."""
    attended = []

    def interrupted(inbox, report):
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox, "_take_messages", interrupted)
    monkeypatch.setattr(sandbox, "_bury", lambda pid, report, bury=sandbox._bury: (attended.append(pid), bury(pid, report)))
    with pytest.raises(KeyboardInterrupt):
        judge(SPAN, right)
    assert not _runs(attended[0])


@needs_fork
def test_forged_messages_do_not_raise():
    def job_forger(k, d):
        frame = sys._getframe()
        while "send" not in frame.f_locals:
            frame = frame.f_back
        for forged in ({"value": 3}, {"value": {"array": "AAAA", "dtype": "O", "shape": [1]}}, {"failure": 1}, {"complete": True}):
            frame.f_locals["send"](forged)
        os._exit(0)

    assert judge(SPAN, job_forger).passed is False
