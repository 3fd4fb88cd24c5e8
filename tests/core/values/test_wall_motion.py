import pytest

from kinecor.core.values.wall_motion import WallMotion

NORMAL = WallMotion((1,) * 16)


def test_the_index_is_the_mean_over_the_segments_that_were_scored() -> None:
    assert WallMotion().index is None
    assert NORMAL.index == 1.0
    some = WallMotion().with_score(1, 3).with_score(7, 2)
    assert (some.scored, some.index) == (2, 2.5)
    assert some.with_score(1, None).index == 2.0
    assert some.words == "WMSI 2.50 (2 of 16 segments)"
    assert WallMotion().words == "not scored"


def test_an_aneurysm_is_a_remark_that_does_not_count() -> None:
    one = NORMAL.with_score(13, 4).with_aneurysm(13, aneurysm=True)
    assert one.index == NORMAL.with_score(13, 4).index
    assert one.aneurysms == (13,)
    assert one.with_aneurysm(13, aneurysm=False).aneurysms == ()


def test_the_cap_belongs_to_17_segments() -> None:
    seventeen = NORMAL.of_model(17)
    assert seventeen.scores[16] is None
    assert seventeen.index == 1.0
    back = seventeen.with_score(17, 4).with_aneurysm(17, aneurysm=True).of_model(16)
    assert back == NORMAL


@pytest.mark.parametrize(
    ("scores", "aneurysms", "why"),
    [
        ((1,) * 18, (), "16 or 17"),
        ((5,) + (1,) * 15, (), "1 to 4"),
        ((0,) * 16, (), "1 to 4"),
        ((1,) * 16, (17,), "numbered"),
    ],
)
def test_what_cannot_be_scores_is_refused(scores, aneurysms, why) -> None:
    with pytest.raises(ValueError, match=why):
        WallMotion(scores, aneurysms)
