# capture.py -- runs espcap-capture over a capture and reads its documents.
# SPDX-License-Identifier: Apache-2.0
import collections
import json
import os
import subprocess

TIMEOUT_S = 300
OPTIONS = ["--stdout", "--schema", "full", "--show-secrets"]

# documents: parsed objects in order, without layers where a line is no document. complaints: what
# is wrong with single lines. code: exit code, negative for a signal, None for a time-out.
Output = collections.namedtuple("Output", "documents complaints code message")


class Repeated:
    """The value of a key that stands twice in one object: equal to nothing."""


def object_of(pairs):
    """A JSON object; a key that comes twice loses its value, so that its cell cannot agree."""
    result = dict(pairs)
    if len(result) != len(pairs):
        for key, times in collections.Counter(key for key, _ in pairs).items():
            if times > 1:
                result[key] = Repeated()
    return result


def refuse(word):
    raise ValueError(f"{word} is not JSON")


def parse_line(line):
    """The object of one line. Raises ValueError (UnicodeDecodeError is one) when it is none."""
    document = json.loads(line.decode("utf-8"), object_pairs_hook=object_of, parse_constant=refuse)
    if not isinstance(document, dict):
        raise ValueError("not an object")
    if not isinstance(document.get("layers"), dict):
        raise ValueError("no object `layers`")
    return document


def parse(out):
    """(documents, complaints) of NDJSON."""
    documents, complaints = [], []
    lines = out.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    else:
        complaints.append(f"line {len(lines)} does not end in a line feed")
    for number, line in enumerate(lines, 1):
        try:
            documents.append(parse_line(line))
        except (ValueError, RecursionError) as error:
            complaints.append(f"line {number}: {error}")
            documents.append({"layers": {}})
    return documents, complaints


def environment():
    """For espcap's programs: no option reaches them by the environment."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC", "LC_ALL": "C.UTF-8",
            "HOME": os.environ.get("HOME", "/")}


def run(binary, path, extra=()):
    """Every document espcap-capture prints for one file."""
    line = [binary, "--file", path] + OPTIONS + list(extra)
    try:
        done = subprocess.run(line, env=environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return Output([], [], None, f"no end within {TIMEOUT_S} s")
    documents, complaints = parse(done.stdout)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return Output(documents, complaints, done.returncode, said[-1] if said else "")


def refused(output):
    """A clean refusal: exit code 1 with a sentence, and not one document."""
    return output.code == 1 and not output.documents and output.message != ""


def broke(output):
    """The reason why this run is a defect whatever it printed, or ""."""
    if output.code is None:
        return output.message
    if output.code < 0:
        return f"died of signal {-output.code}"
    if output.code not in (0, 1):
        return f"ended with {output.code}: {output.message}"
    if output.code == 1 and not output.message:
        return "ended with 1 and no message"
    return output.complaints[0] if output.complaints else ""


def align(documents, packets):
    """documents -> {packet number: document}. By order; when their number is not that of the
    packets, by frame.number, as long as it rises through the whole file."""
    by_order = dict(enumerate(documents, 1))
    if len(documents) == packets:
        return by_order
    numbers = [document["layers"].get("frame.number") for document in documents]
    usable = all(type(number) is int for number in numbers)
    if usable and all(a < b for a, b in zip(numbers, numbers[1:])):
        return dict(zip(numbers, documents))
    return by_order
