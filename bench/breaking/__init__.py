"""Breaks a site of its own, again and again, and looks what its readers and editors have of it.

    python -m bench.breaking [--rounds 20] [--only worker,keeper] [--seed 1]

A copy of the project is started in a scratch folder (as root: with a disk of its own, which can be filled). While
readers ask for pages and an editor writes cases, something is killed at a random moment, `--rounds` times for each kind
of damage. After each: every answer was the right page or a plain 503, all is well within ten seconds, and no process is
left. At the end nothing that was confirmed is lost, and the index equals the cases. The exit code is 1 where any of it
does not hold.

    site      the copy: its start, its end, its processes
    readers   what readers are answered
    writer    the editor, a process of its own
    damage    the kinds of damage
"""
