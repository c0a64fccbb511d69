"""Build the book for JupyterLite: JupyterLab and Python both run in the reader's browser, and a plain web server is enough.

    python3 book.py lite                         into the folder lite-site/
    python3 book.py lite --to public             into another folder
    python3 book.py lite --pyodide ARCHIVE       with a Pyodide distribution inside, for rooms without a network

Python in the browser is Pyodide. Without --pyodide the page fetches it, with NumPy, Matplotlib and SymPy, from the address that
jupyterlite-pyodide-kernel was made with, when the first kernel starts. cnnlib and the widgets' packages are always inside.
docs/hosting.md says what was tried.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from launcher.environment import QUIET, clean_environment, interpreter, run_and_diagnose
from launcher.machine import Trouble, quoted
from launcher.tools import read

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements-lite.txt"
# Widgets inside the page; everything else that cnnlib's chapters import comes with Pyodide.
PURE = ("anywidget", "ipywidgets", "jupyterlab_widgets", "psygnal", "comm")
FIRST = "%pip install -q cnnlib matplotlib sympy tqdm anywidget ipywidgets"
SETTINGS = ("jupyter_lite_config.json", "jupyter-lite.json")


def stage(notebooks, folder):
    """Copy the notebooks, each with a first cell that installs cnnlib inside the browser; returns how many there are."""
    names = sorted(path.relative_to(notebooks) for path in Path(notebooks).rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    for name in names:
        notebook = nbformat.read(Path(notebooks) / name, as_version=4)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(FIRST, id="lite-install"))
        notebook.metadata["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
        (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, Path(folder) / name)
    return len(names)


def collect_wheels(python, folder):
    """Put the library's wheel and the pure-Python wheels of the widgets into a folder."""
    pip = [str(python), "-m", "pip"]
    run_and_diagnose([*pip, "wheel", *QUIET, "--no-deps", "--wheel-dir", str(folder), str(ROOT)], "The library's wheel could not be built")
    anywhere = ["--no-deps", "--only-binary=:all:", "--platform=any", "--implementation=py", "--dest", str(folder)]
    run_and_diagnose([*pip, "download", *QUIET, *anywhere, *PURE], "The widgets' packages could not be fetched")


def tools():
    """The interpreter of .venv-lite, made when it is missing."""
    folder = ROOT / ".venv-lite"
    python = Path(interpreter(str(folder)))
    if not python.exists():
        print("Making the virtual environment .venv-lite ...", flush=True)
        run_and_diagnose([sys.executable, "-m", "venv", "--clear", str(folder)], "The virtual environment could not be made")
    run_and_diagnose([str(python), "-m", "pip", "install", *QUIET, "-r", str(REQUIREMENTS)], "The installation failed")
    return python


def require_place(folder):
    """Raise where the folder holds anything but an earlier page."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "jupyter-lite.json").exists():
        raise Trouble(f"{folder} holds other files; nothing was written. Name a new or an empty folder.")


def build(python, notebooks, target, pyodide=None):
    """Build the page with the interpreter given; returns the number of notebooks in it."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        count = stage(notebooks, scratch / "files")
        collect_wheels(python, scratch / "pypi")
        for name in SETTINGS:
            (scratch / name).write_bytes((ROOT / "lite" / name).read_bytes())
        command = [str(python), "-m", "jupyterlite_core.app", "build", "--contents=files", f"--output-dir={Path(target).resolve()}"]
        command += [f"--pyodide={pyodide if '://' in pyodide else Path(pyodide).resolve()}"] if pyodide else []
        answer = subprocess.run(command, cwd=scratch, capture_output=True, text=True, env=clean_environment())
        if answer.returncode:
            raise Trouble(f"JupyterLite could not be built. The last lines say why:\n{(answer.stdout + answer.stderr)[-2000:]}")
    return count


def main(arguments=None):
    """The command line of `python3 book.py lite`."""
    options = read("lite", arguments)
    require_place(Path(options.to))
    if options.pyodide and "://" not in options.pyodide and not Path(options.pyodide).exists():
        raise Trouble(f"There is no file {options.pyodide}. docs/hosting.md says where Pyodide's distribution comes from.")
    count = build(tools(), ROOT / "notebooks", options.to, options.pyodide)
    serve = f"{Path(sys.executable).name} -m http.server -d {quoted(options.to)} 8000"
    print(f"{count} notebooks are in {options.to}. Look at them with: {serve}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
