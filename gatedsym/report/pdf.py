"""The page as a PDF: its own HTML laid out on A4, its figures put in as they are, vectors and all."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, FloatObject, NameObject
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Preformatted, SimpleDocTemplate, Spacer, Table

from gatedsym.messages import room
from gatedsym.report.formula import inline_formula, mathtext
from gatedsym.report.tree import Element, Node, read_page
from gatedsym.version import __version__

say = room("report")

MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
INK, SOFT, LINE, PANEL = (colors.HexColor(c) for c in ("#1b1b1b", "#555555", "#d8d8d8", "#f6f6f4"))
WARNING, LINK = colors.HexColor("#b00020"), "#0063a5"
TEXT, SANS, MONO, CHINESE = "DejaVuSerif", "DejaVuSans", "DejaVuSansMono", "STSong-Light"
_CODE_WIDTH = 108
_SKIPPED = {"nav", "style"}
_CAPTION = ("result", "warning", "shown", "note")


def render_pdf(page: str, pictures: Mapping[str, Any]) -> bytes:
    """The bytes of report.pdf, the same for the same page.

    Parameters
    ----------
    page : str
        index.html.
    pictures : mapping of str to bytes
        For the name of each figure its PDF.
    """
    _register_fonts()
    sources = {name: PdfReader(io.BytesIO(content)).pages[0] for name, content in pictures.items()}
    places: list[Place] = []
    tree = read_page(page)
    story = _joined(_blocks(tree, _Layout(sources, places, _targets(tree, sources))))
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=say("report-title"), author="gatedsym", producer=f"gatedsym {__version__}", invariant=1,
    )  # fmt: skip
    document.build(story, onFirstPage=_number_page, onLaterPages=_number_page)
    return _with_pictures(buffer.getvalue(), sources, places)


@dataclass(frozen=True)
class Place:
    """Position of a picture: page from 0, lower left corner, factor."""

    name: str
    page: int
    x: float
    y: float
    scale: float


@dataclass
class _Layout:
    """State that the blocks of a page share; `level` is that of the bookmark of the last heading that was drawn."""

    sources: Mapping[str, Any]
    places: list[Place] = field(default_factory=list)
    targets: Set[str] = frozenset()
    level: int = 0
    _unnamed: Iterator[int] = field(default_factory=itertools.count)

    def key_of(self, element: Element) -> str:
        """The name of an element as a place; one that has none gets one."""
        return element.attrs.get("id") or f"heading-{next(self._unnamed)}"


class Picture(Flowable):  # type: ignore[misc]
    """Room for a figure, which is put in once the pages are laid out."""

    def __init__(self, name: str, layout: _Layout, title: str = "") -> None:
        super().__init__()
        self._title = title
        box = layout.sources[name].mediabox
        self._name, self._layout = name, layout
        self._scale = min(1.0, WIDTH / float(box.width), (A4[1] - 2 * MARGIN - 60 * mm) / float(box.height))
        self.width, self.height = float(box.width) * self._scale, float(box.height) * self._scale
        self.hAlign = "CENTER"

    def draw(self) -> None:
        """Note the place."""
        self.canv.bookmarkHorizontal(self._name, 0, self.height)
        if self._title:
            self.canv.addOutlineEntry(self._title, self._name, self._layout.level + 1)
        x, y = self.canv.absolutePosition(0, 0)
        self._layout.places.append(Place(self._name, self.canv.getPageNumber() - 1, x, y, self._scale))


class Heading(Paragraph):  # type: ignore[misc]
    """A heading that links lead to, and that a reader's list of bookmarks shows."""

    def __init__(self, element: Element, layout: _Layout) -> None:
        super().__init__(_inline(element, layout.targets), _style(element.tag))
        title = " ".join(element.text().split())
        self._key, self._layout = layout.key_of(element), layout
        self._title, self._level = title, {"h2": 0, "h3": 1}.get(element.tag)

    def split(self, width: float, height: float) -> list[Any]:
        """A heading stays whole."""
        return []

    def draw(self) -> None:
        """The place, the bookmark and the words."""
        self.canv.bookmarkHorizontal(self._key, 0, self.height + 4)
        if self._level is not None:
            self.canv.addOutlineEntry(self._title, self._key, self._level, closed=True)
            self._layout.level = self._level
        super().draw()


class Formula(Flowable):  # type: ignore[misc]
    """A formula on a line of its own, drawn as outlines."""

    def __init__(self, text: str, size: float = 11) -> None:
        super().__init__()
        with matplotlib.rc_context({"mathtext.fontset": "dejavuserif"}):
            self._path = TextPath((0, 0), f"${text}$", size=size, prop=FontProperties(family="DejaVu Serif"))
        box = self._path.get_extents()
        self._left, self._bottom = float(box.x0), float(box.y0)
        self.width, self.height = float(box.width), float(box.height) + 6
        self.hAlign = "CENTER"

    def draw(self) -> None:
        """Fill the outlines."""
        canvas = self.canv
        canvas.translate(-self._left, 3 - self._bottom)
        path, last = canvas.beginPath(), (0.0, 0.0)
        for points, code in self._path.iter_segments():
            p = [float(v) for v in points]
            if code == 1:
                path.moveTo(*p)
            elif code == 2:
                path.lineTo(*p)
            elif code == 3:  # a quadratic curve, raised to a cubic one
                (a, b), (c, d), (e, f) = last, p[:2], p[2:]
                path.curveTo(a + 2 * (c - a) / 3, b + 2 * (d - b) / 3, e + 2 * (c - e) / 3, f + 2 * (d - f) / 3, e, f)
            elif code == 4:
                path.curveTo(*p)
            else:
                path.close()
            last = (p[-2], p[-1]) if len(p) >= 2 else last
        canvas.setFillColor(INK)
        canvas.drawPath(path, stroke=0, fill=1, fillMode=1)


def _targets(tree: Element, sources: Mapping[str, Any]) -> Set[str]:
    """Targets of the document's links: headings and paragraphs with a name, and figures that are there."""
    named = {e.attrs["id"] for e in tree.find("h1", "h2", "h3", "h4", "p") if "id" in e.attrs}
    return frozenset(named | sources.keys())


def _blocks(parent: Element, layout: _Layout) -> Iterator[Any]:
    """Content of an element, as flowables."""
    for child in parent.children:
        if isinstance(child, str) or child.tag in _SKIPPED:
            continue
        if child.tag in {"h1", "h2", "h3", "h4"}:
            yield Heading(child, layout)
        elif child.tag == "p":
            place = f'<a name="{escape(child.attrs["id"])}"/>' if "id" in child.attrs else ""
            words = place + _inline(child, layout.targets)
            yield Paragraph(words, _style("soft" if "soft" in child.classes else "p"))
        elif child.tag == "table":
            yield from _table(child)
        elif child.tag in {"ul", "ol"}:
            for item in child.find("li"):
                yield Paragraph(_inline(item, layout.targets), _style("li"), bulletText="•")
        elif child.tag == "pre":
            yield Preformatted(_wrapped(child.text()), _style("pre"))
        elif child.tag == "math":
            yield from (Spacer(1, 4), Formula(mathtext(child)), Spacer(1, 4))
        elif child.tag == "figure":
            yield from _figure(child, layout)
        elif child.tag == "summary":
            yield Paragraph(_inline(child), _style("h4"))
        else:
            yield from _blocks(child, layout)


def _joined(blocks: Iterator[Any]) -> list[Any]:
    """The blocks, headings with the figure that follows them on one page."""
    story: list[Any] = []
    for block in blocks:
        if isinstance(block, KeepTogether):
            first = len(story)
            while first and getattr(story[first - 1], "style", None) in [_style("h2"), _style("h3"), _style("h4")]:
                first -= 1
            block = KeepTogether([*story[first:], *block._content])
            del story[first:]
        story.append(block)
    return story


def _figure(figure: Element, layout: _Layout) -> Iterator[Any]:
    """Picture and caption; what is to be copied is for the page, and for the files beside it."""
    name = figure.attrs.get("id", "")
    title = next((" ".join(s.text().split()).rstrip(".") for s in figure.find("strong")), "")
    parts: list[Any] = [Picture(name, layout, title)] if name in layout.sources else []
    for caption in figure.find("figcaption"):
        for words in caption.find("p"):
            kind = next((c for c in words.classes if c in _CAPTION), "")
            if kind:  # links to files are for the page
                parts.append(Paragraph(_inline(words, layout.targets), _style(kind)))
    yield KeepTogether([Spacer(1, 6), *parts, Spacer(1, 6)])


def _inline(node: Node, targets: Set[str] = frozenset()) -> str:
    """Text with the tags that a paragraph knows; links lead to the `targets` of the document, or out of it."""
    if isinstance(node, str):
        return _with_chinese(escape(re.sub(r"\s+", " ", node), quote=False))
    if node.tag == "math":
        return inline_formula(node)
    inside = "".join(_inline(child, targets) for child in node.children)
    if node.tag == "a":
        return _linked(inside, node.attrs.get("href", ""), targets)
    known = {"em": "i", "i": "i", "strong": "b", "b": "b", "sub": "sub", "sup": "super"}
    if node.tag in known:
        return f"<{known[node.tag]}>{inside}</{known[node.tag]}>"
    if node.tag == "code":
        return f'<font name="{MONO}" size="8">{inside}</font>'
    return "<br/>" if node.tag == "br" else inside


def _linked(inside: str, href: str, targets: Set[str]) -> str:
    if href.startswith("#") and href[1:] not in targets:
        return inside
    return f'<a href="{escape(href)}" color="{LINK}">{inside}</a>' if href else inside


def _with_chinese(text: str) -> str:
    return re.sub(
        r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+", lambda m: f'<font name="{CHINESE}">{m[0]}</font>', text
    )


def _wrapped(text: str) -> str:
    """Lines of code, cut where the page ends."""
    lines = []
    for line in text.strip("\n").split("\n"):
        while len(line) > _CODE_WIDTH:
            cut = line.rfind(" ", 20, _CODE_WIDTH)
            cut = cut if cut > 0 else _CODE_WIDTH
            lines.append(line[:cut])
            line = "    " + line[cut:].lstrip()
        lines.append(line)
    return "\n".join(lines)


def _table(table: Element) -> Iterator[Any]:
    """A table as wide as its words, in smaller type if that is wider than the page."""
    rows = [list(row.find("th", "td")) for row in table.find("tr")]
    heads = sum(1 for head in table.find("thead") for _ in head.find("tr"))
    grid, spans = _placed(rows)
    size = 7.5
    widths = _column_widths(grid, spans, size)
    if sum(widths) > WIDTH:
        factor = WIDTH / sum(widths)
        size, widths = size * factor, [w * factor for w in widths]
    cells = [[_cell(c, size) for c in row] for row in grid]
    style: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LINEBELOW", (0, heads - 1), (-1, heads - 1), 1, LINE),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        *[("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 2)],
        *[("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)],
        *[("SPAN", start, stop) for start, stop in spans],
    ]
    yield from (
        Spacer(1, 4),
        Table(cells, colWidths=widths, style=style, repeatRows=heads, hAlign="LEFT"),
        Spacer(1, 6),
    )


Corner = tuple[int, int]


def _placed(rows: list[list[Element]]) -> tuple[list[list[Element | None]], list[tuple[Corner, Corner]]]:
    """Cells in a grid, None where one from the left or from above reaches in; and the corners of those that do."""
    taken: dict[Corner, Element | None] = {}
    spans = []
    for r, row in enumerate(rows):
        column = 0
        for cell in row:
            while (column, r) in taken:
                column += 1
            across, down = int(cell.attrs.get("colspan", 1)), int(cell.attrs.get("rowspan", 1))
            taken |= {(column + i, r + j): None for i in range(across) for j in range(down)}
            taken[column, r] = cell
            if across > 1 or down > 1:
                spans.append(((column, r), (column + across - 1, r + down - 1)))
    width = 1 + max((c for c, _ in taken), default=0)
    return [[taken.get((c, r)) for c in range(width)] for r in range(len(rows))], spans


def _column_widths(grid: list[list[Element | None]], spans: list[tuple[Corner, Corner]], size: float) -> list[float]:
    across = {start: stop[0] - start[0] + 1 for start, stop in spans}
    widths = [18.0] * len(grid[0])
    for wide in (False, True):
        for r, row in enumerate(grid):
            for c, cell in enumerate(row):
                count = across.get((c, r), 1)
                if cell is None or (count > 1) != wide:
                    continue
                need = _text_width(cell, size) + 6
                lack = need - sum(widths[c : c + count])
                for k in range(c, c + count):
                    widths[k] += max(0.0, lack) / count
    return widths


def _text_width(cell: Element, size: float) -> float:
    font = f"{TEXT}-Bold" if cell.tag == "th" else TEXT
    lines = re.sub(r"[ \t\n]+", " ", re.sub(r"<br/>", "\r", _inline(cell)))
    plain = re.sub(r"<[^>]+>", "", lines)
    return max((pdfmetrics.stringWidth(line.strip(), font, size) for line in plain.split("\r")), default=0.0)


def _cell(cell: Element | None, size: float) -> Any:
    if cell is None:
        return ""
    left = "word" in cell.classes
    style = ParagraphStyle(
        "cell",
        fontName=TEXT,
        fontSize=size,
        leading=1.25 * size,
        alignment=TA_LEFT if left else TA_RIGHT,
        textColor=INK,
    )
    text = _inline(cell).strip()
    return Paragraph(f"<b>{text}</b>" if cell.tag == "th" else text, style)


@cache
def _style(name: str) -> Any:
    plain = ParagraphStyle("p", fontName=TEXT, fontSize=9.5, leading=13.5, spaceAfter=5, textColor=INK)
    heading = {"fontName": f"{SANS}-Bold", "keepWithNext": 1}
    made = {
        "p": {},
        "soft": {"fontSize": 8.5, "leading": 12, "textColor": SOFT},
        "result": {"fontSize": 8.5, "leading": 11.5, "spaceBefore": 3, "spaceAfter": 2},
        "warning": {"fontSize": 8.5, "leading": 11.5, "textColor": WARNING, "spaceAfter": 2},
        "shown": {"fontSize": 8, "leading": 11, "textColor": SOFT, "spaceAfter": 2},
        "note": {"fontSize": 7, "leading": 9.5, "textColor": SOFT},
        "li": {"leftIndent": 12, "bulletIndent": 2, "spaceAfter": 2},
        "pre": {"fontName": MONO, "fontSize": 7.2, "leading": 9.2, "backColor": PANEL, "borderPadding": 4,
                "spaceBefore": 5, "spaceAfter": 9},
        "h1": {**heading, "fontSize": 19, "leading": 24, "spaceAfter": 6},
        "h2": {**heading, "fontSize": 13, "leading": 17, "spaceBefore": 14, "spaceAfter": 5},
        "h3": {**heading, "fontSize": 10.5, "leading": 14, "spaceBefore": 9, "spaceAfter": 3},
        "h4": {**heading, "fontSize": 9, "leading": 12, "spaceBefore": 6, "spaceAfter": 3},
    }  # fmt: skip
    return ParagraphStyle(name, parent=plain, **made[name])


@cache
def _register_fonts() -> None:
    """The fonts that come with Matplotlib, so that every machine sets the same page."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for family, slanted in ((TEXT, "Italic"), (SANS, "Oblique"), (MONO, "Oblique")):
        faces = {"": "", "-Bold": "-Bold", "-Italic": f"-{slanted}", "-BoldItalic": f"-Bold{slanted}"}
        for name, file in faces.items():
            pdfmetrics.registerFont(TTFont(f"{family}{name}", folder / f"{family}{file}.ttf"))
        pdfmetrics.registerFontFamily(
            family, normal=family, bold=f"{family}-Bold", italic=f"{family}-Italic", boldItalic=f"{family}-BoldItalic"
        )
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    pdfmetrics.registerFontFamily(CHINESE, normal=CHINESE, bold=CHINESE, italic=CHINESE, boldItalic=CHINESE)


def _number_page(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(SANS, 7.5)
    canvas.setFillColor(SOFT)
    canvas.drawRightString(A4[0] - MARGIN, 12 * mm, str(document.page))
    canvas.drawString(MARGIN, 12 * mm, f"gatedsym {__version__}")
    canvas.restoreState()


def _with_pictures(laid_out: bytes, sources: Mapping[str, Any], places: list[Place]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(laid_out)))
    for place in places:
        _put(writer, writer.pages[place.page], sources[place.name], place)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _put(writer: PdfWriter, page: Any, source: Any, place: Place) -> None:
    """Put a page into another as a form: its drawing commands are taken over as they are, unread."""
    form = DecodedStreamObject()
    form.set_data(source["/Contents"].get_object().get_data())
    form[NameObject("/Type")], form[NameObject("/Subtype")] = NameObject("/XObject"), NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(v) for v in source.mediabox)
    form[NameObject("/Resources")] = source["/Resources"].get_object().clone(writer)
    name = NameObject(f"/{place.name}")
    resources = page["/Resources"].get_object()
    forms = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
    forms[name] = writer._add_object(form.flate_encode())
    drawing = DecodedStreamObject()
    drawing.set_data(f"q {place.scale:.5f} 0 0 {place.scale:.5f} {place.x:.3f} {place.y:.3f} cm {name} Do Q\n".encode())
    before = page.raw_get("/Contents")
    before = list(before) if isinstance(before, ArrayObject) else [before]
    page[NameObject("/Contents")] = ArrayObject([*before, writer._add_object(drawing)])
