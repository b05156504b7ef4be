"""How long one document may compute.

Readers are bounded by the lengths that `catalog.text.limits` allows; this is for the text that nobody has thought of.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.importing.drafts import ImportProblem


@contextmanager
def time_limit(seconds: float, file: str) -> Iterator[None]:
    """`ImportProblem` naming the file where the block computes for longer: processor time, so that a busy machine
    refuses no document that an idle one reads.

    It is a timer's signal that breaks in, in loops and in regular expressions alike. Signals are the main thread's, and
    so are imports: in any other thread there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        reason = f"读了 {seconds:g} 秒还没有读完，文字的排列不像任何一种文档，已经停止。"
        raise ImportProblem(reason, file=file)

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
