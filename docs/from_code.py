"""Directives for what the code says itself: `commands`, each verb with its options, and `tables`, the database's."""

import inspect
from collections.abc import Iterator, Sequence
from itertools import cycle

import click
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from grader.cli import program
from grader.store.queue_tables import Base


class Commands(SphinxDirective):
    """A section for each command of the program, in the order of `grader --help`."""

    def run(self) -> list[nodes.Node]:
        """Make the sections."""
        context = click.Context(program, info_name="grader")
        return [self._section(command) for command in _commands(context, program)]

    def _section(self, context: click.Context) -> nodes.section:
        name = context.command_path
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += nodes.title(name, name)
        section += [_paragraph(text) for text in _paragraphs(context.command.help or "")]
        section += nodes.literal_block("", _usage(context), language="text")
        section += nodes.definition_list("", *_options(context), classes=["options"])
        section += nodes.rubric("", "Examples")
        section += _examples(context.command.epilog or "")
        self.state.document.note_implicit_target(section)
        return section


def _commands(context: click.Context, group: click.Group) -> Iterator[click.Context]:
    """Every command of the group, groups in it taken apart."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name  # noqa: S101 - a group has what it lists
        below = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(below, command)
        else:
            yield below


def _usage(context: click.Context) -> str:
    return " ".join([context.command_path, *context.command.collect_usage_pieces(context)])


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text).split("\n\n") if paragraph.strip()]


def _options(context: click.Context) -> Iterator[nodes.definition_list_item]:
    for parameter in context.command.params:
        written, meaning = parameter.get_help_record(context) or ("", "")
        if meaning:
            term = nodes.term("", "", nodes.literal("", written))
            yield nodes.definition_list_item("", term, nodes.definition("", _paragraph(meaning)))


def _examples(epilog: str) -> Iterator[nodes.Node]:
    """What stands below the options: examples as they are typed, and sentences."""
    for block in inspect.cleandoc(epilog.replace("\b\n", "")).split("\n\n"):
        first, *rest = block.split("\n")
        typed = inspect.cleandoc("\n".join(rest)) or first.partition("Example:")[2].strip()
        if typed.startswith(("grader", "GRADER", "#")):
            yield nodes.literal_block("", typed, language="sh")
        elif block:
            yield _paragraph(" ".join(block.split()))


class Tables(SphinxDirective):
    """A section for each table of the database: columns, what they point to, and their comments."""

    def run(self) -> list[nodes.Node]:
        """Make the sections."""
        meanings = {mapper.class_.__tablename__: mapper.class_.__doc__ or "" for mapper in Base.registry.mappers}
        return [self._section(table, meanings[name]) for name, table in sorted(Base.metadata.tables.items())]

    def _section(self, table: Table, meaning: str) -> nodes.section:
        section = nodes.section(ids=[f"table-{nodes.make_id(table.name)}"], names=[f"table {table.name}"])
        section += nodes.title(table.name, table.name)
        section += [_paragraph(text) for text in _paragraphs(meaning)]
        section += _table(("column", "type", "what it is"), [_column(column) for column in table.c])
        self.state.document.note_implicit_target(section)
        return section


def _column(column: Column[object]) -> Sequence[str | nodes.Node]:
    told = filter(None, (column.comment, *(f"→ {key.target_fullname}" for key in column.foreign_keys)))
    return nodes.literal("", column.name), _kind(column), "; ".join(sorted(told))


def _kind(column: Column[object]) -> str:
    kind = column.type.compile(dialect=postgresql.dialect()).lower()
    return f"{kind}{', may be null' if column.nullable else ''}{', key' if column.primary_key else ''}"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str | nodes.Node]]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in titles), cols=len(titles))
    group += nodes.thead("", _row(titles))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(cells: Sequence[str | nodes.Node]) -> nodes.row:
    texts = (cell if isinstance(cell, nodes.Node) else nodes.Text(cell) for cell in cells)
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", text)) for text in texts))


def _paragraph(text: str) -> nodes.paragraph:
    """A sentence, in which what stands between backticks is code."""
    kinds = cycle((nodes.Text, lambda code: nodes.literal("", code)))
    return nodes.paragraph("", "", *(kind(piece) for kind, piece in zip(kinds, text.split("`"), strict=False)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    directives: dict[str, type[Directive]] = {"commands": Commands, "tables": Tables}
    for name, directive in directives.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
