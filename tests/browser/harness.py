"""Drive the real JupyterLab and Notebook 7 in a real Chromium, without the internet.

Used by the browser tests and by benchmarks/player_latency.py. `jupyter(...)` starts a server in a scratch folder, `browser()` starts
Chromium, and `Notebook` is one notebook open in one page, with everything that went wrong in it collected in `complaints`.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlsplit

import nbformat

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
# All outputs stay in the page; nobody asks for news or updates.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True},
}
PACE = ("fps",)  # these change how a picture moves, not what it shows
SECONDS = 60  # the longest anything but a chapter may take before a test says that it never came
CHAPTER_SECONDS = 300  # the longest for a chapter, some of which train nets, beside other work on the machine


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(scratch):
    """The environment of a server that keeps to its scratch folder and sees this checkout's library."""
    folders = dict(
        JUPYTER_CONFIG_DIR="config", JUPYTER_DATA_DIR="data", JUPYTER_RUNTIME_DIR="runtime", JUPYTERLAB_SETTINGS_DIR="settings",
        JUPYTERLAB_WORKSPACES_DIR="workspaces", IPYTHONDIR="ipython", MPLCONFIGDIR="matplotlib",
    )  # fmt: skip
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {name: str(scratch / folder) for name, folder in folders.items()} | dict(PYTHONPATH=path, OPENBLAS_NUM_THREADS="1")


@contextlib.contextmanager
def jupyter(scratch, *, theme="JupyterLab Light"):
    """Run a JupyterLab server, which serves Notebook 7 as well; yields (address, folder of its notebooks)."""
    scratch = Path(scratch)
    notebooks = scratch / "notebooks"
    notebooks.mkdir(parents=True, exist_ok=True)
    for name, values in (SETTINGS | {"@jupyterlab/apputils-extension/themes": {"theme": theme}}).items():
        file = scratch / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    port = free_port()
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={notebooks}", "--ServerApp.open_browser=False",
        "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    log = scratch / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=environment(scratch), stdout=out, stderr=subprocess.STDOUT, cwd=notebooks)
        try:
            address = f"http://127.0.0.1:{port}"
            _await_server(address, server, log)
            yield address, notebooks
        finally:
            server.terminate()
            server.wait(30)


def _await_server(address, server, log):
    deadline = time.monotonic() + SECONDS
    while True:
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{address}/api/status", timeout=5):
            return
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"JupyterLab did not start. Its log says:\n{log.read_text()[-3000:]}")
        time.sleep(0.05)


@contextlib.contextmanager
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


def is_local(url):
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "about", "file") or parts.hostname in LOOPBACK


@contextlib.contextmanager
def watched_page(chromium, **options):
    """A fresh page. `page.complaints` collects console errors, page errors and every request that is not for this machine."""
    context = chromium.new_context(**({"viewport": {"width": 1280, "height": 1000}} | options))
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.complaints = []

    def refuse(route):
        page.complaints.append(f"asked the internet: {route.request.url}")
        route.abort()

    context.route(lambda url: not is_local(url), refuse)
    page.on("websocket", lambda ws: None if is_local(ws.url) else page.complaints.append(f"asked the internet: {ws.url}"))
    page.on("console", lambda message: page.complaints.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(f"page: {error}"))
    try:
        yield page
    finally:
        context.close()


def write_notebook(path, *cells, outputs=None):
    """A notebook of code cells; `outputs` is a mime bundle stored as what the first cell displayed."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    if outputs:
        notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", outputs)]
    nbformat.write(notebook, path)


# While the kernel answers a widget's message, the widget manager keeps that widget's later changes back, to send them at the next
# "idle". A kernel that rests is therefore not enough: no model may wait for an answer or hold changes back. The page itself waits,
# because Playwright's wait_for_function takes the promise of an asynchronous predicate for a yes.
REST = """async (seconds) => {
    const { content, sessionContext } = window.jupyterapp.shell.currentWidget;
    const renderer = content.rendermime.createRenderer("application/vnd.jupyter.widget-view+json");
    const manager = await renderer._manager.promise;
    renderer.dispose();
    const rests = async () => {
        const models = await Promise.all(Object.values(manager._models));
        const heard = models.every((model) => model._pending_msgs === 0 && model._msg_buffer === null);
        return heard && sessionContext.session.kernel.status === "idle";
    };
    const end = performance.now() + 1000 * seconds;
    while (!(await rests())) {
        if (performance.now() > end) throw new Error(`the kernel was still at work after ${seconds} seconds`);
        await new Promise(requestAnimationFrame);
    }
}"""


class Notebook:
    """A notebook open in JupyterLab ("lab") or Notebook 7 ("notebook")."""

    def __init__(self, page, address, name, app="lab"):
        self.page = page
        prefix = {"lab": "lab/workspaces/auto-test/tree", "notebook": "notebooks"}[app]
        page.goto(f"{address}/{prefix}/{quote(name)}{'?reset' if app == 'lab' else ''}")
        page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
        page.evaluate("() => window.jupyterapp.shell.currentWidget.revealed")
        # Errors of Jupyter's own start-up, before anything of ours has run, are not ours to hear; requests to the internet are.
        page.complaints[:] = [complaint for complaint in page.complaints if complaint.startswith("asked")]
        page.evaluate(
            """() => {
                window.kernelErrors = [];
                window.jupyterapp.shell.currentWidget.sessionContext.iopubMessage.connect((_, message) => {
                    if (message.header.msg_type === "error" && message.parent_header.msg_type?.startsWith("comm"))
                        window.kernelErrors.push(message.content.ename + ": " + message.content.evalue);
                });
            }"""
        )

    def run_all(self):
        """Run every cell and wait for the last one."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.await_idle()

    def await_idle(self):
        """Wait until the kernel rests and has heard of every change that the page asked for."""
        self.page.evaluate(REST, CHAPTER_SECONDS)

    def cells(self):
        return self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")

    def cell_errors(self):
        """What cells raised, as sentences."""
        outputs = [output for cell in self.cells() for output in cell.get("outputs", ())]
        return [f"{output['ename']}: {output['evalue']}" for output in outputs if output["output_type"] == "error"]

    def python(self, code):
        """Run code in the notebook's kernel, after all that the page asked for; returns what it prints. Raises when the code does."""
        self.await_idle()
        result = self.page.evaluate(
            """async (code) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({ code, store_history: false });
                let text = "";
                future.onIOPub = (message) => { if (message.header.msg_type === "stream") text += message.content.text; };
                const reply = await future.done;
                return reply.content.status === "ok" ? text : { error: reply.content.ename + ": " + reply.content.evalue };
            }""",
            code,
        )
        if isinstance(result, dict):
            raise RuntimeError(result["error"])
        return result.strip()

    def complaints(self):
        """Everything that went wrong so far, in cells, in widgets' callbacks, in the page, or on the way to the internet."""
        return self.page.complaints + self.page.evaluate("() => window.kernelErrors") + self.cell_errors()


def animation_frames(page, count=2):
    """Wait until the page has drawn what it was asked to draw."""
    page.evaluate(
        "(count) => new Promise((done) => { const next = () => (count-- ? requestAnimationFrame(next) : done()); next(); })", count
    )


def press(page, slider, read):
    """Press an arrow that has room to move; returns the key that leads back."""
    slider.focus()
    before = read()
    for key, back in (("ArrowRight", "ArrowLeft"), ("ArrowLeft", "ArrowRight")):
        page.keyboard.press(key)
        if read() != before:
            return back
    raise AssertionError(
        f"the slider {slider.get_attribute('aria-label') or slider.evaluate('node => node.closest(`label`)?.textContent')} does not move"
    )


def assert_moves(page, widget, slider):
    """The value changes with an arrow key, and so does the picture; the other arrow leads back."""
    key = slider.evaluate("node => node.closest('[data-key]').dataset.key")
    stage = widget.locator(".cnn-stage")
    before = stage.inner_html()
    back = press(page, slider, slider.input_value)
    animation_frames(page)
    assert key in PACE or stage.inner_html() != before, f"the slider {key} changes no picture"
    page.keyboard.press(back)
    animation_frames(page)
    assert stage.inner_html() == before, f"the slider {key} does not lead back"
