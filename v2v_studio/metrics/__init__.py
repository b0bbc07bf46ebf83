"""How well a take holds together, measured without a reference: functions of frames and motion, and their picture."""
