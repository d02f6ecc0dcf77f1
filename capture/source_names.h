/* source_names.h -- libpcap's link types, interfaces and errors, as people know them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SOURCE_NAMES_H
#define ESPCAP_SOURCE_NAMES_H

#include <stdint.h>

#include <pcap/pcap.h>

#include "err.h"

/* The DLT_ of a LINKTYPE_. */
int source_dlt(uint32_t linktype);

/* A failed pcap_activate() as a sentence that says what to do, and its error. */
int source_explain(const char *nic, int code, pcap_t *pcap, struct err_detail *why);

#endif
