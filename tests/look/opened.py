"""Everything that a file of an issue or of the site says, however it is packed: words, names, metadata."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2


def read_every(folder: Path) -> Iterator[tuple[str, str]]:
    """The name and all texts of each file below a folder; of a packed file, of each of its parts."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        yield f"{name} (name)", name
        for part, text in read_file(path):
            yield f"{name} {part}".strip(), text


def read_file(path: Path) -> Iterator[tuple[str, str]]:
    body = path.read_bytes()
    match path.suffix:
        case ".pdf":
            yield from _pdf(body)
        case ".docx":
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                yield "comment", packed.comment.decode("latin-1")
                for one in packed.infolist():
                    yield one.filename, f"{one.filename} {one.comment.decode('latin-1')} " + _text(packed.read(one))
        case _:
            yield "", _text(body)


def pdf_text(body: bytes) -> str:
    """The words on the pages, as they are drawn."""
    with pypdfium2.PdfDocument(body) as found:
        return "\n".join(page.get_textpage().get_text_range() for page in found)


def docx_text(body: bytes) -> str:
    """The words of the main part, with paragraphs apart."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return packed.read("word/document.xml").decode()


def _pdf(body: bytes) -> Iterator[tuple[str, str]]:
    yield "words", pdf_text(body)
    with pikepdf.open(io.BytesIO(body)) as found:
        yield "docinfo", " ".join(f"{key} {value}" for key, value in found.docinfo.items())
        for number, one in enumerate(found.objects):
            if isinstance(one, pikepdf.Stream):
                try:
                    yield f"stream {number}", one.read_bytes().decode("latin-1")
                except pikepdf.PdfError:  # a picture's own packing
                    continue
            elif isinstance(one, pikepdf.Dictionary | pikepdf.Array):
                yield f"object {number}", " ".join(_strings(one))


def _strings(held: pikepdf.Object, depth: int = 0) -> Iterator[str]:
    """Texts directly within an object; what it refers to is an object of its own."""
    parts = list(held.items()) if isinstance(held, pikepdf.Dictionary) else [("", one) for one in held]
    for key, one in parts:
        yield str(key)
        if isinstance(one, pikepdf.String | pikepdf.Name):
            yield str(one)
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Array) and not one.is_indirect and depth < 5:
            yield from _strings(one, depth + 1)


def _text(body: bytes) -> str:
    return body.decode("utf-8", errors="replace")
