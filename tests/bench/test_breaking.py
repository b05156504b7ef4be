"""The short form of `make break`: a site of its own is broken once in every way."""

import pytest

from bench.breaking.__main__ import run
from bench.breaking.damage import KINDS
from bench.breaking.site import scratch_site

pytestmark = pytest.mark.slow


def test_whatever_is_killed_readers_get_a_page_or_a_plain_503_and_nothing_confirmed_is_lost():
    with scratch_site() as site:
        # Batches have tests of their own (tests/intake/test_killed.py), and take long.
        kinds = [kind for kind in KINDS if not kind.startswith("batch")]
        outcomes = run(site, kinds, rounds=1, seed=1)
    assert {kind: outcome.troubles for kind, outcome in outcomes.items() if outcome.troubles} == {}
    tried = [outcome for kind, outcome in outcomes.items() if kind != "after" and not outcome.skipped]
    assert all(outcome.answers["right"] for outcome in tried)
