"""Image translators: where a shot's first frame comes from."""
