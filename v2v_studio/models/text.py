"""Prompts as the text encoder of Stable Diffusion reads them."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
from transformers import CLIPTextModel, CLIPTokenizer

log = logging.getLogger(__name__)


class Texts:
    """Texts to hidden states. Those asked for are kept, the encoder is not: it is read again for texts that are new.

    Args:
        folder: with `text_encoder` and `tokenizer`.
        device: where the hidden states go.
    """

    def __init__(self, folder: Path, device: torch.device) -> None:
        self._folder, self._device = folder, device
        self._known: dict[str, tuple[torch.Tensor, int]] = {}  # the states, and where among them the text ends

    def __call__(self, text: str) -> torch.Tensor:
        """(1, 77, C): the last hidden state, after the last norm. Brackets and weights in a prompt are plain text."""
        self.read(text)
        return self._known[text][0]

    def end(self, text: str) -> torch.Tensor:
        """(1, C): the state at the end of the text, which has seen all of it."""
        self.read(text)
        states, end = self._known[text]
        return states[:, end]

    @torch.inference_mode()
    def read(self, *texts: str) -> None:
        """Learn the states of these texts, those that are new; the encoder is read once for all of them."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if not new:
            return
        tokenizer = CLIPTokenizer.from_pretrained(self._folder / "tokenizer", local_files_only=True)
        encoder = CLIPTextModel.from_pretrained(self._folder / "text_encoder", local_files_only=True)
        longest = tokenizer.model_max_length
        for text in new:
            if (tokens := len(tokenizer(text).input_ids)) > longest:
                log.warning("the prompt has %d tokens; the model reads the first %d", tokens, longest)
            padded = tokenizer(text, padding="max_length", max_length=longest, truncation=True, return_tensors="pt")
            states = encoder(padded.input_ids).last_hidden_state
            self._known[text] = states.to(self._device), min(tokens, longest) - 1
