"""Questionnaires on paper: `form` lays one out as plain values in one language; `docx` and `pdf` draw it."""
