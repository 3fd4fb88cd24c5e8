"""`kinecor tensors`: clips for networks of others as files, with an index."""

import argparse
import sys

from kinecor.analysis.clips import ClipOptions, clips_of
from kinecor.cli.outcomes import DONE, FAILED, resolve_path
from kinecor.core.values.errors import KinecorError
from kinecor.io.export.clips import write_clip
from kinecor.io.export.cohort import write_csv
from kinecor.io.files.atomic import safe_name
from kinecor.io.open.recordings import is_url, open_path, open_url
from kinecor.io.open.refusals import refusals

INDEX = "clips.csv"
_COLUMNS = ("file", "name", "view", "slice", "frames", "frames_per_s", "size", "channels", "row_mm", "column_mm")


def tensors(chosen: argparse.Namespace) -> int:
    """Run the command; prints the path of the index.

    Returns:
        0 all became clips; 1 some recording was refused, with its reason on stderr.

    Raises:
        KinecorError: an option out of range, or a file cannot be written.

    """
    options = ClipOptions(
        size=chosen.size,
        fps=chosen.rate,
        frames=chosen.frames,
        mask_sector=not chosen.keep_outside,
        deidentify=not chosen.keep_identity,
        colour="rgb" if chosen.rgb else "grey",
        fit=chosen.fit,
        zoom=chosen.zoom,
    )
    rows: list[tuple[str | float | int | None, ...]] = []
    failed = 0
    for path in map(resolve_path, chosen.paths):
        opened = open_url(path) if is_url(path) else open_path(path)
        for refusal in refusals(opened.refused):
            failed += len(refusal.paths)
            print(f"kinecor: {refusal.place}: {refusal.reason}", file=sys.stderr)
        for recording in opened.recordings:
            if not recording.source.series.measured:
                continue
            try:
                clips = clips_of(recording, options)
            except KinecorError as error:
                failed += 1
                print(f"kinecor: {error}", file=sys.stderr)
                continue
            for clip in clips:
                place = "" if clip.slice is None else f"-slice{clip.slice + 1:02d}"
                name = f"{safe_name(clip.name)}{place}.{chosen.format}"
                write_clip(chosen.out / name, clip)
                row_mm, column_mm = clip.spacing_mm or (None, None)
                about = clip.about
                rows.append(
                    (
                        name,
                        clip.name,
                        clip.view,
                        clip.slice,
                        len(clip),
                        about["frames_per_s"],
                        clip.size,
                        about["channels"],
                        row_mm,
                        column_mm,
                    )
                )
    write_csv(chosen.out / INDEX, _COLUMNS, rows)
    print(chosen.out / INDEX)
    return FAILED if failed or not rows else DONE
