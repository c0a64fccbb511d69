"""The notebooks: each one is what its source says, runs to the same outputs again, and is fit to be handed to a reader.

A fresh build of every chapter is compared with the stored notebook byte for byte. Two things are left out there: cells tagged `varies`,
and the bytes of PNG pictures, which follow the machine's matplotlib and FreeType. That two builds on one machine agree in the pictures
too is shown on a small made-up chapter in test_builder.py.
"""

import functools
import importlib.util
import re
import statistics
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("build", ROOT / "notebooks" / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

CHAPTERS = build.slugs()
EDITIONS = [(slug, language) for slug in CHAPTERS for language in build.languages(slug)]
every_chapter = pytest.mark.parametrize("slug", CHAPTERS)
# With pytest-xdist all tests of a chapter go to one worker, which builds it once.
IN_ONE_WORKER = [pytest.param(*edition, id="-".join(edition), marks=pytest.mark.xdist_group(edition[0])) for edition in EDITIONS]
every_edition = pytest.mark.parametrize(("slug", "language"), IN_ONE_WORKER)

PNG = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
TRACES = {
    "a path of a machine": re.compile(r"(?<![\w.:/<-])/(home|root|tmp|opt|Users|work|var|usr|mnt)/\w|[A-Z]:\\\\?\w|ipykernel_\d"),
    "an address in memory": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    "a date or a time": re.compile(r"\b20\d\d-\d\d-\d\d\b|\b\d{1,2}:\d\d:\d\d\b|\bWall time\b|\d\s?(it/s|s/it)\b"),
}


@functools.cache
def stored(slug, language):
    """The notebook as it lies in the project."""
    return nbformat.read(build.notebook_path(slug, language), as_version=4)


@functools.cache
def built(slug):
    """One fresh build of a chapter: {path: text}."""
    return build.build(slug)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def varies(cell):
    return build.IGNORED_BY_NBVAL in cell.metadata.get("tags", [])


def comparable(text):
    """A notebook's text without what may differ between machines: outputs of cells tagged `varies`, and the bytes of pictures."""
    notebook = nbformat.reads(text, as_version=4)
    for cell in code_cells(notebook):
        if varies(cell):
            cell.outputs = []
    return PNG.sub("PNG", nbformat.writes(notebook)).splitlines()


def shown(output):
    """Everything a reader can read in one output, without the bytes of pictures."""
    texts = [output.get("text", ""), *(value for value in output.get("data", {}).values() if isinstance(value, str))]
    return PNG.sub("PNG", "\n".join(texts))


def test_there_is_a_book():
    assert CHAPTERS, "notebooks/source/ holds no chapter, so the tests below have tested nothing"


def test_every_notebook_matches_its_source():
    reasons = [f"{path.relative_to(ROOT).as_posix()} {reason}" for path, reason in build.stale().items()]
    assert not reasons, "; ".join(reasons) + ". Run: python3 book.py build"


@every_edition
def test_a_fresh_build_gives_the_stored_notebook(slug, language):
    path = build.notebook_path(slug, language)
    assert comparable(built(slug)[path]) == comparable(path.read_text(encoding="utf-8")), f"chapter {slug}: build it again, or tag a cell"


@every_edition
def test_the_stored_notebook_is_written_the_way_the_builder_writes(slug, language):
    assert build.notebook_path(slug, language).read_bytes().decode() == build._text(stored(slug, language))


@every_edition
def test_cell_ids_are_unique(slug, language):
    ids = [cell.id for cell in stored(slug, language).cells]
    assert len(ids) == len(set(ids))


@every_edition
def test_no_output_holds_an_error_or_a_warning(slug, language):
    for cell in code_cells(stored(slug, language)):
        for output in cell.outputs:
            assert output.output_type != "error", f"{slug}: {cell.id} raises"
            assert output.get("name") != "stderr", f"{slug}: {cell.id} writes to stderr: {output.text}"


@every_edition
@pytest.mark.parametrize("what", TRACES)
def test_no_output_tells_of_the_machine_it_was_made_on(slug, language, what):
    for cell in code_cells(stored(slug, language)):
        for output in cell.outputs:
            found = TRACES[what].search(shown(output))
            assert not found, f"{slug}: the output of {cell.id} holds {what}: {found[0]!r}"


@every_edition
def test_no_widget_model_is_stored(slug, language):
    text = build.notebook_path(slug, language).read_text(encoding="utf-8")
    assert "widget-view" not in text
    assert "widget-state" not in text


@every_edition
def test_exercises_are_stored_as_not_attempted(slug, language):
    for cell in code_cells(stored(slug, language)):
        if re.search(r"^check\(", cell.source, re.MULTILINE):
            assert "not attempted" in "\n".join(shown(output) for output in cell.outputs).lower(), f"{slug}: {cell.id}"
        assert not re.search(r"^solution\(", cell.source, re.MULTILINE), f"{slug}: {cell.id} shows a solution"


@every_chapter
def test_code_cells_are_short(slug):
    lengths = {cell.id: len(cell.source.splitlines()) for cell in code_cells(stored(slug, "en"))}
    longest = max(lengths, key=lengths.get)
    assert lengths[longest] <= 15, f"{slug}: {longest} has {lengths[longest]} lines"
    assert statistics.median(lengths.values()) <= 5, f"{slug}: the median code cell has {statistics.median(lengths.values())} lines"


@pytest.mark.parametrize(("slug", "language"), [edition for edition in EDITIONS if edition[1] != "en"])
def test_a_translation_shares_every_code_cell_with_the_english_chapter(slug, language):
    assert code_cells(stored(slug, language)) == code_cells(stored(slug, "en"))
    prose = [{cell.source for cell in stored(slug, edition).cells if cell.cell_type == "markdown"} for edition in ("en", language)]
    assert len(prose[0] & prose[1]) < len(prose[0]) / 2, f"{slug}: most of the {language} prose is English"


@every_edition
def test_every_picture_in_a_notebook_has_a_description(slug, language):
    for cell in stored(slug, language).cells:
        texts = [cell.source] if cell.cell_type == "markdown" else [output.get("data", {}).get("text/html", "") for output in cell.outputs]
        kinds = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        assert not kinds & {"image/png", "image/jpeg", "image/svg+xml"}, (
            f"{slug}: {cell.id} shows a bare picture; use plots.show(figure, alt=...)"
        )
        for text in texts:
            for tag in re.findall(r"<img\b[^>]*>", PNG.sub("PNG", text)):
                assert re.search(r'\balt="[^"]*\w[^"]*"', tag), f"{slug}: {cell.id} has an <img> without alt text"
            for tag in re.findall(r"<svg\b[^>]*>", text):
                described = re.search(r'role="img"', tag) and re.search(r'aria-label="[^"]*\w[^"]*"', tag)
                assert described or 'aria-hidden="true"' in tag, f"{slug}: {cell.id} has an <svg> without role and aria-label"
            for alt in re.findall(r"!\[([^\]]*)\]\(", text) if cell.cell_type == "markdown" else []:
                assert alt.strip(), f"{slug}: {cell.id} has a Markdown picture without a description"


@every_chapter
def test_the_list_of_chapters_names_the_file_its_title_and_its_minutes(slug):
    chapter = next((entry for entry in build.chapters() if f"{entry['number']}_{entry['slug']}" == slug), None)
    assert chapter, f"{slug} is not in notebooks/chapters.toml"
    opening = "\n".join(cell.source for cell in stored(slug, "en").cells[:3])
    assert chapter["title"] in opening.splitlines()[0], (
        f"{slug}: the first line is {opening.splitlines()[0]!r}, the list says {chapter['title']!r}"
    )
    assert re.search(rf"\b{chapter['minutes']} minutes", opening), (
        f"{slug}: the list says {chapter['minutes']} minutes, the opening does not"
    )


def test_the_readme_lists_the_chapters_as_they_are():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == build.readme_with_table(text), "the table of chapters in README.md is out of date. Run: python3 book.py build"


def test_the_list_of_chapters_is_in_order_and_complete():
    numbers = [entry["number"] for entry in build.chapters()]
    assert numbers == [f"{number:02}" for number in range(22)] + ["90", "91"]
    assert all(set(entry) == {"number", "slug", "title", "title_zh", "minutes"} for entry in build.chapters())
