"""The project folder: its records, and the only code that writes them."""
