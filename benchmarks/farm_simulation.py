"""What a film of a thousand shots takes on 1 to 64 workers: time, and worker hours for each minute of film. Simulated.

    python -m benchmarks.farm_simulation

Nothing is random but the shots' lengths and the moments at which workers are lost, from a fixed seed: the same figures every
time. What a frame costs, and how long a worker takes to start, was measured: `speed-854x480.json` and `farm.json`.
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.record import load, save
from v2v_studio.sheets import BACKGROUND, TEXT
from v2v_studio.types import Array

SHOTS, RATE, SEED = 1000, 24, 7
MEAN, SPREAD = 4.0, 0.7  # seconds of a shot, and the spread of its logarithm
LOST_EVERY = 24.0  # hours of work after which a worker is lost, on average
NOTICED = 10.0  # seconds until it is noticed
MOST = 64
FONT = ImageFont.load_default(13)
COLOURS = {"draft": (104, 178, 232), "final": (232, 196, 104)}


def main() -> None:
    measured = {quality: simulated(quality) for quality in COLOURS}
    print(save("farm-simulation", {"assumed": assumed(), **measured}))
    for quality, rows in measured.items():
        for row in rows:
            if row["workers"].bit_count() == 1:
                print(quality, row)


def assumed() -> dict[str, float]:
    lengths = shots()
    return {
        "shots": SHOTS,
        "film_minutes": float(lengths.sum()) / RATE / 60,
        "longest_shot_s": float(lengths.max()) / RATE,
        "rate": RATE,
        "worker_lost_every_hours": LOST_EVERY,
        "noticed_after_s": NOTICED,
    }


def shots() -> np.ndarray:
    """Frames of each shot, in the order of the film."""
    seconds = np.random.default_rng(SEED).lognormal(np.log(MEAN) - SPREAD**2 / 2, SPREAD, SHOTS)
    return np.maximum(8, np.round(seconds * RATE)).astype(int)


def costs(quality: str) -> tuple[float, float]:
    """(Seconds of a shot besides its frames, seconds of a frame) on one core at 854x480."""
    result = load("speed-854x480")
    assert result
    short, _, more = (row for row in result["measured"] if row["renderer"] == quality)
    made = short["frames"] - 1  # the first frame is there
    return max(0.0, made * (short["cpu_per_frame"] - more["cpu_per_frame"])), more["cpu_per_frame"]


def simulated(quality: str) -> list[dict[str, float]]:
    """A row for each number of workers: with the shots in the order of the film, and the longest first."""
    farm, (fixed, each) = load("farm"), costs(quality)
    assert farm
    frames = shots()
    work = fixed + each * frames
    began = {key: farm["measured"][key] for key in ("start_s", "hand_over_s")}
    rows = []
    for workers in range(1, MOST + 1):
        wall, busy = carried_out(work, each, workers, **began)
        longest_first, _ = carried_out(np.sort(work)[::-1], each, workers, **began)
        rows.append(
            {
                "workers": workers,
                "hours": wall / 3600,
                "hours_longest_first": longest_first / 3600,
                "efficiency": float(work.sum()) / (workers * wall),
                # paid until the last shot is done, or each worker until it has no more to do
                "worker_hours_per_minute": workers * wall / 3600 / (frames.sum() / RATE / 60),
                "worker_hours_per_minute_released": busy / 3600 / (frames.sum() / RATE / 60),
            }
        )
    return rows


def carried_out(work: np.ndarray, each: float, workers: int, start_s: float, hand_over_s: float) -> tuple[float, float]:
    """Whoever is free takes the next shot. A worker that is lost costs the frame it was at, and a new worker.

    Returns:
        Seconds until all is done, and those of all workers up to the last shot of each.
    """
    chance = np.random.default_rng(SEED + 1)
    free = [start_s] * workers
    for seconds in work:
        lost = chance.poisson(seconds / (3600 * LOST_EVERY))
        again = lost * (NOTICED + start_s + each)
        heapq.heappush(free, heapq.heappop(free) + hand_over_s + seconds + again)
    return max(free), sum(free)


def picture(width: int = 960, height: int = 360) -> Array:
    """Hours against workers, both in powers of two, and efficiency against workers: (3, H, W) in [0, 1]."""
    result = load("farm-simulation")
    assert result
    canvas = Image.new("RGB", (width, height), BACKGROUND)
    draw, half = ImageDraw.Draw(canvas), width // 2
    hours = [row["hours"] for quality in COLOURS for row in result["measured"][quality]]
    low, high = np.floor(np.log2(min(hours))), np.ceil(np.log2(max(hours)))
    lines = [(2.0**power, (power - low) / (high - low)) for power in np.arange(low, high + 1)]
    for left, caption, ticks, key in (
        (0, "hours to render", [(label(hours_), at) for hours_, at in lines], "hours"),
        (half, "efficiency", [(f"{at / 10:g}", (at / 10 - 0.5) / 0.5) for at in range(5, 11)], "efficiency"),
    ):
        frame = (left + 72, 40, left + half - 24, height - 44)
        grid(draw, frame, caption, ticks)
        for quality, colour in COLOURS.items():
            points = []
            for row in result["measured"][quality]:
                x = np.log2(row["workers"]) / np.log2(MOST)
                value = row[key]
                y = (np.log2(value) - low) / (high - low) if key == "hours" else (value - 0.5) / 0.5
                points.append((frame[0] + x * (frame[2] - frame[0]), frame[3] - y * (frame[3] - frame[1])))
            draw.line(points, colour, 2)
    for index, (quality, colour) in enumerate(COLOURS.items()):
        draw.text((width - 190 + 80 * index, 12), quality, colour, FONT)
    return np.ascontiguousarray(np.asarray(canvas, np.float32).transpose(2, 0, 1) / 255)


def label(hours: float) -> str:
    return f"{hours:g} h" if hours >= 1 else f"{60 * hours:.2g} min"


def grid(draw: Any, frame: tuple[int, int, int, int], caption: str, ticks: list[tuple[str, float]]) -> None:
    """A caption, lines across with their values, and the workers below."""
    left, top, right, bottom = frame
    draw.text((left, 12), caption, TEXT, FONT)
    for value, at in ticks:
        y = bottom - at * (bottom - top)
        draw.line((left, y, right, y), (70, 70, 74))
        draw.text((left - 8, y), value, TEXT, FONT, anchor="rm")
    for power in range(MOST.bit_length()):
        x = left + power / (MOST.bit_length() - 1) * (right - left)
        draw.text((x, bottom + 8), str(2**power), TEXT, FONT, anchor="mt")
    draw.text(((left + right) / 2, bottom + 24), "workers", TEXT, FONT, anchor="mt")


if __name__ == "__main__":
    main()
