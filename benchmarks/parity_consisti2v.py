"""ConsistI2V's networks and parts against the released ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from benchmarks.golden import Golden, Match, Tolerance
from v2v_studio.models.checkpoint import renamed
from v2v_studio.models.consisti2v.blocks import Widths
from v2v_studio.models.consisti2v.config import from_release
from v2v_studio.models.consisti2v.frame_init import FrameInitOptions, low_pass, mixed_bands
from v2v_studio.models.consisti2v.noise import mixed, progressive
from v2v_studio.models.consisti2v.temporal import TemporalCrossAttention, neighbours
from v2v_studio.models.consisti2v.temporal_conv import TemporalConv
from v2v_studio.models.consisti2v.transformers import SpatialTransformer, TemporalTransformer
from v2v_studio.models.consisti2v.unet import ConsistI2VUNet
from v2v_studio.models.layers import text_keys
from v2v_studio.models.sampling import Noise, Walk
from v2v_studio.models.schedule import scheduler
from v2v_studio.models.vae import autoencoder, decoded, posterior

NETWORK, WHOLE = 1e-5, 2e-5  # of the largest value of an output: less than the golden files ask; the floor is 2e-6
EXACT = Tolerance(1e-6, 1e-6)
NOISE = Tolerance(1e-5, 1e-6)
NORM = "transformer_blocks.0.norm1"
BLOCK = (NORM, "transformer_blocks.0.attn1", "transformer_blocks.0.attn2", "transformer_blocks.0")
TEXT_SIZES = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "max_position_embeddings",
    "hidden_act",
    "layer_norm_eps",
    "projection_dim",
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
)


def relative(golden: Golden, output: str, ours: torch.Tensor, share: float) -> Match:
    """A match whose tolerance is a share of the largest value the reference has; of the mean, a fifth of that."""
    largest = float(golden[f"out.{output}"].abs().max())
    return golden.match(output, ours, Tolerance(share * largest, share * largest / 5))


def network(golden: Golden, arch: Mapping[str, Any]) -> ConsistI2VUNet:
    """Built from a config, with the file's weights; as released where a text has as many tokens as there are frames."""
    unet = ConsistI2VUNet(**from_release(arch))
    unet.load_state_dict(golden.weights())
    _as_released(unet)
    return unet.eval()


@torch.inference_mode()
def unet_forward(golden: Golden) -> Iterator[Match]:
    unet = network(golden, golden.config)
    for case in sorted({name.split(".")[1] for name in golden.names if name.startswith("in.")}):
        given = (
            golden[f"in.{case}.{name}"]
            for name in ("sample", "timestep", "encoder_hidden_states", "first_frame_latents", "frame_stride")
        )
        traced = [name.removeprefix(f"out.{case}.trace.") for name in golden.names if f"out.{case}.trace." in name]
        with watched(unet, traced) as seen:
            sample = unet(*given)
        yield relative(golden, f"{case}.sample", sample, WHOLE)
        for module in traced:
            yield relative(golden, f"{case}.trace.{module}", seen[module], WHOLE)


@torch.inference_mode()
def spatial_first_frame_attention(golden: Golden) -> Iterator[Match]:
    config = golden.config
    frames, sizes = config["n_frames"], _sizes(config)
    for case, first_frame in (("first_frame", True), ("plain", False), ("small", True)):
        transformer = _filled(SpatialTransformer(*sizes, first_frame), golden)
        hidden = golden["in.small_hidden" if case == "small" else "in.hidden"]
        with watched(transformer, BLOCK) as seen:
            sample = transformer(hidden, frames, text_keys(transformer, golden["in.text"]))
        tokens = seen[NORM]
        first = tokens.unflatten(0, (-1, frames))[:, :1].expand(-1, frames, -1, -1).flatten(0, 1)
        ours = {**_block(seen), "attn1_kv_tokens": torch.cat([tokens, first], dim=1), "sample": sample}
        yield from _present(golden, case, ours)


@torch.inference_mode()
def temporal_window_attention(golden: Golden) -> Iterator[Match]:
    config = golden.config
    frames, positions = config["n_frames"], config["temp_pos_embedding"]
    cases: dict[str, tuple[str, str, bool, float | None]] = {  # hidden states, text, window, alpha
        "windowed": ("hidden", "text", True, None),
        "plain": ("hidden", "text", False, None),
        "small": ("small_hidden", "text", True, None),
        "text_len_eq_frames": ("hidden", "text_len_eq_frames", True, None),
        "alpha_above_one": ("hidden", "text", True, 1.5),
        "alpha_below_zero": ("hidden", "text", True, -0.5),
    }
    for case, (hidden, text, window, alpha) in cases.items():
        if not any(name.startswith(f"out.{case}.") for name in golden.names):
            continue
        transformer = _filled(TemporalTransformer(*_sizes(config), positions, window=window), golden)
        if alpha is not None:
            nn.init.constant_(transformer.alpha, alpha)
        with watched(transformer, BLOCK) as seen:
            sample = transformer(golden[f"in.{hidden}"], frames, text_keys(transformer, golden[f"in.{text}"]))
        size = golden[f"in.{hidden}"].shape[2:]
        first = seen[NORM].unflatten(0, (-1, frames))[:, 0]
        near = first[:, neighbours(*size, first.device)].permute(0, 3, 2, 1).unflatten(2, size)
        yield from _present(
            golden,
            case,
            {
                **_block(seen),
                "adjacent_slices": near,
                "sample": sample,
                "alpha_after": transformer.alpha.clamp(0, 1),
            },
        )
    table = "positional_table_first_8_rows"
    if f"out.{table}" in golden.names:
        rows = torch.arange(len(golden[f"out.{table}"]), dtype=torch.float32)
        yield golden.match(table, transformer.transformer_blocks[0].attn1.pos_enc(rows), EXACT)


@torch.inference_mode()
def temporal_conv_block(golden: Golden) -> Iterator[Match]:
    frames = golden.config["n_frames"]
    conv = _filled(TemporalConv(golden.config["in_channels"]), golden)
    yield relative(golden, "sample", conv(golden["in.hidden"], frames), NETWORK)
    yield relative(golden, "small.sample", conv(golden["in.small_hidden"], frames), NETWORK)
    nn.init.zeros_(conv.alpha)
    yield relative(golden, "alpha_zero.sample", conv(golden["in.hidden"], frames), NETWORK)


@torch.inference_mode()
def spatial_resnet_block(golden: Golden) -> Iterator[Match]:
    config = golden.config
    widths = Widths(config["temb_channels"], config["groups"], 1, 1, True, True, "rotary")
    resnet = _filled(widths.resnet(config["in_channels"], config["out_channels"]), golden)
    yield relative(golden, "sample", resnet(golden["in.hidden"], golden["in.temb"]), NETWORK)
    yield relative(golden, "small.sample", resnet(golden["in.small_hidden"], golden["in.temb"]), NETWORK)


@torch.inference_mode()
def vae(golden: Golden) -> Iterator[Match]:
    named = ("block_out_channels", "layers_per_block", "latent_channels", "norm_num_groups", "scaling_factor")
    own = autoencoder(3, {name: golden.config[name] for name in named})
    own.load_state_dict(renamed(golden.weights()))
    moments, scale = posterior(own, golden["in.image"]), golden.config["scaling_factor"]
    yield relative(golden, "mean", moments.mean, WHOLE)
    yield relative(golden, "logvar", moments.logvar, WHOLE)
    yield relative(golden, "std", moments.std, WHOLE)
    yield relative(golden, "scaled_latent", (moments.mean + moments.std * golden["in.eps"]) * scale, WHOLE)
    yield relative(golden, "decoded", torch.stack(list(decoded(own, golden["in.latent"] / scale))), WHOLE)


@torch.inference_mode()
def text_encoder(golden: Golden) -> Iterator[Match]:
    sizes = {name: golden.config[name] for name in TEXT_SIZES if name in golden.config}
    encoder = CLIPTextModel(CLIPTextConfig(**sizes)).eval()
    encoder.load_state_dict(golden.weights("text_model."))
    states = encoder(golden["in.input_ids"]).last_hidden_state
    yield relative(golden, "last_hidden_state", states, NETWORK)


def frameinit(golden: Golden) -> Iterator[Match]:
    for case, own in golden.config["cases"].items():
        given = f"in.{case.split('.')[0]}"
        mask = low_pass(_options(own["filter_type"], own), tuple(own["shape"][2:]))
        exact = Tolerance(0, 0) if own["filter_type"] in ("ideal", "box") else EXACT
        yield golden.match(f"{case}.filter", mask, exact)
        if f"out.{case}.mixed" in golden.names:
            low, high = golden[f"{given}.x"], golden[f"{given}.noise"]
            yield golden.match(f"{case}.mixed", mixed_bands(low, high, mask), NOISE)
    yield from _renoised(golden)


def _renoised(golden: Golden) -> Iterator[Match]:
    full, noise = golden.config["full"], golden["in.full.noise"]
    walk = Walk("ddim", 3, Noise(0))
    still = golden["in.full.first_frame_latent"][:, :, None].expand(noise.shape)
    mask = low_pass(_options(full["filter"]["method"], full["filter"]), tuple(noise.shape[2:]))
    for tau in full["taus"]:
        low = walk.noised(still, noise, tau)
        yield golden.match(f"full.tau{tau}.z_tau", low, NOISE)
        yield golden.match(f"full.tau{tau}.initial_noise", mixed_bands(low, noise, mask), NOISE)
    for table, changes in (("alphas_cumprod", {}), ("alphas_cumprod_zero_snr", {"rescale_betas_zero_snr": True})):
        yield golden.match(f"full.{table}", scheduler("ddim", **changes).alphas_cumprod, EXACT)


def _options(kind: Any, given: Mapping[str, Any]) -> FrameInitOptions:
    order = given.get("n") or FrameInitOptions.order
    quirks: dict[str, Any] = {"ideal_cutoff": "released", "box_reach": "released"}
    return FrameInitOptions(filter=kind, order=order, d_s=given["d_s"], d_t=given["d_t"], **quirks)


def correlated_noise(golden: Golden) -> Iterator[Match]:
    yield golden.match("vanilla", golden["in.vanilla.noise"], EXACT)
    for name in (name.removeprefix("out.") for name in golden.names if ".alpha" in name):
        kind, alpha = name.split(".alpha")
        if kind == "mixed":
            ours = mixed(golden["in.mixed.shared"], golden["in.mixed.independent"], float(alpha))
        else:
            ours = progressive(golden["in.progressive.first"], golden["in.progressive.independent"], float(alpha))
        yield golden.match(name, ours, EXACT)


def _block(seen: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """What a transformer's block was watched at, by the names of the golden files."""
    named = zip(BLOCK, ("attn1_query_tokens", "attn1_out", "attn2_out", "block_out"), strict=True)
    return {output: seen[module] for module, output in named}


def _present(golden: Golden, case: str, ours: Mapping[str, torch.Tensor]) -> Iterator[Match]:
    for output in (name for name in ours if f"out.{case}.{name}" in golden.names):
        yield relative(golden, f"{case}.{output}", ours[output], NETWORK)


def _sizes(config: Mapping[str, Any]) -> tuple[int, int, int, int]:
    names = ("in_channels", "num_attention_heads", "cross_attention_dim", "norm_num_groups")
    channels, heads, text, groups = (config[name] for name in names)
    return channels, heads, text, groups


def _filled(module: Any, golden: Golden) -> Any:
    module.load_state_dict(golden.weights())
    _as_released(module)
    return module.eval()


def _as_released(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, TemporalCrossAttention):
            module.equal_text = "turned"


@contextmanager
def watched(network: nn.Module, names: Any) -> Iterator[dict[str, torch.Tensor]]:
    """The results of modules by name, as (B F, ...): tokens (B, F, H, W, C) are (B F, H W, C)."""
    seen: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, given: Any, made: Any) -> None:
            result = made[0] if isinstance(made, tuple) else made
            seen[name] = result.flatten(0, 1).flatten(1, 2) if result.ndim == 5 else result

        return hook

    hooks = [network.get_submodule(name).register_forward_hook(keep(name)) for name in names]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
