"""What may be typed after `kinecor`, and its exit status: the only place where an error becomes words on stderr."""

import argparse
import contextlib
import difflib
import errno
import json
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import kinecor
from kinecor.cli.outcomes import BAD_USAGE, DONE, FAILED, INTERRUPTED, PHANTOMS, BadUsageError, resolve_path, unforeseen
from kinecor.cli.terminal import guard_output
from kinecor.core.values.calibration import MAX_SPACING_MM, MIN_SPACING_MM
from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message

VIEWS = ("auto", "A4C", "A2C", "A3C", "PLAX", "PSAX", "SAX")
COMMANDS = (
    "demo", "analyse", "phantom", "models", "train", "evaluate", "shot", "schema", "backup", "verify", "doctor",
    "cohort", "archive", "live", "tensors", "site",
)  # fmt: skip
# Of the window, for `kinecor shot`.
MODES = ("review", "measure", "strain", "report")
RETAINED = ("dates", "characteristics")
# Of --labels; a test holds both to core/outlines/label_orders.py and core/values/labels.py, which need numpy.
LABEL_ORDERS = ("auto", "kinecor", "camus", "acdc", "mms", "totalsegmentator", "mmwhs")
LABEL_PARTS = ("lv", "wall", "la", "rv", "none")

_USAGE = """\
kinecor [PATH ...]                     open the window, on PATH(s) or on the start page
       kinecor demo                           open the demo study
       kinecor analyse PATH ... --out DIR     the same pipeline without a window
       kinecor phantom KIND --out DIR         a simulated recording (DICOM) with truth.json
       kinecor models                         the installed models
       kinecor train NAME ... | evaluate NAME ...
       kinecor shot PATH --out FILE.png       what the window would show, without a screen
       kinecor live SOURCE                    contours of a camera, a pipe or a folder being written, as frames come
       kinecor cohort DIR                     the results of a run as data: one row a study, and plots
       kinecor site DIR                       automatic values against those that readers signed
       kinecor tensors PATH ... --out DIR     clips for networks of others: masked, of one size and rate, de-identified
       kinecor schema                         the JSON Schema of result.json
       kinecor backup --out DIR | verify      copies of saved studies; whether they are as they were written
       kinecor archive echo | find | get | send | listen
       kinecor --version | doctor             versions; what this machine has, and what is missing
       kinecor doctor PATH ...                the kind of each series that PATH holds, and the rule that decided it"""
_PATHS = (
    "a file, a folder (searched for recordings), a DICOMDIR or a zip; `demo` is the demo study, `sample` a real clip"
)
_ANALYSE = """\
Writes DIR/result.json (schema 1) and prints its path. Each file is written whole or not at all. Every recording is
analysed afresh; with --readings, those with a reading saved in the window are exported as they were corrected.
Exit status: 0 all analysed; 1 some recording failed or was refused (reported on stderr, the rest done); 2 bad usage."""

_POPULATIONS = """\
normal, small, athletic, child, dilated, hypertrophic, infarct, dyssynchronous, amyloid, aneurysm, bundle-branch-block,
regurgitation, tachycardia (default: normal)"""
_PHANTOM = """\
Writes DIR/truth.json (schema 1: contours, events to sub-frame time, volumes, strains; described in
docs/formats/truth.md) and prints what it wrote. DIR appears whole or not at all. Exit status: 0 done; 1 DIR cannot be
written to; 2 bad usage."""


_SAVED = "saved studies (.kinecor files); all of this user if none is named"
_BACKUP = """\
An older copy in DIR is replaced; one that is not an earlier state of the study stays, and its name is printed to
stderr. To restore, close the study and put the copy in its place. Exit status: 0 done; 1 a file was not copied."""
_VERIFY = """\
Compares each entry with its digest and its signature, and the file with the audit log ($KINECOR_AUDIT_LOG, else
audit.log in the log folder) and the documents named by --against. Entries removed from the end, and a file that was
rewritten as a whole, show only against a digest that was written elsewhere. Lines of the log count where a known key
signed them: this user's, those in the file that $KINECOR_AUDIT_KEYS names, and --key. Exit status: 0 all are as they
were written; 1 one is not, cannot be read, or cannot be compared."""


def parse_command_line(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace; `command` is one of COMMANDS, or "window".

    Raises:
        BadUsageError: it names neither a command nor something that exists.
        SystemExit: argparse's own way to refuse (status 2), or --help and --version (status 0).

    """
    first = next(iter(arguments), "")
    if first in ("train", "evaluate"):
        # Their options are parsed by the lab.
        return argparse.Namespace(command=first, rest=list(arguments[1:]))
    if first == "archive":
        from kinecor.cli.archive import parser

        return parser().parse_args(arguments[1:], argparse.Namespace(command=first))
    if first in COMMANDS:
        chosen = _command(first).parse_args(arguments[1:])
        chosen.command = first
        _check_out(chosen)
        if first == "analyse":
            chosen.paths = [single_path for path in chosen.paths for single_path in _listed(path)]
        return chosen
    chosen = _window_parser().parse_args(arguments)
    chosen.command = "window"
    _check_paths(chosen.paths)
    return chosen


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kinecor",
        usage=_USAGE,
        description=f"Viewer for echocardiography and cine MRI: contours, volumes, strain. {kinecor.RESEARCH_USE}.",
        epilog="More on a command: kinecor COMMAND --help",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help=_PATHS)
    parser.add_argument("--version", action="version", version=f"kinecor {kinecor.__version__}")
    return parser


def _command(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"kinecor {name}", formatter_class=argparse.RawDescriptionHelpFormatter)
    if name == "analyse":
        _add_analyse(parser)
    elif name == "shot":
        parser.description = "Writes an image of what the window would show, without a screen."
        parser.add_argument("path", metavar="PATH", help=_PATHS)
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.png", help="the image to write")
        parser.add_argument("--strain", action="store_true", help="with the strain page, at end-systole")
        parser.add_argument("--mode", choices=MODES, help="the mode on screen (default: measure)")
        parser.add_argument(
            "--size", type=_pixels, default=(1440, 900), metavar="WxH", help="of the window (default: 1440x900)"
        )
        parser.add_argument("--checks", action="store_true", help="with the list of checks")
        parser.add_argument("--tour", type=int, default=0, choices=range(1, 8), help="with this step of the tour")
    elif name == "phantom":
        _add_phantom(parser)
    elif name == "backup":
        parser.description = "Copies saved studies, also while they are open. Prints the path of each copy."
        parser.epilog = _BACKUP
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=_SAVED)
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder to write to")
    elif name == "verify":
        parser.description = "Checks whether saved studies are as they were written."
        parser.epilog = _VERIFY
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help=_SAVED)
        parser.add_argument(
            "--against", type=Path, action="append", default=[], metavar="FILE",
            help="a result.json or a DICOM object of Kinecor that names the study's last digest; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--log", type=Path, action="append", default=[], metavar="FILE",
            help="an audit log that was kept from before, or of another computer, the oldest first; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--key", action="append", default=[], metavar="HEX",
            help="a public key that signed entries, as `kinecor doctor` of its user prints it; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--study", default="", metavar="UID", help="the study that FILE is of, where its name does not say so"
        )
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    elif name == "cohort":
        _add_cohort(parser)
    elif name == "live":
        _add_live(parser)
    elif name == "site":
        _add_site(parser)
    elif name == "tensors":
        _add_tensors(parser)
    else:
        parser.description = {
            "demo": "Opens the demo study in the window, three simulated apical clips.",
            "models": "Prints the cards of the installed models.",
            "schema": "Prints the JSON Schema (2020-12) of result.json.",
            "doctor": "Prints what this machine has, what is missing, and what to do about it; with PATH, the kind of "
            "each series there and the rule that decided it.",
        }[name]
        if name in ("models", "doctor"):
            parser.add_argument("--json", action="store_true", help="as JSON, for programs")
        if name == "models":
            parser.add_argument(
                "--folder",
                type=_folder_or_none,
                metavar="DIR",
                help="remember this folder of cards and weights of your own, for the window, too; '' forgets it",
            )
        if name == "doctor":
            parser.add_argument("paths", nargs="*", metavar="PATH", help=_PATHS)
    return parser


def _add_analyse(parser: argparse.ArgumentParser) -> None:
    parser.description = "Analyses recordings without a window."
    parser.epilog = _ANALYSE
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help=f"{_PATHS}; - or @LIST reads one path a line, of stdin or of a file")
    add("--out", required=True, type=Path, metavar="DIR", help="the folder to write to; made if it is not there")
    add("--view", choices=VIEWS, default="auto", help="the view, where the file does not give it or is wrong")
    add("--modality", choices=("auto", "US", "MR"), default="auto", help="overrides the file")
    add("--third-axis", choices=("auto", "time", "slice"), default="auto", help="of a 3-D NIfTI or MetaImage")
    add("--spacing", type=_spacing, metavar="ROW_MM,COL_MM", help="mm between rows, and between columns")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where the models run")
    add("--network", metavar="NAME", help="that contours, where it fits the recording; `kinecor models` lists them")
    add(
        "--method",
        metavar="NAME",
        default="default",
        help="how recordings that it fits are analysed: default, smistad-convlstm, li-ral, zhang-circular, kong-events "
        "or oestvik-motion; other recordings as always",
    )
    add("--motion", choices=("search", "stack"), help="what follows motion: the search, or the stack of networks")
    add("--events", choices=("contours", "images"), help="what ED and ES rest on (default: contours)")
    add("--masks", action="store_true", help="write masks/ID.nii.gz")
    add("--pdf", action="store_true", help="write reports/ID.pdf and, of each study, study-reports/STUDY.pdf")
    add(
        "--language",
        choices=tuple(LANGUAGES),
        default="",
        help="of the reports (default: as chosen for the study in the window, else by its template)",
    )
    add(
        "--prior",
        action="append",
        default=[],
        metavar="PATH",
        help="an earlier study of the same patient, analysed too; results and report of the later one compare with it. "
        "Earlier studies among the other paths are found without this",
    )
    add(
        "--csv",
        action="store_true",
        help="write csv/ID-curves.csv, csv/ID-measurements.csv, recordings.csv and studies.csv",
    )
    add(
        "--sr", action="store_true", help="write sr/STUDY-echo.dcm or -mri.dcm: a DICOM structured report of each study"
    )
    add("--seg", action="store_true", help="write seg/ID.dcm: the masks as a DICOM Segmentation")
    add(
        "--dicom",
        action="store_true",
        help="write dicom/ID-*.dcm: key frames and loop with contours (Secondary Capture), contours over the source "
        "(Presentation State), with --pdf also the report",
    )
    add("--contours", action="store_true", help="write contours/ID-contours.json and .csv, in pixels and millimetres")
    add(
        "--pictures",
        action="store_true",
        help="write pictures/ID-ed1.png, ...: ED and ES with contours, as PNG and SVG; curves as SVG",
    )
    add("--film", choices=("mp4", "gif"), help="write films/ID.mp4 or .gif: the loop with contours")
    add("--zip", action="store_true", help="write STUDY.zip: everything that was written of a study")
    add("--anonymise", action="store_true", help="analyse de-identified copies, written to anonymised/ (DICOM only)")
    add(
        "--keep-unclear",
        action="store_true",
        help="with --anonymise: also copy pictures in which no sector is found, or of fewer than 8 frames, in which "
        "nothing moves, with what text is found blanked; nothing shows that they are clean, so look at each of them",
    )
    add(
        "--dry-run",
        action="store_true",
        help="with --anonymise: write and analyse nothing; print what would be changed in each file, with its values",
    )
    add(
        "--retain",
        type=_retained,
        default=(),
        metavar="dates,characteristics",
        help="with --anonymise: keep dates, shifted per patient; keep sex, age, height and weight",
    )
    add(
        "--key",
        type=Path,
        metavar="FILE",
        help="with --anonymise: what pseudonyms follow from; created if missing (default: anonymise.key next to the "
        "saved studies)",
    )
    add("--readings", action="store_true", help="use readings saved in the window where there are any, as corrected")
    add(
        "--import-contours",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="contours in place of the networks': DICOM Segmentation, NIfTI, MetaImage, NRRD, PNG, or JSON of Kinecor; "
        "into the recording that the file is of; may be repeated",
    )
    add(
        "--labels",
        type=_labels,
        default=(),
        metavar="ORDER",
        help=f"of --import-contours: {', '.join(LABEL_ORDERS)}, or numbers as in 1=lv,2=wall,3=la,4=rv (default: as "
        "the file says, else guessed)",
    )
    add(
        "--import-frame",
        type=_jobs,
        metavar="N",
        help="that a file of --import-contours of a single time is of, from 1",
    )
    add(
        "--bids",
        action="store_true",
        help="write bids/: images and masks by subject and session; nnunet/: ED and ES with dataset.json, for nnU-Net",
    )
    add("--overview", action="store_true", help="write overview.html: all recordings, with thumbnails, to look through")
    add(
        "--resume",
        action="store_true",
        help="go on with a run into the same DIR: what is done from the same inputs, options and models stays",
    )
    add("--quiet", action="store_true", help="no progress on stderr, only failures")
    add("--jobs", type=_jobs, default=1, metavar="N", help="recordings analysed at once, each in its own process")
    add("--scheduler", metavar="ADDRESS", help="work on an existing Dask cluster, e.g. tcp://host:8786 (an extra)")


def _add_cohort(parser: argparse.ArgumentParser) -> None:
    from kinecor.core.table.measures import LEADING  # numpy: only this command pays

    parser.description = "Gathers the results of `kinecor analyse` into one row a study, with a dictionary and plots."
    parser.epilog = "Parquet and plots need the extra: pip install kinecor[cohort]; --csv-only does without."
    add = parser.add_argument
    add("dir", type=Path, metavar="DIR", help="the --out folder of a run")
    add("--out", type=Path, metavar="FOLDER", help="the folder to write to (default: DIR/cohort)")
    add("--measure", default=LEADING, metavar="CODE", help=f"the measurement of the plots (default: {LEADING})")
    add("--reference", type=Path, metavar="FILE.csv", help="values to compare with, for a Bland-Altman plot")
    add("--column", metavar="NAME", help="its column with the values (default: as --measure)")
    add("--key", default="study", metavar="NAME", help="its column that names the study or patient (default: study)")
    add("--by", choices=("site", "equipment"), default="site", help="groups of the plot of trust (default: site)")
    add("--csv-only", action="store_true", help="no Parquet and no plots")


def _add_tensors(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Writes clips as foundation models take them: each loop, and each slice of a stack, as DIR/NAME.npz with the "
        "way back to its pixels, and DIR/clips.csv. Nothing is analysed."
    )
    parser.epilog = "Exit status: 0 done; 1 some recording was refused (see stderr; the rest is done); 2 bad usage."
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help=_PATHS)
    add("--out", required=True, type=Path, metavar="DIR", help="the folder to write to; made if it is not there")
    add("--size", type=int, default=224, metavar="PX", help="side of a frame, 16 to 1024 (default: 224)")
    add("--rate", type=float, metavar="PER_S", help="frames a second, 1 to 200 (default: the recording's own)")
    add("--frames", type=int, metavar="N", help="the first N frames only")
    add("--rgb", action="store_true", help="three channels in place of grey")
    add("--fit", choices=("whole", "centre"), default="whole", help="the whole sector, or the square in the middle")
    add("--zoom", type=float, default=0.0, metavar="SHARE", help="with --fit centre: cut this share off at each edge")
    add("--format", choices=("npz", "mp4"), default="npz", help="arrays, or a video with a JSON file next to it")
    add("--keep-outside", action="store_true", help="do not blacken what is outside the ultrasound sector")
    add("--keep-identity", action="store_true", help="keep text in the images, and the recording's identifier as name")


def _add_site(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compares automatic values with those that the readers of a site signed (Bland and Altman 1986), from 30 "
        "patients on. Files that cannot be verified are named and not used. Nothing leaves this computer."
    )
    parser.epilog = "Writes agreement.csv, agreement.json and agreement.pdf to FOLDER; none of them names a patient."
    add = parser.add_argument
    add("dir", type=Path, metavar="DIR", help="the folder of signed studies (.kinecor files)")
    add("--out", type=Path, metavar="FOLDER", help="also write tables and pages there")
    add("--language", choices=LANGUAGES, default="en", help="of the pages (default: en)")
    add(
        "--log", type=Path, action="append", default=[], metavar="FILE",
        help="an audit log of another computer, the oldest first; may be repeated",
    )  # fmt: skip
    add("--key", action="append", default=[], metavar="HEX", help="a public key of a colleague; may be repeated")


def _add_live(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        f"Contours apical views of a live source as frames come. Nothing is measured. {kinecor.RESEARCH_USE}."
    )
    parser.epilog = "Nothing is stored without --save. A pipe: ffmpeg -i INPUT -pix_fmt gray -f yuv4mpegpipe PIPE"
    add = parser.add_argument
    add(
        "source",
        metavar="SOURCE",
        help="a folder that images are written to, a named pipe (YUV4MPEG2), a camera (0, 1, ... or its device), a "
        "video stream (rtsp://...), or a recording, replayed at its speed",
    )
    add("--json", action="store_true", help="no window: a line of JSON a frame on stdout")
    add("--seconds", type=float, metavar="S", help="end after so long")
    add("--frames", type=int, metavar="N", help="with --json: end after so many frames")
    add("--loop", action="store_true", help="begin a recording again at its end")
    add("--save", type=Path, metavar="FOLDER", help="save frames and contours to a new or empty folder")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where the model runs")


def _add_phantom(parser: argparse.ArgumentParser) -> None:
    parser.description = "Simulates a recording: DICOM and truth.json."
    parser.epilog = _PHANTOM
    add = parser.add_argument
    add("kind", metavar="KIND", choices=PHANTOMS, help=" | ".join(PHANTOMS) + "; echo is a4c")
    add("--out", required=True, type=Path, metavar="DIR", help="a new or empty folder")
    add("--seed", type=int, default=0, help="the same gives the same recording (default: 0)")
    add("--population", default="normal", metavar="NAME", help=_POPULATIONS)
    add("--ef", type=float, metavar="PERCENT", help="ejection fraction, 5 to 85; drawn from the population if left out")
    add("--heart-rate", type=float, metavar="PER_MIN", help="30 to 220; drawn from the population if left out")
    add("--rhythm", default="sinus", metavar="NAME", help="sinus, ectopic, fibrillation")
    add(
        "--beats",
        type=int,
        metavar="N",
        help="shown in a clip, or that an MR image is acquired over (default: 1, or 3 where irregular)",
    )
    add(
        "--frames",
        type=int,
        metavar="N",
        help="of a clip, in place of --beats, 1 to 2000; or phases of a cine MRI, 1 to 60",
    )
    add(
        "--size",
        type=_size,
        metavar="ROWSxCOLUMNS",
        help="of a frame; echo 64 to 1024 (256x256), MRI 32 to 512 (192x224)",
    )
    add("--look", metavar="NAME", help="random, or by name; a wrong name is answered with all there are")
    add("--frame-rate", type=float, metavar="PER_S", help="echo: 10 to 200 (default: 50)")
    add("--foreshortening", type=float, metavar="DEG", help="echo: -30 to 30 off the apex, or off the short axis")
    add("--graphics", action="store_true", help="echo: draw ECG, text and depth ticks")
    add(
        "--slices", type=int, metavar="N", help="MRI: of the stack, 1 to 30; as many as cover the ventricle if left out"
    )
    add("--enhanced", action="store_true", help="MRI: one Enhanced file a series, not single images")
    add(
        "--dense",
        action="store_true",
        help="write truth.npz too: label maps, material points and displacement of every frame",
    )


def _size(text: str) -> tuple[int, int]:
    try:
        rows, columns = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected two whole numbers as ROWSxCOLUMNS, got '{text}'") from None
    return rows, columns


def _spacing(text: str) -> tuple[float, float]:
    try:
        row_mm, col_mm = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected two numbers as ROW_MM,COL_MM, got '{text}'") from None
    if not all(
        math.isfinite(spacing_mm) and MIN_SPACING_MM <= spacing_mm <= MAX_SPACING_MM for spacing_mm in (row_mm, col_mm)
    ):
        raise argparse.ArgumentTypeError(f"expected {MIN_SPACING_MM} to {MAX_SPACING_MM:g} mm, got '{text}'")
    return row_mm, col_mm


def _folder_or_none(text: str) -> Path | str:
    return Path(text) if text else ""


def _retained(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if unknown := [name for name in names if name not in RETAINED]:
        raise argparse.ArgumentTypeError(f"expected {' or '.join(RETAINED)}, got '{', '.join(unknown)}'")
    return names


def _labels(text: str) -> tuple[tuple[int, str], ...]:
    from kinecor.core.outlines.label_orders import BY_CODE  # numpy: only this option pays

    if text in BY_CODE:
        return tuple((value, part.value) for value, part in BY_CODE[text].parts.items())
    if text == "auto":
        return ()
    try:
        pairs = tuple((int(value), part.strip()) for value, part in (part.split("=") for part in text.split(",")))
    except ValueError:
        pairs = ()
    if not pairs or any(part not in LABEL_PARTS or value < 1 for value, part in pairs):
        raise argparse.ArgumentTypeError(
            f"expected {', '.join(LABEL_ORDERS)}, or numbers from 1 with {', '.join(LABEL_PARTS)} as in 1=lv,2=wall, "
            f"got '{text}'"
        )
    return pairs


def _jobs(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got '{text}'")
    return number


def _check_out(chosen: argparse.Namespace) -> None:
    """Refuse at once what would only fail after minutes of work."""
    if chosen.command == "analyse":
        for path in chosen.import_contours:
            if not path.is_file():
                raise BadUsageError(f"--import-contours {path}: there is no such file")
        if not chosen.import_contours and (chosen.labels or chosen.import_frame):
            raise BadUsageError("--labels and --import-frame belong to --import-contours: add it, or leave them out")
        if not chosen.anonymise and (chosen.retain or chosen.key or chosen.dry_run or chosen.keep_unclear):
            raise BadUsageError(
                "--retain, --key, --keep-unclear and --dry-run belong to --anonymise: add it, or leave them out"
            )
        _check_folder(chosen.out)
    elif chosen.command == "shot":
        if chosen.out.suffix.lower() != ".png":
            raise BadUsageError(f"--out {chosen.out}: expected a name that ends in .png")
        _check_folder(chosen.out.parent)
    elif chosen.command in ("backup", "tensors") or (chosen.command in ("site", "cohort") and chosen.out is not None):
        _check_folder(chosen.out)
    elif chosen.command == "phantom":
        _check_folder(chosen.out)
        if chosen.out.exists() and any(chosen.out.iterdir()):
            raise BadUsageError(f"--out {chosen.out}: it is not empty; name a new or empty folder")


_FILES = (".csv", ".json", ".npz", ".parquet", ".pdf", ".zip")
"""Endings of what is written; a new folder with one is a mistake."""


def _check_folder(out: Path) -> None:
    there = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not there.is_dir():
        raise BadUsageError(f"--out {out}: {there} is a file; name a folder to write to")
    if not os.access(there, os.W_OK):
        raise BadUsageError(f"--out {out}: {there} cannot be written to; name another folder")
    if there != out and out.suffix.lower() in _FILES:
        raise BadUsageError(f"--out {out}: it is a folder that is written to; leave out {out.suffix}")


def _listed(path: str) -> list[str]:
    """The paths that an argument stands for: the lines of standard input or of a list, else the path itself."""
    if path != "-" and (not path.startswith("@") or os.path.lexists(path)):
        return [path]
    try:
        text = sys.stdin.read() if path == "-" else Path(path[1:]).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BadUsageError(f"{path}: the list cannot be read ({error.strerror}); expected one path a line") from error
    paths = [line for line in text.splitlines() if line.strip()]
    if not paths:
        raise BadUsageError(f"{path}: the list is empty; expected one path a line")
    return paths


def _check_paths(paths: Sequence[str]) -> None:
    """A word that is neither a file nor a command is a typing error: report it instead of opening an empty window."""
    for path in paths:
        if not os.path.lexists(path) and path not in ("demo", "sample"):
            close = difflib.get_close_matches(path, COMMANDS, n=1)
            hint = f"did you mean `kinecor {close[0]}`?" if close else "see `kinecor --help`"
            raise BadUsageError(f"there is no file, folder or command '{path}': {hint}")


# What the system says when standard output leads to a disk that is full or gone.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status.

    Returns:
        0 done; 1 something failed or was refused, reported on stderr; 2 bad usage; 130 interrupted (Ctrl-C).

    """
    with guard_output():
        return _ended(arguments)


def _ended(arguments: Sequence[str]) -> int:
    try:
        status = _run(parse_command_line(arguments))
        sys.stdout.flush()  # a full disk shows only now
        return status
    except SystemExit as end:  # argparse has spoken already
        return end.code if isinstance(end.code, int) else FAILED
    except BadUsageError as error:
        return _failure(str(error), BAD_USAGE)
    except KinecorError as error:
        return _failure(str(error), FAILED)
    except KeyboardInterrupt:
        return _failure("interrupted; no file is left half written", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; without this Python complains once more at exit.
        _drop_output()
        return FAILED
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:
            return _failure(unforeseen(), FAILED)
        _drop_output()
        return _failure(f"the output cannot be written ({error.strerror}): name another place for it", FAILED)
    except Exception:  # the last net: a reader never meets a traceback
        return _failure(unforeseen(), FAILED)


def _drop_output() -> None:
    """Send what is still to be printed nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failure(sentence: str, status: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        print(f"kinecor: {sentence}", file=sys.stderr)
    return status


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "window":
            return _window(chosen.paths)
        case "demo":
            return _window(["demo"])
        case "analyse":
            from kinecor.cli.analyse import analyse

            return analyse(chosen)
        case "shot":
            return _shot(chosen)
        case "models":
            return _models(chosen)
        case "archive":
            from kinecor.cli.archive import archive

            return archive(chosen)
        case "schema":
            from kinecor.io.export.schema import schema_text

            print(schema_text(), end="")
            return DONE
        case "live":
            from kinecor.cli.live import live

            return live(chosen)
        case "tensors":
            from kinecor.cli.tensors import tensors

            return tensors(chosen)
        case "cohort":
            from kinecor.cli.cohort import cohort

            return cohort(chosen)
        case "site":
            from kinecor.cli.site import site

            return site(chosen)
        case "doctor":
            if chosen.paths:
                from kinecor.cli.series_list import print_series

                return print_series(chosen.paths, as_json=chosen.json)
            from kinecor.cli.doctor import doctor

            return doctor(as_json=chosen.json)
        case "backup":
            from kinecor.cli.saved import backup

            return backup(chosen)
        case "verify":
            from kinecor.cli.saved import verify

            return verify(chosen)
        case "phantom":
            # Frames are computed on threads of our own; those of numpy would compete with them. To be set before its
            # import.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            from kinecor.cli.phantom import phantom

            return phantom(chosen)
        case "train":
            from kinecor_lab.common.commands import train

            return int(train(chosen.rest))
        case _:
            from kinecor_lab.common.commands import evaluate

            return int(evaluate(chosen.rest))


def _window(paths: Sequence[str]) -> int:
    from kinecor.ui.app.quick_start import quick_imports

    with quick_imports():
        from kinecor.ui.app.application import run_window

    return run_window([resolve_path(path) for path in paths])


def _pixels(text: str) -> tuple[int, int]:
    """A size such as 1440x900."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 0 < int(width) <= 10000 and 0 < int(height) <= 10000):
        raise argparse.ArgumentTypeError(f"expected a size in pixels such as 1440x900, got {text!r}")
    return int(width), int(height)


def _shot(chosen: argparse.Namespace) -> int:
    from kinecor.ui.app.application import shot
    from kinecor.ui.app.modes import Mode

    mode = None if chosen.mode is None else Mode(chosen.mode)
    path, out = resolve_path(chosen.path), chosen.out
    shot(path, out, chosen.size, strain=chosen.strain, mode=mode, tour=chosen.tour, checks=chosen.checks)
    print(chosen.out)
    return DONE


def _models(chosen: argparse.Namespace) -> int:
    from kinecor.analysis.models import describe, gain_at_site, unusable
    from kinecor.analysis.own_models import set_models_folder

    if chosen.folder is not None:
        set_models_folder(chosen.folder or None)
    cards, wrong = describe(), unusable()
    for sentence in wrong:
        print(f"kinecor: {sentence}", file=sys.stderr)
    if chosen.json:
        print(json.dumps([asdict(card) for card in cards], ensure_ascii=False, indent=1))
        return DONE if cards and not wrong else FAILED
    for card in cards:
        print(f"{card.name} {card.version}: {card.summary}")
        gain = gain_at_site(card)
        lines = [
            *([("measured", gain)] if gain else []),
            ("intended", card.intended),
            *(("limit", limit) for limit in card.limits),
            *((name, figure) for name, figure in card.figures.items()),
            ("trained on", card.data),
            *(("cite", citation) for citation in card.citations),
            ("licence", card.licence),
            ("weights", f"{card.weights}, sha256 {card.sha256}"),
            *([("INT8", f"{card.quantised}, sha256 {card.quantised_sha256}")] if card.quantised else []),
            *([("folder", card.folder)] if card.folder else []),
        ]
        for name, text in lines:
            print(f"  {name}: {text}")
    if not cards:
        raise KinecorError(message("no model is installed: install Kinecor again"))
    return FAILED if wrong else DONE
