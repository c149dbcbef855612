"""Texts: found, set against each other, and mended in the field. Whether two are the same, or only spelt better."""
