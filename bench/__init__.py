"""What is measured of the project, each beside something of its own kind: not a part of it, and not needed by it."""
