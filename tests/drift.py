"""A texture that drifts, as a folder of pictures: motion that can be followed, for renders that take a while."""

from pathlib import Path

import cv2
import numpy as np


def drifting(folder: Path, frames: int) -> Path:
    """Write `frames` pictures of 96x64 into a folder "drift" of that folder, and give it."""
    pictures = folder / "drift"
    pictures.mkdir()
    y, x = np.indices((64, 96))
    for t in range(frames):
        wave = 128 + 60 * np.sin((x + t) / 7) + 60 * np.cos((y - t / 2) / 5)
        cv2.imwrite(str(pictures / f"{t:04d}.png"), np.stack([wave, wave / 2, 255 - wave], -1).astype(np.uint8))
    return pictures
