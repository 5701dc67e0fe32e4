"""The SQLite file of the learner's progress: opened, brought up to date, kept aside where it is damaged or foreign.

Everything is committed before the caller goes on. A file that cannot be written costs nothing that was
done: it is kept in memory, said in `trouble`, and written with the next write that succeeds.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from tutor.words import Words

FORMAT = 3
"""`PRAGMA user_version` of the files we write."""
_APPLICATION = 0x7475746F
"""`PRAGMA application_id`: "tuto"."""
_BUSY_SECONDS = 2.0
"""How long to wait for another session of the same learner before keeping a write in memory."""

_TABLES = """
CREATE TABLE IF NOT EXISTS seen (
    lesson TEXT, step TEXT, at REAL, PRIMARY KEY (lesson, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY, at REAL, lesson TEXT, step TEXT, given TEXT, outcome TEXT, hints INTEGER,
    key TEXT, sure INTEGER, seed INTEGER);
CREATE TABLE IF NOT EXISTS prediction (
    id INTEGER PRIMARY KEY, at REAL, lesson TEXT, step TEXT, given TEXT);
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY, at REAL, lesson TEXT, step TEXT, lab TEXT,
    settings TEXT, results TEXT, ending TEXT, series TEXT);
CREATE TABLE IF NOT EXISTS journal (
    lesson TEXT, step TEXT, snippet TEXT, setup TEXT, at REAL, complete INTEGER, content TEXT,
    PRIMARY KEY (lesson, step, snippet, setup)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS summary (
    lesson TEXT, step TEXT, at REAL, given TEXT, outcome TEXT, PRIMARY KEY (lesson, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT, at REAL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answer_step ON answer (lesson, step);
CREATE INDEX IF NOT EXISTS prediction_step ON prediction (lesson, step);
"""
_ADDED = {"answer": ("key TEXT", "sure INTEGER", "seed INTEGER"), "run": ("series TEXT",)}
"""The columns that a file of format 1 lacks, in the order of the tables above."""


class _Foreign(Exception):
    """The file is not one that this version can go on with; the words say why."""

    def __init__(self, tag: str, why: Words) -> None:
        self.tag = tag
        self.why = why


class ProgressFile:
    """The file, or while it cannot be used a copy of it in memory. No method raises for a bad file or disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pending: list[tuple[str, tuple[Any, ...]]] = []
        self.trouble: Words | None = None
        """What went wrong with the file, for the learner to read; None while all is well."""
        try:
            self._db = self._open_file()
        except (sqlite3.Error, OSError) as error:
            self._db = self._open_memory()
            self._say_unsaved(error)

    def close(self) -> None:
        """Write what is still pending, if that is possible now, and let go of the file."""
        if self._pending:
            self._flush()
        self._db.close()

    @property
    def unsaved(self) -> int:
        """How many things done are in memory only."""
        return len(self._pending)

    def _open_file(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connect()
        except _Foreign as foreign:
            self._keep_aside(foreign.tag, foreign.why)
        except sqlite3.OperationalError:
            raise  # Locked, read-only or full: the file itself may be perfectly well.
        except sqlite3.DatabaseError:
            self._keep_aside("damaged", Words("is damaged", "已损坏"))
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            # Homes on lab machines are network mounts, where WAL does not work.
            db.execute("PRAGMA journal_mode = TRUNCATE")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (application,) = db.execute("PRAGMA application_id").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version > FORMAT and application == _APPLICATION:
                raise _Foreign(
                    "newer", Words("was written by a newer version of tutor", "由更新版本的 tutor 写成")
                )
            if tables and application != _APPLICATION:
                raise _Foreign("foreign", Words("is not a progress file of tutor", "不是 tutor 的进度文件"))
            if version < FORMAT:
                self._bring_up_to_date(db)
            if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise _Foreign("damaged", Words("is damaged", "已损坏"))
        except BaseException:
            db.close()
            raise
        return db

    def _bring_up_to_date(self, db: sqlite3.Connection) -> None:
        """Make the tables of a new file, or add to those of an earlier format what they lack."""
        db.execute("BEGIN IMMEDIATE")  # Another session may be doing the same.
        for statement in _TABLES.split(";"):
            db.execute(statement)
        for table, columns in _ADDED.items():
            there = {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
            for column in columns:
                if column.partition(" ")[0] not in there:
                    db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {FORMAT}")
        db.execute("COMMIT")

    def _keep_aside(self, tag: str, why: Words) -> None:
        """Rename the file, and its journal with it, to a name that nothing has yet."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        tries = (
            f"{self._path.stem}.{tag}-{stamp}{n}{self._path.suffix}"
            for n in ("", *(f"-{i}" for i in range(2, 99)))
        )
        aside = next(p for p in (self._path.with_name(name) for name in tries) if not p.exists())
        self._path.rename(aside)
        journal = self._path.with_name(self._path.name + "-journal")
        if journal.exists():
            journal.rename(aside.with_name(aside.name + "-journal"))
        self.trouble = Words(
            "The progress file {why}. It is kept as {aside}; a new one was begun.",
            "进度文件{why}，已保留为 {aside}，并新建了一个进度文件。",
        ).filled(why=why, aside=aside)

    def _open_memory(self) -> sqlite3.Connection:
        db = sqlite3.connect(":memory:", isolation_level=None)
        db.executescript(_TABLES)
        return db

    def _say_unsaved(self, error: Exception) -> None:
        self.trouble = Words(
            "Progress cannot be saved in {path}: {error}. It is kept in memory and saved once that works.",
            "无法把进度保存到 {path}：{error}。进度暂存于内存，一旦可以写入就会保存。",
        ).filled(path=self._path, error=error)

    # Writing and reading ---------------------------------------------------------------------------------

    def _write(self, sql: str, *values: Any) -> None:
        if not self._pending and self._path_is_open():
            try:
                self._db.execute(sql, values)
                return
            except sqlite3.Error as error:
                self._fall_back(error)
                self._keep_pending(sql, values)
        else:
            self._keep_pending(sql, values)
            self._flush()

    def _keep_pending(self, sql: str, values: tuple[Any, ...]) -> None:
        self._pending.append((sql, values))
        self._db.execute(sql, values)

    def _path_is_open(self) -> bool:
        return bool(self._db.execute("PRAGMA database_list").fetchone()[2])

    def _fall_back(self, error: Exception) -> None:
        """Go on in memory with all that can still be read from the file."""
        memory = self._open_memory()
        try:
            for table in ("seen", "answer", "prediction", "run", "journal", "summary", "setting"):
                rows = self._db.execute(f"SELECT * FROM {table}").fetchall()
                if rows:
                    memory.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        except sqlite3.Error:
            pass  # What cannot be read stays in the file; what is done from now on is kept.
        self._db.close()
        self._db = memory
        self._say_unsaved(error)

    def _flush(self) -> None:
        """Try to bring what is pending into the file, all of it or nothing."""
        self.trouble = None
        try:
            file = self._open_file()
        except (sqlite3.Error, OSError) as error:
            self._say_unsaved(error)
            return
        try:
            file.execute("BEGIN IMMEDIATE")
            for sql, values in self._pending:
                file.execute(sql, values)
            file.execute("COMMIT")
        except sqlite3.Error as error:
            file.close()
            self._say_unsaved(error)
            return
        self._pending.clear()
        self._db.close()
        self._db = file

    def _read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            self._fall_back(error)
            return self._db.execute(sql, values).fetchall()
