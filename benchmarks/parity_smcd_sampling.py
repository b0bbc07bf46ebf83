"""SMCD's sampling against the released code's: the noise it drew is fed in, in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.golden import Golden, Match, Tolerance
from benchmarks.parity_sampling import Recorded
from benchmarks.parity_smcd import filled, unet
from v2v_studio.models.checkpoint import part
from v2v_studio.models.sampling import Step
from v2v_studio.models.smcd.base import widened
from v2v_studio.models.smcd.denoiser import Denoiser, beside
from v2v_studio.models.smcd.guidance import Branch, Guidance
from v2v_studio.models.smcd.places import normalised, padded
from v2v_studio.models.smcd.position_net import PositionNet
from v2v_studio.models.smcd.release import LDM, vae_arch
from v2v_studio.models.smcd.sample import SMCD, slotted
from v2v_studio.models.smcd.schedule import ReleasedWalk, alphas_cumprod, betas, posterior_variance
from v2v_studio.models.smcd.visual_encoder import VisualEncoder
from v2v_studio.models.vae import autoencoder, decoded, posterior
from v2v_studio.motion.boxes import corners

EXACT = Tolerance(0, 0)
EVERY = re.compile(r"\(i\+j\)%(\d+)==0")  # of source frame and object: where one is missing
BOXES = Tolerance(1e-6, 1e-6)
NOISED = Tolerance(1e-6, 1e-6)
VAE = Tolerance(2e-5, 4e-6)
CONVOLVED = Tolerance(5e-6, 1e-6)
CLAMPED = Tolerance(5e-4, 1e-5)
TOKENS = Tolerance(1e-5, 2e-6)
VIDEO = Tolerance(1e-3, 1e-4)


def table(golden: Golden, name: str, ours: torch.Tensor) -> Match:
    """A table in float64: to 1e-12 of its largest value."""
    allowed = 1e-12 * float(golden[f"out.{name}"].abs().max())
    return golden.match(name, ours, Tolerance(allowed, allowed))


def latents(golden: Golden, name: str, ours: torch.Tensor) -> Match:
    """To 1e-4 of the largest value, as the golden files ask: a step divides by as little as 0.07."""
    scale = float(golden[f"out.{name}"].abs().max())
    return golden.match(name, ours, Tolerance(1e-4 * scale, 1e-5 * scale))


def box_preprocess(golden: Golden) -> Iterator[Match]:
    """Boxes of the two data sets, of the demo and in a batch: as shares of the picture, with those that are missing."""
    size = golden.config["image_width"], golden.config["image_height"]
    at = golden["in.got10k.frame_index"].numpy()
    one = corners(golden["in.got10k.xywh_pixels"].numpy()[at])[:, None]
    there = np.ones(one.shape[:2], bool)
    shares = normalised(one, there, size)
    yield golden.match("got10k.xyxy", torch.from_numpy(shares[:, 0]), BOXES)
    objects, every = len(golden["out.ytvis.masks_obj_frame"]), EVERY.search(golden.config["ytvis_missing_rule"])
    both, missing = one.repeat(objects, axis=1), (at[:, None] + np.arange(objects)) % int(every[1]) == 0
    found = normalised(both, ~missing, size).swapaxes(0, 1)
    yield golden.match("ytvis.boxes_obj_frame", torch.from_numpy(np.ascontiguousarray(found)), BOXES)
    yield golden.match("ytvis.masks_obj_frame", torch.from_numpy(~missing.T), BOXES)
    yield golden.match("ytvis.embed_is_zero", torch.from_numpy(missing.T), BOXES)  # by the mask, in the position net
    slots, present = padded(shares, there, golden.config["max_num_obj"])
    yield golden.match("collate.boxes", torch.from_numpy(slots)[None], BOXES)
    yield golden.match("collate.masks", torch.from_numpy(present)[None], BOXES)
    phrases = slotted(golden["in.collate.text_embeddings"], torch.from_numpy(present))
    yield golden.match("collate.text_embeddings", phrases[None], BOXES)
    drawn = golden["in.customize.xyxy_pixels"].numpy()[:, None]
    demo = normalised(drawn, np.ones(drawn.shape[:2], bool), size)
    yield golden.match("customize.boxes", torch.from_numpy(demo)[None], BOXES)


def diffusion_schedule(golden: Golden) -> Iterator[Match]:
    yield table(golden, "betas", betas())
    yield table(golden, "alphas_cumprod", alphas_cumprod())
    yield table(golden, "posterior_variance", posterior_variance())
    for name in (name for name in golden.names if name.startswith("out.timesteps_")):
        times = ReleasedWalk(int(name.rpartition("_")[2])).times
        yield golden.match(name.removeprefix("out."), torch.tensor(times), EXACT)
    each = zip(golden["in.x0"], golden["in.noise"], golden["in.t"].tolist(), strict=True)
    yield golden.match("x_t", torch.stack([ReleasedWalk(50).noised(*one) for one in each]), NOISED)


@torch.inference_mode()
def zero_conv_image_path(golden: Golden) -> Iterator[Match]:
    pretrained, weights = golden["in.pretrained_weight4"].float(), golden.weights()
    bias, weight = sorted(weights.values(), key=torch.Tensor.dim)
    wide = widened("input_blocks.0.0.weight", pretrained, weight.shape)
    yield golden.match("padded_weight8", wide, EXACT)
    joined = beside(golden["in.x"], golden["in.first_latent"])
    yield golden.match("concat", joined, EXACT)
    yield golden.match("conv", F.conv2d(joined.transpose(1, 2).flatten(0, 1), weight, bias, padding=1), CONVOLVED)


@torch.inference_mode()
def vae(golden: Golden) -> Iterator[Match]:
    own = _vae(golden)
    normal = posterior(own, golden["in.image"])
    yield golden.match("mean", normal.mean, VAE)
    yield golden.match("logvar", normal.logvar, VAE)
    yield golden.match("decoded", torch.stack(list(decoded(own, golden["in.z"]))), VAE)


def _vae(golden: Golden, prefix: str = "") -> Any:
    state = {f"{LDM}{name}": tensor for name, tensor in golden.weights(prefix).items()}
    arch = vae_arch(state, str(golden.path))
    own = autoencoder(3, arch)
    own.load_state_dict(part(state, "vae", own.config))
    return own


@torch.inference_mode()
def sampling_loop(golden: Golden) -> Iterator[Match]:
    net, config = unet(golden, golden.config["unet"]), golden.config
    prompted = _branch(golden, net)
    for count in config["visited_timesteps"]:
        walk = ReleasedWalk(int(count))
        for index, step in enumerate(_walked(golden, net, prompted, walk, Guidance(config["guide_scale"]))):
            yield latents(golden, f"ddim{count}.step{index}.x_prev", step.latents)
            yield latents(golden, f"ddim{count}.step{index}.x0", step.clean)
        yield latents(golden, f"ddim{count}.final", step.latents)
    yield from _single_steps(golden, net, prompted)


def _single_steps(golden: Golden, net: Any, prompted: Branch) -> Iterator[Match]:
    """One step with each of what the release's evaluation can add."""
    single, scale, time = golden.config["single"], golden.config["guide_scale"], golden.config["single"]["t"]
    steps = single["ddim_timesteps"]
    cases = {
        "": (Guidance(scale), None),
        "_img{:g}": (Guidance(scale, image_free=single["img_free_guidance"]), None),
        "_ti{:g}": (Guidance(scale, text_image_free=single["ti_free_guidance"]), None),
        "_clamp{:g}": (Guidance(scale), single["clamp"]),
    }
    values = (0, single["img_free_guidance"], single["ti_free_guidance"], single["clamp"])
    for (suffix, (guide, clamp)), value in zip(cases.items(), values, strict=True):
        walk, name = ReleasedWalk(steps, clamp), f"single_t{time}{suffix.format(value)}"
        denoiser = _denoiser(golden, net, prompted, guide)
        step = walk.step(guide(denoiser(golden["in.noise"], time)), time, golden["in.noise"])
        yield latents(golden, f"{name}.x_prev", step.latents)
        yield golden.match(f"{name}.x0", step.clean, CLAMPED) if clamp else latents(golden, f"{name}.x0", step.clean)


def _branch(golden: Golden, net: Any) -> Branch:
    names = ("y_cond", "first_latent", "grounding_context", "visual_feat")
    return Branch(*(golden[f"in.{name}"] for name in names), masks=None)


def _denoiser(golden: Golden, net: Any, prompted: Branch, guide: Guidance) -> Denoiser:
    null = golden["in.y_null"].expand_as(prompted.text)
    return Denoiser(net, guide.branches(prompted, null, lambda: prompted))


def _walked(golden: Golden, net: Any, prompted: Branch, walk: ReleasedWalk, guide: Guidance) -> Iterator[Step]:
    denoiser, sample = _denoiser(golden, net, prompted, guide), golden["in.noise"]
    for time in walk.times:
        step = walk.step(guide(denoiser(sample, time)), time, sample)
        sample = step.latents
        yield step


class Known:
    """States of texts that were read before."""

    def __init__(self, states: dict[str, torch.Tensor], ends: dict[str, torch.Tensor]) -> None:
        self._states, self.end = states, ends.__getitem__

    def read(self, *texts: str) -> None:
        pass

    def __call__(self, text: str) -> torch.Tensor:
        return self._states[text]


@torch.inference_mode()
def pipeline_e2e(golden: Golden) -> Iterator[Match]:
    """From boxes, embeddings, a picture and the text's states to video, each entry of the batch by itself."""
    made = [_entry(golden, entry) for entry in range(golden.config["batch"])]
    yield golden.match("first_latent", torch.cat([one["first_latent"] for one in made]), VAE)
    yield golden.match("position_tokens", torch.cat([one["position_tokens"] for one in made]), TOKENS)
    yield golden.match("visual_features", torch.cat([one["visual_features"] for one in made]), TOKENS)
    for index in range(len(golden.config["visited_timesteps"])):
        yield latents(golden, f"step{index}.x_prev", torch.cat([one["steps"][index] for one in made]))
    yield golden.match("video", torch.stack([one["video"] for one in made]), VIDEO)


def _entry(golden: Golden, entry: int) -> dict[str, Any]:
    """All that one entry of the batch gives on its way."""

    def given(name: str) -> torch.Tensor:
        own = golden[f"in.{name}"]
        return own[entry : entry + 1] if len(own) > 1 else own

    names = [str(index) for index in range(given("boxes").shape[2])]
    embeddings = dict(zip(names, given("text_embeddings")[0].unbind(1), strict=True))
    texts = Known({"prompt": given("y_cond"), "null": given("y_null")}, embeddings)
    noise = Recorded(given("noise"), given("vae_eps_discarded"), given("vae_eps"))
    model, seen = _model(golden, texts, noise), {"steps": []}
    model.position_net.register_forward_hook(lambda _, __, tokens: seen.update(position_tokens=tokens))
    model.visual_encoder.register_forward_hook(
        lambda _, inputs, features: seen.update(first_latent=inputs[0], visual_features=features)
    )
    made = model.frames(
        (given("first_frame")[0] + 1) / 2,
        "prompt",
        "null",
        given("boxes")[0],
        given("masks")[0],
        names,
        steps=golden.config["num_inference_steps"],
        guidance=golden.config["guide_scale"],
        on_step=lambda done, steps, step: seen["steps"].append(step.latents),
    )
    return {**seen, "video": torch.from_numpy(made.frames).transpose(0, 1)}


def _model(golden: Golden, texts: Any, noise: Recorded) -> SMCD:
    config = golden.config
    encoder = config["visual_encoder"]
    return SMCD(
        unet(golden, config["unet"], "unet."),
        filled(PositionNet(*config["position_net"]), golden, "position_net."),
        filled(VisualEncoder(tuple(encoder["channels"]), encoder["nums_rb"]), golden, "visual_encoder."),
        None,
        _vae(golden, "vae."),
        texts,
        lambda seed: noise,
    )
