# names.py -- the compared field names, and which of them a scope holds.
# SPDX-License-Identifier: Apache-2.0
import collections
import os

HERE = os.path.dirname(os.path.abspath(__file__))

Name = collections.namedtuple("Name", "name type marks section row")


def lines_of(path):
    """The lines of a list file, without comments and empty ones."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                yield line


def load_names(path=os.path.join(HERE, "names.txt")):
    """name -> Name, in the order of the file."""
    names = {}
    for line in lines_of(path):
        name, kind, marks, section, row = line.split("\t")
        names[name] = Name(name, kind, () if marks == "-" else tuple(marks.split(",")), section,
                           row)
    return names


class Scope:
    """Which field names are compared, and which tokens of frame.protocols stand for decoded layers.

    prefixes: "ip" holds ip.src and everything else below ip, "tls.record" only that part.
    tokens.txt names the tokens of a prefix; a prefix that is not in it is its own token.
    """

    def __init__(self, prefixes, token_table):
        self.prefixes = sorted(set(prefixes))
        self.tokens = set()
        for prefix in self.prefixes:
            self.tokens |= set(token_table.get(prefix, [prefix]))
        self.neutral = tuple(token_table.get("*none*", []))

    def holds(self, name):
        return any(name == prefix or name.startswith(prefix + ".") for prefix in self.prefixes)

    def is_neutral(self, token):
        """A token that is no layer of its own (section 5 folds it away)."""
        return any(token == word or (word.endswith("*") and token.startswith(word[:-1]))
                   for word in self.neutral)

    def foreign(self, protocols):
        """The tokens of a frame.protocols string that are out of scope."""
        return [token for token in protocols.split(":")
                if token and token not in self.tokens and not self.is_neutral(token)]

    def knows_link(self, rows):
        """Whether any of tshark's rows begins with a layer that is in scope."""
        return any(row.get("frame.protocols", "").split(":")[0] in self.tokens for row in rows)

    def fold(self, protocols):
        """Section 5's second form: neutral tokens dropped, equal neighbours folded."""
        folded = []
        for token in protocols.split(":"):
            if not self.is_neutral(token) and (not folded or folded[-1] != token):
                folded.append(token)
        return ":".join(folded)


def load_tokens(path=os.path.join(HERE, "tokens.txt")):
    """prefix -> its tokens; "*none*" -> the neutral ones."""
    table = {}
    for line in lines_of(path):
        prefix, _, tokens = line.partition("\t")
        table[prefix] = tokens.split()
    return table


def load_scope(path=None, protocols=None, names=None):
    """The scope of a file of prefixes, or of a comma list, where "all" is every prefix there is."""
    if protocols == "all":
        prefixes = {name.split(".")[0] for name in names}
    elif protocols:
        prefixes = protocols.split(",")
    else:
        prefixes = [line.strip() for line in lines_of(path or os.path.join(HERE, "scope.txt"))]
    table = load_tokens()
    if protocols == "all":
        prefixes |= set(table) - {"*none*"}
    return Scope(prefixes, table)


def select(names, scope, payload=False, checksums=False):
    """The names of one run: those in scope; --payload adds its own; a checksum run has only its."""
    chosen = [name for name in names.values() if scope.holds(name.name)]
    if checksums:
        return [name for name in chosen if name.name.endswith(".checksum.status")]
    return [name for name in chosen if payload or "payload" not in name.marks]
