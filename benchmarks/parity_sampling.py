"""Motion-I2V's sampling, from end to end, against the released code's: the noise it drew is fed in, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.golden import Golden, Match, Tolerance
from benchmarks.parity_networks import network
from v2v_studio.models.checkpoint import renamed
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.stage1_sample import Stage1
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.motion_i2v.stage2_sample import Stage2
from v2v_studio.models.sampling import Step
from v2v_studio.models.vae import SCALE, autoencoder, decoded
from v2v_studio.motion.rasterise import ControlPlanes, rasterise
from v2v_studio.types import MotionBrush, Trajectory

LATENTS = Tolerance(5e-3, 5e-4)  # their scale is 40
FLOW01 = Tolerance(1e-4, 1e-5)
FLOW = Tolerance(1e-2, 1e-3)  # pixels
VIDEO = Tolerance(1e-3, 1e-4)
APP_CONTROL = Tolerance(0.15, 1e-3)  # encoding a plain flow divides by its deviation, which is next to nought
APP_VIDEO = Tolerance(0.03, 1e-3)
PROMPTS = ("prompt", "negative prompt")


class Recorded:
    """Noise that was drawn before: it must be asked for in the same order and shapes."""

    generator = None

    def __init__(self, *drawn: torch.Tensor) -> None:
        self._drawn = list(drawn)

    def __call__(self, *shape: int) -> torch.Tensor:
        noise = self._drawn.pop(0)
        if noise.shape != shape:
            raise ValueError(f"noise of {shape} was asked for where {tuple(noise.shape)} had been drawn")
        return noise


class Watched:
    """Keeps the latents of every step."""

    def __init__(self) -> None:
        self.latents: list[torch.Tensor] = []

    def __call__(self, done: int, steps: int, step: Step) -> None:
        self.latents.append(step.latents)


class Fed(Stage1):
    """Takes ready control instead of planes."""

    def control(self, planes: torch.Tensor, *_: object) -> torch.Tensor:
        return planes


def e2e_stage1(golden: Golden) -> Iterator[Match]:
    noise = Recorded(golden["in.latents8"], golden["in.eps_image_latent"])
    stage, watched = _stage1(golden, noise, Fed), Watched()
    given = golden["in.first_frame01"], *PROMPTS, golden["in.stride"][0].tolist()
    flows = stage.flows(*given, control=golden["in.control"], **_options(golden), on_step=watched)
    for index, latents in enumerate(watched.latents):
        yield golden.match(f"latents_step{index}", latents, LATENTS)
    plain = decoded(stage.vae_flow, watched.latents[-1][0].transpose(0, 1) / SCALE)
    yield golden.match("decoded_flow01", torch.stack(list(plain), 1)[None], FLOW01)
    yield golden.match("flow_pixels", torch.from_numpy(flows).transpose(0, 1)[None], FLOW)


def e2e_stage2(golden: Golden) -> Iterator[Match]:
    for case in sorted(name.split(".")[1] for name in golden.names if name.endswith(".latents")):
        noise = Recorded(golden[f"in.{case}.latents"], golden[f"in.{case}.eps_image_latent"])
        masked = f"in.{case}.static_mask" in golden.names
        static = golden[f"in.{case}.static_mask"][0, 0, 0] if masked else None
        image = (golden[f"in.{case}.first_frame_pm1"][0] + 1) / 2
        made, latents = _rendered(golden, noise, image, golden[f"in.{case}.flow_pixels"], static)
        for index, step in enumerate(latents):
            yield golden.match(f"{case}.latents_step{index}", step, LATENTS)
        yield golden.match(f"{case}.video", made, VIDEO)


def e2e_app(golden: Golden) -> Iterator[Match]:
    """The whole way from points to video, loosely; then each stage from what the release's got, as in the other files."""
    planes = _planes(golden)
    control = _app_control(golden, planes)
    yield golden.match("control", control, APP_CONTROL)
    flow, _ = _app_flow(golden, control, planes)
    yield replace(golden.match("video", _app_video(golden, flow, planes)[0], APP_VIDEO), output="video, from points")
    flow, latents = _app_flow(golden, golden["out.control"], planes)
    yield golden.match("flow_latents", latents, LATENTS)
    yield golden.match("flow_pixels", flow, FLOW)
    video, latents = _app_video(golden, golden["out.flow_pixels"], planes)
    yield golden.match("video_latents", latents[-1], LATENTS)
    yield golden.match("video", video, VIDEO)


def _planes(golden: Golden) -> ControlPlanes:
    config = golden.config
    drags = [Trajectory(tuple((x, y) for x, y in points)) for points in config["points"]]
    brush = MotionBrush((golden["in.brush_painted"].float() / 255).numpy())
    frames = golden["in.noise_stage2"].shape[2]
    return rasterise(drags, brush, (config["height"], config["width"]), config["flow_unit"], frames)


def _app_control(golden: Golden, planes: ControlPlanes) -> torch.Tensor:
    """Encoded as the release does it, pixel by pixel in memory, and by one thread.

    In that layout torch's group norm subtracts one large sum from another, and a plain flow is hardly more than what it
    loses there; with several threads that depends on how the frames are shared out. In ours, plane by plane, the result
    is float64's.
    """
    noise, threads = golden["in.eps_control"], torch.get_num_threads()
    by_pixel = np.ascontiguousarray(planes.flow01.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    torch.set_num_threads(1)
    try:
        stage = _stage1(golden, Recorded(noise))
        return stage.control(replace(planes, flow01=by_pixel), (len(noise), *planes.still.shape), stage.noise(0))
    finally:
        torch.set_num_threads(threads)


def _app_flow(golden: Golden, control: torch.Tensor, planes: ControlPlanes) -> tuple[torch.Tensor, torch.Tensor]:
    """Flow with its zero flow, and the latents it was decoded from."""
    watched = Watched()
    stage = _stage1(golden, Recorded(golden["in.noise_stage1"], golden["in.eps_image_stage1"]), Fed)
    strides = [8 * (index + 1) for index in range(control.shape[2])]
    flows = stage.flows(
        _app_image(golden),
        *PROMPTS,
        strides,
        control=control,
        static=planes.still,
        on_step=watched,
        **_options(golden),
    )
    return F.pad(torch.from_numpy(flows), (0, 0, 0, 0, 0, 0, 1, 0)), watched.latents[-1]


def _app_video(golden: Golden, flow: torch.Tensor, planes: ControlPlanes) -> tuple[torch.Tensor, list[torch.Tensor]]:
    noise = Recorded(golden["in.noise_stage2"], golden["in.eps_image_stage2"])
    return _rendered(golden, noise, _app_image(golden), flow, planes.still)


def _app_image(golden: Golden) -> torch.Tensor:
    return golden["in.first_frame_u8"].permute(2, 0, 1) / 255


def _rendered(
    golden: Golden, noise: Recorded, image: torch.Tensor, flow: torch.Tensor, static: Any
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Video (1, 3, F, H, W), and the latents of every step."""
    unet = network(VideoUNet, golden.beside("stage2_unet.safetensors"))
    stage, watched = Stage2(unet, _vae(golden, "image_vae"), _texts(golden), lambda seed: noise), Watched()
    made = stage.frames(image, flow, *PROMPTS, static=static, order="released", on_step=watched, **_options(golden))
    return torch.from_numpy(made.frames).transpose(0, 1)[None], watched.latents


def _stage1(golden: Golden, noise: Recorded, kind: type[Stage1] = Stage1) -> Stage1:
    unet = network(MotionFieldUNet, golden.beside("stage1_unet.safetensors"))
    control_net = network(TrajectoryControlNet, golden.beside("stage1_controlnet.safetensors"), "controlnet.")
    vaes = _vae(golden, "image_vae"), _vae(golden, "flow_vae")
    return kind(unet, control_net, *vaes, _texts(golden), lambda seed: noise)


def _vae(golden: Golden, name: str) -> Any:
    held = golden.beside(f"{name}.safetensors")
    own = autoencoder(held.config["arch"]["in_channels"], held.config["arch"])
    own.load_state_dict(renamed(held.weights()))
    return own


def _texts(golden: Golden) -> Callable[[str], torch.Tensor]:
    """A text for each of the prompts, negative one last."""
    return dict(zip(PROMPTS, golden["in.text_uncond_cond"].flip(0).split(1), strict=True)).__getitem__


def _options(golden: Golden) -> dict[str, Any]:
    return {"steps": golden.config["steps"], "guidance": golden.config["guidance_scale"]}
