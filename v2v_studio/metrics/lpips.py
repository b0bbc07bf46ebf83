"""Learned perceptual distance of two frames (Zhang et al. 2018): AlexNet's features, weighted as people judged."""

from __future__ import annotations

from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from v2v_studio.errors import UsageError
from v2v_studio.metrics.base import Meter, PerFrame
from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.models import weights
from v2v_studio.models.load import filled, state
from v2v_studio.types import Array

ALEXNET = "alexnet"
LAYERS = (1, 4, 7, 9, 11)  # AlexNet's five rectified layers
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of colours in [-1, 1], as the weights were learnt
TINY = 1e-8
SMALLEST = 31  # pixels of a side, so that one is left for the last of them


class Lpips(PerFrame):
    """Learned perceptual image patch similarity (AlexNet, version 0.1), mean over frames: 0 for equal frames."""

    source, models = "Zhang et al. 2018, Eq. 1; AlexNet by torchvision, its linear layers by torchmetrics", (ALEXNET,)

    def open(self, clip: Clip) -> Meter:
        if min(clip.size) < SMALLEST:
            raise UsageError(
                f"metric 'lpips' needs frames of {SMALLEST}x{SMALLEST} or more, and these are {clip.size[0]}x{clip.size[1]}"
            )
        return super().open(clip)

    def frame(self, pair: Pair) -> float:
        return lpips(pair.frame, pair.held_against)


def lpips(one: Array, other: Array) -> float:
    """The distance of two (3, H, W) frames in [0, 1], each side at least SMALLEST.

    sum over layers of the mean over places of w . (a - b)^2, a and b being the layer's features at a place, of length 1.

    Raises:
        MissingError: AlexNet's weights are not on this machine.
    """
    import torch

    from v2v_studio.models.device import fed

    network, heads = _networks(weights.locate(ALEXNET))
    with torch.inference_mode():
        a, b = (_features(network, fed(network, picture) * 2 - 1) for picture in (one, other))
        return float(sum((head * (x - y) ** 2).sum(1).mean() for head, x, y in zip(heads, a, b, strict=True)))


def _features(network: Any, picture: Any) -> list[Any]:
    """Of each of LAYERS, features (1, C, h, w) of length 1 at every place."""
    import torch

    shift, scale = (torch.tensor(by, device=picture.device)[None, :, None, None] for by in (SHIFT, SCALE))
    x = (picture - shift) / scale
    found = []
    for place, layer in enumerate(network.features[: LAYERS[-1] + 1]):
        x = layer(x)
        if place in LAYERS:
            found.append(x / torch.sqrt(TINY + (x**2).sum(1, keepdim=True)))
    return found


@lru_cache(1)
def _networks(path: Path) -> Any:
    """AlexNet, and a weight (1, C, 1, 1) for each of LAYERS, which torchmetrics brings along."""
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from torchvision.models import alexnet

    from v2v_studio.models.device import placed

    network = placed(filled(partial(alexnet, weights=None), path, "AlexNet", "put torchvision's own file there"))
    package = find_spec("torchmetrics")
    assert package and package.origin
    learnt = state(Path(package.origin).parent / "functional" / "image" / "lpips_models" / "alex.pth")
    device = network.features[0].weight.device
    return network, [learnt[f"lin{place}.model.1.weight"].to(device) for place in range(len(LAYERS))]
