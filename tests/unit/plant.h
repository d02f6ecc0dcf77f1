/* plant.h -- puts values into a segment behind its writer's back, by LMDB itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ESPCAP_PLANT_H
#define ESPCAP_PLANT_H

#include "frame.h"

/* A frame in the segment of that folder, under its own first sequence. Fails the test. */
void plant_frame(const char *folder, const struct frame_header *h, const void *payload);

#endif
