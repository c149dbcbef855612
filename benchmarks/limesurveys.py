"""How many of LimeSurvey's surveys in a folder can be imported: `python -m benchmarks.limesurveys FOLDER [--lost]`.

Reads every .lss and .txt below the folder, as an import would before it is applied; nothing is stored. Each refusal
is printed with its reason, and what is lost is counted by reason; `--lost` prints every single loss.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import django


def main(folder: Path, *, every_loss: bool) -> None:
    """Print one line a file and the sums."""
    # These use models, so they are imported after the setup.
    from surveys.formats import lss, spelling, strict, txt
    from surveys.formats.document import BadDocument

    files = sorted(path for path in folder.rglob("*") if path.suffix in (".lss", ".txt"))
    reasons: Counter[str] = Counter()
    imported = questions = conditions = 0
    began = time.perf_counter()
    for path in files:
        try:
            draft = (lss if path.suffix == ".lss" else txt).load(path.read_bytes(), "measured")
            view = strict.read(spelling.write(replace(draft, code="measured"))).view
        except BadDocument as refusal:
            print(f"REFUSED  {path.relative_to(folder)}: {refusal}")
            continue
        imported += 1
        questions += len(view.questions)
        conditions += sum(len(question.conditions) for question in view.questions.values())
        print(f"imported {path.relative_to(folder)}: {len(view.questions)} questions, {len(draft.lost)} losses")
        reasons.update(re.sub(r"“[^”]*”|\b[A-Za-z]\w*\d\w*\b", "…", each.why) for each in draft.lost)
        if every_loss:
            for each in draft.lost:
                print(f"    {each.place}: {each.what[:70]!r}: {each.why}")
    seconds = time.perf_counter() - began
    print(f"\n{imported} of {len(files)} imported: {questions} questions, {conditions} conditions, {seconds:.1f} s")
    for reason, count in reasons.most_common(40):
        print(f"{count:6} {reason}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main(Path(sys.argv[1]), every_loss="--lost" in sys.argv)
