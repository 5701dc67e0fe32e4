"""The kernel as the app sees it; the only way from the app to torch."""

from tutor.client.kernel import Kernel, State
from tutor.client.run import Gone, Run

__all__ = ["Gone", "Kernel", "Run", "State"]
