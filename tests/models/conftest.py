"""A machine without models, and a hub to fetch them from."""

import pytest

from tests.models.hub import serving

FILES = {
    "config.json": b'{"layers": 2}',
    "unet/weights.safetensors": bytes(range(256)) * 40,
    ".gitattributes": b"*.bin filter=lfs",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that V2V_MODELS names, on a machine with an empty home and an empty hub cache, and online."""
    from huggingface_hub import close_session, constants

    monkeypatch.setenv("V2V_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("v2v_studio.models.download.PAUSES", (0.0, 0.0))
    (tmp_path / "models").mkdir()
    yield tmp_path / "models"
    close_session()  # its connections lead to a hub that is gone


@pytest.fixture
def hub(folder):
    with serving(dict(FILES)) as hub:
        yield hub
