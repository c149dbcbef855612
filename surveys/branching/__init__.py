"""Branching: the parts of routing. What conditions want, whether they can hold, and what depends on what."""
