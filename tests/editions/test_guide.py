"""The index of exercises and the teacher's guide: up to date, complete, and counted."""

import re
import shutil

import pytest

from cnnlib import claims, widgets
from cnnlib.exercises.engine import all_exercises, check
from editions import guide

WRITTEN = [chapter for chapter in guide.builder.chapters() if guide.builder.source_path(f"{chapter['number']}_{chapter['slug']}").exists()]


@pytest.fixture
def stale_docs(tmp_path, monkeypatch):
    """A copy of docs/ and README.md in which one line about an exercise is out of date; the builder and the guide write there."""
    shutil.copytree(guide.ROOT / "docs", tmp_path / "docs")
    shutil.copy(guide.ROOT / "README.md", tmp_path)
    monkeypatch.setattr(guide, "ROOT", tmp_path)
    monkeypatch.setattr(guide.builder, "ROOT", tmp_path)
    guide.write()
    index = tmp_path / guide.INDEX
    fresh = index.read_text(encoding="utf-8")
    index.write_text(fresh.replace("| `negative` | ", "| `negative` | Once "), encoding="utf-8")
    return index, fresh


def test_the_generated_pages_match_their_sources():
    assert guide.stale() == {}, "Run: python3 book.py exercises --write, and commit docs/ with the change"


def test_a_page_that_is_out_of_date_is_named_with_the_line_and_the_command(stale_docs, monkeypatch, capsys):
    monkeypatch.setattr(guide.builder, "stale", dict)
    assert guide.builder.main(["--check"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "docs/exercises.md is out of date since an exercise, a chapter or a plan changed; line 11 should be: | `negative` |"
    )
    assert line.endswith("Run: python3 book.py exercises --write")
    guide.write()
    assert guide.builder.main(["--check"]) == 0


def test_building_any_one_chapter_renews_the_pages_even_when_that_chapter_stops_the_build(stale_docs, monkeypatch):
    def stop(slug):
        raise guide.builder.BuildError(f"{slug}: stopped")

    monkeypatch.setattr(guide.builder, "build", stop)
    assert guide.builder.main(["17"]) == 1
    index, fresh = stale_docs
    assert index.read_text(encoding="utf-8") == fresh


def test_the_index_names_every_exercise_once_with_what_is_known_of_it():
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \| (.*) \| (\d+) \| (\d) \| (\d+) \| (\d+) \|$", guide.index_page(), re.MULTILINE)
    known = {each.id: each for each in all_exercises().values()}
    assert [row[0] for row in rows] == sorted(known, key=lambda name: known[name].chapter)
    for name, title, kind, minutes, difficulty, _, wrong in rows:
        each = known[name]
        assert (title, kind, int(minutes), int(difficulty), int(wrong)) == (
            each.title.replace("|", "\\|"), guide.KIND_NAMES[each.kind], each.minutes, each.difficulty, len(each.misconceptions),
        )  # fmt: skip


def test_the_book_has_88_exercises_or_more_and_a_fifth_of_them_is_algebra():
    kinds = [each.kind for each in all_exercises().values()]
    assert len(kinds) >= 88
    assert kinds.count("algebra") >= len(kinds) / 5
    assert min(kinds.count("program"), kinds.count("number")) >= len(kinds) / 5


@pytest.mark.parametrize("chapter", WRITTEN, ids=lambda chapter: chapter["number"])
def test_every_chapter_tells_the_teacher_its_goals_its_needs_and_its_minutes(chapter):
    sheet = guide.chapter_sheet(chapter)
    assert f"{chapter['minutes']} minutes to read and play" in sheet
    if chapter["number"] < "90":
        assert "**Goals.**" in sheet
        assert "**Needs**" in sheet
    for each in guide.exercises_of(chapter):
        assert f"- `{each.id}`, " in sheet
        assert each.misconceptions[0].sentence in sheet


def test_every_written_chapter_has_at_least_four_exercises_where_the_book_teaches():
    few = {chapter["number"]: len(guide.exercises_of(chapter)) for chapter in WRITTEN if "01" <= chapter["number"] <= "20"}
    assert {number for number, count in few.items() if count < 4} == set()


def test_a_plans_minutes_are_those_of_its_chapters_and_exercises():
    day, week, term = guide.plans()
    read = [sum(chapter["minutes"] for session in plan["session"] for chapter in session["chapters"]) for plan in (day, week, term)]
    text = guide.plans_text()
    sums = [int(found) for found in re.findall(r"\*\*sum\*\* \|  \| (\d+) \|", text)]
    assert sums == read
    assert sums[0] <= 6 * 60
    assert all(sum(chapter["minutes"] for chapter in session["chapters"]) <= 120 for session in term["session"])
    assert all(sum(chapter["minutes"] for chapter in session["chapters"]) <= 270 for session in week["session"])


def test_a_day_of_the_week_has_the_hours_that_its_text_says():
    week = guide.plans()[1]
    assert "Five days of three to five hours" in week["text"]
    for day in week["session"]:
        minutes = sum(each["minutes"] for each in day["chapters"]) + sum(each.minutes for each in day["exercises"])
        assert 3 * 60 <= minutes <= 5 * 60, day["when"]


def test_every_chapter_that_teaches_is_in_a_plan_or_named_below_it_as_left_out():
    for plan in guide.plans():
        table, _, left = guide.plan_table(plan).partition("Left for afterwards")
        for chapter in WRITTEN:
            if chapter["number"] < "90":
                place = f"{chapter['number']} {guide.linked(chapter, '../')}"
                assert (place in table) != (chapter["number"] in left), (plan["title"], place)


def test_the_changelog_counts_right():
    text = (guide.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"(\d+) widgets", text) == [str(sum(name[0].isupper() for name in widgets.__all__))]
    assert re.findall(r"(\d+) circulating formulas", text) == [str(len(claims.catalog()))]


def test_in_every_plan_a_chapter_comes_once_and_in_the_books_order():
    for plan in guide.plans():
        numbers = [chapter["number"] for session in plan["session"] for chapter in session["chapters"]]
        assert numbers == sorted(set(numbers)), plan["title"]


def test_a_session_sets_exercises_of_chapters_that_were_met():
    for plan in guide.plans():
        met = set()
        for session in plan["session"]:
            met |= {int(chapter["number"]) for chapter in session["chapters"]}
            assert {each.chapter for each in session["exercises"] or ()} <= met, (plan["title"], session["when"])


def test_a_name_that_does_not_exist_is_an_error_that_says_where(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plans.toml").write_text('[[plan]]\ntitle = "T"\n[[plan.session]]\nchapters = ["03"]\nexercises = ["nothing"]\n')
    monkeypatch.setattr(guide, "ROOT", tmp_path)
    with pytest.raises(guide.builder.BuildError, match=r'docs/plans\.toml, "T": there is no nothing'):
        guide.plans()


def test_the_opening_of_a_chapter_is_read_in_both_its_forms():
    listed = (
        "Words.\n\n**After this chapter you can**\n\n- do [this](x.ipynb);\n- and that.\n\n**You need** chapter 1. More. **Time:** 3.\n"
    )
    inline = "Words. **After it you can** run cells. **You need** nothing. **Time:** 3.\n"
    assert guide.opening(listed) == ("\n\n- do this;\n- and that.", "chapter 1. More.")
    assert guide.opening(inline) == (" run cells.", "nothing.")


@pytest.mark.parametrize(("arguments", "count"), [([], len(all_exercises())), (["--chapter", "03"], 9)])
def test_the_command_prints_the_index(capsys, arguments, count):
    assert guide.main(arguments) == 0
    caption, head, *rows = capsys.readouterr().out.splitlines()
    assert caption.startswith(f"{count} exercises, ")
    assert head.split()[0] == "id"
    assert len(rows) == count


def test_the_readme_quotes_what_the_check_says():
    quoted = (guide.ROOT / "README.md").read_text(encoding="utf-8").split("```")[1]
    code = "\n".join(line[4:] for line in quoted.splitlines() if line.startswith((">>> def", "... ")))
    names = {}
    exec(code, names)
    verdict = check("output-size", names["output_size"])
    assert f'>>> check("output-size", output_size)\n{verdict!r}\n' in quoted
    assert verdict.misconception
