"""The loop that every recipe is trained by, over accelerate: on a CPU, a GPU, or several of them.

A run is a folder: run.json says what it is, log.jsonl how it goes, checkpoints/ where it stands, and at its end the networks
lie beside them as a converted release has them. The same call again goes on from the newest checkpoint, and on a CPU it
gives bit for bit what an uninterrupted run gives: every step draws from its own seed, and the stream of samples goes on
where it stood.
"""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import gather_object
from diffusers.training_utils import EMAModel
from torch import nn

from v2v_studio.errors import StudioError, UsageError
from v2v_studio.models.held import within_memory
from v2v_studio.models.release import silence
from v2v_studio.project.atomic import read_json, write_json
from v2v_studio.training.ahead import ahead
from v2v_studio.training.checkpoint import Checkpoint, newest, write
from v2v_studio.training.draw import generator
from v2v_studio.training.log import Log
from v2v_studio.training.recipe import Batch, Loss, Recipe
from v2v_studio.training.recipes import Config
from v2v_studio.training.sample import Open

SCHEMA = "v2v.training/1"
RECORD = "run.json"
CHECKPOINTS = "checkpoints"
SMALLER = "train with -p batch=1 and more -p accumulation, with -p gradient_checkpointing=true, or at a smaller size"
PRECISIONS = {"float32": "no", "float16": "fp16", "bfloat16": "bf16"}  # as accelerate calls them

OnStep = Callable[[int, int], None]  # steps done, steps in all; what it raises ends the run


@dataclass(frozen=True)
class Run:
    """What is to be trained, and for how long.

    Attributes:
        name: of the recipe.
        recipe: with its options.
        config: size of the networks.
        out: the run's folder.
        steps: in all, those done before among them.
        seed: of the weights that are drawn, of noise and of what is left out.
        save_every: steps between checkpoints.
        device: "auto" is a GPU where there is one, or "cpu".
        noises: after how many steps the same noise comes again; 0: never. To see whether a recipe can learn at all.
    """

    name: str
    recipe: Recipe
    config: Config
    out: Path
    steps: int
    seed: int = 0
    save_every: int = 500
    device: str = "auto"
    noises: int = 0

    def about(self) -> dict[str, Any]:
        """All that has to be the same for a run to go on."""
        params = self.recipe.params.model_dump()
        return {"schema": SCHEMA, "recipe": self.name, "config": self.config, "seed": self.seed, "params": params}


class Objective(nn.Module):
    """A recipe's loss as one network over all of its networks.

    It is the whole that accelerate wraps, so no network is ever run past the wrapper: gradients are always averaged over
    the processes. The release wrapped the ControlNet alone and called it through the UNet, and they were not.
    """

    def __init__(self, recipe: Recipe, networks: nn.ModuleDict) -> None:
        super().__init__()
        self.recipe, self.networks = recipe, networks

    def forward(self, batch: Batch, draw: torch.Generator) -> Loss:
        return self.recipe.loss(self.networks, batch, draw)


def train(run: Run, open_stream: Open, on_step: OnStep = lambda done, total: None) -> dict[str, float]:
    """Train until `run.steps` steps are done.

    Args:
        open_stream: the samples of a process.
        on_step: hears of every step, in the first process.

    Returns:
        What the log says of the last step.

    Raises:
        UsageError: the folder holds another run; there are no samples.
        MissingError: weights are not on this machine.
        MediaError: a sample lacks what the recipe needs.
        ResourceError: out of memory.
        StudioError: the loss is not a finite number any more.
    """
    with within_memory(SMALLER):
        return _Trainer(run, _accelerator(run)).run(open_stream, on_step)


def trained_parts(recipe: Recipe, networks: nn.ModuleDict) -> dict[str, nn.Parameter]:
    """The weights that are trained, by name; after it all others are frozen.

    Raises:
        ValueError: the recipe names a weight that is not there.
    """
    networks.requires_grad_(False).eval()
    parameters = dict(networks.named_parameters())
    names = recipe.trainable(networks)
    if strangers := [name for name in names if name not in parameters]:
        raise ValueError(f"there are no weights {', '.join(strangers)} to train")
    for name in names:
        parameters[name].requires_grad_(True)
    for name in {name.partition(".")[0] for name in names}:
        networks[name].train()
    return {name: parameters[name] for name in names}


class _Trainer:
    """A run in this process."""

    def __init__(self, run: Run, accelerator: Accelerator) -> None:
        self._run, self._accelerator, self._params = run, accelerator, run.recipe.params
        self._networks = run.recipe.networks(run.config, run.seed)
        if accelerator.is_main_process:
            _claim(run)
        self._trained = trained_parts(run.recipe, self._networks)
        if self._params.gradient_checkpointing:
            for network in self._networks.values():
                if getattr(network, "_supports_gradient_checkpointing", False):
                    network.enable_gradient_checkpointing()  # type: ignore[operator]
        optimizer = torch.optim.AdamW(
            self._trained.values(),
            lr=self._params.learning_rate,
            weight_decay=self._params.weight_decay,
            fused=True,  # one pass over all weights
        )
        self._objective, self._optimizer = accelerator.prepare(Objective(run.recipe, self._networks), optimizer)
        self._ema = EMAModel(self._trained.values(), decay=self._params.ema) if self._params.ema else None
        self._step = 0

    def run(self, open_stream: Open, on_step: OnStep) -> dict[str, float]:
        run, here = self._run, self._accelerator
        stream = open_stream(here.process_index, here.num_processes)
        if found := newest(run.out / CHECKPOINTS):
            self._resume(found, stream)
        log = Log(run.out, self._step) if here.is_main_process else None
        tell = on_step if here.is_main_process else lambda done, total: None
        batches = ahead(stream, self._params.batch)
        values: dict[str, float] = {}
        try:
            tell(self._step, run.steps)
            while self._step < run.steps:
                begun = time.monotonic()
                values, state = self._one(batches)
                values["seconds"] = time.monotonic() - begun
                if log:
                    log.write(self._step, values)
                if self._step % run.save_every == 0 or self._step == run.steps:
                    self._save(state)
                tell(self._step, run.steps)
        finally:
            batches.close()
            if log:
                log.close()
        self._finish()
        return values

    def _one(self, batches: Iterator[Any]) -> tuple[dict[str, float], Any]:
        """One step of the optimizer: what to log of it, and where the stream stands after it."""
        run, here, params = self._run, self._accelerator, self._params
        sums: dict[str, torch.Tensor] = {}
        for part in range(params.accumulation):
            samples, state = next(batches)
            draw = generator(run.seed, self._step % run.noises if run.noises else self._step, part, here.process_index)
            torch.manual_seed(draw.initial_seed())  # should a network draw by itself
            with torch.no_grad():
                batch = run.recipe.batch(self._networks, samples, draw)
            last = part == params.accumulation - 1
            with nullcontext() if last else here.no_sync(self._objective):
                loss = self._objective(batch, draw)
                here.backward(loss.total / params.accumulation)
            for name, value in {"loss": loss.total, **loss.parts}.items():
                sums[name] = sums.get(name, 0) + value.detach() / params.accumulation
        values = {name: float(here.reduce(value, "mean")) for name, value in sums.items()}
        self._check(values["loss"])
        rate = params.learning_rate * min(1.0, (self._step + 1) / max(1, params.warmup))
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        length = here.clip_grad_norm_(self._trained.values(), params.clip)
        self._optimizer.step()
        self._optimizer.zero_grad()
        if self._ema:
            self._ema.step(self._trained.values())
        self._step += 1
        return {**values, "gradient": float(length), "learning_rate": rate}, state

    def _check(self, loss: float) -> None:
        if loss != loss or loss in (float("inf"), float("-inf")):
            raise StudioError(
                f"the loss is {loss} at step {self._step + 1} of {self._run.name}; go on from the last checkpoint with a "
                "lower learning_rate in a new folder, or with precision=float32"
            )

    def _save(self, state: Any) -> None:
        """A checkpoint. Weights, averages and the optimizer's state are the same in every process, streams are not."""
        streams = gather_object([dict(state)])
        if not self._accelerator.is_main_process:
            return
        moments = {
            f"{name}/{key}": value
            for name, parameter in self._trained.items()
            for key, value in self._optimizer.state[parameter].items()
        }
        tensors = {"weights": dict(self._trained), "optimizer": moments}
        facts: dict[str, Any] = {"streams": streams}
        if self._ema:
            tensors["ema"] = dict(zip(self._trained, self._ema.shadow_params, strict=True))
            facts["ema_steps"] = self._ema.optimization_step
        if self._accelerator.scaler is not None:
            facts["scaler"] = self._accelerator.scaler.state_dict()
        write(self._run.out / CHECKPOINTS, Checkpoint(self._step, facts, tensors))

    def _resume(self, found: Checkpoint, stream: Any) -> None:
        streams, here = found.facts["streams"], self._accelerator
        if len(streams) != here.num_processes:
            raise UsageError(
                f"the run in {self._run.out} is of {len(streams)} processes, not {here.num_processes}; go on with as many"
            )
        stream.resume(streams[here.process_index])
        with torch.no_grad():
            for name, parameter in self._trained.items():
                parameter.copy_(found.tensors["weights"][name])
        places = {name: place for place, name in enumerate(self._trained)}
        state: dict[int, dict[str, torch.Tensor]] = {place: {} for place in places.values()}
        for key, value in found.tensors["optimizer"].items():
            name, _, moment = key.rpartition("/")
            state[places[name]][moment] = value
        self._optimizer.load_state_dict({**self._optimizer.state_dict(), "state": state})
        if self._ema:
            self._ema.shadow_params = [found.tensors["ema"][name].to(here.device) for name in self._trained]
            self._ema.optimization_step = found.facts["ema_steps"]
        if here.scaler is not None:
            here.scaler.load_state_dict(found.facts["scaler"])
        self._step = found.step

    def _finish(self) -> None:
        """Write the networks, with the averaged weights where there are any."""
        if self._ema:
            self._ema.copy_to(self._trained.values())
        if self._accelerator.is_main_process:
            silence()
            self._run.recipe.export(self._networks, self._run.out)
        self._accelerator.wait_for_everyone()


def _accelerator(run: Run) -> Accelerator:
    on_cpu = run.device == "cpu" or not torch.cuda.is_available()
    precision = run.recipe.params.precision
    if precision == "auto":
        precision = "float32" if on_cpu else "bfloat16"
    if on_cpu and precision == "float16":
        raise UsageError("float16 does not work on a CPU; use precision=bfloat16 or precision=float32")
    AcceleratorState._reset_state(reset_partial_state=True)  # of another run in this process
    return Accelerator(mixed_precision=PRECISIONS[precision], cpu=on_cpu)


def _claim(run: Run) -> None:
    """Say in the folder what it is the run of.

    Raises:
        UsageError: it is the folder of another.
    """
    path, about = run.out / RECORD, run.about()
    if not path.exists():
        run.out.mkdir(parents=True, exist_ok=True)
        write_json(path, about)
        return
    was = read_json(path)
    for name, now in {**about, **about["params"]}.items():
        before = {**was, **was.get("params", {})}.get(name)
        if name != "params" and before != now:
            raise UsageError(
                f"{run.out} is a run with {name} {before!r}, not {now!r}; give what it was begun with, or another --out"
            )
