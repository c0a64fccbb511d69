"""What stands in a chapter for a mark in its source: an exercise, the glossary, the answered questions."""

import re
import tomllib
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent


class NoSuchSection(ValueError):
    """Raised for a question that points to a section which no chapter has."""


def expanded(text, language="en"):
    """Replace every mark of a source: `<!-- exercise: id -->`, `<!-- glossary -->`, `<!-- questions -->`."""
    for mark, table in (("<!-- glossary -->", lambda: glossary_table(language)), ("<!-- questions -->", questions_text)):
        if mark in text:
            text = text.replace(mark, table())
    return re.sub(r"^<!-- exercise: (\S+) -->$", lambda found: exercise_text(found[1]), text, flags=re.MULTILINE)


def exercise_text(exercise_id):
    """An exercise as it stands in a chapter, in place of `<!-- exercise: id -->`: its task, the cell to fill in, and a cell with a hint."""
    from cnnlib.exercises.engine import find

    exercise = find(exercise_id)
    kind = {"program": "a program", "algebra": "algebra", "number": "by hand"}[exercise.kind]
    return (
        f"### Exercise `{exercise.id}`: {exercise.title}\n\n*{kind}, about {exercise.minutes} minutes, "
        f"difficulty {exercise.difficulty} of 3*\n\n{exercise.task}\n\n"
        f'```python key="exercise-{exercise.id}"\n{exercise.cell.strip()}\n```\n\n'
        f'```python key="hint-{exercise.id}"\nhint("{exercise.id}")\n```\n'
    )


def glossary_table(language):
    """The words of the book with one sentence each, in place of `<!-- glossary -->` in a source."""
    words = tomllib.loads((NOTEBOOKS / "glossary.toml").read_text(encoding="utf-8"))["words"]
    head = {"en": "in one sentence", "zh": "一句话"}[language]
    sentence = {"en": 2, "zh": 3}[language]
    rows = [f"| English | 中文 | {head} |", "|---|---|---|"]
    return "\n".join(rows + [f"| {word[0]} | {word[1]} | {word[sentence]} |" for word in sorted(words, key=lambda word: word[0].lower())])


def questions_text():
    """The groups of questions.toml, each as a heading and a table: the question, the answer in a sentence, and the section."""
    groups = tomllib.loads((NOTEBOOKS / "questions.toml").read_text(encoding="utf-8"))["group"]
    parts = []
    for number, group in enumerate(groups, 1):
        rows = ["| question | in one sentence | where |", "|:--|:--|:--|"]
        rows += [f"| {question} | {answer} | {section_link(place)} |" for question, answer, place in group["questions"]]
        parts.append(f"## 91.{number} {group['title']}\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def section_link(place):
    """A link to a section named by its number, such as 11.5."""
    from cnnlib.claims.pages import anchor

    source = next((NOTEBOOKS / "source").glob(f"{int(place.partition('.')[0]):02}_*.md"), None)
    text = source.read_text(encoding="utf-8") if source else ""
    heading = re.search(rf"^## ({re.escape(place)} .+?)\s*$", text, re.MULTILINE)
    if heading is None:
        raise NoSuchSection(f"questions.toml points to section {place}, and no chapter has it. Correct the number.")
    return f"[{heading[1]}]({source.stem}.ipynb#{anchor(heading[1])})"
