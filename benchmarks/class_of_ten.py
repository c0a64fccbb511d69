"""What one student costs a server: ten students at once, on loopback, run a chapter of widgets and a chapter that trains.

Memory of a kernel is its proportional share (pages that kernels have in common are counted once, in parts) after the last cell, and the
highest resident size it ever had. CPU is the kernel's own. Widgets draw in the browser, so the kernel pays only for keeping their
values: the cost of one slider step is measured too. In the middle one kernel is killed with SIGKILL, and what the student had is
compared with what is there afterwards; a loss ends the script with an error.
Times are those of a machine where other work may run; the load is stored. Linux only (it reads smaps and VmHWM).
Run: python benchmarks/class_of_ten.py        Result: benchmarks/results/class_of_ten.json, and the table in docs/hosting.md
"""

import asyncio
import copy
import json
import os
import platform
import re
import signal
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from classroom import KernelDied, seat  # noqa: E402
from harness import jupyter  # noqa: E402

RESULT = ROOT / "benchmarks" / "results" / "class_of_ten.json"
PAGE, BEGIN, END = ROOT / "docs" / "hosting.md", "<!-- cost: written by benchmarks/class_of_ten.py -->", "<!-- end of cost -->"
STUDENTS = 10
CHAPTERS = ("03_output_size", "17_train_a_small_net")
MOVES = 200
SOLVED = ("negative", "(-1, 9)")  # an exercise of chapter 00 and its right answer: what must outlive the kernel
ENDLESS = "import itertools\nprint('begun', flush=True)\nfor _ in itertools.count(): pass"


def memory(process):
    """(proportional share, highest resident size) of a process, in MB."""
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text(encoding="ascii"))[1]
    return process.memory_full_info().pss / 2**20, int(peak) / 2**10


def cpu(process):
    """Seconds of CPU that a process has used."""
    times = process.cpu_times()
    return times.user + times.system


def spread(values, digits=1):
    """{median, max} of some measurements."""
    return {"median": round(statistics.median(values), digits), "max": round(max(values), digits)}


async def sit(address, folder, chapter, server, count=STUDENTS):
    """A class runs one chapter from the first to the last cell, everybody at once."""
    start, load = time.perf_counter(), os.getloadavg()[0]
    students = await seat(address, folder, ROOT / "notebooks" / f"{chapter}.ipynb", count)
    processes = await asyncio.gather(*(student.process() for student in students))
    bare = [memory(process)[0] for process in processes]
    await asyncio.gather(*(student.run_all() for student in students))
    wall = time.perf_counter() - start
    used = [memory(process) for process in processes]
    found = {
        "wall_seconds": round(wall),
        "kernel_cpu_seconds": spread([cpu(process) for process in processes]),
        "kernel_share_mb": spread([share for share, _ in used], 0),
        "kernel_peak_mb": spread([peak for _, peak in used], 0),
        "bare_kernel_share_mb": spread(bare, 0),
        "all_kernels_mb": round(sum(share for share, _ in used)),
        "server_mb": round(memory(server)[0]),
        "sent_to_browser_mb": spread([student.received / 1e6 for student in students]),
        "widgets": len(students[0].comms),
    }
    found |= await slider(students[0], processes[0])
    found["load_before_and_after"] = [round(load, 1), round(os.getloadavg()[0], 1)]
    await asyncio.gather(*(student.close() for student in students))
    return found


async def slider(student, process):
    """CPU of the kernel for one step of a slider, where the chapter has a player."""
    players = [comm for comm, state in student.comms.items() if {"step", "stride"} <= set(state)]
    if not players:
        return {}
    before = cpu(process)
    for number in range(MOVES):
        await student.move(players[0], step=number % 5)
    return {"cpu_ms_per_slider_step": round((cpu(process) - before) / MOVES * 1000, 2)}


async def kill_one(address, folder, source, count=2):
    """Kill the first student's kernel with SIGKILL while a cell runs; returns what was there before and after, for everybody."""
    students = await seat(address, folder, source, count)
    victim, exercise, answer = students[0], *SOLVED
    solve = f"from cnnlib.exercises import check, record\ncheck({exercise!r}, {answer})"
    passed = f"from cnnlib.exercises import record\nprint(record.load()[{exercise!r}]['passed'])"
    await asyncio.gather(*(student.execute(solve) for student in students))
    victim.notebook.cells[0].source += "\n\nA note of the student's own."
    process, written = await victim.process(), copy.deepcopy(victim.notebook.cells)
    died = False
    request = await victim.send("execute_request", {"code": ENDLESS, "silent": False, "store_history": True, "allow_stdin": False})
    try:
        async for kind, _ in victim.messages(request):
            if kind == "stream":  # the cell is in the middle of its work
                os.kill(process.pid, signal.SIGKILL)
                await victim.save()  # typed but not yet saved: it lives in the browser, and saving needs no kernel
    except KernelDied:
        died = True
    kept = (await victim.saved()).cells
    await victim.run_all()  # in the kernel that the server started by itself
    new = await victim.process()
    facts = {
        "kernel_died_in_the_middle_of_a_cell": died and not process.is_running(),
        "a_new_kernel_came_by_itself": new.pid != process.pid,
        "the_notebook_has_what_was_typed": [(cell.id, cell.source) for cell in kept] == [(cell.id, cell.source) for cell in written],
        "the_progress_is_there": await victim.printed(passed) == "True",
        "the_others_went_on": await asyncio.gather(*(student.printed(passed) for student in students[1:])) == ["True"] * (count - 1),
    }
    await asyncio.gather(*(student.close() for student in students))
    return facts


async def measure(address, folder):
    """All measurements on one server."""
    server = next(child for child in psutil.Process().children() if "jupyterlab" in " ".join(child.cmdline()))
    chapters = {chapter: await sit(address, folder, chapter, server) for chapter in CHAPTERS}
    killed = await kill_one(address, folder, ROOT / "notebooks" / "00_start_here.ipynb", STUDENTS)
    return {"chapters": chapters, "killed": killed, "server_cpu_seconds": round(cpu(server), 1)}


def table(result):
    """The measurements as the Markdown table of docs/hosting.md."""
    setting, measured = result["setting"], result["measured"]
    chapters = {f"chapter {slug[:2]}": found for slug, found in measured["chapters"].items()}

    def row(name, value):
        return f"| {name} | " + " | ".join(value(found) for found in chapters.values()) + " |"

    lines = [
        f"| {setting['students']} students, {setting['cores']} cores | " + " | ".join(chapters) + " |",
        "|---|" + "---|" * len(chapters),
    ]
    lines += [
        row("memory of a kernel before the first cell, its share, MB", lambda found: f"{found['bare_kernel_share_mb']['median']:.0f}"),
        row("memory of a kernel after the last cell, its share, MB", lambda found: f"{found['kernel_share_mb']['median']:.0f}"),
        row("highest peak of a kernel, MB", lambda found: f"{found['kernel_peak_mb']['max']:.0f}"),
        row("memory of the server that all share, MB", lambda found: f"{found['server_mb']}"),
        row("CPU of a kernel for the whole chapter, seconds", lambda found: f"{found['kernel_cpu_seconds']['median']}"),
        row("CPU of a kernel for one step of a slider, milliseconds", lambda found: f"{found.get('cpu_ms_per_slider_step', 'no player')}"),
        row("sent to one browser, MB", lambda found: f"{found['sent_to_browser_mb']['median']}"),
        row("until the whole class had finished, seconds", lambda found: f"{found['wall_seconds']}"),
        row("load of the machine, before and after", lambda found: " and ".join(map(str, found["load_before_and_after"]))),
    ]
    return "\n".join(lines)


def quote(result):
    """Write the table between its marks in docs/hosting.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table(result)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def main():
    with tempfile.TemporaryDirectory() as scratch, jupyter(scratch) as (address, folder):
        found = asyncio.run(measure(address, folder))
    packages = {name: version(name) for name in ("jupyterlab", "jupyter_server", "ipykernel", "ipywidgets", "anywidget", "numpy")}
    setting = {"students": STUDENTS, "moves": MOVES, "cores": os.cpu_count(), "threads_per_kernel": 1, "system": platform.system()}
    result = {"setting": setting, "measured": found, "versions": packages | {"python": platform.python_version()}}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    quote(result)
    print(json.dumps(found, indent=2))
    lost = [fact for fact, holds in found["killed"].items() if not holds]
    return f"not so: {', '.join(lost)}" if lost else 0


if __name__ == "__main__":
    sys.exit(main())
