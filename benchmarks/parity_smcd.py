"""SMCD's networks and their parts against the released ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.golden import Golden, Match, Tolerance
from v2v_studio.models.layers import frames_last
from v2v_studio.models.smcd.blocks import Down, ResBlock, Up
from v2v_studio.models.smcd.config import encoder_from_release, from_release
from v2v_studio.models.smcd.context import Context
from v2v_studio.models.smcd.controlnet import ControlNet
from v2v_studio.models.smcd.gates import GATES, Gate
from v2v_studio.models.smcd.position_net import PositionNet, bands, fourier
from v2v_studio.models.smcd.transformers import SpatialTransformer, TemporalTransformer
from v2v_studio.models.smcd.unet import UNet, waves
from v2v_studio.models.smcd.visual_encoder import VisualEncoder, as_tokens

# tighter than the golden files ask (fact sheet, section 16): a wrong epsilon passes their tolerances
PART = Tolerance(5e-6, 2e-6)
NETWORK = Tolerance(1e-5, 5e-6)
INSIDE = Tolerance(
    5e-5, 1e-5
)  # between a network's blocks, and of its parts without norms: values are ten times as large
NONE = Tolerance(0, 0)
TOKENS = Tolerance(5e-6, 1e-6)


def filled(network: Any, golden: Golden, prefix: str = "") -> Any:
    network.load_state_dict(golden.weights(prefix))
    return network.eval()


def unet(golden: Golden, arch: dict[str, Any], prefix: str = "") -> UNet:
    """Built from the released class's arguments, with the file's weights."""
    return filled(UNet(**from_release({**golden.config, **arch})), golden, prefix)


@torch.inference_mode()
def position_net(golden: Golden) -> Iterator[Match]:
    config = golden.config
    net = filled(PositionNet(config["in_dim"], config["out_dim"], config["fourier_freqs"]), golden)
    boxes, masks, phrases = (golden[f"in.{name}"] for name in ("boxes", "masks", "text_embeddings"))
    yield golden.match("freq_bands", bands(config["fourier_freqs"]), TOKENS)
    yield golden.match("fourier", fourier(boxes, config["fourier_freqs"]), TOKENS)
    yield golden.match("tokens", net(boxes, masks, phrases), TOKENS)
    yield golden.match("null_tokens", net(0 * boxes, 0 * masks, 0 * phrases), TOKENS)


@torch.inference_mode()
def visual_encoder(golden: Golden) -> Iterator[Match]:
    config = golden.config
    encoder = filled(VisualEncoder(tuple(config["channels"]), config["nums_rb"], config["cin"]), golden)
    latent = golden["in.first_latent"]
    features = encoder(latent)
    yield golden.match("features", features, INSIDE)
    yield golden.match("features_zero_input", encoder(0 * latent), INSIDE)
    yield golden.match("tokens", as_tokens(features).repeat_interleave(config["frames"], dim=0), INSIDE)


@torch.inference_mode()
def gated_self_attn(golden: Golden) -> Iterator[Match]:
    gate = _gate(golden, golden.config["kind"])
    yield golden.match("y", _passed(gate, golden), PART)


@torch.inference_mode()
def gated_cross_attn(golden: Golden) -> Iterator[Match]:
    gate = _gate(golden, golden.config["kind"])
    yield golden.match("y", _passed(gate, golden), PART)
    gate.cross_alpha_dense.zero_()
    yield golden.match("after_image_attn", _passed(gate, golden), PART)
    gate.cross_alpha_attn.zero_()
    yield golden.match("after_box_stage", _passed(gate, golden), PART)


@torch.inference_mode()
def gated_attn_variants(golden: Golden) -> Iterator[Match]:
    kinds = {"parallel": "vanilla_cross_vision_parallel"}
    for name in (name for name in golden.config["classes"] if f"out.{name}" in golden.names):
        yield golden.match(name, _passed(_gate(golden, kinds.get(name, name), f"{name}."), golden), PART)


def _gate(golden: Golden, kind: str, prefix: str = "") -> Gate:
    sizes = (golden.config.get(name) for name in ("query_dim", "n_heads", "d_head", "context_dim", "v_dim"))
    return filled(GATES[kind](*sizes), golden, prefix)


def _passed(gate: Gate, golden: Golden) -> torch.Tensor:
    image = golden["in.visual_tokens"] if "in.visual_tokens" in golden.names else None
    return gate(golden["in.x"], gate.keys(golden["in.context"], image, golden["in.masks"]))


@torch.inference_mode()
def unet_blocks(golden: Golden) -> Iterator[Match]:
    """Every block; a cut-down file holds some of them."""
    blocks = {"spatial": _spatial, "temporal": _temporal, "res": _res, "res_image_dataset": _still_res, "down": _sizes}
    for name in (name for name in blocks if f"out.{name}" in golden.names):
        yield from blocks[name](golden, golden["in.x"], Context(golden["in.emb"], {}, golden.config["frames"]))
    for name in (name for name in golden.names if name.startswith("out.sinusoidal_")):
        width = int(name.rpartition("_")[2])
        yield golden.match(name.removeprefix("out."), waves(golden["in.t"], width), PART)


def _spatial(golden: Golden, hidden: torch.Tensor, context: Context) -> Iterator[Match]:
    sizes = golden.config["spatial"]
    heads, head_dim, text = (sizes[name] for name in ("n_heads", "d_head", "context_dim"))
    gate = GATES[sizes["gate"]](heads * head_dim, heads, head_dim, sizes["grounding_dim"], sizes["v_dim"])
    transformer = SpatialTransformer(sizes["in_channels"], heads, head_dim, text, gate)
    transformer = filled(transformer, golden, "spatial.")
    (block,) = transformer.transformer_blocks
    kept = {block.attn2: block.attn2.keys(golden["in.text"])}
    with_gate = {**kept, gate: gate.keys(golden["in.grounding_context"], golden["in.visual_tokens"], None)}
    yield golden.match("spatial", transformer(hidden, replace(context, kept=with_gate)), PART)
    yield golden.match("spatial_no_grounding", transformer(hidden, replace(context, kept=kept)), PART)


def _temporal(golden: Golden, hidden: torch.Tensor, context: Context) -> Iterator[Match]:
    sizes = (golden.config["temporal"][name] for name in ("in_channels", "n_heads", "d_head"))
    temporal = filled(TemporalTransformer(*sizes), golden, "temporal.")
    still = replace(context, still=True)
    yield golden.match("temporal", frames_last(temporal(hidden, context), context.frames), PART)
    yield golden.match("temporal_image_dataset", frames_last(temporal(hidden, still), context.frames), PART)


def _res(golden: Golden, hidden: torch.Tensor, context: Context) -> Iterator[Match]:
    sizes = (golden.config["res"][name] for name in ("channels", "out", "emb"))
    yield golden.match("res", filled(ResBlock(*sizes), golden, "res.")(hidden, context), PART)


def _still_res(golden: Golden, hidden: torch.Tensor, context: Context) -> Iterator[Match]:
    outside, inside = golden["weights.res_image_dataset.in_layers.2.weight"].shape[:2]
    block = filled(ResBlock(inside, outside, golden.config["res"]["emb"]), golden, "res_image_dataset.")
    yield golden.match("res_image_dataset", block(hidden, replace(context, still=True)), PART)


def _sizes(golden: Golden, hidden: torch.Tensor, context: Context) -> Iterator[Match]:
    channels = hidden.shape[1]
    yield golden.match("down", filled(Down(channels), golden, "down.")(hidden, context), PART)
    yield golden.match("up", filled(Up(channels), golden, "up.")(hidden, context), PART)


def unet_smcd(golden: Golden) -> Iterator[Match]:
    net = unet(golden, {})
    sample, time, text = golden["in.x"], golden["in.t"], golden["in.y"]
    boxes, image = golden["in.grounding_context"], golden["in.visual_feat"]
    with torch.no_grad():
        kept = net.kept(text, boxes, image)
        yield from _blocks(golden, net, lambda: net(sample, time, kept))
        yield golden.match("eps_no_grounding", net(sample, time, net.kept(text)), NETWORK)
        blind = sample.clone()
        blind[:, 4:] = 0
        yield golden.match("eps_zero_image_channels", net(blind, time, kept), NETWORK)
    yield from _gradients(golden, net)
    yield from _trained(golden, net)


def _blocks(golden: Golden, net: UNet, run: Any) -> Iterator[Match]:
    """The result, and on its way that of the blocks which the file has."""
    seen: dict[str, torch.Tensor] = {}
    watched = {f"input_block_{i}": block for i, block in enumerate(net.input_blocks)}
    watched |= {f"output_block_{i}": block for i, block in enumerate(net.output_blocks)}
    watched |= {"middle": net.middle_block}
    hooks = [
        block.register_forward_hook(lambda _, __, made, name=name: seen.__setitem__(name, made))
        for name, block in watched.items()
    ]
    eps = run()
    for hook in hooks:
        hook.remove()
    seen["output_block_last"] = seen[f"output_block_{len(net.output_blocks) - 1}"]
    yield golden.match("eps", eps, NETWORK)
    for name in (name for name in seen if f"out.{name}" in golden.names):
        yield golden.match(name, seen[name], INSIDE)


def _gradients(golden: Golden, net: UNet) -> Iterator[Match]:
    kept = net.kept(golden["in.y"], golden["in.grounding_context"], golden["in.visual_feat"])
    loss = F.mse_loss(net(golden["in.x"], golden["in.t"], kept), golden["in.target_noise"])
    loss.backward()
    exact = 1e-5 * float(golden["out.loss"])
    yield golden.match("loss", loss.detach(), Tolerance(exact, exact))
    for name in (name for name in golden.names if name.startswith("out.grad.")):
        allowed = 1e-4 * float(golden[name].abs().max())
        ours = net.get_parameter(name.removeprefix("out.grad.")).grad
        yield golden.match(name.removeprefix("out."), ours, Tolerance(allowed, allowed))


def _trained(golden: Golden, net: UNet) -> Iterator[Match]:
    """How many names one list has and the other has not."""
    for stage, theirs in golden.config["trainable_names"].items():
        unlike = len(set(theirs) ^ set(net.trainable(stage)))
        yield Match(f"trainable_names.{stage}", unlike, unlike, NONE)


@torch.inference_mode()
def unet_stage1_image(golden: Golden) -> Iterator[Match]:
    net = unet(golden, {})
    kept = net.kept(golden["in.y"], golden["in.grounding_context"])
    yield golden.match("eps", net(golden["in.x"], golden["in.t"], kept), NETWORK)


@torch.inference_mode()
def controlnet(golden: Golden) -> Iterator[Match]:
    given = golden["in.x"], golden["in.t"]
    control = filled(ControlNet(**encoder_from_release(golden.config["controlnet"])), golden, "controlnet.")
    net = unet(golden, golden.config["unet"], "unet.")
    maps = control(*given, control.kept(golden["in.y"]), golden["in.hint_latent"])
    for index, found in enumerate(maps):
        yield golden.match(f"control_feat_{index}", found, NETWORK)
    eps = net(*given, net.kept(golden["in.y"], golden["in.grounding_context"]), maps)
    yield golden.match("eps", eps, NETWORK)
