"""Memory of a large echo study in the window: `python benchmarks/study_memory.py [CLIPS] [--frames N] [--folder DIR]`.

The clips are simulated apical views of one heart, FRAMES colour frames of 480 x 640 as JPEG, one study. They are opened
and all analysed in the window; printed are the time until the first image is on screen, the resident memory of the
process then and at its highest, and what of it are decoded frames, by the number of clips that are done.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

VIEWS = ("A4C", "A2C", "A3C")
SIZE = (480, 640)
LIMIT_S = 7200.0
IDLE_S = 20.0


def write_clips(folder: Path, clips: int, frames: int) -> None:
    """The clips' files, made where they are not there yet."""
    import cv2
    import numpy as np
    import pydicom
    import simplejpeg
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGBaseline8Bit

    from kinecor.analysis.phantom_make import PhantomRequest, make_echo
    from kinecor.analysis.phantoms import Output, write_echo

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(clips):
        path = folder / f"{number:03d}.dcm"
        if path.exists():
            continue
        with tempfile.TemporaryDirectory() as place:
            heart = PhantomRequest(seed=0, size=(128, 128))
            made = make_echo(VIEWS[number % len(VIEWS)], PhantomRequest(seed=number // len(VIEWS), size=(128, 128)))
            about = Output(Path(place), "Large", f"clip {number}", heart=heart.identity("echo"))
            write_echo(made, about)
            (written,) = Path(place).rglob("*.dcm")
            header = pydicom.dcmread(written)
        pixels = header.pixel_array
        grey = pixels if pixels.ndim == 3 else pixels[..., 0]
        side = min(SIZE)
        coded = []
        for at in range(frames):
            frame = np.zeros((*SIZE, 3), np.uint8)
            left = (SIZE[1] - side) // 2
            frame[:, left : left + side] = cv2.resize(grey[at % len(grey)], (side, side))[..., None]
            frame[20:40, 20:60] = (200, 60, 40)  # a coloured mark, as the maker's on the image
            coded.append(simplejpeg.encode_jpeg(frame, quality=90, colorsubsampling="422"))
        scale = side / grey.shape[1]
        for region in header.SequenceOfUltrasoundRegions:
            region.PhysicalDeltaX, region.PhysicalDeltaY = (
                float(region.PhysicalDeltaX) / scale,
                float(region.PhysicalDeltaY) / scale,
            )
            region.RegionLocationMinX0, region.RegionLocationMaxX1 = left, left + side - 1
            region.RegionLocationMinY0, region.RegionLocationMaxY1 = 0, side - 1
        header.Rows, header.Columns, header.NumberOfFrames = *SIZE, frames
        header.SamplesPerPixel, header.PhotometricInterpretation, header.PlanarConfiguration = 3, "YBR_FULL_422", 0
        header.PixelData = encapsulate(coded)
        header["PixelData"].is_undefined_length = True
        header.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        header.LossyImageCompression = "01"
        if "FrameTimeVector" in header:
            del header.FrameTimeVector
        header.FrameTime, header.FrameIncrementPointer = 33.3, 0x00181063
        header.save_as(path)


def resident_mb(which: str) -> float:
    """VmRSS or VmHWM of this process, MB (Linux)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / 1024
    raise SystemExit("this measures on Linux only")


def measure(folder: Path, until: int) -> dict[str, Any]:
    """Open the folder, analyse `until` clips in the window."""
    from PySide6.QtCore import QEventLoop, QTimer

    from kinecor.io.files.cache import shared_cache
    from kinecor.ui.app.quick_start import quick_imports

    with quick_imports():  # as the program does
        from kinecor.ui.app.application import application
        from kinecor.ui.app.main_window import MainWindow
        from kinecor.ui.app.settings import Settings

    application()
    window = MainWindow(Settings(reader="bench"))
    window.resize(1366, 768)
    window.show()

    def wait(done: Any) -> None:
        loop, asking = QEventLoop(), QTimer(interval=20)
        asking.timeout.connect(lambda: loop.quit() if done() else None)
        asking.start()
        QTimer.singleShot(int(1000 * LIMIT_S), loop.quit)
        loop.exec()
        asking.stop()

    waited = time.perf_counter()
    wait(lambda: not window.busy and time.perf_counter() - waited > IDLE_S)  # a folder is being chosen
    started = resident_mb("VmRSS")
    began, used = time.perf_counter(), time.process_time()
    window.opening.open_paths([str(folder)])
    wait(lambda: window.workspace.recording is not None and not window.grab().isNull())
    first_s, used_s = time.perf_counter() - began, time.process_time() - used
    shown = resident_mb("VmRSS")
    wait(lambda: len(window.workspace.opened.recordings) > 1)
    window.player.pause()
    window.analysing.consider_study()
    space, steps = window.workspace, []

    def analysed() -> int:
        known = [space.opened.known_reading(one) for one in space.opened.recordings]
        count = sum(one is not None and bool(one.tracks) for one in known)
        if not steps or steps[-1][0] != count:
            held_mb = shared_cache().held_bytes / (1 << 20)
            steps.append((count, resident_mb("VmRSS"), held_mb, resident_mb("VmHWM")))
            now_mb, highest_mb = steps[-1][1], steps[-1][3]
            print(
                f"  {count} clips: {now_mb:.0f} MB, of it frames {held_mb:.0f} MB; so far {highest_mb:.0f} MB at most",
                file=sys.stderr,
            )
        return count

    wait(lambda: analysed() >= until and (until < len(space.opened.recordings) or not window.busy))
    found = {
        "first_s": first_s,
        "used_s": used_s,
        "started_mb": started,
        "shown_mb": shown,
        "highest_mb": resident_mb("VmHWM"),
        "frames_mb": shared_cache().held_bytes / (1 << 20),
        "clips": len(space.opened.recordings),
        "steps": steps,
    }
    window.close()
    return found


def main() -> None:
    """Simulate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="?", type=int, default=80)
    parser.add_argument("--frames", type=int, default=80)
    parser.add_argument("--until", type=int, help="end after so many clips are analysed; all by default")
    parser.add_argument("--folder", type=Path, help="keeps the clips")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.once:
        print(json.dumps(measure(chosen.folder, chosen.until or chosen.clips)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = (chosen.folder or Path(temporary)) / f"{chosen.clips}x{chosen.frames}"
        write_clips(folder, chosen.clips, chosen.frames)
        home = Path(temporary) / "home"
        environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
        environment |= {"KINECOR_DATA_DIR": str(home), "KINECOR_AUDIT_KEY": str(home / "audit.key")}
        line = [sys.executable, __file__, str(chosen.clips), "--once", "--folder", str(folder)]
        line += ["--until", str(chosen.until or chosen.clips)]
        done = subprocess.run(line, env=environment, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"ended with {done.returncode}")
        found = json.loads(done.stdout.splitlines()[-1])
        print(f"{found['clips']} clips of {chosen.frames} colour frames of {SIZE[0]} x {SIZE[1]}")
        print(f"first image on screen after {found['first_s']:.2f} s, {found['used_s']:.2f} s of the processor")
        print(
            f"resident: {found['started_mb']:.0f} MB at start, {found['shown_mb']:.0f} MB with the first image,", end=""
        )
        print(
            f" {found['highest_mb']:.0f} MB at its highest; frames in the cache at the end {found['frames_mb']:.0f} MB"
        )


if __name__ == "__main__":
    main()
