"""The company's desktops: generated from a seed, changed by deeds, the same for every service.

Invariant: the estate is a function of (seed, number of desktops, deeds, time). Lists of desktops
only grow and an ordinal is a desktop's place in its site's list for ever, which is what makes a
page token (the last ordinal seen) good while desktops come and go.
"""

from .site import Estate, Site

__all__ = ["Estate", "Site"]
