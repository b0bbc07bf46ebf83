"""SMCD's network written out over its weights by name, as the fact sheet says it: every key made anew for every frame."""

import torch
import torch.nn.functional as F


def weights_under(state, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}


def linear(state, name, x):
    return F.linear(x, state[f"{name}.weight"].squeeze(-1), state.get(f"{name}.bias"))


def norm(state, name, x):
    return F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"])


def group_norm(state, name, x, eps):
    return F.group_norm(x, 32, state[f"{name}.weight"], state[f"{name}.bias"], eps)


def conv(state, name, x, **options):
    flat = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}[x.ndim]
    return flat(x, state[f"{name}.weight"], state[f"{name}.bias"], **options)


def attention(state, x, context, heads, mask=None):
    """x (B, L, C), context (B, K, D), mask (B, K) of what counts -> (B, L, C)."""
    q, k, v = (
        linear(state, f"to_{part}", tokens).unflatten(-1, (heads, -1)).transpose(1, 2)
        for part, tokens in (("q", x), ("k", context), ("v", context))
    )
    logits = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if mask is not None:
        logits = logits.masked_fill(~mask[:, None, None], -torch.finfo(logits.dtype).max)
    return linear(state, "to_out.0", (logits.softmax(-1) @ v).transpose(1, 2).flatten(2))


def feed_forward(state, x):
    value, gate = linear(state, "net.0.proj", x).chunk(2, -1)
    return linear(state, "net.2", value * F.gelu(gate))


def gated(state, branch, x, attended):
    """What an attention found and a feed-forward, each as far as its gate is open."""
    x = x + state[f"{branch}alpha_attn"].tanh() * attended
    ff = weights_under(state, f"{branch}ff.")
    return x + state[f"{branch}alpha_dense"].tanh() * feed_forward(ff, norm(state, f"{branch}norm2", x))


def beside(state, branch, x, others, heads, mask=None):
    """Self-attention over x and others, of which the results for x are taken."""
    tokens = norm(state, f"{branch}norm1", torch.cat([x, others], 1))
    found = attention(weights_under(state, f"{branch}attn."), tokens, tokens, heads, mask)
    return gated(state, branch, x, found[:, : x.shape[1]])


def across(state, x, image, heads):
    found = attention(weights_under(state, "cross_attn."), norm(state, "cross_norm1", x), image, heads)
    return gated(state, "cross_", x, found)


def gate(state, kind, x, boxes, image, masks, heads):
    """A gate of a kind: x (B, L, C), tokens of boxes (B, N, D) and image (B, V, E), masks (B, N)."""
    c = linear(state, "linear", boxes)
    if kind == "vanilla":
        return beside(state, "", x, c, heads)
    if kind == "double":
        mask = torch.cat([masks.new_ones(len(x), x.shape[1]), masks], 1).bool()
        own = beside(state, "", x, c, heads, mask)
        seen = beside(state, "visual_", x, linear(state, "visual_linear", image), heads)
        return x + state["beta_g"].tanh() * own + state["beta_v"].tanh() * seen
    u = linear(state, "v_linear", image)
    if kind == "merge":
        mask = torch.cat([masks.new_ones(len(x), x.shape[1] + u.shape[1]), masks], 1).bool()
        return beside(state, "", x, torch.cat([u, c], 1), heads, mask)
    if kind == "vanilla_cross_vision":
        return across(state, beside(state, "", x, c, heads), u, heads)
    own, seen = beside(state, "", x, c, heads), across(state, x, u, heads)
    return x + state["beta_g"].tanh() * own + state["beta_v"].tanh() * seen


class Network:
    """A UNet of SMCD over weights by name.

    Args:
        state: the weights.
        config: of our UNet.
        text: (B, L, C). boxes: (B F, N, D) or None. image: (B F, V, E). masks: (B F, N).
    """

    def __init__(self, state, config, text, boxes=None, image=None, masks=None):
        self.state, self.config = state, config
        self.text, self.boxes, self.image, self.masks = text, boxes, image, masks

    def __call__(self, sample, times):
        """sample (B, C, F, h, w), times (B,) -> (B, 4, F, h, w)."""
        self.frames = sample.shape[2]
        dim = self.config["dim"]
        frequencies = 10000 ** (-torch.arange(dim // 2) / (dim // 2))
        waves = torch.cat([fn(times[:, None].float() * frequencies) for fn in (torch.cos, torch.sin)], 1).to(sample)
        hidden = linear(self.state, "time_embed.0", waves)
        self.embedding = linear(self.state, "time_embed.2", F.silu(hidden)).repeat_interleave(self.frames, 0)
        x, skips = sample.transpose(1, 2).flatten(0, 1), []
        for index in range(1 + max(int(name.split(".")[1]) for name in self.state if name.startswith("input_blocks."))):
            x = self.block(f"input_blocks.{index}.", x, first=index == 0)
            skips.append(x)
        x = self.block("middle_block.", x)
        for index in range(1 + max(int(name.split(".")[1]) for name in self.state if name.startswith("output_blocks"))):
            x = self.block(f"output_blocks.{index}.", torch.cat([x, skips.pop()], 1))
        x = conv(self.state, "out.2", F.silu(group_norm(self.state, "out.0", x, 1e-5)), padding=1)
        return x.unflatten(0, (-1, self.frames)).transpose(1, 2)

    def block(self, prefix, x, first=False):
        """The layers of a block, told apart by their weights."""
        own = weights_under(self.state, prefix)
        if "op.weight" in own:
            return conv(own, "op", x, stride=2, padding=1)
        for index in sorted({name.split(".")[0] for name in own}, key=int):
            layer = weights_under(own, f"{index}.")
            if "weight" in layer:
                x = conv(own, index, x, padding=1)
            elif "conv.weight" in layer:
                x = conv(layer, "conv", x.repeat_interleave(2, 2).repeat_interleave(2, 3), padding=1)
            elif "in_layers.0.weight" in layer:
                x = self.res(layer, x)
            elif layer["proj_in.weight"].ndim == 3:
                x = self.temporal(layer, x, self.config["heads"] if first else x.shape[1] // self.config["head_dim"])
            else:
                x = self.spatial(layer, x, x.shape[1] // self.config["head_dim"])
        return x

    def video(self, x):
        return x.unflatten(0, (-1, self.frames)).transpose(1, 2)

    def res(self, own, x):
        h = conv(own, "in_layers.2", F.silu(group_norm(own, "in_layers.0", x, 1e-5)), padding=1)
        h = h + linear(own, "emb_layers.1", F.silu(self.embedding))[:, :, None, None]
        h = conv(own, "out_layers.3", F.silu(group_norm(own, "out_layers.0", h, 1e-5)), padding=1)
        h = h + (conv(own, "skip_connection", x) if "skip_connection.weight" in own else x)
        if self.config["pictures"]:
            return h
        v = self.video(h)
        for stage, last in (("conv1", 2), ("conv2", 3), ("conv3", 3), ("conv4", 3)):
            part = weights_under(own, f"temopral_conv.{stage}.")
            v = conv(part, str(last), F.silu(group_norm(part, "0", v, 1e-5)), padding=(1, 0, 0))
        return h + v.transpose(1, 2).flatten(0, 1)

    def spatial(self, own, x, heads):
        tokens = linear(own, "proj_in", group_norm(own, "norm", x, 1e-6).flatten(2).transpose(1, 2))
        block = weights_under(own, "transformer_blocks.0.")
        normed = norm(block, "norm1", tokens)
        tokens = tokens + attention(weights_under(block, "attn1."), normed, normed, heads)
        if self.boxes is not None:
            gates = weights_under(block, "gate_attn.")
            tokens = gate(gates, self.config["gate"], tokens, self.boxes, self.image, self.masks, heads)
        text = self.text.repeat_interleave(self.frames, 0)
        tokens = tokens + attention(weights_under(block, "attn2."), norm(block, "norm2", tokens), text, heads)
        tokens = tokens + feed_forward(weights_under(block, "ff."), norm(block, "norm3", tokens))
        return x + linear(own, "proj_out", tokens).transpose(1, 2).unflatten(2, x.shape[2:])

    def temporal(self, own, x, heads):
        if self.config["pictures"]:
            return x
        v = group_norm(own, "norm", self.video(x), 1e-6)
        tokens = linear(own, "proj_in", v.permute(0, 3, 4, 2, 1).flatten(0, 2))
        block = weights_under(own, "transformer_blocks.0.")
        for number in (1, 2):
            normed = norm(block, f"norm{number}", tokens)
            tokens = tokens + attention(weights_under(block, f"attn{number}."), normed, normed, heads)
        tokens = tokens + feed_forward(weights_under(block, "ff."), norm(block, "norm3", tokens))
        batch, _, _, height, width = v.shape
        out = linear(own, "proj_out", tokens).unflatten(0, (batch, height, width))
        return x + out.permute(0, 3, 4, 1, 2).flatten(0, 1)
