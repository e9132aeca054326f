"""Files on disk become submissions, or refusals with a reason.

`gather` finds what each student handed in, `found` reads it; `folder` and `archive` are the two places it can lie in,
the latter in `zips` or `tars`, unpacked by `packing`. Each learning platform has a module that knows the names in its
downloads, and what `gather` reads there besides submissions (`upload` is what they tell, `platforms` lists them). What
belongs to whom (`layout`; `roster`, where there is one; `known`, by what the database has), what is taken and how it is
called (`choose`, `names`, `entries`) is decided without touching a disk. Only the lab's `starter`, which gives way to a
student's own work, is known by its content. `arriving` looks at a folder that fills, and `filling` decides whose what
is in it is.
Identity comes from the names of files and folders and from what a platform or a roster says of them, never from inside
a student's files.
"""

from grader.intake.choose import digest
from grader.intake.filling import survey_filling
from grader.intake.found import Found
from grader.intake.gather import Place, Survey, collect, survey
from grader.intake.known import Known
from grader.intake.roster import ROSTER_MOST, Matching, Roster
from grader.intake.roster import read as read_roster
from grader.intake.starter import Starter
from grader.intake.starter import read as read_starter

__all__ = [
    "ROSTER_MOST",
    "Found",
    "Known",
    "Matching",
    "Place",
    "Roster",
    "Starter",
    "Survey",
    "collect",
    "digest",
    "read_roster",
    "read_starter",
    "survey",
    "survey_filling",
]
