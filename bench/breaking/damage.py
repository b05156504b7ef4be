"""The kinds of damage. Each returns what went wrong by itself, in words, beside what readers and editors had of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from bench.breaking.site import Site, wait

SOON = 10.0  # seconds, in which all is to be well
Damage = Callable[[Site, random.Random], list[str]]


def kill(find: Callable[[Site], list[psutil.Process]]) -> Damage:
    def damage(site: Site, chance: random.Random) -> list[str]:
        if not (processes := find(site)):
            return ["没有找到要杀的进程"]
        with suppress(psutil.Error):
            chance.choice(processes).kill()
        return []

    return damage


def supervisor(site: Site, chance: random.Random) -> list[str]:
    """All that it kept alive goes with it; a new start takes the place at once."""
    kept = [process for child in site.children() for process in [child, *child.children(recursive=True)]]
    site.process.kill()
    site.process.wait()
    troubles = []
    if wait(lambda: not any(process.is_running() for process in kept), 5) is None:
        troubles.append(f"监督进程被杀之后还剩 {[process.cmdline() for process in kept if process.is_running()]}")
    site.start(seconds=60)
    return troubles


def importing(ends: signal.Signals, child: bool) -> Damage:
    """An import is killed, or one of the processes that compute for it."""

    def damage(site: Site, chance: random.Random) -> list[str]:
        process = site.manage("import_cases", "--again")
        main = psutil.Process(process.pid)
        time.sleep(chance.uniform(0.5, 6))
        with suppress(psutil.Error):
            children = main.children(recursive=True)
            if child:
                wait(lambda: bool(main.children(recursive=True)), 8)
                children = main.children(recursive=True)
            target = chance.choice(children) if child and children else main
            target.send_signal(ends)
        troubles = []
        output = process.communicate(timeout=120)[0]  # returns when nobody holds it any more
        if "Traceback" in output:
            troubles.append(f"导入的输出里有 Traceback：{output[-500:]}")
        if wait(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in children), 5) is None:
            troubles.append("导入被杀之后还有子进程")
        return troubles

    return damage


def batch(strike: Damage) -> Damage:
    """A batch is being imported in the background when something else is killed."""

    def damage(site: Site, chance: random.Random) -> list[str]:
        name = f"批次{chance.randrange(10**9)}"
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.breaking.batch", name],
            cwd=site.folder,
            env=site.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if (first := process.stdout.readline().strip()) != "accepted":
            process.kill()
            return [f"批次没有读成：{first} {process.communicate()[0][-500:]}"]
        time.sleep(chance.uniform(0, 4))
        troubles = strike(site, chance)
        *wrong, end = process.communicate(timeout=240)[0].splitlines() or [""]
        return [*troubles, *wrong, *([] if end == "done" else [f"批次没有做完：{end}"])]

    return damage


def full_disk(site: Site, chance: random.Random) -> list[str]:
    """The disk is filled to the last byte while an import runs, and emptied again."""
    filler = site.folder / "var" / "filler"
    process = site.manage("import_cases", "--again")
    time.sleep(chance.uniform(0, 3))
    try:
        with suppress(OSError), open(filler, "wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 1_000_000)
        time.sleep(chance.uniform(2, 6))
    finally:
        os.truncate(filler, 0)
        filler.unlink()
    output = process.communicate(timeout=120)[0]
    return [f"导入的输出里有 Traceback：{output[-500:]}"] if "Traceback" in output else []


KINDS: dict[str, Damage] = {
    "supervisor": supervisor,
    "front": kill(Site.front),
    "master": kill(Site.masters),
    "worker": kill(Site.workers),
    "postmaster": kill(Site.postmaster),
    "backend": kill(Site.backends),
    "keeper": kill(Site.keeper),
    "import": importing(signal.SIGKILL, child=False),
    "import-term": importing(signal.SIGTERM, child=False),
    "import-child": importing(signal.SIGKILL, child=True),
    "batch-background": batch(kill(Site.background)),
    "batch-postmaster": batch(kill(Site.postmaster)),
    "batch-supervisor": batch(supervisor),
    "disk": full_disk,
}
# What these cut are the very connections that readers have: no server can finish those.
CUTS_CONNECTIONS = {"supervisor", "front", "batch-supervisor"}
