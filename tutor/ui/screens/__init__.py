"""Whole screens: home, welcome, lesson, glossary, help, palette."""
