"""Motion-I2V's networks against the released ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from benchmarks.golden import Golden, Match, Tolerance
from v2v_studio.models.layers import frames_first, frames_last
from v2v_studio.models.motion_i2v.attention import MotionAttention
from v2v_studio.models.motion_i2v.config import from_release
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.motion_module import MotionModule
from v2v_studio.models.motion_i2v.splat import Splat, resized_flow
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
from v2v_studio.models.motion_i2v.stage2 import VideoUNet

# tighter than the golden files ask (fact sheet, section 12): a wrong epsilon passes their tolerances; the floor is 6e-6
NETWORK = Tolerance(2e-5, 2e-6)
RESIDUALS = Tolerance(5e-4, 5e-5)  # their scale is 20; the floor is 3e-5


def network(kind: type, golden: Golden, prefix: str = "") -> Any:
    """Built from the file's config, with the file's weights."""
    built = kind(**from_release(golden.config["arch"]))
    built.load_state_dict(golden.weights(prefix))
    return built.eval()


@torch.inference_mode()
def stage1_unet(golden: Golden) -> Iterator[Match]:
    unet = network(MotionFieldUNet, golden)
    timestep, stride = golden["in.timestep"].view(1, 1), golden["in.stride"]
    yield golden.match("time_proj", unet.time_proj(timestep.flatten()), NETWORK)
    yield golden.match("stride_proj", unet.time_proj(stride.flatten()), NETWORK)
    yield golden.match("emb", unet.embedding(timestep, stride), NETWORK)
    yield golden.match("sample", unet(golden["in.sample"], timestep, golden["in.text"], stride), NETWORK)


@torch.inference_mode()
def stage1_controlnet(golden: Golden) -> Iterator[Match]:
    control_net = network(TrajectoryControlNet, golden, "controlnet.")
    unet = network(MotionFieldUNet, golden.beside(golden.config["unet_weights_file"]))
    sample, frames = golden["in.sample"], golden["in.sample"].shape[2]
    given = sample, golden["in.timestep"], golden["in.text"], golden["in.stride"]
    control = control_net.controlnet_cond_embedding(golden["in.control"])
    yield golden.match("cond_embedding", control, RESIDUALS)
    residuals = control_net(*given, control, golden.config["conditioning_scale"])
    for index, skip in enumerate(residuals.skips):
        yield golden.match(f"down.{index}", frames_last(skip, frames), RESIDUALS)
    yield golden.match("mid", frames_last(residuals.middle, frames), RESIDUALS)
    yield golden.match("mid_scale0.5", frames_last(control_net(*given, control, 0.5).middle, frames), RESIDUALS)
    yield golden.match("sample_with_control", unet(*given, residuals), NETWORK)


@torch.inference_mode()
def stage2_unet(golden: Golden) -> Iterator[Match]:
    unet = network(VideoUNet, golden)
    sample, timestep, text, flow = (golden[f"in.{name}"] for name in ("sample", "timestep", "text", "flow"))
    size = tuple(sample.shape[3:])
    yield golden.match("emb", unet.frame_embedding(timestep, sample)[:1], NETWORK)
    mixed = unet.splats(flow, size, cfg_batch_order="released")
    yield golden.match("sample", unet(sample, timestep, text, mixed), NETWORK)
    apart = unet(sample, timestep, text, unet.splats(flow, size))  # what each entry gives on its own
    yield golden.match("sample_b1_first", apart[:1], NETWORK)
    yield golden.match("sample_b1_second", apart[1:], NETWORK)


@torch.inference_mode()
def motion_attention(golden: Golden) -> Iterator[Match]:
    """One attention layer, and a whole module with and without a flow; a cut-down file holds some of them."""
    height, width, frames, channels, heads = (golden.config[name] for name in ("H", "W", "frames", "channels", "heads"))
    size = (height, width)
    weights = golden.weights(without="module.")
    positions = weights["pos_encoder.pe"].shape[1]
    attention = MotionAttention(channels, heads, positions)
    attention.load_state_dict(weights)
    for case in sorted({name.split(".")[1] for name in golden.names if name.endswith(".hidden")}):
        hidden = golden[f"in.{case}.hidden"].unflatten(0, (-1, frames))
        resized = resized_flow(golden[f"in.{case}.flow"], size)
        splat = Splat(resized[:, 1:], "released")
        moved = splat(hidden[:, 0]).flatten(0, 1).unflatten(1, size).permute(0, 3, 1, 2)
        ours = {"flow_resized": resized, "warped": moved, "hidden": attention(hidden, splat).flatten(0, 1)}
        for output in (name for name in ours if f"out.{case}.{name}" in golden.names):
            yield golden.match(f"{case}.{output}", ours[output], NETWORK)
    if "in.module.x" in golden.names:
        yield from motion_module(golden, heads, positions, size)


def motion_module(golden: Golden, heads: int, positions: int, size: tuple[int, int]) -> Iterator[Match]:
    weights = golden.weights("module.")
    attentions = {name.split("attention_blocks.")[1].split(".")[0] for name in weights if "attention_blocks." in name}
    x, flow = golden["in.module.x"], golden["in.module.flow"]
    module = MotionModule(x.shape[1], heads, len(attentions), positions)
    module.load_state_dict(weights)
    hidden, frames = frames_first(x), x.shape[2]
    splat = Splat(resized_flow(flow[:, 1:], size), "released")
    yield golden.match("module.x", frames_last(module(hidden, frames, splat), frames), NETWORK)
    yield golden.match("module.x_vanilla_stage1", frames_last(module(hidden, frames), frames), NETWORK)
