"""What the tracer says of its own work, in words."""

from __future__ import annotations

from tutor.words import Words

REMARKS: dict[str, Words] = {
    "settrace": Words(
        "The code set a tracer of its own; while you step it has no effect.",
        "代码设置了自己的跟踪函数，步进期间不会生效。",
    ),
    "thread": Words(
        "The code started a thread. It runs, but only the main one is stepped.",
        "代码启动了线程。线程会照常运行，但只步进主线程。",
    ),
    "mistraced": Words(
        "Something here could not be read, so that a change may be missing.",
        "此处有内容无法读取，可能漏记了某些变化。",
    ),
}
"""By their names in `tutor.protocol.trace.Remark`; each fits one line of 76 columns."""
