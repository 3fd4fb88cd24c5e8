"""The recipes of CONTRIBUTING.md, followed in a copy of the tree.

Each test writes the edits of a recipe as text into the copy and uses the result in a separate process.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = "app/kinecor/core/table/measures.py"


class Copy:
    """A copy of the sources; weights are links, since no recipe changes those that ship."""

    def __init__(self, folder):
        self.folder = folder
        self.touched = set()
        """Paths of files that a recipe wrote or changed."""
        for part in ("app", "models", "resources"):
            ignored = shutil.ignore_patterns("__pycache__", "*.safetensors")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        self.weights = folder / "models/kinecor_models/weights"
        for file in (ROOT / "models/kinecor_models/weights").glob("*.safetensors"):
            (self.weights / file.name).symlink_to(file)

    def write(self, path, text):
        """A new file."""
        file = self.folder / path
        assert not file.exists()
        self.touched.add(path)
        file.write_text(textwrap.dedent(text), encoding="utf-8")

    def replace(self, path, old, new):
        """A change of one place in a file."""
        file = self.folder / path
        self.touched.add(path)
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path}: {old}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, code):
        """What the code prints, run on the copy."""
        places = os.pathsep.join(str(self.folder / part) for part in ("app", "models", "resources"))
        ended = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            env={**os.environ, "PYTHONPATH": places, "KINECOR_DATA_DIR": str(self.folder / "data")},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def test_an_edit_is_one_file(copy):
    copy.write(
        "app/kinecor/session/edits/remarks.py",
        '''
        """Edits of remarks."""

        from dataclasses import dataclass

        from kinecor.core.values.reading import Reading
        from kinecor.session.codec import authored
        from kinecor.session.codec import Edit, tagged


        @tagged("add-remark/1")
        @dataclass(frozen=True, slots=True)
        class AddRemark(Edit):
            """A line at the end of the notes."""

            text: str

            def __post_init__(self) -> None:
                if not self.text:
                    raise ValueError("a remark has words")

            @property
            def summary(self) -> str:
                """A few plain words for the history."""
                return f"remark: {self.text}"

            def apply(self, reading: Reading, by: str) -> Reading:
                """The Reading with this line in its notes."""
                return authored(reading, "notes", by, notes=f"{reading.notes}{self.text}\\n")
        ''',
    )
    # Written, closed and read again by a process that never imports the new file.
    first = """
        from pathlib import Path
        import numpy as np
        from kinecor.core.values.reading import Facts, Reading
        from kinecor.session.journal import Journal
        from kinecor.session.store import Store

        FIRST = Reading(Facts("1.2.3", 240, 320, np.arange(3) * 0.033, "FrameTime"))
    """
    written = """
        from kinecor.session.edits.remarks import AddRemark
        with Store.open(Path("a.kinecor")) as store:
            journal = Journal(store)
            journal.open(FIRST)
            journal.do("1.2.3", AddRemark("one"), "Anna")
            journal.do("1.2.3", AddRemark("two"), "Anna")
            journal.undo("1.2.3", "Ben")
    """
    read = """
        with Store.open(Path("a.kinecor")) as store:
            journal = Journal(store)
            reading = journal.open(FIRST)
            print(repr(reading.notes), dict(reading.authors), journal.read_only_because)
            print([one.summary for one in journal.history("1.2.3")])
    """
    copy.run(textwrap.dedent(first) + textwrap.dedent(written))
    assert copy.run(textwrap.dedent(first) + textwrap.dedent(read)).splitlines() == [
        "'one\\n' {'notes': 'Anna'} None",
        "['remark: one', 'remark: two', 'undo: remark: two']",
    ]


def test_a_measurement_is_one_entry_and_one_formula(copy):
    copy.replace(
        TABLE,
        "def per_body_surface(",
        textwrap.dedent(
            '''\
            def residual_share(edv: float, esv: float) -> float:
                """ESV / EDV: the share of the ventricle that is not ejected."""
                return esv / edv


            def per_body_surface('''
        ),
    )
    copy.replace(
        TABLE,
        '    _left("EF", "Ejection fraction"',
        '    _left("RES", "Residual share", "1", 2, ("EDV", "ESV"), residual_share, Rank.ROUTINE, 0),\n'
        '    _left("EF", "Ejection fraction"',
    )
    assert copy.touched == {TABLE}
    printed = copy.run(
        f"""
        import json, shutil, subprocess, sys
        from pathlib import Path

        sys.path.append({str(ROOT)!r})
        from kinecor.core.table.measures import format_quantity
        from kinecor.core.table.table import measurements
        from kinecor.core.values.reading import Decision
        from kinecor.io.export.result import cine_entry, document
        from kinecor.io.export.tables import write_measurements
        from kinecor.io.report.study_report import recording_report_bytes
        from kinecor.ui.results.rows import row
        from tests.readings import cine, read
        from tests.results import check
        from tests.stacks import read as read_stack, stack

        def found(reading):
            return next(one for one in measurements(reading) if one.code == "RES")

        recording = cine()
        reading = read(recording)
        one = found(reading)
        rows = {{one.code: one.quantity.value for one in measurements(reading) if one.quantity}}
        print(one.quantity.value == rows["ESV"] / rows["EDV"], one.unit, format_quantity(one.quantity, one.code))
        entered = found(reading.with_(decisions={{"EDV": Decision("EDV", True, 10 * rows["ESV"], "Ann")}}))
        print(format_quantity(entered.quantity, "RES"), "/", entered.note)
        print(found(reading.with_(calibration=None)).note)
        print(found(read_stack(stack())).method)
        written = document([cine_entry("one", recording, reading)], ["study"])
        check(json.loads(json.dumps(written)))
        entry = next(one for one in written["recordings"][0]["measurements"] if one["name"] == "RES")
        print(entry["value"] == round(one.quantity.value, 4), repr(entry["unit"]))
        write_measurements(Path("m.csv"), reading)
        # The last columns are the trust that follows from the checks of this recording, tested elsewhere.
        print(*[line.split(",,")[0] for line in Path("m.csv").read_text().splitlines() if line.startswith("RES")])
        words = row(one, reading)
        print(repr(words.code), repr(words.name), repr(words.value))
        Path("r.pdf").write_bytes(recording_report_bytes(recording, reading, software_version="1"))
        if shutil.which("pdftotext"):
            text = subprocess.run(["pdftotext", "-layout", "r.pdf", "-"], capture_output=True, text=True).stdout
            assert "RES Residual share" in " ".join(text.split()), text
        """
    )
    number = printed.split()[2]
    assert re.fullmatch(r"0\.\d\d", number)
    assert printed.splitlines() == [
        f"True 1 {number}",
        "0.10 / with EDV as entered",
        "a ratio: needs no scale, only square pixels",
        "disks, papillaries in cavity",
        "True '1'",
        f'RES,{number},1,"method of disks (single plane, A4C)",0 6,model:unet@1.0+abcdef0123456789,0.9,auto',
        f"'RES' 'Residual share' '{number}'",
    ]


def test_a_measurement_with_a_new_input_is_read_in_one_more_place_and_named_in_another_language(copy):
    copy.replace(
        TABLE, '    GRS = "radial_es_percent"\n', '    GRS = "radial_es_percent"\n    SYSTOLE = "systole_ms"\n'
    )
    copy.replace(
        TABLE,
        '    _strain("GLSPS"',
        '    Measure("SYS", "Length of systole", "ms", 0, _LOOP, (Source.SYSTOLE,), as_read, _CHAMBERS, Group.RATES),\n'
        '    _strain("GLSPS"',
    )
    inputs = "app/kinecor/core/table/loop_inputs.py"
    copy.replace(inputs, "return found | _atrium(reading)", "return found | _systole(reading) | _atrium(reading)")
    copy.replace(
        inputs,
        "def known_body(",
        textwrap.dedent(
            '''\
            def _systole(reading: Reading) -> Inputs:
                """From ED to ES, the mean over beats; withheld where frame times are assumed."""
                beats = counted_beats(reading)
                if not beats:
                    return {}
                if reading.facts.times_origin == "assumed":
                    return {Source.SYSTOLE: withheld(ASSUMED_TIMES)}
                times_s, frames = reading.facts.times_s, tuple(frame for beat in beats for frame in (beat.ed, beat.es))
                lasts_s = [float(times_s[beat.es] - times_s[beat.ed]) for beat in beats]
                return {Source.SYSTOLE: Given(1000 * float(np.mean(lasts_s)), Basis(frames=frames), "ED to ES")}


            def known_body('''
        ),
    )
    german = "resources/kinecor_resources/languages/report_de.toml"
    copy.replace(german, '"Ejection fraction" =', '"Length of systole" = "Dauer der Systole"\n"Ejection fraction" =')
    assert copy.touched == {TABLE, inputs, german}
    printed = copy.run(
        f"""
        import json, sys
        from dataclasses import replace
        from io import BytesIO
        from pathlib import Path

        sys.path.append({str(ROOT)!r})
        import pypdfium2
        from kinecor.core.checks.assessment import Assessment, assessed
        from kinecor.core.report.language import language
        from kinecor.core.table.measures import format_quantity
        from kinecor.core.table.table import measurements
        from kinecor.io.export.result import cine_entry, document
        from kinecor.io.export.run_tables import recording_row, write_recordings_table
        from kinecor.io.export.schema import json_schema
        from kinecor.io.report.study_report import recording_report_bytes
        from kinecor.ui.results.content import Member, content_of
        from kinecor.ui.style import language as window
        from tests.readings import cine, read
        from tests.results import check

        def found(reading):
            return next(one for one in measurements(reading) if one.code == "SYS")

        recording = cine()
        reading = read(recording)
        print(format_quantity(found(reading).quantity, "SYS"), "/", found(reading).method, found(reading).frames)
        print(found(reading.with_(facts=replace(reading.facts, times_origin="assumed"))).note)
        entry = cine_entry("one", recording, reading)
        written = document([entry], ["study"])
        check(json.loads(json.dumps(written)))
        listed = json_schema()["$defs"]["MeasurementEntry"]["oneOf"]
        print(*[one["title"] for one in listed if one["properties"]["name"]["const"] == "SYS"])
        write_recordings_table(Path("r.csv"), [recording_row(entry, "study")])
        titles, values = (line.split(",") for line in Path("r.csv").read_text().splitlines())
        print("SYS_ms", values[titles.index("SYS_ms")])
        panel = content_of(Member(0, "A4C", reading, assessed(reading)), [], Assessment((), ()))
        section = next(one for one in panel.sections if "SYS" in [row.code for row in one.rows])
        window._code = "de"
        print(section.title, [row.shown_name for row in section.rows if row.code == "SYS"])
        pdf = pypdfium2.PdfDocument(BytesIO(recording_report_bytes(recording, reading, software_version="1")))
        pages = [page.get_textpage().get_text_range() for page in pdf]
        assert "SYS Length of systole" in " ".join(" ".join(pages).split())
        """
    )
    assert printed.splitlines() == [
        "240 ms / ED to ES (0, 6)",
        "frame times are assumed: the file has no frame rate",
        "Length of systole",
        "SYS_ms 240",
        "Rates and times ['Dauer der Systole']",
    ]


USED = """
    import hashlib, json
    from pathlib import Path
    import numpy as np
    from kinecor_models.contract import ClipInput
    from kinecor_models.registry import cards, open_model
"""


def test_other_weights_are_a_file_and_a_card(copy):
    weights = "models/kinecor_models/weights"
    make = f"""
        from safetensors.numpy import load_file, save_file

        folder = Path("{weights}")
        card = json.loads((folder / "lv-apical.json").read_text())
        tensors = load_file(folder / card["weights"])
        save_file(tensors, folder / "lv-apical-9.0.0.safetensors")
        card |= {{
            "version": "9.0.0",
            "weights": "lv-apical-9.0.0.safetensors",
            "sha256": hashlib.sha256((folder / "lv-apical-9.0.0.safetensors").read_bytes()).hexdigest(),
        }}
        (folder / "lv-apical.json").write_text(json.dumps(card))
    """
    use = """
        assert [one.version for one in cards() if one.name == "lv-apical"] == ["9.0.0"]
        model = open_model("lv-apical", "cpu")
        frames = np.random.default_rng(0).integers(0, 255, (2, 120, 160), np.uint8)
        found = model(ClipInput(frames), lambda done, total: None)
        print(model.card.author.partition("+")[0], sorted(found.contours), len(found.contours["lv_endo"]))
    """
    copy.run(textwrap.dedent(USED) + textwrap.dedent(make))
    assert (
        copy.run(textwrap.dedent(USED) + textwrap.dedent(use)) == "model:lv-apical@9.0.0 ['la', 'lv_endo', 'lv_epi'] 2"
    )


@pytest.mark.slow
def test_a_new_architecture_is_one_net_with_weights_and_a_card(copy):
    copy.write(
        "models/kinecor_models/nets/shallow.py",
        '''
        """A network of two convolutions, to see what a recipe asks for."""

        from collections.abc import Mapping

        import numpy as np
        from numpy.typing import NDArray
        from torch import Tensor, nn


        class Shallow(nn.Module):
            """Scores of background, cavity, wall and atrium."""

            def __init__(self, width: int = 4) -> None:
                super().__init__()
                self.first, self.last = nn.Conv2d(1, width, 5, padding=2), nn.Conv2d(width, 4, 1)

            def forward(self, image: Tensor) -> Tensor:
                """(n, 1, rows, columns) grey levels / 255 to (n, 4, rows, columns) scores."""
                scores: Tensor = self.last(nn.functional.relu(self.first(image)))
                return scores


        def net_for(weights: Mapping[str, NDArray[np.float32]]) -> Shallow:
            """A network of the size of these weights."""
            return Shallow(len(weights["first.weight"]))
        ''',
    )
    make = """
        import torch
        from safetensors.torch import save_file
        from kinecor_models.nets.shallow import Shallow

        torch.manual_seed(0)
        folder = Path("models/kinecor_models/weights")
        save_file(Shallow().state_dict(), folder / "lv-shallow-1.0.0.safetensors")
        card = json.loads((folder / "lv-apical.json").read_text()) | {
            "name": "lv-shallow",
            "version": "1.0.0",
            "weights": "lv-shallow-1.0.0.safetensors",
            "sha256": hashlib.sha256((folder / "lv-shallow-1.0.0.safetensors").read_bytes()).hexdigest(),
            "size": 64,
            "net": "shallow",
        }
        (folder / "lv-shallow.json").write_text(json.dumps(card))
    """
    use = """
        from kinecor.analysis.models import known_network, networks

        model = open_model(known_network("lv-shallow"), "cpu")
        frames = np.random.default_rng(0).integers(0, 255, (3, 120, 160), np.uint8)
        found = model(ClipInput(frames), lambda done, total: None)
        print(model.card.author.partition("+")[0], len(found.contours["la"]))
        print([card.name for card in networks("apical")])
    """
    # In one process, which imports torch once.
    assert copy.run("".join(map(textwrap.dedent, (USED, make, use)))).splitlines() == [
        "model:lv-shallow@1.0.0 3",
        "['lv-apical', 'lv-convlstm', 'lv-ral', 'lv-shallow']",
    ]
