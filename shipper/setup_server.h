/* setup_server.h -- what a server says it is, and what it can do. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_SETUP_SERVER_H
#define ESPCAP_SETUP_SERVER_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "index_settings.h"

enum setup_layers { LAYERS_TYPED, LAYERS_FLAT_OBJECT, LAYERS_FLATTENED, LAYERS_KINDS };

struct setup_server {
	bool known; /* one of the two, and its version; else nothing that only some can do is asked */
	bool opensearch;
	int major, minor;
	char name[64]; /* "Elasticsearch 8.19.0", for people; or "" */
};

/* From the answer to GET /, and from that to GET /_nodes/_local. */
void setup_server_read_root(struct setup_server *s, const cJSON *root);
void setup_server_read_nodes(struct setup_server *s, const cJSON *root);

/* The form of `layers` that it has; of an unknown server the newest. */
enum setup_layers setup_server_layers(const struct setup_server *s);

/* What of the options it cannot do, as a sentence, or NULL. What it need not be told (a mode that is
 * the only one) is taken out of *settings. */
const char *setup_server_refuses(const struct setup_server *s, struct index_settings *settings);

/* Parameters of _bulk that it has, each with & in front: "" or constants. stream: the index is a
 * data stream. */
const char *setup_server_parameters(const struct setup_server *s, bool stream);

#endif
