# check_manuals.py -- manuals are clean mdoc and hold every option; the sample configuration is good.
# SPDX-License-Identifier: Apache-2.0
import os
import re
import subprocess
import sys
import tempfile

import tree

PAGES = {"espcap.1": "espcap", "espcap-capture.8": "espcap-capture", "espcap-ship.8": "espcap-ship"}
SECTIONS = ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "SIGNALS",
            "EXIT STATUS", "EXAMPLES", "SEE ALSO")
SAMPLE = os.path.join(tree.SOURCE, "deploy", "espcap.conf")


def made(page):
    path = os.path.join(tree.build_dir(), "deploy", "man", page)
    with open(path, encoding="utf-8") as file:
        return path, file.read()


def run(*command):
    """Without the options that the caller's environment would give."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ESPCAP_")}
    program = os.path.join(tree.bin_dir(), command[0])
    return subprocess.run([program, *command[1:]], capture_output=True, text=True, env=environment)


def lint(path):
    """What a machine has of other manuals is no fault of ours."""
    done = subprocess.run([tree.need("mandoc", "mandoc"), "-Tlint", "-Wstyle", path],
                          capture_output=True, text=True)
    return [line for line in (done.stdout + done.stderr).splitlines()
            if "referenced manual not found" not in line and "mandoc.db" not in line]


def options_of_help(program):
    return set(re.findall(r"^  (?:-\w,|   ) --([\w-]+)", run(program, "--help").stdout,
                          re.MULTILINE))


def options(page):
    """The options of --help, each with an entry of its own; a page has every section."""
    _, text = made(page)
    known = options_of_help(PAGES[page])
    described = re.findall(r"^\.It (?:Fl \w , )?Fl -([\w-]+)", text, re.MULTILINE)
    findings = [f"{page}: --{o} is not described" for o in sorted(known - set(described))]
    findings += [f"{page}: --{o} is no option" for o in sorted(set(described) - known)]
    findings += [f"{page}: --{o} is described twice" for o in set(described)
                 if described.count(o) > 1]
    findings += [f"{page}: there is no section {s}" for s in SECTIONS
                 if f"\n.Sh {s}\n" not in text]
    return findings if known else [f"{PAGES[page]} --help lists no options"]


def commands():
    """What espcap --help lists as a command has an entry in espcap.1, and the other way round."""
    listed = run("espcap", "--help").stdout.split("Commands", 1)[1].split("\n\n")[0]
    known = set(re.findall(r"^  (\w+(?: \w+)?)  ", listed, re.MULTILINE))
    text = made("espcap.1")[1].split("\n.Ss Commands\n")[1].split("\n.Sh ")[0]
    described = set(re.findall(r"^\.It Cm ([a-z]+(?: [a-z]+)?)", text, re.MULTILINE))
    findings = [f"espcap.1: the command {c} is missing or none" for c in sorted(known ^ described)]
    return findings if known else ["espcap --help lists no commands"]


def keys_of_manual():
    """Each option of the two services is a key, but what is done instead of the work."""
    _, text = made("espcap.conf.5")
    keys = set(re.findall(r"^\.It Cm ([\w-]+) Pq", text, re.MULTILINE))
    actions = {"config", "list", "check", "print-config", "help", "version"}
    known = (options_of_help("espcap-capture") | options_of_help("espcap-ship")) - actions
    return keys, [f"espcap.conf.5: {k} is missing or no key" for k in sorted(known ^ keys)]


def uncommented(text):
    return re.sub(r'^(\s*)// (?=")', r"\1", text, flags=re.MULTILINE)


def parses(path, what):
    findings = []
    for program in ("espcap-capture", "espcap-ship"):
        done = run(program, "-n", "--config", path)
        if done.returncode or done.stderr:
            findings.append(f"{what}: {program} -n says {done.returncode}: {done.stderr.strip()}")
    return findings


def is_refused(text, folder):
    """The other way round: what is no key is found by both programs, whatever object it is in."""
    path = os.path.join(folder, "wrong.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace('"nic"', '"nick"'))
    return [f"deploy/espcap.conf: a wrong key passes {program}"
            for program in ("espcap-capture", "espcap-ship")
            if run(program, "-n", "--config", path).returncode != 78]


def sample(keys):
    """Each key stands in the sample, as a value or behind two slashes, and all of it parses."""
    with open(SAMPLE, encoding="utf-8") as file:
        text = file.read()
    shown = set(re.findall(r'^\s+(?:// )?"([\w-]+)": [^{]', text, re.MULTILINE))
    findings = [f"deploy/espcap.conf: {k} is missing or no key" for k in sorted(keys ^ shown)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "espcap.conf")
        # "file" beside "nic" and "out-file" beside "node" are empty, so they do not collide
        with open(path, "w", encoding="utf-8") as file:
            file.write(uncommented(text))
        findings += parses(path, "deploy/espcap.conf with every line in force")
        findings += is_refused(text, folder)
    return findings + parses(SAMPLE, "deploy/espcap.conf")


def main():
    findings = [f for page in (*PAGES, "espcap.conf.5") for f in lint(made(page)[0])]
    findings += [f for page in PAGES for f in options(page)]
    keys, found = keys_of_manual()
    findings += commands() + found + sample(keys)
    return tree.report(findings, f"{len(PAGES) + 1} manuals and {len(keys)} keys")


sys.exit(main())
