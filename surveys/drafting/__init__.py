"""Drafting: the parts of authoring. A draft is made, filled, arranged, changed by several people, and undone."""
