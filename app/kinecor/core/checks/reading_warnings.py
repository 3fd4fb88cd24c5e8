"""What a reader must know before relying on the numbers of a recording, one sentence each."""

from kinecor.core.checks.stack_warnings import stack_warnings
from kinecor.core.checks.view_warnings import view_warnings
from kinecor.core.cycle.clip_ends import end_warnings
from kinecor.core.cycle.valve_closure import closure_warnings
from kinecor.core.table.loop_inputs import atrium_missing
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure


def reading_warnings(reading: Reading) -> tuple[str, ...]:
    """What a reader must know before believing the numbers, one sentence each."""
    if reading.kind.stack:
        return tuple(dict.fromkeys(stack_warnings(reading)))
    out = list(reading.facts.warnings)
    if reading.withheld:
        out.append(f"Nothing is measured here: {reading.withheld}.")
    if reading.calibration is None and reading.facts.calibration_origin:
        out.append(reading.facts.calibration_origin)
    if reading.facts.times_origin == "assumed":
        out.append("The file tells no frame times: the frame rate is assumed, so times and rates are not measured.")
    out += view_warnings(reading)
    out += closure_warnings(reading)
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is not None:
        missing = sum(contour is None for contour in endo.contours)
        if missing:
            out.append(f"No LV contour on {missing} of {len(endo)} frames.")
        doubtful = int(((endo.confidence < LOOP_CONTOURS.withheld) & [c is not None for c in endo.contours]).sum())
        if doubtful:
            out.append(f"The LV contour is doubtful on {doubtful} of {len(endo)} frames.")
        if reading.kind.network and atrium_missing(reading):
            out.append("No left atrium was found on most frames: is this an apical view?")
        if not (reading.events and reading.events.beats) and not reading.withheld:
            out.append("No beat was found in the volume curve: mark ED and ES by hand.")
        out += end_warnings(reading)
    return tuple(dict.fromkeys(out))
