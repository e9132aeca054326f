"""Submissions, runs and grades in SQL.

`tables` is the schema, `migrations` how it came about, `database` opens it, `trouble` says what went wrong with it,
`statements` are what each submission takes of it, `rows` turns records into rows and back, `grades` reads a class
in `blocks`, `changes` writes down what changes a grade, and `store` is what the rest of the grader sees.
"""

from grader.store.store import Store

__all__ = ["Store"]
