"""Sets of places from 0 on: one bit per place, packed eight to a byte (uint8), the first in the lowest bit."""

import numpy as np

Bitmap = np.ndarray  # of uint8
Places = np.ndarray  # of integers, ascending


def none(size: int) -> Bitmap:
    """No place of `size`."""
    return np.zeros((size + 7) // 8, np.uint8)


def all_of(size: int) -> Bitmap:
    bitmap = np.full((size + 7) // 8, 0xFF, np.uint8)
    if size % 8:
        bitmap[-1] = (1 << size % 8) - 1
    return bitmap


def of_places(places: Places, size: int) -> Bitmap:
    flags = np.zeros(size, bool)
    flags[places] = True
    return of_flags(flags)


def of_flags(flags: np.ndarray) -> Bitmap:
    return np.packbits(flags, bitorder="little")


def flags(bitmap: Bitmap, size: int) -> np.ndarray:
    """A boolean a place."""
    return np.unpackbits(bitmap, count=size, bitorder="little").view(bool)


def places(bitmap: Bitmap, size: int) -> Places:
    return np.flatnonzero(flags(bitmap, size))


def number(bitmap: Bitmap) -> int:
    return int(np.bitwise_count(bitmap).sum())


def smallest(values: np.ndarray, number: int) -> np.ndarray:
    """Where the smallest of `values` stand, in order; of equal ones the first."""
    if len(values) <= number:
        return np.arange(len(values))
    last = np.partition(values, number - 1)[number - 1]
    sure = np.flatnonzero(values < last)
    return np.sort(np.concatenate([sure, np.flatnonzero(values == last)[: number - len(sure)]]))
