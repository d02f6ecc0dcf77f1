# cells.py -- one cell: brings tshark's text and espcap's value to one form, and judges them.
# SPDX-License-Identifier: Apache-2.0
"""The rules of protocols.md 6.3, by type.

tshark's side is read leniently (any base, five escapes, dates), espcap's side strictly: a number
must be a JSON number, a boolean a JSON boolean, text a JSON string. What section 8 says is never
emitted (empty text, NTP time 0, NaN) counts as absent on tshark's side, never on espcap's.
"""
import datetime
import functools
import math
import re

AGREE, WRONG, MISSING, EXTRA, SKIPPED = "agree", "wrong", "missing", "extra", "skipped"
ABSENT = object()       # espcap's document does not have the key
MISTYPED = object()     # equal to nothing, itself included

ESCAPES = {0x08: "\\b", 0x09: "\\t", 0x0a: "\\n", 0x0c: "\\f", 0x0d: "\\r"}
MONTHS = dict(zip("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), range(1, 13)))
DATE = re.compile(r"([A-Z][a-z]{2}) +(\d+), (\d+) (\d\d:\d\d:\d\d\.\d{9}) UTC")
ASN1_DATE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) \(UTC\)")
# The sentences tshark prints in place of a DNS name it cannot follow (section 3.1, DNS question).
SENTENCES = ("<Name contains a pointer that loops>", "<Name too long>", "<Unknown extended label>")
REL_ERROR = 1e-6
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
LAST_SECOND = 2**63 // 10**9


@functools.cache
def is_integer(kind):
    return re.fullmatch(r"[ui]\d+x?", kind) is not None


def iso_date(text):
    """tshark's date -> the ISO form of layers; other text stays as it is."""
    found = DATE.fullmatch(text)
    if not found or found[1] not in MONTHS:
        return text
    return f"{int(found[3]):04}-{MONTHS[found[1]]:02}-{int(found[2]):02}T{found[4]}Z"


def iso_epoch(text):
    """frame.time_epoch -> the form of @timestamp; None outside 1970 to 2262, which is clamped."""
    seconds, _, nanos = text.partition(".")
    if seconds.startswith("-") or int(seconds) >= LAST_SECOND:
        return None
    moment = EPOCH + datetime.timedelta(seconds=int(seconds))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + nanos + "Z"


def their_number(text):
    """Any base; what is no number stays text and then equals nothing."""
    try:
        return int(text, 16) if text.startswith("0x") else int(text)
    except ValueError:
        return text


def their_bool(text):
    return {"1": True, "0": False, "True": True, "False": False}.get(text, text)


def their_float(text):
    try:
        return float(text)
    except ValueError:
        return text


def same_text(name, text):
    """What both sides of a text cell go through."""
    if name.name == "nbns.name":
        return re.sub(r">.*", ">", text)
    if name.name == "x509af.utcTime":
        return ASN1_DATE.sub(r"\1T\2.000000000Z", text)
    return text


def their_value(name, text):
    """One value as tshark printed it, in the common form; None when it stands for no value."""
    if text == "":
        return None
    if "text" in name.marks:
        return text
    if is_integer(name.type):
        return their_number(text)
    if name.type == "bool":
        return their_bool(text)
    if name.type in ("f32", "f64"):
        value = their_float(text)
        return None if isinstance(value, float) and not math.isfinite(value) else value
    if name.type == "abs":
        return None if text == "NULL" else iso_date(text)
    if name.type == "bytes":
        return None if text == "<MISSING>" else text.replace(":", "")
    return same_text(name, text)


def our_value(name, value):
    """One JSON value of espcap in the common form, or MISTYPED."""
    if is_integer(name.type) and "text" not in name.marks:
        return value if type(value) is int else MISTYPED
    if name.type == "bool":
        return value if type(value) is bool else MISTYPED
    if name.type in ("f32", "f64"):
        return value if type(value) in (int, float) else MISTYPED
    if not isinstance(value, str) or value == "":
        return MISTYPED
    if name.type == "str":
        value = value.translate(ESCAPES)
        if name.name.startswith("dns."):
            value = value.replace("\0", "\\000")
        return same_text(name, value)
    return value


def our_values(value):
    """A scalar is one value, an array several."""
    return value if isinstance(value, list) else [value]


def equal(name, theirs, ours):
    """One pair of values."""
    if ours is MISTYPED:
        return False
    if name.type in ("f32", "f64") and not isinstance(theirs, str):
        return math.isclose(theirs, ours, rel_tol=REL_ERROR)
    return theirs == ours


def is_label(name):
    return name.type in ("none", "proto")


def present(name, raw, aggregator):
    """Whether tshark's cell holds a value after all that stands for none is taken away."""
    if is_label(name):
        return bool(raw)
    return bool(raw) and any(their_value(name, text) is not None
                             for text in raw.split(aggregator))


def same(name, raw, value, aggregator):
    """Both sides have a value: is it the same?"""
    ours = our_values(value)
    if is_label(name):
        return all(item is True for item in ours) and ours != []
    ours = [our_value(name, item) for item in ours]
    theirs = [their_value(name, text) for text in raw.split(aggregator)]
    theirs = [item for item in theirs if item is not None]
    if len(theirs) == len(ours):
        return all(equal(name, their, our) for their, our in zip(theirs, ours))
    # A value may itself hold the byte that stands between values.
    return name.type == "str" and MISTYPED not in ours and raw == aggregator.join(ours)


def judge(name, raw, value, aggregator="\x1e"):
    """The verdict on one cell: tshark's text (empty when absent) against espcap's value or ABSENT.
    None when neither side has one."""
    theirs = present(name, raw, aggregator)
    if value is ABSENT:
        if theirs and is_sentence(name, raw):
            return SKIPPED
        return MISSING if theirs else None
    if not theirs:
        return EXTRA
    if same(name, raw, value, aggregator):
        return AGREE
    return SKIPPED if is_sentence(name, raw) else WRONG


def is_sentence(name, raw):
    return name.name.startswith("dns.") and any(sentence in raw for sentence in SENTENCES)
