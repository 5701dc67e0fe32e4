"""What must hold of code that is stepped through, and of questions on what it calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tutor.course.document import At
from tutor.course.model import RecordQuestion, TraceStep
from tutor.course.problem import listed
from tutor.course.rules import Faults, fault, one_of
from tutor.words import Words


def trace_faults(step: TraceStep, at: At) -> Faults:
    """Python can read the snippet and its set-up, and there is something to step through."""
    if not step.snippet.strip():
        wrong = Words("there is nothing to step through", "没有可以步进的代码")
        yield fault((*at, "snippet"), wrong, Words("write the code", "请写代码"))
    for field, code in (("snippet", step.snippet), ("setup", step.setup)):
        try:
            compile(code, field, "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            wrong = Words(f"Python cannot read this ({error})", f"Python 无法解析（{error}）")
            yield fault((*at, field), wrong, Words("mend it", "请改正"))


def chain_faults(question: RecordQuestion, at: At, traces: Mapping[str, TraceStep]) -> Faults:
    """The code that a question is on is a trace step of the same lesson."""
    if question.trace is not None and question.trace not in traces:
        wrong = Words(
            f"this lesson has no trace step {question.trace}", f"本课没有名为 {question.trace} 的 trace 步骤"
        )
        yield fault((*at, "trace"), wrong, one_of(question.trace, list(traces)))


def called_faults(question: RecordQuestion, at: At, called: Sequence[str]) -> Faults:
    """What is asked for is called; `called` are the names in order, as the installed torch has them."""
    names = list(dict.fromkeys(called))
    for index, step in enumerate(question.steps):
        if step.text.en not in names:
            wrong = Words(
                f"the installed torch does not call {step.text.en}", f"已安装的 torch 没有调用 {step.text.en}"
            )
            write = Words(f"it calls {listed(names)}", f"它调用的有 {listed(names)}")
            yield fault((*at, "steps", index, "text"), wrong, write)
