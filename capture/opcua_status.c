/* opcua_status.c -- what the status codes of OPC UA are called (IEC 62541-6, annex A). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "opcua.h"
#include "outcome.h"

enum { BAD = 0x80000000u, NUMBER = 0x7fff0000, NUMBER_AT = 16 };

/* By the number in the upper half of a bad code, without its first bit. */
static const char *const names[] = {
	[0x01] = "BadUnexpectedError",
	[0x02] = "BadInternalError",
	[0x03] = "BadOutOfMemory",
	[0x04] = "BadResourceUnavailable",
	[0x05] = "BadCommunicationError",
	[0x06] = "BadEncodingError",
	[0x07] = "BadDecodingError",
	[0x08] = "BadEncodingLimitsExceeded",
	[0x0a] = "BadTimeout",
	[0x0b] = "BadServiceUnsupported",
	[0x0c] = "BadShutdown",
	[0x0d] = "BadServerNotConnected",
	[0x0e] = "BadServerHalted",
	[0x0f] = "BadNothingToDo",
	[0x10] = "BadTooManyOperations",
	[0x12] = "BadCertificateInvalid",
	[0x13] = "BadSecurityChecksFailed",
	[0x14] = "BadCertificateTimeInvalid",
	[0x1a] = "BadCertificateUntrusted",
	[0x1f] = "BadUserAccessDenied",
	[0x20] = "BadIdentityTokenInvalid",
	[0x21] = "BadIdentityTokenRejected",
	[0x22] = "BadSecureChannelIdInvalid",
	[0x25] = "BadSessionIdInvalid",
	[0x26] = "BadSessionClosed",
	[0x27] = "BadSessionNotActivated",
	[0x28] = "BadSubscriptionIdInvalid",
	[0x33] = "BadNodeIdInvalid",
	[0x34] = "BadNodeIdUnknown",
	[0x35] = "BadAttributeIdInvalid",
	[0x3a] = "BadNotReadable",
	[0x3b] = "BadNotWritable",
	[0x3c] = "BadOutOfRange",
	[0x54] = "BadSecurityModeRejected",
	[0x55] = "BadSecurityPolicyRejected",
	[0x56] = "BadTooManySessions",
	[0x74] = "BadTypeMismatch",
	[0x78] = "BadTooManyPublishRequests",
	[0x79] = "BadNoSubscription",
	[0x7d] = "BadTcpServerTooBusy",
	[0x7e] = "BadTcpMessageTypeInvalid",
	[0x7f] = "BadTcpSecureChannelUnknown",
	[0x80] = "BadTcpMessageTooLarge",
	[0x81] = "BadTcpNotEnoughResources",
	[0x82] = "BadTcpInternalError",
	[0x83] = "BadTcpEndpointUrlInvalid",
	[0x84] = "BadRequestInterrupted",
	[0x85] = "BadRequestTimeout",
	[0x86] = "BadSecureChannelClosed",
	[0x87] = "BadSecureChannelTokenUnknown",
};

void opcua_outcome(struct packet *pkt, uint32_t status)
{
	uint32_t number = (status & NUMBER) >> NUMBER_AT;

	if (status & BAD)
		outcome_failure_hex(pkt, status, 8, NAME_OF(names, number));
	else
		outcome_success(pkt);
}
