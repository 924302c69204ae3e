"""What may be shown: never a group so small that somebody could tell who in it said what, nor one that can be worked out.

A group with fewer answers than the threshold is hidden. Whoever knows the whole and all other groups could subtract them,
so the smallest other groups are hidden as well until what remains unknown is itself no small group.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

G = TypeVar("G", bound=Hashable)


def shown(counts: Mapping[G, int], least: int) -> frozenset[G]:
    """The groups of a whole that may be shown, by how many answers each has; nothing of a whole below the threshold.

    Groups without any answer may be shown: there is nobody in them. Equal numbers are hidden in the order given.
    """
    if sum(counts.values()) < least:
        return frozenset()
    by_size = sorted((group for group in counts if counts[group]), key=lambda group: counts[group])
    hidden = [group for group in by_size if counts[group] < least]
    unknown = sum(counts[group] for group in hidden)
    for group in by_size[len(hidden) :]:
        if unknown == 0 or unknown >= least:
            break
        hidden.append(group)
        unknown += counts[group]
    return frozenset(counts.keys() - set(hidden))
