"""Open the book, or test it. Standard library only; everything it installs goes into the folder .venv beside this file.

    python3 book.py            open the book in JupyterLab at chapter 00
    python3 book.py test       run all tests
    python3 book.py build      rebuild the notebooks from notebooks/source/ (for authors)
    python3 book.py setup      install only; with --wheels FOLDER from a folder, without the network
    python3 book.py version    one line for a bug report

For teachers and authors, each with --help:

    python3 book.py site       the book as static pages
    python3 book.py release    a student release, an edition with solutions, a course folder for nbgrader
    python3 book.py exercises  the index of all exercises
    python3 book.py lite       the book with Python in the browser
    python3 book.py wheelhouse every package in one folder, for rooms without a network
    python3 book.py newest     run the tests on the newest releases of everything

Options of the first: --port 9000 (default: the first free port from 8888 on), --no-browser, --lang zh.

Readers work in my-book/, on copies: a copy that was changed is never overwritten; a newer edition is laid beside it.
This file keeps to the grammar of Python 3.6, so that an old Python can read as far as the sentence about old Pythons.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

from launcher import newest
from launcher.copies import lay_out
from launcher.environment import clean_environment, install_extra, set_up, venv_python
from launcher.machine import ROOT, Trouble, check_place, check_python, choose_port, path, quoted, told
from launcher.report import version_line
from launcher.tools import TOOLS, add_arguments, chapter, folder
from launcher.wheels import collect_wheels, total_size, use_wheels

PYTHON = "python" if os.name == "nt" else "python3"


def open_book(options):
    """Set up, copy the chapters and start JupyterLab on chapter 00."""
    port = choose_port(options.port)
    check_place()
    set_up()
    for relative, laid in lay_out():
        print(f"my-book/{relative} has your changes and stays as it is; the new edition is my-book/{laid}")
    folder = "" if options.lang == "en" else options.lang + "/"
    chapters = sorted(name for name in os.listdir(path("my-book", folder)) if name.startswith("00_") and "(" not in name)
    if not chapters:
        raise Trouble("Chapter 00 is missing in {}. Get it back with: git checkout notebooks".format(path("notebooks", folder)))
    url = f"/lab/tree/{folder}{chapters[0]}"
    command = [venv_python(), "-m", "jupyterlab", "-y", f"--port={port}", "--ServerApp.port_retries=0"]
    command += ["--ServerApp.root_dir=" + path("my-book"), "--LabApp.default_url=" + url]
    command += ["--no-browser"] if options.no_browser else []
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    print(f"Starting JupyterLab on port {port}. To stop it, press Ctrl+C here.", flush=True)
    return become(command)


def become(command):
    """Hand the terminal over to a server, so that it gets the key presses and signals that are meant for it."""
    if os.name == "posix":
        os.execve(command[0], command, clean_environment())
    server = subprocess.Popen(command, env=clean_environment())
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:  # the server received it too and is closing its kernels
            continue


def build_book(options):
    """Hand over to the builder."""
    set_up()
    command = [venv_python(), path("notebooks", "build.py")] + options.chapter + (["--check"] if options.check else [])
    return subprocess.run(command, env=clean_environment()).returncode


def run_tool(name, arguments):
    """Run one of the tools of editions/ with what follows its name, after installing what it needs.

    It works in the folder where book.py was called, since there the names of folders are meant; nothing is imported from there (-P).
    """
    set_up()
    if TOOLS[name][1]:
        install_extra(TOOLS[name][1])
    here = dict(clean_environment(), PYTHONPATH=ROOT)
    return subprocess.run([venv_python(), "-P", "-m", "editions", name, *arguments], env=here).returncode


def set_up_only(options):
    """Install and stop there; from a folder of wheels where one is named."""
    if options.wheels:
        use_wheels(options.wheels)
    set_up(dev=options.dev)
    print(f"Everything is installed. Open the book with: {PYTHON} book.py")
    return 0


def collect(options):
    """Fill a folder with everything that an installation needs."""
    wheels = collect_wheels(options.folder, dev=options.dev)
    print(f"{len(wheels)} wheels, {total_size(options.folder)} MB, are in {options.folder}. Elsewhere, without a network:")
    print(f"  {PYTHON} book.py setup --wheels {quoted(options.folder)}")
    return 0


def tell_version(options):
    """Print the line for a bug report."""
    print(version_line())
    return 0


def has(module, python=None):
    """Whether an environment, the book's own unless another is named, has a module."""
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python or venv_python(), "-c", check], env=clean_environment()).returncode == 0


def find_chromium():
    """The Chromium that the browser tests drive, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def steps(ci, python=None):
    """The parts of the test run as (name, command or None, why it is left out), for the book's environment or another interpreter's."""
    pytest = ["-m", "pytest", "-q"]
    parallel = ["-n", "2", "--dist"]
    notebooks = ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", path("tests", "nbval_sanitize.cfg"), "--nbval-cell-timeout=180"]
    if has("ruff", python):
        yield "style: ruff check", ["-m", "ruff", "check", "."], ""
        yield "style: ruff format", ["-m", "ruff", "format", "--check", "."], ""
    else:
        yield "style", None, f"ruff is not installed; it comes with: {PYTHON} book.py test --dev"
    yield "notebooks and pages match their sources", [path("notebooks", "build.py"), "--check"], ""
    yield "library, house and notebooks", pytest + parallel + ["loadgroup", "--ignore=" + path("tests", "browser"), path("tests")], ""
    yield "stored outputs of the notebooks", pytest + parallel + ["loadscope"] + notebooks + [path("notebooks")], ""
    if has("playwright", python) and find_chromium():
        # Plain pages stand two browsers at once; in JupyterLab, what a test waits for would come too late beside another.
        pages = [path("tests", "browser", name) for name in ("test_access.py", "test_site_in_browser.py")]
        yield "browser: widgets and site as pages", pytest + parallel + ["loadfile", *pages], ""
        yield "browser: JupyterLab", [*pytest, path("tests", "browser"), *("--ignore=" + page for page in pages)], ""
    else:
        yield "browser", None, "playwright or Chromium is missing; see CONTRIBUTING.md"


def test_environment():
    """One thread per worker: the workers are the parallelism, and sums come out in one order."""
    return dict(clean_environment(), OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", JUPYTER_PLATFORM_DIRS="1")


def run_tests(options):
    """Run every part, whatever the others say, and close with a summary; with CI=true a part left out counts as failed."""
    set_up(dev=options.dev)
    ci = os.environ.get("CI", "").lower() in ("1", "true")
    environment = test_environment()
    if ci:
        environment["CNNLIB_BROWSER_TESTS"] = "required"
    summary, failed = [], False
    for name, command, reason in steps(ci):
        if command is None:
            failed = failed or ci
            summary.append(f"{'MISSING' if ci else 'skipped'}  {name}: {reason}")
            continue
        print(f"\n== {name} ==", flush=True)
        code = subprocess.run([venv_python(), *command], cwd=ROOT, env=environment).returncode
        failed = failed or code != 0
        summary.append(f"{'FAILED ' if code else 'passed '}  {name}")
    print("\n== summary ==\n{}".format("\n".join(summary)), flush=True)
    return 1 if failed else 0


def run_newest(options):
    """Run the tests in a scratch environment with the newest releases; say what changed and what broke."""
    asked, summary = "requirements.txt" if options.readers else "requirements-dev.txt", []
    with tempfile.TemporaryDirectory() as folder:
        python = newest.make_newest(folder, asked)
        parts = [("chosen tests", ["-m", "pytest", "-q", *options.only], "")] if options.only else steps(ci=False, python=python)
        for number, (name, command, reason) in enumerate(parts):
            report = os.path.join(folder, f"report-{number}.xml")
            if command is None:
                summary.append(f"skipped  {name}: {reason}")
                continue
            print(f"\n== {name} ==", flush=True)
            pytest = "pytest" in command
            code = subprocess.run([python, *command, *(["--junitxml=" + report] if pytest else [])], cwd=ROOT, env=test_environment())
            summary.append("{}  {}".format("BROKEN " if code.returncode else "passed ", name))
            summary += ["         " + test for test in newest.broken(report)] if code.returncode and pytest else []
        old, new = newest.installed(venv_python()), newest.installed(python)
    print("\n== versions, in .venv and newest ==" if old else "\n== newest versions; there is no .venv to compare with ==")
    print("\n".join(newest.changes(old, new, newest.requirements(asked))) or "no version differs")
    print("\n== what broke ==\n{}".format("\n".join(summary)), flush=True)
    return 1 if any(line.startswith("BROKEN") for line in summary) else 0


def parse(arguments):
    """The command line; without a command it means `open`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", metavar="command")
    opening = commands.add_parser("open", help="open the book (this is what happens without a command)")
    opening.add_argument("--port", type=int, help="the port for JupyterLab; without it the first free one from 8888 on")
    opening.add_argument("--no-browser", action="store_true", help="start JupyterLab and only print its address")
    opening.add_argument("--lang", choices=("en", "zh"), default="en", help="the language of the chapter to open")
    opening.set_defaults(run=open_book)
    testing = commands.add_parser("test", help="run all tests")
    testing.set_defaults(run=run_tests)
    installing = commands.add_parser("setup", help="install only")
    installing.set_defaults(run=set_up_only)
    for command in (testing, installing):
        command.add_argument("--dev", action="store_true", help="with the tools of authors: ruff, playwright, torch, scipy")
    installing.add_argument("--wheels", metavar="FOLDER", help="take every package from this folder and nothing from the network")
    collecting = commands.add_parser("wheelhouse", help="collect every package in one folder, for rooms without a network")
    collecting.add_argument("folder", type=folder, help="the folder to fill; made if it is missing")
    collecting.add_argument("--dev", action="store_true", help="with the tools of authors")
    collecting.set_defaults(run=collect)
    commands.add_parser("version", help="one line for a bug report").set_defaults(run=tell_version)
    newer = commands.add_parser("newest", help="run the tests on the newest releases of everything and say what broke")
    newer.add_argument("--only", nargs="+", default=[], metavar="TEST", help="run these tests alone, as tests/test_geometry.py")
    newer.add_argument("--readers", action="store_true", help="without the tools of authors")
    newer.set_defaults(run=run_newest)
    building = commands.add_parser("build", help="rebuild the notebooks from their sources")
    building.add_argument("chapter", nargs="*", type=chapter, help="two digits, as in 03; all chapters when none is given")
    building.add_argument("--check", action="store_true", help="only say which notebooks and generated pages do not match their source")
    building.set_defaults(run=build_book)
    for name, (_, _, purpose) in TOOLS.items():
        tool = add_arguments(name, commands.add_parser(name, help=purpose, description=purpose))
        tool.set_defaults(run=lambda options, name=name: run_tool(name, arguments[1:]))
    if arguments[:1] == ["--version"]:
        arguments = ["version"]
    elif not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["open", *arguments]
    return parser.parse_args(arguments)


def main(arguments=None):
    """Do what the command line asks for and return the exit code; troubles end in one sentence, not in a traceback."""
    try:
        check_python()
        options = parse(sys.argv[1:] if arguments is None else arguments)
        return options.run(options)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. Run the command again to go on where it left off.", file=sys.stderr)
    except OSError as error:
        if told(error) is None:
            raise
        print(f"\n{told(error)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
