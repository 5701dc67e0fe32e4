"""What the learner sees; the only importer of Textual."""
