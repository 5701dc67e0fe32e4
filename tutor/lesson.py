"""What a lab or a question generator beside a lesson may import: the things it can yield."""

from tutor.protocol import Note, Picture, Point, Progress, Table, Value, Variant

__all__ = ["Note", "Picture", "Point", "Progress", "Table", "Value", "Variant"]
