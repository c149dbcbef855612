"""The rules of the critique: what is methodologically weak in a questionnaire. Pure: no database, no request.

A module a family, a function a rule. Each takes a `Subject` and gives the `Hit`s it finds; `registry` lists them
all. Where words matter, they are listed for bokmål, nynorsk and English; other languages are not judged by words.
"""
