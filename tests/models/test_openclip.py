"""OpenCLIP's text tower through transformers, beside one written out over OpenCLIP's own weights."""

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402

from tests import toys  # noqa: E402
from tests.models.smcd.toy_release import TEXT, openclip  # noqa: E402
from v2v_studio.errors import MissingError  # noqa: E402
from v2v_studio.models.openclip import text_encoder  # noqa: E402
from v2v_studio.models.text import Texts  # noqa: E402

pytestmark = pytest.mark.slow

SOT, EOT = 512, 513  # of the toy's vocabulary


def tower(state, tokens, blocks):
    """OpenCLIP's tower up to so many blocks, and the norm behind them: tokens (L,) -> (L, C)."""
    x = state["token_embedding.weight"][tokens] + state["positional_embedding"][: len(tokens)]
    unseen = torch.full((len(tokens), len(tokens)), -torch.inf).triu(1)

    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"])

    def linear(name, x, dot="."):
        return x @ state[f"{name}{dot}weight"].T + state[f"{name}{dot}bias"]

    for index in range(blocks):
        block = f"transformer.resblocks.{index}"
        q, k, v = linear(f"{block}.attn.in_proj", norm(f"{block}.ln_1", x), "_").chunk(3, -1)
        weights = (q @ k.T / q.shape[-1] ** 0.5 + unseen).softmax(-1)  # heads are 64 channels wide: one of them here
        x = x + linear(f"{block}.attn.out_proj", weights @ v)
        x = x + linear(f"{block}.mlp.c_proj", F.gelu(linear(f"{block}.mlp.c_fc", norm(f"{block}.ln_2", x))))
    return norm("ln_final", x)


@pytest.fixture
def folder(tmp_path):
    """A text encoder and a tokenizer that fills up with token 0."""
    text_encoder(openclip(), "clip.bin").save_pretrained(tmp_path / "text_encoder")
    tokenizer = toys._parts()["tokenizer"]
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    return tmp_path


def tokens_of(text):
    """The toy's vocabulary has single bytes; the last of a word has tokens of its own."""
    vocabulary = toys._vocabulary()
    ids = [
        vocabulary[letter + ("</w>" if i + 1 == len(word) else "")]
        for word in text.split()
        for i, letter in enumerate(word)
    ]
    return torch.tensor([SOT, *ids, EOT] + [0] * (77 - 2 - len(ids)))


@torch.no_grad()
@pytest.mark.parametrize("text", ["a dog", "", " "])
def test_states_are_those_before_the_last_block_after_the_last_norm(folder, text):
    states = Texts(folder, torch.device("cpu"))(text)
    assert states.shape == (1, 77, TEXT)
    torch.testing.assert_close(states[0], tower(openclip(), tokens_of(text), blocks=2), atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_phrase_is_its_state_at_the_first_end_of_text(folder):
    texts = Texts(folder, torch.device("cpu"))
    expected = tower(openclip(), tokens_of("red cup"), blocks=2)
    torch.testing.assert_close(
        texts.end("red cup")[0], expected[tokens_of("red cup").tolist().index(EOT)], atol=1e-5, rtol=1e-5
    )
    assert not torch.equal(texts.end("red cup"), texts.end("cup"))


def test_a_phrase_that_is_too_long_ends_where_it_is_cut(folder):
    long = "abcd " * 40
    texts = Texts(folder, torch.device("cpu"))
    assert torch.equal(texts.end(long), texts(long)[:, 76])


def test_several_texts_are_read_by_one_encoder(folder, monkeypatch):
    from transformers import CLIPTextModel

    loads = []
    load = CLIPTextModel.from_pretrained
    monkeypatch.setattr(CLIPTextModel, "from_pretrained", lambda *a, **k: loads.append(a) or load(*a, **k))
    texts = Texts(folder, torch.device("cpu"))
    texts.read("a", "b", "a")
    texts("b"), texts.end("a")
    assert len(loads) == 1


def test_at_released_sizes_it_is_vit_h():
    """Width 1024, 24 blocks of which 23 are kept, 16 heads, 77 of 49408 tokens (fact sheet of SMCD, section 6)."""
    with torch.device("meta"):
        wide = {
            "token_embedding.weight": torch.empty(49408, 1024),
            "positional_embedding": torch.empty(77, 1024),
            "ln_final.weight": torch.empty(1024),
            "ln_final.bias": torch.empty(1024),
        }
        for block in range(24):
            own = f"transformer.resblocks.{block}"
            for name, shape in {"attn.in_proj_": (3072, 1024), "attn.out_proj.": (1024, 1024)}.items():
                wide[f"{own}.{name}weight"], wide[f"{own}.{name}bias"] = torch.empty(shape), torch.empty(shape[0])
            for name, shape in {"mlp.c_fc.": (4096, 1024), "mlp.c_proj.": (1024, 4096)}.items():
                wide[f"{own}.{name}weight"], wide[f"{own}.{name}bias"] = torch.empty(shape), torch.empty(shape[0])
            for name in ("ln_1.", "ln_2."):
                wide[f"{own}.{name}weight"], wide[f"{own}.{name}bias"] = torch.empty(1024), torch.empty(1024)
    config = text_encoder(wide, "clip.bin").config
    assert (config.num_hidden_layers, config.num_attention_heads, config.hidden_act) == (23, 16, "gelu")


def test_a_file_without_a_text_tower_is_refused():
    with pytest.raises(MissingError, match=r"clip\.bin has no text tower"):
        text_encoder({"visual.proj": torch.zeros(1)}, "clip.bin")
