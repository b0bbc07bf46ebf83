"""Dense motion: DIS between two frames, and long-range motion from one reference to every frame."""
