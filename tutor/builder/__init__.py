"""The SGD builder without a screen: parameter groups, the Python that makes them, and what torch answers."""
