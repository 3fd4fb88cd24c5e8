"""`kinecor train lv-apical|sax-cine --signed DIR`: a network that draws as the readers of a site do."""

import argparse
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import platformdirs
from safetensors.numpy import save

from kinecor.analysis.own_models import models_folder, set_models_folder
from kinecor.io.files.atomic import write_text
from kinecor_lab.common.commands import add_device, reported
from kinecor_lab.tasks.site.compare import FOLDS, MAX_CHANCE, MIN_PATIENTS, Comparison, compared, elsewhere
from kinecor_lab.tasks.site.learn import APICAL, RATE, SHORT_AXIS, Recipe, Task, fine_tuned
from kinecor_lab.tasks.site.signed import SignedContours, read_signed, study_files
from kinecor_models.contract import ModelCard, Tensors

SIGNED = "--signed"
"""The option by which a training learns from a site instead of from a public data set."""
TASKS: dict[str, Task[Any]] = {task.name: task for task in (APICAL, SHORT_AXIS)}
MINUTES = 50.0
"""Of all trainings together, on the clock: an hour with reading and measuring."""


def parser(name: str) -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor train {name} {SIGNED}",
        description="Fine-tune the network that ships on the contours that readers of a site signed. The new network "
        "is written only where it is better on the site's own held-out patients, and then is offered beside the one "
        "that ships.",
    )
    out.add_argument(SIGNED, type=Path, required=True, metavar="DIR", help="folder with the signed studies (.kinecor)")
    out.add_argument("--images", type=Path, nargs="+", help="files or folders with their recordings (default: DIR)")
    out.add_argument("--log", type=Path, action="append", default=[], help="another audit log, as for kinecor site")
    out.add_argument("--key", action="append", default=[], help="public key of a colleague, as for kinecor site")
    out.add_argument("--name", default=f"{TASKS[name].model}-site", help="of the new network (default: %(default)s)")
    out.add_argument("--folder", type=Path, help="where card and weights go (default: the folder of kinecor models)")
    out.add_argument("--minutes", type=float, default=MINUTES, help="of all trainings together (default: %(default)g)")
    out.add_argument("--epochs", type=int, default=TASKS[name].epochs, help="of each (default: %(default)s)")
    out.add_argument("--rate", type=float, default=RATE, help="highest learning rate (default: %(default)g)")
    out.add_argument("--run", type=Path, help="folder of checkpoints, so that a stopped run resumes (default: none)")
    out.add_argument("--seed", type=int, default=2026)
    if TASKS[name] is APICAL:
        out.add_argument("--camus", type=Path, nargs="+", help="also measure on CAMUS, split valid")
    else:
        out.add_argument("--acdc", type=Path, help="also measure on ACDC, split test")
    add_device(out)
    return out


@reported("kinecor train")
def train_apical(argv: Sequence[str]) -> int:
    """Runs `kinecor train lv-apical --signed`; its exit status (0 a network was written, 1 none was)."""
    return _train(APICAL.name, argv)


@reported("kinecor train")
def train_short_axis(argv: Sequence[str]) -> int:
    """The same of `kinecor train sax-cine --signed`."""
    return _train(SHORT_AXIS.name, argv)


def _train(name: str, argv: Sequence[str]) -> int:
    options = parser(name).parse_args(argv)
    task = TASKS[name]
    if options.name in TASKS or options.name == task.model:
        raise ValueError(f"{options.name} is the network that ships: choose another --name")
    signed = read_signed(study_files(options.signed), options.images or [options.signed], options.log, options.key)
    for left_out in signed.left_out:
        print(f"{left_out.file}: {left_out.words}")
    samples: list[Any] = list(signed.apical if task is APICAL else signed.short_axis)
    check_enough(samples)
    recipe = Recipe(
        options.epochs,
        options.rate,
        seed=options.seed,
        minutes=options.minutes / (FOLDS + 1),
        device=options.device,
    )
    if options.run is not None:
        return _learn(task, samples, signed, recipe, options.run, options)
    with TemporaryDirectory(prefix="kinecor-site-") as folder:
        return _learn(task, samples, signed, recipe, Path(folder), options)


def check_enough(samples: Sequence[Any]) -> None:
    """Refuse a site with fewer patients than can show a difference.

    Raises:
        ValueError: there are fewer than MIN_PATIENTS.

    """
    patients = len({sample.patient for sample in samples})
    if patients < MIN_PATIENTS:
        raise ValueError(
            f"expected signed contours of at least {MIN_PATIENTS} patients, got {patients}: sign more studies, and "
            "name the folder of their images by --images"
        )


def _learn(
    task: Task[Any],
    samples: Sequence[Any],
    signed: SignedContours,
    recipe: Recipe,
    run: Path,
    options: argparse.Namespace,
) -> int:
    def learn(fold: int, some: Sequence[Any]) -> Tensors:
        print(f"fold {fold + 1} of {FOLDS}: {len({sample.patient for sample in some})} patients, {len(some)} frames")
        return fine_tuned(task, some, recipe, run / f"fold-{fold}")

    comparison = compared(task, samples, learn, device=recipe.device)
    print(f"this site: {figures_of(comparison)}")
    if not comparison.better:
        raise ValueError(
            "the site's network is not better on held-out patients (wanted: more overlap with p below "
            f"{MAX_CHANCE:g}, and no larger error of EF): nothing was written"
        )
    print("all patients")
    weights = fine_tuned(task, samples, recipe, run / "all")
    places = {"camus": options.camus or ()} if task is APICAL else {"acdc": options.acdc}
    public = {
        title: figures_of(one) for title, one in elsewhere(task, weights, device=options.device, **places).items()
    }
    for title, text in public.items():
        print(f"{title}: {text}")
    card = card_of(task, options.name, comparison, signed, len(samples), public)
    print(write_model(options.folder, card, weights))
    print(f"In the window: Analyse with another network, {card.name}. The network that ships stays the default.")
    return 0


def figures_of(found: Comparison) -> str:
    """Both networks on some patients, in a line, with the 95 % interval of the change of the error of EF."""
    (dice_before, dice_after), (ef_before, ef_after) = found.dice, found.ef_error
    low, high = found.ef_change
    return (
        f"EF error {ef_after:.1f} instead of {ef_before:.1f} points (change {low:+.1f} to {high:+.1f}), "
        f"Dice {dice_after:.3f} instead of {dice_before:.3f} (p {found.chance:.4f}), n = {found.patients}"
    )


def card_of(
    task: Task[Any], name: str, comparison: Comparison, signed: SignedContours, frames: int, public: dict[str, str]
) -> ModelCard:
    """The card of a site's network, but for its weights' name and digest."""
    shipped = task.card
    (dice_before, dice_after), (ef_before, ef_after) = comparison.dice, comparison.ef_error
    return ModelCard(
        name=name,
        version=date.today().strftime("%Y.%m.%d"),  # noqa: DTZ011 - the day where the site is
        summary=f"{shipped.name} {shipped.version}, fine-tuned on the contours that readers of this site signed.",
        weights="",
        sha256="",
        licence=shipped.licence,
        data=f"{shipped.data} Then {frames} frames of {comparison.patients} patients of one site, of which "
        f"{signed.drawn} were drawn or corrected by hand.",
        citations=shipped.citations,
        intended=f"Research at the site whose readers drew the contours. {shipped.intended}",
        limits=(
            "Draws as the readers of one site do; elsewhere use the network that ships.",
            "Confidence and intervals of values were fitted for the network that ships.",
            *shipped.limits,
        ),
        figures={"held-out patients of the site": figures_of(comparison), **public},
        size=shipped.size,
        settings=shipped.settings,
        net=shipped.net,
        channels=shipped.channels,
        task=shipped.task,
        site={
            "patients": comparison.patients,
            "dice_before": round(dice_before, 4),
            "dice_after": round(dice_after, 4),
            "chance": round(comparison.chance, 5),
            **({"ef_error_before": round(ef_before, 2), "ef_error_after": round(ef_after, 2)} if ef_after >= 0 else {}),
        },
    )


def write_model(folder: Path | None, card: ModelCard, weights: Tensors) -> Path:
    """Write card and weights into the user's folder of models; the path of the card.

    Args:
        folder: None for the one that `kinecor models` knows; where it knows none, one is made and remembered.
        card: see `card_of`.
        weights: in half precision as files.

    Raises:
        ValueError: there is a network of the name already, or the folder cannot be written to.

    """
    to = folder or models_folder()
    if to is None:
        place = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_data_dir("kinecor", appauthor=False)
        to = Path(place) / "models"
        to.mkdir(parents=True, exist_ok=True)
        set_models_folder(to)
        print(f"{to} is now the folder of networks of your own (kinecor models --folder)")
    path = to / f"{card.name}.json"
    if path.exists():
        raise ValueError(f"{path} exists, and no network is overwritten: choose another --name")
    to.mkdir(parents=True, exist_ok=True)
    content = save({key: value.astype(np.float16) for key, value in weights.items()})
    file = to / f"{card.name}-{card.version}.safetensors"
    file.write_bytes(content)
    fields = asdict(card) | {"weights": file.name, "sha256": hashlib.sha256(content).hexdigest()}
    fields.pop("folder")
    write_text(path, json.dumps(fields, indent=2, ensure_ascii=False) + "\n")
    return path
