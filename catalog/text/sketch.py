"""How alike two texts are, told by a few numbers of each: bottom-k sketches of their runs of characters (A. Broder, On
the resemblance and containment of documents, 1997).
"""

from dataclasses import dataclass

import numpy as np

from catalog.text.normalise import fold

RUN = 5  # characters
KEPT = 64  # numbers of a text: the estimate of a resemblance is off by some 0.06
MARKS = 8  # two texts of which three fifths are the same share none of so many once in a thousand times
# Of fewer runs nothing can be told: two short texts are alike by chance.
_TELLING = 12
# A part of a text is held to be the text shortened only if it is longer than a sentence that many texts share.
_PASSAGE = 60
_POWERS = np.array([pow(1_000_003, place, 2**64) for place in range(RUN)], dtype=np.uint64)


@dataclass(frozen=True)
class Sketch:
    """`runs`: how many different runs of characters the text has. `hashes`: the smallest of theirs, in order."""

    runs: int
    hashes: np.ndarray

    @property
    def marks(self) -> list[int]:
        """Some of which two texts that are nearly the same share, as signed numbers of 32 bits. Of a text that is too
        short to be known by them there are none.
        """
        return self.hashes[:MARKS].view(np.int32).tolist() if self.runs >= _TELLING else []


def sketch(text: str) -> Sketch:
    """Of letters and digits alone, in one spelling: marks, blanks, layout and script make no difference."""
    letters = "".join(filter(str.isalnum, fold(text)))
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    if len(codes) < RUN:
        return Sketch(0, np.empty(0, np.uint32))
    mixed = np.lib.stride_tricks.sliding_window_view(codes, RUN) @ _POWERS
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    hashes = np.unique((mixed >> np.uint64(32)).astype(np.uint32))
    return Sketch(len(hashes), hashes[:KEPT].copy())


def likeness(one: Sketch, other: Sketch) -> float | None:
    """From 0 to 1: how much of the two texts, or of the shorter of them, is the same. None: too short to tell."""
    if min(one.runs, other.runs) < _TELLING:
        return None
    smallest = np.union1d(one.hashes, other.hashes)[:KEPT]
    both = np.intersect1d(one.hashes, other.hashes, assume_unique=True)
    resemblance = float(np.isin(smallest, both, assume_unique=True).mean())
    if min(one.runs, other.runs) < _PASSAGE:
        return resemblance
    shared = resemblance * (one.runs + other.runs) / (1 + resemblance)
    return min(1.0, max(resemblance, shared / min(one.runs, other.runs)))
