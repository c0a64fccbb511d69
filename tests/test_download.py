"""Downloads arrive whole or not at all, and a broken one goes on where it stopped; tried with a server on this machine."""

import hashlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from idx_files import publish, small_set

from cnnlib import download, idx, load_mnist


@pytest.fixture
def server():
    """A web server with files, which can break a transfer off in the middle; knows ranges. Yields (address, files, log)."""
    files, log = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            log.append((self.path, self.headers.get("Range")))
            content, stop = files.get(self.path, (None, None))
            if content is None:
                self.send_error(404)
                return
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")) if "Range" in self.headers else 0
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start:stop] if stop else content[start:])

        def log_message(self, *_):
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/", files, log
        http.shutdown()
        thread.join()


@pytest.fixture
def quiet_pooch():
    pooch = pytest.importorskip("pooch")
    pytest.importorskip("requests")
    pooch.get_logger().setLevel("ERROR")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.mark.usefixtures("quiet_pooch")
def test_a_data_set_downloads_once_and_loads_from_the_folder_ever_after(tmp_path, server, monkeypatch):
    address, files, log = server
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    arrays = small_set(source, zipped=True)
    publish(monkeypatch, source)
    files.update({f"/{path.name}": (path.read_bytes(), None) for path in source.iterdir()})
    monkeypatch.setitem(idx.MIRRORS, "mnist", (address,))
    for _ in range(2):
        np.testing.assert_array_equal(load_mnist(target).test_labels, arrays[3])
    assert len(log) == 4
    assert sorted(path.name for path in target.iterdir()) == sorted(f"{name}.gz" for name in idx.FILES)


@pytest.mark.usefixtures("quiet_pooch")
def test_a_broken_transfer_continues_where_it_stopped(tmp_path, server):
    address, files, log = server
    content = np.random.default_rng(0).bytes(300_000)
    files["/file.gz"] = (content, 200_000)
    with pytest.raises(ConnectionError, match="a partial download continues"):
        download.fetch((address,), "file.gz", tmp_path, sha256(content))
    arrived = (tmp_path / "file.gz.part").stat().st_size
    assert 0 < arrived <= 200_000
    files["/file.gz"] = (content, None)
    assert download.fetch((address,), "file.gz", tmp_path, sha256(content)).read_bytes() == content
    assert log[-1] == ("/file.gz", f"bytes={arrived}-")
    assert [path.name for path in tmp_path.iterdir()] == ["file.gz"]


@pytest.mark.usefixtures("quiet_pooch")
def test_a_mirror_that_fails_or_lies_hands_over_to_the_next(tmp_path, server):
    address, files, _ = server
    content = b"the real file"
    files["/lies/file.gz"] = (b"something else", None)
    files["/good/file.gz"] = (content, None)
    mirrors = (f"{address}absent/", f"{address}lies/", f"{address}good/")
    assert download.fetch(mirrors, "file.gz", tmp_path, sha256(content)).read_bytes() == content
    with pytest.raises(ValueError, match="lies"):
        download.fetch(mirrors[1:2], "file.gz", tmp_path / "elsewhere", sha256(content))
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.usefixtures("quiet_pooch")
def test_without_a_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(idx.MIRRORS, "mnist", ("https://127.0.0.1:1/",))
    with pytest.raises(ConnectionError, match=r"Check the network.*download=False"):
        load_mnist(tmp_path)


def test_without_pooch_the_error_names_the_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pooch"):
        load_mnist(tmp_path)
