"""What `suggest` predicts against what takes then measure, and against footage whose visibility is known to the pixel."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.several import scene_of, taken_in
from v2v_studio.project.cache import FlowCache
from v2v_studio.studio.request import request_for

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "projects" / "demo"))
import draw

pytestmark = pytest.mark.long

FRAMES, SIZE = 24, (320, 180)


class Drawn:
    """The first frames of a shot of the demo, small: `frames` (H, W, 3) BGR, as the shared tool has them."""

    def __init__(self, name):
        self.stage = draw._stage(name)
        drawn = (np.stack([small(plane) for plane in self.stage.draw(t)], 2) for t in range(FRAMES))
        self.frames = [np.rint(frame[..., ::-1] * 255).astype(np.uint8) for frame in drawn]

    def shown(self, view):
        """(T, H, W) bool: what a frame truly shows of every frame. The stage knows what its frame 0 shows, so that is where
        the view is moved to."""
        layers = [
            replace(layer, plane=lambda t, of=layer.plane: of(t + view), depth=lambda t, of=layer.depth: of(t + view))
            for layer in self.stage.layers
        ]
        moved = replace(self.stage, layers=layers, camera=lambda t: self.stage.camera(t + view), _first=None)
        return np.stack([small(moved.truth(t - view)[1].astype(np.float32)) > 0.5 for t in range(FRAMES)])


class Layered:
    """A scene of the shared tool, which keeps what its frame 0 shows; what other frames do, its layers know."""

    def __init__(self, shared, seed):
        inside = {}

        def remember(frame, event, _):
            if event == "return" and "top_at" in frame.f_locals:
                inside.update(frame.f_locals)

        sys.setprofile(remember)
        try:
            self.scene = scene_of(shared, seed, FRAMES, SIZE)
        finally:
            sys.setprofile(None)
        self.frames, self.top, self.layers = self.scene.frames, inside["top_at"], inside["layers"]

    def shown(self, view):
        """(T, H, W) bool, by the tool's own rule: the same layer lies on top at that place of the frame looked from."""
        (w, h), masks = SIZE, []
        x, y = np.meshgrid(np.arange(w, dtype=np.float64), np.arange(h, dtype=np.float64))
        for t in range(FRAMES):
            layer, u, v = self.top(x, y, t)
            there = np.stack([x, y])
            for index in np.unique(layer):
                here = layer == index
                there[:, here] = self.layers[index][3].forth(u[here], v[here], view, x[here], y[here])
            inside = ((there >= 0) & (there <= np.array([w - 1, h - 1])[:, None, None])).all(0)
            masks.append(inside & (self.top(*there, view)[0] == layer))
        return np.stack(masks)


def small(plane):
    return cv2.resize(plane, SIZE, interpolation=cv2.INTER_AREA)


def scene_named(name, shared):
    return Layered(shared, int(name)) if name.isdecimal() else Drawn(name)


def painted(scene, folder):
    """A project of the scene with the first frame painted."""
    studio = taken_in(folder, scene)
    studio.stylize(["sh010"], "filters", {"preset": "poster"})
    return studio


def measured_unseen(studio, plan):
    """Share of a rendered take's pixels that no first frame shows, from the motion that its render kept."""
    shot = studio.store.shot("sh010")
    request = request_for(studio.store, shot, plan.setup, plan.ask)
    seen = {first.frame: np.ones(SIZE[::-1], bool) for first in request.firsts}
    for leg in request.legs:
        cache = FlowCache(studio.store.folder / "cache" / "flow", request.motion_fingerprint(leg.start, leg.direction))
        for index in range(1, leg.length + 1):
            frame = leg.start + leg.sign * index
            seen[frame] = seen.get(frame, False) | (cache.get(index).visible[0, 0] >= 0.5)
    return 1 - np.mean([seen[frame] for frame in range(FRAMES)])


def rendered_unseen(studio, options):
    """The same of a take that is rendered now, with no motion known from before."""
    shutil.rmtree(studio.store.folder / "cache" / "flow", ignore_errors=True)
    (plan,) = studio.plan(["sh010"], options=options)
    assert studio.render([plan], workers=1)[0]["what"] == "rendered"
    return measured_unseen(studio, plan)


@pytest.mark.parametrize("quality", ["draft", "final"])
@pytest.mark.parametrize("name", ["moon", "1"])
def test_predicted_cover_is_what_the_takes_measure(name, quality, shared, tmp_path):
    options = {"quality": quality}
    studio = painted(scene_named(name, shared), tmp_path)
    before, names = rendered_unseen(studio, options), ["ff001"]
    for suggestion in studio.suggest("sh010", 2, options=options):
        made = studio.stylize(["sh010"], "filters", {"preset": "poster"}, frame=suggestion.frame)
        names.append(made[0].id)
        studio.pick("sh010", names)
        after = rendered_unseen(studio, options)
        assert (suggestion.unseen_before, suggestion.unseen_after) == pytest.approx((before, after), abs=1e-9)
        assert after < before - 0.005
        before = after


def true_unseen(shown, views):
    """Share of pixels that the nearest of these frames before and after do not truly show."""
    unseen = []
    for t in range(FRAMES):
        near = {max((v for v in views if v <= t), default=None), min((v for v in views if v >= t), default=None)}
        unseen.append(~np.logical_or.reduce([shown[view][t] for view in near if view is not None]))
    return np.mean(unseen)


@pytest.mark.parametrize(("name", "apart"), [("moon", 0.02), ("1", 0.04)])
def test_the_frame_suggested_truly_shows_nearly_what_the_best_would(name, apart, shared, tmp_path):
    """What is predicted is what the motion finds, which is off the truth (see docs/suggest.md); the choice is hardly so."""
    scene = scene_named(name, shared)
    (suggestion,) = painted(scene, tmp_path).suggest("sh010", 1)
    frame = suggestion.frame - 1001
    shown = {view: scene.shown(view) for view in {0, frame, *range(3, FRAMES, 4)}}
    cover = {view: true_unseen(shown, {0}) - true_unseen(shown, {0, view}) for view in shown}
    assert cover[frame] > max(cover.values()) - 0.01
    assert abs(suggestion.unseen_before - suggestion.unseen_after - cover[frame]) < apart
