"""Writes files made to hurt a reader: `python -m tests.corpus.bombs FOLDER`.

They are made here and are too large, or too sharp, to stand in the repository. Each is small for what it asks for, or
large and dull; `python -m tests.corpus.run` says what becomes of them.
"""

import bz2
import codecs
import gzip
import io
import json
import lzma
import sys
import zipfile
import zlib
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow
import pyarrow.parquet

MEGABYTE = 1024 * 1024
SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL_NS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACK_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Gazette</title>{}</channel></rss>'
ITEM = "<item><title>Ruritania {0}</title><link>https://gazette.example/{0}</link><guid>{0}</guid></item>"
NAME_HEADS = ("feed", "rss", "html", "svg", "workbook")
# Each is one question about a JSON reader; accepted, refused and undecided ones together.
JSON_TEXTS = (
    *("[1,]", "[,1]", "[1,,2]", '["x"', "[1}", '{"a":1,}', '{"a" 1}', "{a:1}", "{'a':1}", '{"a":1}}', '["a",\n4,\n1,'),
    *("[1]x", "[][]", '{"a":"b"}#', '{"a":/*c*/"b"}', "[1 true]", "", " ", "\ufeff", "nul", "[nan]", "[-Infinity]"),
    *("[+1]", "[.5]", "[1.]", "[-01]", "[0x42]", "[1e]", "[1e+]", "[-]", "[1_000]", "[１]", "[0.4e00669999999999]"),
    *(
        "[123123e100000]",
        "[-1e+9999]",
        "[1e-400]",
        "[" + "9" * 5000 + "]",
        '["\\x00"]',
        '["\\u00A"]',
        '["\\uD834\\uDd"]',
    ),
    *('["\\uD800"]', '["\\uDFAA"]', '["\\uD888\\u1234"]', '["\\uDd1e\\uD834"]', '["\\a"]', '["new\nline"]', '["\t"]'),
    *(
        '["\x00"]',
        '["\\u0000"]',
        '["\x7f"]',
        '["\u2028"]',
        "[\u2060]",
        "[\x0c]",
        "\xa0[]",
        "[0,\x00]",
        "True",
        "[True]",
    ),
    *('{"a":1,"a":2}', '{"":0}', '{"__proto__":[]}', '{"a":{"b":{"a":1,"a":2}}}', "[[]]", '[{"id":1,"id":1}]', '"x"'),
    *("[" * 100_000, "[" * 500 + "]" * 500, '{"a":' * 50_000, '[{"":' * 20_000, "[" + '"\\u' * 1000, '"' * 9999),
)
BROKEN_BYTES = (
    *(
        b"\xff\xfe\x00\xd8",
        b"\xfe\xff\xd8\x00",
        b"\xff\xfe\x00",
        b"\xff\xfe\x00\x00\xff\xff\xff\xff",
        b"\x00\x00\xfe\xff",
    ),
    *(
        b'["\xe9"]',
        b'["\xc0\xaf"]',
        b'["\xed\xa0\x80"]',
        b'["\xf4\xbf\xbf\xbf"]',
        b'["\xe2\x82"]',
        b"[\xff]",
        b"\xef\xbb\xbf",
    ),
    *(b"\xef\xbb\xbf" * 3 + b"[]", b"\xef\xbb", b"\x00" * 64, b"\x1a\x04\r\n" * 99, b"%PDF-1.7\n" + b"\xff" * 999),
    *(b"PK\x05\x06" + b"\x00" * 18, b"PK\x03\x04" + b"\xff" * 99, b"PAR1PAR1", b"PAR1" + b"\xff" * 99 + b"PAR1"),
    *(
        b"\x1f\x8b\x08",
        b"BZh9",
        b"\xfd7zXZ\x00",
        b"\x4c\x6f\xa7\x94\x93",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512,
    ),
)


def entity_bombs() -> Iterator[tuple[str, bytes]]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    blown = '<!ENTITY a "' + "a" * 100_000 + '">'
    for root in NAME_HEADS:
        yield f"laughs-{root}.xml", f'<!DOCTYPE {root} [<!ENTITY l0 "l">{laughs}]><{root}>&l9;</{root}>'.encode()
    yield "blown-up.xml", f"<!DOCTYPE rss [{blown}]><rss><channel>{'&a;' * 50_000}</channel></rss>".encode()
    yield "itself.xml", b'<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]><rss>&a;</rss>'
    for name, target in (
        ("file", "file:///etc/hostname"),
        ("address", "http://127.0.0.1:9/x"),
        ("device", "/dev/zero"),
    ):
        yield f"outer-{name}.xml", f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{target}">]><rss>&x;</rss>'.encode()
        yield f"outer-{name}-dtd.xml", f'<!DOCTYPE rss SYSTEM "{target}"><rss version="2.0"></rss>'.encode()
        inner = f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{target}">%p;]><r/>'
        yield f"outer-{name}-parameter.xml", inner.encode()
        yield f"outer-{name}-utf-16.xml", inner.encode("utf-16")
        yield f"outer-{name}-utf-32.xml", inner.encode("utf-32")
        yield f"outer-{name}-utf-7.xml", b'<?xml version="1.0" encoding="utf-7"?>' + inner.encode("utf-7")


def markup_bombs() -> Iterator[tuple[str, bytes]]:
    for tag in ("a", "div", "table", "b", "item", "font", "svg", "select"):
        yield f"deep-{tag}.xml", RSS.format(f"<{tag}>" * 100_000).encode()
        yield f"deep-{tag}.html", f"<html><table>{f'<{tag}>' * 100_000}".encode()
        inner = "&lt;" + tag + "&gt;"
        yield (
            f"deep-{tag}-escaped.xml",
            RSS.format(f"<item><description>{inner * 100_000}</description></item>").encode(),
        )
    yield "attributes.xml", RSS.format("<item " + " ".join(f'a{n}="{n}"' for n in range(200_000)) + "/>").encode()
    yield "long-attribute.html", b'<table><tr><td a="' + b"x" * 20 * MEGABYTE + b'">1</td></tr></table>'
    yield "long-name.xml", RSS.format("<" + "x" * 20 * MEGABYTE + "/>").encode()
    yield "comments.xml", RSS.format("<!--" * 500_000).encode()
    yield "comment-open.xml", b"<!--" + b"-" * 20 * MEGABYTE
    yield "cdata.xml", RSS.format("<![CDATA[" * 500_000).encode()
    yield "questions.xml", b"<?" * 5_000_000
    yield "brackets.xml", b"<" * 20_000_000
    yield "closings.xml", b"</a>" * 5_000_000
    yield "ampersands.xml", RSS.format("<item><title>" + "&" * 5_000_000 + "</title></item>").encode()
    yield (
        "references.xml",
        RSS.format("<item><title>" + "&#x10FFFF;&#0;&#55296;" * 300_000 + "</title></item>").encode(),
    )
    yield "spaces.xml", RSS.format("<item><title>" + " " * 20 * MEGABYTE + "</title></item>").encode()
    yield "doctype.xml", b"<!DOCTYPE " + b"[" * 5_000_000
    yield "namespaces.xml", ("<rss " + " ".join(f'xmlns:n{n}="u:{n}"' for n in range(50_000)) + "/>").encode()
    yield "entries.xml", RSS.format("".join(ITEM.format(n) for n in range(60_000))).encode()
    yield "many-entries.xml", RSS.format("".join(ITEM.format(n) for n in range(10_000))).encode()
    yield "one-guid.xml", RSS.format(ITEM.format(1) * 10_000).encode()
    yield "dates.xml", RSS.format(f"<item><title>t</title><pubDate>{'1' * 5_000_000}</pubDate></item>").encode()
    yield "rows.html", b"<table>" + b"<tr><td>1</td></tr>" * 500_000
    yield "cells.html", b"<table><tr>" + b"<td>1" * 1_000_000
    yield "links.html", b"<table><tr><td>" + b"<a href=x>1</a>" * 300_000
    yield "items.html", b"<table>" + b"<tr><td><ul>" * 30_000
    yield "base.xml", RSS.format('<item xml:base="http://[::1"><link>' + "../" * 1_000_000 + "</link></item>").encode()


def text_bombs() -> Iterator[tuple[str, bytes]]:
    yield "line.txt", b"a" * 100 * MEGABYTE
    yield "line.json", b'["' + b"a" * 100 * MEGABYTE + b'"]'
    yield "line.csv", b"a,b\n" + b"x" * 100 * MEGABYTE
    yield "digits.json", b"[" + b"9" * 100 * MEGABYTE + b"]"
    yield "numbers.json", b"[" + b"1," * 10_000_000 + b"1]"
    yield "empty-objects.json", b"[" + b"{}," * 3_000_000 + b"{}]"
    yield "keys.json", json.dumps([{f"k{n}": n for n in range(300_000)}]).encode()
    yield "wide-objects.json", json.dumps([{f"k{n}.{m}": 1 for m in range(10)} for n in range(20_000)]).encode()
    yield "escapes.json", b'["' + b"\\u0041" * 8_000_000 + b'"]'
    yield "same-keys.json", b'[{"a":1' + b',"a":1' * 3_000_000 + b"}]"
    yield "commas.csv", b"," * 50_000_000
    yield "lines.csv", b"a\n" + b"1\n" * 10_000_000
    yield "quotes.csv", b'"' * 50_000_000
    yield "columns.csv", ",".join(f"c{n}" for n in range(500_000)).encode() + b"\n" + b"1," * 499_999 + b"1"
    yield "returns.csv", b"\r" * 50_000_000
    yield "spaces.json", b" " * 100 * MEGABYTE
    yield "zeros.bin", bytes(100 * MEGABYTE)
    yield "wide-table.csv", (",".join(f"p{n}" for n in range(2000)) + "\n").encode() + b"2020-01-01" + b",1" * 1999
    for number, text in enumerate(JSON_TEXTS):
        yield f"question-{number:03}.json", text.encode("utf-8", "surrogatepass")
    for number, body in enumerate(BROKEN_BYTES):
        yield f"bytes-{number:03}.bin", body


def encodings() -> Iterator[tuple[str, bytes]]:
    """One feed, one list and one table, with and without marks, whole and cut, rightly and wrongly named."""
    feed = RSS.format(ITEM.format("é 漢 👩")).replace('version="1.0"', 'version="1.0" encoding="{}"')
    for name in (
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "utf-7",
        "gb18030",
        "cp037",
    ):
        for form, words in (("xml", feed.format(name)), ("json", '[{"id": "é"}]'), ("csv", "id,place\n1,é\n")):
            body = words.encode(name, "replace")
            yield f"{name}.{form}", body
            yield f"{name}-cut.{form}", body[: len(body) // 2 | 1]
            yield f"{name}-marked.{form}", codecs.BOM_UTF8 + body
            yield f"{name}-nul.{form}", body[:40] + b"\x00" + body[40:]
    for label in ("utf-16", "utf-7", "rot13", "zip", "unicode_escape", "idna", "hex", "undefined", "x" * 5000, "é"):
        yield f"label-{label[:20]}.xml", feed.format(label).encode()
    yield "surrogates.xml", RSS.format("<item><title>a\ud800b</title></item>").encode("utf-8", "surrogatepass")
    yield "surrogates.csv", "id,place\n1,\udfff\n".encode("utf-8", "surrogatepass")


def archive_bombs() -> Iterator[tuple[str, bytes]]:
    flat = bytes(200 * MEGABYTE)
    for name, pack in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("z", zlib.compress)):
        packed: Callable[[bytes], bytes] = pack
        yield f"flood.{name}", packed(flat)
    yield "flood.zip", zipped({"a": flat})
    yield "nested.zip", zipped({"a.zip": zipped({"b.zip": zipped({"c": flat})})})
    yield "members.zip", zipped({f"m{n}": b"" for n in range(70_000)})
    sheet = f'<worksheet xmlns="{SHEET_NS}"><sheetData>{{}}</sheetData></worksheet>'
    row = "<row>" + '<c t="inlineStr"><is><t>x</t></is></c>' * 50 + "</row>"
    yield "flood.xlsx", workbook(sheet.format(row * 40_000))
    yield "far-cell.xlsx", workbook(sheet.format('<row><c r="XFD1048576"><v>1</v></c></row>' * 10_000))
    yield "far-row.xlsx", workbook(sheet.format('<row r="99999999999"><c r="ZZZ9"><v>1</v></c></row>'))
    yield "laughs.xlsx", workbook('<!DOCTYPE w [<!ENTITY a "aaaa">]>' + sheet.format("<row><c><v>&a;</v></c></row>"))
    yield (
        "strings.xlsx",
        workbook(sheet.format('<row><c t="s"><v>99999999</v></c></row>'), strings="<si><t>x</t></si>" * 2_000_000),
    )
    yield "deep.xlsx", workbook(sheet.format("<row>" + "<c>" * 100_000))
    yield "dates.xlsx", workbook(sheet.format('<row><c s="0"><v>1e308</v></c><c t="d"><v>x</v></c></row>'))
    yield "no-sheet.xlsx", zipped({"xl/workbook.xml": b"<workbook/>"})
    yield (
        "encrypted.xlsx",
        zipped({"xl/workbook.xml": b"x"}).replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
        ),
    )
    yield "climbs.xlsx", zipped({"../../xl/workbook.xml": b"<a/>"})
    for name, values in (("same", ["x" * 1000] * 3_000_000), ("numbers", list(range(3_000_000)))):
        file = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table({"id": values}), file, compression="zstd")
        yield f"{name}.parquet", file.getvalue()
        yield f"{name}-cut.parquet", file.getvalue()[: len(file.getvalue()) // 2] + b"PAR1"


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def workbook(sheet: str, *, strings: str = "") -> bytes:
    """A workbook of one sheet, with as little around it as readers ask for."""
    return zipped(
        {
            "xl/workbook.xml": (
                f'<workbook xmlns="{SHEET_NS}" xmlns:r="{REL_NS}">'
                '<sheets><sheet name="s" r:id="r1"/></sheets></workbook>'
            ).encode(),
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{PACK_NS}"><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>'
            ).encode(),
            "xl/worksheets/s.xml": sheet.encode(),
            "xl/sharedStrings.xml": f'<sst xmlns="{SHEET_NS}">{strings}</sst>'.encode(),
        }
    )


def write(folder: Path) -> int:
    """Write each kind into a folder of its own; they take about a gigabyte."""
    written = 0
    for kind in (entity_bombs, markup_bombs, text_bombs, encodings, archive_bombs):
        inside = folder / kind.__name__
        inside.mkdir(parents=True, exist_ok=True)
        for name, body in kind():
            (inside / name).write_bytes(body)
            written += 1
    return written


def main(words: Sequence[str] | None = None) -> int:
    """Write the files and say how many there are."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(words).folder
    sys.stdout.write(f"{write(folder)} files in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
