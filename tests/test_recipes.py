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
GERMAN = "resources/kinecor_resources/languages/messages_de.po"
TABLE = "app/kinecor/core/table/measures.py"


class Copy:
    """A copy of the sources; weights are links, since no recipe changes those that ship."""

    def __init__(self, folder):
        self.folder = folder
        self.touched = set()
        """Paths of files that a recipe wrote or changed."""
        for part in ("app", "models", "resources", "installer"):
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

    def translate(self, german):
        """Collects the texts of the copy, writes German for new ones, and compiles."""
        collect = "import runpy; runpy.run_path('installer/languages.py', run_name='__main__')"
        self.run(collect)
        for english, own in german.items():
            self.replace(
                GERMAN,
                f'msgid "{english}"\nmsgstr ""\n',
                f'msgid "{english}"\nmsgstr "{own}"\n',
            )
        self.run(collect)

    def append(self, path, text):
        """An entry at the end of a file."""
        self.touched.add(path)
        with (self.folder / path).open("a", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))

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

        from kinecor.core.values.message import Message, message, verbatim
        from kinecor.core.values.reading import Reading
        from kinecor.session.codec import with_author
        from kinecor.session.codec import Edit, register_tag


        @register_tag("add-remark/1")
        @dataclass(frozen=True, slots=True)
        class AddRemark(Edit):
            """A line at the end of the notes."""

            text: str

            def __post_init__(self) -> None:
                if not self.text:
                    raise ValueError("a remark has words")

            @property
            def summary(self) -> Message:
                """A few plain words for the history."""
                return message("remark: {remark}", remark=verbatim(self.text))

            def apply(self, reading: Reading, by: str) -> Reading:
                """The Reading with this line in its notes."""
                return with_author(reading, "notes", by, notes=f"{reading.notes}{self.text}\\n")
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
        '    _left("EF", message("Ejection fraction")',
        '    _left("RES", message("Residual share"), "1", 2, ("EDV", "ESV"), residual_share, Rank.ROUTINE, 0),\n'
        '    _left("EF", message("Ejection fraction")',
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
        "    Measure(\n"
        '        *("SYS", message("Length of systole"), "ms", 0, _LOOP, (Source.SYSTOLE,), as_read, _CHAMBERS),\n'
        "        group=Group.RATES,\n"
        "    ),\n"
        '    _strain("GLSPS"',
    )
    inputs = "app/kinecor/core/table/loop_inputs.py"
    copy.replace(
        inputs, "return given_inputs | _atrium(reading)", "return given_inputs | _systole(reading) | _atrium(reading)"
    )
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
                mean_ms = 1000 * float(np.mean(lasts_s))
                return {Source.SYSTOLE: Given(mean_ms, Basis(frames=frames), message("ED to ES"))}


            def known_body('''
        ),
    )
    copy.translate({"Length of systole": "Dauer der Systole", "ED to ES": "ED bis ES"})
    assert copy.touched == {TABLE, inputs, GERMAN}
    printed = copy.run(
        f"""
        import json, sys
        from dataclasses import replace
        from io import BytesIO
        from pathlib import Path

        sys.path.append({str(ROOT)!r})
        import pypdfium2
        from kinecor.core.checks.assessment import Assessment, assess
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
        panel = content_of(Member(0, "A4C", reading, assess(reading)), [], Assessment((), ()))
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


@pytest.mark.slow
def test_a_check_is_a_row_and_a_function_with_a_threshold_and_its_german(copy):
    scale = "app/kinecor/core/checks/scale.py"
    copy.replace(
        scale,
        "OF_CALLIPERS: Final = (",
        textwrap.dedent(
            '''\
            LINEAR_WIDE_OUTFLOW: Final = Check(
                "linear.wide-outflow",
                in_context("linear", "wide outflow"),
                limits=("linear.wide-outflow",),
                measurements=codes_affected("LVOT"),
                resolve=message("measure the outflow tract in mid-systole"),
            )


            @finds(LINEAR_WIDE_OUTFLOW)
            def _outflow(reading: Reading) -> Iterator[Finding]:
                """An outflow tract that is wider than those of adults."""
                calliper = _named(reading).get("LVOT")
                if calliper is None or no_millimetres(reading, calliper):
                    return
                width_mm = calliper.value(*reading.spacing)
                severity = LINEAR_WIDE_OUTFLOW.severity(width_mm)
                if severity is not None:
                    yield LINEAR_WIDE_OUTFLOW.finding(
                        severity,
                        message("The outflow tract is {width_mm:.1f} mm wide.", width_mm=width_mm),
                        (calliper.frame,),
                    )


            OF_CALLIPERS: Final = (_outflow, '''
        ),
    )
    copy.append(
        "app/kinecor/core/checks/thresholds.toml",
        """
        ["linear.wide-outflow"]
        check = 30.0
        unit = "mm"
        source = "made up for a test of the recipe"
        population = "adults"
        """,
    )
    copy.translate(
        {
            "wide outflow": "weiter Ausflusstrakt",
            "measure the outflow tract in mid-systole": "den Ausflusstrakt in der Mitte der Systole messen",
            "The outflow tract is {width_mm:.1f} mm wide.": "Der Ausflusstrakt ist {width_mm:.1f} mm weit.",
        }
    )
    printed = copy.run(
        f"""
        import sys
        sys.path.append({str(ROOT)!r})
        from kinecor.core.checks.assessment import assess
        from kinecor.core.checks.table import CHECKS, title_of_check
        from kinecor.core.report.language import language
        from kinecor.core.values.callipers import Calliper
        from kinecor.io.export.result import cine_entry
        from tests.readings import cine, read

        recording = cine()
        scale = read(recording).calibration
        width_px = 31.5 / scale.col_mm
        calliper = Calliper("LVOT", 0, ((10.0, 20.0), (10.0 + width_px, 20.0)))
        reading = read(recording).with_(callipers={{"LVOT": calliper}})
        (finding,) = [one for one in assess(reading).findings if one.code == "linear.wide-outflow"]
        print(finding.message, finding.severity.value, CHECKS[finding.code].thresholds[0].check)
        german = language("de")
        print(german.render(title_of_check(finding.code)), "/", german.render(finding.message))
        (entry,) = [one for one in cine_entry("one", recording, reading)["checks"] if one["code"] == finding.code]
        print(entry["message"], entry["measurements"])
        """
    )
    assert copy.touched == {scale, "app/kinecor/core/checks/thresholds.toml", GERMAN}
    assert printed.splitlines() == [
        "The outflow tract is 31.5 mm wide. check 30.0",
        "Strecken: weiter Ausflusstrakt / Der Ausflusstrakt ist 31,5 mm weit.",
        "The outflow tract is 31.5 mm wide. ['LVOT', 'LVOTA']",
    ]


@pytest.mark.slow
def test_a_text_is_changed_in_the_code_and_in_the_catalogue(copy):
    copy.replace(
        "app/kinecor/core/checks/scale.py",
        "of body surface: check the scale, height and weight.",
        "of body surface, which no heart has.",
    )
    new = "EDV is {edv_ml_per_m2:.0f} ml/m² of body surface, which no heart has."
    copy.translate({new: "Das EDV beträgt {edv_ml_per_m2:.0f} ml/m² Körperoberfläche, was kein Herz hat."})
    printed = copy.run(
        f"""
        from kinecor.core.report.language import language
        from kinecor.core.values.message import message
        print(language("de").render(message({new!r}, edv_ml_per_m2=301.2)))
        """
    )
    assert printed == "Das EDV beträgt 301 ml/m² Körperoberfläche, was kein Herz hat."
    assert copy.touched == {"app/kinecor/core/checks/scale.py", GERMAN}
    catalogue = (copy.folder / GERMAN).read_text("utf-8")
    assert 'check the scale, height and weight."\nmsgstr "EDV' not in catalogue


def test_a_colour_is_changed_in_one_place(copy):
    copy.replace(
        "app/kinecor/core/values/colours.py", '{Structure.LV_ENDO: "#f0e442",', '{Structure.LV_ENDO: "#123456",'
    )
    printed = copy.run(
        f"""
        import sys
        sys.path.append({str(ROOT)!r})
        from kinecor.core.values.track import Structure
        from kinecor.io.write.drawing import draw_frame
        from kinecor.ui.style.palettes import DARK
        from tests.readings import cine, read

        image = draw_frame(cine(), read(cine()), 0)
        print(DARK.structures[Structure.LV_ENDO], (image == (0x12, 0x34, 0x56)).all(axis=-1).any())
        """
    )
    assert printed == "#123456 True"
    assert copy.touched == {"app/kinecor/core/values/colours.py"}


def test_a_file_format_is_an_opener_and_an_entry(copy):
    copy.write(
        "app/kinecor/io/open/arrays.py",
        '''
        """Recordings from NumPy's files: frames as uint8 (t, rows, columns)."""

        import numpy as np

        from kinecor.core.values.calibration import Options
        from kinecor.core.values.errors import KinecorError, Tick, no_tick
        from kinecor.core.values.message import message
        from kinecor.core.values.recording import CineSequence
        from kinecor.io.dicom.header import ASSUMED_RATE_PER_S
        from kinecor.io.files.cache import CachedFrames, FrameCache
        from kinecor.io.open.candidate import Candidate
        from kinecor.io.open.headerless import headerless_cine, headerless_source


        def open_array(candidate: Candidate, cache: FrameCache, options: Options, tick: Tick = no_tick) -> CineSequence:
            """A loop; its frame rate is assumed.

            Raises:
                KinecorError: the file holds no such frames.

            """
            try:
                frames = np.load(candidate.path, mmap_mode="r")
            except (ValueError, EOFError):
                raise KinecorError(message("Expected a NumPy file, this is damaged; save it again")) from None
            if frames.ndim != 3 or frames.dtype != np.uint8:
                raise KinecorError(message("Expected uint8 frames of rows and columns, got others; save them so"))
            return headerless_cine(
                headerless_source(candidate, options, tick),
                CachedFrames(lambda frame: np.array(frames[frame]), frames.shape, cache),
                np.arange(len(frames)) / ASSUMED_RATE_PER_S,
                "assumed",
                options,
                message("A NumPy file carries no scale"),
            )
        ''',
    )
    formats = "app/kinecor/io/open/formats.py"
    copy.replace(
        formats,
        "from kinecor.io.open.candidate",
        "from kinecor.io.open.arrays import open_array\nfrom kinecor.io.open.candidate",
    )
    copy.replace(
        formats, "FORMATS: Final = (", 'FORMATS: Final = (\n    FileFormat("array", ("NumPy",), (".npy",), open_array),'
    )
    printed = copy.run(
        """
        from pathlib import Path
        import numpy as np
        from kinecor.core.values.calibration import Options
        from kinecor.io.open.recordings import open_path

        folder = Path("recordings")
        folder.mkdir()
        np.save(folder / "loop.npy", np.full((5, 40, 60), 7, np.uint8))
        (folder / "damaged.npy").write_bytes(b"no")
        opened = open_path(str(folder))
        print([one.frames.shape for one in opened.recordings], opened.recordings[0].frames[4].max())
        print([one.reason for one in opened.refused])
        Path("other.txt").write_text("x")
        print(open_path("other.txt").refused[0].reason)
        """
    )
    assert copy.touched == {"app/kinecor/io/open/arrays.py", formats}
    lines = printed.splitlines()
    assert lines[0] == "[(5, 40, 60)] 7"
    assert "Expected a NumPy file, this is damaged" in lines[1]
    assert lines[2].startswith("Expected a recording (DICOM, NumPy, NIfTI, MetaImage, AVI, MP4, PNG, JPEG, or a zip")


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
