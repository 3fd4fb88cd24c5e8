"""The receiver under attack and under load: silent connections, drops, strangers, large instances, a kill in between.

    python benchmarks/receiver.py [--silent 400] [--megabytes 300] [--seed 1] [--out receiver.json]

`kinecor archive listen` runs in a process of its own on this computer. Times are wall clock, memory is the most that
the receiver ever had (VmHWM).
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.io.archive.raw import associated, connected, release, request, store
from tests.io.archive.servers import free_port

LIMIT_S = 2.0


@contextmanager
def receiving(folder, *more):
    """The receiver; (process, port)."""
    port = free_port()
    line = [sys.executable, "-m", "kinecor", "archive", "listen", "--allow", "SCANNER", "--port", str(port), "--quiet"]
    environment = {**os.environ, "KINECOR_DATA_DIR": str(folder / "data"), "TMPDIR": str(folder)}
    command = [*line, "--out", str(folder / "in"), *more]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until_s = time.monotonic() + 60
            while True:
                with suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                if time.monotonic() > until_s:
                    raise SystemExit("the receiver did not start")
                time.sleep(0.1)
            time.sleep(1)
            yield process, port
        finally:
            process.kill()
            process.wait()


def peak_mb(process):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("VmHWM")).split()[1]) / 1024


def threads(process):
    return len(list(Path(f"/proc/{process.pid}/task").iterdir()))


def legitimate_s(port):
    """Seconds until a sender has its association; None where it is refused or gets no answer within 20 s."""
    began_s = time.monotonic()
    try:
        line, answer = associated(port, seconds=20.0)
    except OSError:
        return None
    took_s = time.monotonic() - began_s
    if answer != 2:
        line.close()
        return None
    release(line)
    return took_s


def attacked(folder, attack, count, rng):
    """The longest that a legitimate sender waits while `count` connections attack, of 8 tries, and threads."""
    with receiving(folder) as (process, port), ExitStack() as stack:
        for _ in range(count):
            with suppress(OSError):
                line = stack.enter_context(connected(port, 5.0))
                attack(line, rng)
        waits = []
        for _ in range(8):
            waits.append(legitimate_s(port))
            time.sleep(rng.uniform(0.0, 0.3))
        kept_out = sum(one is None or one > LIMIT_S for one in waits)
        answered = [one for one in waits if one is not None]
        return {"kept out": kept_out, "longest_s": max(answered, default=None), "threads": threads(process)}


def _send(line, content):
    with suppress(OSError):
        line.sendall(content)


ATTACKS = {
    "silent": lambda _line, _rng: None,
    "a few bytes of a request": lambda line, rng: _send(line, request()[: rng.randrange(1, 74)]),
    "random bytes": lambda line, rng: _send(line, rng.randbytes(rng.randrange(6, 400))),
    "strangers who stay": lambda line, _rng: _send(line, request(calling="STRANGER")),
    "a length of 4 GB": lambda line, _rng: _send(line, b"\1\0\xff\xff\xff\xf0" + bytes(50)),
}


def dripping(folder):
    """Seconds until a connection is closed that sends a byte a second: of its request, and of a PDU of its data."""
    found = {}
    with receiving(folder) as (_, port):
        for name in ("request", "data"):
            if name == "request":
                line = connected(port)
                content = request(padding=200)
            else:
                line, answer = associated(port)
                assert answer == 2
                content = b"\4\0\0\0\1\0" + bytes(256)
            began_s = time.monotonic()
            with line:
                for number in range(100):
                    try:
                        line.sendall(content[number : number + 1])
                        line.settimeout(1.0)
                        if not line.recv(100):
                            break
                    except TimeoutError:
                        continue
                    except OSError:
                        break
                else:
                    found[name] = None
                    continue
            found[name] = round(time.monotonic() - began_s, 1)
    return found


def loaded(folder, megabytes, senders=4):
    """Peak memory of the receiver before and while senders store large instances at once."""
    with receiving(folder) as (process, port):
        before = peak_mb(process)
        statuses, began_s = [], time.monotonic()

        def send():
            line, _ = associated(port, seconds=120.0)
            statuses.append(store(line, megabytes << 20))
            release(line)

        workers = [threading.Thread(target=send) for _ in range(senders)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        took_s = time.monotonic() - began_s
        return {
            "stored": sum(one == 0 for one in statuses),
            "before_mb": round(before),
            "peak_mb": round(peak_mb(process)),
            "s": round(took_s, 1),
        }


def partial(folder):
    """Files that are not complete: after a kill in the middle of an instance, and after the next start."""
    with receiving(folder) as (process, port):
        line, _ = associated(port)
        with line:
            store(line, 50 << 20, stop_after=30 << 20)
            time.sleep(1)
            process.kill()
            process.wait()
    after_kill = _incomplete(folder)
    with receiving(folder) as (_, port):
        assert legitimate_s(port) is not None
    return {"after the kill": after_kill, "after the restart": _incomplete(folder)}


def _incomplete(folder):
    """Files of an instance that are in the folder of no study."""
    studies = [one for one in (folder / "in").glob("[0-9]*") if one.is_dir()]
    return sum(one.suffix == ".dcm" and one.is_file() and one.parent not in studies for one in folder.rglob("*"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--silent", type=int, default=400)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("attacks", "drops", "memory", "partial"))
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    rng, results = random.Random(chosen.seed), {"attacks": {}}
    with TemporaryDirectory(prefix="kinecor-bench-") as name:
        root = Path(name)
        print(
            f"| {chosen.silent} connections | senders kept out over {LIMIT_S:g} s, of 8 | longest wait, s | threads |"
        )
        print("|---|---|---|---|")
        attacks = ATTACKS.items() if chosen.only in (None, "attacks") else ()
        for number, (words, attack) in enumerate(attacks):
            (folder := root / str(number)).mkdir()
            row = results["attacks"][words] = attacked(folder, attack, chosen.silent, rng)
            longest = "-" if row["longest_s"] is None else f"{row['longest_s']:.2f}"
            print(f"| {words} | {row['kept out']} | {longest} | {row['threads']} |", flush=True)
        for part, words, work in (
            ("drops", "a byte a second: closed after s", dripping),
            ("memory", f"4 senders of {chosen.megabytes} MB", lambda folder: loaded(folder, chosen.megabytes)),
            ("partial", "partial files", partial),
        ):
            if chosen.only not in (None, part):
                continue
            (folder := root / words.split()[0].strip(":")).mkdir(exist_ok=True)
            results[part] = work(folder)
            print(f"{words}: {results[part]}", flush=True)
    if chosen.out:
        chosen.out.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
