"""Clips made into shards of samples, and read back as a stream."""
