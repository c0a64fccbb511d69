"""The same hostile candidates inside a real kernel, which has threads, sockets and streams of its own to lose."""

import json
import os
from pathlib import Path

import hostile
import pytest

pytest.importorskip("ipykernel")
manager = pytest.importorskip("jupyter_client.manager")
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client"),
]
HERE = Path(__file__).parent
FIRST = """
import numpy as np
import hostile
from cnnlib.exercises import check
from cnnlib.exercises.engine import find, judge

SPAN = find("window-span")
warm = np.ones((300, 300)) @ np.ones((300, 300))  # BLAS has started its threads

def right(kernel_size, dilation):
    return int(np.linalg.norm(warm @ warm) * 0) + dilation * (kernel_size - 1) + 1
"""


class Kernel:
    def __init__(self, client):
        self.client = client

    def run(self, code, timeout=120):
        """Execute a cell; return (reply, what it sent to the notebook as [(type, text)])."""
        outputs = []

        def note(message):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                outputs.append((content["name"], content["text"]))
            elif kind in ("display_data", "execute_result"):
                outputs.append((kind, content["data"].get("text/plain", "")))

        reply = self.client.execute_interactive(code, output_hook=note, timeout=timeout)
        return reply["content"], outputs


@pytest.fixture(scope="module")
def kernel():
    root = str(HERE.parent.parent)
    paths = [root, str(HERE), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "CNNLIB_PROGRESS": "off", "PYTHONWARNINGS": "default"}
    owner, client = manager.start_new_kernel(env=env)
    try:
        kernel = Kernel(client)
        reply, outputs = kernel.run(FIRST)
        assert reply["status"] == "ok", reply
        assert outputs == []
        yield kernel
    finally:
        client.stop_channels()
        owner.shutdown_kernel(now=True)


@pytest.mark.slow
def test_every_hostile_candidate_leaves_the_kernel_alive_and_its_streams_clean(kernel):
    pid = kernel.run("import os; os.getpid()")[1]
    for candidate in hostile.SENTENCES:
        code = f"v = judge(SPAN, hostile.{candidate.__name__}, {hostile.seconds(candidate)})\nimport json\n"
        code += "json.dumps([v.passed, v.message, judge(SPAN, right).passed])"
        reply, outputs = kernel.run(code)
        assert reply["status"] == "ok", (candidate, reply)
        assert [kind for kind, _ in outputs] == ["execute_result"], (candidate, outputs)
        passed, message, next_passed = json.loads(outputs[0][1].strip("'").encode().decode("unicode_escape"))
        assert passed is False, candidate
        assert hostile.SENTENCES[candidate] in message
        assert next_passed is True, candidate
    assert kernel.run("import os; os.getpid()")[1] == pid


def test_printing_and_display_in_a_candidate_are_shown_with_the_verdict_alone(kernel):
    code = """
from IPython.display import display
print("before")
def talks(k, d):
    print("printed")
    display(k)
    return right(k, d)
check("window-span", talks)
"""
    reply, outputs = kernel.run(code)
    assert reply["status"] == "ok"
    assert [kind for kind, _ in outputs] == ["stdout", "execute_result"]
    assert outputs[0][1] == "before\n"
    assert "It printed:\nprinted\n3\n" in outputs[1][1]


def test_a_cell_with_the_starter_stays_green_and_says_the_same_each_time(kernel):
    code = "from cnnlib.exercises import starter\nexec(str(starter('output-size')))\ncheck('output-size', output_size)"
    first, second = kernel.run(code), kernel.run(code)
    assert first[0]["status"] == "ok"
    assert (
        first[1]
        == second[1]
        == [("execute_result", "output-size: not attempted yet. Replace the `...` by your own answer and run the cell again.")]
    )


def test_a_reset_offers_the_starter_as_a_new_cell(kernel):
    reply, outputs = kernel.run("from cnnlib.exercises import reset, starter\nreset('window-span')")
    _, (printed, *_) = kernel.run("print(starter('window-span'), end='')")
    assert [(each["source"], each["text"], each["replace"]) for each in reply["payload"]] == [("set_next_input", printed[1], False)]
    assert outputs[0][1].startswith("# The starter of window-span")


def test_a_failing_line_of_a_cell_is_quoted_without_its_path(kernel):
    code = "def fails(k, d):\n    span = k\n    return span[d]\ncheck('window-span', fails)"
    _, outputs = kernel.run(code)
    assert "The line: `return span[d]`" in outputs[0][1]
    assert "ipykernel" not in outputs[0][1]
