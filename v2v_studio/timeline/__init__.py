"""The edit: which frames come from which take, transitions remade, and the timeline that says so."""
