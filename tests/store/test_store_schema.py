import io
import re
import sqlite3

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable, SetColumnComment

from grader.model import CheckResult, Ending, Outcome, Run
from grader.store import Store, tables
from grader.store.database import config
from grader.store.trouble import translated

LAB = "lab1_tensors"


def schema(place):
    """Table or index -> its definition, as a set of lines since their order does not matter."""
    connection = sqlite3.connect(place)
    try:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    finally:
        connection.close()
    return {name: {part.strip() for part in parts(sql)} for name, sql in found if name != "alembic_version"}


def parts(sql):
    """A statement taken apart at the commas and brackets that are not inside of other brackets.

    SQLite puts a table's name into quotes where it was made anew by a migration.
    """
    head, _, body = sql.strip().partition("(")
    return [head.replace('"', ""), *re.split(r",(?![^()]*\))", body.strip().removesuffix(")"))]


def test_the_migrations_make_the_tables_that_the_code_describes(tmp_path, place):
    Store.open(str(place)).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'described.db'}")
    tables.Base.metadata.create_all(engine)
    engine.dispose()
    assert schema(place) == schema(tmp_path / "described.db")
    assert set(schema(place)) >= {"students", "labs", "contents", "submissions", "refusals", "runs", "check_results"}


def test_the_migrations_make_the_same_tables_in_postgresql():
    from sqlalchemy.dialects import postgresql

    how, printed = config(), io.StringIO()
    how.attributes["dialect"] = "postgresql"
    how.output_buffer = printed
    command.upgrade(how, "head", sql=True)
    migrated = added(statements(printed.getvalue()))
    dialect = postgresql.dialect()
    for table in tables.Base.metadata.sorted_tables:
        described = [CreateTable(table), *map(CreateIndex, table.indexes)]
        described += [SetColumnComment(column) for column in table.columns if column.comment]
        for element in described:
            (wanted,) = statements(str(element.compile(dialect=dialect)))
            assert wanted in migrated
    for trigger in tables.APPEND_ONLY["postgresql"]:
        assert frozenset([trigger]) in {frozenset([line.rstrip(";") for line in each]) for each in migrated}


def test_a_migrated_database_differs_in_nothing_from_what_the_code_describes(store):
    with store._reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.Base.metadata) == []


def statements(sql):
    """Each statement as a set of lines, since their order does not matter."""
    texts = [[line.strip().rstrip(",") for line in text.strip().splitlines()] for text in sql.split(";\n")]
    return [frozenset(line for line in lines if line and not line.startswith("--")) for lines in texts]


def added(migrated):
    """The statements, with what was added to a table later, or taken from it, put into the one that makes it."""
    made = {line: statement for statement in migrated for line in statement if line.startswith("CREATE TABLE")}
    for statement in migrated:
        for line in statement:
            if found := re.fullmatch(r"ALTER TABLE (\w+) ADD (?:COLUMN )?(.+)", line):
                made[f"CREATE TABLE {found[1]} ("] |= {found[2]}
            elif found := re.fullmatch(r"ALTER TABLE (\w+) DROP (CONSTRAINT \w+)", line):
                table = f"CREATE TABLE {found[1]} ("
                made[table] = frozenset(part for part in made[table] if not part.startswith(f"{found[2]} "))
    return [*made.values(), *migrated]


def test_there_is_one_line_of_migrations():
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1


def test_every_column_that_its_name_does_not_explain_is_explained():
    explained_by_name = {"id", "name", "title", "group", "hint", "outcome", "points", "max_points", "kind"}
    bare = {
        f"{table.name}.{column.name}"
        for table in tables.Base.metadata.tables.values()
        for column in table.columns
        if not column.comment and not column.foreign_keys and column.name not in explained_by_name
    }
    assert bare == set()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE runs SET ending = 'great'",
        "UPDATE runs SET score = -1",
        "UPDATE runs SET score = max_score + 1",
        "UPDATE runs SET graded_at = NULL",
        "UPDATE runs SET cpu_seconds = -1",
        "UPDATE runs SET content = 'unknown'",
        "UPDATE check_results SET outcome = 'so-so'",
        "UPDATE check_results SET points = max_points + 1",
        "UPDATE check_results SET id = 'same'",
        "UPDATE check_results SET visibility = 'nobody'",
        "UPDATE figures SET kind = 'film'",
        "UPDATE submissions SET run_id = 99",
        "UPDATE submissions SET attempt = 0",
        "UPDATE submissions SET lab_id = 99",
        "UPDATE students SET key = 'same'",
        "UPDATE submissions SET content = 'unknown'",
        "DELETE FROM students",
        "DELETE FROM contents",
        "DELETE FROM runs",
    ],
)
def test_the_database_itself_keeps_the_rules(store, submission, key, run, sql):
    for name in ("ana", "bo"):
        store.save([store.add(submission(name))], key(submission()), run())
    with pytest.raises(IntegrityError), store._writing() as connection:
        connection.exec_driver_sql(sql)
    assert [grade.score for grade in store.grades(LAB)] == [10.5, 10.5]


def test_points_above_the_most_are_our_mistake_and_leave_no_half_run(store, submission, key):
    id_ = store.add(submission())
    bad = Run(
        Ending.COMPLETED,
        (CheckResult("a", "a", "", Outcome.PASSED, 5, 5), CheckResult("b", "b", "", Outcome.PASSED, 2, 1)),
    )
    with pytest.raises(IntegrityError):
        store.save([id_], key(submission()), bad)
    assert not store.adopt({id_: key(submission())})
    with translated("x"), store._reading() as connection:
        assert inspect(connection).has_table("runs")
        assert connection.scalar(select(func.count()).select_from(tables.CheckResult)) == 0
