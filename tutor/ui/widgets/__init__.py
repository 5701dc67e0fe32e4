"""Pieces of screens, each showing one thing and asking for what it needs by a message."""
