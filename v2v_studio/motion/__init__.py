"""Where a shot's motion comes from."""
