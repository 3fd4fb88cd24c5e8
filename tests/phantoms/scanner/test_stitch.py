import numpy as np

from kinecor_phantoms.scanner.machine import Stitching

TIMES = np.arange(150) / 50


def test_one_beat_is_one_piece_in_place() -> None:
    pieces = Stitching(1, 3.0, TIMES, None, np.random.default_rng(0)).pieces(17)
    assert len(pieces) == 1
    assert pieces[0][0] == 17
    assert np.all(pieces[0][1] == 0)


def test_pieces_show_the_same_moment_of_other_beats() -> None:
    stitching = Stitching(3, 1.0, TIMES, lambda time: time % 1, np.random.default_rng(0))
    for frame in (3, 60, 149):
        frames = [shown for shown, _ in stitching.pieces(frame)]
        assert frames[0] == frame
        assert len(set(frames)) > 1
        assert all((one - frame) % 50 == 0 for one in frames)


def test_displacements_differ_and_even_out() -> None:
    off = np.array([off for _, off in Stitching(4, 1.5, TIMES, None, np.random.default_rng(1)).pieces(0)])
    assert np.ptp(off, axis=0).min() > 0.3
    assert np.allclose(off.mean(axis=0), 0, atol=1e-6)


def test_without_two_beats_all_pieces_show_the_frame_itself() -> None:
    for heartbeat in (None, lambda time: time / 10):
        pieces = Stitching(3, 1.0, TIMES, heartbeat, np.random.default_rng(0)).pieces(30)
        assert [frame for frame, _ in pieces] == [30] * 3
