"""Submissions, runs and grades in SQL.

`tables` and `queue_tables` are the schema, `migrations` how it came about, `database` opens it, `trouble` says what
went wrong with it, `statements` are what each submission takes of it, `rows` turns records into rows and back,
`numbers` are what rows are pointed to by, `handing_in` puts on record what was handed in and `runs` how it did,
`grades` reads a class in `blocks`, `changes` writes down what changes a grade, `exports` what was handed out,
`likenesses` which submissions are alike, `queue` what workers on other machines are asked (`ticketing`, row by row),
`soundness` says whether a database is whole, `transfer` puts all its rows into another, and `store` is what the rest
of the grader sees. `backups` are files that keep what is in a store.
"""

from grader.store.queue import Queue
from grader.store.store import Store

__all__ = ["Queue", "Store"]
