# spools.py -- spools to measure with: made by espcap-capture, copied before each use.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import shutil
import subprocess

import measure

FULL = ("--schema", "full")


def capture_command(bench, path, *options):
    return [bench.program("espcap-capture"), "--config", "", "--file", path, *options]


def make(bench, name, path, *options, watch=False):
    """A spool with the documents of a capture; (its folder, the Cost)."""
    folder = bench.path(name)
    remove(folder)
    command = capture_command(bench, path, "--spool", folder, *(options or FULL))
    return folder, measure.run(command, watch=watch)


def status(bench, folder):
    """What `espcap spool status --json` says."""
    done = subprocess.run([bench.program("espcap"), "spool", "status", folder, "--json"],
                          capture_output=True, check=False, env=measure.environment())
    if done.returncode:
        raise measure.Failed(f"espcap spool status {folder}: {done.stderr.decode().strip()}")
    return json.loads(done.stdout)


def copy(folder, name):
    """A copy beside it that shares the segments' pages: a shipper only reads and unlinks them."""
    other = os.path.join(os.path.dirname(folder), name)
    remove(other)
    for place, _, files in os.walk(folder):
        target = os.path.join(other, os.path.relpath(place, folder))
        os.makedirs(target, exist_ok=True)
        for file in files:
            bring = os.link if file == "data.mdb" else shutil.copy2
            bring(os.path.join(place, file), os.path.join(target, file))
    return other


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def disk_bytes(folder):
    """What the folder takes on the disk, all of it."""
    return sum(os.lstat(os.path.join(place, file)).st_blocks * 512
               for place, _, files in os.walk(folder) for file in files)


def forget(folder):
    """Takes the files out of the page cache."""
    for place, _, files in os.walk(folder):
        for file in files:
            with open(os.path.join(place, file), "rb") as f:
                os.fsync(f.fileno())
                os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
