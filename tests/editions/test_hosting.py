"""The page about hosting: the measured cost of a student, the files that images are made from, and a kernel that is killed."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
for folder in ("benchmarks", "tests/browser"):
    sys.path.insert(0, str(ROOT / folder))

import class_of_ten  # noqa: E402
from harness import jupyter  # noqa: E402

PAGE = class_of_ten.PAGE.read_text(encoding="utf-8")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="images and SIGKILL are Linux's")


@pytest.fixture(scope="module")
def stored():
    return json.loads(class_of_ten.RESULT.read_text(encoding="utf-8"))


# ---- What one student costs ----


def test_the_page_quotes_the_stored_measurement(stored):
    quoted = PAGE.partition(class_of_ten.BEGIN)[2].partition(class_of_ten.END)[0].strip()
    assert quoted == class_of_ten.table(stored)


def test_ten_students_were_measured_with_the_settings_of_the_script(stored):
    assert stored["setting"]["students"] == class_of_ten.STUDENTS == 10
    assert tuple(stored["measured"]["chapters"]) == class_of_ten.CHAPTERS
    assert all(stored["measured"]["killed"].values())


def test_the_advised_memory_and_cores_hold_what_was_measured(stored):
    """300 MB for a server and one kernel, 600 MB with three chapters open, eight students to a core, as the page says."""
    chapters = stored["measured"]["chapters"].values()
    kernel = max(found["kernel_share_mb"]["max"] for found in chapters)
    peak = max(found["kernel_peak_mb"]["max"] for found in chapters)
    server = min(found["server_mb"] for found in chapters)  # with ten students: more than a server has for one
    assert server + peak <= 300
    assert server + 3 * kernel <= 600
    seconds = max(found["kernel_cpu_seconds"]["median"] for found in chapters)
    assert 8 * seconds < 180
    for promised in (
        "a core for every eight",
        "less than three minutes",
        "300 MB",
        "600 MB",
        "limit of 1 GB",
        "guarantee: 300M",
        "limit: 1G",
    ):
        assert promised in PAGE


@linux
def test_nothing_of_a_student_is_lost_when_a_kernel_is_killed_in_the_middle(tmp_path):
    with jupyter(tmp_path) as (address, folder):
        facts = asyncio.run(class_of_ten.kill_one(address, folder, ROOT / "notebooks" / "00_start_here.ipynb", 2))
    assert facts == dict.fromkeys(facts, True)
    assert len(facts) == 5


# ---- What Binder and a cluster start from ----


@linux
def test_an_image_opens_at_chapter_00_and_asks_for_no_news(tmp_path, monkeypatch):
    here = os.environ | {"BOOK_PREFIX": str(tmp_path / "prefix")}
    subprocess.run([ROOT / "binder" / "postBuild"], cwd=ROOT, env=here, check=True)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path / "prefix" / "etc" / "jupyter"))
    with jupyter(tmp_path / "server") as (address, _):
        with urllib.request.urlopen(address + "/") as answer:
            assert answer.url == f"{address}/lab/tree/my-book/00_start_here.ipynb"
        with urllib.request.urlopen(f"{address}/lab/api/settings/@jupyterlab/apputils-extension:notification") as answer:
            properties = json.load(answer)["schema"]["properties"]
    assert properties["fetchNews"]["default"] == "false"
    assert properties["checkForUpdates"]["default"] is False


def begin(home):
    """Start a student's server, as an image does; returns what the server would have printed."""
    command = [ROOT / "binder" / "start", "echo", "the server runs"]
    return subprocess.run(command, cwd=home, env=os.environ | {"HOME": str(home)}, capture_output=True, text=True, check=True).stdout


@linux
def test_a_start_lays_the_chapters_out_and_keeps_what_a_student_changed(tmp_path):
    assert begin(tmp_path) == "the server runs\n"
    mine, book = tmp_path / "my-book" / "00_start_here.ipynb", ROOT / "notebooks" / "00_start_here.ipynb"
    assert mine.read_bytes() == book.read_bytes()
    mine.write_text("my own work")
    begin(tmp_path)
    assert mine.read_text() == "my own work"


@linux
def test_a_home_that_cannot_be_written_does_not_keep_the_server_from_starting(tmp_path):
    (tmp_path / "my-book").write_text("a file where the folder should be")
    assert begin(tmp_path) == "the server runs\n"


def test_images_install_the_readers_requirements_and_the_library():
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line[0] != "#"] == ["-r ../requirements.txt", "-e ."]


# ---- Issue templates, and the settings that the page shows ----


@pytest.mark.parametrize("name", ["bug", "content", "exercise"])
def test_an_issue_template_is_a_form_whose_every_field_has_a_name_and_a_label(name):
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    assert len({field["id"] for field in form["body"]}) == len(form["body"]) >= 3
    for field in form["body"]:
        assert field["type"] in ("input", "textarea", "dropdown")
        assert field["attributes"]["label"]
        assert field["type"] != "dropdown" or len(set(field["attributes"]["options"])) == len(field["attributes"]["options"]) > 1


@pytest.mark.parametrize("name", ["bug", "exercise"])
def test_a_report_of_a_bug_asks_for_the_line_of_versions(name):
    assert "python3 book.py version" in (ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text(encoding="utf-8")


def test_the_values_for_kubernetes_open_chapter_00_and_keep_to_one_thread():
    chart = yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])
    values = chart["singleuser"]
    assert chart["hub"]["config"]["KubeSpawner"]["notebook_dir"] == "~"
    assert values["defaultUrl"] == "/lab/tree/my-book/00_start_here.ipynb"
    assert values["extraEnv"] == {"OPENBLAS_NUM_THREADS": "1"}
    assert values["memory"] == {"guarantee": "300M", "limit": "1G"}
