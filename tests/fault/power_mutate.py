# power_mutate.py -- takes one protection against a power cut out of a copy of one source file.
# SPDX-License-Identifier: Apache-2.0
"""usage: power_mutate.py MUTANT SOURCE COPY: made by the build of the mutants, see CMakeLists.txt."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import mutate  # noqa: E402

mutate.MUTANTS = {
    # the folder of a new segment has no durable name
    "unnamed_segment": [(" || paths_sync_parent(path)))", "))")],
    # segments that are given up go before `first` says so
    "gone_before_first": [("\terr = first_write(first_slots, &moved);\n\tif (err)\n\t\treturn err;\n"
                           "\t*first = moved;\n",
                           "\terr = chain_unlink(c->spool, c->conf.name, c->list[0].first_seq);\n"
                           "\tif (!err)\n\t\terr = first_write(first_slots, &moved);\n"
                           "\tif (err)\n\t\treturn err;\n\t*first = moved;\n")],
    # a commit returns before its meta page is on the disk
    "no_meta_sync": [("MDB_NOLOCK, 0660", "MDB_NOLOCK | MDB_NOMETASYNC, 0660")],
    # dead/ is settled before the parked records are on the disk
    "unsynced_parked": [("MDB_NOLOCK, 0660",
                         "MDB_NOLOCK | (strstr(s->path, \"/parked/\") ? MDB_NOSYNC : 0), 0660")],
    # a request that is begun again does not look at what is parked already
    "parks_again": [("if (!is_parked(s->w, at)) {", "if (!is_parked(s->w, 0)) {")],
    # a request is worked on that a cut may take away
    "unsynced_request": [("if (!err && paths_sync(spool->dir))", "if (false)")],
    # ack and first are written and not synced
    "unsynced_slots": [("!err && fdatasync(s->fd) != 0", "!err && false")],
}

if __name__ == "__main__":
    mutate.main(*sys.argv[1:])
