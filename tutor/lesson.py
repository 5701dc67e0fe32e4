"""What a lab or a question generator beside a lesson may import: the things it can yield."""

from tutor.protocol import Note, Point, Progress, Table, Value

__all__ = ["Note", "Point", "Progress", "Table", "Value"]
