/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Octets between descriptors and an owner, in the thread-default context:
 * what every stream on a pipe or a socket has in common.
 */
#ifndef SMEW_NET_PUMP_H
#define SMEW_NET_PUMP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Never called from inside a call of the owner's. */
struct pump_handler {
	void (*received)(const uint8_t *data, size_t length, void *user);
	void (*drained)(void *user); /* the queue is empty again */
	/* Nothing more will be read: errno, or 0 at the end of the stream. */
	void (*read_ended)(int code, void *user);
	/* Nothing more can be written; what was queued is gone. */
	void (*write_ended)(int code, void *user);
};

struct pump;

/* Reads from 'in' and writes to 'out' (may be the same), both nonblocking
 * and borrowed. Reading starts at once. */
struct pump *pump_new(int in, int out, const struct pump_handler *handler,
		      void *user);
void pump_send(struct pump *pump, const void *data, size_t length);
size_t pump_unsent(const struct pump *pump);
/* Octets read and written so far. */
void pump_octets(const struct pump *pump, uint64_t *in, uint64_t *out);
void pump_pause(struct pump *pump, bool pause);
/* Safe from inside a handler, which is not called any more. */
void pump_free(struct pump *pump);

#endif
