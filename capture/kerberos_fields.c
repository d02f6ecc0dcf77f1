/* kerberos_fields.c -- the fields of Kerberos; times and addresses.
 * RFC 4120:  HostAddress SEQUENCE { [0] type INTEGER, [1] OCTET STRING }, of type 2 IPv4, 20 NetBIOS
 *   (15 letters and a kind), 24 IPv6 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "kerberos.h"

enum { GENERALIZED_TIME = 0x18, ADDR_IPV4 = 2, ADDR_NETBIOS = 20, NETBIOS_LEN = 16 };

const struct proto_field kerberos_fields[] = {
	[KRB_MSG_TYPE] = { "kerberos.msg_type", FIELD_I32,
		"10 asks for a first ticket, 12 for one more, 11 and 13 the answers, 14 and 15 "
		"the ticket's use, 30 error",
		NULL, "0.1", CORE, PLAIN },
	[KRB_PVNO] = { "kerberos.pvno", FIELD_U32, "Version, 5", NULL, "0.1", DETAIL, PLAIN },
	[KRB_TKT_VNO] = { "kerberos.tkt_vno", FIELD_U32, "Version of a ticket", NULL, "0.1", DETAIL,
		PLAIN },
	[KRB_PADATA_TYPE] = { "kerberos.padata_type", FIELD_I32,
		"Kind of additional data, as 2: time stamp that proves the password", NULL, "0.1",
		DETAIL, PLAIN },
	[KRB_KDC_OPTIONS] = { "kerberos.kdc_options", FIELD_BYTES, "Flags of the request", NULL,
		"0.1", DETAIL, PLAIN },
	[KRB_FORWARDABLE] = { "kerberos.KDCOptions.forwardable", FIELD_BOOL,
		"A ticket is wanted that can be forwarded", NULL, "0.1", DERIVED, PLAIN },
	[KRB_RENEWABLE] = { "kerberos.KDCOptions.renewable", FIELD_BOOL,
		"A ticket is wanted that can be renewed", NULL, "0.1", DERIVED, PLAIN },
	[KRB_CANONICALIZE] = { "kerberos.KDCOptions.canonicalize", FIELD_BOOL,
		"Another name may be answered", NULL, "0.1", DERIVED, PLAIN },
	[KRB_NAME_TYPE] = { "kerberos.name_type", FIELD_I32, "Kind of name; 1 user, 2 service",
		NULL, "0.1", DETAIL, PLAIN },
	[KRB_CNAME] = { "kerberos.CNameString", FIELD_ASCII, "Parts of the client's name", NULL,
		"0.1", CORE, USER },
	[KRB_SNAME] = { "kerberos.SNameString", FIELD_ASCII, "Parts of the service's name", NULL,
		"0.1", CORE, NAME },
	[KRB_REALM] = { "kerberos.realm", FIELD_ASCII,
		"Realm of the service, and where a ticket is asked for of the client",
		"user.domain", "0.1", CORE, NAME },
	[KRB_CREALM] = { "kerberos.crealm", FIELD_ASCII, "Realm of the client", "user.domain",
		"0.1", CORE, NAME },
	[KRB_FROM] = { "kerberos.from", FIELD_TIME, "When the ticket shall begin", NULL, "0.1",
		DETAIL, PLAIN },
	[KRB_TILL] = { "kerberos.till", FIELD_TIME, "When the ticket shall end", NULL, "0.1",
		DETAIL, PLAIN },
	[KRB_RTIME] = { "kerberos.rtime", FIELD_TIME, "Until when it shall be renewable", NULL,
		"0.1", DETAIL, PLAIN },
	[KRB_NONCE] = { "kerberos.nonce", FIELD_U32, "Random number of the request", NULL, "0.1",
		DETAIL, PLAIN },
	[KRB_ENCTYPE] = { "kerberos.ENCTYPE", FIELD_I32,
		"Ciphers that the client knows, the best first; 17 and 18 AES, 23 RC4", NULL, "0.1",
		CORE, PLAIN },
	[KRB_ETYPE] = { "kerberos.etype", FIELD_I32, "Cipher of an encrypted part", NULL, "0.1",
		CORE, PLAIN },
	[KRB_KVNO] = { "kerberos.kvno", FIELD_U32, "Version of its key", NULL, "0.1", DETAIL,
		PLAIN },
	[KRB_SALT] = { "kerberos.info2_salt", FIELD_ASCII, "Salt of the user's password", NULL,
		"0.1", DETAIL, USER },
	[KRB_ADDR_IP] = { "kerberos.addr_ip", FIELD_IPV4, "Address that the ticket is for", NULL,
		"0.1", DETAIL, ADDRESS },
	[KRB_ADDR_NB] = { "kerberos.addr_nb", FIELD_ASCII, "NetBIOS name that the ticket is for",
		NULL, "0.1", DETAIL, NAME },
	[KRB_CTIME] = { "kerberos.ctime", FIELD_TIME, "The client's time", NULL, "0.1", DETAIL,
		PLAIN },
	[KRB_CUSEC] = { "kerberos.cusec", FIELD_U32, "Its microseconds", NULL, "0.1", DETAIL,
		PLAIN },
	[KRB_STIME] = { "kerberos.stime", FIELD_TIME, "The server's time", NULL, "0.1", DETAIL,
		PLAIN },
	[KRB_SUSEC] = { "kerberos.susec", FIELD_U32, "Its microseconds", NULL, "0.1", DETAIL,
		PLAIN },
	[KRB_ERROR_CODE] = { "kerberos.error_code", FIELD_I32,
		"Error; 6 unknown user, 24 wrong password, 25 more proof is wanted", NULL, "0.1",
		CORE, PLAIN },
	[KRB_E_TEXT] = { "kerberos.e_text", FIELD_ASCII, "The error in words", NULL, "0.1", CORE,
		CONTENT },
	{ 0 },
};

/* Two digits; -1 for what is none. */
static int two_digits(struct bytes *b)
{
	int high = bytes_u8(b) - '0', low = bytes_u8(b) - '0';

	return high < 0 || high > 9 || low < 0 || low > 9 ? -1 : 10 * high + low;
}

/* Days from 1970 to a day of the Gregorian calendar, whose years are counted from March. */
static int64_t days_of(int64_t year, int month, int day)
{
	year -= month < 3;
	int64_t century = year / 100, month_days = (153 * (month + (month < 3 ? 9 : -3)) + 2) / 5;

	return 365 * year + year / 4 - century + century / 4 + month_days + day - 1 - 719468;
}

void kerberos_put_time(struct packet *pkt, unsigned field, struct bytes value)
{
	struct bytes b = ber_value(&value, GENERALIZED_TIME);
	int part[7];

	for (unsigned i = 0; i < 7; i++)
		if ((part[i] = two_digits(&b)) < 0)
			return;
	if (!bytes_ok(&b) || part[2] < 1 || part[2] > 12 || part[3] < 1 || part[3] > 31)
		return;
	int64_t days = days_of(100 * part[0] + part[1], part[2], part[3]);
	put_time(pkt, field, days * 86400 + part[4] * 3600 + part[5] * 60 + part[6], 0);
}

/* The letters without the blanks behind them. */
static void put_netbios(struct packet *pkt, struct bytes name)
{
	size_t n = NETBIOS_LEN - 1;

	if (bytes_left(&name) < NETBIOS_LEN)
		return;
	while (n && name.p[n - 1] == ' ')
		n--;
	put_str(pkt, KRB_ADDR_NB, name.p, n);
}

bool kerberos_put_addresses(struct packet *pkt, struct bytes list)
{
	while (bytes_left(&list)) {
		struct bytes address = ber_need(&list, BER_SEQUENCE);
		struct bytes kind = ber_need(&address, BER_CTX(0));
		struct bytes value = ber_need(&address, BER_CTX(1));
		int64_t type;
		if (!bytes_ok(&address) || !ber_int(ber_value(&kind, BER_INTEGER), &type))
			return false;
		struct bytes octets = ber_value(&value, BER_OCTET_STRING);
		if (type == ADDR_IPV4 && bytes_left(&octets) >= 4)
			put_addr(pkt, KRB_ADDR_IP, octets.p);
		else if (type == ADDR_NETBIOS)
			put_netbios(pkt, octets);
	}
	return true;
}
