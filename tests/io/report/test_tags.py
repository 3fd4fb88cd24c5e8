"""The structure of a report: headings, tables and figures in reading order, and nothing that is not marked."""

from io import BytesIO

import pikepdf
import pytest

from tests import stacks
from tests.io.report.test_study_report import DAY, Member, made, member

SHOWS_TEXT = {"Tj", "TJ", "'", '"'}
PAINTS = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh"}


@pytest.fixture(scope="module", params=["echo", "stack"])
def document(request):
    if request.param == "echo":
        data = made([member("A4C"), member("A2C")])
    else:
        recording = stacks.stack()
        data = made([Member(recording, stacks.read(recording))])
    with pikepdf.open(BytesIO(data)) as opened:
        yield opened


def elements(one):
    """An element of the structure and all below, in reading order."""
    yield one
    for kid in one.K:
        if "/S" in kid:
            yield from elements(kid)


def roots(document):
    (root,) = document.Root.StructTreeRoot.K
    return root


def test_every_mark_on_a_page_is_owned_by_an_element_and_all_else_is_an_artifact(document):
    assert document.Root.MarkInfo.Marked
    numbers = document.Root.StructTreeRoot.ParentTree.Nums
    owners = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
    for page in document.pages:
        stack, marks = [], []
        for operands, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            if name in {"BDC", "BMC"}:
                assert not stack  # marks do not nest
                stack.append(str(operands[0]))
                if name == "BDC":
                    marks.append((str(operands[0]), int(operands[1].MCID)))
            elif name == "EMC":
                stack.pop()
            elif name in SHOWS_TEXT | PAINTS:
                assert stack, (name, operands)
        assert not stack
        assert [number for _, number in marks] == list(range(len(marks)))
        assert [str(one.S) for one in owners[int(page.StructParents)]] == [role for role, _ in marks]


def test_headings_tables_and_figures_stand_in_reading_order(document):
    every = list(elements(roots(document)))
    roles = [str(one.S) for one in every]
    assert roles[0] == "/Document"
    assert roles.count("/H1") == 1
    assert roles.count("/H2") >= 4
    assert roles.index("/H1") < roles.index("/H2") < roles.index("/Table")
    for one in every:
        if str(one.S) == "/Figure":
            assert str(one.Alt).strip()
            x0, y0, x1, y1 = map(float, one.A.BBox)
            assert 0 <= x0 < x1 <= 596
            assert 0 <= y0 < y1 <= 843
        if str(one.S) == "/Table":
            assert {str(kid.S) for kid in one.K} == {"/TR"}
        if str(one.S) == "/TR":
            assert {str(kid.S) for kid in one.K} <= {"/TH", "/TD"}
    assert "/Figure" in roles
    assert "/TH" in roles


def test_the_file_says_on_which_day_it_was_made(document):
    assert str(document.docinfo["/CreationDate"]) == f"D:{DAY:%Y%m%d}"
    assert document.open_metadata()["xmp:CreateDate"] == DAY.isoformat()
