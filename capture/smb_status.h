/* smb_status.h -- what a status of SMB or DCE/RPC says, for ECS. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SMB_STATUS_H
#define ESPCAP_SMB_STATUS_H

#include "decode.h"

/* Sets event.outcome, and error.code and error.message when the status is an error: an NT status
 * whose two upper bits are set. That more has to come is neither success nor failure. */
void smb_status_ecs(struct packet *pkt, uint32_t status);

#endif
