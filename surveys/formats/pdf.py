"""A questionnaire as a paper form in PDF, tagged so that a screen reader can read it (PDF/UA)."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.utils.translation import gettext as _

from surveys.formats.paper.form import lay_out
from surveys.formats.paper.kept import lost
from surveys.formats.protocol import Draft, Lost, Written

TEMPLATE = Path(__file__).parent / "paper" / "form.typ"
SUFFIXES = {"image/png": "png", "image/jpeg": "jpg"}
STANDARD: Final = "ua-1"
# One form is one file: when it was made tells nothing.
MADE = datetime(2000, 1, 1, tzinfo=UTC)


def dump(draft: Draft, language: str) -> Written:
    """The file, in one language."""
    # A compiler with its fonts: 40 MB that only those who export need.
    import typst

    form = json.dumps(lay_out(draft, language).as_plain(), ensure_ascii=False)
    # The texts go in as data beside the template, so nothing that stands in them is run; and no file is read but the
    # images, from a folder that holds nothing else.
    told = lost(draft, language)

    def compiled(folder: Path, **more: Any) -> bytes:
        content: bytes = typst.compile(
            folder / TEMPLATE.name,
            root=folder,
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"form": form},
            timestamp=MADE,
            **more,
        )
        return content

    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copy(TEMPLATE, folder)
        for digest, image in draft.files.items():
            if image.media_type in SUFFIXES:
                (folder / f"{digest}.{SUFFIXES[image.media_type]}").write_bytes(image.content)
        try:
            return Written(compiled(folder, pdf_standards=STANDARD), told)
        except typst.TypstError:
            # The standard refuses what its fonts cannot show, such as pictograms: then at least it is tagged.
            why = _("Some characters cannot be shown, so the file may not be read aloud in full.")
            return Written(compiled(folder), (*told, Lost(_("the whole"), "PDF/UA", why)))
