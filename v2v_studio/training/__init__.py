"""Training: every published stage as a recipe, over one loop."""
