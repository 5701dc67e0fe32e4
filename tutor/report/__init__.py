"""The report: what the learner did, to read and to hand in. No Textual, no torch."""
