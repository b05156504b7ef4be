"""See the package."""

import argparse
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import bench.breaking as package
from bench.breaking.damage import CUTS_CONNECTIONS, KINDS, SOON
from bench.breaking.readers import Readers, tally
from bench.breaking.site import Site, scratch_site, wait
from bench.tables import table


@dataclass
class Outcome:
    """Of all rounds of a kind: `times` (seconds until all was well), `answers` by kind, `troubles` in words."""

    times: list[float] = field(default_factory=list)
    answers: Counter = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    skipped: str = ""


class Editor:
    """The process that writes; it goes on whatever is broken."""

    def __init__(self, site: Site):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.breaking.writer"],
            cwd=site.folder,
            env=site.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.troubles: list[str] = []

    def confirmed(self) -> dict[int, str]:
        """Ends it; the titles of what it has saved, by key."""
        if self.process.poll() is not None:
            self.troubles.append("写入案例的进程自己停了")
        output = self.process.communicate("\n", timeout=60)[0]
        return {int(key): title for key, _, title in (line.partition(" ") for line in output.splitlines())}


def run(site: Site, kinds: list[str], rounds: int, seed: int) -> dict[str, Outcome]:
    """The outcome of each kind, and of the end under the name "after"."""
    chance = random.Random(seed)
    site.start()
    outcomes = {kind: Outcome() for kind in kinds}
    editor = Editor(site)
    with Readers(site, seed=seed) as readers:
        for kind in kinds * rounds:
            if kind == "disk" and not site.own_disk:
                outcomes[kind].skipped = "没有试：不能挂上自己的小磁盘（需要 root）"
                continue
            break_once(site, readers, kind, outcomes[kind], chance)
            print(f"{kind} {len(outcomes[kind].times)}/{rounds}", file=sys.stderr, flush=True)
    outcomes["after"] = Outcome(troubles=[*after(site, editor.confirmed()), *editor.troubles])
    return outcomes


def break_once(site: Site, readers: Readers, kind: str, outcome: Outcome, chance: random.Random) -> None:
    time.sleep(chance.uniform(0.2, 1.5))
    start = time.monotonic()
    outcome.troubles += KINDS[kind](site, chance)
    damaged = time.monotonic()
    seconds = wait(site.is_well, SOON)
    if seconds is None:
        outcome.troubles.append(f"{SOON:.0f} 秒后还没有好")
        wait(site.is_well, 60)
    # The readers who were waiting when it was broken are answered by now, too.
    time.sleep(0.5)
    answers = readers.since(start - 1)
    late = [answer for answer in readers.since(damaged + SOON) if answer.kind != "right"]
    outcome.times.append(seconds if seconds is not None else time.monotonic() - damaged)
    outcome.answers += tally(answers)
    for answer in answers:
        if answer.kind == "wrong" or (answer.kind == "broken" and kind not in CUTS_CONNECTIONS):
            outcome.troubles.append(f"{answer.address}：{answer.kind} {answer.detail}")
    outcome.troubles += [f"{SOON:.0f} 秒后 {answer.address}：{answer.kind}" for answer in late[:3]]


def after(site: Site, confirmed: dict[int, str]) -> list[str]:
    """What is wrong at the end: lost cases, an index that differs, processes that are left."""
    troubles = []
    script = "from catalog.models import Case; print(*Case.objects.values_list('pk', flat=True))"
    keys = set(map(int, site.manage("shell", "-v", "0", "-c", script).communicate(timeout=120)[0].split()))
    if lost := confirmed.keys() - keys:
        troubles.append(f"确认过的 {len(confirmed)} 个案例里少了 {len(lost)} 个：{sorted(lost)[:5]}")
    check = site.manage("check_index")
    output = check.communicate(timeout=300)[0]
    if check.returncode:
        troubles.append(f"索引与案例不一致：{output[-500:]}")
    site.stop()
    if wait(lambda: not site.processes(), 15) is None:
        troubles.append(f"停止之后还剩进程：{[process.cmdline() for process in site.processes()]}")
    print(f"确认过的写入 {len(confirmed)} 个，丢失 {len(lost)} 个", flush=True)
    return troubles


def report(outcomes: dict[str, Outcome]) -> int:
    rows = []
    for kind, outcome in outcomes.items():
        times = sorted(outcome.times) or [0.0]
        figures = [str(outcome.answers[name]) for name in ("right", "unavailable", "broken", "wrong")]
        rows.append((kind, str(len(outcome.times)), *figures, f"{times[-1]:.1f}", str(len(outcome.troubles))))
    print(table(("损坏", "次数", "对的页", "503", "断开", "错的", "最久恢复（秒）", "毛病"), rows))
    for kind, outcome in outcomes.items():
        for line in filter(None, [outcome.skipped, *outcome.troubles[:10]]):
            print(f"{kind}：{line}")
    return int(any(outcome.troubles for outcome in outcomes.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=package.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default=",".join(KINDS), metavar="KINDS")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing is left of what it has started
    with scratch_site() as site:
        return report(run(site, options.only.split(","), options.rounds, options.seed))


if __name__ == "__main__":
    sys.exit(main())
