"""The report as one Markdown text, which is also what the page shows and what the HTML is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tutor.builder.answer import restored
from tutor.builder.code import Unread, read
from tutor.builder.told import report_lines
from tutor.labrun import LabRun, harmless
from tutor.labwords import report as run_in_words
from tutor.labwords import told
from tutor.progress.rows import Ran
from tutor.report.markup import code, escaped, fenced, one_line, quoted, table
from tutor.report.parts import Asked, LastRun, Report, Summed, TaskDone, Try, Walk
from tutor.report.summary import markdown as summary_told
from tutor.stepping.journal import Entry, between, steps_in_words
from tutor.words import Language, Words

WIDTH = 76
"""Columns of a chart."""
_STATES = {
    "new": Words("not begun", "未开始"),
    "begun": Words("in progress", "进行中"),
    "done": Words("done", "已完成"),
}
_OUTCOMES = {
    "right": Words("right", "正确"),
    "wrong": Words("wrong", "错误"),
    "shown": Words("shown", "看了答案"),
    "skipped": Words("skipped", "跳过"),
}
_ENDINGS = {
    "finished": Words("finished", "运行完成"),
    "failed": Words("failed", "运行出错"),
    "stopped": Words("stopped", "已停止"),
    "crashed": Words("crashed", "运行崩溃"),
}


def markdown(report: Report, language: Language, *, ascii: bool = False) -> str:
    """The whole report. What the learner typed stands in code only, so that it is shown and never obeyed."""
    return "\n\n".join(_Teller(language, ascii).blocks(report)) + "\n"


class _Teller:
    def __init__(self, language: Language, ascii: bool) -> None:
        self._language = language
        self._ascii = ascii

    def _say(self, en: str, zh: str, **values: object) -> str:
        return Words(en, zh).filled(**values).into(self._language)

    def _plain(self, words: Words) -> str:
        """A title: text in which nothing is a sign of Markdown."""
        return escaped(words.into(self._language))

    def blocks(self, report: Report) -> Iterator[str]:
        """One block after the other."""
        yield self._say("# Report: {title}", "# 学习报告：{title}", title=self._plain(report.title))
        yield _moment(report.at)
        if report.tasks:
            yield self._say("## Homework", "## 作业")
        for task in report.tasks:
            yield from self._task(task)
        yield self._say("## Scores", "## 成绩")
        yield self._scores(report)
        yield self._say("## What is weak", "## 薄弱之处")
        yield self._weak(report)
        yield self._say("## How sure, how right", "## 把握与对错")
        yield self._confidence(report)
        if report.walks:
            yield self._say("## Stepped through", "## 步进记录")
        for walk in report.walks:
            yield from self._walk(walk)
        yield self._say("## Labs", "## 实验")
        if not report.runs:
            yield self._say("No lab was run yet.", "还没有运行过实验。")
        for run in report.runs:
            yield from self._run(run)

    # Homework ------------------------------------------------------------------------------------------------

    def _task(self, task: TaskDone) -> Iterator[str]:
        state = _STATES[task.state]
        yield self._say(
            "### Task {number}: {state}", "### 任务 {number}：{state}", number=task.number, state=state
        )
        for asked in (each for each in task.questions if each.tries):
            yield f"#### {self._name(asked)}"
            yield quoted(_without_fields(asked.question.prompt.into(self._language)))
            if asked.question.given is not None:
                yield fenced(_without_fields(asked.question.given))
            yield "\n".join(f"- {self._try(each)}" for each in asked.tries)
        for walk in task.walks:
            if walk.walked is not None:
                yield from self._walk(walk)
        for summed in task.summaries:
            yield from self._summed(summed)
        for built in (each for each in task.built if each.ran is not None):
            yield f"#### {self._named(built.number, built.lesson, built.step)}"
            yield from self._built(built.ran)
        open_ones = [self._name(each) for each in task.questions if not each.tries]
        open_ones += [self._walk_name(each) for each in task.walks if each.walked is None]
        open_ones += [self._named(b.number, b.lesson, b.step) for b in task.built if b.ran is None]
        if open_ones:
            said = self._say("Not answered yet:", "还没有作答：")
            yield "\n".join([said, "", *(f"- {name}" for name in open_ones)])

    def _walk(self, walk: Walk) -> Iterator[str]:
        """The journal of code that was stepped through, in the form that the course asks for."""
        assert walk.walked is not None
        journal = walk.walked.journal
        yield f"#### {self._walk_name(walk)}"
        if journal.setup.strip():
            yield self._say("Before it runs:", "先运行：")
            yield fenced(journal.setup)
        yield fenced(journal.snippet)
        state = (
            self._say("stepped through to the end", "已步进到底")
            if walk.walked.complete
            else self._say("not stepped through to the end yet", "尚未步进到底")
        )
        when = _moment(datetime.fromtimestamp(walk.walked.at).astimezone())
        yield self._comma.join([f"torch {escaped(journal.torch)}", state, when])
        shown = journal.shown
        steps = zip(steps_in_words(shown), shown, strict=True)
        if lines := [line for words, entry in steps for line in self._walk_step(words, entry)]:
            yield "\n".join(lines)
        hidden = [f"{code(e.qualname)} × {e.count}" for e in journal.entries if e.state == "hidden"]
        if hidden:
            yield self._say(
                "Ran hidden: {names}", "被隐藏、但运行过：{names}", names=self._comma.join(hidden)
            )

    def _walk_step(self, words: Words, entry: Entry) -> Iterator[str]:
        if (wrapper := between(entry)) is not None:
            yield f"- *{wrapper.into(self._language)}*"
        said = [code(entry.place)] if entry.file else []
        if entry.count > 1:
            said.append(self._say("{n} times", "{n} 次", n=entry.count))
        said.append(
            self._say("visited", "到过") if entry.state == "visited" else self._say("ran", "运行过，没有停留")
        )
        head, what = re.split(r"(?<=[:：]) ?", words.into(self._language), maxsplit=1)
        yield f"- {head}{'' if head.endswith('：') else ' '}{code(what)} — {self._comma.join(said)}"
        if entry.note:
            yield f"  - {code(entry.note)}"

    def _walk_name(self, walk: Walk) -> str:
        if walk.step is not None:
            return f"{walk.number} {self._plain(walk.lesson)} › {self._plain(walk.step.title)}"
        own = self._say("Code of your own", "自己的代码")
        return f"{self._plain(walk.lesson)} › {own}" if walk.lesson.en else own

    def _summed(self, summed: Summed) -> Iterator[str]:
        yield f"#### {summed.number} {self._plain(summed.lesson)} › {self._plain(summed.step)}"
        yield _moment(datetime.fromtimestamp(summed.at).astimezone())
        yield from summary_told(summed.atlas, summed.summary, self._language)

    def _name(self, asked: Asked) -> str:
        return self._named(asked.number, asked.lesson, asked.question.title)

    def _named(self, number: int, lesson: Words, step: Words) -> str:
        return f"{number} {self._plain(lesson)} › {self._plain(step)}"

    def _built(self, ran: Ran | None) -> Iterator[str]:
        """The script of a builder, and every key and value that torch gave for it."""
        if ran is None:
            return
        script = str(ran.settings.get("code", ""))
        builder = read(script)
        answer = restored(script, ran.values)
        lines = report_lines(answer, None if isinstance(builder, Unread) else builder, self._language)
        yield fenced(script)
        yield fenced("\n".join(lines))

    def _try(self, each: Try) -> str:
        kept = each.kept
        said = [_OUTCOMES[kept.outcome].into(self._language)] if kept.outcome in ("right", "wrong") else []
        if kept.hints:
            one, more = ("after a hint", "看过 1 条提示"), ("after {n} hints", "看过 {n} 条提示")
            said.append(self._say(*(one if kept.hints == 1 else more), n=kept.hints))
        if kept.sure is not None:
            said.append(self._say("was sure", "有把握") if kept.sure else self._say("was unsure", "没把握"))
        if kept.seed is not None:
            said.append(self._say("variant {seed}", "变式 {seed}", seed=kept.seed))
        said.append(_moment(datetime.fromtimestamp(kept.at).astimezone()))
        given = harmless(each.given.into(self._language)).strip()
        if each.typed and "\n" in given:
            # Steps that were recorded, one a line.
            lines = [f"  {number}. {code(line)}" for number, line in enumerate(given.split("\n"), 1)]
            return "\n".join([self._comma.join(said), *lines])
        return f"{code(given) if each.typed else one_line(given)} — {self._comma.join(said)}"

    @property
    def _comma(self) -> str:
        return self._say(", ", "，")

    # Scores --------------------------------------------------------------------------------------------------

    def _scores(self, report: Report) -> str:
        if not report.scores:
            return self._say("No lesson was begun yet.", "还没有开始学习。")
        heads = [
            self._say("lesson", "课"),
            self._say("steps seen", "已学步骤"),
            self._say("answered right", "答对题数"),
            self._say("mastery", "掌握程度"),
        ]
        rows = [
            [
                f"{each.number} {self._plain(each.title)}",
                f"{each.seen}/{each.steps}",
                f"{each.right}/{each.questions}",
                f"{each.mastery:.0%}",
            ]
            for each in report.scores
        ]
        right, of = (sum(getattr(each, name) for each in report.scores) for name in ("right", "questions"))
        rows.append([self._say("all", "合计"), "", f"{right}/{of}", ""])
        mastery = self._say(
            "Mastery is the share of a lesson's questions that would be recalled today.",
            "掌握程度：一课的题目中今天还能答对的比例。",
        )
        return f"{table(heads, rows)}\n\n{mastery}"

    def _weak(self, report: Report) -> str:
        if not report.weak:
            return self._say("Nothing stands out.", "没有明显的薄弱之处。")
        lines = []
        for asked in report.weak:
            recall = self._say("recalled with {p}", "记得的概率 {p}", p=f"{asked.recall:.0%}")
            one, more = ("not right once", "答错 1 次"), ("not right {n} times", "答错 {n} 次")
            wrong = self._say(*(one if asked.wrong == 1 else more), n=asked.wrong)
            lines.append(
                f"- {self._name(asked)} — {self._comma.join([recall, *([wrong] if asked.wrong else [])])}"
            )
        return "\n".join(lines)

    def _confidence(self, report: Report) -> str:
        found = report.confidence
        lines = []
        if found.sure:
            lines.append(
                self._say(
                    "- Said to be sure: {right} of {n} answers were right.",
                    "- 有把握的答案：{n} 个中答对 {right} 个。",
                    right=found.sure_right,
                    n=found.sure,
                )
            )
        if found.unsure:
            lines.append(
                self._say(
                    "- Said to be unsure: {right} of {n} answers were right.",
                    "- 没把握的答案：{n} 个中答对 {right} 个。",
                    right=found.unsure_right,
                    n=found.unsure,
                )
            )
        return "\n".join(lines) or self._say(
            "Nothing was said before an answer; `u` in a question says it.",
            "作答前没有说明有没有把握；在题目中按 `u` 说明。",
        )

    # Labs ----------------------------------------------------------------------------------------------------

    def _run(self, run: LastRun) -> Iterator[str]:
        ran = run.ran
        yield f"### {self._plain(run.lesson)} › {self._plain(run.step)}"
        title = self._plain(run.lab.title) if run.lab is not None else escaped(ran.lab)
        ending = _ENDINGS.get(ran.ending, Words(ran.ending))
        one, more = ("one run", "运行 1 次"), ("{n} runs, the last of them", "运行 {n} 次，最近一次")
        count = self._say(*(one if run.count == 1 else more), n=run.count)
        when = _moment(datetime.fromtimestamp(ran.at).astimezone())
        yield f"{title} — " + self._comma.join([count, ending.into(self._language), when])
        if run.lab is not None:
            record = LabRun.sketched(ran.settings, ran.values, ran.series)
            text = run_in_words(record, run.lab, self._language, ascii=self._ascii, width=WIDTH)
            yield fenced(text.partition("\n")[2])
        elif "code" in ran.settings:
            yield from self._built(ran)
        else:
            pairs = [
                f"{name} = {told(value, self._language)}"
                for name, value in (ran.settings | ran.values).items()
            ]
            yield fenced("\n".join(pairs))


def _without_fields(text: str) -> str:
    """A template whose numbers are drawn anew each time, read without them."""
    return re.sub(r"\{[^{}\n]*\}", "…", text.replace("{{", "\0").replace("}}", "\1")).translate(
        {0: "{", 1: "}"}
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
