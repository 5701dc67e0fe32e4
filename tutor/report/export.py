"""The learner's summary as files: a table in Markdown, a Mermaid mind map, a picture of the screen."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path

from tutor.course.losses import Atlas
from tutor.practice.summary import Summary
from tutor.report.summary import TITLE, markdown, mermaid
from tutor.report.write import save
from tutor.words import Language


def export(folder: Path, atlas: Atlas, summary: Summary, language: Language, picture: str) -> list[str]:
    """Write table, mind map and `picture` (SVG) into the folder, over nothing that is there; the names of the files.

    OSError where they cannot be written.
    """
    texts = {
        "md": "\n\n".join([f"# {TITLE.into(language)}", *markdown(atlas, summary, language)]) + "\n",
        "mmd": mermaid(atlas, summary, language),
        "svg": picture,
    }
    stem = next(
        stem
        for stem in chain(["my-losses"], (f"my-losses-{number}" for number in count(2)))
        if not any((folder / f"{stem}.{ending}").exists() for ending in texts)
    )
    for ending, text in texts.items():
        save(text, folder / f"{stem}.{ending}", force=False)
    return [f"{stem}.{ending}" for ending in texts]
