"""Tracks: which motion goes into which renderer, and how a shot of any length goes through them."""
