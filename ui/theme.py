"""How the room looks: one accent colour on quiet greys, light. What the options here cannot say stands in room.css."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ACCENT = "#4757c9"
STYLE = Path(__file__).with_name("room.css")
ICON = Path(__file__).with_name("icon.svg")
THEME: dict[str, Any] = {
    "theme.base": "light",
    "theme.primaryColor": ACCENT,
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#f5f6f8",
    "theme.textColor": "#1d2129",
    "theme.borderColor": "#dfe2e8",
    "theme.linkColor": ACCENT,
    "theme.baseRadius": "6px",
    "theme.buttonRadius": "6px",
    "theme.baseFontSize": 15,
    "theme.headingFontSizes": ["1.5rem", "1.2rem", "1.05rem", "1rem", "1rem", "1rem"],
    "theme.headingFontWeights": [600, 600, 600, 600, 600, 600],
    "theme.metricValueFontSize": "1.3rem",
    "theme.paddingTop": "1.5rem",
    "theme.paddingBottom": "2rem",
}
STATUSES = {  # of shots, in the order of the work
    "todo": "#9aa1ad",
    "wip": "#3f83d6",
    "review": "#d69a1c",
    "approved": "#2f9e5b",
    "retake": "#d9534a",
    "omit": "#cfd3da",
}
