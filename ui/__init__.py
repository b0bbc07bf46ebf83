"""The review room: pages over the same project folder. Not in this version yet; the package keeps its place in the wheel."""
