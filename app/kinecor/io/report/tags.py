"""The structure of a report's pages, which screen readers and text extraction follow: a tagged PDF.

Each piece of a page is drawn between marks that name its role - heading, paragraph, cell of a table, figure with a
text in its place, or artifact (rules, grounds, running heads) - and a tree over these marks is written into the file
(ISO 32000-1, 14.7 and 14.8). reportlab has no tags, pikepdf writes the tree.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pikepdf
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table

PARAGRAPH: Final = "P"
TITLE: Final = "H1"
HEADING: Final = "H2"
FIGURE: Final = "Figure"


@dataclass(eq=False)
class Element:
    """An element of the structure.

    Attributes:
        role: a standard structure type, "P", "H2", "Table", ...
        alt: what is said in place of a figure.
        box: of a figure on its page, x0, y0, x1, y1 in points.
        kids: elements, and marks as (page from 0, number of the mark on this page), in reading order.

    """

    role: str
    alt: str = ""
    box: tuple[float, float, float, float] | None = None
    kids: list["Element | tuple[int, int]"] = field(default_factory=list)


class TaggedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
    """A canvas that puts marks around what is drawn; `root` is the structure of the document."""

    def __init__(self, *args: Any, root: Element, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._open = [root]
        self._marks: dict[int, int] = {}
        self._inside = False  # marks do not nest

    @contextmanager
    def element(self, role: str) -> Iterator[Element]:
        """What is drawn within belongs to a new element of the structure.

        Args:
            role: of PDF, e.g. "Table".

        """
        if self._inside:
            yield Element(role)
            return
        made = Element(role)
        self._open[-1].kids.append(made)
        with self.within(made):
            yield made

    @contextmanager
    def within(self, element: Element) -> Iterator[None]:
        """What is drawn within belongs to an element of the structure that exists.

        Args:
            element: of the structure.

        """
        self._open.append(element)
        try:
            yield
        finally:
            self._open.pop()

    @contextmanager
    def marked(self, role: str, alt: str = "", box: tuple[float, float, float, float] | None = None) -> Iterator[None]:
        """All that is drawn within is one piece with this role.

        Args:
            role: of PDF, e.g. "P".
            alt: what a figure shows; "" for text.
            box: of a figure on the page, (x0, y0, x1, y1) in points.

        """
        if self._inside:
            yield
            return
        page = self.getPageNumber() - 1
        number = self._marks.get(page, 0)
        self._marks[page] = number + 1
        self._open[-1].kids.append(Element(role, alt, box, [(page, number)]))
        with self._between(f"/{role} <</MCID {number}>> BDC"):
            yield

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What is drawn within says nothing: rules, grounds, and what every page repeats."""
        if self._inside:
            yield
            return
        with self._between("/Artifact BMC"):
            yield

    @contextmanager
    def _between(self, mark: str) -> Iterator[None]:
        self._code.append(mark)
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
            self._code.append("EMC")


@contextmanager
def artifact(canvas: Canvas) -> Iterator[None]:
    """As `TaggedCanvas.artifact`; on another canvas nothing is marked.

    Args:
        canvas: of the page.

    """
    if isinstance(canvas, TaggedCanvas):
        with canvas.artifact():
            yield
    else:
        yield


@contextmanager
def mark_content(canvas: Canvas, role: str, alt: str = "", size: tuple[float, float] | None = None) -> Iterator[None]:
    """As `TaggedCanvas.marked`, of a box of `size` (points) at the origin; on another canvas nothing is marked.

    Args:
        canvas: of the page.
        role: of PDF, e.g. "P".
        alt: what a figure shows; "" for text.
        size: (width, height) of a figure; None for text.

    """
    if not isinstance(canvas, TaggedCanvas):
        yield
        return
    box = None
    if size is not None:
        (x0, y0), (x1, y1) = canvas.absolutePosition(0, 0), canvas.absolutePosition(*size)
        box = (x0, y0, x1, y1)
    with canvas.marked(role, alt, box):
        yield


class TaggedParagraph(Paragraph):  # type: ignore[misc]
    """A paragraph that says what it is; see `role`."""

    role = PARAGRAPH

    def draw(self) -> None:
        """Draw it between its marks; an empty one has none."""
        if not self.getPlainText().strip():
            super().draw()
            return
        with mark_content(self.canv, self.role):
            super().draw()


class TaggedTable(Table):  # type: ignore[misc]
    """A table whose rows and cells are elements of the structure; of a mere layout, only what its cells hold."""

    layout = False
    _row = Element("TR")
    _row_y = 0.0
    _row_number = -1

    def draw(self) -> None:
        """Draw it as an element; its rules and grounds are artifacts."""
        if self.layout or not isinstance(self.canv, TaggedCanvas):
            super().draw()
            return
        self._row_number = -1
        with self.canv.element("Table") as self._element:
            super().draw()

    def onSplit(self, part: Table, byRow: int = 1) -> None:  # noqa: N802, N803  # reportlab's names
        """Parts on further pages are what the whole is.

        Args:
            part: on one page.
            byRow: as reportlab gives it.

        """
        super().onSplit(part, byRow)
        part.layout = self.layout

    def _drawCell(  # noqa: N802
        self, cell: object, style: object, place: tuple[float, float], size: tuple[float, float]
    ) -> None:
        if self.layout or not isinstance(self.canv, TaggedCanvas):
            super()._drawCell(cell, style, place, size)
            return
        if self._row_number < 0 or self._row_y != place[1]:
            self._row, self._row_y = Element("TR"), place[1]
            self._element.kids.append(self._row)
            self._row_number += 1
        titles = self._row_number < self.repeatRows
        with self.canv.within(self._row), self.canv.element("TH" if titles else "TD"):
            super()._drawCell(cell, style, place, size)

    def _drawBkgrnd(self) -> None:  # noqa: N802
        with artifact(self.canv):
            super()._drawBkgrnd()

    def _drawLines(self) -> None:  # noqa: N802
        with artifact(self.canv):
            super()._drawLines()


def write_structure(document: pikepdf.Pdf, root: Element) -> None:
    """Write the structure of a document into it; its pages hold the marks.

    Args:
        document: drawn on a TaggedCanvas.
        root: of that canvas.

    """
    owners: list[dict[int, pikepdf.Object]] = [{} for _ in document.pages]

    def written(element: Element, parent: pikepdf.Object) -> pikepdf.Object:
        made = document.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name(f"/{element.role}"), P=parent)
        )
        if element.alt:
            made.Alt = element.alt
        if element.box is not None:
            made.A = pikepdf.Dictionary(
                O=pikepdf.Name.Layout, BBox=pikepdf.Array([round(corner, 2) for corner in element.box])
            )
        if element.role == "TH":
            made.A = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Column)
        kids: list[pikepdf.Object] = []
        for kid in element.kids:
            if isinstance(kid, Element):
                kids.append(written(kid, made))
                continue
            page, number = kid
            owners[page][number] = made
            kids.append(pikepdf.Dictionary(Type=pikepdf.Name.MCR, Pg=document.pages[page].obj, MCID=number))
        made.K = pikepdf.Array(kids)
        return made

    tree = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    tree.K = pikepdf.Array([written(root, tree)])
    numbered: list[object] = []
    for index, (page, owner) in enumerate(zip(document.pages, owners, strict=True)):
        page.obj.StructParents, page.obj.Tabs = index, pikepdf.Name.S
        by_mark: Sequence[pikepdf.Object] = [owner[number] for number in sorted(owner)]
        numbered += [index, document.make_indirect(pikepdf.Array(by_mark))]
    tree.ParentTree = document.make_indirect(pikepdf.Dictionary(Nums=pikepdf.Array(numbered)))
    tree.ParentTreeNextKey = len(document.pages)
    document.Root.StructTreeRoot = tree
    document.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
