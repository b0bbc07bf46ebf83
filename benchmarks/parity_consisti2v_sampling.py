"""ConsistI2V's sampling, from end to end, against the released code's: the noise it drew is fed in, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import torch

from benchmarks.golden import Golden, Match
from benchmarks.parity_consisti2v import EXACT, network, relative
from benchmarks.parity_sampling import PROMPTS, Recorded, Watched
from v2v_studio.models.consisti2v.frame_init import FrameInitOptions
from v2v_studio.models.consisti2v.sample import ConsistI2V
from v2v_studio.models.sampling import Noise, Walk
from v2v_studio.models.schedule import scheduler
from v2v_studio.models.vae import SHRINK

STEPS = 5e-5  # of the largest value of an output: a quarter of what the golden files ask; the floor is 3e-6


class Untouched:
    """In an autoencoder's place: latents are never made pictures."""

    dtype = torch.float32

    def decode(self, latents: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(sample=latents)


def sampling_loop(golden: Golden) -> Iterator[Match]:
    config = golden.config
    for name, run in config["runs"].items():
        if isinstance(run, str):  # what the release refuses
            continue
        watched = Watched()
        model = _model(golden, golden, config[f"scheduler_{run['scheduler']}"], golden["in.initial_noise"])
        tau = run["frameinit_noise_level"] if run["use_frameinit"] else None
        made = model.frames(
            **_given(golden),
            frames=golden["in.initial_noise"].shape[2],
            first=golden["in.first_frame_latent"][0],
            stride=run["frame_stride"],
            steps=run["num_inference_steps"],
            guidance_text=run["guidance_scale_txt"],
            guidance_image=run["guidance_scale_img"],
            rescale=run["guidance_rescale"],
            frame_init=_frame_init(config["filter"], tau),
            noise="vanilla",
            on_step=watched,
        )
        times = Walk("ddim", run["num_inference_steps"], Noise(0), make=model.schedule).times
        yield golden.match(f"{name}.timesteps", torch.tensor(times), EXACT)
        yield relative(golden, f"{name}.steps", torch.stack(watched.latents), STEPS)
        yield relative(golden, f"{name}.video_latents", _video(made.latents), STEPS)


def autoregressive(golden: Golden) -> Iterator[Match]:
    """Windows that each begin with the last frame of the one before."""
    config = golden.config
    base = golden.beside("sampling_loop.safetensors")
    drawn = [
        golden[f"in.chunk{chunk}.{part}"]
        for chunk in range(config["autoregress_steps"])
        for part in ("noise", "first", "shared", "independent")  # as each kind draws them
        if f"in.chunk{chunk}.{part}" in golden.names
    ]
    model = _model(base, golden, base.config["scheduler_default"], *drawn)
    kind, alpha = config["noise"].removeprefix("pyoco_").split(" alpha ")
    first, latents = golden["in.first_frame_latent"][0].numpy(), []
    for chunk in range(config["autoregress_steps"]):
        made = model.frames(
            **_given(golden),
            frames=config["frames_per_chunk"],
            first=first,
            stride=config["frame_stride"],
            steps=config["num_inference_steps"],
            guidance_text=config["guidance_scale_txt"],
            guidance_image=config["guidance_scale_img"],
            frame_init=_frame_init(config["frameinit"], config["frameinit"]["tau"]),
            noise=kind,
            noise_alpha=float(alpha),
        )
        latents.append(_video(made.latents)[:, :, min(chunk, 1) :])
        first = made.latents[-1]
    yield relative(golden, "video_latents", torch.cat(latents, dim=2), STEPS)


def _model(weights: Golden, golden: Golden, schedule: Mapping[str, Any], *drawn: torch.Tensor) -> ConsistI2V:
    texts = dict(zip(PROMPTS, (golden["in.text_cond"], golden["in.text_uncond"]), strict=True)).__getitem__
    noise = Recorded(*drawn)
    unet = network(weights, weights.config["unet"])
    return ConsistI2V(unet, Untouched(), texts, lambda seed: noise, partial(scheduler, **schedule))


def _given(golden: Golden) -> dict[str, Any]:
    """Prompts, and a picture of which only the size matters."""
    height, width = (SHRINK * side for side in golden["in.first_frame_latent"].shape[2:])
    return {"image": torch.zeros(3, height, width), "prompt": PROMPTS[0], "negative_prompt": PROMPTS[1]}


def _frame_init(given: Mapping[str, Any], noise_level: int | None) -> FrameInitOptions | None:
    if noise_level is None:
        return None
    order = given.get("n") or FrameInitOptions.order
    quirks: dict[str, Any] = {"ideal_cutoff": "released", "box_reach": "released"}
    return FrameInitOptions(noise_level, given["method"], order, given["d_s"], given["d_t"], **quirks)


def _video(latents: Any) -> torch.Tensor:
    """(F, 4, h, w) -> (1, 4, F, h, w)."""
    return torch.from_numpy(latents).transpose(0, 1)[None]
