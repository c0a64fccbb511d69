"""Candidates that misbehave, each with a piece of the sentence it deserves.

Every function takes the parameters of `window-span` (kernel_size, dilation). Also used inside a real kernel, as source text.
"""

import asyncio
import ctypes
import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
from hostile_results import (
    Sullen,
    returns_a_complex_number,
    returns_a_dict,
    returns_a_function,
    returns_a_huge_integer,
    returns_a_ragged_list,
    returns_a_set,
    returns_a_string,
    returns_a_sullen_object,
    returns_an_array,
    returns_an_endless_index,
    returns_an_object_array,
    returns_infinity,
    returns_itself,
    returns_nan,
    returns_nothing,
    returns_truth,
)


class _NamelessError(Exception):
    def __str__(self):
        raise RuntimeError("no text either")


def raises(k, d):
    return (k - 1) // 0


def raises_without_text(k, d):
    raise _NamelessError


def raises_keyboard_interrupt(k, d):
    raise KeyboardInterrupt


def exits(k, d):
    sys.exit("bye")


def exits_at_once(k, d):
    os._exit(0)


def kills_itself(k, d):
    os.kill(os.getpid(), signal.SIGKILL)


def aborts(k, d):
    os.abort()


def reads_address_zero(k, d):
    ctypes.string_at(0)


def stops_itself(k, d):
    os.kill(os.getpid(), signal.SIGSTOP)


def kills_the_kernel(k, d):
    os.kill(os.getppid(), signal.SIGKILL)


def kills_everything(k, d):
    os.killpg(0, signal.SIGKILL)


def loops(k, d):
    while True:
        pass


def loops_and_swallows(k, d):
    while True:
        try:  # noqa: SIM105
            time.sleep(10)
        except:  # noqa: E722
            pass


def ignores_signals(k, d):
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(each, signal.SIG_IGN)
    while True:
        pass


def loops_inside_c(k, d):
    return sum(itertools.repeat(0))


def loops_inside_blas(k, d):
    matrix = np.ones((400, 400))
    while True:
        matrix = matrix @ matrix / 400


def computes_a_huge_power(k, d):
    return 7 ** (7**12)


def takes_all_memory(k, d):
    hoard = []
    while True:
        hoard.append(bytearray(2**24))


def asks_for_a_huge_array(k, d):
    return np.ones((2**20, 2**20))


def fills_a_list(k, d):
    hoard = []
    while True:
        hoard.append(hoard[:])
        hoard.extend(range(1000))


def recurses(k, d):
    return recurses(k, d)


def recurses_without_limit(k, d):
    sys.setrecursionlimit(2**30)
    return _deep(0)


def _deep(n):
    return [_deep(n + 1)]


def forks(k, d):
    os.fork()
    return d * (k - 1) + 1


def starts_a_program(k, d):
    return int(subprocess.run(["echo", "3"], capture_output=True, check=True).stdout)


def asks_the_reader(k, d):
    return int(input("how many? "))


def closes_all_files(k, d):
    os.closerange(0, 256)
    return 1


def prints_without_end(k, d):
    while True:
        print("x" * 1000)


def breaks_numpy(k, d):
    np.asarray = np.isclose = None
    return np.float64(1)


def breaks_builtins(k, d):
    import builtins

    builtins.isinstance = builtins.len = builtins.str = None
    return 1


def yields(k, d):
    yield d * (k - 1) + 1


async def awaits(k, d):
    return d * (k - 1) + 1


def leaves_a_thread(k, d):
    threading.Thread(target=lambda: time.sleep(600)).start()
    return 0


def runs_a_loop_of_events(k, d):
    return asyncio.run(awaits(k, d)) - 100


def takes_one(k):
    return k


def takes_three(k, d, s):
    return k


def takes_names_only(*, kernel_size, dilation):
    return kernel_size


# Tuples, not sets: every worker must collect the tests in the same order.
OUT_OF_TIME = (
    loops,
    loops_and_swallows,
    ignores_signals,
    loops_inside_c,
    loops_inside_blas,
    computes_a_huge_power,
    stops_itself,
    prints_without_end,
    returns_an_endless_index,
    recurses_without_limit,
)
NEED_TIME = (takes_all_memory, asks_for_a_huge_array, fills_a_list)  # they end by themselves; on a busy machine, late
SENTENCES = {
    raises: "ZeroDivisionError",
    raises_without_text: "_NamelessError",
    raises_keyboard_interrupt: "KeyboardInterrupt",
    exits: "`exit`",
    exits_at_once: "exit code 0",
    kills_itself: "SIGKILL",
    aborts: "SIGABRT",
    reads_address_zero: "SIGSEGV",
    kills_the_kernel: "sends no signal",
    kills_everything: "sends no signal",
    takes_all_memory: "memory",
    asks_for_a_huge_array: "memory",
    fills_a_list: "memory",
    recurses: "RecursionError",
    forks: "starts no other process",
    starts_a_program: "starts no other process",
    asks_the_reader: "input()",
    closes_all_files: "unharmed",
    breaks_numpy: "should be 3",
    breaks_builtins: "unharmed",
    returns_nothing: "nothing was returned",
    returns_a_string: "string",
    returns_nan: "NaN",
    returns_infinity: "inf",
    returns_a_huge_integer: "100001 binary digits",
    returns_an_array: "an array of shape (1,), and a single number is wanted",
    returns_an_object_array: "dtype object",
    returns_a_ragged_list: "a single number is wanted",
    returns_itself: "a single number is wanted",
    returns_a_dict: "type dict",
    returns_a_set: "a set",
    returns_truth: "truth value",
    returns_a_complex_number: "complex",
    returns_a_function: "a function and not its result",
    returns_a_sullen_object: "no array",
    yields: "`yield`",
    awaits: "`async`",
    leaves_a_thread: "should be 3",
    runs_a_loop_of_events: "should be 3",
    takes_one: "takes `(k)`",
    takes_three: "called as `window_span(kernel_size, dilation)`",
    takes_names_only: "in this order",
    **dict.fromkeys(OUT_OF_TIME, "still working after"),
}


def seconds(candidate):
    """A deadline for a candidate: short where it is meant to pass, long where another end is."""
    return 0.5 if candidate in OUT_OF_TIME else 60 if candidate in NEED_TIME else 20


NOT_FUNCTIONS = {
    "a number": 3,
    "None": None,
    "a string": "d * (k - 1) + 1",
    "a sullen object": Sullen(),
    "an array": np.arange(3),
    "a list": [1, 2],
}
