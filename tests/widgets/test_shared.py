"""What all widgets share: the bundler, the colours, and numbers as text."""

import re
import subprocess
import sys

import pytest

from cnnlib import widgets
from cnnlib.plots import COLORS
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.bundle import HERE, BundleError, bundle, stylesheet
from cnnlib.widgets.static import format_number, format_term


def module(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")


def test_each_module_is_put_in_line_once_and_before_its_users(tmp_path):
    module(tmp_path, "a.js", 'import { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\nexport default { b, c };\n')
    module(tmp_path, "b.js", 'import { c } from "./c.js";\nexport const b = c + 1;\n')
    module(tmp_path, "c.js", "export const c = 1;\n")
    text = bundle("a.js", tmp_path)
    assert re.findall(r"// ---- (\S+)", text) == ["c.js", "b.js", "a.js"]
    assert "import" not in text


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("const mine = 1;\n", '"mine" is defined in b.js and in a.js. Rename one of them.'),
        ("export default 1;\n", "b.js has a default export, but only a.js may. Export it by name."),
        ('import x from "https://cdn.example/x.js";\n', "b.js has an import that cannot be put in line"),
        ('import { x as y } from "./c.js";\n', "b.js renames an import"),
        ('import { mine } from "./a.js";\n', "imports go in a circle: a.js -> b.js -> a.js. Move what they share into a third module."),
    ],
)
def test_modules_that_cannot_share_one_scope_are_refused(tmp_path, other, words):
    module(tmp_path, "a.js", 'import { b } from "./b.js";\nexport function mine() {}\n')
    module(tmp_path, "b.js", other)
    with pytest.raises(BundleError) as caught:
        bundle("a.js", tmp_path)
    assert str(caught.value).startswith(words)


def test_the_style_sheet_uses_the_books_colours():
    light = stylesheet().split("}")[0]
    for name, colour in (("blue", "blue"), ("orange", "orange"), ("green", "green"), ("focus", "blue")):
        assert re.search(rf"--cnn-{name}: (#\w+);", light)[1].upper() == COLORS[colour]


def test_no_widget_module_asks_another_server():
    for file in (*HERE.glob("*.js"), *HERE.glob("*.css")):
        assert set(re.findall(r"https?://[^\s\"']+", file.read_text(encoding="utf-8"))) <= {"http://www.w3.org/2000/svg"}, file.name


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (-2, "−2"), (1 / 3, "0.333"), (0.0005, "0.001"), (-0.0001, "0"), (100, "100"), (12.5, "12.5")]
)
def test_numbers_are_written_as_readers_write_them(value, text):
    assert format_number(value) == text
    assert format_term(value) == (f"({text})" if text.startswith("−") else text)


def test_every_public_name_is_there_and_no_other():
    for name in widgets.__all__:
        assert getattr(widgets, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = widgets.Nothing


def test_every_widget_has_a_module_a_picture_and_a_description():
    found = [kind for kind in map(widgets.__getattr__, widgets.__all__) if isinstance(kind, type) and issubclass(kind, BookWidget)]
    assert found
    for kind in found:
        widget = kind()
        assert "export default" in widget._esm
        assert repr(widget).startswith(f"{kind.__name__}(")
        assert " at 0x" not in repr(widget)
        assert widget.static_svg() == kind().static_svg()
        assert widget.description
        assert widget.static_html().startswith("<img ")


@pytest.mark.parametrize("missing", ["anywidget", "traitlets"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from cnnlib import widgets\n"
        "try: widgets.SlidingWindowPlayer\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert told == f'the widgets need {missing}, which is not installed. Run: python -m pip install "cnnlib[book]"'
