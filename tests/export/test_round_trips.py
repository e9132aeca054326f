"""From a platform's download to its gradebook and back: each student has the score of their own file, nobody another's.

Downloads and gradebooks are made by the platforms' rules, and what is exported is read as each platform reads it.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import downloads
import pytest
from downloads import FILE, LAB, Person, placed
from exporting import NOW, written
from test_blackboard_export import blackboard
from test_brightspace_export import brightspace
from test_moodle_export import Assignment
from test_sakai_export import sakai

from grader import intake
from grader.export import outdated
from grader.labs import Course
from grader.model import CheckResult, Ending, HandedOut, Outcome, Run
from grader.pipeline import grading, publishing
from grader.store import Store

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT)
TINY = Course(ROOT / "tests" / "courses" / "tiny")
LAB1 = COURSE.lab(LAB)
TITLE = LAB1.spec.title


def decomposed(text):
    return unicodedata.normalize("NFD", text)


PEOPLE = [
    Person("4801", "obrien.a", "Ana María", "O'Brien"),
    Person("4802", "jose_m", decomposed("José"), decomposed("Muñoz")),
    Person("4803", "xiaolong", "小龙", "李"),
    Person("4804", "de_la_cruz", "Jo", "de_la_Cruz"),
    Person("4805", "am-dupont", "Anne - Marie", "Dupont - Noël"),
    Person("4806", "asilva", "Ana", "Silva"),
    Person("4807", "asilva2", "Ana", "Silva"),
    Person("4808", "eve", "-cmd|' /C calc'!A0", '=HYPERLINK("http://x")'),
    Person("4809", "quo", 'Quo"te;', "C:\\"),
    Person("4810", "ali", "عل\u200cی", "رضایی"),
    Person("4811", "jr_smith_3", "John, Jr.", "Smith_12_7"),
    Person(
        "4812", "max", "Maximiliane Theodora " * 4 + "Ñandú", "von Hohenstein zu Oberkirchen " * 3 + "und so weiter"
    ),
]
IDLE = [Person("4891", "nora", "Nora", "Nobody"), Person("4892", "asilva3", "Ana", "Silva")]
"""In the gradebook, and handed in nothing."""
TWINS = {"4806", "4807"}
BEFORE = {**dict.fromkeys([who.id for who in PEOPLE]), "4891": 33.0, "4892": None}
"""Id -> the score in the gradebook."""
POINTS = {who.id: 8 * at + 4.5 for at, who in enumerate(PEOPLE)}
"""Id -> the points of 100 that their file is worth here."""


def shown(text):
    """`text` in the form of accents in which the download does not have it."""
    composed = unicodedata.normalize("NFC", text)
    return composed if composed != text else decomposed(text)


def filed(people):
    """The same people as file systems call them."""
    return [
        replace(
            who,
            **{part: re.sub(r'[\\/:*?"<>|]', "", getattr(who, part)).strip() for part in ("first", "last")},
        )
        for who in people
    ]


def figure(score, mark="."):
    return "" if score is None else f"{score:.2f}".replace(".", mark)


@dataclass(frozen=True)
class Platform:
    """What a platform gives, and how it takes a file back.

    Attributes:
        files: the people of a class -> paths and contents of the download.
        gradebook: (rows of a person and their score, ids -> scores) -> the file to fill in.
        upload: (content, ids -> scores before) -> ids -> scores afterwards.
        part: what a point is worth there.
        left_out: ids of those who cannot be told.
        own: columns that may change: the score's, and what is not read back.
        named: the download tells names.
        hand_out: path in an archive of feedback pages -> id of the person who gets what is there, None for nobody.
    """

    form: str
    called: str
    files: Callable[[list[Person]], dict[str, bytes]]
    gradebook: Callable[[list[tuple[Person, str]]], bytes]
    upload: Callable[[bytes, Mapping[str, float | None]], dict[str, float | None]]
    key: str
    part: float = 0.5
    left_out: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    named: bool = True
    mark: str = "."
    reading: dict[str, str] = field(default_factory=dict)
    hand_out: Callable[[str], str | None] | None = None

    def book(self, scores, *, turned=False):
        """The gradebook; `turned`, each one's ids are the next one's."""
        others = [*PEOPLE[1:], PEOPLE[0]] if turned else PEOPLE
        people = [replace(who, id=other.id, user=other.user) for who, other in zip(PEOPLE, others, strict=True)] + IDLE
        return self.gradebook([(who, figure(scores[who.id], self.mark)) for who in people])

    def rows(self, content):
        """Rows by the key of the person, as Python reads them."""
        text = io.StringIO(content.decode(self.reading.get("encoding", "utf-8-sig")), newline="")
        for _ in range(int(self.reading.get("above", 0))):
            next(text)
        found = csv.DictReader(text, delimiter=self.reading.get("delimiter", ","), strict=True)
        return {row[self.key]: {name: cell for name, cell in row.items() if name not in self.own} for row in found}


# ---------------------------------------------------------------------- Canvas


def canvas(*, late=False, **options):
    title = f"{TITLE} (9)"
    delimiter = options.get("delimiter", ",")

    def gradebook(people):
        names = [(who, f"{shown(who.last)}, {shown(who.first)}", score) for who, score in people]
        return (
            b"\xef\xbb\xbf" * ("quoting" not in options)
            + written(
                ["Student", "ID", "SIS Login ID", "Section", "HW 2 (8)", title, "Final Score"],
                ["    Points Possible", "", "", "", "10", "50", "(read only)"],
                *(
                    [f'="{name}"' if name.startswith("=") else name, who.id, who.user, "A; B", "7", score, "1"]
                    for who, name, score in names
                ),
                **options,
            ).encode()
        )

    def upload(content, before):
        text = content.decode()
        assert not text.startswith('\ufeff"'), "malformed CSV"
        lines = text.removeprefix("\ufeff").splitlines()
        semicolons, commas = ([len(row) for row in csv.reader(lines[:3], delimiter=mark)] for mark in ";,")
        told = ";" if len(set(semicolons)) == 1 and semicolons[0] > max(commas) else ","
        header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=told, strict=True)
        assert header[:4] == ["Student", "ID", "SIS Login ID", "Section"]
        (column,) = (at for at, name in enumerate(header) if re.fullmatch(r"(.*)\s\(9\)", name))
        after = dict(before)
        for row in rows:
            if "Points Possible" not in row[0]:
                assert re.fullmatch(r"-?[0-9]+(\.[0-9]{1,2})?", row[column])
                after[row[1]] = float(row[column])
        return after

    def hand_out(path):
        tokens = [token for token in path.split("_") if token != "LATE"]
        assert tokens[0] != "anon"
        user, attachment = [token for token in tokens if re.fullmatch("[0-9]+", token)][:2]
        return user if attachment == f"55{user}" else None

    return Platform(
        "canvas", "ml-1-lab-1_submissions", lambda people: downloads.canvas(people, late=late),
        gradebook, upload, "ID",
        own=frozenset([title]), reading={"delimiter": delimiter}, hand_out=hand_out,
    )  # fmt: skip


# ---------------------------------------------------------------------- Moodle


def moodle(layout, mark=".", **options):
    delimiter = options.get("delimiter", ",")
    header = [
        "Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade", "Grade can be changed",
        "Last modified (submission)", "Last modified (grade)", "Feedback comments",
    ]  # fmt: skip

    def gradebook(people):
        lines = [
            [
                f"Participant {who.id}", shown(who.full), f"{who.user}@uni.example", "Submitted", score,
                figure(50, mark), "Yes", "Monday, 3 March 2025, 9:12 AM", "-", "",
            ]
            for who, score in people
        ]  # fmt: skip
        return b"\xef\xbb\xbf" + written(header, *lines, **options).encode()

    def upload(content, before):
        grades = {int(id_): score for id_, score in before.items()}
        there = Assignment(dict(grades), delimiter=delimiter, mark=mark, most=50.0).take(content)
        assert all(comment.startswith("<p>") for comment in there.comments.values())
        return {str(id_): score for id_, score in there.grades.items()}

    def hand_out(path):
        for part in path.split("/"):
            pieces = part.split("_")
            if (
                len(pieces) >= 4
                and pieces[1].isdecimal()
                and "_".join(pieces[2:4])
                in {
                    "assignsubmission_file",
                    "assignfeedback_file",
                }
            ):
                return pieces[1]
        return None

    return Platform(
        "moodle", "ML1-Lab 1-4711", lambda people: downloads.moodle(people, layout=layout), gradebook, upload,
        "Identifier", own=frozenset(["Grade", "Full name", "Feedback comments"]), mark=mark,
        reading={"delimiter": delimiter}, hand_out=hand_out,
    )  # fmt: skip


# ------------------------------------------------------------------ Blackboard


def in_blackboard(**options):
    title = f"{TITLE} [Total Pts: 50 Score] |9"
    wide = "delimiter" in options

    def gradebook(people):
        book = written(
            ["Last Name", "First Name", "Username", "HW [Total Pts: 5] |8", title],
            *([shown(who.last), shown(who.first), who.user, "3", score] for who, score in people),
            **options,
        )
        return book.encode("utf-16") if wide else b"\xef\xbb\xbf" + book.encode()

    def upload(content, before):
        users = {who.user: who.id for who in (*PEOPLE, *IDLE)}
        got = blackboard(content, users).get(9, {})
        return {**before, **{users[user]: float(cell) for user, cell in got.items()}}

    return Platform(
        "blackboard", "gradebook_ML1_HW_1 Tensors_2026-03-02-08-00-00", downloads.blackboard, gradebook, upload,
        "Username", own=frozenset([title]), named=False,
        reading={"delimiter": "\t", "encoding": "utf-16"} if wide else {},
    )  # fmt: skip


# ----------------------------------------------------------------- Brightspace


def in_brightspace(layout, left_out=()):
    title = f"{TITLE} Points Grade <Numeric MaxPoints:50 Weight:16.67 Category:Labs>"

    def gradebook(people):
        header = ["OrgDefinedId", "Username", "Last Name", "First Name", "HW Points Grade", title]
        lines = (
            [f"#0{who.id}", f"#{who.user}", shown(who.last), shown(who.first), "3", score, "#"] for who, score in people
        )
        return written([*header, "End-of-Line Indicator"], *lines).encode()

    def upload(content, before):
        got = brightspace(content, {f"0{who.id}": who.user for who in (*PEOPLE, *IDLE)})
        return {**before, **{id_.removeprefix("0"): score for id_, score in got.items()}}

    folders = {
        path.partition("/")[0]: who.id
        for who in PEOPLE
        for path in downloads.brightspace(filed([who]), layout=layout)
        if "/" in path
    }
    return Platform(
        "brightspace", "Lab 1 Download", lambda people: downloads.brightspace(filed(people), layout=layout),
        gradebook, upload, "OrgDefinedId", left_out=frozenset(left_out), own=frozenset([title]),
        named="OrgDefinedId" in layout,
        hand_out=(lambda path: folders.get(path.partition("/")[0])) if folders else None,
    )  # fmt: skip


# ----------------------------------------------------------------------- Sakai


def in_sakai(files, mark=".", **options):
    delimiter = options.get("delimiter", ",")

    def gradebook(people):
        header = ["Display ID", "ID", "Last Name", "First Name", "grade", "Submission date", "Late submission"]
        lines = (
            [who.user, who.user, shown(who.last), shown(who.first), score, "2025-03-03T09:12:44Z", "On time"]
            for who, score in people
        )
        above = [TITLE, "SCORE_GRADE_TYPE"], [""]
        return b"\xef\xbb\xbf" + written(*above, header, *lines, quoting=csv.QUOTE_ALL, **options).encode()

    def upload(content, before):
        users = {who.user: who.id for who in (*PEOPLE, *IDLE)}
        there = {user: figure(before[id_]) for user, id_ in users.items()}
        got = sakai(content, there, delimiter, mark)
        return {users[user]: float(cell) if cell else None for user, cell in got.items()}

    def hand_out(path):
        parts = path.split("/")
        assert len(parts) >= 3, "the upload is refused"
        if re.search("comments|feedbackText|_submissionText|timestamp", path) or "/." in path:
            return None
        users = {who.user: who.id for who in (*PEOPLE, *IDLE)}
        return users[re.findall(r"\(([^()]*)\)", parts[1])[-1]] if "Feedback Attachment(s)" in parts[2:] else None

    return Platform(
        "sakai", "Lab 1", lambda people: files(filed(people)), gradebook, upload, "ID", part=1.0,
        own=frozenset(["grade", "Last Name", "First Name"]), mark=mark, reading={"delimiter": delimiter, "above": "2"},
        hand_out=hand_out,
    )  # fmt: skip


LOST = ["4808", "4809"]
"""Whose names lose signs in the names of files."""
PLATFORMS = {
    "Canvas": canvas(),
    "Canvas with semicolons": canvas(delimiter=";"),
    "Canvas in quotes, late": canvas(late=True, quoting=csv.QUOTE_ALL),
    "Moodle": moodle("folders"),
    "Moodle of old with semicolons": moodle("folders of old", ",", delimiter=";"),
    "Moodle without folders, in quotes": moodle("flat", quoting=csv.QUOTE_ALL),
    "Blackboard": in_blackboard(quoting=csv.QUOTE_ALL),
    "Blackboard with tabs": in_blackboard(delimiter="\t"),
    "Brightspace": in_brightspace("folders", [*TWINS, *LOST]),
    "Brightspace by OrgDefinedId": in_brightspace("flat by OrgDefinedId"),
    "Sakai": in_sakai(downloads.sakai),
    "Sakai without folders, with semicolons": in_sakai(downloads.sakai_flat, ",", delimiter=";"),
}


class Nobody:
    """Looks on and says nothing."""

    def __getattr__(self, _name):
        return lambda *_: None


@dataclass
class Journey:
    """A class's download is taken in and has results; then grades are exported into gradebooks."""

    platform: Platform
    folder: Path
    store: Store

    def take_in(self, ending=Ending.COMPLETED):
        """Take the download in, and give each file its points."""
        path = placed(self.folder, self.platform.called, self.platform.files(PEOPLE), "zip")
        ids, refused = grading.collect(intake.survey([path], LAB1.name), self.store, Nobody())
        assert (len(ids), refused) == (len(PEOPLE), ())
        setup = grading.worker_setup(COURSE, LAB1, "local", "warm", "digits", None)
        for work in grading.plan(LAB1, ids, self.store, setup, regrade=False)[0]:
            author = re.search(rb"\d+", self.store.submission(work.ids[0]).files[FILE])[0].decode()
            check = CheckResult(
                "all", "Everything", "", Outcome.PARTIAL, POINTS[author], 100.0, message=f"For {author} alone."
            )
            self.store.save(work.ids, work.key, Run(ending, (check,) if ending is Ending.COMPLETED else ()))

    def export(self, gradebook, lab=LAB1):
        """What `grader export` makes of it."""
        file = self.folder / "gradebook"
        file.write_bytes(gradebook)
        results = publishing.class_results(lab, self.store)
        return publishing.export_grades(results, self.platform.form, gradebook=file)

    def hand_out(self, gradebook):
        """Whom each page of the archive reaches -> whose it is, and whose page is not in it."""
        made, file = self.export(gradebook), self.folder / "feedback.zip"
        results = publishing.class_results(LAB1, self.store)
        left_out = publishing.write_feedback(file, results, self.platform.form, made)
        with zipfile.ZipFile(file) as archive:
            pages = {name: archive.read(name).decode() for name in archive.namelist()}
        assert len(pages) == len(made.placed) + len(made.unchanged) - len(left_out)
        got = {self.platform.hand_out(name): re.search(r"For (\d+) alone", page)[1] for name, page in pages.items()}
        assert len(got) == len(pages)
        return got, {left.student.key for left in left_out}


@pytest.fixture(scope="module", params=PLATFORMS)
def journey(request, tmp_path_factory):
    """A class with results, of each platform in turn."""
    folder = tmp_path_factory.mktemp("journey")
    with Store.open(folder / "grades.db") as store:
        begun = Journey(PLATFORMS[request.param], folder, store)
        begun.take_in()
        yield begun


@pytest.fixture
def bare(tmp_path):
    """Begins with an empty database."""
    with Store.open(tmp_path / "grades.db") as store:
        yield lambda platform: Journey(PLATFORMS[platform], tmp_path, store)


where_pages_are_handed_out = pytest.mark.parametrize(
    "journey", [name for name, platform in PLATFORMS.items() if platform.hand_out], indirect=True
)
where_names_are_told = pytest.mark.parametrize(
    "journey", [name for name, platform in PLATFORMS.items() if platform.named], indirect=True
)


def expected(platform):
    """Id -> score in the gradebook after an upload."""
    new = {id_: points * platform.part for id_, points in POINTS.items() if id_ not in platform.left_out}
    return {**BEFORE, **new}


def test_each_student_gets_the_score_of_their_own_file_and_nobody_another(journey):
    platform = journey.platform
    made = journey.export(platform.book(BEFORE))
    assert platform.upload(made.content, BEFORE) == expected(platform)
    assert len(made.left_out) == len(platform.left_out)
    assert len(made.placed) == len(PEOPLE) - len(platform.left_out)


def test_what_goes_on_record_is_what_the_gradebook_says_after_an_upload(journey):
    platform = journey.platform
    after = expected(platform)
    new = sorted(after[id_] for id_ in POINTS if id_ not in platform.left_out)
    for before, in_file in ((BEFORE, True), (after, platform.form == "canvas")):
        told = journey.export(platform.book(before)).grades
        assert sorted(grade.score for grade in told.values()) == new
        assert {(grade.max_score, grade.in_file) for grade in told.values()} == {(100.0 * platform.part, in_file)}
        given = {key: HandedOut(**asdict(grade), at=NOW, form="x", by="kim") for key, grade in told.items()}
        found = outdated(publishing.class_results(LAB1, journey.store).grades, {"x": given})
        assert [one.differing for one in found] == [()] * len(found)
        assert sum(len(one.missing) for one in found) == len(platform.left_out)


def test_scores_are_written_in_the_notation_of_the_gradebook(journey):
    platform = journey.platform
    text = journey.export(platform.book(BEFORE)).content.decode(platform.reading.get("encoding", "utf-8"))
    score = f"{POINTS['4801'] * platform.part:g}"
    others = score.replace(".", "," if platform.mark == "." else ".")
    assert score.replace(".", platform.mark) in text
    assert others not in text


def test_nothing_but_the_score_changes(journey):
    platform = journey.platform
    book = platform.book(BEFORE)
    before, after = platform.rows(book), platform.rows(journey.export(book).content)
    kept = set(min(after.values(), key=len))
    assert kept <= set(min(before.values(), key=len))
    assert after == {key: {name: before[key][name] for name in kept} for key in after}


def test_a_gradebook_that_has_the_scores_already_stays_as_it_is(journey):
    platform = journey.platform
    after = expected(platform)
    made = journey.export(platform.book(after))
    assert platform.upload(made.content, after) == after
    assert all(at.was == at.now for at in (*made.placed, *made.unchanged))
    assert len(made.placed) + len(made.unchanged) == len(PEOPLE) - len(platform.left_out)


@where_names_are_told
def test_ids_that_are_other_peoples_in_the_gradebook_give_nobody_anothers_score(journey):
    """As in another assignment of Moodle's, or where a group's number is somebody's."""
    made = journey.export(journey.platform.book(BEFORE, turned=True))
    assert {at.student.name for at in made.placed} <= {"Ana Silva", "Silva, Ana", "silvaana"}
    assert len(made.placed) <= len(TWINS)
    assert len(made.left_out) == len(PEOPLE) - len(made.placed)


@where_pages_are_handed_out
def test_each_student_gets_the_page_of_their_own_file_and_nobody_another(journey):
    got, left_out = journey.hand_out(journey.platform.book(BEFORE))
    assert left_out == set()
    assert got == {who.id: who.id for who in PEOPLE if who.id not in journey.platform.left_out}


@pytest.mark.parametrize(
    "journey", [name for name, platform in PLATFORMS.items() if platform.hand_out and platform.named], indirect=True
)
def test_nobody_gets_the_page_of_whom_the_gradebook_calls_otherwise(journey):
    got, _ = journey.hand_out(journey.platform.book(BEFORE, turned=True))
    assert set(got) <= TWINS
    assert all(reached == whose for reached, whose in got.items())


@pytest.mark.parametrize("name", PLATFORMS)
def test_nobody_loses_a_grade_to_a_run_that_broke(bare, name):
    journey = bare(name)
    journey.take_in(Ending.BROKEN)
    there = dict.fromkeys(BEFORE, 12.5)
    made = journey.export(journey.platform.book(there))
    assert journey.platform.upload(made.content, there) == there
    assert len(made.left_out) == len(PEOPLE)


def test_what_a_class_really_earns_in_a_sandbox_arrives_in_moodle(bare):
    """Takes seconds: the files are graded one by one."""
    journey, lab = bare("Moodle"), TINY.lab("double")
    kinds = [("2 * n", 10.0), ("2 * abs(n)", 6.0), ("n", 0.0)]
    earned = {who.id: kinds[at % 3] for at, who in enumerate(PEOPLE)}
    files = {
        path.replace(FILE, "double.py"): f"# {who.id}\ndef double(n): return {earned[who.id][0]}\n".encode()
        for who, path in zip(PEOPLE, downloads.moodle(PEOPLE, layout="flat"), strict=True)
    }
    path = placed(journey.folder, "ML1-Doubling-4711", files, "zip")
    setup = grading.worker_setup(TINY, lab, "local", "warm", "digits", None)
    done = grading.grade_class(lab, intake.survey([path], lab.name), journey.store, grading.Machine(setup, 1), Nobody())
    assert (done.graded, done.refusals, done.ungraded) == (len(PEOPLE), (), ())
    made = journey.export(journey.platform.book(BEFORE), lab)
    after = journey.platform.upload(made.content, BEFORE)
    assert after == {**BEFORE, **{id_: 5 * points for id_, (_, points) in earned.items()}}
