"""Executors: they run functions over jobs and know nothing of video."""
