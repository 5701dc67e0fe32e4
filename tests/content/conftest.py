"""Figures are compared with torch's on the same random numbers each time, whichever tests ran before."""

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded() -> None:
    """A tolerance that holds once holds always."""
    torch.manual_seed(0)
