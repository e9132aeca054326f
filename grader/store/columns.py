"""Column types that take what students produce: any text, any time zone, any numbers."""

import math
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, Text
from sqlalchemy.types import TypeDecorator

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL has no NUL in a text, SQLite's driver no half of a surrogate pair."""

Vocabulary = TypeVar("Vocabulary", bound=StrEnum)


def storable(value: Any) -> Any:
    """`value`, in lists and dicts too, with characters that a database refuses replaced, NaN and infinity as None."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case str():
            return _text(value)
        case list() | tuple():
            return [storable(item) for item in value]
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
    return value


def _text(value: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)


class AnyText(TypeDecorator[str]):
    """Text of any characters; what cannot be stored is replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's hook
        """Before it goes in."""
        return None if value is None else _text(value)


class AnyJson(TypeDecorator[Any]):
    """Lists and dicts, their texts treated like `AnyText`."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's hook
        """Before it goes in."""
        return storable(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - likewise
        """Before it goes in."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - likewise
        """SQLite forgets the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def vocabulary(words: type[Vocabulary]) -> Enum:
    """One of `words`, checked by the database."""
    return Enum(
        words,
        name=words.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda kind: [word.value for word in kind],
    )
