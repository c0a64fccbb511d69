"""JupyterLite as far as it goes without the internet: the page comes up, and asks the internet for Pyodide and for nothing else.

Building needs an environment of its own, .venv-lite. Where it is missing these tests are skipped; continuous integration makes it.
"""

import functools
import http.server
import json
import os
import shutil
import threading
from urllib.parse import urlsplit

import pytest
from harness import ROOT

from editions import lite

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
CHAPTER = "00_start_here.ipynb"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain web server that keeps its log to itself."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a page with one chapter."""
    if not (IN_CI or (ROOT / ".venv-lite").exists()):
        pytest.skip("no .venv-lite; `python3 book.py lite` makes it")
    notebooks, target = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("page")
    shutil.copy(ROOT / "notebooks" / CHAPTER, notebooks)
    assert lite.build(lite.tools(), notebooks, target) == 1
    return target


@pytest.fixture
def address(built):
    """The address of a plain web server on the page."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=built)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_library_and_the_widgets_come_from_the_page_itself(built):
    index = json.loads((built / "pypi" / "all.json").read_text(encoding="utf-8"))
    assert {"cnnlib", *(name.replace("_", "-") for name in lite.PURE)} <= {name.replace("_", "-") for name in index}
    extensions = {path.parent.name for path in (built / "extensions").rglob("package.json")}
    assert {"anywidget", "jupyterlab-manager", "pyodide-kernel-extension"} <= extensions


def test_the_page_comes_up_without_the_internet_and_asks_it_for_pyodide_alone(address, page):
    with page.expect_request(lambda request: "pyodide.mjs" in request.url) as asked:
        page.goto(f"{address}/lab/index.html?path={CHAPTER}")
        page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets?.length > 3")
    assert "Is everything there?" in page.locator(".jp-Notebook").inner_text()
    assert urlsplit(asked.value.url).path.startswith("/pyodide/")
    elsewhere = {complaint for complaint in page.complaints if complaint.startswith("asked the internet")}
    assert elsewhere <= {f"asked the internet: {asked.value.url}"}
