"""Footage in, video and pictures out: the only code that decodes or encodes. Frames are (T, 3, H, W) as in `types`."""
