"""Questions: reading answers, marking them, saying why. No Textual, no torch."""
