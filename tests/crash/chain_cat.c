/* chain_cat.c -- prints every record of one chain of a spool: chain_cat DIR rec|dead|loss. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "reader.h"
#include "spool.h"

static int print_all(struct reader *reader)
{
	struct reader_frame f;
	int err;

	for (uint64_t seq = 1; !(err = reader_next(reader, seq, &f));
		seq = f.header.first_seq + f.header.count)
		if (fwrite(f.text, 1, f.header.raw_len, stdout) != f.header.raw_len)
			return ERR_SYS;
	return err == ERR_END ? 0 : err;
}

int main(int argc, char **argv)
{
	struct err_detail why = { "" };
	struct spool spool;
	struct reader *reader = NULL;
	int err = ERR_USAGE;

	if (argc == 3)
		err = spool_open(&spool, argv[1], false, &why);
	if (!err)
		err = reader_new(&spool, argv[2], &reader);
	if (!err)
		err = print_all(reader);
	if (err)
		(void)fprintf(stderr, "chain_cat: %s\n", *why.text ? why.text : err_text(err));
	reader_free(reader);
	return err ? 1 : 0;
}
