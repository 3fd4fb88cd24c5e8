"""`kinecor evaluate phantoms`: whether what simulated hearts claim to be true is true, found another way."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor evaluate phantoms",
        description="Check the truth of simulated hearts against integrals and differences had another way.",
        epilog="Exit status 1 if a check does not hold. Figures: error of disks and of ES on perfect contours.",
    )
    made.add_argument("--hearts", type=int, default=24, metavar="N", help="of all populations and rhythms in turn")
    made.add_argument("--seed", type=int, default=0, help="of the draw of hearts")
    made.add_argument("--json", type=Path, help="also write the rows there")
    return made


def main(argv: Sequence[str]) -> int:
    """Run the command; its exit status (0 every check holds, 1 one does not, 2 bad usage)."""
    options = parser().parse_args(argv)
    from kinecor_lab.simulators.checks import CHECKS, rows, subjects
    from kinecor_lab.simulators.figures import FORESHORTENED_DEG, Figures, figures, table

    if options.hearts < 1:
        print("kinecor evaluate: expected --hearts from 1 on", file=sys.stderr)
        return 2
    errors: dict[str, list[float]] = {check.name: [] for check in CHECKS}
    by_population: dict[str, list[Figures]] = {}
    for number, subject in enumerate(subjects(options.hearts, options.seed)):
        print(f"\r{number + 1} of {options.hearts} hearts ", end="", file=sys.stderr, flush=True)
        for check in CHECKS:
            errors[check.name] += check.errors(subject)
        by_population.setdefault(subject.heart.population, []).append(figures(subject))
    print(file=sys.stderr)
    found = rows(errors)
    print(f"{'claim':45}{'worst':>12}{'mean':>12}{'n':>7}{'limit':>9}")
    for row in found:
        note = "" if row.holds else "  does not hold"
        print(
            f"{row.check.name:45}{row.worst:12.2g}{row.mean:12.2g}{row.count:7}{row.check.limit:9.4g} "
            f"{row.check.unit}{note}"
        )
    print(f"\nperfect contours; leaning: planes {FORESHORTENED_DEG:g} degrees off the apex; mean ± SD")
    print(table(by_population))
    if options.json:
        told = [
            {"claim": r.check.name, "unit": r.check.unit, "worst": r.worst, "mean": r.mean, "n": r.count} for r in found
        ]
        options.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 0 if all(row.holds for row in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
