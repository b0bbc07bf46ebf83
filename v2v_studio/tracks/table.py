"""A track is a row of names: a motion source and a renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from v2v_studio.errors import UsageError, unknown
from v2v_studio.motion.base import MOTION, MotionSource
from v2v_studio.params import parse_params
from v2v_studio.renderers.base import RENDERERS, Renderer
from v2v_studio.types import FlowField


@dataclass(frozen=True)
class Track:
    """Names of a motion source and a renderer, and one line on what the pair is for."""

    name: str
    motion: str
    renderer: str
    summary: str


TRACKS = {
    track.name: track
    for track in (
        Track("restyle", "estimate", "embedded", "The first frame's look, moved by the footage; needs no weights."),
        Track(
            "restyle-diffusion", "estimate", "motion-i2v", "The first frame painted anew along the footage's motion."
        ),
        Track("animate", "generate", "motion-i2v", "A first frame that moves by a prompt; a still is enough."),
        Track("animate-preview", "generate", "embedded", "The motion of animate at once, on the first frame's pixels."),
        Track("drag", "drag", "motion-i2v", "A first frame that moves along drags, inside a motion brush."),
        Track("drag-preview", "drag", "embedded", "The motion of drag at once, on the first frame's pixels."),
        Track("pull-preview", "pull", "embedded", "The first frame's own pixels, pulled along drags at once."),
        Track(
            "animate-consisti2v", "free", "consisti2v", "A first frame that moves by a prompt, and a camera over it."
        ),
        Track("camera-preview", "camera", "embedded", "A camera that moves over the first frame, at once."),
        Track("boxes", "boxes", "smcd", "A first frame whose objects move with boxes, in a scene that stays."),
        Track("boxes-preview", "boxes", "cutout", "What is in the boxes, cut out and moved along them at once."),
    )
}


@dataclass(frozen=True)
class Setup:
    """A track with its parameters resolved: everything but the pictures."""

    track: Track
    motion_params: BaseModel
    render_params: BaseModel
    seed: int

    @property
    def by_weights(self) -> bool:
        """Whether a network is loaded, which one shot at a time has the memory for."""
        return any(getattr(params, "weights", None) for params in (self.motion_params, self.render_params))

    @property
    def follows(self) -> bool:
        """Whether it moves as the footage does, pixel by pixel."""
        source = MOTION.load(self.track.motion)
        return not source.made and source.gives == (FlowField,)

    def describe(self) -> dict[str, Any]:
        """As plain values, for recipes and fingerprints."""
        return {
            "track": self.track.name,
            "motion": self.track.motion,
            "motion_params": self.motion_params.model_dump(mode="json"),
            "renderer": self.track.renderer,
            "params": self.render_params.model_dump(mode="json"),
            "seed": self.seed,
        }

    @classmethod
    def described(cls, plain: Mapping[str, Any]) -> Setup:
        """The setup that `describe` gave this of. UsageError for a track or an option that is none."""
        name = plain["track"]
        if name not in TRACKS:
            raise unknown("track", name, TRACKS)
        source, renderer = MOTION.load(TRACKS[name].motion), RENDERERS.load(TRACKS[name].renderer)
        motion = parse_params(source.Params, plain["motion_params"], f"track '{name}'")
        return cls(
            TRACKS[name], motion, parse_params(renderer.Params, plain["params"], f"track '{name}'"), plain["seed"]
        )

    def for_shot(self, prompt: str, frames: int) -> Setup:
        """The same with what a shot says itself where the options do not: its prompt, and how many frames it has."""
        own = {"prompt": prompt, "frames": frames}
        return replace(
            self, motion_params=_completed(self.motion_params, own), render_params=_completed(self.render_params, own)
        )


def set_up(name: str, options: Mapping[str, Any], seed: int) -> Setup:
    """Resolve a track and its options. An option goes to every part (motion source, renderer) that has it.

    Raises:
        UsageError: unknown track or option, a value out of range, or a pair that does not fit.
    """
    if name not in TRACKS:
        raise unknown("track", name, TRACKS)
    track = TRACKS[name]
    source, renderer = MOTION.load(track.motion), RENDERERS.load(track.renderer)
    if not fits(source, renderer):
        others = [other for other in RENDERERS.names() if fits(source, RENDERERS.load(other))]
        raise UsageError(
            f"renderer '{track.renderer}' renders {_named(renderer.accepts)} but motion '{track.motion}' gives "
            f"{_named(source.gives)}. Renderers that fit: {', '.join(others)}"
        )
    known = [*source.Params.model_fields, *renderer.Params.model_fields]
    for option in options:
        if option not in known:
            raise unknown(f"option of track '{name}'", option, dict.fromkeys(known))
    seeded = {"seed": seed, **options}
    return Setup(track, _params_of(source, seeded, name), _params_of(renderer, options, name), seed)


def fits(source: type[MotionSource], renderer: type[Renderer]) -> bool:
    """Whether all motion that the source gives can be rendered."""
    return set(source.gives) <= set(renderer.accepts)


def _named(types: tuple[type, ...]) -> str:
    return " or ".join(one.__name__ for one in types)


def _completed(params: BaseModel, own: Mapping[str, Any]) -> BaseModel:
    """Options with values of the shot's for those that are empty."""
    empty = {key for key, value in params if value in ("", 0)}
    return params.model_copy(update={key: value for key, value in own.items() if key in empty})


def _params_of(part: type[MotionSource] | type[Renderer], options: Mapping[str, Any], track: str) -> BaseModel:
    mine = {key: value for key, value in options.items() if key in part.Params.model_fields}
    return parse_params(part.Params, mine, f"track '{track}'")
