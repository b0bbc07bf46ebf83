"""What holds for every recipe by name, at toy width: it trains what it says, goes on bit for bit, and leaves what can be
begun from."""

import pytest

torch = pytest.importorskip("torch")

from tests.training.squares import clip  # noqa: E402
from v2v_studio.training.draw import generator  # noqa: E402
from v2v_studio.training.loop import CHECKPOINTS, Run, train, trained_parts  # noqa: E402
from v2v_studio.training.recipe import recipe  # noqa: E402
from v2v_studio.training.recipes import RECIPES  # noqa: E402
from v2v_studio.training.sample import Cycle  # noqa: E402

pytestmark = pytest.mark.slow

SMALL = {"height": 32, "width": 32, "batch": 2, "accumulation": 1}
CASES = {
    **{name: {} for name in RECIPES.names()},
    "motion_i2v_stage1 temporal": {"phase": "temporal"},
    "motion_i2v_stage1 full": {"phase": "full"},
}
BARE = ("to_k.bias",)  # adds the same to all that a softmax is over, and so changes nothing


def case(name, **more):
    return recipe(name.split()[0], "toy", {**SMALL, **CASES[name], **more})


@pytest.fixture(scope="module")
def clips():
    return [clip(number) for number in range(3)]


def trained(name, out, clips, steps, stop=None, **more):
    def on_step(done, total):
        if done == stop:
            raise InterruptedError

    run = Run(name.split()[0], case(name, **more), "toy", out, steps, save_every=1, device="cpu")
    return train(run, lambda process, processes: Cycle(clips, 0, process, processes), on_step)


def newest_files(out):
    place = max((out / CHECKPOINTS).glob("step-*"))
    return {path.name: path.read_bytes() for path in place.iterdir()}


@pytest.mark.parametrize("name", CASES)
def test_gradients_reach_all_that_is_trained_and_nothing_that_is_frozen(name, clips):
    chosen = case(name)
    networks = chosen.networks("toy", 0)
    parts = trained_parts(chosen, networks)
    draw = generator(5)
    with torch.no_grad():
        for parameter in parts.values():  # what begins at zero would keep the gradient from what lies before it
            parameter.sub_(0.02 * torch.rand(parameter.shape, generator=draw))
    reached = set()
    for _ in range(2):  # chance may leave out what some weights read
        with torch.no_grad():
            batch = chosen.batch(networks, clips[:2], draw)
        chosen.loss(networks, batch, draw).total.backward()
        reached |= {name for name, parameter in parts.items() if parameter.grad is not None and parameter.grad.any()}
    assert {name for name in parts if name not in reached and not name.endswith(BARE)} == set()
    frozen = {name: parameter for name, parameter in networks.named_parameters() if name not in parts}
    assert [name for name, parameter in frozen.items() if parameter.grad is not None] == []


@pytest.mark.parametrize("name", RECIPES.names())
def test_stopped_and_gone_on_is_bit_for_bit_the_same_and_can_be_begun_from(name, clips, tmp_path):
    begun = {part: value.clone() for part, value in case(name).networks("toy", 0).state_dict().items()}
    trained(name, tmp_path / "whole", clips, 2)
    with pytest.raises(InterruptedError):
        trained(name, tmp_path / "broken", clips, 2, stop=1)
    trained(name, tmp_path / "broken", clips, 2)
    assert newest_files(tmp_path / "broken") == newest_files(tmp_path / "whole")

    after = case(name, start=str(tmp_path / "whole"))
    networks = after.networks("toy", 1)  # of another seed: whatever was not read would differ
    names = set(after.trainable(networks))
    changed = {part for part, value in networks.state_dict().items() if not torch.equal(value, begun[part])}
    assert changed <= names
    assert changed
