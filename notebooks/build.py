"""Build the book: notebooks/source/NN_slug.md becomes notebooks/NN_slug.ipynb, with outputs, byte for byte the same every time.

    python build.py            build every chapter that has a source, in both languages
    python build.py 03 17      build these chapters
    python build.py --check    say which notebooks and generated pages do not match their source; build nothing

Every build also renews the README's table of chapters and the generated pages of docs/, whichever chapters it builds.

Every code cell of a source names itself with a key:   ```python key="count-places"
A translation in source/zh/ holds prose and empty code cells that carry the key alone; code, tags and outputs come from the English
source. Marks such as `<!-- exercise: id -->`, `<!-- glossary -->` and `<!-- questions -->` stand for what inserts.py makes of them,
`<!-- claims: F1 F2 -->` for items of cnnlib.claims; a bold item, **F12**, becomes a link to it in chapter 20.
The tag `varies` marks a cell whose output may differ between machines: it is stored, and no test compares it.
"""

import argparse
import hashlib
import importlib
import os
import re
import sys
import tempfile
import tomllib
from pathlib import Path

import jupytext
import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

NOTEBOOKS = Path(__file__).resolve().parent
sys.path.insert(0, str(NOTEBOOKS))  # for whoever loads this file from elsewhere
import inserts  # noqa: E402

ROOT = NOTEBOOKS.parent
LANGUAGES = ("en", "zh")
SECONDS_PER_CELL = 120
IGNORED_BY_NBVAL = "nbval-ignore-output"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


class BuildError(Exception):
    """Raised when a source breaks a rule or a cell raises. The message names the chapter and the cell's key."""


def chapters():
    """The list of chapters, planned ones too: dicts with number, slug, title, title_zh and minutes. The only such list there is."""
    return tomllib.loads((NOTEBOOKS / "chapters.toml").read_text(encoding="utf-8"))["chapter"]


def source_path(slug, language="en"):
    """Where authors write the chapter."""
    return NOTEBOOKS / "source" / ("" if language == "en" else language) / f"{slug}.md"


def notebook_path(slug, language="en"):
    """Where readers find the chapter."""
    return NOTEBOOKS / ("" if language == "en" else language) / f"{slug}.ipynb"


def slugs():
    """The chapters that have a source, in order, as NN_slug. A translation without its English chapter is an error."""
    written = {language: sorted(path.stem for path in source_path("x", language).parent.glob("[0-9]*.md")) for language in LANGUAGES}
    orphans = sorted(set(written["zh"]) - set(written["en"]))
    if orphans:
        raise BuildError(f"source/zh/{orphans[0]}.md has no English chapter source/{orphans[0]}.md. Rename it to match.")
    return written["en"]


def languages(slug):
    """The languages in which a chapter is written, English first."""
    return [language for language in LANGUAGES if source_path(slug, language).exists()]


def assemble(slug, language="en"):
    """The chapter's notebook without outputs: cells, ids and tags."""
    cells = [_cell(slug, cell) for cell in _read(source_path(slug), "en")]
    if language != "en":
        foreign = [_cell(slug, cell, translated=True) for cell in _read(source_path(slug, language), language)]
        cells = _translate(slug, cells, foreign, language)
    _number_repeats(cells)
    from cnnlib.claims.pages import Pages

    Pages(NOTEBOOKS).link_items(cells, slug, language)
    keys = [cell.id for cell in cells if cell.cell_type == "code"]
    for cell_id in keys:
        if keys.count(cell_id) > 1:
            raise BuildError(f"{slug}: the key {cell_id[3:]!r} names {keys.count(cell_id)} cells. Give each cell a key of its own.")
    return nbformat.v4.new_notebook(cells=cells, metadata=METADATA)


def _read(path, language):
    from cnnlib.claims.pages import Pages

    text = inserts.expanded(path.read_text(encoding="utf-8"), language)
    return jupytext.reads(Pages(NOTEBOOKS).expanded(text), fmt="md").cells


def _cell(slug, cell, translated=False):
    """One cell of a source as a notebook cell whose id does not depend on its place in the chapter."""
    if cell.cell_type != "code":
        text = cell.source.strip()
        return nbformat.v4.new_markdown_cell(text, id=_prose_id(slug, text))
    key = cell.metadata.pop("key", None)
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise BuildError(
            f"{slug}: the code cell that starts with {cell.source[:60]!r} has {'no key' if key is None else f'the key {key!r}'}. "
            'Write ```python key="two-or-three-words", in small letters, digits and hyphens.'
        )
    if translated:
        if cell.source.strip() or "tags" in cell.metadata:
            raise BuildError(f"{slug}: the translated cell {key!r} holds code or tags. Leave it empty: both come from the English source.")
        return nbformat.v4.new_code_cell("", id=f"{slug[:2]}-{key}")
    if not cell.source.strip():
        raise BuildError(f"{slug}: the code cell {key!r} is empty. Write its code or remove it.")
    tags = [IGNORED_BY_NBVAL if tag == "varies" else tag for tag in cell.metadata.get("tags", [])]
    return nbformat.v4.new_code_cell(cell.source.strip("\n"), id=f"{slug[:2]}-{key}", metadata={"tags": tags} if tags else {})


def _prose_id(slug, text):
    """From the heading where there is one in Latin letters, else from the words themselves."""
    heading = re.match(r"#+ +([^\n]+)", text)
    name = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")[:48] if heading else ""
    return f"{slug[:2]}-text-{name or hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _number_repeats(cells):
    """Prose cells with the same heading or the same words get -2, -3, ... in their ids."""
    seen = {}
    for cell in cells:
        if cell.cell_type == "markdown":
            seen[cell.id] = seen.get(cell.id, 0) + 1
            if seen[cell.id] > 1:
                cell.id = f"{cell.id}-{seen[cell.id]}"


def _translate(slug, english, foreign, language):
    """Put the English code cells into the translation's empty ones; the keys must be the same, in the same order."""
    code = [cell for cell in english if cell.cell_type == "code"]
    wanted, found = ([cell.id[3:] for cell in cells if cell.cell_type == "code"] for cells in (code, foreign))
    for place in range(max(len(wanted), len(found))):
        here, there = (keys[place] if place < len(keys) else None for keys in (wanted, found))
        if here != there:
            order = "nothing more" if here is None else f"the cell {here!r}"
            got = "ends" if there is None else f"has {there!r}"
            raise BuildError(f"{slug}: code cell {place + 1} of source/{language} {got}, the English source has {order}. Match the keys.")
    supply = iter(code)
    return [next(supply).copy() if cell.cell_type == "code" else cell for cell in foreign]


class ThisInterpreter(AsyncKernelManager):
    """The kernel of the running interpreter, whatever kernels the machine has registered."""

    @property
    def kernel_spec(self):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--IPKernelApp.log_level=40"]
        return KernelSpec(argv=argv, language="python", display_name="Python 3")


def execute(slug, notebook):
    """Run the notebook top to bottom in a fresh kernel and keep its outputs, tidied."""
    client = NotebookClient(
        notebook,
        kernel_manager_class=ThisInterpreter,
        timeout=SECONDS_PER_CELL,
        coalesce_streams=True,  # else the pieces of a printed text depend on timing
        store_widget_state=False,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        try:
            client.execute(env=_environment(scratch))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise BuildError(_blame(slug, notebook, error)) from None
    _tidy(notebook)


def _environment(scratch):
    """The kernel's environment: the library is found, and no IPython settings of the author's leak in."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, "IPYTHONDIR": scratch, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def _blame(slug, notebook, error):
    """Name the chapter and the key of the cell that stopped the build: the last one that started."""
    started = [cell for cell in notebook.cells if cell.cell_type == "code" and "execution" in cell.metadata]
    key = started[-1].id[3:] if started else "?"
    trace = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    return f"{slug}: the cell {key!r} stopped the build.\n{trace}"


def _tidy(notebook):
    """Take out what differs from run to run: timestamps, widget model ids, transient ids, counts that do not start at 1."""
    notebook.metadata = nbformat.from_dict(METADATA)
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.metadata.pop("execution", None)
            for output in cell.outputs:
                output.pop("transient", None)
                output.get("data", {}).pop(WIDGET_VIEW, None)
                if "execution_count" in output:
                    output.execution_count = count


def build(slug, revise=lambda notebook: notebook):
    """Run a chapter once and return {path: text} of its notebook in every language; the code and the outputs are the same in all.

    revise: changes the notebook of every language before it runs, as an edition with solutions does.
    """
    english = revise(assemble(slug))
    translations = {language: revise(assemble(slug, language)) for language in languages(slug)[1:]}
    execute(slug, english)
    ran = {cell.id: cell for cell in english.cells if cell.cell_type == "code"}
    texts = {notebook_path(slug): _text(english)}
    for language, notebook in translations.items():
        notebook.cells = [ran.get(cell.id, cell) for cell in notebook.cells]
        texts[notebook_path(slug, language)] = _text(notebook)
    return texts


def _text(notebook):
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def stale():
    """{path: reason} of notebooks whose cells are not those of their source, and of notebooks that have no source."""
    expected = {notebook_path(slug, language): (slug, language) for slug in slugs() for language in languages(slug)}
    reasons = {}
    for path, (slug, language) in expected.items():
        if not path.exists():
            reasons[path] = "is not built"
        elif _skeleton(nbformat.read(path, as_version=4)) != _skeleton(assemble(slug, language)):
            reasons[path] = f"does not match {source_path(slug, language).relative_to(NOTEBOOKS).as_posix()}"
    for path in sorted([*NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("zh/*.ipynb")]):
        if path not in expected:
            reasons[path] = "has no source"
    return reasons


def _skeleton(notebook):
    return [(cell.cell_type, cell.id, cell.source, cell.metadata) for cell in notebook.cells]


def chapter_table():
    """The README's table of chapters: those that are written are linked, the others are listed as planned."""
    rows = ["| no. | chapter | 中文 | minutes |", "|---|---|---|---|"]
    for chapter in chapters():
        slug = f"{chapter['number']}_{chapter['slug']}"
        written = languages(slug)
        title = f"[{chapter['title']}](notebooks/{slug}.ipynb)" if written else chapter["title"]
        chinese = f"[{chapter['title_zh']}](notebooks/zh/{slug}.ipynb)" if "zh" in written else ""
        rows.append(f"| {chapter['number']} | {title} | {chinese} | {chapter['minutes'] if written else 'planned'} |")
    return "\n".join(rows)


def readme_with_table(text):
    """Return the README's text with the current table between its two markers."""
    start, end = "<!-- chapters: written by notebooks/build.py -->", "<!-- end of chapters -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise BuildError(f"README.md needs the markers {start} and {end}, once each, around the table of chapters.")
    head, rest = text.split(start)
    return f"{head}{start}\n{chapter_table()}\n{end}{rest.split(end)[1]}"


def _write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _guide():
    """The writer of docs/; it imports this file, so it is imported late."""
    from editions import guide

    return guide


def main(arguments=None):
    """Build what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(description="Build the book's notebooks from notebooks/source/.")
    parser.add_argument("chapter", nargs="*", help="two digits, as in 03; all chapters when none is given")
    parser.add_argument("--check", action="store_true", help="only say which notebooks and generated pages do not match their source")
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT))  # the library of this checkout, installed or not
    try:
        if options.check:
            reasons = stale()
            for path, reason in reasons.items():
                print(f"{path.relative_to(ROOT).as_posix()} {reason}. Run: python3 book.py build {path.name[:2]}")
            pages = _guide().stale()
            for name, reason in pages.items():
                print(f"{name} {reason}. Run: python3 book.py exercises --write")
            return 1 if reasons or pages else 0
        chosen = [slug for slug in slugs() if not options.chapter or slug[:2] in options.chapter]
        unknown = sorted(set(options.chapter) - {slug[:2] for slug in chosen})
        if unknown:
            raise BuildError(f"there is no source/{unknown[0]}_*.md. Written so far: {', '.join(slugs())}.")
        # The pages that tell of chapters and exercises come first: a chapter that stops the build leaves them renewed.
        _write(ROOT / "README.md", readme_with_table((ROOT / "README.md").read_text(encoding="utf-8")))
        _guide().write()
        for slug in chosen:
            for path, text in build(slug).items():
                _write(path, text)
                print(f"built {path.relative_to(ROOT).as_posix()}", flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    # By the name under which editions/ imports this file: so its errors from there are the ones caught here.
    sys.exit(importlib.import_module("build").main())
