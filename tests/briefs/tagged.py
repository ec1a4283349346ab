"""Reads a tagged PDF as a screen reader does: by its structure, from the text that the structure points to."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pikepdf

_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


@dataclass
class Node:
    """One element of the structure: its role, its own words, its parts in order."""

    role: str
    words: str = ""
    alt: str = ""
    scope: str = ""
    language: str = ""
    heads: int = 0
    parts: list["Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.words + "".join(part.text for part in self.parts)

    def every(self, *roles: str) -> Iterator["Node"]:
        if not roles or self.role in roles:
            yield self
        for part in self.parts:
            yield from part.every(*roles)


def read_tree(body: bytes) -> Node:
    """The structure of a document, with the words of each part."""
    with pikepdf.open(io.BytesIO(body)) as pdf:
        spoken = {page.objgen: _spoken(page) for page in pdf.pages}
        root = Node(role="root")
        for kid in _kids(pdf.Root.StructTreeRoot):
            _walk(kid, root, spoken, None)
    return root


def _kids(part: pikepdf.Object) -> list[pikepdf.Object]:
    held = part.get("/K")
    if held is None:
        return []
    return list(held) if isinstance(held, pikepdf.Array) else [held]


def _walk(part: pikepdf.Object, above: Node, spoken: dict, page: pikepdf.Object | None) -> None:
    if isinstance(part, int):
        above.parts.append(Node(role="words", words=spoken[page.objgen].get(part, "")))
        return
    here = part.get("/Pg", page)
    if part.get("/Type") == "/MCR":
        above.parts.append(Node(role="words", words=spoken[here.objgen].get(int(part.MCID), "")))
        return
    if part.get("/Type") == "/OBJR":
        return
    node = Node(role=str(part.S)[1:], alt=str(part.get("/Alt", "")), language=str(part.get("/Lang", "")))
    for more in part.get("/A", []):
        node.scope = str(more.get("/Scope", "")) or node.scope
        node.heads += len(more.get("/Headers", []))
    above.parts.append(node)
    for kid in _kids(part):
        _walk(kid, node, spoken, here)


def _spoken(page: pikepdf.Page) -> dict[int, str]:
    """The words of a page by the number of their marked content; what is an artifact has none and is not spoken."""
    found: dict[int, str] = {}
    _read(page, page.Resources, [], found)
    return found


def _read(page: pikepdf.Page | pikepdf.Object, resources: pikepdf.Object, marks: list, found: dict[int, str]) -> None:
    fonts: dict[str, tuple[int, dict[int, str]]] = {}
    signs: dict[int, str] = {}
    actual = 0
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC" | "BMC":
                about = operands[1] if len(operands) > 1 else {}
                if isinstance(about, pikepdf.Name):
                    about = resources.Properties[str(about)]
                instead = str(about["/ActualText"]) if "/ActualText" in about else None
                number = int(about["/MCID"]) if "/MCID" in about else None
                if instead is not None and not actual:
                    _say(instead, [*marks, (number, None)], found)
                actual += instead is not None
                marks.append((number, instead))
            case "EMC":
                actual -= marks.pop()[1] is not None
            case "Tf":
                name = str(operands[0])
                if name not in fonts:
                    fonts[name] = (2, _signs(resources.Font[name]))
                signs = fonts[name][1]
            case "Tj" | "TJ" if not actual:
                for one in operands[0] if isinstance(operands[0], pikepdf.Array) else [operands[0]]:
                    if isinstance(one, pikepdf.String):
                        raw = bytes(one)
                        codes = [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
                        _say("".join(signs.get(code, "\ufffd") for code in codes), marks, found)


def _say(words: str, marks: list, found: dict[int, str]) -> None:
    number = next((one for one, _ in reversed(marks) if one is not None), None)
    if number is not None:
        found[number] = found.get(number, "") + words


def _signs(font: pikepdf.Object) -> dict[int, str]:
    """What each code of a font means, from the table that the file gives for copying text."""
    table = font.ToUnicode.read_bytes()
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in _PAIR.findall(block):
            found[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in _RANGE.findall(block):
            start = int(text, 16)
            for at in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + at] = chr(start + at)
    return found
