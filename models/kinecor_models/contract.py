"""What every model is and takes: its card, its weights, its inputs and its outputs.

Weights are safetensors, pinned by sha256; nothing is unpickled. Inputs and outputs are numpy.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Stored with the weights and shown in the window, the report and by `kinecor models`.

    Attributes:
        name: e.g. "lv-apical".
        version: e.g. "1.0.0".
        summary: one sentence.
        weights: file name, in the card's folder.
        sha256: of the weights, in hexadecimal; another file is refused.
        licence: of the weights.
        data: what it was trained on.
        citations: to be cited by its users.
        intended: what it is for.
        limits: what it is not for, or is known to fail at.
        figures: measured values by name, as text with n and spread, each with the command that gives it.
        size: side of the network's square in pixels.
        settings: what the network is built from, where its weights alone do not say.
        net: module in nets/ that the network is built from (see torch_engines.network); empty for the base network.
        channels: images that the network takes at once.
        task: what opens it, see registry.py.

    """

    name: str
    version: str
    summary: str
    weights: str
    sha256: str
    licence: str
    data: str
    citations: tuple[str, ...]
    intended: str
    limits: tuple[str, ...]
    figures: dict[str, str]
    size: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    net: str = ""
    channels: int = 1
    task: str = ""

    @property
    def author(self) -> str:
        """How the journal names the model."""
        return f"model:{self.name}@{self.version}+{self.sha256[:12]}"


def load_card(name: str) -> ModelCard:
    """The card weights/NAME.json of the package.

    Raises:
        FileNotFoundError: there is no such card.
        TypeError: the card lacks a field or has an unknown one.

    """
    text = files("kinecor_models").joinpath("weights", f"{name}.json").read_text(encoding="utf-8")
    fields: dict[str, Any] = json.loads(text)
    for key in ("citations", "limits"):
        fields[key] = tuple(fields[key])
    return ModelCard(**fields)


Tensors = dict[str, NDArray[np.float32]]


class WeightsError(Exception):
    """The weights are not those the card names."""


def load_weights(card: ModelCard) -> Tensors:
    """The card's tensors by name, in float32.

    Raises:
        WeightsError: the file is missing, or its sha256 is not the card's.

    """
    with as_file(files("kinecor_models").joinpath("weights", card.weights)) as path:
        if not path.is_file():
            raise WeightsError(f"{card.name}: expected weights {card.weights}, found none; reinstall Kinecor")
        content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise WeightsError(
            f"{card.name}: {card.weights} was expected to have sha256 {card.sha256[:12]}..., has {found[:12]}...; "
            "reinstall Kinecor"
        )
    return {name: tensor.astype(np.float32) for name, tensor in load(content).items()}


@dataclass(frozen=True, slots=True)
class Grid:
    """A rectangle of the image, resampled onto the network's square input.

    Attributes:
        size: side of the square, in network pixels.
        x0, y0, x1, y1: the rectangle in the image, x0 <= x < x1; it may extend beyond the image, where it is black.
        columns, rows: network pixels that the rectangle fills; it is centred, the rest is black.

    """

    size: int
    x0: int
    y0: int
    x1: int
    y1: int
    columns: int
    rows: int

    @property
    def left(self) -> int:
        """Network columns left of the rectangle."""
        return (self.size - self.columns) // 2

    @property
    def top(self) -> int:
        """Network rows above the rectangle."""
        return (self.size - self.rows) // 2

    @property
    def step_px(self) -> tuple[float, float]:
        """Image pixels per network pixel along x and y."""
        return (self.x1 - self.x0) / self.columns, (self.y1 - self.y0) / self.rows

    def to_image(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) points of the network as points of the image; pixel centres at integers in both."""
        shift, step = np.array((self.left, self.top)), np.array(self.step_px)
        out: NDArray[np.float64] = (points.astype(np.float64) - shift + 0.5) * step - 0.5 + (self.x0, self.y0)
        return out

    def to_network(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) points of the image as points of the network."""
        shift, step = np.array((self.left, self.top)), np.array(self.step_px)
        out: NDArray[np.float64] = (points.astype(np.float64) - (self.x0, self.y0) + 0.5) / step - 0.5 + shift
        return out

    def sampled(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The (size, size) square of a grey image; averaged over area where it shrinks."""
        high, wide = image.shape
        inside = image[max(self.y0, 0) : max(self.y1, 0), max(self.x0, 0) : max(self.x1, 0)]
        if inside.shape != (self.y1 - self.y0, self.x1 - self.x0):
            inside = cv2.copyMakeBorder(  # type: ignore[assignment]
                inside,
                max(-self.y0, 0),
                max(self.y1 - high, 0),
                max(-self.x0, 0),
                max(self.x1 - wide, 0),
                cv2.BORDER_CONSTANT,
                value=(0,),
            )
        shrinks = max(self.step_px) > 1
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        out = np.zeros((self.size, self.size), np.uint8)
        out[self.top : self.top + self.rows, self.left : self.left + self.columns] = cv2.resize(
            inside, (self.columns, self.rows), interpolation=how
        )
        return out


def fitted(box: tuple[int, int, int, int], size: int, aspect: float = 1.0) -> Grid:
    """The grid that shows a box (x0, y0, x1, y1) of the image as large as fits, in its true proportions.

    Args:
        box: in image pixels.
        size: side of the network's square.
        aspect: height of an image pixel over its width.

    """
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, (y1 - y0) * aspect
    scale = size / max(wide, high)
    return Grid(size, x0, y0, x1, y1, max(1, round(wide * scale)), max(1, round(high * scale)))


Image = NDArray[np.uint8]
Points = NDArray[np.float32]
Tick = Callable[[int, int], None]
"""tick(done, total) is called between frames; an exception it raises ends the work."""


class Frames(Protocol):
    """Random access to frames."""

    def __len__(self) -> int:
        """Number of frames."""

    def __getitem__(self, frame: int) -> Image:
        """Frame number `frame`: uint8 (rows, columns) or (rows, columns, 3) RGB."""


@dataclass(frozen=True, eq=False)
class ClipInput:
    """A clip to be analysed.

    Attributes:
        frames: see Frames; all of one size.
        region: (x0, y0, x1, y1) in pixels, the part of the image that holds the ultrasound sector, or None.
        aspect: height of a pixel over its width (1 for square pixels).
        interval_s: time from frame to frame, in seconds.
        spacing_mm: width of a pixel, or None where it is not known. Models that need a scale, such as that for
            short-axis cines, then assume one.
        view: what the clip shows ("A4C"), for networks with a view input; None where it is not known.

    """

    frames: Frames
    region: tuple[int, int, int, int] | None = None
    aspect: float = 1.0
    interval_s: float = 0.02
    spacing_mm: float | None = None
    view: str | None = None


@dataclass(frozen=True, eq=False)
class ClipOutput:
    """Contours of a clip, on the network's own grid.

    Attributes:
        contours: by structure ("lv_endo", "lv_epi", "la", "rv"): one (n, 2) float32 array of (x, y) a frame, or None
            where there is none. First and last point are the mitral hinge points where the structure has them;
            short-axis outlines are closed, their first point is not repeated.
        confidence: by structure, (frames,) float32 in 0..1: the overlap (Dice) with an expert's contour that the
            model predicts; 0 where there is no contour.
        grid: maps (x, y) of the network to (x, y) of the image.
        view: the view the model recognises ("A4C"), where it classifies views; else None.

    """

    contours: Mapping[str, Sequence[Points | None]]
    confidence: Mapping[str, NDArray[np.float32]]
    grid: Grid
    view: str | None = None


@dataclass(frozen=True, eq=False)
class EarlyOutput:
    """Contours of a recording of which the network has seen a part of the frames, so that values are there early.

    Attributes:
        found: provisional contours of all frames, by slice (of a loop, one); those of frames not seen are interpolated.
        whole: computes the contours as they are without the early ones, the same to the last bit; what the network
            has seen is not computed again.

    """

    found: Sequence[ClipOutput]
    whole: Callable[[Tick], Sequence[ClipOutput]]


def interpolated(contours: Mapping[int, Points | None], total: int) -> list[Points | None]:
    """Contours of all frames from those of some, each point on its way from one frame to the next that is known.

    Args:
        contours: by frame; all with as many points.
        total: number of frames; before the first known frame and after the last, contours stay as they are.

    Returns:
        one a frame; None between two frames of which one has no contour.

    """
    known = sorted(contours)
    out: list[Points | None] = []
    for frame in range(total):
        before = max((one for one in known if one <= frame), default=known[0])
        after = min((one for one in known if one >= frame), default=known[-1])
        first, last = contours[before], contours[after]
        if first is None or last is None:
            out.append(None)
            continue
        share = np.float32((frame - before) / (after - before)) if before < frame < after else np.float32(0)
        out.append(first + share * (last - first))
    return out


@runtime_checkable
class EarlyModel(Protocol):
    """A model that can give provisional contours of a loop early."""

    def early(self, clip: ClipInput, tick: Tick) -> EarlyOutput | None:
        """After some frames; None where too few could be left out. `tick` is called after each."""


class ClipModel(Protocol):
    """A model, ready to run."""

    @property
    def card(self) -> ModelCard:
        """Its card."""

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Analyses every frame of a clip; calls `tick` after each."""
