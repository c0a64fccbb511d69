"""The rules of the house, as CONTRIBUTING.md states them: read from the files themselves."""

import ast
import functools
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cnnlib

ROOT = Path(__file__).resolve().parent.parent

# Imports point one way: a part of the library may import parts of its own floor and of those below.
FLOORS = [
    {"checks", "geometry", "arrays", "bars", "idx", "download", "results"},
    {"ops"},
    {"gradcheck", "nn", "symbolic", "datasets", "augment"},
    {"explain", "claims", "equivariance", "learned"},
    {"plots"},
    {"widgets", "exercises", "checkup"},
]
FLOOR = {part: number for number, floor in enumerate(FLOORS) for part in floor}
WITH_A_SCREEN = ("matplotlib", "sympy", "scipy", "ipywidgets", "anywidget", "IPython", "tqdm", "torch", "pooch")

# "About 300" and "about 40" need a number where they end; docstrings and comments are not counted in a function.
LINES_PER_FILE = 330
LINES_PER_FUNCTION = 40

GENERATORS = {"default_rng", "Generator", "SeedSequence", "BitGenerator", "PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937"}
MACHINE_PATH = re.compile(r"(?<![\w.:/<>$}-])/(?:work|root|home|Users|opt|mnt|tmp)/\w[\w./-]*")
REGISTRY = re.compile(r"--(?:extra-index-url|find-links|trusted-host)\b|https?://[\w.-]*(?:artifactory|nexus|mirror)[\w.-]*", re.IGNORECASE)


@functools.cache
def tracked():
    """The project's files: those that git knows or would take, else all that are not hidden or made."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True) if (ROOT / ".git").exists() else None
    if answer and answer.returncode == 0:
        names = sorted(set(answer.stdout.splitlines()))
    else:
        made = {".venv", "my-book", "dist", "build", "__pycache__", ".hypothesis", ".pytest_cache", ".ruff_cache", ".ipynb_checkpoints"}
        files = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file() and not made & set(path.relative_to(ROOT).parts)]
        names = sorted(path.as_posix() for path in files if not any(part.endswith(".egg-info") for part in path.parts))
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def files(*endings, under=""):
    return [path for path in tracked() if path.suffix in endings and path.relative_to(ROOT).as_posix().startswith(under)]


def name(path):
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def part_of(path):
    """The part of the library that a file belongs to: its first name below cnnlib/."""
    return path.relative_to(ROOT / "cnnlib").parts[0].removesuffix(".py")


def imported_parts(path):
    """The parts of cnnlib that a file imports, at its top or inside a function."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno} imports relatively; write the full name"
            if node.module == "cnnlib":
                yield from (alias.name for alias in node.names)
            elif node.module.startswith("cnnlib."):
                yield node.module.split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("cnnlib."))


LIBRARY = [path for path in files(".py", under="cnnlib/") if path != ROOT / "cnnlib" / "__init__.py"]
CODE = files(".py", ".js")
every = pytest.mark.parametrize


def test_every_part_of_the_library_has_its_floor():
    assert LIBRARY
    missing = {part_of(path) for path in LIBRARY} - set(FLOOR)
    assert not missing, f"say in FLOORS, and in CONTRIBUTING.md, where these stand: {sorted(missing)}"


@every("path", LIBRARY, ids=name)
def test_imports_point_one_way(path):
    here = part_of(path)
    for part in imported_parts(path):
        there = FLOOR.get(part, 0)  # a name that cnnlib itself exports comes from the lower floors
        assert there <= FLOOR[here], f"{name(path)} imports cnnlib.{part}, which stands above it"


def test_imports_run_in_no_circle():
    graph = {}
    for path in LIBRARY:
        graph.setdefault(part_of(path), set()).update(part for part in imported_parts(path) if part in FLOOR and part != part_of(path))
    while free := [part for part, needs in graph.items() if not needs & set(graph)]:
        for part in free:
            del graph[part]
    assert not graph, f"these parts import each other in a circle: {graph}"


def test_import_cnnlib_loads_numpy_and_nothing_else():
    code = f"import sys, cnnlib; print([name for name in {WITH_A_SCREEN} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@every("path", CODE, ids=name)
def test_a_file_can_be_read_in_one_sitting(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_PER_FILE, f"{name(path)} has {lines} lines: split it where its subject splits"


def code_lines(function):
    """The lines of a function without its docstring."""
    body = function.body
    documented = ast.get_docstring(function, clean=False) is not None
    return function.end_lineno - function.lineno + 1 - (body[0].end_lineno - body[0].lineno + 1 if documented else 0)


@every("path", files(".py"), ids=name)
def test_a_function_does_one_thing(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    long = {function.name: code_lines(function) for function in functions if code_lines(function) > LINES_PER_FUNCTION}
    assert not long, f"{name(path)} has long functions: {long}"


def said_by_decorator(node):
    """A step of a derivation: the sentence stands in `@derivation.step("...")`, where the notebook takes it from."""
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(argument, ast.Constant) and " " in str(argument.value) for call in calls for argument in call.args)


@every("path", [path for path in LIBRARY if path.parent.name != "solutions"], ids=name)
def test_every_public_name_has_a_docstring(path):
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree(path).body if isinstance(node, definitions) and not node.name.startswith("_")]
    bare = [node.name for node in public if not ast.get_docstring(node) and not said_by_decorator(node)]
    assert not bare, f"{name(path)}: no docstring on {bare}"
    assert ast.get_docstring(tree(path)) or not tree(path).body, f"{name(path)} does not say what it is"


def operations():
    """The operations that `import cnnlib` offers; a backward's source is its forward's."""
    offered = [(label, getattr(cnnlib, label)) for label in cnnlib.__all__]
    return [
        (label, thing)
        for label, thing in offered
        if inspect.isfunction(thing) and thing.__module__.startswith("cnnlib.ops") and "backward" not in label
    ]


@every(("label", "operation"), operations(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_operation_names_its_source(label, operation):
    assert re.search(r"\bSource: \S", inspect.getdoc(operation)), f"{label}: say in a line `Source: ...` where the operation is defined"


@every("path", files(".py", under="cnnlib/") + files(".py", under="benchmarks/"), ids=name)
def test_numpys_global_random_state_is_never_touched(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "random":
            owner = node.value.value
            if isinstance(owner, ast.Name) and owner.id in ("np", "numpy"):
                assert node.attr in GENERATORS, f"{name(path)}:{node.lineno} uses np.random.{node.attr}; pass a Generator"
        if isinstance(node, ast.ImportFrom) and node.module == "numpy.random":
            assert {alias.name for alias in node.names} <= GENERATORS, f"{name(path)}:{node.lineno}"


def readable_files():
    """Tracked text files; pictures inside notebooks are no text."""
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield path, re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)


@every(("pattern", "what"), [(MACHINE_PATH, "a path of one machine"), (REGISTRY, "a private package index")], ids=["paths", "indexes"])
def test_no_file_speaks_of_the_machine_it_was_written_on(pattern, what):
    found = [f"{name(path)}: {match[0]}" for path, text in readable_files() if path != Path(__file__) for match in pattern.finditer(text)]
    assert not found, f"{what}: {found}"


def test_the_patterns_find_what_they_look_for():
    assert MACHINE_PATH.search('open("' + "/".join(["", "home", "someone", "book"]) + '")')
    assert REGISTRY.search("pip install --" + "extra-index-url somewhere")
    assert not MACHINE_PATH.search("see notebooks/source and https://www.python.org/home/downloads")


def test_every_link_to_a_file_leads_to_a_file():
    broken = []
    for path in files(".md"):
        text = re.sub(r"`[^`]*`", "", path.read_text(encoding="utf-8"))
        home = (
            path.parent.parent
            if path.parent.name == "source"
            else path.parent.parent.parent / "zh"
            if path.parent.name == "zh"
            else path.parent
        )
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if not re.match(r"[a-z]+:", target) and not (home / target).exists():
                broken.append(f"{name(path)}: {target}")
    assert not broken


def test_every_dependency_has_its_reason():
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for file in sorted(path.name for path in ROOT.glob("requirements*.txt")):
        lines = [line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if line and line[0] not in "#-"]
        assert lines
        for line in lines:
            package = re.match(r"[\w.-]+", line)[0]
            assert f"`{package}`" in reasons, f"CONTRIBUTING.md gives no reason for {package}"
            assert re.search(r",<\d|==", line), f"{file}: {line} has no upper bound"


def test_the_librarys_requirements_agree_with_the_books():
    declared = re.findall(
        r'"([\w.-]+)(>=[^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project]")[1].split("[tool")[0]
    )
    book = dict(re.findall(r"^([\w.-]+)(>=\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))
    declared = {package: bounds for package, bounds in declared if package in book}
    assert declared
    assert declared == {package: book[package] for package in declared}


def test_a_source_archive_holds_all_that_a_wheel_is_made_of():
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    needed = {*targets["wheel"]["packages"], *targets["wheel"]["force-include"]}
    assert {f"/{name}" for name in needed} <= set(targets["sdist"]["include"])


def test_test_files_have_names_of_their_own():
    # pytest takes two files of one name for one module
    names = [path.name for path in files(".py", under="tests/") if path.name.startswith("test_")]
    assert sorted(names) == sorted(set(names))


@pytest.mark.xdist_group("one")
def test_a_group_of_tests_stays_on_one_worker(request):
    # pytest-xdist tells its workers by the end of a test's name; a pytest that ignores this builds every chapter twice
    grouped = getattr(request.config.option, "loadgroup", False)
    assert not grouped or request.node.nodeid.endswith("@one")
