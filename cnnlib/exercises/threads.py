"""Run a candidate in a thread: the stand-in for a forked child where the system has none (Windows).

Limits, which a thread cannot lift: a loop inside C, or one that swallows every exception, is given up on but goes on in the
background until the kernel is restarted; `os._exit` and runaway memory reach the kernel.
"""

import contextlib
import ctypes
import io
import threading
import time

from cnnlib.exercises import sandbox


class OutOfTime(BaseException):
    """Raised inside a candidate whose time is over."""


class _Page(io.StringIO):
    """A page that keeps the beginning of what is written."""

    def write(self, text):
        room = sandbox.PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def run(job, seconds):
    """Call job(send) in a thread for at most `seconds`. Returns a sandbox.Report, as `sandbox.run` does."""
    report, page, stop = sandbox.Report(), _Page(), threading.Event()

    def send(message):
        if stop.is_set():
            raise OutOfTime
        report.messages.append(message)

    def work():
        try:
            job(send)
            report.ended = "finished"
        except BaseException:
            report.ended = "broke off"

    with contextlib.redirect_stdout(page), contextlib.redirect_stderr(page):
        thread = threading.Thread(target=work, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # a platform without threads: no deadline can be kept
            work()
        else:
            _wait(thread, stop, seconds)
    if stop.is_set():
        report.ended = "deadline"
    report.messages = list(report.messages)  # a thread that goes on may still write into the old list
    report.printed = page.getvalue()
    return report


def _wait(thread, stop, seconds):
    """Wait for the thread; when its time is over, raise OutOfTime in it until it ends or a second has passed."""
    thread.join(seconds)
    if not thread.is_alive():
        return
    stop.set()
    patience = time.monotonic() + 1
    while thread.is_alive() and time.monotonic() < patience:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTime))
        thread.join(0.05)
