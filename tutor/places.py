"""Where things are kept on this machine, as its platform wants it."""

from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """Where progress is kept; not created here."""
    return platformdirs.user_data_path("tutor", appauthor=False)


def cache_folder() -> Path:
    """Where what can be computed again is kept."""
    return platformdirs.user_cache_path("tutor", appauthor=False)


def log_file() -> Path:
    """Where our own errors are written down."""
    return platformdirs.user_log_path("tutor", appauthor=False) / "tutor.log"


def progress_file() -> Path:
    """The learner's progress."""
    return data_folder() / "progress.sqlite3"
