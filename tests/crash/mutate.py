# mutate.py -- breaks one protection of a service in a copy of one source file.
# SPDX-License-Identifier: Apache-2.0
"""usage: mutate.py MUTANT SOURCE COPY: made by the build of the mutants, see CMakeLists.txt."""
import sys

MUTANTS = {
    # the ack that calls a record dead is durable before its letter is
    "ack_first": [("\t\terr = bury_some(t, b->done, &to);\n",
                   "\t\tfor (size_t k = b->done; k < t->ndead; k++)\n"
                   "\t\t\ttally_settle(t, t->dead[k].seq, OUTCOME_DEAD);\n"
                   "\t\t(void)progress_save(s);\n"
                   "\t\terr = bury_some(t, b->done, &to);\n"),
                  ("progress_save_with(s, bury_now, &b)", "bury_now(&b)"),
                  ("\ttally_settle(t, d->seq, OUTCOME_DEAD);\n", "")],
    # what is sent again gets other ids
    "fresh_ids": [("static char *put_action(", "static uint64_t again;\n\nstatic char *put_action("),
                  ("record_id_write(r->run, r->seq", "record_id_write(r->run ^ again, r->seq"),
                  ("\tsize_t i = 0, kept = 0;\n", "\tsize_t i = 0, kept = 0;\n\n\tagain++;\n")],
    # after a failed commit the same segment is written again
    "same_segment": [("\tc->full = true;\n", "")],
    # losses that no document could name are not kept
    "forgets_losses": [("if (losses_write(&w->losses_slots, &now) == 0)", "if (w->losses_slots.fd < 0)")],
}


def main(mutant, source, copy):
    with open(source, encoding="utf-8") as f:
        text = f.read()
    for old, new in MUTANTS[mutant]:
        if text.count(old) != 1:
            sys.exit(f"{source} has changed: mutate.py does not find the line for {mutant}: {old!r}")
        text = text.replace(old, new)
    with open(copy, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
