"""`kinecor phantom`: a simulated recording as files, with truth.json."""

import argparse

from kinecor.analysis.phantom_make import PhantomRequest, make_echo, make_mri
from kinecor.analysis.phantoms import Output, write_echo, write_mri
from kinecor.cli.outcomes import DONE, PHANTOMS, BadUsageError
from kinecor_phantoms.echo.views import VIEWS_WITHOUT_HEART
from kinecor_phantoms.recording import MriStudy


def phantom(chosen: argparse.Namespace) -> int:
    """Run the command; prints what was written.

    Raises:
        BadUsageError: a value cannot be simulated; the message gives the range or the names.
        KinecorError: the folder cannot be written to.

    """
    request = PhantomRequest(
        population=chosen.population,
        seed=chosen.seed,
        ef_percent=chosen.ef,
        rate_per_min=chosen.heart_rate,
        rhythm=chosen.rhythm,
        beats=chosen.beats,
        frames=chosen.frames,
        size=chosen.size,
        look=chosen.look,
        frames_per_s=chosen.frame_rate,
        foreshortening_deg=chosen.foreshortening,
        graphics=chosen.graphics,
        slices=chosen.slices,
    )
    view = PHANTOMS[chosen.kind]
    if chosen.dense and view in VIEWS_WITHOUT_HEART:
        raise BadUsageError(f"--dense is for kinds that show the heart, and {chosen.kind} does not: leave it out")
    if chosen.enhanced and view:
        raise BadUsageError("--enhanced is for `kinecor phantom mri`: leave it out")
    identity = request.identity(view or "MRI") + " enhanced" * chosen.enhanced
    # Clips of one heart are one study, as a patient's views are.
    heart = request.identity("echo") if view else ""
    output = Output(chosen.out, request.population.title(), identity, chosen.enhanced, chosen.dense, heart)
    try:
        made = make_echo(view, request) if view else make_mri(request)
    except ValueError as wrong:
        raise BadUsageError(f"{wrong}: see `kinecor phantom --help`") from wrong
    paths = write_mri(made, output) if isinstance(made, MriStudy) else write_echo(made, output)
    for path in paths:
        print(path)
    return DONE
