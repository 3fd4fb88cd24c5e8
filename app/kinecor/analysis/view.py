"""Which view a loop shows: the file's or a person's word stands, else that of the model."""

from dataclasses import dataclass

from kinecor.analysis.models import Models
from kinecor.core.values.errors import Tick
from kinecor.core.values.kind import APICAL_VIEWS, UNKNOWN_VIEW
from kinecor.core.values.reading import HEADER, Reading, View
from kinecor.session.edits import Edit, SetView, SetViewSeen
from kinecor_models.contract import ClipInput
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import ViewOutput

# Labels of the model's classes, where they differ.
_LABELS = {"SUB4C": "SC4C"}

NOT_APICAL = "contours of the left ventricle need an apical view; this one is {view}"
# Short, since every row of the table shows it; view_warnings.py says what to do.
LOOKS_LIKE = "contours need an apical view; this looks like {view} ({confidence:.2f})"
HEADER_DOUBTED = "the file's header says {view}, but {why}"
DOUBTED_AS = "this looks like {view} ({confidence:.2f})"
# A header's apical view is overruled where the model gives all apical views together no more than this. Of 446 real
# apical clips (394 of them used in training) none had less than 0.73; of 13 of them in 15 disturbed forms each, 2 fell
# below this, under a deep shadow. Scenes without a heart and real parasternal clips have less than 0.02; noise in the
# shape of a sector has 0.1 to 0.4, and is contoured with a warning.
SURELY_NOT_APICAL = 0.1


@dataclass(frozen=True, slots=True)
class Viewed:
    """What follows from looking at the view.

    Attributes:
        edits: that record what was seen.
        why_not: why the apical model is not for this loop, in words, or None.

    """

    edits: tuple[Edit, ...]
    why_not: str | None


def viewed(clip: ClipInput, reading: Reading, models: Models, tick: Tick) -> Viewed:
    """Look at a loop's view.

    Args:
        clip: grey-scale echo.
        reading: what is concluded so far; its view stays if the file or a person named it, even as "unknown". An
            apical view named by the header alone stays too, but where the images surely show none nothing is contoured.
        models: to analyse with.
        tick: called with (0, frames of the loop) while the model looks; what it raises ends the work.

    Raises:
        KinecorError: the model or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    model = models.views()
    if model is None:
        return Viewed((), _not_apical(reading))
    found = model(clip, lambda *_: tick(0, len(clip.frames)))
    seen = View(_LABELS.get(found.label, found.label), found.confidence, model.card.author)
    edits: list[Edit] = [] if reading.view_seen == seen else [SetViewSeen(seen)]
    if reading.view_confirmed:
        return Viewed(tuple(edits), _not_apical(reading) or _header_doubted(reading, found, seen))
    if reading.view != seen:
        edits.append(SetView(seen))
    return Viewed(tuple(edits), _seen_otherwise(found, seen))


def _not_apical(reading: Reading) -> str | None:
    view = reading.view
    if view is None or view.label in (*APICAL_VIEWS, UNKNOWN_VIEW):
        return None
    way_out = f", {reading.kind.by_hand}" if reading.kind.by_hand else ""
    return NOT_APICAL.format(view=view.label) + way_out


def _header_doubted(reading: Reading, found: ViewOutput, seen: View) -> str | None:
    """Why a header's apical view is overruled; None where a person named it, or the model is not sure enough."""
    view = reading.view
    if view is None or view.by != HEADER or view.label not in APICAL_VIEWS or found.label in APICAL_VIEWS:
        return None
    apical = float(sum(found.probabilities[CLASSES.index(name)] for name in APICAL_VIEWS))
    if apical > SURELY_NOT_APICAL:
        return None
    why = found.why or DOUBTED_AS.format(view=seen.label, confidence=found.confidence)
    return HEADER_DOUBTED.format(view=view.label, why=why)


def _seen_otherwise(found: ViewOutput, seen: View) -> str | None:
    if found.apical:
        return None
    return found.why or LOOKS_LIKE.format(view=seen.label, confidence=found.confidence)
