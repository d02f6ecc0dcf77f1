/* dnp3.h -- what the layers of DNP3 share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_DNP3_H
#define ESPCAP_DNP3_H

#include "decode.h"

/* Rows of dnp3_fields. */
enum {
	DNP3_START,
	DNP3_LEN,
	DNP3_CTL,
	DNP3_DIR,
	DNP3_PRM,
	DNP3_PRIFUNC,
	DNP3_SECFUNC,
	DNP3_DST,
	DNP3_SRC,
	DNP3_CRC,
	DNP3_TR_CTL,
	DNP3_TR_FIN,
	DNP3_TR_FIR,
	DNP3_TR_SEQ,
	DNP3_AL_CTL,
	DNP3_AL_FIR,
	DNP3_AL_FIN,
	DNP3_AL_CON,
	DNP3_AL_UNS,
	DNP3_AL_SEQ,
	DNP3_AL_FUNC,
	DNP3_IIN,
	DNP3_IIN_RST,
	DNP3_IIN_DT,
	DNP3_OBJ,
	DNP3_PREFIX,
	DNP3_RANGE,
	DNP3_RANGE_START,
	DNP3_RANGE_STOP,
	DNP3_RANGE_QUANTITY,
	DNP3_POINT_INDEX,
	DNP3_BIT,
	DNP3_CNT,
	DNP3_ANA_INT,
	DNP3_ANA_FLOAT,
	DNP3_FILE_NAME,
};
extern const struct proto_field dnp3_fields[];

/* Headers of objects with what stands behind them; values: whether anything does. */
void dnp3_objects(struct packet *pkt, struct bytes b, bool values);

/* A message of the application layer. False when it ends too early. */
bool dnp3_application(struct packet *pkt, struct bytes b);

#endif
