"""Requests as they were registered, so that the desk can open them again: one file each, readable by its owner alone.

A request holds an entity's words and a State's code, and nobody of the roster.
"""

import json
from dataclasses import fields
from datetime import date
from pathlib import Path

from alerts.person import Span, Tongue
from alerts.request import Profile, Request, read_request
from domain.signal import short_hash
from horizon.settings import Settings
from warehouse.durable import write_whole


def keep_request(asked: Request, settings: Settings) -> None:
    """Write one request; the newest words of an id stand."""
    path = _path(asked.id, settings)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, json.dumps(_values(asked), ensure_ascii=False, sort_keys=True).encode(), mode=0o600)


def load_kept(request: str, settings: Settings) -> Request | None:
    """The request of this id; None when it was never kept here."""
    path = _path(request, settings)
    return read_request(json.loads(path.read_text("utf-8")), name=request) if path.is_file() else None


def _path(request: str, settings: Settings) -> Path:
    """A hash, because an id is an entity's own text and no file's name."""
    return settings.var / "roster" / "requests" / f"{short_hash('request', request)}.json"


def _values(asked: Request) -> dict[str, object]:
    """The fields as `read_request` takes them."""
    found: dict[str, object] = {}
    for name in (one.name for one in fields(Request)):
        match getattr(asked, name):
            case Span() as span:
                found |= {"start": span.first.isoformat(), "end": span.last.isoformat()}
            case frozenset() as values:
                found[name] = sorted(values)
            case tuple() as values:
                found[name] = [_profile(one) if isinstance(one, Profile) else _tongue(one) for one in values]
            case date() as day:
                found[name] = day.isoformat()
            case value:
                found[name] = value
    return found


def _profile(one: Profile) -> dict[str, object]:
    return {
        "name": one.name,
        "count": one.count,
        "skills": sorted(one.skills),
        "languages": [_tongue(each) for each in one.languages],
    }


def _tongue(one: Tongue) -> str:
    return f"{one.language}:{one.grade.value}"
