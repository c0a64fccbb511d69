"""Make one JavaScript module out of a widget's module and the modules it imports.

anywidget takes one module as text, and a page opened from a file cannot import another file; so the imports are put in line here. No
build step, no package manager: the modules are written so that joining their texts is enough.
"""

import functools
import re
from pathlib import Path

HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./(?P<name>[\w-]+\.js)";\n', re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:export\s+)?(?:function|class|const|let)\s+(\w+)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)


class BundleError(ValueError):
    """Raised when modules cannot be joined; the message names the line or the name that is in the way."""


@functools.cache
def bundle(name, folder=HERE):
    """Return the text of module `name` of `folder` with every `import {...} from "./other.js"` put in line, each module once.

    All modules come to share one scope, so a top-level name may be used once among them, and imports may not rename.
    Raises BundleError for a clash, a renamed or a foreign import, or a circle of imports.
    """
    texts = {}
    _collect(name, Path(folder), texts, ())
    homes = {}
    for module, text in texts.items():
        for defined in _TOP_LEVEL.findall(text):
            if homes.setdefault(defined, module) != module:
                raise BundleError(f'"{defined}" is defined in {homes[defined]} and in {module}. Rename one of them.')
        if module != name and _DEFAULT.search(text):
            raise BundleError(f"{module} has a default export, but only {name} may. Export it by name.")
    return "\n".join(f"// ---- {module}\n{text}" for module, text in texts.items())


def _collect(name, folder, texts, parents):
    """Add module `name` to `texts`, after the modules it imports."""
    if name in parents:
        raise BundleError(f"imports go in a circle: {' -> '.join((*parents, name))}. Move what they share into a third module.")
    if name in texts:
        return
    text = (folder / name).read_text(encoding="utf-8")
    for found in _IMPORT.finditer(text):
        if " as " in found.group(0):
            raise BundleError(f"{name} renames an import: {found.group(0).strip()} Import it under its own name.")
        _collect(found["name"], folder, texts, (*parents, name))
    text = _IMPORT.sub("", text)
    foreign = re.search(r"^import\b.*", text, re.MULTILINE)
    if foreign:
        raise BundleError(f'{name} has an import that cannot be put in line: {foreign.group(0)} Write import {{ a, b }} from "./file.js";')
    texts[name] = text


@functools.cache
def stylesheet():
    """The style sheet that all widgets share."""
    return (HERE / "common.css").read_text(encoding="utf-8")
