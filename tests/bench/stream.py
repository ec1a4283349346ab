"""How long an array of 400 MB takes from a server on this machine to landing, and in how much memory.

Made-up records of fictional places, written by a process of its own as they are asked for, and landed twice: the second
look should add nothing. Prints figures; nothing is asserted, for machines are noisy.
`python tests/bench/stream.py [records]`.
"""

import json
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from collectors.http import GuardedClient
from collectors.sources import uhri_recommendations as uhri
from domain.classification import Protection
from domain.source import Cadence, Kind, SourceCard, SourceClass
from horizon import clock
from warehouse.landing import land_payload

RECORDS = 267_000
MONTHS = 240
TEXT = "<p>The harbour of Ruritania should be repaired, and the quay &quot;as it was&quot;. </p>"
TARGET_MEGABYTES = 300


def record(number: int) -> bytes:
    mixed = number * 2_654_435_761 % 2**32  # the same in every run, and spread
    month = mixed % MONTHS
    row = {
        "AnnotationId": f"{number:032x}",
        "DocumentId": f"{number // 40:032x}",
        "Text": TEXT * (6 + mixed // MONTHS % 13),
        "Symbol": f"FIC/{number // 40}",
        "Body": "- Harbour Committee",
        "Countries": ["- Ruritania"],
        "Regions": ["- The sea"],
        "Themes": ["- Piers", "- Boats"],
        "Sdgs": [],
        "AffectedPersons": [],
        "AnnotationType": "- Recommendations",
        "PublicationDate": f"{2004 + month // 12}-{month % 12 + 1:02d}-15T00:00:00",
        "PublicationDateOnUhri": None,
        "UprCycle": None,
        "UprRecommendingCountry": [],
    }
    return json.dumps(row).encode()


def serve(told: Connection, records: int) -> None:
    """Answers every request with the array, chunk by chunk."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._chunk(b"[" + record(0))
            for number in range(1, records):
                self._chunk(b"," + record(number))
            self._chunk(b"]")
            self._chunk(b"")

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.recv()


def look(card: SourceCard, landing: Path) -> tuple[int, int, int]:
    """Slices, bytes and new payloads of one look."""
    client = GuardedClient(card, clock=clock.now, allow_loopback=True)
    slices = size = new = 0
    for payload in uhri.fetch(card, client):
        new += land_payload(landing, payload, Protection.public(payload.collected_at.date()))
        slices += 1
        size += len(payload.body)
    return slices, size, new


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    uhri.FEWEST = min(uhri.FEWEST, records)
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, records), daemon=True)
    server.start()
    card = SourceCard(
        id="uhri_recommendations",
        title="Bench",
        publisher="Harbour Gazette",
        kind=Kind.MODULE,
        url=f"http://127.0.0.1:{here.recv()}/all.json",
        cadence=Cadence.WEEKLY,
        source_class=SourceClass.UN_SYSTEM,
        licence="fictional",
        citation="fictional",
        languages=("en",),
        coverage="Ruritania",
        lag_days=1,
        expected_min=1,
        expected_max=1,
        verified=False,
        stream_megabytes=900,
    )
    with tempfile.TemporaryDirectory() as folder:
        for turn in ("first", "second"):
            start = time.perf_counter()
            slices, size, new = look(card, Path(folder))
            seconds = time.perf_counter() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            sys.stdout.write(
                f"{turn} look: {size / 1e6:.0f} MB in {slices} slices, {new} new, {seconds:.0f} s,"
                f" peak memory {peak:.0f} MB (target below {TARGET_MEGABYTES})\n"
            )
    here.send("over")
    server.join()


if __name__ == "__main__":
    main()
