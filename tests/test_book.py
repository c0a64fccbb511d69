"""The launcher: every obstacle ends in one sentence with the repair, and a second run finds everything in place."""

import ast
import errno
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import book  # noqa: E402
from launcher import environment, machine  # noqa: E402

LAUNCHER = [ROOT / "book.py", *sorted((ROOT / "launcher").glob("*.py"))]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project folder of our own, in which nothing is installed yet."""
    for module in (machine, environment, book):
        monkeypatch.setattr(module, "ROOT", str(tmp_path))
    for name in ("requirements.txt", "pyproject.toml", "requirements-dev.txt"):
        (tmp_path / name).write_text(f"# {name}\n")
    return tmp_path


# ---- The language and the libraries of the launcher ----


@pytest.mark.parametrize("path", LAUNCHER, ids=lambda path: path.name)
def test_an_old_python_can_read_the_launcher(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("path", LAUNCHER, ids=lambda path: path.name)
def test_the_launcher_imports_the_standard_library_only(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name.split(".")[0] for name in modules} - set(sys.stdlib_module_names) - {"launcher"}
    assert not foreign


# ---- Obstacles ----


def test_an_old_python_is_told_what_to_install():
    with pytest.raises(machine.Trouble, match=r"needs Python 3\.11 or newer, and this is Python 3\.8\. Install a newer one"):
        machine.check_python(version=(3, 8, 10), which=lambda name: None)


def test_an_old_python_is_told_which_newer_one_the_machine_has():
    with pytest.raises(machine.Trouble, match=r"this is Python 3\.9\. Run: python3\.12 book\.py"):
        machine.check_python(version=(3, 9, 2), which={"python3.11": "there", "python3.12": "there"}.get)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 4), (4, 0, 0)])
def test_a_new_enough_python_is_accepted(version):
    machine.check_python(version=version, which=lambda name: None)


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_missing_venv_module_is_answered_with_the_exact_apt_line(missing):
    with pytest.raises(machine.Trouble, match=r"Run: sudo apt install python3\.12-venv$"):
        machine.check_venv_module(find_spec=lambda name: name != missing, which=lambda name: name == "apt", version=(3, 12, 3))


def test_no_apt_line_is_given_where_there_is_no_apt():
    with pytest.raises(machine.Trouble) as caught:
        machine.check_venv_module(find_spec=lambda name: None, which=lambda name: None, version=(3, 12, 3))
    assert "apt" not in str(caught.value)
    assert "Install" in str(caught.value)


def test_a_busy_port_that_was_asked_for_is_an_error_and_names_the_repair():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(machine.Trouble, match=rf"Port {port} is in use by another program\. Close that program, or leave out --port"):
            machine.choose_port(port)
    assert machine.choose_port(port) == port


def test_without_a_wish_the_first_free_port_is_taken(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        busy = other.getsockname()[1]
        monkeypatch.setattr(machine, "DEFAULT_PORT", busy)
        assert busy < machine.choose_port() < busy + 100


@pytest.mark.parametrize("asked", [-1, 0, 65536])
def test_an_impossible_port_is_refused_and_not_called_busy(asked):
    with pytest.raises(machine.Trouble, match=f"Port {asked} does not exist: ports are 1 to 65535"):
        machine.choose_port(asked)


def installer(output, code=1):
    """A command that prints `output` and fails, as pip or venv would."""
    return [sys.executable, "-c", f"import sys; print({output!r}); sys.exit({code})"]


NO_NETWORK = """Collecting numpy
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<HTTPSConnection>: Failed to establish a new
connection: [Errno -3] Temporary failure in name resolution')': /simple/numpy/
ERROR: Could not find a version that satisfies the requirement numpy<3,>=2.0 (from versions: none)
ERROR: No matching distribution found for numpy<3,>=2.0"""


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (NO_NETWORK, "Connect to the network"),
        (NO_NETWORK.splitlines()[-2], "Connect to the network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full: .* MB are free"),
        ("OSError: [WinError 112] There is not enough space on the disk", "The disk is full"),
        ("ERROR: something nobody foresaw", "The installation failed. The last lines say why:\nERROR: something nobody foresaw"),
    ],
)
def test_a_failed_installation_is_explained_in_one_sentence(output, sentence):
    with pytest.raises(machine.Trouble, match=sentence):
        environment.run_and_diagnose(installer(output), "The installation failed")


def test_a_venv_that_fails_for_want_of_ensurepip_is_answered_like_a_missing_module():
    output = "The virtual environment was not created successfully because ensurepip is not available."
    with pytest.raises(machine.Trouble, match="its module venv or ensurepip is missing"):
        environment.run_and_diagnose(installer(output), "The virtual environment could not be made")


def test_a_successful_installation_is_no_trouble_whatever_it_prints():
    environment.run_and_diagnose(installer(NO_NETWORK, code=0), "The installation failed")


@pytest.mark.parametrize("command", [book.open_book, book.set_up_only])
def test_a_folder_where_nothing_can_be_written_is_told_before_anything_is_tried(monkeypatch, command):
    monkeypatch.setattr(environment, "living_version", lambda: None)
    monkeypatch.setattr(machine.check_place, "__defaults__", (lambda place, mode: False,))
    with pytest.raises(machine.Trouble, match=r"^Nothing can be written in .*Copy the whole folder to a place of your own"):
        command(SimpleNamespace(port=None, wheels=None, dev=False))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_ends_in_a_sentence_and_not_in_a_traceback(monkeypatch, capsys, number):
    def full(options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(book, "open_book", full)
    assert book.main(["open"]) == 2
    message = capsys.readouterr().err
    assert re.search(r"The disk is full: \d+ MB are free, .* Free some space", message)
    assert "Traceback" not in message


def test_another_operating_system_error_is_not_called_a_full_disk(monkeypatch):
    def refused(options):
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(book, "open_book", refused)
    with pytest.raises(PermissionError):
        book.main([])


# ---- The virtual environment ----


@pytest.fixture
def pretend(project, monkeypatch):
    """Record what would be installed; the pretended venv is a folder with a link to this interpreter."""
    calls = []

    def run(command, failure):
        calls.append(command[2])
        if command[2] == "venv":
            interpreter = Path(environment.venv_python())
            interpreter.parent.mkdir(parents=True, exist_ok=True)
            interpreter.unlink(missing_ok=True)
            interpreter.symlink_to(sys.executable)
            (project / ".venv" / "pyvenv.cfg").touch()

    monkeypatch.setattr(environment, "run_and_diagnose", run)
    monkeypatch.setattr(environment, "living_version", lambda: "3.11" if Path(environment.venv_python()).exists() else None)
    return calls


def test_the_second_run_installs_nothing(pretend):
    environment.set_up()
    assert pretend == ["venv", "pip"]
    environment.set_up()
    assert pretend == ["venv", "pip"]


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_requirements_are_installed_into_the_same_environment(pretend, project, name):
    environment.set_up()
    (project / name).write_text("changed\n")
    environment.set_up()
    assert pretend == ["venv", "pip", "pip"]


def test_the_readers_command_keeps_an_environment_with_the_authors_tools(pretend):
    environment.set_up(dev=True)
    environment.set_up()
    assert pretend == ["venv", "pip"]


def test_the_authors_tools_are_added_to_a_readers_environment(pretend):
    environment.set_up()
    environment.set_up(dev=True)
    assert pretend == ["venv", "pip", "pip"]


def test_a_half_made_environment_is_made_again(pretend, project):
    (project / ".venv" / "lib").mkdir(parents=True)
    environment.set_up()
    assert pretend == ["venv", "pip"]


def test_an_environment_whose_interpreter_is_gone_is_made_again(pretend):
    environment.set_up()
    Path(environment.venv_python()).unlink()
    environment.set_up()
    assert pretend == ["venv", "pip", "venv", "pip"]


def test_an_environment_of_another_python_version_is_made_again(pretend, monkeypatch):
    environment.set_up()
    monkeypatch.setattr(environment, "living_version", lambda: "3.13")
    environment.set_up()
    assert pretend[2:] == ["venv", "pip"]


def test_an_interrupted_installation_is_not_taken_for_a_complete_one(pretend, monkeypatch, project):
    environment.set_up()
    (project / "requirements.txt").write_text("changed\n")

    def interrupted(command, failure):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "run_and_diagnose", interrupted)
        with pytest.raises(KeyboardInterrupt):
            environment.set_up()
    assert environment.read_stamp() == (None, None)
    (project / "requirements.txt").write_text("# requirements.txt\n")
    environment.set_up()
    assert pretend[-1] == "pip"


def test_a_moved_folder_is_installed_again(project, monkeypatch):
    before = environment.stamp("3.11")
    monkeypatch.setattr(environment, "ROOT", str(project / "elsewhere"))
    assert environment.stamp("3.11") != before


def test_the_version_of_a_broken_interpreter_is_none(project):
    assert environment.living_version() is None
    interpreter = Path(environment.venv_python())
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text("not a program")
    interpreter.chmod(0o755)
    (project / ".venv" / "pyvenv.cfg").touch()
    assert environment.living_version() is None


def test_jupyterlab_is_told_not_to_ask_for_news(project):
    environment.stay_offline()
    written = json.loads((project / ".venv/share/jupyter/lab/settings/overrides.json").read_text())
    assert written["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false", "checkForUpdates": False}


# ---- The commands ----


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([], {"command": "open", "port": None, "no_browser": False, "lang": "en"}),
        (["--port", "9000", "--no-browser", "--lang", "zh"], {"command": "open", "port": 9000, "no_browser": True, "lang": "zh"}),
        (["test"], {"command": "test", "dev": False}),
        (["build", "03", "--check"], {"command": "build", "chapter": ["03"], "check": True}),
    ],
)
def test_the_command_line_is_understood(line, expected):
    assert expected.items() <= vars(book.parse(line)).items()


def test_help_names_every_command_and_option():
    answer = subprocess.run([sys.executable, str(ROOT / "book.py"), "--help"], capture_output=True, text=True, check=True).stdout
    for word in ("open", "test", "build", "setup", "--port", "--no-browser", "--lang", "my-book"):
        assert word in answer


def run_parts(monkeypatch, parts, codes, ci):
    """Run `book.py test` on pretended parts; the interpreter answers with the exit codes given."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(book, "set_up", lambda dev: None)
    monkeypatch.setattr(book, "steps", lambda ci: iter(parts))
    answers = iter(codes)
    monkeypatch.setattr(book.subprocess, "run", lambda *arguments, **options: SimpleNamespace(returncode=next(answers)))
    return book.run_tests(SimpleNamespace(dev=False))


PARTS = [("style", ["ruff"], ""), ("library", ["pytest"], ""), ("browser", None, "no Chromium")]


@pytest.mark.parametrize(("codes", "exit_code"), [([0, 0], 0), ([1, 0], 1), ([0, 5], 1)])
def test_one_failed_part_fails_the_run_and_the_others_still_run(monkeypatch, capsys, codes, exit_code):
    assert run_parts(monkeypatch, PARTS, codes, ci="") == exit_code
    summary = capsys.readouterr().out.split("== summary ==")[1]
    assert summary.count("FAILED") == sum(code != 0 for code in codes)
    assert "skipped  browser: no Chromium" in summary


def test_in_continuous_integration_a_part_left_out_is_a_failure(monkeypatch, capsys):
    assert run_parts(monkeypatch, PARTS, [0, 0], ci="true") == 1
    assert "MISSING  browser: no Chromium" in capsys.readouterr().out
