"""Kills and disasters at length: `python -m tests.fuzz.kills --rounds 20 --seconds 75 --out FILE.json`.

The program is killed while it saves, backs up, writes, sends, receives, retrieves and analyses; disks are full, become
read-only, lose their power or go away; the server of a network folder dies; several windows and machines want one
study. What was reported as done must be there, and whole. Exit status 1 where something was lost; FILE is a section of
docs/validation/robustness.md. To be run from the root of the source tree.

Disks need the right to mount; the network folder needs sshfs and OpenSSH's sftp-server, the archive pynetdicom: without
them their rows have 0 rounds.
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.disasters import (
    Toll,
    can_mount,
    full_backup,
    full_disk,
    killed,
    killed_backup,
    killed_export,
    lost_disk,
    replaced,
)
from tests.fuzz.killed_runs import killed_runs
from tests.fuzz.killed_transfers import full_receiver, killed_copies, killed_receiver, killed_retrieval, killed_sender
from tests.fuzz.places import can_fail, power_failure, sftp_server, vanished_network
from tests.fuzz.sections import write_section
from tests.fuzz.writers import two_hosts, two_windows


@dataclass(frozen=True)
class Disaster:
    """Something that happens while the program works.

    Attributes:
        title: what happens.
        happens: lets it happen; see Toll. Called with how often, and the number of the campaign.
        kills: whether it kills the program.
        missing: says what this machine lacks for it; empty where nothing.
        short_rounds: in the suite; 0 where it takes too long for that.

    """

    title: str
    happens: Callable[[int, int], Toll]
    kills: bool = True
    missing: Callable[[], str] = str
    short_rounds: int = 3


_APART = 100
"""Of the seeds of repetitions: each disaster adds its own number, below this, to the seed."""


def _no_network() -> str:
    return "" if importlib.util.find_spec("pynetdicom") else "no pynetdicom here"


def _no_mount() -> str:
    return "" if can_mount() else "no right to mount a disk here"


def _no_power_failure() -> str:
    return "" if can_fail() else "no right to mount a disk here"


def _no_network_folder() -> str:
    return "no sshfs here" if sftp_server() is None else ""


DISASTERS = (
    Disaster("killed (kill -9) while it saves edits", killed),
    Disaster("killed while it backs up", killed_backup),
    Disaster("killed while it writes results and exports", killed_export),
    Disaster("killed while it writes de-identified copies", killed_copies),
    Disaster("killed while it sends to an archive", killed_sender, missing=_no_network),
    Disaster("killed while it receives", killed_receiver, missing=_no_network),
    Disaster("killed while it retrieves", killed_retrieval, missing=_no_network),
    Disaster("killed during `analyse --resume`", killed_runs, short_rounds=0),
    Disaster("two windows want one study, and both are killed", two_windows),
    Disaster("the disk is full while edits are saved", full_disk, kills=False),
    Disaster("the disk of the backup is full", full_backup, kills=False),
    Disaster("the study is replaced by a backup, renamed or removed while it is open", replaced, kills=False),
    Disaster(
        "the disk becomes read-only, is full or is taken away while a study is open",
        lost_disk, kills=False, missing=_no_mount,
    ),
    Disaster("the disk of the receiver fills", full_receiver, kills=False, missing=_no_mount),
    Disaster(
        "the power of the disk fails (ext4 is shut down)",
        power_failure, kills=False, missing=_no_power_failure, short_rounds=2,
    ),
    Disaster(
        "the server of a network folder (sshfs) dies, or is silent first",
        vanished_network, kills=False, missing=_no_network_folder, short_rounds=2,
    ),
    Disaster(
        "two machines write one study on a network folder without common locks",
        two_hosts, kills=False, missing=_no_network_folder, short_rounds=2,
    ),
)  # fmt: skip
"""All of them; the suite lets each happen a few times."""


def main(arguments: list[str]) -> int:
    """Run it and print the table; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="of each, at least")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.0, help="repeat each, with other seeds, for so long")
    parser.add_argument(
        "--only", action="append", choices=[one.title for one in DISASTERS], help="in place of all; may be repeated"
    )
    parser.add_argument("--out", type=Path, help="the figures, as a section of a validation page")
    chosen = parser.parse_args(arguments)
    lost = 0
    with tempfile.TemporaryDirectory() as name:
        # Never the studies, the log and the key of who runs it.
        os.environ["KINECOR_DATA_DIR"], os.environ["KINECOR_AUDIT_KEY"] = name, str(Path(name) / "audit.key")
        for disaster in DISASTERS:
            if chosen.only and disaster.title not in chosen.only:
                continue
            began_s = time.monotonic()
            toll = _toll(disaster, chosen.rounds, chosen.seed, began_s + chosen.seconds)
            lost += toll.lost
            took_s = time.monotonic() - began_s
            print(f"| {disaster.title} | {' | '.join(map(str, toll))} | {took_s:.0f} s", flush=True)
            if chosen.out:
                write_tolls(chosen.out, {disaster.title: toll}, chosen.seed)
    return int(lost > 0)


def write_tolls(path: Path, tolls: Mapping[str, Toll], seed: int) -> None:
    """Write what disasters have cost into a section of the page; rows of others that stand there stay.

    Args:
        path: of the section.
        tolls: by title of the disaster.
        seed: of the campaign.

    """
    known = dict(tolls)
    if path.exists():
        for title, *numbers in json.loads(path.read_text(encoding="utf-8"))["tables"][0]["rows"]:
            known.setdefault(title, Toll(*numbers))
    done = [(disaster, known[disaster.title]) for disaster in DISASTERS if disaster.title in known]
    total = Toll(*(sum(column) for column in zip(*(toll for _, toll in done), strict=True)))
    kills = sum(toll.rounds for disaster, toll in done if disaster.kills)
    rows = [*((disaster.title, *toll) for disaster, toll in done), ("all", *total)]
    write_section(
        path,
        title="Kills and disasters",
        seed=seed,
        command=f"python -m tests.fuzz.kills --seed {seed}",
        notes=[
            *(" ".join(part.split()) for part in str(__doc__).split("\n\n")[1:]),
            f"{kills} kills; the moment of each is drawn from the seed, and from how long its work takes here, so "
            "where in the program it hits depends on the machine. *Reported as done*: edits, copies, files, folders "
            "and instances. Of what is dear there are fewer rounds (`--only`, `--rounds`).",
        ],
        tables={"What happened": (["what happened", "rounds", "reported as done", "rounds with a loss"], rows)},
    )


def _toll(disaster: Disaster, rounds: int, seed: int, until_s: float) -> Toll:
    """Of a disaster, again and again until a moment of the monotonic clock; no round where something is missing."""
    if why := disaster.missing():
        print(f"{disaster.title}: {why}", file=sys.stderr)
        return Toll(0, 0, 0)
    tolls = [disaster.happens(rounds, seed)]
    while time.monotonic() < until_s:
        tolls.append(disaster.happens(rounds, seed + _APART * len(tolls)))
    return Toll(*(sum(column) for column in zip(*tolls, strict=True)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
