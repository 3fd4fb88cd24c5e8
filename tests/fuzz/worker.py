"""One process that examines mutants on request, within limits of memory; what kills it costs one mutant.

Reads lines "FORMAT<tab>NUMBER<tab>CAMPAIGN", answers each with a line of JSON. `python -m tests.fuzz.worker`.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

_MAX_ADDRESS_BYTES = 6 << 30


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders write there
    logging.disable(logging.CRITICAL)
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MAX_ADDRESS_BYTES, _MAX_ADDRESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KINECOR_DATA_DIR"] = folder
        tempfile.tempdir = folder
        for line in sys.stdin:
            name, number, campaign = line.rstrip("\n").split("\t")
            answer = _answer(name, int(number), int(campaign), Path(folder) / "mutant")
            print(json.dumps(answer), file=answers, flush=True)


@cache
def _sound(name: str):
    from tests.fuzz.seeds import RECORDING, seed_of
    from tests.fuzz.targets import seen

    seed = seed_of(name)
    with tempfile.TemporaryDirectory() as folder:
        path = _written(seed.files, Path(folder) / "sound")
        return seed, seen(path / seed.opened if seed.opened else path)[0] if seed.target == RECORDING else None


def _written(files: dict[str, bytes], folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def _answer(name: str, number: int, campaign: int, folder: Path) -> dict[str, object]:
    from tests.fuzz.mutants import mutant
    from tests.fuzz.targets import examined

    seed, sound = _sound(name)
    files, how = mutant(seed, number, campaign)
    _written(files, folder)
    before_mb = _peak_mb(reset=True)
    began_s = time.monotonic()
    outcome = examined(seed, folder, sound)
    took_s = time.monotonic() - began_s
    return {
        "kind": outcome.kind,
        "words": outcome.words[:300],
        "how": how,
        "s": round(took_s, 3),
        "mb": round(max(_peak_mb() - before_mb, 0)),
    }


def _peak_mb(*, reset: bool = False) -> float:
    """Largest resident memory since the last reset; 0 where the system does not say."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
    except (OSError, StopIteration):
        return 0.0


if __name__ == "__main__":
    main()
