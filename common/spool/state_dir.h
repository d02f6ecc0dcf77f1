/* state_dir.h -- where spools lie that nobody has named. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_STATE_DIR_H
#define ESPCAP_STATE_DIR_H

#include "paths.h"

/* ${XDG_STATE_HOME:-~/.local/state}/espcap. ERR_TOO_BIG. */
int state_dir(char out[PATHS_MAX]) ERR_WARN_UNUSED;

/* Makes a folder and those around it, mode 0700. ERR_SYS with errno. */
int state_dir_make(const char *path) ERR_WARN_UNUSED;

#endif
