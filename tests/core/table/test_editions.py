"""Which measures each edition of the table added: a new one is of a new edition, or signed studies say they changed."""

import hashlib

import pytest

from kinecor.core.table.measures import EDITION, MEASURES

DIGESTS = {
    1: "28596bf2c664b5e3",
    2: "4fc21629e05c873b",
    3: "2c763a9b5e1238bf",
}
"""Of the sorted codes that an edition added. Never change one: an edition that was released signs with its rows."""


def digest(edition):
    codes = " ".join(sorted(one.code for one in MEASURES if one.since == edition))
    return hashlib.sha256(codes.encode()).hexdigest()[:16]


def test_every_edition_is_known():
    assert list(DIGESTS) == list(range(1, EDITION + 1))


@pytest.mark.parametrize("edition", DIGESTS)
def test_an_edition_keeps_its_measures(edition):
    assert digest(edition) == DIGESTS[edition], "give a new measure the next edition as `since`, and list it here"
