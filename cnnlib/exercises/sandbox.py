"""Run a candidate's code where it can do no harm: in a forked child with a deadline, a memory limit and its own output.

A forked child shares the notebook's functions and data without copying them, and can be killed whatever it does: exceptions
swallowed, a loop inside C, a sleep. Signals and trace functions in the kernel itself can do none of that. Where the system cannot
fork (Windows), `threads.run` does what a thread can.
Known limit: a child that calls the C library behind Python's back (ctypes) could start a session of its own and outlive the deadline.
"""

import builtins
import contextlib
import faulthandler
import io
import json
import os
import selectors
import signal
import sys
import time
import warnings
from dataclasses import dataclass, field

MEMORY = 2**29  # bytes of address space a candidate may add to what the kernel holds
MEMORY_PER_CORE = 192 * 2**20  # BLAS starts a thread per core, each with a stack and a heap of its own
PRINTED = 2000  # bytes of the candidate's output that are kept
RECEIVED = 64 * 2**20  # bytes of results that are read before the run is broken off
STARTS_PROCESSES = {"os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen", "pty.spawn"}
SENDS_SIGNALS = {"os.kill", "os.killpg"}


@dataclass
class Report:
    """How a run went. messages: what the job sent, in order. ended: "finished", "deadline", "died" or "broke off".

    exit_code: of a child that died; negative for a signal. printed: the beginning of what went to stdout and stderr.
    """

    messages: list = field(default_factory=list)
    ended: str = "broke off"
    exit_code: int | None = None
    printed: str = ""


def run(job, seconds):
    """Call job(send) apart from the kernel for at most `seconds`; send(message) carries a JSON-like dict out. Returns a Report."""
    from cnnlib.exercises import threads

    if not hasattr(os, "fork"):
        return threads.run(job, seconds)
    try:
        pipes = _open_pipes()
    except OSError:  # the kernel has no file descriptors left
        return threads.run(job, seconds)
    try:
        with warnings.catch_warnings():
            # Python 3.12 warns of forks beside threads, as a kernel has. The child takes no lock that another thread may hold.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
    except OSError:  # no process or memory left for a child
        for end in pipes:
            os.close(end)
        return threads.run(job, seconds)
    results, results_in, printed, printed_in = pipes
    if pid == 0:
        _be_the_child(job, seconds, results_in, printed_in)
    os.close(results_in)
    os.close(printed_in)
    return _attend(pid, results, printed, seconds)


def _open_pipes():
    first = os.pipe()
    try:
        return (*first, *os.pipe())
    except OSError:
        for end in first:
            os.close(end)
        raise


# The child's side


def _be_the_child(job, seconds, results, printed):
    """Never returns: the child must not run the rest of the notebook."""
    code, owner = 1, os.getpid()
    leave, getpid, write, dumps = os._exit, os.getpid, os.write, json.dumps  # as they are now, whatever the candidate does to them

    def send(message):
        if getpid() != owner:  # a copy of the candidate's own making reached the end
            leave(1)
        data = dumps(message).encode()
        data = len(data).to_bytes(8, "little") + data
        while data:
            data = data[write(results, data) :]

    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        _redirect(printed)
        _reset_signals(seconds)
        limit_memory()
        sys.addaudithook(_forbid)
        job(send)
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        send({"finished": True})
        code = 0
    except BaseException as error:  # the candidate broke what the check itself stands on
        send({"broken": type(error).__name__})
    finally:
        leave(code)


def _redirect(printed):
    """Send everything that is printed, from C too, into the pipe, and let nothing read from the keyboard."""
    silence = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((silence, 0), (printed, 1), (printed, 2)):
        os.dup2(source, target)
    faulthandler.disable()
    _kernel_streams.extend([sys.stdout, sys.stderr])
    sys.stdout, sys.stderr = map(_text_stream, (1, 2))
    builtins.input = _no_input
    warnings.simplefilter("ignore")  # a warning names the path of the cell, which differs from run to run
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:  # display() would speak through the kernel's sockets
        shell.display_pub.publish = lambda data=None, *_, **__: print((data or {}).get("text/plain", ""))


# The kernel's own streams stay alive in the child: collected, they would flush what the kernel has printed a second time.
_kernel_streams = []


def _text_stream(descriptor):
    return io.TextIOWrapper(io.FileIO(descriptor, "w", closefd=False), encoding="utf-8", errors="backslashreplace", write_through=True)


def _no_input(*_):
    raise RuntimeError("input() cannot be answered while an exercise is checked; use the parameters instead")


def _reset_signals(seconds):
    """Take the kernel's handlers away, and die alone if the kernel is killed before it can end this child."""
    signal.set_wakeup_fd(-1)
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(each, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + 5)


def limit_memory():
    """Let address space grow by MEMORY and no further; the hard limit stays, so that `relax_memory` can undo it."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open("/proc/self/statm") as file:
            held = int(file.read().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = held + MEMORY + MEMORY_PER_CORE * (os.cpu_count() or 1)
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def relax_memory():
    """Give back enough memory to say in a sentence that there was none. Only ever called in the child."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _forbid(event, arguments):
    """An audit hook: no process is started from here, and no other one gets a signal."""
    if event in STARTS_PROCESSES:
        raise PermissionError("an exercise starts no other process")
    if event in SENDS_SIGNALS and arguments[0] != os.getpid():
        raise PermissionError("an exercise sends no signal to another process")


# The kernel's side


def _attend(pid, results, printed, seconds):
    """Collect what the child sends until it has finished, has died, or its time is over; then leave nothing of it behind."""
    report, inbox, text = Report(), bytearray(), bytearray()
    deadline = time.monotonic() + seconds
    try:
        with selectors.DefaultSelector() as selector:
            for end in (results, printed):
                selector.register(end, selectors.EVENT_READ)
            while results in selector.get_map() and report.ended != "finished" and len(inbox) < RECEIVED:
                left = deadline - time.monotonic()
                if left <= 0:
                    report.ended = "deadline"
                    break
                for key, _ in selector.select(left):
                    chunk = os.read(key.fd, 2**16)
                    if not chunk:
                        selector.unregister(key.fd)
                    elif key.fd == printed:
                        text += chunk[: PRINTED - len(text)]
                    else:
                        inbox += chunk
                        _take_messages(inbox, report)
    finally:
        _bury(pid, report)
        _drain(printed, text)
        os.close(results)
        os.close(printed)
    report.printed = text.decode("utf-8", errors="replace")
    return report


def _take_messages(inbox, report):
    """Move complete messages from the bytes received to the report."""
    while len(inbox) >= 8 and len(inbox) >= 8 + (size := int.from_bytes(inbox[:8], "little")):
        try:
            message = json.loads(inbox[8 : 8 + size])
        except (ValueError, RecursionError):
            message = None
        del inbox[: 8 + size]
        if isinstance(message, dict):
            if message.get("finished"):
                report.ended = "finished"
            else:
                report.messages.append(message)


def _bury(pid, report):
    """Kill the child with everything in its process group, and reap it. A child that is ending by itself may say how it ended."""
    status = None
    if report.ended == "broke off":
        patience = time.monotonic() + 0.5
        while status is None and time.monotonic() < patience:
            status = _reap(pid, os.WNOHANG)
            time.sleep(0.005)
        if status is not None:
            report.ended, report.exit_code = "died", status
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if kill is os.killpg or status is None:
                kill(pid, signal.SIGKILL)
    if status is None:
        _reap(pid, 0)


def _reap(pid, options):
    """The exit code of a child that has ended, None while it runs."""
    try:
        done, status = os.waitpid(pid, options)
    except ChildProcessError:  # another part of the kernel reaped it
        return 0
    return os.waitstatus_to_exitcode(status) if done else None


def _drain(printed, text):
    """Read what is left in the pipe without waiting for more."""
    os.set_blocking(printed, False)
    with contextlib.suppress(BlockingIOError):
        while len(text) < PRINTED and (chunk := os.read(printed, 2**16)):
            text += chunk[: PRINTED - len(text)]
