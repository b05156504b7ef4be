"""Reads now what the first searches of a process would wait for: dictionaries, names, the vocabulary, the columns."""

import gc
import logging

from django.db import connections

from catalog.search.names import lexicon, thesaurus
from catalog.search.query import correction, current_vocabulary, suggest
from catalog.search.snapshot import store
from catalog.text import pinyin

logger = logging.getLogger(__name__)


def read_ahead() -> None:
    """For a server before it forks: what is read here its workers share. No connection is left open.

    Whatever goes wrong is no reason not to start: then the first search reads it, as in any other process.
    """
    try:
        _read()
    except Exception:
        logger.warning("The first searches will be slow: nothing could be read ahead", exc_info=True)
    finally:
        connections.close_all()
    # Else the collector of each worker would write to every page that it shares.
    gc.collect()
    gc.freeze()


def _read() -> None:
    _ = lexicon.current().segmenter, lexicon.current().by_name
    thesaurus.current()
    pinyin.readings()
    correction.lookalikes()
    current_vocabulary.current()
    suggest.names()
    newest = store.newest()
    if newest:
        _ = newest.keys, newest.facets
