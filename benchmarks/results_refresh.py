"""Time in which the results panel follows a drag, and a saved edit: `python benchmarks/results_refresh.py`.

Off screen, a study of three apical loops (A4C on screen, A2C, A3C), 424 px wide. While a contour is dragged: computing
values, biplane values of the study, and rows, then painting what changed. After a save the checks run as well; their
time is given apart (`checks.py` measures them by themselves).
"""

import os
import statistics
import tempfile
import time
from dataclasses import replace

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PySide6.QtWidgets import QApplication

from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import View
from kinecor.core.values.track import Structure
from kinecor.session.edits import SetContours, SetEvents, SetTrack, SetView, Several
from kinecor.ui.app.application import application
from kinecor.ui.results.panel import ResultsPanel
from kinecor.ui.workspace.workspace import Workspace
from tests.readings import cine, read, with_identity

FRAMES, MOVES = 47, 200


def study(workspace: Workspace) -> None:
    loops = [with_identity(cine(FRAMES), path=f"study/{one}.dcm", recording_id=f"1.2.3.{one}") for one in range(3)]
    workspace.open(tuple(loops))
    for loop, view in zip(loops, ("A4C", "A2C", "A3C"), strict=True):
        edits = (SetView(View(view, None, "bench")), *(SetTrack(one) for one in read(loop).tracks.values()))
        workspace.do(Several("bench", edits), recording=loop)
        workspace.do(SetEvents(read(loop).events), recording=loop)


def moved(workspace: Workspace, step: int) -> SetContours:
    contour = workspace.saved.tracks[Structure.LV_ENDO].contours[0]
    shifted = Contour(contour.points + np.array((0.5 * np.sin(step / 5), 0.0)))
    return SetContours(Structure.LV_ENDO, 0, (shifted,))


def spread(took_ms: list[float]) -> str:
    found = sorted(took_ms)
    return f"p50 {statistics.median(found):5.1f} ms   p95 {found[int(0.95 * len(found))]:5.1f} ms   (n = {len(found)})"


def main() -> None:
    os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-bench-")
    application()
    workspace = Workspace("bench")
    panel = ResultsPanel(workspace)
    panel.resize(424, 900)
    panel.show()
    study(workspace)
    QApplication.processEvents()
    assert panel.content.headline is not None
    print(f"headline: {panel.content.headline.title}, {len(panel.rows)} rows")
    saved, drag, wall = workspace.saved, [], []
    for step in range(MOVES):
        after = moved(workspace, step).apply(saved, "bench")
        began, began_cpu = time.perf_counter(), time.process_time()
        panel._during(after)
        QApplication.processEvents()
        wall.append(1000 * (time.perf_counter() - began))
        drag.append(1000 * (time.process_time() - began_cpu))
    print(f"while dragging, processor {spread(drag)}")
    print(f"while dragging, clock     {spread(wall)}")
    rows = []
    for step in range(50):
        content = panel._content(*panel._saved)
        first = content.rows[0]
        changed = replace(content, rows=(replace(first, value=str(step)), *content.rows[1:]))
        began_cpu = time.process_time()
        panel._show(changed)
        QApplication.processEvents()
        rows.append(1000 * (time.process_time() - began_cpu))
    print(f"drawing one changed row, processor {spread(rows)}")
    saves = []
    for step in range(20):
        edit = moved(workspace, step + 1)
        began_cpu = time.process_time()
        workspace.do(edit)
        QApplication.processEvents()
        saves.append(1000 * (time.process_time() - began_cpu))
    print(f"saved, with journal and checks of the study, processor {spread(saves)}")
    workspace.close()


if __name__ == "__main__":
    main()
