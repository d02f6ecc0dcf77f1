/* conn.h -- one client connection: reads requests, sends answers, and breaks both on demand. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_CONN_H
#define FAKE_CONN_H

#include <uv.h>

#include "server.h"

/* For uv_listen; listener->data is the struct server. */
void conn_accept(uv_stream_t *listener, int status);
/* For uv_walk: closes the handle, and the connection it belongs to if it is not the listener's. */
void conn_close_any(uv_handle_t *handle, void *listener);

#endif
