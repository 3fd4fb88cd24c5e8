import subprocess
import sys

AT_ONCE = """
import threading
from kinecor.io.open.loading import load_readers

failures = []

def load():
    try:
        load_readers()
        from kinecor.io.open.recordings import open_first
        from kinecor.io.open.survey import survey
    except ImportError as error:
        failures.append(str(error))

threads = [threading.Thread(target=load) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures
"""


def test_workers_that_import_the_readers_at_once_wait_for_each_other() -> None:
    ended = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
