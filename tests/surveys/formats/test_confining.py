"""Files are read by a process that can do no harm: whatever it does, we survive it, soon and with the memory we had."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.translation import override
from structlog.testing import capture_logs

from surveys.formats import confined, confining, spelling
from tests import make

REFUSED = "Reading the file takes more memory or time than any questionnaire needs. It was not read."
LIMITED = (
    "import sys, importlib.util\n"
    f"spec = importlib.util.spec_from_file_location('confined', {confined.__file__!r})\n"
    "confined = importlib.util.module_from_spec(spec); spec.loader.exec_module(confined)\n"
)


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program in the reader's place: what a file would have to make of it that had found a fault in it."""

    def put(program: str) -> None:
        file = tmp_path / "reader.py"
        file.write_text(program)
        monkeypatch.setattr(confining, "READER", file)

    return put


def refusal(content: bytes = b"{}") -> str:
    with pytest.raises(confining.BadFile) as caught:
        confining.read(content, "x.json")
    return str(caught.value)


def test_a_file_is_read_as_in_our_own_process() -> None:
    document = make.document()

    form, draft = confining.read(json.dumps(document).encode(), "any.txt", "another-code")

    assert form == "json"
    assert spelling.write(draft) == spelling.write(spelling_of(document | {"code": "another-code"}))


def spelling_of(document: dict[str, object]):
    from surveys.formats import strict

    return strict.read(document)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "The file is empty."), ("nb", "Filen er tom."), ("nn", "Fila er tom.")]
)
def test_a_refusal_is_in_the_language_of_whoever_asks(language: str, expected: str) -> None:
    with override(language):
        assert refusal(b"") == expected


def test_the_format_is_told_even_of_a_file_that_is_refused() -> None:
    with pytest.raises(confining.BadFile) as caught:
        confining.read(b"<x/>", "x")

    assert (caught.value.format, str(caught.value)[:12]) == ("lss", "This is no s")


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        (
            LIMITED + "confined.limit(); found = []\nwhile True: found.append(bytearray(b'x') * 10_000_000)",
            "MemoryError",
        ),
        (LIMITED + "confined.SECONDS = 1; confined.limit()\nwhile True: pass", "status=-9"),
        (
            LIMITED
            + "confined.MOST_WRITTEN = 1_000_000; confined.limit()\nwhile True: sys.stdout.write('x' * 100_000)",
            "OSError",
        ),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "status=-11"),
        ("raise ValueError('a text from the file')", "ValueError"),
        ("raise SystemExit(7)", "status=7"),
    ],
    ids=["memory", "time", "talk", "crash", "fault", "status"],
)
def test_a_reader_that_runs_wild_is_a_refusal(program: str, fault: str, reader: Callable[[str], None]) -> None:
    reader(program)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()

    with capture_logs() as logged:
        assert refusal() == REFUSED

    assert time.monotonic() - started < 30
    # In KiB: next to nothing of it came to us.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    # It ended of what was meant, and of nothing else.
    (told,) = logged
    assert fault in (told["fault"], f"status={told['status']}")


def test_a_reader_that_never_ends_is_ended_with_all_that_it_started(
    reader: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    reader(
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(told)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr(confining, "SECONDS", 5)

    assert refusal() == REFUSED

    for process in map(int, told.read_text().split()):
        assert _ended(process)


def _ended(process: int) -> bool:
    """Gone, or waiting for a first process that takes no notice."""
    for _ in range(50):
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


def test_what_a_reader_says_is_not_told_on_in_the_log(
    reader: Callable[[str], None],
) -> None:
    reader("raise ValueError('words that stand in the file')")

    with capture_logs() as logged:
        assert refusal() == REFUSED

    assert logged == [
        {
            "event": "file_not_read",
            "log_level": "warning",
            "status": 1,
            "fault": "ValueError",
            "size": logged[0]["size"],
        }
    ]


def test_a_reader_knows_no_secret_of_ours(reader: Callable[[str], None]) -> None:
    assert {"SECRET_KEY", "MASTER_KEY", "DATABASE_URL"} <= os.environ.keys()
    reader(
        "import json, os, sys\n"
        "given = sys.stdin.buffer.read().decode()\n"
        "print(json.dumps({'format': '', 'error': json.dumps([sorted(os.environ), given])}))"
    )

    names, given = json.loads(refusal(b"the file"))

    assert set(names) <= {"LC_ALL", "LC_CTYPE"}
    header, _newline, content = given.partition("\n")
    assert content == "the file"
    assert sorted(json.loads(header)) == ["code", "file_name", "language", "settings"]
    assert os.environ["SECRET_KEY"] not in header


@pytest.mark.parametrize("answer", ["", "[]", "{", '{"format": "json", "packed": {}}', '{"format": "json"}'])
def test_an_answer_that_is_none_is_a_refusal(answer: str, reader: Callable[[str], None]) -> None:
    reader(f"print({answer!r})")

    assert refusal() == REFUSED


def test_no_more_are_read_at_once_than_the_server_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confining, "PATIENCE", 0.01)
    confining.AT_ONCE.acquire()
    confining.AT_ONCE.acquire()
    try:
        assert refusal() == "Other files are being read just now. Try again in a minute."
    finally:
        confining.AT_ONCE.release()
        confining.AT_ONCE.release()
    assert refusal(b"") == "The file is empty."


SURVEY = b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>606</DBVersion>"
HOSTILE = {
    "attributes": b"<document " + b" ".join(b'a%d="x"' % number for number in range(600_000)) + b"/>",
    "nested": b"<a>" * 3_000_000,
    "elements": SURVEY + b"<x><rows>" + b"<row><a/></row>" * 650_000 + b"</rows></x></document>",
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><document>' + b"&a;" * 1_000_000 + b"</document>",
    "names": b'{"sections": [' + b",".join(b'{"n%d": 1}' % number for number in range(500_000)) + b"]}",
    "brackets": b"[" * 9_000_000,
    "digits": b'{"minutes": ' + b"9" * 9_000_000 + b"}",
    "tabs": b"class\ttype/scale\tname\ttext\n" + b'"' + b"\t" * 9_000_000,
    "quotes": b"class\ttype/scale\tname\ttext\n" + b'G\t1\t""""""""\tx\n' * 400_000,
    "expression": b'{"pages": [{"elements": [{"type": "text", "name": "a", "visibleIf": "' + b"(" * 5_000_000
    + b'"}]}]}',
    "html": SURVEY + b"<surveys><rows><row><sid>1</sid><language>nb</language></row></rows></surveys>"
    b"<surveys_languagesettings><rows><row><surveyls_language>nb</surveyls_language><surveyls_title>"
    + b"&lt;a &lt;" * 800_000 + b"</surveyls_title></row></rows></surveys_languagesettings></document>",
}  # fmt: skip


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_files_cost_us_next_to_nothing(name: str) -> None:
    content = HOSTILE[name]
    assert len(content) < 10 * 1024 * 1024
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    try:
        _form, draft = confining.read(content, "x")
    except confining.BadFile:
        pass
    else:
        assert len(json.dumps(spelling.write(draft))) < 100_000

    assert time.process_time() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_file_of_a_hundred_megabytes_is_not_even_passed_on(reader: Callable[[str], None]) -> None:
    reader("raise SystemExit(1)")

    assert refusal(bytes(100 * 1024 * 1024)) == "The file is larger than 10 MB."


def test_the_limits_hold_for_the_reader_itself() -> None:
    """What the reader takes upon itself, seen from inside."""
    program = (
        LIMITED + "confined.limit(); import resource, json; print(json.dumps([resource.getrlimit(x) for x in (9, 0)]))"
    )

    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=True)

    assert json.loads(done.stdout) == [[confined.MEMORY] * 2, [confined.SECONDS] * 2]
