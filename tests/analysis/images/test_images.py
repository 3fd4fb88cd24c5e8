"""What the images show: damaged, repeated and lost frames, the beat, the sector, the depth scale, slices compared."""

from dataclasses import replace

import imagecodecs
import numpy as np
import pytest

from kinecor.analysis.images.measure import bridge_damaged_frames, recording_facts, with_images
from kinecor.core.values.errors import Cancelled
from kinecor.core.values.reading import first_reading, first_stack_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, ImageFacts, RecordingFacts, Region, Source, Stack
from kinecor.io.open.recordings import open_path
from tests.analysis.images import pictures
from tests.io import make_dicom


def loop(
    frames: np.ndarray, *, modality: str = "US", times_s: np.ndarray | None = None, **more: object
) -> CineSequence:
    times = np.arange(len(frames)) * 0.02 if times_s is None else times_s
    return CineSequence(ArrayFrames(frames), times, "FrameTime", None, Source("", "1.2", "1", modality), **more)


def facts(frames: np.ndarray, **more: object) -> ImageFacts:
    return recording_facts(loop(frames, **more)).whole


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return pictures.beating()


def test_a_sound_loop_has_no_doubtful_frame_and_shows_its_beat(sound: np.ndarray) -> None:
    found = facts(sound)

    assert (found.damaged, found.repeated, found.lost_after, found.gap_after) == ((), (), (), ())
    assert found.period_frames == pytest.approx(20, abs=0.3)
    assert (found.measured, found.still, found.blank, found.apex_up) == (True, False, False, True)


@pytest.mark.parametrize("place", [0.15, 0.5, 0.8])
@pytest.mark.parametrize("harm", [pictures.bytes_changed, pictures.zeroed, pictures.cut_off])
def test_a_damaged_frame_is_found(tmp_path, sound: np.ndarray, harm, place: float) -> None:
    coded = pictures.as_jpeg(sound[:12])
    coded[5] = harm(coded[5], place)
    header = make_dicom.loop_dataset(sound[:12], make_dicom.JPEG_BASELINE)
    header.PixelData = make_dicom.encapsulate(coded)
    make_dicom.save(header, tmp_path / "loop.dcm")
    (recording,) = open_path(tmp_path / "loop.dcm").recordings

    assert recording_facts(recording).whole.damaged == (5,)


def test_a_recording_of_damaged_frames_only_is_measured_all_the_same(tmp_path, sound: np.ndarray) -> None:
    coded = [pictures.cut_off(one, 0.5) for one in pictures.as_jpeg(sound[:3])]
    header = make_dicom.loop_dataset(sound[:3], make_dicom.JPEG_BASELINE)
    header.PixelData = make_dicom.encapsulate(coded)
    make_dicom.save(header, tmp_path / "loop.dcm")
    (recording,) = open_path(tmp_path / "loop.dcm").recordings

    found = recording_facts(recording).whole
    assert found.damaged == (0, 1, 2)
    assert found.tick_px is None


def test_a_sound_jpeg_loop_has_no_damaged_frame(tmp_path, sound: np.ndarray) -> None:
    make_dicom.save(make_dicom.loop_dataset(sound[:12], make_dicom.JPEG_BASELINE), tmp_path / "loop.dcm")
    (recording,) = open_path(tmp_path / "loop.dcm").recordings

    assert recording_facts(recording).whole.damaged == ()


def test_a_brighter_lower_part_is_damage_though_no_decoder_warned(sound: np.ndarray) -> None:
    frames = sound.copy()
    frames[7, 100:] = np.minimum(frames[7, 100:].astype(int) + 12, 255)

    assert facts(frames).damaged == (7,)


def test_a_repeated_frame_and_a_frozen_run_are_found_with_noise_added(sound: np.ndarray) -> None:
    frames, rng = sound.copy(), np.random.default_rng(1)
    frames[5] = np.clip(frames[4] + rng.normal(0, 2, frames[4].shape), 0, 255)
    frames[23:27] = frames[22]

    found = facts(frames)

    assert found.repeated == (5, 23, 24, 25, 26)
    assert found.frozen == ((23, 26),)


def test_a_repeated_frame_counts_where_text_and_a_trace_go_on(sound: np.ndarray) -> None:
    frames = sound.copy()
    frames[5] = frames[4]
    for number, frame in enumerate(frames):
        frame[185:, 4 * number : 4 * number + 3] = 255

    assert facts(frames).repeated == (5,)


def test_lost_frames_leave_a_jump() -> None:
    frames = pictures.beating(60, 40.0)

    assert facts(np.delete(frames, np.arange(6, 13), axis=0)).lost_after == (5,)


def test_a_gap_in_the_times_is_found(sound: np.ndarray) -> None:
    times = np.arange(len(sound)) * 0.02
    times[30:] += 0.06

    assert facts(sound, times_s=times).gap_after == (29,)
    every_third = np.cumsum(np.where(np.arange(len(sound)) % 3 == 0, 0.04, 0.02)) - 0.04
    assert facts(sound, times_s=every_third).gap_after == ()


def test_less_than_a_beat_and_a_still_picture_have_no_period(sound: np.ndarray) -> None:
    assert facts(sound[:19]).period_frames is None
    still = facts(np.repeat(sound[:1], 20, axis=0))
    assert (still.period_frames, still.still, still.repeated) == (None, True, ())


def test_a_black_recording_is_blank() -> None:
    found = facts(np.zeros((20, 60, 80), np.uint8))

    assert (found.blank, found.still, found.sector, found.apex_up) == (True, True, None, None)


def test_a_depth_scale_is_read_and_text_is_not(sound: np.ndarray) -> None:
    marked = facts(pictures.beating(12, ticks=True))

    assert marked.tick_px is not None
    assert np.hypot(*marked.tick_px) == pytest.approx(15, abs=0.1)
    assert facts(sound[:12]).tick_px is None


def test_an_image_upside_down_has_its_apex_at_the_bottom(sound: np.ndarray) -> None:
    assert facts(np.ascontiguousarray(sound[:12, ::-1])).apex_up is False


def test_a_region_beside_the_picture_covers_little_of_it(sound: np.ndarray) -> None:
    whole, part = (facts(sound[:12], region=one) for one in (Region(0, 0, 256, 192), Region(0, 0, 128, 60)))

    assert whole.covered == 1.0
    assert part.covered is not None
    assert part.covered < 0.3


def stack(shifted: int | None = None, same: tuple[int, int] | None = None) -> Stack:
    slices = [pictures.beating(20, 20.0, seed=number) for number in range(6)]
    if shifted is not None:
        slices[shifted] = np.roll(slices[shifted], 5, axis=0)
    if same is not None:
        slices[same[1]] = slices[same[0]]
    cines = tuple(loop(one, modality="MR") for one in slices)
    cines = tuple(replace(one, source=replace(one.source, recording_id=f"1.{n}")) for n, one in enumerate(cines))
    return Stack(cines, np.arange(6) * 8.0, 8.0, "1")


def test_slices_are_compared() -> None:
    whole = recording_facts(stack()).whole
    assert replace(whole, phase_order=(), phase_likeness=None) == ImageFacts(measured=True)
    assert whole.phase_likeness is not None
    assert min(whole.phase_order) > 0.4
    assert recording_facts(stack(shifted=2)).whole.late_slices == ((2, 5),)
    assert recording_facts(stack(same=(1, 4))).whole.same_slices == ((1, 4),)


@pytest.mark.parametrize(("slices", "seen"), [(1, True), (2, True), (4, False)])
def test_damage_of_most_slices_is_noise(slices: int, seen: bool) -> None:
    whole = stack()
    cines = list(whole.slices)
    for number in range(slices):
        frames = np.stack([cines[number].frames[at] for at in range(20)]).copy()
        frames[7 + number, frames.shape[1] // 2 :] = 255 - frames[7 + number, frames.shape[1] // 2 :]
        cines[number] = replace(cines[number], frames=frames)
    found = recording_facts(replace(whole, slices=tuple(cines))).slices
    assert [bool(one.damaged) for one in found] == [seen and number < slices for number in range(6)]


def test_a_stack_reading_takes_the_facts_of_every_slice() -> None:
    recording = stack()
    reading = with_images(recording, first_stack_reading(recording))

    assert reading.facts.images.measured
    assert all(one.facts.images.measured for one in reading.slices)
    assert with_images(recording, reading) is reading


def test_measuring_ends_when_it_is_no_longer_wanted(sound: np.ndarray) -> None:
    def stop(*_: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        recording_facts(loop(sound), stop)


def test_models_see_a_damaged_frame_as_the_mean_of_its_neighbours(sound: np.ndarray) -> None:
    cine = loop(sound[:6])
    reading = first_reading(cine).with_images(RecordingFacts(ImageFacts(measured=True, damaged=(0, 2, 3))))

    seen = bridge_damaged_frames(cine, reading).cines[0].frames

    expected = np.rint((2 * sound[1].astype(float) + sound[4]) / 3)
    np.testing.assert_array_equal(seen[0], sound[1])
    np.testing.assert_array_equal(seen[2], expected)
    np.testing.assert_array_equal(seen[4], sound[4])
    assert seen.shape == cine.frames.shape
    assert bridge_damaged_frames(cine, first_reading(cine)) is cine


def test_a_decoder_that_reads_its_stream_has_nothing_to_warn_of(tmp_path, sound: np.ndarray) -> None:
    data = imagecodecs.jpeg8_encode(sound[0], level=90)
    assert data.endswith(b"\xff\xd9")
    for syntax in (make_dicom.EXPLICIT, make_dicom.RLE, make_dicom.JPEG_LS, make_dicom.JPEG_2000):
        make_dicom.save(make_dicom.loop_dataset(sound[:4], syntax), tmp_path / "loop.dcm")
        (recording,) = open_path(tmp_path / "loop.dcm").recordings
        assert recording_facts(recording).whole.damaged == ()
