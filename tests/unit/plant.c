/* plant.c -- puts values into a segment behind its writer's back, by LMDB itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "plant.h"

#include <string.h>

#include <lmdb.h>

#include "test.h"

void plant_frame(const char *folder, const struct frame_header *h, const void *payload)
{
	uint8_t key[8];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi db;

	for (int i = 0; i < 8; i++)
		key[i] = (uint8_t)(h->first_seq >> (56 - 8 * i));
	MDB_val k = { sizeof(key), key }, v = { FRAME_HEADER + (size_t)h->stored_len, NULL };
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, folder, MDB_NOLOCK, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &db), 0);
	assert_int_equal(mdb_put(txn, db, &k, &v, MDB_RESERVE), 0);
	frame_pack(h, v.mv_data);
	memcpy((uint8_t *)v.mv_data + FRAME_HEADER, payload, h->stored_len);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}
