"""Requests to the simulators, and the recordings simulated from them."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import partial

import numpy as np

from kinecor_phantoms.echo.record import FRAMES, record_echo
from kinecor_phantoms.echo.views import VIEWS_WITHOUT_HEART, Stand
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.patient import patient_of
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.heart.shape import check_range
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import RANGES, Scan, draw_scan
from kinecor_phantoms.mri.signals import VENDORS
from kinecor_phantoms.recording import EchoRecording, MriStudy
from kinecor_phantoms.scanner.look import LOOKS, random_look
from kinecor_phantoms.scanner.probe import Probe, fitting_probe

RANDOM = "random"
_FRAMES_PER_S, _BEATS = (10, 200), (1, 59)
# Duration shown of the beat after the last, so that a clip ends after an end-diastole.
_AFTER_S = 0.1


@dataclass(frozen=True, slots=True)
class PhantomRequest:
    """Parameters of a simulated recording; None leaves a value to the population, or to a default that fits the rest.

    Attributes:
        population: a name of kinecor_phantoms.heart.population.POPULATIONS.
        seed: 0 or more; the same gives the same recording.
        ef_percent: ejection fraction.
        rate_per_min: heart rate.
        rhythm: a name of kinecor_phantoms.heart.population.RHYTHMS.
        beats: that an echo clip shows, or that an MR image is acquired over; None for 1, or for 3 where
            they are not regular.
        frames: of a clip, or phases of a cine MRI.
        size: (rows, columns) of a frame.
        look: of an echo, a name of LOOKS; of MRI, a scanner of VENDORS; or "random", which draws the probe as well.
        frames_per_s: of an echo clip.
        foreshortening_deg: by which an apical plane leans off the apex, or a short axis is oblique.
        graphics: whether ECG, text and depth ticks are drawn into an echo.
        slices: of the short-axis stack.

    """

    population: str = "normal"
    seed: int = 0
    ef_percent: float | None = None
    rate_per_min: float | None = None
    rhythm: str = "sinus"
    beats: int | None = None
    frames: int | None = None
    size: tuple[int, int] | None = None
    look: str | None = None
    frames_per_s: float | None = None
    foreshortening_deg: float | None = None
    graphics: bool = False
    slices: int | None = None

    def identity(self, kind: str) -> str:
        """Text that identifies the request: equal requests have equal text."""
        return " ".join([kind, *(f"{field.name}={getattr(self, field.name)}" for field in fields(self))])

    @property
    def beats_wanted(self) -> int:
        """Number of beats, by the rhythm where none was given.

        Raises:
            ValueError: too few for an ectopic beat to be among them.

        """
        if self.rhythm == "ectopic" and self.beats == 1:
            raise ValueError("an ectopic beat follows a regular one: beats must be 2 or more, got 1")
        if self.beats is not None:
            return self.beats
        return 1 if self.rhythm == "sinus" else 3


def make_echo(view: str, request: PhantomRequest) -> EchoRecording:
    """A clip of a view, see kinecor_phantoms.echo.views.VIEWS.

    Raises:
        ValueError: a value cannot be simulated; the message gives the range or the names.

    """
    if request.slices is not None:
        raise ValueError("slices are of a cine MRI; an echo clip has none")
    if view in VIEWS_WITHOUT_HEART:
        for name in ("ef_percent", "foreshortening_deg"):
            if getattr(request, name) is not None:
                raise ValueError(f"{name} describes a heart, and {view} shows none")
    beats = int(check_range("beats", request.beats_wanted, *_BEATS))
    per_s = check_range(
        "frames a second", 50.0 if request.frames_per_s is None else request.frames_per_s, *_FRAMES_PER_S
    )
    if request.frames is None:
        heart = _heart(request, beats + 1)
        frames = math.ceil((heart.rhythm.beats[-1].start_s + _AFTER_S) * per_s)
        if frames > FRAMES[1]:
            raise ValueError(f"{beats} beats take {frames} frames, expected {FRAMES[1]} at most: request fewer beats")
    else:
        frames = int(check_range("frames", request.frames, *FRAMES))
        heart = _beating_for(request, beats, (frames - 1) / per_s)
    rng = np.random.default_rng((request.seed, 1))
    name = request.look or "soft"
    if name != RANDOM and name not in LOOKS:
        raise ValueError(f"look must be {RANDOM} or one of {', '.join(LOOKS)}, got {name}")
    look = random_look(rng, graphics=False) if name == RANDOM else LOOKS[name]
    probe_for: Callable[[float], Probe] = partial(fitting_probe, rng) if name == RANDOM else Probe
    if request.graphics:
        look = replace(look, ecg=True, text=True, ticks=True)
    made = record_echo(
        heart,
        view,
        request.seed,
        frames=frames,
        frames_per_s=per_s,
        size=request.size or (256, 256),
        stand=Stand(foreshortening_deg=0.0 if request.foreshortening_deg is None else request.foreshortening_deg),
        look=look,
        probe_for=probe_for,
    )
    parameters = {**made.parameters, **_parameters(request), "look": name}
    return replace(made, parameters=parameters, patient=patient_of(heart, request.seed))


def make_mri(request: PhantomRequest) -> MriStudy:
    """A short-axis stack with long axes.

    Raises:
        ValueError: a value cannot be simulated; the message gives the range or the names.

    """
    for name in ("frames_per_s", "foreshortening_deg"):
        if getattr(request, name) is not None:
            raise ValueError(f"{name} is of an echo clip; a cine MRI has frames (phases) only")
    if request.graphics:
        raise ValueError("graphics are drawn into echo clips only")
    heart = _heart(request, int(check_range("beats", request.beats_wanted, *RANGES["beats"])))
    rng = np.random.default_rng((request.seed, 1))
    plain = Scan()
    rows, columns = request.size or (plain.rows, plain.columns)
    check_range("rows", rows, *RANGES["rows"])
    check_range("columns", columns, *RANGES["columns"])
    phases = plain.phases if request.frames is None else request.frames
    name = request.look or plain.vendor
    if name != RANDOM and name not in VENDORS:
        raise ValueError(f"look must be {RANDOM} or one of {', '.join(VENDORS)}, got {name}")
    # Fewer pixels cover the same field of view, up to the largest pixel allowed, so that the heart stays within it.
    pixel_mm = min(RANGES["pixel_mm"][1], plain.pixel_mm * max(plain.rows / rows, plain.columns / columns))
    if name == RANDOM:
        scan = draw_scan(rng, rows, columns, phases, heart.shape.radius_mm / 25)
    else:
        scan = Scan(rows=rows, columns=columns, pixel_mm=pixel_mm, phases=phases, vendor=name)
    made = record_mri(heart, rng, replace(scan, beats=request.beats_wanted, slices=request.slices))
    parameters = {**made.parameters, **_parameters(request), "look": name}
    return replace(made, parameters=parameters, patient=patient_of(heart, request.seed))


def _beating_for(request: PhantomRequest, beats: int, long_s: float) -> Heart:
    """A heart with at least this many beats that last at least this long: only events of its beats are in the truth.

    Raises:
        ValueError: that takes more beats than can be simulated.

    """
    while True:
        heart = _heart(request, beats)
        lasting_s = heart.rhythm.duration_s
        if lasting_s > long_s:
            return heart
        if beats >= _BEATS[1]:
            raise ValueError(
                f"{beats} beats last {lasting_s:.1f} s and the frames {long_s:.1f} s; request fewer frames"
            )
        beats = min(_BEATS[1], max(beats + 1, math.ceil(beats * long_s / lasting_s)))


def _heart(request: PhantomRequest, beats: int) -> Heart:
    if request.seed < 0:
        raise ValueError(f"seed must be 0 or more, got {request.seed}")
    return draw(
        request.population,
        request.seed,
        ef_percent=request.ef_percent,
        rate_per_min=request.rate_per_min,
        rhythm=request.rhythm,
        beats=beats,
    )


def _parameters(request: PhantomRequest) -> dict[str, float | int | str]:
    """Requested parameters, for truth.json; the simulators fill in the sampled values of those that are unset."""
    given = {name: value for name, value in asdict(request).items() if value is not None and name != "size"}
    return {name: int(value) if isinstance(value, bool) else value for name, value in given.items()}
