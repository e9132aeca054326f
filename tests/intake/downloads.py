"""Downloads made by the platforms' own rules, of a class with difficult names."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from unicodedata import category

LAB = "lab1_tensors"
FILE = f"{LAB}.py"


@dataclass(frozen=True)
class Person:
    id: str
    user: str
    first: str
    last: str

    @property
    def full(self):
        return f"{self.first} {self.last}"

    @property
    def address(self):
        return f"{self.user}@example.test"

    @property
    def work(self):
        return f"by = {self.id}\n".encode()


CLASS = [
    Person("4701", "obrien.a", "Ana María", "O'Brien"),
    Person("4702", "jose_m", unicodedata.normalize("NFD", "José"), unicodedata.normalize("NFD", "Muñoz")),
    Person("4703", "xiaolong", "小龙", "李"),
    Person("4704", "de_la_cruz", "Jo", "de_la_Cruz"),
    Person("4705", "am-dupont", "Anne - Marie", "Dupont - Noël"),
    Person("4706", "asilva", "Ana", "Silva"),
    Person("4707", "asilva2", "Ana", "Silva"),
    Person("4708", "m.ahmad", "محمد", "الأحمد"),
    Person("4709", "noa", "נועה", "כהן"),
    Person("4710", "priya", "प्रिया", "शर्मा"),
    Person("4711", "jr_smith_3", "John, Jr.", "Smith_12_7"),
    Person("4712", "łukasz", "Łukasz (Luke)", "Wójcik-Żak"),
]


class _WithoutTheFlag(zipfile.ZipInfo):
    """An entry whose name is UTF-8 and is not said to be, as some platforms write it."""

    def _encodeFilenameFlags(self):  # noqa: N802 - zipfile's own name
        return self.filename.encode(), self.flag_bits & ~0x800


def zipped(files, entry=zipfile.ZipInfo):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in files.items():
            made.writestr(entry(name, (2026, 3, 1, 10, 30, 0)), content)
    return file.getvalue()


def placed(root, called, files, way):
    """The download as an instructor has it: the path to give to `batch`."""
    if way == "folder":
        for name, content in files.items():
            path = root / called / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return root / called
    path = root / f"{called}.zip"
    path.write_bytes(zipped(files, _WithoutTheFlag if way == "zip without the flag" else zipfile.ZipInfo))
    return path


WAYS = ["folder", "zip", "zip without the flag"]


# ---------------------------------------------------------------------- Canvas


def canvas_name(who):
    """The sortable name without what is no word character; letters, their marks, digits and `_` are."""
    return "".join(sign for sign in f"{who.last}, {who.first}".lower() if sign == "_" or category(sign)[0] in "LMN")


def canvas(people=CLASS, *, late=False):
    mark = "_LATE" if late else ""
    return {f"{canvas_name(who)}{mark}_{who.id}_55{who.id}_{FILE}": who.work for who in people}


# ---------------------------------------------------------------------- Moodle


def moodle_name(name):
    """`str_replace('_', ' ', …)` and `clean_filename`."""
    return re.sub(r'[\x00-\x1f&<>"`|\':\\/*?]|\.\.', "", name.replace("_", " "))


def moodle(people=CLASS, *, layout="folders", blind=False):
    between = {"folders": "/", "folders of old": "_/", "flat": "_"}[layout]
    return {
        f"{'Participant' if blind else moodle_name(who.full)}_{who.id}_assignsubmission_file{between}{FILE}": who.work
        for who in people
    }


# ------------------------------------------------------------------ Blackboard


def blackboard(people=CLASS, *, column="HW_1 Tensors", word="attempt", when="2026-03-01-09-12-44"):
    files = {}
    for who in people:
        attempt = f"{column}_{who.user}_{word}_{when}"
        files |= {f"{attempt}_{FILE}": who.work, f"{attempt}.txt": b"Name: somebody\r\n"}
    return files


# ----------------------------------------------------------------- Brightspace


def brightspace(people=CLASS, *, layout="folders", when="Mar 1, 2026 912 AM"):
    made = {
        "folders": "{who.id}-90210 - {who.full} - {when}/{file}",
        "flat": "{who.id}-90210 - {who.full} - {when} - {file}",
        "flat by OrgDefinedId": "#0{who.id}_{who.full}_{when}_{file}",
    }[layout]
    files = {made.format(who=who, when=when, file=FILE): who.work for who in people}
    return files | {"index.html": b"<html></html>"}


# ----------------------------------------------------------------------- Sakai


def sakai_name(who, *, anonymous=False):
    return f"{who.id}-77f0 Anonymous" if anonymous else f"{who.last}, {who.first}({who.user})"


def sakai(people=CLASS, *, title="HW 1 (spring)", anonymous=False):
    files = {f"{title}/grades.csv": b"\xef\xbb\xbf"}
    for who in people:
        folder = sakai_name(who, anonymous=anonymous)
        files |= {
            f"{title}/{folder}/timestamp.txt": b"2026-02-27T09:12:44.123Z",
            f"{title}/{folder}/{folder}_submissionText.html": b"<p></p>",
            f"{title}/{folder}/feedbackText.html": b"",
            f"{title}/{folder}/comments.txt": b"",
            f"{title}/{folder}/Submission attachment(s)/{FILE}": who.work,
        }
    return files


def sakai_flat(people=CLASS, *, title="HW 1 (spring)", anonymous=False):
    files = {f"{title}/grades.csv": b"\xef\xbb\xbf"}
    for who in people:
        name = sakai_name(who, anonymous=anonymous)
        files |= {
            f"{title}/{name}_{name}_submissionText.html": b"<p></p>",
            f"{title}/{name}_feedbackText.html": b"",
            f"{title}/{name}_comments.txt": b"",
            f"{title}/{name}_Submission attachment(s)_{FILE}": who.work,
        }
    return files


# ------------------------------------------------------------ GitHub Classroom


def github(users, *, slug="lab-1-tensors"):
    files = {}
    for user in users:
        repository = f"{slug}-{user}"
        files |= {
            f"{repository}/{FILE}": f"by = '{user}'\n".encode(),
            f"{repository}/README.md": b"# Lab 1",
            f"{repository}/.git/HEAD": b"ref: refs/heads/main",
            f"{repository}/.git/hooks/lab.py": b"",
            f"{repository}/.github/classroom/autograding.json": b"{}",
        }
    return files


# ------------------------------------------------------------------ Gradescope


def quoted(text):
    """A string as Ruby's Psych writes one that could be taken for something else."""
    return "'" + text.replace("'", "''") + "'"


def gradescope_metadata(submissions, *, when="2026-02-27 09:12:44.100000000 Z"):
    """submission_metadata.yml of submissions: id -> who handed it in together."""
    lines = ["---"]
    for id_, people in submissions.items():
        lines += [f"{id_}:", "  :submitters:"]
        for who in people:
            lines += [f"  - :name: {quoted(who.full)}", f"    :sid: '{who.id}'", f"    :email: {quoted(who.address)}"]
        lines += [f"  :created_at: {when}", "  :score: 8.5", "  :results:", "    tests:"]
        lines += ["    - name: shapes", '      output: "two\\nlines"', "  :history:", f"  - :created_at: {when}"]
    return ("\n".join(lines) + "\n").encode()


def gradescope(people=CLASS, *, assignment="assignment_90210_export"):
    files = {f"{assignment}/submission_{who.id}/{FILE}": who.work for who in people}
    metadata = gradescope_metadata({f"submission_{who.id}": [who] for who in people})
    return {f"{assignment}/submission_metadata.yml": metadata, **files}
