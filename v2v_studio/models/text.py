"""Prompts as the text encoder of Stable Diffusion reads them."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from transformers import CLIPTextModel, CLIPTokenizer

log = logging.getLogger(__name__)


class Texts:
    """Texts to hidden states. Those asked for are kept, the encoder is not: it is read again for a text that is new.

    Args:
        folder: with `text_encoder` and `tokenizer`.
        device: where the hidden states go.
    """

    def __init__(self, folder: Path, device: torch.device) -> None:
        self._folder, self._device = folder, device
        self._known: dict[str, torch.Tensor] = {}

    def __call__(self, text: str) -> torch.Tensor:
        """(1, 77, C): the last hidden state, after the last norm. Brackets and weights in a prompt are plain text."""
        if text not in self._known:
            self._known[text] = self._read(text).to(self._device)
        return self._known[text]

    @torch.inference_mode()
    def _read(self, text: str) -> torch.Tensor:
        tokenizer = CLIPTokenizer.from_pretrained(self._folder / "tokenizer", local_files_only=True)
        longest = tokenizer.model_max_length
        if (tokens := len(tokenizer(text).input_ids)) > longest:
            log.warning("the prompt has %d tokens; the model reads the first %d", tokens, longest)
        padded = tokenizer(text, padding="max_length", max_length=longest, truncation=True, return_tensors="pt")
        encoder = CLIPTextModel.from_pretrained(self._folder / "text_encoder", local_files_only=True)
        return encoder(padded.input_ids).last_hidden_state
