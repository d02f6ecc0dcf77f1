/* smb2_ioctl.c -- control functions in SMB 2 and 3 (MS-SMB2, 2.2.31, 2.2.32).
 *   behind the buffer code: 0-1 zero | 2-5 function | 6-21 file | 22-25 offset and 26-29 length of
 *   the input | of a request 30-33 most bytes back | offset and length of the output | ... */
/* SPDX-License-Identifier: Apache-2.0 */
#include "smb2.h"

enum { GUID = 16 };
enum function { PIPE_TRANSCEIVE = 0x0011c017, VALIDATE_NEGOTIATE = 0x00140204 };

/* Both sides say again what they have said when they negotiated. */
static void put_claims(struct smb2 *m, struct bytes b)
{
	struct packet *pkt = m->pkt;

	(void)get_le32(pkt, &b, SMB2_CAPABILITIES);
	put_guid(
		pkt, m->response ? SMB2_SERVER_GUID : SMB2_CLIENT_GUID, bytes_take(&b, GUID), true);
	(void)get_u8(pkt, &b, SMB2_SEC_MODE);
	bytes_skip(&b, 1);
	if (m->response)
		(void)smb2_dialects(m, &b, 1);
	else
		(void)smb2_dialects(m, &b, get_le16(pkt, &b, SMB2_DIALECT_COUNT));
}

static void put_content(struct smb2 *m, uint32_t function, struct bytes b)
{
	if (bytes_left(&b) == 0)
		return;
	if (function == PIPE_TRANSCEIVE)
		smb2_data(m, b);
	else if (function == VALIDATE_NEGOTIATE)
		put_claims(m, b);
}

bool smb2_ioctl(struct smb2 *m, struct bytes b)
{
	bytes_skip(&b, 2);
	uint32_t function = get_le32(m->pkt, &b, SMB2_IOCTL_FUNCTION);
	smb2_fid(m, &b);
	uint32_t in_at = bytes_le32(&b), in_length = bytes_le32(&b);
	if (!m->response)
		bytes_skip(&b, 4);
	uint32_t out_at = bytes_le32(&b), out_length = bytes_le32(&b);
	if (m->response)
		(void)get_le32(m->pkt, &b, SMB2_FLAGS); /* these have the name of the header's */
	if (!bytes_ok(&b))
		return false;
	if (m->response)
		put_content(m, function, smb2_at(m, out_at, out_length));
	else
		put_content(m, function, smb2_at(m, in_at, in_length));
	return true;
}
