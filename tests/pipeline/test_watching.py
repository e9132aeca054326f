"""What a watch does in each round: decided with a clock that the test turns, and graders that do as they are told."""

import errno
import shutil
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from grader import intake
from grader.cli import watched
from grader.errors import DatabaseUnreachable, NoSubmissions, SetupError, Unreadable
from grader.intake import arriving
from grader.labs import Course
from grader.model import CheckResult, Ending, Outcome, Refusal, Run, Student
from grader.pipeline import grading, publishing, watching
from grader.pipeline.again import AGAIN_FIRST, AGAIN_MOST, TRIES, Delay
from grader.pipeline.arrived import arrivals
from grader.pipeline.watching import Drop, Watch
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
RIGHT = "def double(n): return 2 * n\n"


@dataclass
class Terms:
    dataset: str = "none"
    sandbox: str = "sandbox"

    def identity(self):
        return self.sandbox


@dataclass
class Graders:
    """Grade at once; until `mended`, a run breaks whose file says `break`, and none is made where it says `lose`.

    Nobody grades while `away` says why.
    """

    terms: Terms = field(default_factory=Terms)
    jobs: int = 2
    away: Exception | None = None
    graded: Counter = field(default_factory=Counter)
    mended: bool = False

    def grade(self, todo, store, watcher):
        if self.away:
            raise self.away
        faults = {}
        for work in todo:
            found = store.submission(work.ids[0])
            self.graded[found.student.key] += 1
            if self.says("lose", found):
                faults |= dict.fromkeys(work.ids, "The sandbox was lost.")
                continue
            watcher.warned("This machine is an open book.")
            watcher.started(work.key.submission, found.student.name, len(work.ids))
            broken = self.says("break", found)
            check = CheckResult("doubles", "double", "", Outcome.PASSED, 10.0, 10.0)
            run = Run(Ending.BROKEN, fault="The sandbox was lost.") if broken else Run(Ending.COMPLETED, (check,))
            store.save(work.ids, work.key, run)
            watcher.finished(work.key.submission, run, len(work.ids))
            faults |= dict.fromkeys(work.ids, run.fault) if broken else {}
        return faults

    def says(self, word, found):
        return not self.mended and any(word.encode() in content for content in found.files.values())


class Scribe:
    """Writes down what is told."""

    def __init__(self):
        self.said = []
        self.rounds = []

    def told(self, sentence):
        self.said.append(sentence)

    warned = told

    def refused(self, refusal):
        self.said.append(f"refused: {refusal.student.key}")

    def graded(self, summary, page):
        self.rounds.append((summary.graded, summary.kept, len(summary.refusals)))

    def collected(self, found, refused): ...

    def planned(self, todo, gradings, kept): ...

    def started(self, content, name, submissions): ...

    def finished(self, content, run, submissions): ...


class Scene:
    """A folder, and a watch whose time passes when the test says so."""

    def __init__(self, place):
        self.place = place
        self.folder = place / "in"
        self.folder.mkdir()
        self.course = Course(Path(shutil.copytree(TINY, place / "course")))
        self.store = Store.open(place / "grades.db")
        self.graders = Graders()
        self.scribe = Scribe()
        self.now = 0.0
        self.drop = Drop(self.folder, self.course, "double", place / "pages")
        self.watch = self.begin()

    def begin(self, **other):
        drop = watching.Drop(**{**{name: getattr(self.drop, name) for name in Drop.__slots__}, **other})
        return Watch(drop, lambda _lab: self.graders, self.store, self.scribe, 5.0, lambda: self.now)

    def put(self, path, text=RIGHT):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(f"# {path}\n{text}")

    def after(self, *seconds):
        """A round after so many seconds, and so on."""
        for each in seconds:
            self.now += each
            self.watch.round()

    def settle(self):
        self.after(0, 5)

    def scores(self):
        return {grade.student.key: grade.score if grade.graded else None for grade in self.store.grades("double")}


@pytest.fixture
def scene(tmp_path):
    made = Scene(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def reads(monkeypatch):
    """Whose files were read."""
    found = []
    take = intake.Survey.take

    def counted(survey):
        for item, taken in zip(survey.found, take(survey), strict=True):
            found.append(item.student.key)
            yield taken

    monkeypatch.setattr(intake.Survey, "take", counted)
    return found


# ---------------------------------------------------------------- what arrives


def test_what_settles_is_graded_and_the_pages_are_written_once_a_round(scene):
    scene.put("ana.py")
    scene.put("bo/double.py")
    scene.after(0, 4.9)
    assert scene.scores() == {}
    scene.after(0.1)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert (scene.place / "pages" / "students" / "ana.html").is_file()
    scene.after(2, 2, 2)
    assert scene.scribe.rounds == [(2, 0, 0)]


def test_the_starter_beside_a_notebook_is_not_what_is_graded(scene):
    (scene.course.root / "assignments" / "double" / "double.py").write_text("# ana/double.py\ndef double(n): ...\n")
    scene.put("ana/double.py", "def double(n): ...\n")
    (scene.folder / "ana" / "double.ipynb").write_text('{"cells": []}')
    scene.settle()
    (found,) = scene.store.counting("double", "latest")
    assert scene.store.submission(found.id).entry == "double.ipynb"


def test_only_what_changed_is_read_again(scene, reads):
    for student in ("ana", "bo", "cem"):
        scene.put(f"{student}.py")
    scene.settle()
    assert sorted(reads) == ["ana", "bo", "cem"]
    reads.clear()
    scene.put("bo.py", "def double(n): return n + n\n")
    scene.after(*[2.5] * 4)
    assert reads == ["bo"]
    assert scene.graders.graded == Counter(ana=1, bo=2, cem=1)


def test_while_nothing_changes_nothing_but_the_folder_is_looked_at(scene, monkeypatch):
    scene.put("ana.py")
    scene.settle()
    monkeypatch.setattr(intake, "survey_filling", None)
    monkeypatch.setattr(grading, "known", None)
    scene.after(2, 2, 2)
    assert scene.scribe.said == ["This machine is an open book."]


def test_a_replaced_file_is_a_new_attempt_and_a_removed_one_keeps_its_result(scene):
    scene.put("ana.py")
    scene.settle()
    scene.put("ana.py", "def double(n): return n + n\n")
    scene.after(1, 5)
    (scene.folder / "ana.py").unlink()
    scene.after(2, 5)
    (grade,) = scene.store.grades("double")
    assert (grade.score, grade.attempts) == (10.0, 2)


def test_what_comes_back_is_taken_in_again(scene):
    scene.put("ana.py")
    scene.settle()
    (scene.folder / "ana.py").unlink()
    scene.after(2)
    scene.put("ana.py", "def double(n): return n + n\n")
    scene.after(2, 5)
    assert scene.graders.graded["ana"] == 2


def test_what_changes_while_it_is_read_waits_until_it_is_whole(scene, monkeypatch):
    take = intake.Survey.take

    def slow(survey):
        for taken in take(survey):
            with (scene.folder / "ana.py").open("a") as file:
                file.write("# more")
            yield taken

    scene.put("ana.py")
    with monkeypatch.context() as patch:
        patch.setattr(intake.Survey, "take", slow)
        scene.settle()
    assert scene.scores() == {}
    scene.after(2, 5)
    assert scene.scores() == {"ana": 10.0}


def test_what_goes_between_the_look_and_the_reading_is_nobodys_refusal(scene, monkeypatch):
    take = intake.Survey.take

    def late(survey):
        (scene.folder / "bo.py").unlink(missing_ok=True)
        yield from take(survey)

    monkeypatch.setattr(intake.Survey, "take", late)
    scene.put("ana.py")
    scene.put("bo.py")
    scene.settle()
    assert scene.scores() == {"ana": 10.0}
    assert not [said for said in scene.scribe.said if said.startswith("refused")]


def test_what_cannot_be_opened_has_not_arrived_and_is_said_once(scene, monkeypatch, reads):
    scene.put("ana.py")
    scene.put("bo.py")
    shut = {"bo.py"}
    monkeypatch.setattr(
        arriving, "closed", lambda files: "Permission denied" if any(file.name in shut for file in files) else ""
    )
    scene.settle()
    scene.after(2, 2, 2)
    assert scene.scores() == {"ana": 10.0}
    (told,) = [said for said in scene.scribe.said if "cannot be opened" in said]
    assert told == "bo.py cannot be opened (Permission denied), so it has not arrived. It is tried again."
    shut.clear()  # without a trace in the folder, as when another program on a network drive lets it go
    scene.after(2)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert reads == ["ana", "bo"]


def test_what_a_drive_does_not_give_is_no_refusal_and_is_tried_again_later_and_later(scene, monkeypatch):
    """No trace of it is in the folder: neither when it fails nor when it is over."""
    scene.put("ana.py")
    scene.put("bo.py")
    tries = []
    read = intake.folder.Folder.read

    def stale(self, member, most):
        if member.path != "ana.py":
            return read(self, member, most)
        tries.append(scene.now)
        raise Unreadable("ana.py could not be read (Stale file handle).")

    with monkeypatch.context() as patch:
        patch.setattr(intake.folder.Folder, "read", stale)
        scene.settle()
        scene.after(*[2.0] * 60)
    assert scene.scores() == {"bo": 10.0}
    assert [later - earlier for earlier, later in pairwise(tries)] == [2, 4, 8, 16, 32]
    (told,) = [said for said in scene.scribe.said if "Stale" in said]
    assert told == "ana.py could not be read (Stale file handle). It is tried again."
    scene.after(60)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert not [said for said in scene.scribe.said if said.startswith("refused")]


def test_a_file_that_a_drive_does_not_show_keeps_nobody_else_waiting(scene, monkeypatch):
    scene.put("ana.py")
    scene.put("bo.py")
    lstat = Path.lstat

    def stale(self):
        if self.name == "bo.py":
            raise OSError(errno.ESTALE, "Stale file handle")
        return lstat(self)

    walk = arriving._walk
    hidden = (-1, 0, 0)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "lstat", stale)
        patch.setattr(
            arriving, "_walk", lambda root: ((path, hidden if path == "bo.py" else m) for path, m in walk(root))
        )
        scene.settle()
        scene.after(2, 2)
        assert scene.scores() == {"ana": 10.0}
    (told,) = [said for said in scene.scribe.said if "Stale" in said]
    assert told == "bo.py cannot be opened (Stale file handle), so it has not arrived. It is tried again."
    scene.after(2, 5)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert not [said for said in scene.scribe.said if said.startswith("refused")]


def test_files_of_one_student_at_the_top_are_graded_together(scene):
    """As a platform's download has them: no attempt without the module that it needs."""
    scene.put("anasilva_101_2001_double.py", "import helper_module\n")
    scene.after(0, 4)
    scene.put("anasilva_101_2002_helper_module.py")
    scene.after(1, 2, 5)
    (grade,) = scene.store.grades("double")
    assert (grade.student.key, grade.attempts) == ("101", 1)


def test_a_stray_file_makes_nobody_somebody_else_also_for_a_watch_that_begins_anew(scene):
    scene.put("doejane_1234_5678_double.py")
    scene.put("leebob_1235_5679_double.py")
    scene.settle()
    scene.put("my_test.py")
    scene.put("leebob_1235_5680_double-1.py")
    (scene.folder / "leebob_1235_5679_double.py").unlink()
    scene.after(2, 5)
    scene.watch = scene.begin()
    scene.put("solution.py")
    scene.put("late.py")
    scene.settle()
    assert {grade.student.key: grade.attempts for grade in scene.store.grades("double")} == {"1234": 1, "1235": 2}
    assert [said for said in scene.scribe.said if said.startswith("my_test.py is not called as Canvas")]


def test_a_refusal_is_told_once(scene):
    scene.put("ana/notes.txt", "no code")
    scene.settle()
    (scene.folder / "ana" / "notes.txt").touch()
    scene.after(2, 5)
    assert scene.scribe.said.count("refused: ana") == 1
    assert scene.scores() == {"ana": None}


def test_what_a_program_has_not_finished_is_left_alone_and_told_once(scene):
    scene.put("ana.py.part")
    scene.settle()
    scene.after(2, 2)
    assert scene.scores() == {}
    assert scene.scribe.said == ["ana.py.part is called like something unfinished, so it is left alone."]
    (scene.folder / "ana.py.part").rename(scene.folder / "ana.py")
    scene.after(2, 5)
    assert scene.scores() == {"ana": 10.0}


def test_a_second_watch_finds_all_graded(scene):
    scene.put("ana.py")
    scene.settle()
    scene.watch = scene.begin()
    scene.settle()
    assert scene.scribe.rounds == [(1, 0, 0), (0, 1, 0)]
    assert scene.graders.graded == Counter(ana=1)


@pytest.mark.parametrize("asked", ["grades", "students"])
def test_whoever_is_in_the_lab_has_a_name_also_where_another_watch_takes_them_in_meanwhile(scene, monkeypatch, asked):
    ask = getattr(Store, asked)

    def then_another_takes_in(self, *words):
        found = ask(self, *words)
        self.refuse(Refusal(Student("ana", "Ana"), "double", "ana.py", "No code."))
        return found

    monkeypatch.setattr(Store, asked, then_another_takes_in)
    known = grading.known(scene.course.lab("double"), scene.store)
    assert known.here <= known.names.keys()


def test_nothing_arrives_while_what_says_whose_it_is_is_being_written(tmp_path):
    (tmp_path / "submission_1").mkdir()
    (tmp_path / "submission_1" / "double.py").write_text(RIGHT)
    (tmp_path / "submission_metadata.yml").write_text("submission_1:\n  :submitters:\n  - :name: Ana\n")
    survey, listing = intake.survey_filling(tmp_path, "double"), arriving.listed(tmp_path)
    assert arrivals(survey, listing, frozenset({"submission_1"})) == []
    assert len(arrivals(survey, listing, frozenset(listing))) == 1


# ---------------------------------------------------------------- what belongs to the lab


def test_a_changed_suite_grades_all_that_is_there_once_it_is_whole(scene):
    scene.put("ana.py")
    scene.put("bo.py")
    scene.settle()
    suite = scene.course.root / "reference" / "double" / "test_hidden.py"
    suite.write_text(suite.read_text() + "# mended\n")
    scene.put("cem.py")
    scene.after(1, 4)
    assert scene.graders.graded == Counter(ana=1, bo=1)
    scene.after(1)
    assert scene.graders.graded == Counter(ana=2, bo=2, cem=1)


def test_another_sandbox_grades_all_that_is_there(scene):
    scene.put("ana.py")
    scene.settle()
    scene.graders.terms.sandbox = "another"
    scene.put("bo.py")
    scene.after(1, 5)
    assert scene.graders.graded == Counter(ana=2, bo=1)


def test_once_grades_nothing_while_somebody_writes_the_lab(scene, monkeypatch, capsys):
    toml = scene.course.root / "assignments" / "double" / "lab.toml"
    writing = [True, False]

    def sleep(seconds):
        scene.now += seconds
        if writing.pop(0):
            toml.write_text(toml.read_text() + "# more to come\n")

    monkeypatch.setattr(watched.time, "sleep", sleep)
    scene.put("ana.py")
    assert watched.once(scene.watch, 5) == 3
    assert "just being written" in capsys.readouterr().out
    assert scene.scores() == {}
    assert watched.once(scene.watch, 5) == 0
    assert scene.scores() == {"ana": 10.0}


def test_a_lab_toml_that_breaks_the_rules_is_waited_for(scene):
    scene.put("ana.py")
    scene.settle()
    toml = scene.course.root / "assignments" / "double" / "lab.toml"
    whole = toml.read_text()
    toml.write_text(whole + "colour = 'red'\n")
    scene.put("bo.py")
    scene.after(1, 5, 60, 60)
    (told,) = [said for said in scene.scribe.said if "lab.toml" in said]
    assert "colour" in told
    assert told.endswith("Until that is over nothing is graded; it is tried again and again.")
    toml.write_text(whole)
    scene.after(60, 60)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert scene.scribe.said[-2:] == [
        "double or its roster changed, and is read again.",
        "It goes on: nothing is in the way of grading any more.",
    ]


def test_other_rules_of_what_counts_come_into_effect(scene):
    scene.put("ana.py")
    scene.settle()
    toml = scene.course.root / "assignments" / "double" / "lab.toml"
    toml.write_text(toml.read_text() + '\n[grade]\nattempt = "best"\n')
    scene.after(1, 5)
    assert scene.store.policy("double").attempt == "best"
    assert scene.graders.graded == Counter(ana=1)


def test_a_roster_is_read_again_when_it_changes(scene):
    roster = scene.place / "class.csv"
    roster.write_text("id,name\nana,Ana Silva\n")
    scene.watch = scene.begin(roster=roster)
    scene.put("ana.py")
    scene.put("bo.py")
    scene.settle()
    assert [said for said in scene.scribe.said if "key of their own" in said]
    roster.write_text("id,name\nana,Ana Silva\nbo,Bo Chen\n")
    scene.after(1, 5)
    assert {grade.student.key: grade.student.name for grade in scene.store.grades("double")} == {
        "ana": "Ana Silva",
        "bo": "Bo Chen",
    }


# ---------------------------------------------------------------- what goes wrong


def test_delays_double_up_to_a_most():
    delay = Delay(30, 3600)
    assert [delay.failed(0) for _ in range(9)] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert not delay.is_over(3599)
    assert delay.is_over(3600)
    assert [Delay(30, 3600, failures=10**6).failed(0)] == [3600]


def test_what_our_side_failed_is_tried_again_later_and_later_also_when_its_file_is_gone(scene):
    scene.put("ana.py", "lose\n")
    scene.put("bo.py")
    scene.settle()
    assert scene.scores() == {"ana": None, "bo": 10.0}
    (scene.folder / "ana.py").unlink()
    scene.after(*[2.0] * 1800)  # an hour
    tries = scene.graders.graded["ana"]
    assert tries == 1 + 6  # after 30, 60, 120, 240, 480 and 960 seconds, of which rounds see the next even one
    (told,) = [said for said in scene.scribe.said if said.startswith("Not graded")]
    assert told == "Not graded: ana: The sandbox was lost. It is tried again, at longer and longer intervals."
    assert scene.watch.ungraded == 1
    scene.graders.mended = True
    scene.after(AGAIN_MOST)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert scene.watch.ungraded == 0
    scene.after(AGAIN_MOST)
    assert scene.graders.graded["ana"] == tries + 1


def test_what_breaks_again_and_again_is_left_to_a_person(scene):
    """It may be the submission that does it, and takes workers down each time."""
    scene.put("ana.py", "break\n")
    scene.settle()
    scene.after(*[AGAIN_MOST] * 24)
    assert scene.graders.graded["ana"] == TRIES
    assert scene.watch.ungraded == 1
    (told,) = [said for said in scene.scribe.said if "not tried any more" in said]
    assert told == (
        "Not graded, 5 times: ana. They are not tried any more. "
        "Look at why, then grade them with grader regrade double."
    )


def test_what_broke_is_not_tried_again_once_a_newer_attempt_is_there(scene):
    scene.put("ana.py", "break\n")
    scene.settle()
    scene.put("ana.py")
    scene.after(1, 5)
    assert scene.scores() == {"ana": 10.0}
    scene.after(*[AGAIN_MOST] * 3)
    assert scene.graders.graded["ana"] == 2
    assert scene.watch.ungraded == 0


def test_what_was_taken_in_while_nobody_could_grade_is_graded_also_when_its_file_is_gone(scene):
    scene.graders.away = SetupError("No container engine answers. Start Docker.")
    scene.put("ana.py")
    scene.settle()
    (scene.folder / "ana.py").unlink()
    scene.graders.away = None
    scene.after(60, 60)
    assert scene.scores() == {"ana": 10.0}
    assert (scene.place / "pages" / "students" / "ana.html").is_file()


@pytest.mark.parametrize("fault", ["break", "lose"])
def test_what_has_no_result_is_graded_at_the_next_start_also_when_its_file_is_gone(scene, fault):
    scene.put("ana.py", f"{fault}\n")
    scene.put("bo.py")
    scene.settle()
    (scene.folder / "ana.py").unlink()
    scene.graders.mended = True
    scene.watch = scene.begin()
    scene.settle()
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert scene.graders.graded == Counter(ana=2, bo=1)
    assert scene.watch.ungraded == 0


def test_others_do_not_make_it_be_tried_sooner(scene):
    scene.put("ana.py", "break\n")
    scene.settle()
    scene.put("bo.py")
    scene.after(1, 5)
    assert scene.graders.graded == Counter(ana=1, bo=1)
    scene.after(AGAIN_FIRST)
    assert scene.graders.graded["ana"] == 2


def test_while_nobody_can_grade_one_waits_says_so_once_and_goes_on(scene):
    scene.graders.away = SetupError("No container engine answers. Start Docker.")
    scene.put("ana.py")
    scene.settle()
    scene.put("bo.py")
    scene.after(*[2.0] * 60)
    assert scene.scribe.said == [
        "No container engine answers. Start Docker. Until that is over nothing is graded; it is tried again and again."
    ]
    scene.graders.away = None
    scene.after(60)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert "It goes on: nothing is in the way of grading any more." in scene.scribe.said


def test_while_the_database_is_away_one_waits(scene, monkeypatch):
    scene.put("ana.py")
    with monkeypatch.context() as patch:
        patch.setattr(Store, "add", lambda *_: (_ for _ in ()).throw(DatabaseUnreachable("The database is gone.")))
        scene.settle()
        scene.after(2, 4, 8)
    assert scene.scores() == {}
    assert len([said for said in scene.scribe.said if "The database is gone." in said]) == 1
    scene.after(60)
    assert scene.scores() == {"ana": 10.0}


def test_a_folder_that_goes_away_is_waited_for(scene):
    scene.put("ana.py")
    scene.settle()
    scene.folder.rename(scene.place / "unmounted")
    scene.after(2, 2, 2)
    assert len([said for said in scene.scribe.said if "could not be read" in said]) == 1
    (scene.place / "unmounted").rename(scene.folder)
    scene.put("bo.py")
    scene.after(60, 60)
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}
    assert scene.graders.graded["ana"] == 1


def test_pages_that_could_not_be_written_are_written_later(scene, monkeypatch):
    scene.put("ana.py")
    with monkeypatch.context() as patch:
        full = SetupError("No space is left for the pages.")
        patch.setattr(publishing, "write_pages", lambda *_: (_ for _ in ()).throw(full))
        scene.settle()
    assert scene.scores() == {"ana": 10.0}
    assert scene.scribe.rounds == []
    scene.after(60)
    assert scene.scribe.rounds == [(1, 0, 0)]
    assert scene.graders.graded == Counter(ana=1)


def test_an_interrupt_loses_nothing(scene, monkeypatch):
    scene.put("ana.py")
    scene.put("bo.py")
    save, saved = Store.save, []

    def interrupted(self, *args):
        if saved:
            raise KeyboardInterrupt
        saved.append(args)
        save(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            scene.settle()
    assert sorted(scene.scores().values(), key=str) == [10.0, None]
    scene.watch = scene.begin()
    scene.settle()
    assert scene.scores() == {"ana": 10.0, "bo": 10.0}


# ---------------------------------------------------------------- before it begins


def test_a_folder_that_is_not_there_and_pages_within_it_are_told_at_once(scene):
    with pytest.raises(NoSubmissions, match="missing"):
        Drop(scene.place / "missing", scene.course, "double", scene.place / "pages").check()
    with pytest.raises(SetupError, match="would be taken for submissions"):
        Drop(scene.folder, scene.course, "double", scene.folder / "pages").check()
