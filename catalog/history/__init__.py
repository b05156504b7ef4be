"""The history of cases and of what they belong to, read and used; `catalog.models.history` says how it is recorded.

recording     who writes, and why
"""

from catalog.history.recording import LONGEST_REASON, Kind, describe, recording

__all__ = ["LONGEST_REASON", "Kind", "describe", "recording"]
