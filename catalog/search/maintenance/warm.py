"""Loads now what the first searches of a process would wait for: dictionaries, names, the vocabulary, the columns."""

import gc
import logging

from django.db import connections

from catalog.search.names import lexicon, thesaurus
from catalog.search.query import correction, current_vocabulary, suggest
from catalog.search.snapshot import store
from catalog.text import pinyin

logger = logging.getLogger(__name__)


def read_ahead() -> None:
    """For a server before it forks: what is loaded here its workers share. No connection and no thread is left.

    Whatever goes wrong is no reason not to start: then the first search loads it, as in any other process.
    """
    try:
        _load()
    except Exception:
        logger.warning("The first searches will be slow: not all could be loaded ahead", exc_info=True)
    finally:
        connections.close_all()
    # Else the collector of each worker would write to every page that it shares.
    gc.collect()
    gc.freeze()


def _load() -> None:
    lexicon.current()
    thesaurus.current()
    pinyin.readings()
    correction.lookalikes()
    current_vocabulary.current()
    current_vocabulary.wait()
    suggest.names()
    newest = store.newest()
    if newest:
        _ = newest.keys, newest.facets
