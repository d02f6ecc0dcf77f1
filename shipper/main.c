/* main.c -- espcap-ship: options, then the shipper. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "ask.h"
#include "conf.h"
#include "gate.h"
#include "hosts.h"
#include "hours.h"
#include "index_name.h"
#include "log.h"
#include "program.h"
#include "ship.h"

enum { HOST_MAX = 256 };

static void usage(FILE *out)
{
	(void)fprintf(out,
		"Usage: espcap-ship --spool DIR | --in-file FILE ...\n"
		"                   --node URL ... | --out-file FILE | --stdout  [OPTION ...]\n\n"
		"Ships the documents of a spool into Elasticsearch or OpenSearch, and goes on as\n"
		"espcap-capture appends more. Every record is stored once, however often it is "
		"sent.\n\n"
		"  espcap-ship --spool /var/lib/espcap/spool --node localhost:9200\n"
		"  espcap-ship --spool /tmp/spool --out-file packets.ndjson --once\n"
		"  espcap-ship --in-file packets.ndjson --node localhost:9200\n\n");
	conf_print_help(CONF_SHIP, out);
	(void)fputs("\nManuals: espcap-ship(8), espcap.conf(5).\n", out);
}

/* What is given, and where nothing is, what systemd keeps for the service. */
static struct http_conf http_of(const struct conf *c)
{
	static char password[SECRET_PATH_MAX], api_key[SECRET_PATH_MAX], token[SECRET_PATH_MAX],
		cert[SECRET_PATH_MAX], key[SECRET_PATH_MAX];
	struct http_conf http = { .auth = { .user = conf_text(c, OPT_USER),
					  .password_file = conf_text(c, OPT_PASSWORD_FILE),
					  .api_key_file = conf_text(c, OPT_API_KEY_FILE),
					  .token_file = conf_text(c, OPT_TOKEN_FILE) },
		.ca_file = conf_text(c, OPT_CA_FILE),
		.fingerprint = conf_text(c, OPT_CA_TRUSTED_FINGERPRINT),
		.tls13 = conf_word(c, OPT_TLS_MIN_VERSION) == 1,
		.max_rate = conf_number(c, OPT_MAX_RATE),
		.quiet = conf_number(c, OPT_LINGER) > LINGER_COMPANY_MS,
		.proxy = conf_text(c, OPT_PROXY),
		.proxy_user = conf_text(c, OPT_PROXY_USER),
		.proxy_password_file = conf_text(c, OPT_PROXY_PASSWORD_FILE),
		.stall_ms = conf_number(c, OPT_STALL_AFTER) };
	struct auth_conf *a = &http.auth;

	if (a->user && !a->password_file)
		a->password_file = secret_path(NULL, "password", password);
	if (!a->user && !a->password_file && !a->api_key_file && !a->token_file) {
		a->api_key_file = secret_path(NULL, "api-key", api_key);
		a->token_file = secret_path(NULL, "token", token);
	}
	http.cert = secret_path(conf_text(c, OPT_CERT), "cert", cert);
	http.key = secret_path(conf_text(c, OPT_KEY), "key", key);
	return http;
}

static int check(const struct conf *c, struct err_detail *why)
{
	int sinks = (conf_count(c, OPT_NODE) > 0) + (conf_text(c, OPT_OUT_FILE) != NULL) +
		    conf_flag(c, OPT_STDOUT);

	if (c->rest_count && !conf_count(c, OPT_IN_FILE))
		return err_set(why, ERR_USAGE, "\"%s\" is no option", c->rest[0]);
	if (!conf_text(c, OPT_SPOOL) && !conf_count(c, OPT_IN_FILE) && !conf_flag(c, OPT_ASK))
		return err_set(why, ERR_USAGE, "--spool is needed");
	if (sinks != 1)
		return err_set(why, ERR_USAGE, "%s of --node, --out-file and --stdout is needed",
			sinks ? "only one" : "one");
	struct http_conf http = http_of(c);
	if (http.key && !http.cert)
		return err_set(why, ERR_USAGE, "--key needs --cert");
	return auth_check(&http.auth, why);
}

static int ask(const struct sink_es_conf *conf, struct err_detail *why)
{
	int err = ask_run(conf, why);

	if (err)
		log_error("%s", why->text);
	return err == ERR_USAGE ? EXIT_USAGE : err == ERR_CONFIG ? EXIT_CONFIG : err ? 1 : 0;
}

static const char *index_of(const struct conf *c)
{
	bool stream = conf_flag(c, OPT_DATA_STREAM) && !conf_given(c, OPT_INDEX);

	return stream ? "espcap-packets-stream" : conf_text(c, OPT_INDEX);
}

static bool is_gzip(const struct conf *c)
{
	const char *file = conf_text(c, OPT_OUT_FILE);
	size_t n = file ? strlen(file) : 0;

	return conf_flag(c, OPT_OUT_GZIP) || (n > 3 && strcmp(file + n - 3, ".gz") == 0);
}

/* Files are brought into a spool of their own, not into that of the services here. */
static const char *spool_of(const struct conf *c)
{
	bool said = c->values[OPT_SPOOL].source >= CONF_ENVIRONMENT;

	return conf_count(c, OPT_IN_FILE) && !said ? NULL : conf_text(c, OPT_SPOOL);
}

/* Words behind the options are further files, as a shell makes them of --in-file edge-*. */
static const char **in_files(const struct conf *c, size_t *count)
{
	size_t named = conf_count(c, OPT_IN_FILE);
	const char **files = calloc(named + c->rest_count + 1, sizeof(*files));

	*count = files ? named + c->rest_count : 0;
	for (size_t i = 0; i < *count; i++)
		files[i] = i < named ? conf_item(c, OPT_IN_FILE, i) : c->rest[i - named];
	return files;
}

static const char *sensor_of(const struct conf *c, char host[HOST_MAX])
{
	(void)snprintf(host, HOST_MAX, "localhost");
	(void)gethostname(host, HOST_MAX - 1);
	return conf_text(c, OPT_NAME) ? conf_text(c, OPT_NAME) : host;
}

/* All but the files to bring in. */
static struct ship_conf ship_conf_of(
	const struct conf *c, const struct index_settings *settings, const char *sensor)
{
	int64_t dead_max = conf_number(c, OPT_DEAD_MAX); /* -1: not given */

	return (struct ship_conf){
		.spool = spool_of(c),
		.out_file = conf_flag(c, OPT_STDOUT) ? "-" : conf_text(c, OPT_OUT_FILE),
		.out_bulk = conf_word(c, OPT_OUT_FORMAT) == 1,
		.out_gzip = is_gzip(c),
		.out_rotate_bytes = conf_number(c, OPT_OUT_ROTATE_SIZE),
		.out_rotate_ms = conf_number(c, OPT_OUT_ROTATE_INTERVAL),
		.es = { .nodes = (const char *const *)c->values[OPT_NODE].items,
			.nnodes = conf_count(c, OPT_NODE),
			.http = http_of(c),
			.plain_auth = conf_flag(c, OPT_ALLOW_PLAIN_AUTH),
			.setup = (enum sink_setup)conf_word(c, OPT_SETUP),
			.settings = settings,
			.data_stream = conf_flag(c, OPT_DATA_STREAM),
			.backoff_max_ms = conf_number(c, OPT_BACKOFF_MAX) },
		.index = index_of(c),
		.once = conf_flag(c, OPT_ONCE) || conf_count(c, OPT_IN_FILE),
		.give_up_ms = conf_number(c, OPT_GIVE_UP_AFTER),
		.park_after_ms = conf_number(c, OPT_PARK_AFTER),
		.dead_max = dead_max > 0 ? (uint64_t)dead_max : 0,
		.dead_drop = conf_word(c, OPT_WHEN_DEAD_FULL) == 1,
		.newest_first = conf_word(c, OPT_ORDER) == 1,
		.linger_ms = conf_number(c, OPT_LINGER),
		.max_rate = conf_number(c, OPT_MAX_RATE),
		.max_day = conf_number(c, OPT_MAX_BYTES_PER_DAY),
		.windows = (const char *const *)c->values[OPT_WINDOW].items,
		.nwindows = conf_count(c, OPT_WINDOW),
		.backoff_max_ms = conf_number(c, OPT_BACKOFF_MAX),
		.brake_off = conf_word(c, OPT_BRAKE) == 1,
		.chunk = (size_t)conf_number(c, OPT_CHUNK),
		.batch_bytes = (size_t)conf_number(c, OPT_BATCH_BYTES),
		.connections = (unsigned)conf_number(c, OPT_CONNECTIONS),
		.start_large = conf_flag(c, OPT_START_LARGE),
		.report_fd = (int)conf_number(c, OPT_REPORT_FD),
		.sensor = sensor,
	};
}

static int ship(const struct conf *c, struct err_detail *why)
{
	char host[HOST_MAX];
	struct index_settings settings;

	if (index_settings_from(c, &settings, why)) {
		log_error("%s; --help lists the options", why->text);
		return EXIT_USAGE;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	struct ship_conf conf = ship_conf_of(c, &settings, sensor_of(c, host));
	const char **files = in_files(c, &conf.nin_files);
	conf.in_files = files;
	if (!files) {
		log_error("out of memory for the files");
		return 1;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		log_error("cannot start libcurl");
		free(files);
		return 1;
	}
	int code = conf_flag(c, OPT_ASK) ? ask(&conf.es, why) : ship_run(&conf, why);
	curl_global_cleanup();
	free(files);
	return code;
}

/* Values that options.def alone cannot judge, looked at before anything is opened. *id: whose it is. */
static int check_values(const struct conf *c, enum conf_id *id, struct err_detail *why)
{
	const struct sink_es_conf es = { .nodes = (const char *const *)c->values[OPT_NODE].items,
		.nnodes = conf_count(c, OPT_NODE),
		.http = http_of(c),
		.plain_auth = conf_flag(c, OPT_ALLOW_PLAIN_AUTH) };
	char host[HOST_MAX], index[INDEX_NAME_MAX], wide[INDEX_NAME_MAX];
	struct hours hours;
	struct hosts hosts;

	*id = OPT_WINDOW;
	int err = hours_parse(&hours, (const char *const *)c->values[OPT_WINDOW].items,
		conf_count(c, OPT_WINDOW), why);
	if (err)
		return err;
	*id = OPT_MAX_RATE;
	err = gate_check_rate(conf_number(c, OPT_MAX_RATE), why);
	if (err)
		return err;
	*id = OPT_INDEX;
	err = index_pattern_expand(index_of(c), sensor_of(c, host), index, wide, why);
	if (err)
		return err;
	*id = OPT_NODE;
	return es.nnodes ? sink_es_hosts(&es, 0, &hosts, why) : 0;
}

static int check_files(const struct conf *c, struct err_detail *why)
{
	struct http_conf http = http_of(c);

	if (!conf_count(c, OPT_NODE) || !http_check(&http, why))
		return 0;
	log_error("%s", why->text);
	return EXIT_CONFIG;
}

static int start(const struct conf *c, struct err_detail *why)
{
	enum conf_id id;

	if (check(c, why)) {
		log_error("%s; --help lists the options", why->text);
		return EXIT_USAGE;
	}
	if (!conf_flag(c, OPT_ASK) && check_values(c, &id, why)) {
		const struct conf_value *v = &c->values[id];
		bool file = v->source == CONF_FILE;
		log_error("%s%s%s%s", file ? v->where : "", file ? ": " : "", why->text,
			file ? "" : "; --help lists the options");
		return file ? EXIT_CONFIG : EXIT_USAGE;
	}
	return conf_flag(c, OPT_CHECK) ? check_files(c, why) : ship(c, why);
}

int main(int argc, char **argv)
{
	static const struct program program = { "espcap-ship", CONF_SHIP, usage, start };

	return program_run(&program, argc, argv);
}
