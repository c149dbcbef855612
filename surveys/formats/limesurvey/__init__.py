"""LimeSurvey's survey structure: its XML (.lss) and its tab-separated text (.txt) are two spellings of one thing.

`survey` is that thing as plain values; `xml` and `tsv` read and write it; `reading` makes a draft of it and
`writing` makes it of a draft; `relevance` translates its expressions and `markup` its HTML.
"""
