/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last lines of a dialogue, in memory that does not grow: what is oldest
 * makes room for what is new. Lines are numbered from 0 on, all those that
 * were ever added.
 */
#ifndef SMEW_SESSION_RING_H
#define SMEW_SESSION_RING_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct ring;

struct ring_line {
	int64_t time;	  /* as given */
	uint32_t connection;
	uint8_t kind;
	const char *text; /* NUL-terminated; borrowed until the next line */
};

/* Keeps at most 'lines' lines, in 'octets' octets; a line longer than
 * 'longest' (far below 'octets') is cut and ends in "...". */
struct ring *ring_new(uint32_t lines, uint32_t octets, uint32_t longest);
void ring_free(struct ring *ring);
void ring_add(struct ring *ring, const struct ring_line *line);
/* The numbers of the oldest line and of the next one: equal when empty. */
uint64_t ring_begin(const struct ring *ring);
uint64_t ring_end(const struct ring *ring);
/* False when the line is gone, or not there yet. */
bool ring_get(const struct ring *ring, uint64_t number,
	      struct ring_line *line);

#endif
