"""The processes of a site on one machine: the server in front, the workers behind it, and who keeps them alive.

It knows neither the catalogue nor its settings. README.md tells how the parts stand together.
"""
