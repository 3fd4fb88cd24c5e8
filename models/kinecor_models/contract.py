"""What every model is and takes: its card, its weights, its inputs and its outputs.

Weights are safetensors, pinned by sha256; nothing is unpickled. Inputs and outputs are numpy.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, replace
from dataclasses import fields as dataclass_fields
from importlib.resources import as_file, files
from pathlib import Path, PurePath
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
        quantised: file name of its quantisation (engines/quantised.py), in the card's folder; "" for none.
        quantised_sha256: of that file.
        site: of a network that was fine-tuned on a site's signed contours, what was measured on its held-out patients:
            "patients", "dice_before", "dice_after", "ef_error_before", "ef_error_after" (points), "chance" (p).
        folder: where card and weights lie; "" for those that ship with the package. No field of the file.

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
    quantised: str = ""
    quantised_sha256: str = ""
    site: Mapping[str, float] = field(default_factory=dict)
    folder: str = ""

    @property
    def author(self) -> str:
        """How the journal names the model."""
        return f"model:{self.name}@{self.version}+{self.sha256[:12]}"


class CardError(Exception):
    """A card in a folder of one's own cannot be used; one sentence."""


_where: Callable[[], Path | None] = lambda: None  # noqa: E731 - replaced by look_in


def look_in(folder: Callable[[], Path | None]) -> None:
    """Let cards and weights of one's own be found, next to those of the package.

    Args:
        folder: gives the folder each time models are looked for; None for none.

    """
    global _where
    _where = folder


def own_folder() -> Path | None:
    """The folder of cards and weights of one's own; None where none is named or it is not there."""
    folder = _where()
    return folder if folder is not None and folder.is_dir() else None


def load_card(name: str) -> ModelCard:
    """The card weights/NAME.json of the package, else NAME.json in the folder of one's own.

    Args:
        name: of the model.

    Raises:
        FileNotFoundError: there is no such card.
        TypeError: the card of the package lacks a field or has an unknown one.
        CardError: a card of one's own cannot be used.

    """
    shipped = files("kinecor_models").joinpath("weights", f"{name}.json")
    if not shipped.is_file() and (folder := own_folder()) is not None and (folder / f"{name}.json").is_file():
        return read_card(folder / f"{name}.json")
    fields: dict[str, Any] = json.loads(shipped.read_text(encoding="utf-8"))
    return _card(fields)


def _card(found: dict[str, Any]) -> ModelCard:
    for key in ("citations", "limits"):
        found[key] = tuple(found[key])
    return ModelCard(**found)


_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,23}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
MAX_CARD_BYTES = 1 << 20


def read_card(path: Path) -> ModelCard:
    """A card of one's own, with everything in it that can be checked without its weights.

    Args:
        path: of the JSON file.

    Raises:
        CardError: what is wrong with it, in one sentence.

    """
    where = path.name
    try:
        if path.stat().st_size > MAX_CARD_BYTES:
            raise CardError(f"{where}: expected a card of less than 1 MB")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CardError(f"{where}: expected a card in JSON, it cannot be read ({error})") from error
    if not isinstance(content, dict):
        raise CardError(f"{where}: expected a card, a JSON object with name, version, weights, sha256 ...")
    known = {attribute.name: attribute for attribute in dataclass_fields(ModelCard) if attribute.name != "folder"}
    needed = [
        name
        for name, attribute in known.items()
        if attribute.default is MISSING and attribute.default_factory is MISSING
    ]
    if missing := [name for name in needed if name not in content]:
        raise CardError(f"{where}: expected the field {missing[0]}, it is missing")
    if unknown := [name for name in content if name not in known]:
        raise CardError(f"{where}: the field {unknown[0]} is not known; expected {', '.join(known)}")
    for name, value in content.items():
        expected = _KINDS.get(name, str)
        if not isinstance(value, expected) or isinstance(value, bool):
            raise CardError(f"{where}: {name}: expected {_KIND_NAMES[expected]}, got {json.dumps(value)[:40]}")
    # A copy of a shipped card names a quantisation that is not copied with it, and is of other weights anyway.
    if content.get("quantised") and not (path.parent / PurePath(content["quantised"]).name).is_file():
        content |= {"quantised": "", "quantised_sha256": ""}
    patterns = [("name", _NAME), ("version", _VERSION), ("sha256", _SHA256)]
    patterns += [("quantised_sha256", _SHA256)] if content.get("quantised") else []
    for name, pattern in patterns:
        if not pattern.fullmatch(content.get(name, "")):
            raise CardError(f"{where}: {name}: expected {_PATTERN_NAMES[name]}, got '{content.get(name, '')[:40]}'")
    for name, value in content.get("site", {}).items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CardError(f"{where}: site: {name}: expected a number, got {json.dumps(value)[:40]}")
    if content["name"] != path.stem:
        raise CardError(f"{where}: expected the name of the file, '{path.stem}', got name '{content['name']}'")
    for name in ("weights", "quantised") if content.get("quantised") else ("weights",):
        file = content[name]
        if not file.endswith(".safetensors") or file != PurePath(file).name or "\\" in file:
            raise CardError(f"{where}: {name}: expected a .safetensors file in the same folder, got '{file[:60]}'")
        if not (path.parent / file).is_file():
            raise CardError(f"{where}: expected the weights {file} next to it, there are none")
    if not 16 <= content["size"] <= 1024 or not 1 <= content.get("channels", 1) <= 64:
        raise CardError(f"{where}: size: expected 16 to 1024 pixels, and channels 1 to 64")
    return replace(_card(content), folder=str(path.parent))


_KINDS: dict[str, type] = {
    "citations": list, "limits": list, "figures": dict, "settings": dict, "site": dict, "size": int, "channels": int,
}  # fmt: skip
_KIND_NAMES = {str: "text", list: "a list", dict: "an object", int: "a whole number"}
_PATTERN_NAMES = {
    "name": "small letters, digits and '-'",
    "version": "a version such as 1.0.0",
    "sha256": "64 hexadecimal digits",
    "quantised_sha256": "64 hexadecimal digits",
}


Tensors = dict[str, NDArray[np.float32]]


class WeightsError(Exception):
    """The weights are not those the card names."""


def load_weights(card: ModelCard) -> Tensors:
    """The card's tensors by name, in float32.

    Args:
        card: which names and pins the file.

    Raises:
        WeightsError: the file is missing, or its sha256 is not the card's.

    """
    return {name: tensor.astype(np.float32) for name, tensor in _tensors_in(card, card.weights, card.sha256).items()}


def load_quantisation(card: ModelCard) -> tuple[str, Tensors] | None:
    """The digest of the weights that the card's quantisation is of, and its tensors; None for a card without one.

    Args:
        card: which names and pins the file.

    Raises:
        WeightsError: the file is missing, its sha256 is not the card's, or it does not say what it is of.

    """
    if not card.quantised:
        return None
    tensors = _tensors_in(card, card.quantised, card.quantised_sha256)
    digest = tensors.pop(QUANTISED_WEIGHTS, None)
    if digest is None:
        raise WeightsError(f"{card.name}: {card.quantised} was expected to say which weights it is of, and does not")
    return digest.astype(np.uint8).tobytes().hex(), {name: part.astype(np.float32) for name, part in tensors.items()}


QUANTISED_WEIGHTS = "weights"
"""The tensor of a quantisation with the digest (converted.digest_of) of the weights it is of, a byte each."""


def _tensors_in(card: ModelCard, name: str, sha256: str) -> dict[str, NDArray[Any]]:
    if card.folder:
        content = _content_of(Path(card.folder) / name, card, sha256, "put them there again")
    else:
        with as_file(files("kinecor_models").joinpath("weights", name)) as path:
            content = _content_of(path, card, sha256, "reinstall Kinecor")
    try:
        return load(content)
    except Exception as error:  # whatever its library says of a file that is no safetensors
        raise WeightsError(f"{card.name}: {name} was expected to be safetensors, and is not ({error})") from error


def _content_of(path: Path, card: ModelCard, sha256: str, remedy: str) -> bytes:
    if not path.is_file():
        raise WeightsError(f"{card.name}: expected weights {path.name}, found none; {remedy}")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise WeightsError(
            f"{card.name}: {path.name} was expected to have sha256 {sha256[:12]}..., has {digest[:12]}...; {remedy}"
        )
    return content


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
        """(n, 2) points of the network as points of the image; pixel centres at integers in both.

        Args:
            points: (n, 2) pixels of the network's square.

        """
        shift, step = np.array((self.left, self.top)), np.array(self.step_px)
        out: NDArray[np.float64] = (points.astype(np.float64) - shift + 0.5) * step - 0.5 + (self.x0, self.y0)
        return out

    def to_network(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) points of the image as points of the network.

        Args:
            points: (n, 2) pixels of the image.

        """
        shift, step = np.array((self.left, self.top)), np.array(self.step_px)
        out: NDArray[np.float64] = (points.astype(np.float64) - (self.x0, self.y0) + 0.5) / step - 0.5 + shift
        return out

    def sampled(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The (size, size) square of a grey image; averaged over area where it shrinks.

        Args:
            image: (rows, columns) that the grid was made for.

        """
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


def fit_grid(box: tuple[int, int, int, int], size: int, aspect: float = 1.0) -> Grid:
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


def interpolate_contours(contours: Mapping[int, Points | None], total: int) -> list[Points | None]:
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
        before = max((near_frame for near_frame in known if near_frame <= frame), default=known[0])
        after = min((near_frame for near_frame in known if near_frame >= frame), default=known[-1])
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
        """After some frames; None where too few could be left out. `tick` is called after each.

        Args:
            clip: a loop.
            tick: called with (frames done, frames).

        """


class ClipModel(Protocol):
    """A model, ready to run."""

    @property
    def card(self) -> ModelCard:
        """Its card."""

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Analyses every frame of a clip; calls `tick` after each."""
