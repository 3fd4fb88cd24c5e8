"""A tiny font, three by five dots a letter, for what machines write onto the image."""

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 5, 3

# Five rows of three dots, as digits 0 to 7 (binary) from top to bottom.
_GLYPHS = {
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644", "G": "34553", "H": "55755",
    "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555", "O": "25552", "P": "65644",
    "Q": "25563", "R": "65655", "S": "34216", "T": "72222", "U": "55557", "V": "55552", "W": "55775", "X": "55255",
    "Y": "55222", "Z": "71247", "0": "75557", "1": "26227", "2": "61247", "3": "61216", "4": "55711", "5": "74616",
    "6": "34757", "7": "71222", "8": "75757", "9": "75716", ".": "00002", ":": "02020", "/": "11244", "-": "00700",
    "%": "51245", " ": "00000",
}  # fmt: skip


def write_text(text: str, scale: int = 1) -> NDArray[np.bool_]:
    """The text as dots: (5 x scale, 4 x scale a letter), true where lit.

    Args:
        text: capitals, digits, blanks and . : / - %; anything else is left blank.
        scale: pixels a dot, at least 1.

    """
    dots = np.zeros((ROWS, (COLUMNS + 1) * max(1, len(text))), bool)
    for place, letter in enumerate(text):
        rows = _GLYPHS.get(letter, _GLYPHS[" "])
        for row, value in enumerate(rows):
            for column in range(COLUMNS):
                dots[row, place * (COLUMNS + 1) + column] = bool(int(value) >> (COLUMNS - 1 - column) & 1)
    return dots.repeat(scale, axis=0).repeat(scale, axis=1)
