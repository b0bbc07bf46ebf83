"""A painted shape as one piece: how it moves as a whole, and how it is brought back onto the outline that is seen.

Maps are (2, 3) affine matrices, from positions on a frame to positions on the frame it was painted on.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from v2v_studio.types import Array
from v2v_studio.warping import grid, sample

Affine = NDArray[np.float64]

SAMPLES = 1500  # pixels that vote on the motion of a shape
FEWEST = 30  # pixels, of a shape or of its outline, that can be fitted to
WITHIN = 1.0  # pixels off the common motion that still agree with it
STIFF = 10.0  # outline pixels' worth of resistance against being moved


def still() -> Affine:
    """The map of a shape that has not moved."""
    return np.eye(2, 3)


def depth(inside: np.ndarray) -> Array:
    """(H, W) bool -> pixels to the outline, positive inside and negative outside; height and width where there is none."""
    inner = inside.astype(np.uint8)
    depths = cv2.distanceTransform(inner, cv2.DIST_L2, 3) - cv2.distanceTransform(1 - inner, cv2.DIST_L2, 3)
    return np.clip(depths, -sum(inside.shape), sum(inside.shape))


def shape_motion(inside: np.ndarray, displacement: Array) -> Affine:
    """The similarity that most displacements inside a shape agree with (RANSAC, Fischler and Bolles 1981).

    Args:
        inside: (H, W) bool.
        displacement: (H, W, 2) in pixels.

    Returns:
        (2, 3), position -> position + displacement; no motion where the shape is too small to tell.
    """
    core = cv2.erode(inside.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0  # motion at an outline is half another's
    chosen = core if core.sum() > 8 * FEWEST else inside
    every = max(1, round(float(chosen.sum() / SAMPLES) ** 0.5))
    voting = chosen[::every, ::every]
    if voting.sum() < FEWEST:
        return still()
    here = grid(*inside.shape)[::every, ::every][voting]
    there = here + displacement[::every, ::every][voting]
    matrix, _ = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=WITHIN, maxIters=500)
    return still() if matrix is None else np.asarray(matrix, np.float64)


def then(first: Affine, second: Affine) -> Affine:
    """The map of going by `first`, then by `second`."""
    return second @ np.vstack([first, [0, 0, 1]])


def moved(painted: Array, way: Affine) -> Array:
    """(H, W) as painted -> (H, W) on the frame that `way` leads back from."""
    return sample(painted, cv2.transform(grid(*painted.shape), way).astype(np.float32))


def aligned(way: Affine, painted: Array, seen: np.ndarray, near: float) -> Affine:
    """The map corrected so that the moved shape's outline falls onto the one that is seen.

    One step of Gauss and Newton on the outline's distances, over translation, rotation and scale; parts farther than
    `near` pixels apart, where something is in front, have no say.

    Args:
        painted: (H, W), the shape as painted.
        seen: (H, W) bool, the shape on this frame as far as it is to be seen.
    """
    distance = depth(seen)
    shape = (moved(painted, way) > 0.5).astype(np.uint8)
    y, x = np.nonzero(shape - cv2.erode(shape, np.ones((3, 3), np.uint8)))
    if len(y) < FEWEST:
        return way
    off = distance[y, x].astype(np.float64) - 0.5  # the outline's own pixels lie half a pixel inside
    slope_x = cv2.Sobel(distance, cv2.CV_32F, 1, 0)[y, x] / 8.0
    slope_y = cv2.Sobel(distance, cv2.CV_32F, 0, 1)[y, x] / 8.0
    centre = np.array([x.mean(), y.mean()])
    reach = np.hypot(x - centre[0], y - centre[1]).mean()
    u, v = (x - centre[0]) / reach, (y - centre[1]) / reach
    slopes = np.stack([slope_x, slope_y, slope_x * u + slope_y * v, slope_y * u - slope_x * v], 1)
    weight = (np.abs(off) < near) / (1 + np.square(off / (near / 4)))
    normal = slopes.T @ (slopes * weight[:, None]) + STIFF * np.eye(4)
    right, down, grow, turn = -np.linalg.solve(normal, slopes.T @ (weight * off))
    linear = np.array([[grow, -turn], [turn, grow]]) / reach
    shift = np.eye(3)
    shift[:2, :2] += linear
    shift[:2, 2] = np.array([right, down]) - linear @ centre
    return then(np.linalg.inv(shift)[:2].astype(np.float64), way)
