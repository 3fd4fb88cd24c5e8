"""CAMUS as its users have it on disk (Leclerc et al., IEEE TMI 2019): patients, views, official split, frames.

Files are patientNNNN_{2CH,4CH}_{ED,ES}[_gt] as .nii.gz (present release, with _half_sequence[_gt]) or .mhd with .raw
(first release, with _sequence), in a folder of each patient or all in one; Info_{2CH,4CH}.cfg gives ED and ES.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.clip import SequenceClip, interpolated, on_grid
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import DataSetError, Sample, tell_left_out
from kinecor_models.contract import ClipInput, fit_grid
from kinecor_models.localisation.framing import sector_box

VIEW_NAMES = {"2CH": "A2C", "4CH": "A4C"}
SPLITS = ("train", "valid", "test")
SPACING_MM = 0.616
"""Frames are brought to squares of about this size; finer ones are averaged over area."""
_LISTS = {"train": "training", "valid": "validation", "test": "testing"}
_FILE = re.compile(r"(patient\d+)_([24]CH)_E[DS]\.(nii\.gz|nii|mhd)")


@dataclass(frozen=True, slots=True)
class View:
    """One view of one patient: the folder of its files, and how their names begin and end."""

    patient: str
    chamber: str
    folder: Path
    suffix: str

    def file(self, what: str) -> Path:
        """E.g. "ED", "ES_gt", "half_sequence"."""
        return self.folder / f"{self.patient}_{self.chamber}_{what}.{self.suffix}"


def views_in(folder: Path) -> list[View]:
    """Every view of every patient in a folder or below it, in order of their names."""
    views = {}
    for path in folder.rglob("patient*_?CH_E[DS].*"):
        named = _FILE.fullmatch(path.name)
        if named:
            views[named[1], named[2]] = View(named[1], named[2], path.parent, named[3])
    return [views[key] for key in sorted(views)]


def official_split(folder: Path) -> dict[str, str] | None:
    """Split by patient from subgroup_{training,validation,testing}.txt in or next to a folder; None without them.

    Raises:
        DataSetError: a patient is in two of the lists, or one of them is not text.

    """
    for base in (folder, folder.parent):
        for place in (base, base / "database_split"):
            files = {split: place / f"subgroup_{name}.txt" for split, name in _LISTS.items()}
            if all(file.is_file() for file in files.values()):
                return _listed(files)
    return None


def _listed(files: Mapping[str, Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for split, file in files.items():
        try:
            names = file.read_text(encoding="utf-8").split()
        except UnicodeDecodeError as wrong:
            raise DataSetError(f"expected names of patients in {file}, found no text; restore the file") from wrong
        for name in names:
            if found.setdefault(name, split) != split:
                raise DataSetError(
                    f"expected each patient in one list, found {name} in {file} and in that of {found[name]}; "
                    "restore the lists"
                )
    return found


def split_of(patient: str, lists: dict[str, str] | None) -> str:
    """A patient's split: as the official lists have it, else by a hash of its name (8 train : 1 valid : 1 test).

    Raises:
        DataSetError: there are lists, and the patient is on none.

    """
    if lists is None:
        return {0: "valid", 1: "test"}.get(zlib.crc32(patient.encode()) % 10, "train")
    if patient not in lists:
        raise DataSetError(f"{patient} stands in none of the subgroup_*.txt lists; add it to one, or take them away")
    return lists[patient]


def chosen(folder: Path, splits: Sequence[str]) -> list[View]:
    """The labelled views of some splits.

    Patients without any label (first release, testing/) are left out and named on stderr.

    Raises:
        DataSetError: there is no CAMUS in the folder, or nothing is left.

    """
    views = views_in(folder)
    if not views:
        raise DataSetError(
            f"expected patientNNNN_4CH_ED.nii.gz or .mhd in {folder} or below, found none; name its folder"
        )
    lists = official_split(folder)
    wanted = [view for view in views if split_of(view.patient, lists) in splits]
    known = {view.patient for view in wanted if any(view.file(f"{phase}_gt").is_file() for phase in ("ED", "ES"))}
    left = [view for view in wanted if view.patient in known]
    bare = sorted({view.patient for view in wanted} - known)
    tell_left_out(folder, "patients with neither ED_gt nor ES_gt", bare)
    if not left:
        raise DataSetError(
            f"{folder}: no labelled patient of split {' or '.join(splits)} among {len({v.patient for v in views})}"
        )
    return left


def squared(
    image: NDArray[np.uint8], label: NDArray[np.uint8], size_mm: tuple[float, float]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], float]:
    """A frame and its label with square pixels of about SPACING_MM, never finer than they came; and their size.

    Args:
        image: (rows, columns) grey levels.
        label: (rows, columns) classes.
        size_mm: height and width of a pixel.

    """
    row_mm, column_mm = size_mm
    side_mm = max(SPACING_MM, row_mm, column_mm)
    rows, columns = (max(1, round(n * mm / side_mm)) for n, mm in zip(image.shape, size_mm, strict=True))
    if (rows, columns) == image.shape:
        return image, label, side_mm
    small = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    marked = cv2.resize(label, (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT)
    # Rounding to whole pixels changes their size a little.
    side_mm = (image.shape[0] * row_mm / rows + image.shape[1] * column_mm / columns) / 2
    return np.asarray(small, np.uint8), np.asarray(marked, np.uint8), side_mm


def camus_frames(folder: Path, splits: Sequence[str]) -> list[Sample]:
    """ED and ES of both views of some splits.

    Raises:
        DataSetError: the folder holds no CAMUS, a file is missing or damaged, or a label does not fit.

    """
    samples = []
    for view in chosen(folder, splits):
        for phase in ("ED", "ES"):
            image, size_mm = read_grey(view.file(phase))
            label = read_label(view.file(f"{phase}_gt"), image.shape)
            image, label, side_mm = squared(image, label, size_mm)
            samples.append(Sample(view.patient, phase, image, label, side_mm, VIEW_NAMES[view.chamber]))
    return samples


Values = NDArray[Any]


def _check_packed(path: Path) -> None:
    """Reads a packed file to its end, where its checksum is."""
    with gzip.open(path) as packed:
        while packed.read(1 << 20):
            pass


def read_image(path: Path) -> tuple[Values, tuple[float, float]]:
    """An image or a sequence, and the size of a pixel.

    Args:
        path: .nii, .nii.gz or .mhd; data next to a header are found through it.

    Returns:
        (rows, columns) or (t, rows, columns) values as stored, and (row_mm, column_mm).

    Raises:
        DataSetError: the file is missing, damaged, or not an image.

    """
    import SimpleITK  # 0.2 s, for those alone who train on such files

    sitk: Any = SimpleITK  # it carries no types
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    if not path.is_file():
        raise DataSetError(f"expected a picture at {path}, found none; restore the file")
    try:
        str(path).encode()
    except UnicodeEncodeError as wrong:  # SimpleITK would end the whole process
        raise DataSetError(f"expected a path in UTF-8, got {path!r}; rename the folder") from wrong
    try:
        if path.suffix == ".gz":
            # SimpleITK gives zeros for what a packed file that was cut off lacks.
            _check_packed(path)
        image = sitk.ReadImage(str(path))
    except (RuntimeError, EOFError, OSError, zlib.error) as wrong:
        reason = str(wrong).strip().splitlines()[-1] if str(wrong).strip() else type(wrong).__name__
        raise DataSetError(
            f"expected a whole picture in {path}, found it damaged ({reason}); restore the file"
        ) from wrong
    values: Values = sitk.GetArrayFromImage(image)
    # Some releases store an image as a volume of one slice.
    if values.ndim == 3 and values.shape[0] == 1:
        values = values[0]
    if values.ndim not in (2, 3):
        raise DataSetError(
            f"expected a picture or a sequence in {path}, got {values.ndim} dimensions; restore the file"
        )
    column_mm, row_mm = (float(size) for size in image.GetSpacing()[:2])
    return values, (row_mm, column_mm)


def read_grey(path: Path) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """Grey levels 0..255, see `read_image`.

    Raises:
        DataSetError: as `read_image`, or values are outside 0..255.

    """
    values, size_mm = read_image(path)
    if float(values.min()) < 0 or float(values.max()) > 255.5:
        raise DataSetError(f"expected grey levels 0..255 in {path}, got {values.min():g} to {values.max():g}")
    return np.asarray(np.round(values), np.uint8), size_mm


def read_label(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A label of 0..3 for an image of that shape, see `read_image`.

    Raises:
        DataSetError: as `read_image`, or the label does not fit.

    """
    values, _ = read_image(path)
    if values.shape != shape or not np.isin(values, (0, 1, 2, 3)).all():
        raise DataSetError(
            f"expected a label of {shape} with values 0..3 in {path}, got {values.shape} "
            f"from {values.min():g} to {values.max():g}"
        )
    return np.asarray(values, np.uint8)


USUAL_RATE_PER_S = 50.0
"""Assumed where Info_*.cfg has no FrameRate, as in the first release."""


@dataclass(frozen=True, slots=True)
class Info:
    """Content of Info_*.cfg: frames counted from 0, and frames a second."""

    ed: int
    es: int
    rate_per_s: float


def info_of(view: View, count: int) -> Info:
    """ED, ES and rate of a sequence of `count` frames.

    Raises:
        DataSetError: the file or a line is missing, or a frame is outside the sequence.

    """
    file = view.folder / f"Info_{view.chamber}.cfg"
    if not file.is_file():
        raise DataSetError(f"expected ED and ES of {view.patient} in {file}, found no such file; restore it")
    fields = {}
    for line in file.read_text().splitlines():
        key, _, value = line.partition(":")
        fields[key.strip()] = value.strip()
    try:
        ed, es = int(fields["ED"]) - 1, int(fields["ES"]) - 1
        rate_per_s = float(fields.get("FrameRate", USUAL_RATE_PER_S))
    except (KeyError, ValueError) as wrong:
        raise DataSetError(f"expected numbers for ED and ES in {file}: {wrong}; restore the file") from wrong
    if not (0 <= ed < count and 0 <= es < count and ed != es and rate_per_s > 0):
        raise DataSetError(f"{file}: ED {ed + 1} and ES {es + 1} must be two frames of the {count} of the sequence")
    return Info(ed, es, rate_per_s)


def _labelled(view: View) -> tuple[NDArray[np.uint8], tuple[float, float], dict[int, NDArray[np.uint8]], Info]:
    """Frames (t, rows, columns), size of a pixel, labels by frame, and the Info of their file."""
    half, whole = view.file("half_sequence"), view.file("sequence")
    path = half if half.is_file() else whole
    frames, size_mm = read_grey(path)
    if frames.ndim != 3:
        raise DataSetError(f"expected a sequence in {path}, got one frame; restore the file")
    info = info_of(view, len(frames))
    if path == half:
        labels = read_label(view.file("half_sequence_gt"), frames.shape)
        return frames, size_mm, dict(enumerate(labels)), info
    shape = frames.shape[1:]
    marked = {info.ed: read_label(view.file("ED_gt"), shape), info.es: read_label(view.file("ES_gt"), shape)}
    return frames, size_mm, marked, info


def camus_sequences(
    folder: Path, splits: Sequence[str], side_px: int, *, interpolate: bool = True
) -> Iterator[SequenceClip]:
    """Every sequence of some splits as the network sees it, one at a time.

    Args:
        folder: see camus_folder.py.
        splits: of "train", "valid", "test".
        side_px: of the images.
        interpolate: label the frames between annotated ones.

    Raises:
        DataSetError: a file is missing or damaged.

    """
    for view in chosen(folder, splits):
        frames, (row_mm, column_mm), marked, info = _labelled(view)
        aspect = row_mm / column_mm
        grid = fit_grid(sector_box(ClipInput(frames, aspect=aspect)), side_px, aspect)
        small = {frame: on_grid(label[None], grid)[0] for frame, label in marked.items()}
        times_s = np.arange(len(frames)) / info.rate_per_s
        if interpolate:
            labels = interpolated(small, times_s)
        else:
            labels = np.full((len(frames), side_px, side_px), IGNORE, np.uint8)
            for frame, label in small.items():
                labels[frame] = label
        yield SequenceClip(
            f"{view.patient}/{view.chamber}",
            "CAMUS",
            VIEW_NAMES[view.chamber],
            np.stack([grid.sampled(frame) for frame in frames]),
            labels,
            times_s,
            (info.ed,),
            (info.es,),
            column_mm * grid.step_px[0],
        )
