"""The gate: the parts of disclosing. Raw counts, what of them is withheld, and the rows of a release."""
