/* doctor_system.c -- can this machine capture, and is its clock set? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include "doctor.h"

enum { NAMES = 256, STATE = 32 };

/* A socket of protocol 0 receives nothing, so nobody's packets are touched. */
static void check_rights(struct doctor *d, bool capture_runs)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		(void)close(fd);
		doctor_say(d, DOCTOR_OK, "rights", "", "this user may capture");
	} else if (capture_runs) {
		doctor_say(d, DOCTOR_OK, "rights", "",
			"espcap-capture runs, though this user may not capture");
	} else {
		doctor_say(d, DOCTOR_WARN, "rights",
			"run espcap-capture as root, or give it the right: setcap cap_net_raw+ep "
			"PATH-OF-espcap-capture",
			"this user may not capture: %s", strerror(errno));
	}
}

/* "unknown" is what devices say that have no carrier to look at. */
static bool is_up(const char *sys, const char *name)
{
	char path[PATH_MAX], state[STATE] = "";

	if (snprintf(path, sizeof(path), "%s/class/net/%s/operstate", sys, name) >=
		(int)sizeof(path))
		return false;
	FILE *f = fopen(path, "re");
	if (f && fscanf(f, "%31s", state) != 1)
		state[0] = '\0';
	if (f)
		(void)fclose(f);
	return strcmp(state, "up") == 0 || strcmp(state, "unknown") == 0;
}

static void check_interfaces(struct doctor *d, const char *sys)
{
	char path[PATH_MAX], up[NAMES] = "";
	const struct dirent *entry;
	size_t n = 0;

	if (snprintf(path, sizeof(path), "%s/class/net", sys) >= (int)sizeof(path))
		return;
	DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		if (name[0] == '.' || strcmp(name, "lo") == 0 || !is_up(sys, name))
			continue;
		int wrote = snprintf(up + n, sizeof(up) - n, "%s%s", n ? ", " : "", name);
		n = n + (size_t)wrote < sizeof(up) ? n + (size_t)wrote : sizeof(up) - 1;
	}
	if (dir)
		(void)closedir(dir);
	if (n)
		doctor_say(d, DOCTOR_OK, "interfaces", "", "up beside lo: %s", up);
	else
		doctor_say(d, DOCTOR_WARN, "interfaces",
			"bring the one to capture from up: ip link set NAME up",
			"no interface but lo is up");
}

void doctor_capture(struct doctor *d, bool capture_runs, const char *sys)
{
	check_rights(d, capture_runs);
	check_interfaces(d, sys);
}

void doctor_clock(struct doctor *d)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);

	if (state < 0)
		doctor_say(d, DOCTOR_WARN, "clock", "", "cannot ask for its state: %s",
			strerror(errno));
	else if (state == TIME_ERROR || t.status & STA_UNSYNC)
		doctor_say(d, DOCTOR_WARN, "clock",
			"start chrony, ntpd or systemd-timesyncd, and let it reach its servers; "
			"where the "
			"machine below keeps it right, capture with --clock synced",
			"nobody keeps the clock right: times in documents may be wrong");
	else
		doctor_say(d, DOCTOR_OK, "clock", "", "synchronised, off by at most %.1f ms",
			(double)t.maxerror / 1000);
}
