import numpy as np
import pytest

from kinecor.ui.workspace.player import Player


class Wall:
    def __init__(self):
        self.now_s = 50.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def player(qapp, wall):
    made = Player(now=wall)
    made.load(np.arange(10) * 0.04)
    yield made
    made.pause()


def test_passes_over_frames_rather_than_lag(player, wall, qtbot):
    shown = []
    player.frame_changed.connect(shown.append)
    player.play()
    wall.now_s += 0.13  # drawing took three frames' time
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [3]
    assert player.frame == 3


def test_plays_in_real_time(qtbot, qapp):
    player = Player()
    player.load(np.arange(200) * 0.02)
    shown = []
    player.frame_changed.connect(shown.append)
    player.play()
    qtbot.waitUntil(lambda: player.frame >= 15)
    player.pause()
    assert shown == sorted(shown)
    assert not player.playing


def test_steps_wrap_and_stop(player):
    player.play()
    player.step(-1)
    assert (player.frame, player.playing) == (9, False)
    player.step(1)
    assert player.frame == 0


def test_seeking_while_playing_plays_on_from_there(player, wall, qtbot):
    player.play()
    player.seek(6)
    wall.now_s += 0.041
    qtbot.waitUntil(lambda: player.frame == 7)
    assert player.playing


def test_another_speed_while_playing(player, wall, qtbot):
    player.play()
    player.set_speed(2.0)
    wall.now_s += 0.041
    qtbot.waitUntil(lambda: player.frame == 2)


def test_a_still_does_not_play(player):
    player.load(np.zeros(1))
    player.play()
    assert not player.playing


def test_loading_emits_the_first_frame(player):
    player.seek(5)
    shown = []
    player.frame_changed.connect(shown.append)
    player.load(np.arange(4) * 0.04)
    assert shown == [0]
    assert player.frames == 4
