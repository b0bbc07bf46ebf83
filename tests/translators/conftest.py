"""Toy checkpoints, made once for all tests of translators."""

from pathlib import Path

import pytest

from tests import toys
from v2v_studio.translators.base import TRANSLATORS


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    """A toy's name -> its folder or file."""
    root = tmp_path_factory.mktemp("toys")
    made = {}

    def get(name) -> Path:
        if name not in made:
            kind, _, seed = name.partition("-")
            seeded = {"seed": int(seed)} if seed else {}
            if kind in ("lora", "single_file"):
                made[name] = getattr(toys, kind)(root / f"{name}.safetensors", get("stable_diffusion"), **seeded)
            else:
                made[name] = getattr(toys, kind)(root / name, **seeded)
        return made[name]

    return get


@pytest.fixture(scope="module")
def offline():
    """Nothing reaches for a network, whatever a library may think of."""
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*address):
            raise AssertionError(f"a connection to {address}")

        patch.setattr("socket.socket.connect", refuse)
        yield


@pytest.fixture(scope="module")
def paint(toy, offline):
    """A translator's name and options -> its picture of `toys.FRAME`; a toy's name stands for its path."""
    kept = {}

    def run(name, model="stable_diffusion", seed=1, **options):
        translator = kept.setdefault(name, TRANSLATORS.load(name)())
        params = translator.Params(model=str(toy(model)), device="cpu", **{"steps": 2} | options)
        return translator.translate(toys.FRAME, params, seed)

    return run
