"""The tools of editions/ as the command line sees them: what each is for, what it needs, and its arguments.

The arguments are read here, with the standard library alone, so that help and mistakes come before any installation.
"""

import argparse
import os

from launcher.machine import path

# Name: module, what it needs beyond the book's own packages, and what it does.
TOOLS = {
    "site": ("editions.site", "requirements-site.txt", "build the book as static pages"),
    "release": ("editions.releases", None, "make a student release, an edition with solutions or a course folder for nbgrader"),
    "exercises": ("editions.guide", None, "list all exercises, or write the generated pages of docs/"),
    "lite": ("editions.lite", None, "build the book for JupyterLite, where Python runs in the browser"),
}


def folder(text):
    """A folder that is there or can be made."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the folder has no name. Name a folder.")
    if os.path.exists(text) and not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text} is a file. Name a folder.")
    return text


def chapter(text):
    """The number of a chapter as two digits; 3 means 03."""
    if not (text.isdigit() and len(text) <= 2):
        raise argparse.ArgumentTypeError(f"{text} is no chapter. Write two digits, such as 03.")
    return text.zfill(2)


def add_arguments(name, parser):
    """Give a parser the arguments of a tool; returns the parser."""
    if name in ("site", "lite"):
        default = {"site": "site", "lite": "lite-site"}[name]
        where = f"the folder to write (default: {default}/ in the book's folder)"
        parser.add_argument("--to", type=folder, default=path(default), metavar="FOLDER", help=where)
    if name == "site":
        parser.add_argument("--pdf", action="store_true", help="also print the whole book into book.pdf")
    elif name == "release":
        parser.add_argument("edition", choices=("student", "solutions", "nbgrader"))
        parser.add_argument("folder", type=folder, help="a new or empty folder, or one from an earlier run")
        chapters = "solutions and nbgrader: these chapters, two digits each; those of earlier runs stay as they are"
        parser.add_argument("--chapter", nargs="+", type=chapter, default=[], metavar="NN", help=chapters)
    elif name == "exercises":
        parser.add_argument("--chapter", type=chapter, metavar="NN", help="two digits: this chapter's exercises alone")
        parser.add_argument("--write", action="store_true", help="write docs/exercises.md and the generated parts of docs/teachers.md")
    else:
        parser.add_argument("--pyodide", metavar="ARCHIVE", help="a Pyodide distribution, pyodide-VERSION.tar.bz2, to put inside")
    return parser


def read(name, arguments):
    """The arguments of a tool, as its module gets them."""
    return add_arguments(name, argparse.ArgumentParser(prog="book.py " + name, description=TOOLS[name][2])).parse_args(arguments)
