"""SMCD (Animate Your Motion, ECCV 2024, arXiv 2403.10179): boxes that move, in the scene of a first frame."""
