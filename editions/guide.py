"""The index of all exercises, and the generated parts of docs/: what teachers look up, made from the chapters and the exercises.

    python3 book.py exercises                  print the index
    python3 book.py exercises --chapter 03     of one chapter
    python3 book.py exercises --write          write docs/exercises.md and the generated parts of docs/teachers.md

`python3 book.py build` writes these pages too. A test holds them to their sources.
"""

import re
import sys
import tomllib
from itertools import zip_longest
from pathlib import Path

from cnnlib.exercises.engine import all_exercises
from cnnlib.exercises.reader import catalog
from cnnlib.exercises.verdict import Table
from editions.nbgrader_course import points
from launcher.tools import read

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))
import build as builder  # noqa: E402 - the list of chapters has one home

KIND_NAMES = {"program": "program", "algebra": "algebra", "number": "by hand"}
TEACHERS = "docs/teachers.md"
INDEX = "docs/exercises.md"


def pages():
    """The generated pages as {name: text}: the index, and the guide with its generated parts renewed."""
    guide = (ROOT / TEACHERS).read_text(encoding="utf-8")
    return {INDEX: index_page(), TEACHERS: filled(filled(guide, "plans", plans_text()), "chapters", chapters_text())}


def stale():
    """{name: reason} of the generated pages that do not match their sources; the reason shows the first line that differs."""
    reasons = {}
    for name, text in pages().items():
        there = (ROOT / name).read_text(encoding="utf-8") if (ROOT / name).exists() else ""
        if there != text:
            lines = enumerate(zip_longest(there.splitlines(True), text.splitlines(True), fillvalue="absent"), 1)
            number, line = next((number, new) for number, (old, new) in lines if old != new)
            reasons[name] = f"is out of date since an exercise, a chapter or a plan changed; line {number} should be: {line.rstrip()}"
    return reasons


def write():
    """Write the generated pages and return their names."""
    made = pages()
    for name, text in made.items():
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
    return list(made)


def filled(text, name, content):
    """The text with new content between the two markers of this name."""
    start, end = f"<!-- {name}: written by editions/guide.py -->", f"<!-- end of {name} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise builder.BuildError(f"{TEACHERS} needs the markers {start} and {end}, once each, around the generated part.")
    head, rest = text.split(start)
    return f"{head}{start}\n{content}\n{end}{rest.split(end)[1]}"


def exercises_of(chapter):
    """The exercises of a chapter (a row of chapters.toml)."""
    return [each for each in all_exercises().values() if each.chapter == int(chapter["number"])]


def row(cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


# The index


def index_page():
    """docs/exercises.md: every exercise with its kind, minutes, difficulty, points and the number of wrong answers its check knows."""
    everything = list(all_exercises().values())
    kinds = ", ".join(f"{name} {sum(each.kind == kind for each in everything)}" for kind, name in KIND_NAMES.items())
    known = sum(len(each.misconceptions) for each in everything)
    lines = [
        "# Index of exercises",
        "",
        "Written by `python3 book.py build` from `cnnlib/exercises/`; do not edit it here.",
        "",
        f"{len(everything)} exercises ({kinds}), {sum(each.minutes for each in everything)} minutes. Their checks know {known} wrong "
        "answers, each with a sentence of its own. Difficulty is 1 to 3; points are those of an nbgrader course.",
    ]
    for chapter in builder.chapters():
        found = exercises_of(chapter)
        if found:
            lines += ["", f"## {chapter['number']} {linked(chapter, '../')}", ""]
            lines += [
                row(["id", "title", "kind", "minutes", "difficulty", "points", "wrong answers known"]),
                "|---|---|---|---|---|---|---|",
            ]
            lines += [index_row(each) for each in found]
    return "\n".join(lines) + "\n"


def index_row(each):
    """An exercise's line in docs/exercises.md."""
    cells = [f"`{each.id}`", each.title, KIND_NAMES[each.kind], each.minutes, each.difficulty, points(each)]
    return row([*cells, len(each.misconceptions)])


def linked(chapter, up):
    """A chapter's title, with a link to its notebook where that is built."""
    slug = f"{chapter['number']}_{chapter['slug']}"
    return f"[{chapter['title']}]({up}notebooks/{slug}.ipynb)" if builder.source_path(slug).exists() else chapter["title"]


# The guide's parts


def chapters_text():
    """For every chapter: its time, what it teaches, what it needs, its exercises, and one typical wrong answer to each."""
    return "\n\n".join(chapter_sheet(chapter) for chapter in builder.chapters())


def chapter_sheet(chapter):
    found, heading = exercises_of(chapter), f"### {chapter['number']} {linked(chapter, '../')}"
    slug = f"{chapter['number']}_{chapter['slug']}"
    if not builder.source_path(slug).exists():
        return f"{heading}\n\nPlanned."
    goals, needs = opening(builder.source_path(slug).read_text(encoding="utf-8"))
    work = sum(each.minutes for each in found)
    time = f"{chapter['minutes']} minutes to read and play" + (
        f", {work} for {len(found)} exercise{'s' * (len(found) > 1)}" if found else ""
    )
    lines = [heading, "", f"**Time:** {time}.", ""]
    if goals:
        lines += [f"**Goals.** After it, students can{goals}", ""]
    if needs:
        lines += [f"**Needs** {needs}", ""]
    if found:
        lines += ["**Misconceptions to listen for.** What the check says to one typical wrong answer of each exercise:", ""]
        lines += [typical(each) for each in found]
    return "\n".join(lines).rstrip()


def typical(each):
    """An exercise's line in docs/teachers.md: the wrong answer that its author put first."""
    wrong = each.misconceptions[0]
    return f"- `{each.id}`, {wrong.id.replace('-', ' ')}: {wrong.sentence}"


def opening(source):
    """(goals, needs) from the opening lines of a chapter's source: what follows "can", a list as a rule, and what follows "You need"."""
    listed = re.search(r"\*\*After this chapter you can\*\*\s*\n((?:- .*\n)+)", source)
    inline = re.search(r"\*\*After it you can\*\* (.*?)(?= \*\*You need|\n)", source)
    needs = re.search(r"\*\*You need\*\* (.*?)(?= \*\*Time|\n)", source)
    goals = f"\n\n{listed[1].rstrip()}" if listed else f" {inline[1]}" if inline else ""
    return unlinked(goals), unlinked(needs[1]) if needs else ""


def unlinked(text):
    """Links of a chapter lead from its own folder: keep their words."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def plans():
    """The course plans of docs/plans.toml, with every chapter and exercise that they name looked up."""
    chapters = {chapter["number"]: chapter for chapter in builder.chapters()}
    exercises = all_exercises()
    written = tomllib.loads((ROOT / "docs" / "plans.toml").read_text(encoding="utf-8"))["plan"]
    for plan in written:
        for session in plan["session"]:
            missing = [each for each in session.get("exercises", []) if each not in exercises]
            missing += [each for each in session["chapters"] if each not in chapters]
            if missing:
                raise builder.BuildError(f'docs/plans.toml, "{plan["title"]}": there is no {missing[0]}. Correct the name there.')
            session["chapters"] = [chapters[each] for each in session["chapters"]]
            session["exercises"] = [exercises[each] for each in session["exercises"]] if "exercises" in session else None
    return written


def plans_text():
    """The plans as tables whose minutes are counted, not written."""
    return "\n\n".join(plan_table(plan) for plan in plans())


def plan_table(plan):
    head = ["when", "chapters", "read and play", "exercises", "their minutes", "remark"]
    lines, reading, working = [row(head), "|---|---|---|---|---|---|"], 0, 0
    for session in plan["session"]:
        chosen = session["exercises"]
        everything = [each for chapter in session["chapters"] for each in exercises_of(chapter)]
        tasks = everything if chosen is None else chosen
        names = (f"all {len(tasks)}" if tasks else "") if chosen is None else ", ".join(f"`{each.id}`" for each in chosen)
        read, work = sum(chapter["minutes"] for chapter in session["chapters"]), sum(each.minutes for each in tasks)
        titles = ", ".join(f"{chapter['number']} {linked(chapter, '../')}" for chapter in session["chapters"])
        lines.append(row([session["when"], titles, read, names, work, session.get("remark", "")]))
        reading, working = reading + read, working + work
    lines.append(row(["**sum**", "", reading, "", working, ""]))
    met = [chapter for session in plan["session"] for chapter in session["chapters"]]
    left = [chapter["number"] for chapter in builder.chapters() if chapter not in met and chapter["number"] < "90"]
    lines += ["", f"Left for afterwards, for projects and for the curious: chapters {', '.join(left)}."] if left else []
    return f"### {plan['title']}\n\n{plan['text'].strip()}\n\n" + "\n".join(lines)


def main(arguments=None):
    """Print the index or write the pages; return the exit code."""
    options = read("exercises", arguments)
    if options.write:
        for name in write():
            print(f"wrote {name}")
        return 0
    if options.chapter and options.chapter not in [chapter["number"] for chapter in builder.chapters()]:
        print(f"There is no chapter {options.chapter}. README.md lists them.", file=sys.stderr)
        return 1
    rows = [each for each in catalog() if not options.chapter or each["chapter"] == int(options.chapter)]
    print(Table(rows, f"{len(rows)} exercises, {sum(each['minutes'] for each in rows)} minutes"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
