"""What `final` tracking adds to a match: lost pixels searched for, silhouettes tidied. Importing this imports numba."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.flow.features import Features
from v2v_studio.flow.match import Match, matched
from v2v_studio.flow.patchmatch import search
from v2v_studio.flow.silhouettes import tidied

LOST = 30.0  # cost of a match that is searched for anew
CHEAPER = 2.0  # by how much a found match must be
DEARER = 3.0  # how much more a tidied match may cost: along a silhouette the cost says little


def refined(source: Features, target: Features, match: Match) -> Match:
    """A better match: never much dearer than the one given, anywhere it was not hidden."""
    lost = (match.cost > LOST) | (cv2.blur(match.hidden.astype(np.float32), (3, 3)) > 0.5)
    radius = match.cost.shape[0] / 8
    found = matched(source, target, search(source, target, match.displacement, lost, radius))
    match = match.patched(found, lost & ((found.cost < match.cost - CHEAPER) | match.hidden))
    tidy = matched(source, target, tidied(source.colour, match.displacement, match.cost))
    return match.patched(tidy, tidy.cost < match.cost + DEARER)
