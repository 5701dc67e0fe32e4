"""The learner's progress survives sessions, damage, full disks and kills."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.progress.store import Store
from tutor.stepping.journal import Entry, Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "progress.sqlite3"


def test_everything_done_is_there_in_the_next_session(path: Path) -> None:
    store = Store.open(path)
    store.seen("why", "intro")
    store.answered("why", "q1", "256", "wrong", 1)
    store.answered("why", "q1", "16", "right", 1)
    store.answered("why", "q1", "7", "wrong", 0)
    store.predicted("why", "lab", "40")
    store.ran("why", "lab", "activation_std", {"std": 1.0}, {"first_nonfinite_std": 30}, "finished")
    store.move("why", "q1")
    store.set("language", "zh")
    assert store.trouble is None
    store.close()

    again = Store.open(path)
    assert again.place() == ("why", "q1")
    assert again.steps("why")["intro"].seen
    assert again.steps("why")["q1"].outcome == "right", "the best outcome stands"
    assert again.seen_steps() == {"why": {"intro"}}
    assert again.prediction("why", "lab") == "40"
    assert again.setting("language") == "zh"


def test_an_answer_is_kept_with_what_was_asked_and_how_sure_the_learner_was(path: Path) -> None:
    store = Store.open(path)
    store.answered("why", "q1", "256", "wrong", 1, key="number:16", sure=True)
    store.answered("why", "again", "4/11", "right", 0, key="variants:mean", sure=False, seed=2**31 - 1)
    store.answered("why", "q1", "", "skipped", 0)
    store.close()

    first, second, third = Store.open(path).answers()
    assert (first.lesson, first.step, first.given, first.outcome, first.hints) == (
        "why",
        "q1",
        "256",
        "wrong",
        1,
    )
    assert (first.key, first.sure, first.seed) == ("number:16", True, None)
    assert (second.key, second.sure, second.seed) == ("variants:mean", False, 2**31 - 1)
    assert (third.key, third.sure, third.seed) == ("", None, None)
    assert 0 < first.at <= second.at <= third.at


def test_a_new_learner_has_no_place_and_no_settings(path: Path) -> None:
    store = Store.open(path)
    assert store.place() is None
    assert store.setting("language") is None
    assert store.steps("why") == {}
    assert store.prediction("why", "lab") is None


def test_a_run_is_kept_with_what_it_drew(path: Path) -> None:
    store = Store.open(path)
    series = {"std": [[0, 1.0], [1, "inf"]]}
    store.ran("why", "lab", "activation_std", {"std": 1.0}, {"last": "nan"}, "finished", series)
    store.ran("why", "lab", "activation_std", {"std": 2.0}, {}, "stopped")
    store.close()

    first, second = Store.open(path).runs()
    assert (first.lab, first.settings, first.values) == ("activation_std", {"std": 1.0}, {"last": "nan"})
    assert (first.ending, first.series) == ("finished", series)
    assert (second.ending, second.series) == ("stopped", {})


_FORMAT_1 = """
CREATE TABLE seen (lesson TEXT, step TEXT, at REAL, PRIMARY KEY (lesson, step)) WITHOUT ROWID;
CREATE TABLE answer (
    id INTEGER PRIMARY KEY, at REAL, lesson TEXT, step TEXT, given TEXT, outcome TEXT, hints INTEGER);
CREATE TABLE prediction (id INTEGER PRIMARY KEY, at REAL, lesson TEXT, step TEXT, given TEXT);
CREATE TABLE run (
    id INTEGER PRIMARY KEY, at REAL, lesson TEXT, step TEXT, lab TEXT, settings TEXT, results TEXT, ending TEXT);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT, at REAL) WITHOUT ROWID;
INSERT INTO answer VALUES (1, 5.0, 'why', 'q1', '16', 'right', 1);
INSERT INTO run VALUES (1, 6.0, 'why', 'lab', 'gain', '{"a": 1}', '{}', 'finished');
PRAGMA application_id = 1953854575;
PRAGMA user_version = 1;
"""


def test_a_file_of_the_first_format_goes_on_with_all_that_is_in_it(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as old:
        old.executescript(_FORMAT_1)
    old.close()
    store = Store.open(path)
    assert store.trouble is None
    store.answered("why", "q1", "17", "wrong", 0, key="number:16", sure=True)
    store.ran("why", "lab", "gain", {"a": 2}, {}, "finished", {"gain": [[0, 1.5]]})
    store.close()

    again = Store.open(path)
    assert [(each.given, each.key) for each in again.answers()] == [("16", ""), ("17", "number:16")]
    assert [(each.settings, each.series) for each in again.runs()] == [
        ({"a": 1}, {}),
        ({"a": 2}, {"gain": [[0, 1.5]]}),
    ]


@pytest.mark.parametrize(
    ("tag", "spoil"),
    [
        ("damaged", lambda p: p.write_bytes(b"not a database at all" * 100)),
        ("damaged", lambda p: p.write_bytes(p.read_bytes()[:4096] + os.urandom(len(p.read_bytes()) - 4096))),
        ("newer", lambda p: sqlite3.connect(p).executescript("PRAGMA user_version = 99")),
        ("foreign", lambda p: sqlite3.connect(p).executescript("PRAGMA application_id = 7")),
    ],
)
def test_a_file_that_cannot_be_used_is_kept_aside_and_said(path: Path, tag: str, spoil) -> None:
    store = Store.open(path)
    store.seen("why", "intro")
    store.close()
    spoil(path)
    before = path.read_bytes()

    store = Store.open(path)
    (aside,) = path.parent.glob(f"progress.{tag}-*.sqlite3")
    assert aside.read_bytes() == before, "the old file is untouched"
    assert store.trouble is not None
    assert aside.name in store.trouble.en
    assert aside.name in store.trouble.zh
    store.seen("why", "intro")
    assert Store.open(path).seen_steps() == {"why": {"intro"}}, "the new file works"


def test_a_folder_that_cannot_be_made_keeps_progress_in_memory_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")
    store = Store.open(tmp_path / "home" / "progress.sqlite3")
    assert store.trouble is not None
    store.answered("why", "q1", "16", "right", 0)
    assert store.steps("why")["q1"].outcome == "right"


def test_what_was_done_while_the_disk_was_full_is_written_when_it_is_not(path: Path) -> None:
    store = Store.open(path)
    store.seen("why", "intro")
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    elsewhere = path.with_name("away")
    path.rename(elsewhere)
    path.mkdir()  # nothing can be opened here: the disk stays unwritable after the first failure
    for i in range(200):
        store.answered("why", f"q{i}", "16" * 50, "right", 0)
    assert store.trouble is not None
    assert len(store.steps("why")) == 201, "nothing done is lost from sight"
    path.rmdir()
    elsewhere.rename(path)
    store.answered("why", "last", "16", "right", 0)
    assert store.trouble is None
    assert len(Store.open(path).steps("why")) == 202


def test_a_session_that_holds_the_file_does_not_block_another(path: Path) -> None:
    store = Store.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.answered("why", "q1", "16", "right", 0)
    assert store.steps("why")["q1"].outcome == "right"
    assert store.trouble is not None
    other.execute("ROLLBACK")
    store.answered("why", "q2", "16", "right", 0)
    assert store.trouble is None
    assert set(Store.open(path).steps("why")) == {"q1", "q2"}


_KILLING = """
import os, random, select, signal, sys, time
from pathlib import Path
from tutor.progress.store import Store
from tutor.stepping.journal import Entry, Journal

path, rounds = Path(sys.argv[1]), int(sys.argv[2])
draw = random.Random(7)

def answer(name, said):
    store = Store.open(path)
    for i in range(10_000):
        store.answered("why", f"{name}-{i}", "16", "right", 0)
        if store.trouble is None:  # else it was said that the answer is not saved yet
            os.write(said, f"{name}-{i}\\n".encode())

for round in range(rounds):
    sessions, told = [], b""
    for who in range(2):
        heard, said = os.pipe()
        pid = os.fork()
        if pid == 0:
            answer(f"{round}-{who}", said)
        os.close(said)
        sessions.append((pid, heard))
    # As many answers as drawn are in, however slow the machine is; with none, the file may not be open yet.
    wanted = draw.randrange(6)
    while told.count(b"\\n") < wanted:
        for heard in select.select([heard for _, heard in sessions], [], [])[0]:
            told += (more := os.read(heard, 4096))
            assert more, "a session ended by itself"
    time.sleep(draw.uniform(0, 0.005))  # so that any point of the next write can be the last
    for pid, _ in sessions:
        os.kill(pid, signal.SIGKILL)
    for pid, heard in sessions:
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        with open(heard, "rb") as rest:
            told += rest.read()
    sys.stdout.write(told.decode())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="killing by the hundred needs fork")
def test_no_acknowledged_answer_is_lost_in_two_hundred_kills(path: Path) -> None:
    """Two sessions of one learner answer as fast as they can and are killed in the middle of it."""
    done = subprocess.run(
        [sys.executable, "-c", _KILLING, str(path), "100"], capture_output=True, text=True, check=True
    )
    acknowledged = done.stdout.split()
    store = Store.open(path)
    assert store.trouble is None
    kept = [answer.step for answer in store.answers()]
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept)), "nothing twice"
    assert len(acknowledged) > 200, "they did answer"
    rounds = {name.partition("-")[0] for name in acknowledged}
    assert len(rounds) > 50, "in most rounds"


def test_what_is_in_memory_only_is_counted_and_still_written_when_the_store_is_closed(tmp_path: Path) -> None:
    blocker = tmp_path / "home"
    blocker.write_text("a file where a folder should be")
    store = Store.open(blocker / "progress.sqlite3")
    store.seen("why", "intro")
    assert store.unsaved == 1
    blocker.unlink()
    store.close()
    assert store.unsaved == 0
    assert Store.open(blocker / "progress.sqlite3").seen_steps() == {"why": {"intro"}}


def journal(*visited: str, ended: bool = True, snippet: str = "f()") -> Journal:
    found = [Entry(name, "x.py", 1, 1, "visited" if name in visited else "ran") for name in ("f", "g")]
    return Journal(snippet, "", 0, "2.13.0", found, ended)


def test_a_journal_is_kept_as_it_last_was_and_once_complete_stays_so(path: Path) -> None:
    store = Store.open(path)
    assert store.journal("f()", "", "why", "walk") is None
    store.walked(journal("f"), "why", "walk")
    assert store.outcomes("why") == {"walk": ["begun"]}
    store.walked(journal("f", "g"), "why", "walk")
    store.walked(journal("g").noted("f", "mine"), "why", "walk")
    store.walked(journal("f", snippet="own()"))
    store.close()

    again = Store.open(path)
    assert again.outcomes("why") == {"walk": ["right"]} and again.steps("why")["walk"].outcome == "right"
    assert again.outcomes("") == {"": ["begun"]}, "code of the learner's own belongs to no lesson"
    kept, own = again.journals()
    assert kept.complete and kept.journal.notes == {"f": "mine"}
    assert (own.lesson, own.journal.snippet, own.complete) == ("", "own()", False)
    assert again.journal("f()", "", "why", "walk") == kept.journal


def test_a_file_from_before_journals_gets_a_place_for_them(path: Path) -> None:
    store = Store.open(path)
    store.answered("why", "q1", "16", "right", 0)
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE journal")
        db.execute("PRAGMA user_version = 2")
    again = Store.open(path)
    again.walked(journal("f"), "why", "walk")
    assert again.trouble is None and len(again.answers()) == len(again.journals()) == 1
