"""What is read and asked: the lesson model, its loading, its checking. No Textual, no torch."""
