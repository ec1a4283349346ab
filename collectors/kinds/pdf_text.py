"""The words of a PDF, read in a process of its own: a page can be drawn without end, and fill any memory.

The process gets the bytes on its standard input and answers with JSON; it has no environment, and so no credential.
"""

import contextlib
import io
import json
import logging
import resource
import subprocess
import sys
from pathlib import Path

from collectors.base import ParseStopped, readable

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 60
MAX_MEMORY = 512 * 1024 * 1024
MAX_PAGES = 3_000
MAX_SIGNS = 20_000_000


def read_lines(body: bytes, *, seconds: int = MAX_SECONDS) -> list[str]:
    """The lines of all pages; what cannot be read stops with its name."""
    command = [sys.executable, "-m", "collectors.kinds.pdf_text", str(seconds)]
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module; a stranger's bytes come on standard input)
            command, input=body, capture_output=True, timeout=seconds, cwd=ROOT, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise ParseStopped("out_of_time", f"the PDF was not read within {seconds} s") from None
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise ParseStopped("parser_died", f"reading the PDF ended with {done.returncode}") from None
    if "check" in answer:
        raise ParseStopped(answer["check"], answer["evidence"])
    return [str(line) for line in answer["lines"]]


def _read(body: bytes) -> list[str]:
    import pypdf  # noqa: PLC0415  (only the limited process pays for it, under its limits)

    reader = pypdf.PdfReader(io.BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ParseStopped("encrypted", "the PDF asks for a password")
    if len(reader.pages) > MAX_PAGES:
        raise ParseStopped("oversized_payload", f"{len(reader.pages)} pages")
    lines: list[str] = []
    signs = 0
    for page in reader.pages:
        words = page.extract_text()
        signs += len(words)
        if signs > MAX_SIGNS:
            raise ParseStopped("oversized_payload", f"more than {MAX_SIGNS} signs")
        lines += [" ".join(readable(line).split()) for line in words.splitlines()]
    return lines


def _answer(body: bytes) -> dict[str, object]:
    try:
        return {"lines": _read(body)}
    except ParseStopped as stop:
        return {"check": stop.check, "evidence": stop.evidence}
    except MemoryError:
        return {"check": "out_of_memory", "evidence": f"the PDF took more than {MAX_MEMORY} bytes"}
    except RecursionError:
        return {"check": "nested_too_deep", "evidence": "the PDF refers to itself"}
    except Exception as error:  # what strangers send may break any library
        return {"check": "unreadable_payload", "evidence": f"{type(error).__name__}: {error}"[:500]}


def main() -> None:
    """Read one PDF under limits of memory and processor time."""
    seconds = int(sys.argv[1])
    for limit, wanted in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(limit, (bound, bound))
    logging.disable()
    with contextlib.redirect_stderr(io.StringIO()):
        said = _answer(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
