"""Splatting, noise schedule, autoencoders and rasterised control of Motion-I2V against the reference implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from benchmarks.golden import Golden, Match, Tolerance
from v2v_studio.models.checkpoint import renamed
from v2v_studio.models.motion_i2v.splat import EPSILON, Splat, resized_flow
from v2v_studio.models.schedule import scheduler
from v2v_studio.models.vae import SCALE, autoencoder, decoded, posterior
from v2v_studio.motion.rasterise import LATENT, ControlPlanes, rasterise, resampled
from v2v_studio.types import MotionBrush, Trajectory

EXACT = Tolerance(1e-6, 1e-6)
SPLAT = Tolerance(1e-5, 1e-5)  # sums in another order
VAE = Tolerance(2e-5, 2e-6)  # float32 against float64 is 5e-6 here; a fifth of what the golden files allow

PLANES: dict[str, Callable[[ControlPlanes], Any]] = {  # an output of a case -> where it is in ours
    "drag01": lambda made: made.flow01.transpose(0, 2, 3, 1),
    "mask": lambda made: made.known.transpose(0, 2, 3, 1),
    "static_mask": lambda made: made.still[None, :, :, None],
    "mask_latres": lambda made: made.known_at_latents.swapaxes(0, 1),
    "sparse_flow_latres": lambda made: made.flow01[..., ::LATENT, ::LATENT].swapaxes(0, 1),
}
THINNED: dict[str, Callable[[ControlPlanes], Any]] = {  # `<output>_stride<n>`: every n-th pixel of it
    "drag01": lambda made: made.flow01.swapaxes(0, 1),
    "static_mask": lambda made: made.still,
}


def warp(golden: Golden) -> Iterator[Match]:
    image = golden["in.image"]
    splat = Splat(golden["in.flow"][:, None])
    moved = splat(image.flatten(2).transpose(1, 2))[:, 0].transpose(1, 2).reshape(image.shape)
    yield golden.match("avg", moved, SPLAT)
    yield golden.match("sum", moved * (splat.weight + EPSILON), SPLAT)
    flow = golden["in.flow_full"][None]
    for name in golden.names:
        if name.startswith("out.flow_level"):
            size = golden[name].shape[-2:]
            yield golden.match(name.removeprefix("out."), resized_flow(flow, (size[0], size[1]))[0], SPLAT)


def noise_schedule(golden: Golden) -> Iterator[Match]:
    own = scheduler("ddim")
    eps, x = golden["in.eps"], golden["in.x"]
    yield golden.match("alphas_cumprod", own.alphas_cumprod, EXACT)
    outputs = [name.removeprefix("out.") for name in golden.names if name.startswith("out.")]
    own.set_timesteps(_steps_of(outputs))
    for name in outputs:
        what, _, number = name.rpartition("_")
        if what == "timesteps":
            yield golden.match(name, _timesteps(int(number)), EXACT)
        elif what == "step":
            yield golden.match(name, own.step(eps, int(number[1:]), x).prev_sample, EXACT)
        elif what == "add_noise":
            yield golden.match(name, own.add_noise(x, eps, torch.tensor([int(number[1:])])), EXACT)


def _steps_of(outputs: list[str]) -> int:
    """How many steps the single ones were taken out of: the fewest whose times have them all."""
    counts = sorted(int(name.removeprefix("timesteps_")) for name in outputs if name.startswith("timesteps_"))
    times = {int(name.removeprefix("step_t")) for name in outputs if name.startswith("step_t")}
    return next(count for count in counts if times <= set(_timesteps(count).tolist()))


def _timesteps(count: int) -> torch.Tensor:
    own = scheduler("ddim")
    own.set_timesteps(count)
    return own.timesteps


def vae(golden: Golden) -> Iterator[Match]:
    arch = golden.config["arch"]
    own = autoencoder(arch["in_channels"], arch)
    own.load_state_dict(renamed(golden.weights()))
    pictures = golden["in.flow01" if "in.flow01" in golden.names else "in.image"]
    moments = posterior(own, pictures)
    yield golden.match("mean", moments.mean, VAE)
    yield golden.match("logvar", moments.logvar, VAE)
    yield golden.match("sample", moments.mean + moments.std * golden["in.eps"], VAE)
    yield golden.match("decoded", torch.stack(list(decoded(own, golden["in.latent_scaled"] / SCALE))), VAE)


def control(golden: Golden) -> Iterator[Match]:
    for case, own in golden.config["cases"].items():
        given = {**golden.config, **own}
        outputs = [name.rpartition(".")[2] for name in golden.names if name.startswith(f"out.{case}.")]
        if "flow_unit" not in given:  # a path alone, resampled to so many points
            for what in outputs:
                path = resampled(_trajectory(given["points"]), int(what.removeprefix("n")))
                yield golden.match(f"{case}.{what}", torch.from_numpy(path), EXACT)
            continue
        painted = golden[f"in.{case}.brush_painted"].float() / 255
        brush = MotionBrush(painted.numpy()) if given["brush"] else None
        size = (given["height"], given["width"])
        made = rasterise(
            list(map(_trajectory, given["points"])), brush, size, given["flow_unit"], given["model_length"]
        )
        for what in outputs:
            whole, _, stride = what.partition("_stride")
            planes = THINNED[whole](made)[..., :: int(stride), :: int(stride)] if stride else PLANES[what](made)
            yield golden.match(f"{case}.{what}", torch.from_numpy(np.ascontiguousarray(planes)), EXACT)


def _trajectory(points: list[list[float]]) -> Trajectory:
    return Trajectory(tuple((x, y) for x, y in points))
