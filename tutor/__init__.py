"""A terminal tutor for one week of PyTorch."""

__version__ = "0.1.0"
