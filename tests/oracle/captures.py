# captures.py -- finds the capture files in files and folders.
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess

MAGICS = (b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x4d\x3c\xb2\xa1",
          b"\xa1\xb2\xcd\x34", b"\x34\xcd\xb2\xa1", b"\x0a\x0d\x0d\x0a")
SUFFIXES = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".pcap.zst", ".pcapng.zst")


def find_captures(paths):
    """(path, shown name) of every capture in files and folders, by name; shown names are relative
    to the folder given. Raises ValueError when a path is not there, or none holds a capture."""
    found = []
    for path in paths:
        if not os.path.exists(path):
            raise ValueError(f"{path} is not there")
        if not os.path.isdir(path):
            found.append((path, os.path.basename(path)))
            continue
        for folder, _, entries in os.walk(path):
            found += [(os.path.join(folder, entry),
                       os.path.relpath(os.path.join(folder, entry), path))
                      for entry in entries if is_capture(os.path.join(folder, entry))]
    if not found:
        raise ValueError(f"no capture in {', '.join(paths)}")
    return sorted(found, key=lambda one: (one[1], one[0]))


def is_capture(path):
    """By name, or by the magic number of an uncompressed capture."""
    return path.endswith(SUFFIXES) or has_magic(path)


def has_magic(path):
    with open(path, "rb") as file:
        return file.read(4) in MAGICS


def libpcap_refuses(path):
    """Whether tcpdump, hence libpcap, does not read the first packet of an uncompressed capture:
    then espcap cannot either."""
    if not has_magic(path):
        return False
    try:
        with open(path, "rb") as file:
            run = subprocess.run(["tcpdump", "-nn", "-c", "1", "-r", "-"], stdin=file,
                                 capture_output=True, timeout=60, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return run.returncode != 0
