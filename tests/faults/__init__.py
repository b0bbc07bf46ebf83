"""Faults injected into whole verbs: killed, full disk, read-only, out of memory, hostile files."""
