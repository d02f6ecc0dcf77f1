# golden.py -- what espcap-capture says of every shipped capture, and what it is expected to say.
# SPDX-License-Identifier: Apache-2.0
"""Expected documents lie beside this file as NAME.ndjson or, when they are long, NAME.ndjson.xz.
NAME is the path of the capture below test_pcaps with each / as a -, and a variant's name behind it.
What the program says on standard error, and its exit code, stand in messages.txt.

One thing only is normalised: espcap's own version in observer.version becomes VERSION."""
import json
import lzma
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PCAPS = ROOT / "test_pcaps"
MESSAGES = HERE / "messages.txt"
PLAIN_MAX = 65536
EVERYTHING = ("--payload", "--show-secrets", "--verify-checksums", "--label", "rack=a\"b",
              "--label", "room=cellar", "--tag", "x", "--tag", "y", "--site", "north")

# capture, variant, options: every capture plainly, and some in other ways.
VARIANTS = (
    ("http_ipv6.pcap", "slim", ("--schema", "slim")),
    ("http_ipv6.pcap", "ecs", ("--schema", "ecs")),
    ("http_ipv6.pcap", "lite", ("--schema", "lite")),
    ("http_ipv6.pcap", "everything", EVERYTHING),
    ("dumpcap.pcapng", "slim", ("--schema", "slim")),
    ("dumpcap.pcapng", "everything", EVERYTHING),
    ("bad/lies.pcap", "everything", EVERYTHING),
    ("rtp.pcap", "probed", ("--probe-rtp",)),
    ("arp.pcap", "fields", ("--schema", "ecs", "--fields", "+arp.*,-arp.hw.*")),
)


def program(name):
    folder = os.environ.get("ESPCAP_BIN_DIR", str(ROOT / "build" / "dev" / "bin"))
    path = pathlib.Path(folder) / name
    if not path.exists():
        raise SystemExit(f"{path} is not there; cmake --build --preset dev makes it")
    return str(path)


def captures():
    return sorted(str(path.relative_to(PCAPS)) for path in PCAPS.rglob("*")
                  if path.suffix in (".pcap", ".pcapng"))


def cases():
    """(name, capture, options) of every expected file."""
    plain = [(capture, capture, ()) for capture in captures()]
    other = [(f"{capture}.{variant}", capture, options) for capture, variant, options in VARIANTS]
    return [(name.replace("/", "-"), capture, options) for name, capture, options in plain + other]


def capture_output(capture, options=()):
    """Documents as normalised bytes, and what else the program said: "exit code: text"."""
    run = subprocess.run(
        [program("espcap-capture"), "--config", "", "--name", "golden", "--file", capture,
         "--stdout", *options], cwd=PCAPS, capture_output=True, timeout=60, check=False)
    text = run.stderr.decode().replace("espcap-capture: ", "").rstrip("\n").replace("\n", " | ")
    return (run.stdout.replace(own_version(), b'"version":"VERSION"'),
            f"{run.returncode} {text}".rstrip())


def own_version():
    text = subprocess.run([program("espcap-capture"), "--version"], capture_output=True, check=True,
                          text=True).stdout.split()[-1]
    return f'"version":"{text}"'.encode()


def expected_path(name):
    """The file that is there, or None."""
    for path in (HERE / f"{name}.ndjson", HERE / f"{name}.ndjson.xz"):
        if path.exists():
            return path
    return None


def read_expected(name):
    path = expected_path(name)
    if path is None:
        return None
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def write_expected(name, data):
    """Leaves a file alone that already says this, however it is packed."""
    if read_expected(name) == data:
        return False
    for path in (HERE / f"{name}.ndjson", HERE / f"{name}.ndjson.xz"):
        path.unlink(missing_ok=True)
    if len(data) <= PLAIN_MAX:
        (HERE / f"{name}.ndjson").write_bytes(data)
    else:
        packed = lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
        (HERE / f"{name}.ndjson.xz").write_bytes(packed)
    return True


def read_messages():
    lines = MESSAGES.read_text().splitlines() if MESSAGES.exists() else []
    return dict(line.split(": ", 1) for line in lines)


def write_messages(messages):
    text = "".join(f"{name}: {said}\n" for name, said in sorted(messages.items()))
    if not MESSAGES.exists() or MESSAGES.read_text() != text:
        MESSAGES.write_text(text)


# --- differences for people ---


def flat(value, path=""):
    """Every leaf of a document by its path; the keys of layers hold dots themselves."""
    if isinstance(value, dict) and value:
        return {at: leaf for key, inner in value.items()
                for at, leaf in flat(inner, f"{path}.{key}" if path else key).items()}
    return {path: json.dumps(value, ensure_ascii=False)}


def difference(before, after):
    """Lines that say how one document differs from another."""
    try:
        old, new = flat(json.loads(before)), flat(json.loads(after))
    except ValueError:
        return [f"- {before[:300]!r}", f"+ {after[:300]!r}"]
    lines = []
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            lines += [f"- {path}: {old[path]}"] if path in old else []
            lines += [f"+ {path}: {new[path]}"] if path in new else []
    return lines or ["the same members in another order or form"]


def differences(name, before, after, most=5):
    """The first few packets that differ."""
    if before is None:
        return [f"{name}: there is no expected file"]
    old, new = before.split(b"\n")[:-1], after.split(b"\n")[:-1]
    differing = [i for i in range(min(len(old), len(new))) if old[i] != new[i]]
    out = [f"{name}: {len(new)} documents, not {len(old)}"] if len(old) != len(new) else []
    if differing:
        out.append(f"{name}: {len(differing)} of {len(old)} documents differ")
    for i in differing[:most]:
        out.append(f"  packet {i + 1}")
        out += [f"    {line[:400]}" for line in difference(old[i], new[i])]
    return out
