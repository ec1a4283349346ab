"""Recorded looks of a specimen week, played as if they were happening.

A folder holds `manifest.toml`: `as_of`, `title`, then `[[look]]` with `source`, `looked_at`, `basis`, optional
`reconstructed` and `state`, and `[[look.payload]]` with `url`, `file`, `status`, `content_type` and, for a file
kept compressed as it would travel, `encoding = "gzip"`. A card without a look is not in the specimen.
"""

import gzip
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.base import FetchFailed, Stream
from domain.errors import Unavailable
from domain.signal import Basis, Payload
from domain.source import SourceState

MANIFEST = "manifest.toml"
PIECE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPayload:
    """`collected_at` is when these bytes were first seen: the same bytes at a later look are not new."""

    url: str
    path: Path
    status: int
    content_type: str
    encoding: str
    collected_at: datetime

    def body(self) -> bytes:
        return _body(self.path, self.encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLook:
    """One look at one source. `reconstructed`: nobody looked then; what was to be seen is worked out from later data.

    A reconstructed look may carry no payload: it says that the source could be seen, not what it showed.
    """

    source_id: str
    looked_at: datetime
    basis: Basis
    reconstructed: bool
    state: SourceState
    payloads: tuple[RecordedPayload, ...]


class ReplayClient:
    """Answers from one recorded look; it knows no other address."""

    def __init__(self, look: RecordedLook) -> None:
        self._look = look
        self._by_url = {payload.url: payload for payload in look.payloads}

    def get(self, url: str) -> Payload:
        recorded = self._recorded(url)
        return Payload(
            source_id=self._look.source_id,
            url=url,
            status=recorded.status,
            headers=(("content-type", recorded.content_type),),
            body=recorded.body(),
            collected_at=recorded.collected_at,
            basis=self._look.basis,
        )

    def post(self, url: str, body: str) -> Payload:
        """A recorded look holds answers, not questions: one address has one answer."""
        return self.get(url)

    def stream(self, url: str) -> Stream:
        """The recorded bytes in pieces; specimens are small."""
        whole = self.get(url)
        pieces = (whole.body[start : start + PIECE] for start in range(0, len(whole.body), PIECE))
        return Stream(replace(whole, body=b""), pieces, lambda: whole.collected_at)

    def _recorded(self, url: str) -> RecordedPayload:
        recorded = self._by_url.get(url)
        if recorded is None:
            raise FetchFailed(
                url,
                f"The recorded look of {self._look.looked_at.isoformat()} does not hold this address.",
                do="Look with LIVE=1, or record this address.",
            )
        return recorded


def list_looks(folder: Path) -> list[RecordedLook]:
    """All looks of a week in the order of time, then of source."""
    path = folder / MANIFEST
    if not path.is_file():
        raise Unavailable(
            f"There is no specimen in {folder.name}.",
            why=f"{MANIFEST} is not there.",
            do="Choose a week that stands in collectors/samples.",
        )
    manifest = tomllib.loads(path.read_text("utf-8"))
    first_seen: dict[tuple[str, str], datetime] = {}
    ordered = sorted(manifest.get("look", []), key=lambda entry: (_utc(entry["looked_at"]), entry["source"]))
    return [_look(folder, entry, first_seen) for entry in ordered]


def looks(folder: Path, source_id: str) -> Iterator[RecordedLook]:
    """The looks at one source, oldest first."""
    return (look for look in list_looks(folder) if look.source_id == source_id)


def _look(folder: Path, entry: dict[str, Any], first_seen: dict[tuple[str, str], datetime]) -> RecordedLook:
    looked_at = _utc(entry["looked_at"])
    payloads: list[RecordedPayload] = []
    for row in entry.get("payload", []):
        path = folder / row["file"]
        encoding = row.get("encoding", "")
        name = (entry["source"], hashlib.sha256(_body(path, encoding)).hexdigest())
        payloads.append(
            RecordedPayload(
                url=row["url"],
                path=path,
                status=row["status"],
                content_type=row["content_type"],
                encoding=encoding,
                collected_at=first_seen.setdefault(name, looked_at),
            )
        )
    return RecordedLook(
        source_id=entry["source"],
        looked_at=looked_at,
        basis=Basis(entry["basis"]),
        reconstructed=entry.get("reconstructed", False),
        state=SourceState(entry.get("state", "ok")),
        payloads=tuple(payloads),
    )


def _body(path: Path, encoding: str) -> bytes:
    return gzip.decompress(path.read_bytes()) if encoding == "gzip" else path.read_bytes()


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
