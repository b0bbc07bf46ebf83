"""The embedded renderer: no pretrained weights, no GPU."""

from v2v_studio.renderers.embedded.render import Embedded

__all__ = ["Embedded"]
