"""From a command line to its exit status: the only place where an error becomes words on stderr."""

import argparse
import contextlib
import errno
import io
import json
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from kinecor.cli.arguments import BadUsageError, parsed
from kinecor.core.values.errors import KinecorError

# What the system says when standard output leads to a disk that is full or gone.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)
DONE, FAILED, BAD_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status.

    Returns:
        0 done; 1 something failed or was refused, reported on stderr; 2 bad usage; 130 interrupted (Ctrl-C).

    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # a path is printed as the bytes it was given in
    try:
        status = _run(parsed(arguments))
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


def unforeseen() -> str:
    """Log the current exception; one sentence that says where."""
    from kinecor.ui.workspace.jobs import log_file

    what = "an unexpected error occurred"
    path = log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now().astimezone().isoformat()} {traceback.format_exc()}\n")
    except OSError:
        return f"{what}, and its details could not be written to {path}"
    return f"{what}; details are in {path}"


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
            return _shot(chosen.path, chosen.out, strain=chosen.strain)
        case "models":
            return _models(as_json=chosen.json)
        case "schema":
            from kinecor.io.export.schema import schema_text

            print(schema_text(), end="")
            return DONE
        case "doctor":
            from kinecor.cli.doctor import doctor

            return doctor(as_json=chosen.json)
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


def resolved(path: str) -> str:
    """`path`, or the path of the demo study if `path` is "demo" and there is no such file."""
    if path != "demo" or os.path.lexists(path):
        return path
    from kinecor.io.open.find import demo_path

    return str(demo_path())


def _window(paths: Sequence[str]) -> int:
    from kinecor.ui.app.application import run_window

    return run_window([resolved(path) for path in paths])


def _shot(path: str, out: Path, *, strain: bool) -> int:
    from kinecor.ui.app.application import shot

    shot(resolved(path), out, strain=strain)
    print(out)
    return DONE


def _models(*, as_json: bool) -> int:
    from kinecor.analysis.models import describe

    cards = describe()
    if as_json:
        print(json.dumps([asdict(card) for card in cards], ensure_ascii=False, indent=1))
        return DONE if cards else FAILED
    for card in cards:
        print(f"{card.name} {card.version}: {card.summary}")
        lines = [
            ("intended", card.intended),
            *(("limit", limit) for limit in card.limits),
            *((name, figure) for name, figure in card.figures.items()),
            ("trained on", card.data),
            *(("cite", citation) for citation in card.citations),
            ("licence", card.licence),
            ("weights", f"{card.weights}, sha256 {card.sha256}"),
        ]
        for name, text in lines:
            print(f"  {name}: {text}")
    if not cards:
        raise KinecorError("no model is installed: install Kinecor again")
    return DONE
