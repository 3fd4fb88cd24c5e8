from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import examples
from pydicom.pixels import pixel_array

from kinecor.analysis import strategy as phases
from kinecor.analysis.analyse import propose, propose_early, propose_first
from kinecor.analysis.models import Models, describe
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Region, Source
from kinecor.core.values.track import Origin, Structure
from kinecor.session.codec import encode
from kinecor_models.contours.outlines import Outlines
from kinecor_models.contours.pairs import PairOutput
from kinecor_models.contract import ClipInput, ClipOutput, EarlyOutput, Tick, fit_grid
from tests.core.readings import beating
from tests.core.shapes import truncated_ellipse


class FakeModel:
    """Finds ventricles that beat as `beating()`, wherever it looks."""

    card = describe()[0]
    seen: ClipInput | None = None

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        self.seen = clip
        frames = len(clip.frames)
        for frame in range(frames + 1):
            tick(frame, frames)
        shapes = [
            truncated_ellipse(half_width=w, centre=(128, 110), points=96).points.astype(np.float32)
            for w in beating(frames)
        ]
        sure = np.full(frames, 0.9, np.float32)
        nothing = np.zeros(frames, np.float32)
        return ClipOutput(
            {"lv_endo": shapes, "lv_epi": [None] * frames, "la": [None] * frames},
            {"lv_endo": sure, "lv_epi": nothing, "la": nothing},
            fit_grid((10, 20, 138, 148), 256),
        )


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    model = FakeModel()
    monkeypatch.setattr(Models, "apical", lambda _: model)
    monkeypatch.setattr(Models, "views", lambda _: None)
    return model


def cine(frames: np.ndarray | None = None, **facts: object) -> CineSequence:
    images = np.full((40, 160, 200), 60, np.uint8) if frames is None else frames
    times = np.arange(len(images)) * 0.04
    return CineSequence(ArrayFrames(images), times, "FrameTime", None, Source("x", "r", "s", "US"), **facts)  # type: ignore[arg-type]


def test_a_proposal_becomes_contours_marks_and_numbers(fake: FakeModel) -> None:
    recording = cine(region=Region(5, 6, 150, 155))
    start = first_reading(recording).with_(calibration=Calibration(0.5, 0.5, "test"), view=View("A4C", None, "Ada"))
    proposal = propose(recording, start)
    reading = proposal.edit.apply(start, proposal.by)
    assert proposal.by == FakeModel.card.author
    assert fake.seen is not None
    assert fake.seen.region == (5, 6, 150, 155)
    assert fake.seen.interval_s == pytest.approx(0.04)
    track = reading.tracks[Structure.LV_ENDO]
    assert set(track.origins) == {Origin.MODEL}
    # The fake draws at network scale, two network pixels to one of the image, whose box starts at (10, 20).
    expected = (truncated_ellipse(half_width=25, centre=(128, 110), points=96).points + 0.5) / 2 - 0.5 + (10, 20)
    first = track.contours[0]
    assert first is not None
    assert first.points == pytest.approx(expected, abs=1e-4)
    assert reading.events is not None
    assert [(b.ed, b.es) for b in reading.events.beats] == [(0, 10), (20, 30)]
    ef = next(row for row in measurements(reading) if row.code == "EF")
    assert ef.quantity is not None
    assert ef.quantity.value == pytest.approx(43.75, abs=0.2)


def test_what_is_shown_early_does_not_change_what_follows(fake: FakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = cine()
    alone = propose_early(recording, first_reading(recording))
    assert alone.proposal is None  # this model has nothing early

    def early(clip: ClipInput, tick: Tick) -> EarlyOutput:
        return EarlyOutput((fake(clip, tick),), lambda later: (fake(clip, later),))

    monkeypatch.setattr(FakeModel, "early", lambda _, clip, tick: early(clip, tick), raising=False)
    begun = propose_early(recording, first_reading(recording))
    assert begun.proposal is not None
    shown = begun.proposal.edit.apply(first_reading(recording), begun.proposal.by)
    assert shown.events is not None
    whole = propose_first(recording, first_reading(recording))
    for found in (alone, begun):
        later = found.finish(lambda *_: None)
        assert (later.by, encode(later.edit)) == (whole.by, encode(whole.edit))


def test_a_view_that_is_refused_shows_nothing_early(fake: FakeModel) -> None:
    recording = cine(np.random.default_rng(1).integers(0, 255, (12, 160, 200, 3), np.uint8))
    begun = propose_early(recording, first_reading(recording))
    assert begun.proposal is None
    assert begun.finish(lambda *_: None).edit.summary == "not measured"


def test_unequal_pixels_reach_the_model_as_aspect(fake: FakeModel) -> None:
    recording = cine()
    propose(recording, first_reading(recording).with_(calibration=Calibration(0.4, 0.5, "test")))
    assert fake.seen is not None
    assert fake.seen.aspect == pytest.approx(0.8)


def test_colour_doppler_is_withheld_with_its_reason(fake: FakeModel) -> None:
    rng = np.random.default_rng(0)
    images = np.repeat(rng.integers(40, 120, (4, 160, 200, 1), dtype=np.uint8), 3, axis=3)
    images[:, 40:110, 60:140] = (230, 40, 20)
    recording = cine(images)
    reading = propose(recording, first_reading(recording)).edit.apply(first_reading(recording), "m")
    assert reading.withheld is not None
    assert "colour Doppler" in reading.withheld
    assert not reading.tracks
    assert fake.seen is None


@pytest.mark.parametrize("label", ["PSAX", "PLAX", "SC4C"])
def test_a_view_without_a_long_left_ventricle_is_withheld(fake: FakeModel, label: str) -> None:
    recording = cine()
    start = first_reading(recording).with_(view=View(label, None, "Ada"))
    reading = propose(recording, start).edit.apply(start, "m")
    assert reading.withheld is not None
    assert label in reading.withheld
    assert fake.seen is None


@pytest.mark.parametrize("label", ["A4C", "A2C", "A3C", "unknown"])
def test_an_apical_or_unknown_view_is_measured(fake: FakeModel, label: str) -> None:
    recording = cine()
    start = first_reading(recording).with_(view=View(label, None, "Ada"))
    assert propose(recording, start).edit.apply(start, "m").withheld is None


def test_another_modality_is_not_taken_for_echo(fake: FakeModel) -> None:
    recording = replace(cine(), source=Source("x", "r", "s", "XA"))
    reading = propose(recording, first_reading(recording)).edit.apply(first_reading(recording), "m")
    assert "XA" in (reading.withheld or "")
    assert fake.seen is None


def test_a_new_analysis_replaces_all_of_an_earlier_one(fake: FakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = cine()
    start = first_reading(recording)
    first = propose(recording, start).edit.apply(start, "m")
    withheld = propose(recording, first.with_(view=View("PSAX", None, "Ada"))).edit.apply(first, "m")
    assert not withheld.tracks
    assert withheld.events is not None
    assert withheld.events.beats == ()
    again = propose(recording, withheld).edit.apply(withheld, "m")
    assert again.withheld is None
    assert again.tracks
    monkeypatch.setattr(phases, "volume_events", lambda *_: None)
    still = propose(recording, first).edit.apply(first, "m")
    assert still.events is not None
    assert still.events.beats == ()


def test_the_proportions_of_an_offered_scale_reach_the_model(fake: FakeModel) -> None:
    recording = cine(offered=Calibration(0.4, 0.5, "offered"))
    propose(recording, first_reading(recording))
    assert fake.seen is not None
    assert fake.seen.aspect == pytest.approx(0.8)


def test_cancelling_comes_through(fake: FakeModel) -> None:
    def tick(done: int, total: int) -> None:
        if done == 5:
            raise Cancelled

    recording = cine()
    with pytest.raises(Cancelled):
        propose(recording, first_reading(recording), tick)


def test_an_unknown_device_is_reported() -> None:
    with pytest.raises(KinecorError, match="expected one of auto, cpu, cuda"):
        Models("tpu").apical()


def test_the_demo_clip_beats_once_or_more_with_a_plausible_ef() -> None:
    recording = cine(pixel_array(examples.get_path("ybr_color")), region=Region(42, 15, 298, 207))
    start = first_reading(recording)
    proposal = propose(recording, start, device="cpu")
    reading = proposal.edit.apply(start, proposal.by)
    assert reading.events is not None
    rows = {row.code: row for row in measurements(reading)}
    ef = rows["EF"].quantity
    assert ef is not None
    assert 30 < ef.value < 80
    assert rows["EDV"].quantity is None


def test_the_colour_clip_of_the_data_folder_is_not_measured(shared_data: Path) -> None:
    from kinecor.io.open.recordings import open_path

    (recording,) = open_path(shared_data / "echo-clips" / "plax-colour-palette-rle.dcm").recordings
    assert isinstance(recording, CineSequence)
    reading = propose(recording, first_reading(recording), device="cpu").edit.apply(first_reading(recording), "m")
    assert reading.withheld is not None


class FakePairs:
    """Draws ventricles at ES that are wider than those of FakeModel by a share."""

    card = replace(FakeModel.card, name="lv-pairs", version="9.0.0")

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __call__(self, clip: ClipInput, beats: list[tuple[int, int]], tick: Tick) -> PairOutput:
        self.asked = list(beats)
        widths = beating(len(clip.frames))
        frames = {
            frame: Outlines(
                {
                    "lv_endo": truncated_ellipse(
                        half_width=1.1 * widths[frame], centre=(128, 110), points=96
                    ).points.astype(np.float32),
                    "lv_epi": None,
                    "la": None,
                },
                {"lv_endo": 0.97, "lv_epi": 0.0, "la": 0.0},
            )
            for _, frame in beats
        }
        tick(len(frames), len(frames))
        return PairOutput(frames, fit_grid((10, 20, 138, 148), 256))


def test_values_rest_on_the_network_that_sees_es_together_with_ed(
    fake: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = cine(region=Region(5, 6, 150, 155))
    start = first_reading(recording).with_(calibration=Calibration(0.5, 0.5, "test"), view=View("A4C", None, "Ada"))
    alone = propose(recording, start)
    pairs = FakePairs()
    monkeypatch.setattr(Models, "pairs", lambda _: pairs)
    both = propose(recording, start)
    before, after = (one.edit.apply(start, one.by) for one in (alone, both))
    assert pairs.asked == [(0, 10), (20, 30)]
    assert before.events == after.events
    assert both.by == alone.by
    assert after.authors["tracks/lv_endo"] == before.authors["tracks/lv_endo"] == both.by
    assert after.authors["tracks/lv_endo/at-es"] == FakePairs.card.author
    (volume,) = (row for row in measurements(after) if row.code == "ESV")
    assert FakePairs.card.author in volume.by
    assert "the ventricle at ES by lv-pairs 9.0.0" in str(both.edit.summary)
    wide, wider = (reading.tracks[Structure.LV_ENDO] for reading in (before, after))

    def ratio(frame: int) -> float:
        old, new = wide.contours[frame], wider.contours[frame]
        assert old is not None
        assert new is not None
        return float(np.ptp(new.points[:, 0]) / np.ptp(old.points[:, 0]))

    for frame in (10, 30):
        assert ratio(frame) == pytest.approx(1.1, rel=1e-3)
        assert wider.confidence[frame] == pytest.approx(0.97)
    # What changes there is carried to the frames around, whose confidence stays, and is gone at ED.
    assert ratio(0) == ratio(20) == pytest.approx(1)
    assert 1.03 < ratio(5) < 1.07
    assert wider.confidence[5] == pytest.approx(0.9)


def test_a_network_that_a_reader_chose_contours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("kinecor.analysis.models._pairs", lambda device: opened.append(device) or "pairs")
    monkeypatch.setattr("kinecor.analysis.models.other_names", lambda: ("lv-pairs", "views"))
    assert Models("cpu").pairs() == "pairs"
    assert Models("cpu", "lv-convlstm").pairs() is None
    monkeypatch.setattr("kinecor.analysis.models.other_names", lambda: ("views",))
    assert Models("cpu").pairs() is None
    assert opened == ["cpu"]
