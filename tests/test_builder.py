"""The builder of the notebooks, on small made-up chapters: two builds agree in every byte, and every broken rule is named."""

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent

SETUP = '# First steps\n\n```python key="set-up"\nfrom cnnlib import plots\nimport matplotlib.pyplot as plt\n\nplots.use_style()\n```\n'
PICTURE = '\n```python key="picture"\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\nplots.show(figure, alt="A line.")\n```\n'
WIDGET = '\n```python key="slider"\nimport ipywidgets\n\nprint("first"), print("second")\nipywidgets.IntSlider()\n```\n'
CHINESE = '# 第一步\n\n```python key="set-up"\n```\n\n```python key="picture"\n```\n'


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A builder that works in a folder of its own."""
    spec = importlib.util.spec_from_file_location("build_apart", ROOT / "notebooks" / "build.py")
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    monkeypatch.setattr(builder, "NOTEBOOKS", tmp_path)
    (tmp_path / "source" / "zh").mkdir(parents=True)
    return builder


def write(book, text, slug="98_made_up", language="en"):
    book.source_path(slug, language).write_text(text, encoding="utf-8")
    return slug


def cell_ids(book, text):
    return {cell.source: cell.id for cell in book.assemble(write(book, text)).cells}


def test_two_builds_differ_by_no_byte(book):
    slug = write(book, SETUP + PICTURE + WIDGET)
    write(book, CHINESE + '\n```python key="slider"\n```\n', language="zh")
    first, second = book.build(slug), book.build(slug)
    assert list(first) == [book.notebook_path(slug), book.notebook_path(slug, "zh")]
    assert first == second
    assert "data:image/png" in first[book.notebook_path(slug)]


def test_what_differs_from_run_to_run_is_taken_out(book):
    slug = write(book, SETUP + WIDGET)
    notebook = nbformat.reads(book.build(slug)[book.notebook_path(slug)], as_version=4)
    assert notebook.metadata == book.METADATA
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2]
    assert [cell.metadata for cell in code] == [{}, {}]
    stream, widget = code[1].outputs
    assert stream.text == "first\nsecond\n"
    assert list(widget.data) == ["text/plain"]
    assert widget.execution_count == 2


def test_a_translation_takes_code_tags_and_outputs_from_the_english_chapter(book):
    slug = write(book, SETUP + PICTURE.replace('"picture"', '"picture" tags=["varies"]'))
    write(book, CHINESE, language="zh")
    english, chinese = (nbformat.reads(text, as_version=4) for text in book.build(slug).values())
    assert [cell for cell in chinese.cells if cell.cell_type == "code"] == [cell for cell in english.cells if cell.cell_type == "code"]
    assert chinese.cells[0].source == "# 第一步"
    assert chinese.cells[-1].metadata.tags == ["nbval-ignore-output"]


def test_an_id_stays_when_other_cells_come_before(book):
    before = cell_ids(book, SETUP + "\n## A heading\n\nProse.\n" + PICTURE + "\nNo heading here.\n")
    after = cell_ids(
        book, 'New prose.\n\n```python key="new"\n1\n```\n\n' + SETUP + "\n## A heading\n\nProse.\n" + PICTURE + "\nNo heading here.\n"
    )
    assert before.items() <= after.items()
    assert set(before.values()) >= {"98-set-up", "98-picture", "98-text-first-steps", "98-text-a-heading"}


def test_prose_with_the_same_heading_gets_ids_of_its_own(book):
    book_ids = [cell.id for cell in book.assemble(write(book, SETUP + "\n## Try\n" + PICTURE + "\n## Try\n")).cells]
    assert book_ids[2::2] == ["98-text-try", "98-text-try-2"]


@pytest.mark.parametrize(
    ("english", "chinese", "sentence"),
    [
        ("```python\nx = 1\n```\n", None, r"98_made_up: the code cell that starts with 'x = 1' has no key\. Write ```python key="),
        ('```python key="Not So"\nx = 1\n```\n', None, r"98_made_up: .* has the key 'Not So'"),
        ('```python key="empty"\n```\n', None, r"98_made_up: the code cell 'empty' is empty"),
        (SETUP + SETUP, None, r"98_made_up: the key 'set-up' names 2 cells"),
        (
            SETUP + PICTURE,
            '# 一\n\n```python key="set-up"\n```\n',
            r"code cell 2 of source/zh ends, the English source has the cell 'picture'",
        ),
        (SETUP, CHINESE, r"code cell 2 of source/zh has 'picture', the English source has nothing more"),
        (PICTURE + SETUP, CHINESE, r"code cell 1 of source/zh has 'set-up', the English source has the cell 'picture'"),
        (SETUP, '# 一\n\n```python key="set-up"\nx = 1\n```\n', r"the translated cell 'set-up' holds code or tags"),
    ],
)
def test_a_broken_rule_is_named_with_the_chapter(book, english, chinese, sentence):
    slug = write(book, english)
    if chinese:
        write(book, chinese, language="zh")
    with pytest.raises(book.BuildError, match=sentence):
        book.assemble(slug, book.languages(slug)[-1])


def test_a_translation_without_an_english_chapter_is_an_error(book):
    write(book, CHINESE, slug="97_alone", language="zh")
    with pytest.raises(book.BuildError, match=r"source/zh/97_alone\.md has no English chapter"):
        book.slugs()


def test_a_cell_that_raises_stops_the_build_with_chapter_key_and_traceback(book):
    slug = write(book, SETUP + '\n```python key="wrong"\nnumerator = 1\nnumerator / 0\n```\n\n```python key="later"\n1\n```\n')
    with pytest.raises(book.BuildError) as caught:
        book.build(slug)
    assert str(caught.value).startswith("98_made_up: the cell 'wrong' stopped the build.")
    assert re.search(r"numerator / 0.*ZeroDivisionError: division by zero", str(caught.value), re.DOTALL)
    assert "\x1b" not in str(caught.value)


def test_a_notebook_that_disagrees_with_its_source_is_called_stale(book):
    slug = write(book, SETUP)
    path = book.notebook_path(slug)
    assert book.stale() == {path: "is not built"}
    for built, text in book.build(slug).items():
        book._write(built, text)
    assert book.stale() == {}
    write(book, SETUP.replace("use_style()", "use_style()  # changed"))
    assert book.stale() == {path: "does not match source/98_made_up.md"}
    book.source_path(slug).unlink()
    assert book.stale() == {path: "has no source"}
