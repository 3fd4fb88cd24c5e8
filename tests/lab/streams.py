"""Streams that other processes can find."""

import numpy as np


def counting(seed):
    number = seed * 1000
    while True:
        yield np.full((2, 4, 4), number % 251, np.uint8), number
        number += 1


def failing(seed):
    yield np.zeros(1)
    raise SystemExit(3)
