"""How well masks become contours, and how often the order of labels is guessed, on the experts' labels of real images.

    python benchmarks/contours_in.py DATA_FOLDER [PATIENTS]

CAMUS (four- and two-chamber views), ACDC and York (short axes). For each contour: Dice of the mask with the contour
filled again. For the order: every file with its labels as they are and exchanged in every way; right where each label
of the heart is what it is.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from kinecor.analysis.contours.tracing import traced_contours
from kinecor.core.outlines.label_orders import BY_CODE, Order, guessed_order
from kinecor.core.values.kind import APICAL_LOOP, SHORT_AXIS_STACK, STACK_SLICE, Kind
from kinecor.core.values.labels import LabelFile, LabelPlane, Part
from kinecor.core.values.message import verbatim
from kinecor.core.values.track import Structure

_YORK = MappingProxyType({1: Part.LV_CAVITY, 2: Part.LV_WALL})
SETS: tuple[tuple[str, Kind, Kind, Order], ...] = (
    ("camus-a4c", APICAL_LOOP, APICAL_LOOP, BY_CODE["camus"].parts),
    ("camus-a2c", APICAL_LOOP, APICAL_LOOP, BY_CODE["camus"].parts),
    ("acdc-sax", STACK_SLICE, SHORT_AXIS_STACK, BY_CODE["acdc"].parts),
    ("york-cine", STACK_SLICE, SHORT_AXIS_STACK, _YORK),
)


def files(folder: Path, patients: int) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Label planes by patient and phase, as one file would hold them."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((folder / "labels").rglob("*.png")):
        stem = path.stem.rsplit("_s", 1)[0] if folder.name == "acdc-sax" else path.stem
        groups[stem if folder.name != "york-cine" else path.parent.name + stem.split("_")[0]].append(path)
    seen: set[str] = set()
    for name, paths in groups.items():
        seen.add(name.split("_")[0])
        if len(seen) > patients:
            return
        yield name, [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]


def label_file(planes: list[np.ndarray]) -> LabelFile:
    """As a file without names."""
    placed = tuple(LabelPlane(plane.astype(np.uint16), 0, place) for place, plane in enumerate(planes))
    return LabelFile("labels", verbatim("PNG"), placed, 1, len(placed))


def exchanged(planes: list[np.ndarray], order: Order) -> Iterator[tuple[list[np.ndarray], Order]]:
    """The planes with their labels exchanged in every way, each with its order."""
    values = tuple(order)
    for new in permutations(values):
        table = np.arange(256, dtype=np.uint8)
        table[list(values)] = new
        yield [table[plane] for plane in planes], {to: order[value] for value, to in zip(values, new, strict=True)}


def main() -> None:
    """Print a line for each set and structure."""
    root, patients = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10**6
    for name, kind, guessed_for, order in SETS:
        dice: dict[Structure, list[float]] = defaultdict(list)
        ratio: dict[Structure, list[float]] = defaultdict(list)
        missing = right = asked = 0
        used = {value: part for value, part in order.items() if value < 4}
        for _, planes in files(root / name, patients):
            for plane in planes:
                traced = traced_contours(plane, order, kind)
                for structure, one in traced.items():
                    dice[structure].append(one.dice)
                missing += len(set(np.unique(plane)) - {0}) > 0 and Structure.LV_EPI not in traced
            for changed, true in exchanged(planes, used):
                present = set(np.unique(np.concatenate([plane.ravel() for plane in changed]))) - {0}
                guessed = guessed_order(label_file(changed), guessed_for.structures).parts
                asked += 1
                right += all(guessed[int(value)] is true[int(value)] for value in present)
        for structure, values in dice.items():
            found = np.array(values)
            low, middle = np.percentile(found, (1, 50))
            print(
                f"{name:10} {structure:8} n {len(found):5}  median {middle:.4f}  1st percentile {low:.4f}  "
                f"least {found.min():.4f}  below 0.98: {(found < 0.98).sum()}"
            )
        print(f"{name:10} order right in {right} of {asked}; planes with labels and no epicardium {missing}")
        assert not ratio


if __name__ == "__main__":
    main()
