"""What a reading depends on, as one digest: a document is read again when it has changed."""

import hashlib
from pathlib import Path

from catalog.importing.corrections import Corrections
from catalog.importing.reference import Reference


def fingerprint(sha256: str, reference: Reference, corrections: Corrections) -> str:
    """Of the document, the readers' code, the reference data and the corrections."""
    digest = hashlib.sha256(sha256.encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update(repr((reference, corrections)).encode())
    return digest.hexdigest()
