"""Charts: curves and grey pictures as signs in a terminal. Only `plot` in here knows plotext."""

from tutor.charts.axes import shown
from tutor.charts.drawing import draw
from tutor.charts.plot import warm
from tutor.charts.shapes import Curve, Mark, Picture

__all__ = ["Curve", "Mark", "Picture", "draw", "shown", "warm"]
