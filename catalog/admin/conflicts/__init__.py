"""The editors' pages of conflicts: what a source says anew beside what an editor wrote, settled by a person."""

from catalog.admin.conflicts import pages

__all__ = ["pages"]
