"""Motion-I2V (Shi et al., SIGGRAPH 2024, arXiv 2401.15977): a motion field predicted first, then rendered along it."""
