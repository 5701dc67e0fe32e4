"""What the tracer says of its own work, in words."""

from __future__ import annotations

from tutor.words import Words

REMARKS: dict[str, Words] = {
    "settrace": Words(
        "The code set a tracer of its own (sys.settrace, sys.setprofile); it does not take effect while you step.",
        "代码设置了自己的跟踪函数（sys.settrace、sys.setprofile），步进期间不会生效。",
    ),
    "thread": Words(
        "The code started a thread. Threads run, but only the main one is stepped through.",
        "代码启动了线程。线程会照常运行，但只步进主线程。",
    ),
    "mistraced": Words(
        "Something at this place could not be read, so that a change may be missing.",
        "此处有内容无法读取，可能漏记了某些变化。",
    ),
}
"""By their names in `tutor.protocol.trace.Remark`."""
