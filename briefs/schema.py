"""The published schema of a page's JSON (draft 2020-12), worked out from the view's own types.

docs/schema/brief.schema.json holds it; `python -m horizon.pages` writes it and a test compares it with the code.
"""

import json
from dataclasses import fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from briefs.view import View

_PLAIN: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def build_schema() -> dict[str, Any]:
    """A page as it stands in the JSON form: every field is there, none is added, and `kind` tells blocks apart."""
    parts: dict[str, Any] = {}
    root = _describe(View, parts)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:horizon:brief",
        "title": "A page of an issue",
        "description": (
            "The machine's edition of a page: canonical JSON (RFC 8785). Its sha256 is the content hash that the "
            "other forms print."
        ),
        **root,
        "$defs": dict(sorted(parts.items())),
    }


def schema_text() -> str:
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def _describe(kind: Any, parts: dict[str, Any]) -> dict[str, Any]:
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"const": inner[0]} if len(inner) == 1 else {"enum": list(inner)}
    if origin is tuple:
        return _describe_tuple(inner, parts)
    if origin in {Union, UnionType}:
        return {"anyOf": [_describe(one, parts) for one in inner]}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [one.value for one in kind]}
    if isinstance(kind, type) and is_dataclass(kind):
        return _refer(kind, parts)
    raise TypeError(f"{kind} has no form in JSON")


def _describe_tuple(inner: tuple[Any, ...], parts: dict[str, Any]) -> dict[str, Any]:
    """A list of any length, or one with a fixed place for each part."""
    if len(inner) == 2 and inner[1] is Ellipsis:
        return {"type": "array", "items": _describe(inner[0], parts)}
    return {
        "type": "array",
        "prefixItems": [_describe(one, parts) for one in inner],
        "items": False,
        "minItems": len(inner),
    }


def _refer(kind: type, parts: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in parts:
        parts[name] = {}  # named before it is described, so that a part may hold itself
        hints = get_type_hints(kind)
        names = [one.name for one in fields(kind)]
        # A dataclass without a docstring gets its signature for one; that explains nothing.
        words = " ".join((kind.__doc__ or "").split())
        parts[name] = {
            **({} if words.startswith(f"{name}(") else {"description": words}),
            "type": "object",
            "properties": {one: _describe(hints[one], parts) for one in names},
            "required": names,
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}
