"""Templates of reports: who reports, the title, which values in which order, paper and colour, as TOML files.

Those of the program are data of `kinecor_resources`. A department's own lie in the folder `reports` next to the saved
readings; one with the same name as a template of the program takes its place.
"""

import re
from collections.abc import Iterable
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import msgspec
from PIL import Image, UnidentifiedImageError

from kinecor.core.table.measures import BY_CODE
from kinecor.core.values.choices import LANGUAGES, PAPERS
from kinecor.core.values.errors import KinecorError
from kinecor.session.store import readings_folder

FOLDER: Final = "reports"
_BUILT_IN: Final = ("echo", "cmr", "combined")
_LARGEST_LOGO_BYTES: Final = 2_000_000
Study = Literal["echo", "cmr", "combined"]


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One template.

    Attributes:
        name: by which it is chosen.
        study: the kind of study it is for.
        title: of the report, e.g. "Echocardiography report".
        subtitle: under the title.
        institution, department: at the head, where the reader entered no other.
        logo: a PNG or JPEG file next to the template; "" for none.
        paper: "A4" or "Letter".
        colour: "#rrggbb" of headings.
        language: of the report, as "de"; "" for English. Texts of the template stand as they are.
        rows: codes of the measurements in the table, in order; empty for all.
        footer: a line at the foot of every page, such as an address.
        image: the logo's content, read with the template.

    """

    name: str
    study: Study
    title: str
    subtitle: str = ""
    institution: str = ""
    department: str = ""
    logo: str = ""
    paper: str = "A4"
    colour: str = "#1c3d74"
    language: str = ""
    rows: tuple[str, ...] = ()
    footer: str = ""
    image: bytes = b""


def templates() -> tuple[tuple[Template, ...], tuple[str, ...]]:
    """All templates, a department's own after those of the program, and a sentence for each that cannot be used."""
    found: dict[str, Template] = {one.name: one for one in map(_built_in, _BUILT_IN)}
    wrong = []
    for path in _own():
        try:
            one = read_template(path)
            found[one.name] = one
        except KinecorError as error:
            wrong.append(str(error))
    return tuple(found.values()), tuple(wrong)


def template_for(study: Study, name: str = "") -> Template:
    """The template of that name, else the department's own for this kind of study, else the program's.

    Raises:
        KinecorError: there is no template of that name that can be used.

    """
    every, wrong = templates()
    if name:
        for one in every:
            if one.name == name:
                return one
        reasons = f" {' '.join(wrong)}" if wrong else ""
        raise KinecorError(f'There is no report template "{name}": choose another one.{reasons}')
    return [one for one in every if one.study == study][-1]


def read_template(path: Path) -> Template:
    """A template from its file.

    Raises:
        KinecorError: one sentence with the file, what was expected and what was found.

    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KinecorError(f"The report template {path} cannot be read ({error}).") from error
    one = _checked(text, path.name)
    return msgspec.structs.replace(one, image=_logo(path.parent / one.logo, path.name)) if one.logo else one


def _own() -> Iterable[Path]:
    try:
        return sorted((readings_folder() / FOLDER).glob("*.toml"))
    except OSError:
        return ()


def _built_in(name: str) -> Template:
    return _checked((files("kinecor_resources") / "reports" / f"{name}.toml").read_text("utf-8"), f"{name}.toml")


def _checked(text: str, name: str) -> Template:
    def wrong(why: object) -> KinecorError:
        return KinecorError(f"The report template {name} cannot be used: {why}. Correct the file or remove it.")

    try:
        one = msgspec.toml.decode(text, type=Template)
    except (msgspec.MsgspecError, ValueError) as error:
        raise wrong(str(error).rstrip(".")) from error
    if not one.name.strip() or not one.title.strip():
        raise wrong("name and title must not be empty")
    if one.image:
        raise wrong('the logo is named by its file, as in logo = "logo.png"')
    if one.paper not in PAPERS:
        raise wrong(f'paper: expected {" or ".join(PAPERS)}, got "{one.paper}"')
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", one.colour):
        raise wrong(f'colour: expected six digits as in "#1c3d74", got "{one.colour}"')
    if one.language not in ("", *LANGUAGES):
        raise wrong(f'language: expected {" or ".join(LANGUAGES)}, got "{one.language}"')
    unknown = [code for code in one.rows if code not in BY_CODE]
    if unknown:
        raise wrong(f"rows: there is no measurement {', '.join(unknown)}")
    return one


def _logo(path: Path, name: str) -> bytes:
    try:
        content = path.read_bytes()
        if len(content) > _LARGEST_LOGO_BYTES:
            raise KinecorError(f"The logo {path.name} of the report template {name} has more than 2 MB: scale it down.")
        with Image.open(BytesIO(content)) as image:
            image.verify()
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise KinecorError(
            f"The logo {path.name} of the report template {name} cannot be read ({error}): use a PNG or JPEG file."
        ) from error
    return content
