"""Frozen dataclasses to rows and back, for flat ones: enums as their words, tuples of text as lists."""

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import polars as pl

T = TypeVar("T")
STAMP = pl.Datetime("us", "UTC")


def to_frame(
    kind: type[T], rows: Sequence[T], *, leave_out: frozenset[str] = frozenset(), add: Mapping[str, str]
) -> pl.DataFrame:
    """One column a field, with `add` in front of every row; an empty sequence keeps the columns."""
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind) if one.name not in leave_out]  # type: ignore[arg-type]
    schema = dict.fromkeys(add, pl.String()) | {name: _column(hints[name]) for name in names}
    data = [(*add.values(), *(_plain(getattr(row, name)) for name in names)) for row in rows]
    return pl.DataFrame(data, schema=schema, orient="row")


def from_frame(
    kind: type[T], frame: pl.DataFrame, *, extra: Iterable[Mapping[str, Any]] | None = None
) -> tuple[T, ...]:
    """The rows again; `extra` gives, row by row, the fields that are stored elsewhere."""
    hints = get_type_hints(kind)
    names = [one.name for one in fields(kind) if one.name in frame.columns]  # type: ignore[arg-type]
    more = list(extra) if extra is not None else [{} for _ in range(frame.height)]
    return tuple(
        kind(**{name: _typed(hints[name], row[name]) for name in names}, **added)
        for row, added in zip(frame.iter_rows(named=True), more, strict=True)
    )


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _column(hint: Any) -> pl.DataType:
    hint = _some(hint)
    if get_origin(hint) is tuple:
        return pl.List(pl.String)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return pl.String()
    found: dict[type, pl.DataType] = {
        str: pl.String(),
        bool: pl.Boolean(),
        int: pl.Int64(),
        float: pl.Float64(),
        datetime: STAMP,
        date: pl.Date(),
    }
    return found[hint]


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    hint = _some(hint)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return tuple(_typed(inner, one) for one in value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value


def _some(hint: Any) -> Any:
    """The type of an optional field."""
    if get_origin(hint) in {Union, types.UnionType}:
        return next(one for one in get_args(hint) if one is not type(None))
    return hint
