/* ftp_address.h -- addresses and ports in FTP's commands and answers. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_FTP_ADDRESS_H
#define ESPCAP_FTP_ADDRESS_H

#include "bytes.h"

struct ftp_address {
	uint8_t ip[4];
	bool has_ip;
	uint16_t port;
};

/* RFC 959, of PORT and 227: the first six numbers with commas between them, wherever they stand. */
bool ftp_six_numbers(struct bytes text, struct ftp_address *address);

/* RFC 2428, of EPRT: |1|132.235.1.2|6275|; of the family 2 only the port is told. */
bool ftp_eprt(struct bytes text, struct ftp_address *address);

/* RFC 2428, of 229: (|||6446|) */
bool ftp_epsv(struct bytes text, uint16_t *port);

#endif
