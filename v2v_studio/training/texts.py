"""Texts as a network that is not trained reads them: all of it stays in memory, since every batch has new ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import torch
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from v2v_studio.models.release import text_encoder, there

LENGTH = 77  # tokens of a text


class Texts(nn.Module):
    """A text encoder of CLIP's kind with its tokenizer."""

    def __init__(self, encoder: Any, tokenizer: Any) -> None:
        super().__init__()
        self.encoder, self.tokenizer = encoder, tokenizer

    @classmethod
    def drawn(cls, channels: int) -> Texts:
        """A small one, its weights drawn; its tokens are single bytes."""
        tokens = alphabet()
        begin, end = len(tokens) - 2, len(tokens) - 1
        config = CLIPTextConfig(
            vocab_size=len(tokens),
            hidden_size=channels,
            intermediate_size=2 * channels,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=begin,
            eos_token_id=end,
            pad_token_id=end,
        )
        return cls(CLIPTextModel(config), CLIPTokenizer(vocab=tokens, merges=[], model_max_length=LENGTH))

    @classmethod
    def read(cls, folder: Path, model: str) -> Texts:
        """Those of a folder with `text_encoder` and `tokenizer`; which model's it is, for messages.

        Raises:
            MissingError: it has not both, or weights do not fit.
        """
        encoder = text_encoder(folder / "text_encoder", model)
        there(folder / "tokenizer", model)
        return cls(encoder, CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True))

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """(B, L, C): the last hidden state, after the last norm. What a text has over L tokens is not read."""
        return self._read(texts)[0]

    def ends(self, texts: Sequence[str]) -> torch.Tensor:
        """(B, C): the state at the end of each text, which has seen all of it."""
        if not texts:
            return torch.zeros(0, self.encoder.config.hidden_size, device=self.encoder.device)
        states, ends = self._read(texts)
        return states[torch.arange(len(states), device=states.device), ends]

    def save_pretrained(self, folder: Path) -> None:
        """Write both beside each other, as a release has them."""
        self.encoder.save_pretrained(folder / "text_encoder")
        self.tokenizer.save_pretrained(folder / "tokenizer")

    def _read(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        read = self.tokenizer(
            list(texts),
            padding="max_length",
            max_length=self.tokenizer.model_max_length,
            truncation=True,
            return_tensors="pt",
        )
        ends = read.attention_mask.sum(1) - 1
        device = self.encoder.device
        return self.encoder(read.input_ids.to(device)).last_hidden_state, ends.to(device)


def alphabet() -> dict[str, int]:
    """CLIP's tokens of single bytes, and the two that begin and end a text."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = 256 - len(printable)
    letters = [chr(byte) for byte in printable] + [chr(256 + place) for place in range(others)]
    tokens = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return {token: place for place, token in enumerate(tokens)}
