"""Sets of places from 0 on, a bit a place, packed eight to a byte (the first in the lowest bit)."""

import numpy as np

Bitmap = np.ndarray  # of uint8
Places = np.ndarray  # of integers, ascending


def none(size: int) -> Bitmap:
    """No place of `size`."""
    return np.zeros((size + 7) // 8, np.uint8)


def all_of(size: int) -> Bitmap:
    found = np.full((size + 7) // 8, 0xFF, np.uint8)
    if size % 8:
        found[-1] = (1 << size % 8) - 1
    return found


def of_places(places: Places, size: int) -> Bitmap:
    found = np.zeros(size, bool)
    found[places] = True
    return of_flags(found)


def of_flags(flags: np.ndarray) -> Bitmap:
    return np.packbits(flags, bitorder="little")


def flags(bits: Bitmap, size: int) -> np.ndarray:
    """A boolean a place."""
    return np.unpackbits(bits, count=size, bitorder="little").view(bool)


def places(bits: Bitmap, size: int) -> Places:
    return np.flatnonzero(flags(bits, size))


def number(bits: Bitmap) -> int:
    return int(np.bitwise_count(bits).sum())


def smallest(values: np.ndarray, number: int) -> np.ndarray:
    """Where the smallest of `values` stand, in order; of equal ones the first."""
    if len(values) <= number:
        return np.arange(len(values))
    last = np.partition(values, number - 1)[number - 1]
    sure = np.flatnonzero(values < last)
    return np.sort(np.concatenate([sure, np.flatnonzero(values == last)[: number - len(sure)]]))
