/* setup_server.c -- what a server says it is, and what it can do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_version(struct setup_server *s, const char *number, bool opensearch)
{
	char *dot, *end;
	long major = strtol(number, &dot, 10), minor = *dot == '.' ? strtol(dot + 1, &end, 10) : -1;

	if (dot == number || major < 0 || major > 999 || minor < 0 || minor > 999)
		return;
	s->major = (int)major;
	s->minor = (int)minor;
	s->known = true;
	s->opensearch = opensearch;
	(void)snprintf(s->name, sizeof(s->name), "%s %.32s",
		opensearch ? "OpenSearch" : "Elasticsearch", number);
}

static const char *text_member(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* Elasticsearch names no distribution; one that is neither of the two has versions of its own. */
void setup_server_read_root(struct setup_server *s, const cJSON *root)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version");
	const char *number = text_member(version, "number");
	const char *distribution = text_member(version, "distribution");

	if (number && (!distribution || strcmp(distribution, "opensearch") == 0))
		set_version(s, number, distribution != NULL);
}

/* Elasticsearch names a build flavor, OpenSearch does not. */
void setup_server_read_nodes(struct setup_server *s, const cJSON *root)
{
	const cJSON *nodes = cJSON_GetObjectItemCaseSensitive(root, "nodes");
	const cJSON *node = nodes ? nodes->child : NULL;
	const char *number = text_member(node, "version");

	if (number)
		set_version(s, number, text_member(node, "build_flavor") == NULL);
}

static bool is_elastic_from(const struct setup_server *s, int major, int minor)
{
	return s->known && !s->opensearch &&
	       (s->major > major || (s->major == major && s->minor >= minor));
}

enum setup_layers setup_server_layers(const struct setup_server *s)
{
	if (!s->known || is_elastic_from(s, 8, 3))
		return LAYERS_TYPED;
	return s->opensearch ? LAYERS_FLAT_OBJECT : LAYERS_FLATTENED;
}

const char *setup_server_refuses(const struct setup_server *s, struct index_settings *settings)
{
	const struct index_setting *mode = index_settings_find(settings, OPT_INDEX_MODE);

	if (s->known && mode && !is_elastic_from(s, 8, 17)) {
		if (strcmp(mode->value, "logsdb") == 0)
			return "--index-mode logsdb needs Elasticsearch 8.17 or newer; leave it "
			       "out";
		index_settings_drop(settings, OPT_INDEX_MODE);
	}
	if (s->known && s->opensearch && index_settings_find(settings, OPT_LIFECYCLE))
		return "--lifecycle is Elasticsearch's; a policy of OpenSearch names its indices "
		       "itself (ism_template), so leave it out";
	return NULL;
}

/* include_source_on_error keeps packets out of the texts of errors. */
const char *setup_server_parameters(const struct setup_server *s, bool stream)
{
	if (is_elastic_from(s, 8, 18))
		return stream ? "&include_source_on_error=false&require_data_stream=true"
			      : "&include_source_on_error=false";
	return stream && is_elastic_from(s, 8, 13) ? "&require_data_stream=true" : "";
}
