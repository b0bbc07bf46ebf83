"""Renderers: a first frame and a motion in, frames out."""
