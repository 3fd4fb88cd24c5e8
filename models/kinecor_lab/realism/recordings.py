"""Real recordings to compare the look of simulated ones with: labelled frames and clips from folders on disk."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.metrics import filled
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.realism.frame import CAVITY, RIGHT, WALL, LookFrame
from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.echo.stream import random_stand
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import draw_scan
from kinecor_phantoms.scanner.look import random_look
from kinecor_phantoms.scanner.probe import fitting_probe

Row = dict[str, str]
Reader = Callable[[Path, Row], LookFrame]
# Where ACDC's labels stand (1 RV, 2 myocardium, 3 LV) among ours.
_ACDC = np.array([0, RIGHT, WALL, CAVITY], np.uint8)


def real_frames(folder: Path, kind: str, recordings: int, seed: int, skip: int = 0) -> Iterator[LookFrame]:
    """Labelled frames of up to `recordings` patients of each data set in `folder`, drawn by `seed`.

    Args:
        folder: a data set (with an index.csv), or a folder of data sets.
        kind: "echo" (CAMUS as PNG) or "mri" (ACDC, Sunnybrook as PNG).
        recordings: patients a data set.
        seed: of the draw.
        skip: this many patients of the draw are passed over first, so that two calls can give different patients.

    Raises:
        DataSetError: there is no such data set, or an image of it is missing.

    """
    sets = [(place, rows, _READERS[known]) for place, rows, known in _data_sets(folder) if known in _KINDS[kind]]
    if not sets:
        wanted = {"echo": "CAMUS frames", "mri": "ACDC or Sunnybrook slices"}[kind]
        raise DataSetError(f"expected {wanted} as PNG with an index.csv in {folder} or a folder of it, found none")
    for place, rows, read in sets:
        patients = sorted({row["patient"] for row in rows})
        drawn = np.random.default_rng(seed).permutation(len(patients))[skip : skip + recordings]
        chosen = {patients[int(i)] for i in drawn}
        for row in rows:
            if row["patient"] in chosen:
                yield read(place, row)


def real_clips(folder: Path) -> Iterator[LookFrame]:
    """Every MP4 in `folder` or a folder of it, as unlabelled clips without a scale."""
    for path in sorted([*folder.glob("*.mp4"), *folder.glob("*/*.mp4")]):
        film, frames = cv2.VideoCapture(str(path)), []
        rate = float(film.get(cv2.CAP_PROP_FPS))
        try:
            while (got := film.read())[0]:
                frames.append(cv2.cvtColor(got[1], cv2.COLOR_BGR2GRAY))
        finally:
            film.release()
        if frames:
            clip = np.asarray(frames, np.uint8)
            yield LookFrame(path.stem, clip[0], clip=clip, interval_s=1 / rate if rate > 0 else None)


def _data_sets(folder: Path) -> Iterator[tuple[Path, Sequence[Row], str]]:
    for place in (folder, *sorted(path for path in folder.glob("*") if path.is_dir())):
        if (place / "index.csv").is_file():
            with (place / "index.csv").open(newline="") as lines:
                rows = list(csv.DictReader(lines))
            for known in _READERS:
                if rows and known in rows[0]:
                    yield place, rows, known


def _camus(place: Path, row: Row) -> LookFrame:
    name = f"{row['patient']}_4CH_{row['phase']}"
    image, labels = (_picture(place / kind / f"{name}.png") for kind in ("images", "labels"))
    return LookFrame(name, image, labels, float(row["spacing_mm"]))


def _acdc(place: Path, row: Row) -> LookFrame:
    name = f"{row['patient']}_{row['phase']}_s{int(row['slice']):02d}"
    image, labels = (_picture(place / kind / f"{name}.png") for kind in ("images", "labels"))
    return LookFrame(name, image, _ACDC[np.minimum(labels, 3)])


def _sunnybrook(place: Path, row: Row) -> LookFrame:
    image = _picture(place / row["image"])
    labels = np.zeros(image.shape, np.uint8)
    if row["epi_contour"]:
        labels[filled(np.loadtxt(place / row["epi_contour"], ndmin=2), image.shape)] = WALL
    labels[_picture(place / row["endo_mask"]) > 0] = CAVITY
    return LookFrame(Path(row["image"]).stem, image, labels)


# A data set is known by a column that only its index has.
_READERS: dict[str, Reader] = {"view": _camus, "rv_px": _acdc, "endo_mask": _sunnybrook}
_KINDS = {"echo": ("view",), "mri": ("rv_px", "endo_mask")}


def _picture(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.is_file() else None
    if picture is None:
        raise DataSetError(f"expected a readable picture at {path}; restore the file or take its row out of index.csv")
    return np.asarray(picture, np.uint8)


# Kinds of hearts as the real data sets hold them: adults, about half of them with a poor ejection fraction.
_POPULATIONS = ("normal", "dilated", "hypertrophic", "infarct", "dyssynchronous")
_SHARES = (0.4, 0.2, 0.1, 0.2, 0.1)
# Finer than what is measured, as the real frames were before they were brought to their spacing.
_ECHO_PX = 400
_ECHO_FRAMES_PER_S = 50.0
# Frames skipped after end-diastole, until persistence has settled.
_SETTLED = 3


def simulated_echo(recordings: int, seed: int) -> Iterator[LookFrame]:
    """A frame near ED and the one at ES of apical four-chamber clips, each of another heart, look, probe and hand.

    Looks, probes and hands are as varied as those of the clips that networks are trained on.

    The frame at ES has the clip from ED to ES with it.
    """
    for number in range(recordings):
        rng = np.random.default_rng((seed, number))
        heart = draw(str(rng.choice(_POPULATIONS, p=_SHARES)), rng)
        systole = round(heart.rhythm.beats[0].aortic_close_s * _ECHO_FRAMES_PER_S)
        clip = record_echo(
            heart,
            "A4C",
            int(rng.integers(2**31)),
            frames=max(systole, _SETTLED) + 1,
            frames_per_s=_ECHO_FRAMES_PER_S,
            size=(_ECHO_PX, _ECHO_PX),
            stand=random_stand(rng),
            look=random_look(rng, graphics=False),
            probe_for=partial(fitting_probe, rng),
        )
        for phase, frame in (("ED", _SETTLED), ("ES", systole)):
            labels = clip.plane.labels[frame] if clip.plane is not None else None
            film = clip.frames if phase == "ES" else None
            interval_s = 1 / _ECHO_FRAMES_PER_S
            name = f"simulated{number}_{phase}"
            yield LookFrame(name, clip.frames[frame], labels, clip.spacing_mm[0], film, interval_s)


def simulated_mri(recordings: int, seed: int) -> Iterator[LookFrame]:
    """Every short-axis slice at ED and near ES of studies, each of another heart and scan.

    Grey levels are cut at the study's 99th percentile and stored in 8 bits, as those of the real images were.
    """
    for number in range(recordings):
        rng = np.random.default_rng((seed, number))
        heart = draw(str(rng.choice(_POPULATIONS, p=_SHARES)), rng)
        # Of three phases the second shows a third of the beat, which is close to end-systole.
        scan = draw_scan(rng, phases=3, size=heart.shape.radius_mm / 25)
        study = record_mri(heart, rng, replace(scan, long_axes=False))
        white = float(np.percentile(np.stack([mri_slice.frames for mri_slice in study.stack]), 99))
        for place, single_mri_slice in enumerate(study.stack):
            for phase, frame in (("ED", 0), ("ES", 1)):
                image = np.asarray((single_mri_slice.frames[frame] * (255 / white)).clip(0, 255), np.uint8)
                yield LookFrame(f"simulated{number}_{phase}_s{place:02d}", image, single_mri_slice.plane.labels[frame])


def blurred_noise(frames: Iterable[LookFrame], seed: int) -> Iterator[LookFrame]:
    """An obviously bad simulation: blurred normal noise around each class's mean, on the labels of real frames."""
    rng = np.random.default_rng(seed)
    for frame in frames:
        labels = frame.labels if frame.labels is not None else np.zeros(frame.image.shape, np.uint8)
        lit = frame.image > 2
        made = np.zeros(frame.image.shape)
        for label in np.unique(labels):
            part = labels == label
            made[part] = frame.image[part & lit].mean() if (part & lit).any() else 0.0
        blurred = np.asarray(cv2.GaussianBlur(rng.standard_normal(made.shape), (0, 0), 1.5), np.float64)
        made += 12 * blurred / blurred.std()
        image = np.asarray(np.where(lit, made.clip(3, 255), 0), np.uint8)
        yield LookFrame(frame.name, image, frame.labels, frame.spacing_mm)
