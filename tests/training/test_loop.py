"""The loop: what a step is, runs that are killed and go on, several processes, errors a user can act on."""

import multiprocessing
import os
import signal
import socket

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tests.training.squares import clip  # noqa: E402
from v2v_studio.errors import StudioError, UsageError  # noqa: E402
from v2v_studio.training.checkpoint import newest  # noqa: E402
from v2v_studio.training.draw import generator, normal  # noqa: E402
from v2v_studio.training.log import entries  # noqa: E402
from v2v_studio.training.loop import CHECKPOINTS, Run, train, trained_parts  # noqa: E402
from v2v_studio.training.recipe import Loss, Recipe, TrainingParams, recipe  # noqa: E402
from v2v_studio.training.sample import Cycle  # noqa: E402

pytestmark = pytest.mark.slow
forks = pytest.mark.skipif(torch.cuda.is_available(), reason="a process that has used a GPU cannot be forked")


class LineParams(TrainingParams):
    height: int = 16
    width: int = 16
    batch: int = 2
    learning_rate: float = 0.1
    weight_decay: float = 0.0
    clip: float = 1e9


class Line(Recipe):
    """A line through the brightness of clips, beside one that stays: small enough to work out by hand."""

    Params = LineParams
    parts = {}  # noqa: RUF012

    def networks(self, config, seed):
        made = nn.ModuleDict({"line": nn.Linear(1, 1), "still": nn.Linear(1, 1)})
        for parameter in made.parameters():
            nn.init.constant_(parameter, 0.5)
        return made

    def trainable(self, networks):
        return ["line.weight", "line.bias"]

    def batch(self, networks, samples, draw):
        bright = torch.tensor([[float(sample.frames.mean())] for sample in samples])
        return {"bright": bright + 0.1 * normal(draw, *bright.shape)}

    def loss(self, networks, batch, draw):
        error = (networks["line"](batch["bright"]) + networks["still"](batch["bright"])).square().mean()
        return Loss(error, {"error": error})


class Stop(Exception):
    pass


@pytest.fixture(scope="module")
def clips():
    return [clip(number, frames=2, size=(16, 20)) for number in range(5)]


def run_of(out, steps, save_every=1, **params):
    return Run("line", Line(LineParams(**params)), "toy", out, steps, seed=3, save_every=save_every, device="cpu")


def stopped_at(step):
    def stop(done, total):
        if done == step:
            raise Stop

    return stop


def logged(folder):
    return [{name: value for name, value in line.items() if name != "seconds"} for line in entries(folder)]


def files(folder):
    """The bytes of the newest checkpoint."""
    place = max((folder / CHECKPOINTS).glob("step-*"))
    return {path.name: path.read_bytes() for path in place.iterdir()}


def test_a_step_is_adam_along_the_mean_gradient_of_its_batches(clips, tmp_path):
    params = {"batch": 2, "accumulation": 2, "warmup": 4, "weight_decay": 0.1}
    train(run_of(tmp_path, 2, **params), lambda process, processes: Cycle(clips), lambda done, total: None)
    line, stream = Line(LineParams(**params)), iter(Cycle(clips))
    networks = line.networks("toy", 3)
    trained = trained_parts(line, networks)
    optimizer = torch.optim.AdamW(trained.values(), lr=0.1, weight_decay=0.1)
    for step in range(2):
        losses = []
        for part in range(2):
            draw = generator(3, step, part, 0)
            batch = line.batch(networks, [next(stream), next(stream)], draw)
            losses.append(line.loss(networks, batch, draw).total)
        optimizer.zero_grad()
        (sum(losses) / 2).backward()
        optimizer.param_groups[0]["lr"] = 0.1 * (step + 1) / 4
        optimizer.step()
        assert logged(tmp_path)[step]["loss"] == pytest.approx(float(sum(losses).detach() / 2), rel=1e-6)
    weights = newest(tmp_path / CHECKPOINTS).tensors["weights"]
    assert weights.keys() == trained.keys()
    for name, value in trained.items():
        torch.testing.assert_close(weights[name], value.detach())


def test_gradients_are_shortened_to_the_clip(clips, tmp_path):
    long = train(run_of(tmp_path / "long", 1), lambda *_: Cycle(clips))["gradient"]
    train(run_of(tmp_path / "short", 1, clip=long / 4), lambda *_: Cycle(clips))
    moments = [newest(tmp_path / name / CHECKPOINTS).tensors["optimizer"] for name in ("long", "short")]
    for name in ("line.weight/exp_avg", "line.bias/exp_avg"):
        torch.testing.assert_close(moments[1][name], moments[0][name] / 4, rtol=1e-4, atol=0)


@pytest.mark.parametrize("stop", [1, 3, 4])
def test_a_run_that_was_stopped_goes_on_bit_for_bit(clips, tmp_path, stop):
    """Stopped between checkpoints too: with an average of the weights, parts of a batch, a warm-up and an odd stream."""
    params = {"ema": 0.9, "accumulation": 2, "warmup": 3, "batch": 3}
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(run_of(whole, 6, 2, **params), lambda *_: Cycle(clips))
    with pytest.raises(Stop):
        train(run_of(broken, 6, 2, **params), lambda *_: Cycle(clips), stopped_at(stop))
    train(run_of(broken, 6, 2, **params), lambda *_: Cycle(clips))
    assert files(broken) == files(whole)
    assert logged(broken) == logged(whole)


def test_a_longer_run_goes_on_from_a_shorter_one(clips, tmp_path):
    train(run_of(tmp_path / "whole", 4), lambda *_: Cycle(clips))
    for steps in (2, 4):
        train(run_of(tmp_path / "parts", steps), lambda *_: Cycle(clips))
    assert files(tmp_path / "parts") == files(tmp_path / "whole")


@forks
def test_a_run_that_was_killed_goes_on_bit_for_bit(clips, tmp_path):
    def killed():
        def kill(done, total):
            if done == 3:
                os.kill(os.getpid(), signal.SIGKILL)

        train(run_of(tmp_path / "broken", 4, 2), lambda *_: Cycle(clips), kill)

    child = multiprocessing.get_context("fork").Process(target=killed)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    for name in ("broken", "whole"):
        train(run_of(tmp_path / name, 4, 2), lambda *_: Cycle(clips))
    assert files(tmp_path / "broken") == files(tmp_path / "whole")


def test_the_average_of_the_weights_is_what_is_exported(clips, tmp_path):
    kept = {}

    class Kept(Line):
        def export(self, networks, folder):
            kept.update({name: value.clone() for name, value in networks.state_dict().items()})

    run = Run("line", Kept(LineParams(ema=0.5)), "toy", tmp_path, 3, device="cpu")
    train(run, lambda *_: Cycle(clips))
    found = newest(tmp_path / CHECKPOINTS).tensors
    assert torch.equal(kept["line.weight"], found["ema"]["line.weight"])
    assert not torch.equal(kept["line.weight"], found["weights"]["line.weight"])


def test_what_is_logged_is_what_happened(clips, tmp_path):
    heard = []
    last = train(run_of(tmp_path, 3), lambda *_: Cycle(clips), lambda done, total: heard.append((done, total)))
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
    lines = entries(tmp_path)
    assert [line["step"] for line in lines] == [1, 2, 3]
    assert lines[-1] == {"step": 3, **last}
    assert lines[0]["error"] == lines[0]["loss"] > lines[2]["loss"]


def test_curves_are_there_for_tensorboard(clips, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with pytest.raises(Stop):
        train(run_of(tmp_path, 3, 2), lambda *_: Cycle(clips), stopped_at(1))
    train(run_of(tmp_path, 3, 2), lambda *_: Cycle(clips))
    shown = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [event.step for event in shown.Scalars("loss")] == [1, 2, 3]


def test_the_same_noise_comes_again_when_asked_for(clips, tmp_path):
    seen = []

    class Seen(Line):
        def loss(self, networks, batch, draw):
            seen.append(float(normal(draw, 1)))
            return super().loss(networks, batch, draw)

    run = Run("line", Seen(LineParams()), "toy", tmp_path, 4, device="cpu", noises=2)
    train(run, lambda *_: Cycle(clips))
    assert seen[:2] == seen[2:]
    assert seen[0] != seen[1]


def test_a_folder_holds_one_run(clips, tmp_path):
    train(run_of(tmp_path, 1), lambda *_: Cycle(clips))
    with pytest.raises(UsageError, match=r"is a run with learning_rate 0\.1, not 0\.2; give what it was begun with"):
        train(run_of(tmp_path, 2, learning_rate=0.2), lambda *_: Cycle(clips))


def test_a_loss_that_is_no_number_ends_the_run_at_the_last_good_step(clips, tmp_path):
    class Broken(Line):
        def loss(self, networks, batch, draw):
            loss = super().loss(networks, batch, draw)
            return Loss(loss.total * (float("nan") if len(entries(tmp_path)) == 2 else 1))

    run = Run("line", Broken(LineParams()), "toy", tmp_path, 4, save_every=1, device="cpu")
    with pytest.raises(StudioError, match=r"the loss is nan at step 3 of line; go on .* lower learning_rate"):
        train(run, lambda *_: Cycle(clips))
    assert newest(tmp_path / CHECKPOINTS).step == 2


def test_no_samples_are_an_error(tmp_path):
    class Ended(Cycle):
        def __iter__(self):
            return iter(())

    with pytest.raises(UsageError, match="the data hold no clip for this process"):
        train(run_of(tmp_path, 1), lambda *_: Ended([]))


def test_half_precision_needs_a_gpu(tmp_path):
    with pytest.raises(UsageError, match="float16 does not work on a CPU"):
        train(run_of(tmp_path, 1, precision="float16"), lambda *_: Cycle([]))


@forks
def test_gradients_of_the_controlnet_are_averaged_over_processes(tmp_path):
    """The release calls the ControlNet past what averages them. Here a step of two processes is that of both batches."""
    clips = [clip(number, frames=3) for number in range(4)]
    chosen = recipe("motion_i2v_controlnet", "toy", {"height": 16, "width": 16, "frames": 3})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def one(process):
        places = {"RANK": process, "LOCAL_RANK": process, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1"}
        os.environ.update({name: str(value) for name, value in {**places, "MASTER_PORT": port}.items()})
        run = Run("motion_i2v_controlnet", chosen, "toy", tmp_path, 1, device="cpu")
        train(run, lambda process, processes: Cycle(clips, 0, process, processes))
        os._exit(0)

    children = [multiprocessing.get_context("fork").Process(target=one, args=(process,)) for process in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0]

    networks = chosen.networks("toy", 0)
    trained = trained_parts(chosen, networks)
    for process in range(2):
        draw, stream = generator(0, 0, 0, process), iter(Cycle(clips, 0, process, 2))
        with torch.no_grad():
            batch = chosen.batch(networks, [next(stream), next(stream)], draw)
        (chosen.loss(networks, batch, draw).total / 2).backward()
    length = nn.utils.clip_grad_norm_(trained.values(), chosen.params.clip)
    assert entries(tmp_path)[0]["gradient"] == pytest.approx(float(length), rel=1e-5)
    moments = newest(tmp_path / CHECKPOINTS).tensors["optimizer"]
    for name, parameter in trained.items():
        torch.testing.assert_close(moments[f"{name}/exp_avg"], 0.1 * parameter.grad, rtol=1e-3, atol=1e-8)
    assert newest(tmp_path / CHECKPOINTS).facts["streams"] == [{"round": 0, "place": 2}] * 2
