"""Kills and disasters at length: `python -m tests.fuzz.kills --rounds 20 --seed 1 --out FILE.json`, from the root.

The program is killed while it saves, backs up, writes, sends, receives, retrieves and analyses; disks are full, become
read-only, lose their power or go away; the server of a network folder dies; several windows and machines want one
study. What was reported as done must be there, and whole. FILE is a section of docs/validation/robustness.md. Exit
status 1 where something was lost.

Disks need the right to mount; the network folder needs sshfs and OpenSSH's sftp-server, the archive pynetdicom: without
them their rows have 0 rounds.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.disasters import (
    Toll,
    full_backup,
    full_disk,
    killed,
    killed_backup,
    killed_export,
    lost_disk,
    replaced,
)
from tests.fuzz.killed_runs import killed_runs
from tests.fuzz.killed_transfers import killed_copies, killed_receiver, killed_retrieval, killed_sender
from tests.fuzz.places import power_failure, vanished_network
from tests.fuzz.sections import write_section
from tests.fuzz.writers import two_hosts, two_windows

KILLS: dict[str, Callable[[int, int], Toll]] = {
    "killed (kill -9) while it saves edits": killed,
    "killed while it backs up": killed_backup,
    "killed while it writes results and exports": killed_export,
    "killed while it writes de-identified copies": killed_copies,
    "killed while it sends to an archive": killed_sender,
    "killed while it receives": killed_receiver,
    "killed while it retrieves": killed_retrieval,
    "killed during `analyse --resume`": killed_runs,
    "two windows want one study, and both are killed": two_windows,
}
DISASTERS: dict[str, Callable[[int, int], Toll]] = {
    "the disk is full while edits are saved": full_disk,
    "the disk of the backup is full": full_backup,
    "the study is replaced by a backup, renamed or removed while it is open": replaced,
    "the disk becomes read-only, is full or is taken away while a study is open": lost_disk,
    "the power of the disk fails (ext4 is shut down)": power_failure,
    "the server of a network folder (sshfs) dies, or is silent first": vanished_network,
    "two machines write one study on a network folder without common locks": two_hosts,
}
_WHAT = {**KILLS, **DISASTERS}


def main(arguments: list[str]) -> int:
    """Run it and print the table; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="of each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=_WHAT, help="in place of all; may be repeated")
    parser.add_argument("--out", type=Path, help="the figures, as a section of a validation page")
    chosen = parser.parse_args(arguments)
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as name:
        # Never the studies, the log and the key of who runs it.
        os.environ["KINECOR_DATA_DIR"], os.environ["KINECOR_AUDIT_KEY"] = name, str(Path(name) / "audit.key")
        for title in chosen.only or _WHAT:
            began_s = time.monotonic()
            toll = _WHAT[title](chosen.rounds, chosen.seed)
            rows.append([title, *toll])
            print(f"| {title} | {' | '.join(map(str, toll))} | {time.monotonic() - began_s:.0f} s", flush=True)
    killed_rounds = sum(int(str(row[1])) for row in rows if row[0] in KILLS)
    rows.append(["all", *(sum(int(str(row[at])) for row in rows) for at in (1, 2, 3))])
    if chosen.out:
        write_section(
            chosen.out,
            title="Kills and disasters",
            seed=chosen.seed,
            command=f"python -m tests.fuzz.kills --rounds {chosen.rounds} --seed {chosen.seed}",
            notes=[
                *(" ".join(part.split()) for part in str(__doc__).split("\n\n")[1:]),
                f"{killed_rounds} kills; the moment of each is drawn from the seed, so where in the program it hits "
                "depends on the machine. *Reported as done*: edits, copies, files, folders and instances.",
            ],
            tables={"What happened": (["what happened", "rounds", "reported as done", "rounds with a loss"], rows)},
        )
    return int(bool(rows[-1][3]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
