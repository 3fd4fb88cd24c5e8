"""Templates of reports: who reports, the title, which values in which order, paper and colour, as TOML files.

Those of the program are data of `kinecor_resources`. A department's own lie in the folder `reports` next to the saved
readings; one with the same name as a template of the program takes its place.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import msgspec
from PIL import Image, UnidentifiedImageError

from kinecor.core.table.measures import BY_CODE
from kinecor.core.values.choices import LANGUAGES, PAPERS
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import Message, either, joined_by, message, verbatim
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


def templates() -> tuple[tuple[Template, ...], tuple[Message, ...]]:
    """All templates, a department's own after those of the program, and a sentence for each that cannot be used."""
    by_name: dict[str, Template] = {template.name: template for template in map(_built_in, _BUILT_IN)}
    wrong = []
    for path in _own():
        try:
            single_template = read_template(path)
            by_name[single_template.name] = single_template
        except KinecorError as error:
            wrong.append(error.message)
    return tuple(by_name.values()), tuple(wrong)


@cache
def built_in_texts() -> frozenset[str]:
    """Titles of the program's templates, which have translations."""
    return frozenset(
        filter(None, (text for template in map(_built_in, _BUILT_IN) for text in (template.title, template.subtitle)))
    )


def of_template(text: str) -> Message:
    """A title of a template as it is printed: a department's own stands as it is.

    Args:
        text: of the template.

    """
    return Message(text) if text in built_in_texts() else verbatim(text)


def template_for(study: Study, name: str = "") -> Template:
    """The template of that name, else the department's own for this kind of study, else the program's.

    Args:
        study: "echo", "cmr" or "combined".
        name: that a reader chose; "" for none.

    Raises:
        KinecorError: there is no template of that name that can be used.

    """
    every, wrong = templates()
    if name:
        for template in every:
            if template.name == name:
                return template
        unknown = message('There is no report template "{name}": choose another one.', name=verbatim(name))
        raise KinecorError(joined_by(" ", (unknown, *wrong)))
    return [template for template in every if template.study == study][-1]


def read_template(path: Path) -> Template:
    """A template from its file.

    Args:
        path: of the TOML file.

    Raises:
        KinecorError: one sentence with the file, what was expected and what was found.

    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        path_name, why = verbatim(str(path)), error_message(error)
        raise KinecorError(
            message("The report template {path} cannot be read ({reason}).", path=path_name, reason=why)
        ) from error
    template = _checked(text, path.name)
    return (
        msgspec.structs.replace(template, image=_logo(path.parent / template.logo, path.name))
        if template.logo
        else template
    )


def _own() -> Iterable[Path]:
    try:
        return sorted((readings_folder() / FOLDER).glob("*.toml"))
    except OSError:
        return ()


def _built_in(name: str) -> Template:
    return _checked((files("kinecor_resources") / "reports" / f"{name}.toml").read_text("utf-8"), f"{name}.toml")


def _checked(text: str, name: str) -> Template:
    def wrong(why: Message) -> KinecorError:
        return KinecorError(
            message(
                "The report template {name} cannot be used: {reason}. Correct the file or remove it.",
                name=verbatim(name),
                reason=why,
            )
        )

    try:
        template = msgspec.toml.decode(text, type=Template)
    except (msgspec.MsgspecError, ValueError) as error:
        raise wrong(error_message(error).clause()) from error
    if not template.name.strip() or not template.title.strip():
        raise wrong(message("name and title must not be empty"))
    if template.image:
        raise wrong(message('the logo is named by its file, as in logo = "logo.png"'))
    if template.paper not in PAPERS:
        paper = verbatim(template.paper)
        raise wrong(message('paper: expected {choices}, got "{given}"', choices=either(PAPERS), given=paper))
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", template.colour):
        raise wrong(
            message('colour: expected six digits as in "#1c3d74", got "{given}"', given=verbatim(template.colour))
        )
    if template.language not in ("", *LANGUAGES):
        choices = either(tuple(LANGUAGES))
        raise wrong(
            message('language: expected {choices}, got "{given}"', choices=choices, given=verbatim(template.language))
        )
    unknown = [code for code in template.rows if code not in BY_CODE]
    if unknown:
        raise wrong(message("rows: there is no measurement {codes}", codes=joined_by(", ", unknown)))
    return template


def _logo(path: Path, name: str) -> bytes:
    try:
        content = path.read_bytes()
        if len(content) > _LARGEST_LOGO_BYTES:
            raise KinecorError(
                message(
                    "The logo {logo} of the report template {name} has more than 2 MB: scale it down.",
                    logo=verbatim(path.name),
                    name=verbatim(name),
                )
            )
        with Image.open(BytesIO(content)) as image:
            image.verify()
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise KinecorError(
            message(
                "The logo {logo} of the report template {name} cannot be read ({reason}): use a PNG or JPEG file.",
                logo=verbatim(path.name),
                name=verbatim(name),
                reason=error_message(error),
            )
        ) from error
    return content
