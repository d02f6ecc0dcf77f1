/* source_names.c -- libpcap's link types, interfaces and errors, as people know them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "source_names.h"

#include <unistd.h>

#include "source.h"

enum { SELF_MAX = 1024 };

/* DLT_ and LINKTYPE_ differ for raw IP only, of those that a filter can be compiled for. */
int source_dlt(uint32_t linktype)
{
	return linktype == 101 ? DLT_RAW : (int)linktype;
}

const char *source_linktype_name(int linktype)
{
	const char *name = pcap_datalink_val_to_name(source_dlt((uint32_t)linktype));

	return name ? name : "unknown";
}

int source_list(FILE *out, struct err_detail *why)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	pcap_if_t *all;

	if (pcap_findalldevs(&all, text) != 0)
		return err_set(why, ERR_SYS, "cannot list the interfaces: %s", text);
	for (const pcap_if_t *i = all; i; i = i->next)
		(void)fprintf(out, "%s\n", i->name);
	pcap_freealldevs(all);
	return 0;
}

static const char *own_path(char path[SELF_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, SELF_MAX - 1);

	if (n <= 0)
		return "$(command -v espcap-capture)";
	path[n] = '\0';
	return path;
}

int source_explain(const char *nic, int code, pcap_t *pcap, struct err_detail *why)
{
	const char *text = pcap_geterr(pcap);
	char self[SELF_MAX];

	if (code == PCAP_ERROR_PERM_DENIED)
		return err_set(why, ERR_PERMISSION,
			"no permission to capture on %s: it takes the capability CAP_NET_RAW; run "
			"it as root, or once as root: setcap cap_net_raw+ep %s",
			nic, own_path(self));
	if (code == PCAP_ERROR_NO_SUCH_DEVICE)
		return err_set(why, ERR_INPUT,
			"there is no interface %s; --list shows those there are", nic);
	if (code == PCAP_ERROR_IFACE_NOT_UP)
		return err_set(why, ERR_INPUT,
			"interface %s is down; ip link set %s up brings it up", nic, nic);
	return err_set(why, ERR_INPUT, "cannot capture on %s: %s", nic,
		*text ? text : pcap_statustostr(code));
}
