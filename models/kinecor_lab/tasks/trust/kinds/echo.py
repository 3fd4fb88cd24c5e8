"""Ways to tamper with an apical clip: its header, its frames, its images, how it was recorded."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pydicom
from numpy.random import Generator
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from kinecor.core.values.geometry import FloatArray
from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.tasks.apical.robust_cases import MIRRORED, Change, cut_off, dropped, gained, jpeg, noisy, shadowed
from kinecor_lab.tasks.trust.kinds.event import EVENT_KINDS
from kinecor_lab.tasks.trust.kinds.export import EXPORT_KINDS, EchoKind, EchoWay
from kinecor_lab.tasks.trust.simulated import POOR, EchoClip, EchoSetting
from kinecor_lab.tasks.trust.tampering import Kind, Way

Frames = NDArray[np.uint8]


def _way(of: Callable[[EchoClip], UltrasoundLoop]) -> EchoWay:
    return Way(made=lambda clip, _: replace(clip, loop=of(clip)))


def _imaged(of: Callable[[EchoClip, Generator], Frames]) -> EchoWay:
    """A change of the images alone."""
    return Way(
        made=lambda clip, rng: replace(clip, loop=replace(clip.loop, frames=np.ascontiguousarray(of(clip, rng))))
    )


def _changed(change: Change) -> EchoWay:
    return _imaged(lambda clip, rng: change.of(clip.loop.frames, rng))


def rate(times: float) -> EchoWay:
    """Another heart rate in the header."""
    return _way(lambda clip: replace(clip.loop, heart_rate_per_min=clip.truth["HR"] * times))


def slowed(times: float) -> EchoWay:
    """Other frame times; heart rate and R waves in the header stay."""
    return _way(lambda clip: replace(clip.loop, times_s=clip.loop.times_s * times))


def scaled(rows: float, columns: float) -> EchoWay:
    """Another size of a pixel."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        row_mm, col_mm = clip.loop.spacing_mm
        return replace(clip.loop, spacing_mm=(row_mm * rows, col_mm * columns))

    return _way(change_clip)


def region_off(share: float) -> EchoWay:
    """A region that lies next to the image by a share of its width."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        x0, y0, x1, y1 = clip.loop.region
        return replace(clip.loop, region=(min(x0 + round(share * (x1 - x0)), x1 - 8), y0, x1, y1))

    return _way(change_clip)


def chosen(loop: UltrasoundLoop, frames: NDArray[np.intp], *, retimed: bool) -> UltrasoundLoop:
    """Some frames of a loop, with their own times or, `retimed`, at the loop's frame interval."""
    step_s = float(loop.times_s[1])
    first_s = float(loop.times_s[frames[0]])
    times_s: FloatArray = np.arange(len(frames), dtype=np.float64) * step_s
    if not retimed:
        times_s = loop.times_s[frames] - first_s
    waves = tuple(wave_s - first_s for wave_s in loop.r_wave_s if first_s <= wave_s <= first_s + times_s[-1])
    return replace(loop, frames=loop.frames[frames], times_s=times_s, r_wave_s=waves)


def _some(of: Callable[[EchoClip], NDArray[np.intp]], *, retimed: bool = False) -> EchoWay:
    return _way(lambda clip: chosen(clip.loop, of(clip), retimed=retimed))


def _all(clip: EchoClip) -> NDArray[np.intp]:
    return np.arange(len(clip.loop.frames))


def _beat(clip: EchoClip) -> int:
    """Frames of a usual beat."""
    return round(60 / clip.truth["HR"] / float(clip.loop.times_s[1]))


def every(step: int, *, retimed: bool) -> EchoWay:
    """Every `step`-th frame: at its own time, or as if none were missing."""
    return _some(lambda clip: _all(clip)[::step], retimed=retimed)


def gap(share: float, at: float) -> EchoWay:
    """A share of a beat missing, from a part `at` of the first beat on, as if no frame were missing."""

    def change_clip(clip: EchoClip) -> NDArray[np.intp]:
        start = clip.ed[0] + round(at * _beat(clip))
        frames = _all(clip)
        return frames[(frames < start) | (frames >= start + round(share * _beat(clip)))]

    return _some(change_clip, retimed=True)


def repeated(times: int) -> EchoWay:
    """Each frame several times, as if they were frames of their own."""
    return _some(lambda clip: np.repeat(_all(clip), times), retimed=True)


def frozen(share: float, at: float) -> EchoWay:
    """The same frame for a share of the loop, from a part `at` of it on."""

    def change_clip(clip: EchoClip, _: Generator) -> Frames:
        frames, n = clip.loop.frames.copy(), len(clip.loop.frames)
        start = int(at * n)
        frames[start : start + round(share * n)] = frames[start]
        return frames

    return _imaged(change_clip)


def begun(share: float) -> EchoWay:
    """A loop that begins a share of a beat after end-diastole; of a single beat, the next end-diastole is not shown."""
    return _some(lambda clip: _all(clip)[clip.ed[0] + round(share * _beat(clip)) :])


def ended(share: float) -> EchoWay:
    """A loop that ends a share of a beat after the first end-diastole."""
    return _some(lambda clip: _all(clip)[: clip.ed[0] + max(8, round(share * _beat(clip)))])


def to_end_systole(after: int) -> EchoWay:
    """A loop from end-diastole to some frames after end-systole."""
    return _some(lambda clip: _all(clip)[clip.ed[0] : clip.es[0] + 1 + after])


def _shifted(image: Frames, right: float, down: float) -> Frames:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float64)
    return np.asarray(cv2.warpAffine(image, matrix, image.shape[::-1]), np.uint8)


def jumped(mm: float) -> EchoWay:
    """The heart jumps to the right and down in mid-systole and stays there."""

    def change_clip(clip: EchoClip, _: Generator) -> Frames:
        px = mm / clip.loop.spacing_mm[0]
        start = (clip.ed[0] + clip.es[0]) // 2
        moved = [
            _shifted(frame, 0.8 * px, 0.6 * px) if n >= start else frame for n, frame in enumerate(clip.loop.frames)
        ]
        return np.stack(moved)

    return _imaged(change_clip)


def drifted(mm: float) -> EchoWay:
    """The heart drifts to the right and down through the clip."""

    def change_clip(clip: EchoClip, _: Generator) -> Frames:
        px, n = mm / clip.loop.spacing_mm[0], len(clip.loop.frames)
        return np.stack(
            [_shifted(frame, 0.8 * px * i / n, 0.6 * px * i / n) for i, frame in enumerate(clip.loop.frames)]
        )

    return _imaged(change_clip)


def sides_cut(left: float, right: float, top: float) -> EchoWay:
    """Black margins over a share of the image on the left, on the right and at the top."""

    def change_clip(clip: EchoClip, _: Generator) -> Frames:
        out = clip.loop.frames.copy()
        x0, y0, x1, y1 = clip.loop.region
        out[:, :, : x0 + round(left * (x1 - x0))] = 0
        out[:, :, x1 - round(right * (x1 - x0)) :] = 0
        out[:, : y0 + round(top * (y1 - y0))] = 0
        return out

    return _imaged(change_clip)


def upside_down() -> EchoWay:
    """Apex of the sector at the bottom."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        x0, y0, x1, y1 = clip.loop.region
        rows = clip.loop.frames.shape[1]
        return replace(
            clip.loop, frames=np.ascontiguousarray(clip.loop.frames[:, ::-1]), region=(x0, rows - y1, x1, rows - y0)
        )

    return _way(change_clip)


def backwards() -> EchoWay:
    """Frames in reverse order."""
    return _imaged(lambda clip, _: clip.loop.frames[::-1])


def seen_as(view: str, named: str) -> EchoWay:
    """Another plane, under the name of an apical view."""
    return Way(setting=lambda setting: replace(setting, view=view, named=named))


def misnamed(setting: EchoSetting) -> EchoSetting:
    """An apical view under the name of another one."""
    return replace(setting, named={"A4C": "A2C", "A2C": "A4C", "A3C": "A4C"}[setting.view])


def poor(setting: EchoSetting) -> EchoSetting:
    """Through a poor window."""
    return replace(setting, look=POOR)


def leaning(degrees: float) -> EchoWay:
    """Foreshortened."""

    def change_setting(setting: EchoSetting) -> EchoSetting:
        return replace(setting, foreshortening_deg=degrees)

    return Way(setting=change_setting)


def _damaged(folder: Path, clip: EchoClip, rng: Generator, *, at: str, quality: int = 90) -> None:
    """Store the frames as JPEG and overwrite bytes within those at ED or ES."""
    (path,) = folder.glob("*.dcm")
    header = pydicom.dcmread(path)
    frames = {"ED": clip.ed, "ES": clip.es, "both": (*clip.ed, *clip.es)}[at]
    items = []
    for number, frame in enumerate(clip.loop.frames):
        data = bytearray(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
        if number in frames:
            start = len(data) * 3 // 10
            for place in rng.integers(start, len(data) - 40, 12):
                data[int(place)] = int(rng.integers(1, 255))
        items.append(bytes(data))
    header.PixelData = encapsulate(items)
    header["PixelData"].VR = "OB"
    header.LossyImageCompression, header.LossyImageCompressionRatio = "01", "10"
    header.LossyImageCompressionMethod = "ISO_10918_1"
    header.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    header.save_as(path, enforce_file_format=True)


def damaged(at: str) -> EchoWay:
    """JPEG frames with wrong bytes at "ED", "ES" or "both"."""
    return Way(file=partial(_damaged, at=at))


ECHO_KINDS: Final[tuple[EchoKind, ...]] = (
    Kind("heart rate in the header", "choose", {"x 1.4": rate(1.4), "x 0.5": rate(0.5), "x 2": rate(2.0)}),
    Kind("frame times", "report", {"x 1.5": slowed(1.5), "x 0.5": slowed(0.5), "x 2": slowed(2.0)}),
    Kind("scale", "report", {"x 1.25": scaled(1.25, 1.25), "x 1.8": scaled(1.8, 1.8), "x 0.5": scaled(0.5, 0.5)}),
    Kind("scale of one axis", "choose", {"x 1.3": scaled(1.3, 1.0), "x 1.7": scaled(1.7, 1.0)}),
    Kind("region beside the image", "choose", {"25 %": region_off(0.25), "50 %": region_off(0.5)}),
    Kind("frozen frames", "report", {"15 %": frozen(0.15, 0.2), "30 %": frozen(0.3, 0.1), "50 %": frozen(0.5, 0.15)}),
    Kind("frames lost", "choose", {"every 2nd": every(2, retimed=True), "every 3rd": every(3, retimed=True)}),
    Kind("gap in the loop", "report", {"15 %": gap(0.15, 0.1), "25 % at ES": gap(0.25, 0.25), "40 %": gap(0.4, 0.15)}),
    Kind("frames repeated", "choose", {"twice": repeated(2), "three times": repeated(3)}),
    Kind("low frame rate", "report", {"every 2nd": every(2, retimed=False), "every 4th": every(4, retimed=False)}),
    Kind("begins in systole", "choose", {"15 % late": begun(0.15), "25 % late": begun(0.25)}),
    Kind("half a beat", "report", {"75 %": ended(0.75), "60 %": ended(0.6), "50 %": ended(0.5)}),
    Kind("ends before ES", "choose", {"30 %": ended(0.3), "20 %": ended(0.2)}),
    Kind("from ED to ES", "report", {"and two frames": to_end_systole(2), "exactly": to_end_systole(0)}),
    Kind("foreshortened", "choose", {f"{deg:.0f} degrees": leaning(deg) for deg in (15.0, 20.0, 25.0)}),
    Kind(
        "other view named A4C",
        "report",
        {view: seen_as(view, "A4C") for view in ("SUB4C", "PLAX", "PSAX mid")},
    ),
    Kind("other view without a name", "choose", {view: seen_as(view, "") for view in ("PLAX", "PSAX base", "SUB4C")}),
    Kind("apical view misnamed", "report", {"another": Way(setting=misnamed)}),
    Kind("damaged frame", "report", {name: damaged(name) for name in ("ED", "ES", "both")}),
    Kind("compression", "choose", {"JPEG 20": _changed(jpeg(20)), "JPEG 8": _changed(jpeg(8))}),
    Kind("noise", "choose", {"SD 25": _changed(noisy(25)), "SD 50": _changed(noisy(50)), "SD 90": _changed(noisy(90))}),
    Kind("low gain", "report", {"-10 dB": _changed(gained(-10)), "-20 dB": _changed(gained(-20))}),
    Kind(
        "shadow over a wall",
        "choose",
        {"25 dB": _changed(shadowed(18, 14, 25)), "45 dB": _changed(shadowed(-16, 22, 45))},
    ),
    Kind("poor window", "report", {"drawn": Way(setting=poor)}),
    Kind("drop-out", "report", {"20 dB": _changed(dropped(20)), "40 dB": _changed(dropped(40))}),
    Kind("mirrored", "choose", {"left and right": _changed(MIRRORED)}),
    Kind("upside down", "report", {"apex below": upside_down()}),
    Kind("wall cut off", "report", {"20 %": sides_cut(0, 0.2, 0), "35 %": sides_cut(0, 0.35, 0)}),
    Kind("apex cut off", "choose", {"15 %": sides_cut(0, 0, 0.15), "30 %": sides_cut(0, 0, 0.3)}),
    Kind("base cut off", "report", {"25 %": _changed(cut_off(0.25)), "45 %": _changed(cut_off(0.45))}),
    Kind("probe jumps", "choose", {"8 mm": jumped(8), "15 mm": jumped(15)}),
    Kind("probe drifts", "report", {"12 mm": drifted(12), "25 mm": drifted(25)}),
    Kind("backwards", "choose", {"all frames": backwards()}),
    *EXPORT_KINDS,
    *EVENT_KINDS,
)
"""In the order of the table."""
