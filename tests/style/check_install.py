# check_install.py -- cmake --install puts everything where it belongs, and it runs from there.
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
import tempfile

import tree

WANTED = {
    "bin/espcap", "bin/espcap-capture", "bin/espcap-ship",
    "share/doc/espcap/espcap.conf", "share/doc/espcap/fields.md", "share/doc/espcap/roles/espcap-sensor.json",
    "share/doc/espcap/roles/espcap-sensor-opensearch.json",
    *(f"share/doc/espcap/lifecycle/{kind}-espcap{form}.json"
      for kind in ("ilm", "ism") for form in ("", "-stream")),
    "share/man/man1/espcap.1", "share/man/man5/espcap.conf.5",
    "share/man/man8/espcap-capture.8", "share/man/man8/espcap-ship.8",
}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def installed(prefix):
    paths = set()
    for folder, _, names in os.walk(prefix):
        paths |= {os.path.relpath(os.path.join(folder, name), prefix) for name in names}
    return paths


def version():
    for line in tree.lines("CMakeLists.txt"):
        if line.startswith("project("):
            return line.split("VERSION ")[1].split()[0]
    return None


def runs(prefix):
    """The programs say their version, and espcap finds espcap-capture beside itself."""
    findings = []
    for program in ("espcap", "espcap-capture", "espcap-ship"):
        done = run(f"{prefix}/bin/{program}", "--version")
        if done.stdout != f"{program} {version()}\n":
            findings.append(f"{program} --version says \"{done.stdout}{done.stderr}\"")
    done = run(f"{prefix}/bin/espcap", "--file", f"{tree.SOURCE}/test_pcaps/test_http.pcap")
    if not done.stdout.startswith("Packet 1\nSource IP        - "):
        findings.append(f"espcap --file says \"{done.stdout[:80]}{done.stderr}\"")
    return findings


def main():
    with tempfile.TemporaryDirectory() as prefix:
        done = run("cmake", "--install", tree.build_dir(), "--prefix", prefix)
        if done.returncode:
            return tree.report([done.stdout + done.stderr], "1 installation")
        there = installed(prefix)
        findings = [f"{p} is not installed" for p in sorted(WANTED - there)]
        findings += [f"{p} is installed and nobody asked for it" for p in sorted(there - WANTED)]
        if not findings:
            findings = runs(prefix)
        return tree.report(findings, f"{len(there)} installed files")


sys.exit(main())
