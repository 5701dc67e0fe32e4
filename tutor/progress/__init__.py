"""What the learner did, kept in one SQLite file."""
