"""Charts: curves as a picture made of characters. Only `drawing` in here knows plotext."""

from tutor.charts.axes import shown
from tutor.charts.drawing import Curve, Mark, Picture, draw, warm

__all__ = ["Curve", "Mark", "Picture", "draw", "shown", "warm"]
