"""One published stage of training a file."""
