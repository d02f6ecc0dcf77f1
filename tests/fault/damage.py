# damage.py -- F40 to F44: one file of a spool is damaged, and the real services go on with it.
# SPDX-License-Identifier: Apache-2.0
"""
usage: damage.py [--cases N] [--seed N]

The spool holds segments that are settled, some that are not, dead letters and every state file. Each
case damages one file of it; then whoever looks (status, check, cat), a ship, a capture that resumes,
and a ship again have to do with it. In the end every packet is stored or dead, or named in a loss
document; none is there twice; no program crashes or hangs. damage_sweep.c does the same thousands of
times, in one process and without a server.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from crash import LONG, PATIENCE, Site, Wrong, program, run  # noqa: E402

PAGE = 4096
FEW = 120       # packets of a capture
FRAME = 4096    # records at most in one frame
REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "which": "seq_mod:10:3"}}}


def flip(rng, bytes_):
    if bytes_:
        bytes_[rng.randrange(len(bytes_))] ^= 1 << rng.randrange(8)


def flip_in_tree(rng, bytes_):
    """In a branch or a leaf of LMDB's tree, as the flags of the page say."""
    pages = [at for at in range(0, len(bytes_), PAGE) if bytes_[at + 10:at + 11] in (b"\1", b"\2")]
    if not pages:
        return flip(rng, bytes_)
    bytes_[rng.choice(pages) + rng.randrange(rng.choice((64, PAGE)))] ^= 1 << rng.randrange(8)


def zero_page(rng, bytes_):
    at = rng.randrange(0, max(len(bytes_), 1), PAGE)
    bytes_[at:at + PAGE] = bytes(len(bytes_[at:at + PAGE]))


def noise_page(rng, bytes_):
    at = rng.randrange(0, max(len(bytes_), 1), PAGE)
    bytes_[at:at + PAGE] = rng.randbytes(len(bytes_[at:at + PAGE]))


def swap_pages(rng, bytes_):
    a, b = (rng.randrange(0, max(len(bytes_), 1), PAGE) for _ in range(2))
    bytes_[a:a + PAGE], bytes_[b:b + PAGE] = bytes_[b:b + PAGE], bytes_[a:a + PAGE]


def cut_at_page(rng, bytes_):
    del bytes_[rng.randrange(0, len(bytes_) + 1, PAGE):]


def cut_anywhere(rng, bytes_):
    del bytes_[rng.randrange(len(bytes_) + 1):]


def garbage(rng, bytes_):
    bytes_[:] = rng.randbytes(len(bytes_))


def empty(_, bytes_):
    del bytes_[:]


DAMAGES = (flip, flip_in_tree, zero_page, noise_page, swap_pages, cut_at_page, cut_anywhere, garbage,
           empty)
LOOKS = (("status", "--json"), ("status",), ("check",), ("cat",))


class Cases:
    def __init__(self, site):
        self.site = site
        self.early, self.late = ([site.add_capture(FEW) for _ in range(2)] for _ in range(2))
        self.now = site.add_capture(FEW)
        self.tried = Counter()
        self.cost = 0
        site.finish(self.capture(self.early[:1]))
        site.finish(self.capture(self.early))
        self.begun = site.spool + ".begun"
        os.rename(site.spool, self.begun)

    def capture(self, files):
        """Each start begins a segment of its own."""
        return self.site.capture(files, "--flush-interval", "1ms")

    def make_spool(self):
        """Two captures that are settled, as far as the server took them, and two that wait."""
        self.site.forget()
        shutil.copytree(self.begun, self.site.spool)
        self.site.es.script(REFUSE)
        self.site.finish(self.site.ship("--once"), (1,))
        for i in range(2):
            self.site.finish(self.capture(self.early + self.late[:i + 1]))

    def files(self):
        """Everything in the spool, but for the dead letters: they are a store of their own."""
        for folder, folders, names in os.walk(self.site.spool):
            folders[:] = [name for name in folders if name != "dead"]
            yield from (os.path.join(folder, name) for name in sorted(names))

    def damage(self, rng):
        path = rng.choice(sorted(self.files()))
        how = rng.choice(DAMAGES + (os.unlink,))
        if how is os.unlink:
            os.unlink(path)
        else:
            with open(path, "rb") as f:
                bytes_ = bytearray(f.read())
            how(rng, bytes_)
            with open(path, "wb") as f:
                f.write(bytes_)
        self.tried[how.__name__] += 1
        return f"{how.__name__} of {os.path.relpath(path, self.site.spool)}"

    def look(self):
        """Who only looks says what is wrong and changes nothing."""
        for words in LOOKS:
            done = subprocess.run([program("espcap"), "spool", words[0], self.site.spool, *words[1:]],
                                  capture_output=True, timeout=PATIENCE, check=False)
            if done.returncode not in (0, 1):
                raise Wrong(f"espcap spool {words[0]} ended with {done.returncode}")

    def one(self, rng):
        self.make_spool()
        what = self.damage(rng)
        try:
            self.look()
            self.site.finish(self.site.ship("--once"), (0, 1))
            self.site.finish(self.capture([self.now]))
            self.site.finish(self.site.ship("--once"), (0, 1))
            self.look()
            self.site.judge(lossy=True)
        except Wrong as e:
            raise Wrong(f"{what}: {e}") from e
        self.cost += self.site.lost() > 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1000 if LONG else 30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="this one alone")
    args = parser.parse_args()
    with Site(args.seed) as site:
        cases = Cases(site)
        for i in range(args.cases) if args.case is None else (args.case,):
            try:
                cases.one(random.Random(f"{args.seed}-{i}"))
            except Wrong as e:
                raise Wrong(f"case {i}: {e}") from e
        tried = ", ".join(f"{n} {name}" for name, n in sorted(cases.tried.items()))
        return (f"{sum(cases.tried.values())} damages ({tried}), of which {cases.cost} cost records: "
                "0 missing, 0 twice, 0 uncounted, 0 crashes")


if __name__ == "__main__":
    run(main)
