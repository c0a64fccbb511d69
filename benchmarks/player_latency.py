"""How fast the sliding-window player answers, and the net of chapter 19, in the real JupyterLab and a real Chromium.

Paint: from a key press on the output grid to the start of the frame after the one that drew the new picture, so that the new picture is
on the screen. Frame interval: between the pictures that Play shows when 30 a second are asked for.
Other work on the machine delays pictures, so run it alone; the load before and after is stored with the result.
Run: python benchmarks/player_latency.py        Result: benchmarks/results/player_latency.json
"""

import itertools
import json
import os
import platform
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from harness import Notebook, browser, jupyter, watched_page, write_notebook  # noqa: E402

RESULT = ROOT / "benchmarks" / "results" / "player_latency.json"
PRESSES = 200
RUNS = 3  # fresh server, browser and page each; every measured value of all runs counts
CELL = "from cnnlib.widgets import SlidingWindowPlayer\nSlidingWindowPlayer(input_size=12, kernel_size=3, padding=1, fps=30)"
FOLLOW = "from cnnlib.widgets import FollowThePixel\nFollowThePixel(layer='conv 1', row=3, column=3, view='slopes of the score')"
OUTPUT, NET = "[data-panel=output] svg", ".cnn-net-box svg"
TARGETS = {"paint_p95_ms": 60, "play_interval_median_ms": 36, "follow_paint_p95_ms": 60}

# event.timeStamp is when the browser received the key; the picture changes in one frame, and the next frame's start proves it was shown.
WATCH = """(selector) => {
  const svg = document.querySelector(selector);
  window.paints = []; window.changes = [];
  let pressed = null;
  document.addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    const from = pressed;
    pressed = null;
    requestAnimationFrame((now) => { window.changes.push(now); if (from !== null) window.paints.push(performance.now() - from); });
  }).observe(svg, { attributes: true, attributeFilter: ["aria-label"] });
  svg.focus();
}"""


def paints(page, picture, there=20):
    """Milliseconds from key to picture, for `PRESSES` presses, each sent when the last picture was there: some to the right, then back."""
    page.evaluate(WATCH, picture)
    for number in range(PRESSES):
        page.keyboard.press("ArrowRight" if number % (2 * there) < there else "ArrowLeft")
        page.wait_for_function("count => window.paints.length === count", arg=number + 1)
    return page.evaluate("() => window.paints")


def slider_paints(page):
    """The same for the padding slider, which changes the whole picture: every size and every number of the output."""
    page.locator("[data-key=padding-rows] input").focus()
    page.evaluate("() => { window.paints = []; }")
    for number in range(PRESSES // 2):
        page.keyboard.press("ArrowRight" if number % 2 else "ArrowLeft")
        page.wait_for_function("count => window.paints.length === count", arg=number + 1)
    return page.evaluate("() => window.paints")


def play_intervals(page):
    """Milliseconds between the pictures of one Play from the first to the last of 144 places."""
    page.locator("[data-panel=output] svg").focus()
    page.keyboard.press("Home")
    page.wait_for_function("() => document.querySelector('[data-key=step] input').value === '0'")
    page.evaluate("() => { window.changes = []; }")
    page.locator(".cnn-button").click()
    page.wait_for_selector(".cnn-said[aria-live=off]")
    page.wait_for_selector(".cnn-said[aria-live=polite]")
    times = page.evaluate("() => window.changes")
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def summary(name, values):
    ordered = sorted(values)
    quantiles = {"median": statistics.median(ordered), "p95": ordered[int(0.95 * len(ordered))], "max": ordered[-1]}
    return {f"{name}_{which}_ms": round(value, 1) for which, value in quantiles.items()} | {f"{name}_count": len(values)}


def measure():
    """One run: {name: milliseconds}, what went wrong, and Chromium's version."""
    with tempfile.TemporaryDirectory() as scratch, jupyter(scratch) as (address, folder), browser() as chromium:
        write_notebook(folder / "player.ipynb", CELL)
        write_notebook(folder / "net.ipynb", FOLLOW)
        with watched_page(chromium) as page:
            notebook = Notebook(page, address, "player.ipynb")
            notebook.run_all()
            page.wait_for_selector("[data-panel=output] [data-cell]")
            values = {"paint": paints(page, OUTPUT), "slider_paint": slider_paints(page), "play_interval": play_intervals(page)}
            complaints = notebook.complaints()
        with watched_page(chromium) as page:
            notebook = Notebook(page, address, "net.ipynb")
            notebook.run_all()
            page.wait_for_selector(NET)
            values["follow_paint"] = paints(page, NET, there=4)
            return values, complaints + notebook.complaints(), chromium.version


def measure_all():
    """The runs together, summed up."""
    before = os.getloadavg()[0]
    runs = [measure() for _ in range(RUNS)]
    found = {}
    for name in runs[0][0]:
        found |= summary(name, [value for values, _, _ in runs for value in values[name]])
    found["complaints"] = [complaint for _, complaints, _ in runs for complaint in complaints]
    found["load_before_and_after"] = [round(before, 1), round(os.getloadavg()[0], 1)]
    return found | {"chromium": runs[0][2]}


def main():
    found = measure_all()
    packages = {name: version(name) for name in ("jupyterlab", "anywidget", "ipywidgets", "playwright", "numpy")}
    setting = {"cell": CELL, "net": FOLLOW, "presses": PRESSES, "runs": RUNS, "fps_asked": 30, "viewport": "1280 x 1000"}
    setting["cores"] = os.cpu_count()
    result = {"setting": setting, "targets": TARGETS, "measured": found, "versions": packages | {"python": platform.python_version()}}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))
    missed = [name for name, limit in TARGETS.items() if found[name] > limit] + found["complaints"]
    return f"missed: {', '.join(missed)}" if missed else 0


if __name__ == "__main__":
    sys.exit(main())
