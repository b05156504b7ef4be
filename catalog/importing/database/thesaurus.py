"""The thesaurus that comes with the catalogue, `seeds/thesaurus.words`, as groups that editors may change.

A line is known by a digest of what it says. A group is as the file has it, as long as its own digest is still that:
such groups follow the file, the others are the editors'.
"""

import hashlib
import re
from pathlib import Path

from django.db import transaction

from catalog.importing.drafts import ImportProblem
from catalog.models.thesaurus import USUAL_WEIGHT, SynonymGroup, split_words

_WEIGHT = re.compile(r"\s@(0?\.\d+)\s*$")


def parse_thesaurus(path: Path) -> list[SynonymGroup]:
    """The groups of a file, not saved; of lines that say the same, one. Raises `ImportProblem` with the line's number
    for a line that makes no group.
    """
    groups: dict[str, SynonymGroup] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        weight = _WEIGHT.search(line)
        words, _, targets = ((weight and line[: weight.start()]) or line).partition("→")
        group = SynonymGroup(
            words=" ".join(split_words(words)),
            targets=" ".join(split_words(targets)),
            weight=float(weight[1]) if weight else USUAL_WEIGHT,
        )
        if len(split_words(group.words)) < (1 if group.targets else 2) or "@" in group.words + group.targets:
            raise ImportProblem(f"不成一组近义词：{line}", file=path.name, line=number)
        group.seed = digest(group)
        groups[group.seed] = group
    return list(groups.values())


@transaction.atomic
def load_thesaurus(path: Path) -> dict[str, int]:
    """Adds the lines that are new, removes groups whose line is gone, and leaves alone what an editor has changed.

    Returns how many groups were `added` and `removed`. Without the file nothing is changed: a folder of reference data
    need not have one.
    """
    if not path.exists():
        return {"added": 0, "removed": 0}
    groups = {group.seed: group for group in parse_thesaurus(path)}
    known = {group.seed: group for group in SynonymGroup.objects.exclude(seed=None)}
    gone = [group.pk for seed, group in known.items() if seed not in groups and group.enabled and digest(group) == seed]
    SynonymGroup.objects.filter(pk__in=gone).delete()
    new = [group for seed, group in groups.items() if seed not in known]
    SynonymGroup.objects.bulk_create(new)
    return {"added": len(new), "removed": len(gone)}


def digest(group: SynonymGroup) -> str:
    text = f"{' '.join(split_words(group.words))}→{' '.join(split_words(group.targets))}@{group.weight:g}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
