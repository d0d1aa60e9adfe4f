/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memory of one response: everything its parser makes is handed to the
 * caller for the length of one call and forgotten at once, so it is taken
 * from blocks that are reused instead of being freed piece by piece.
 */
#ifndef SMEW_IMAP_ARENA_H
#define SMEW_IMAP_ARENA_H

#include <stddef.h>

#include "smew/imap.h"

struct arena {
	GPtrArray *blocks; /* owned; of char *: [0] is kept by a reset */
	GPtrArray *sets;   /* owned; of struct imap_set */
	char *at, *end;	   /* the free part of the newest block */
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);
/* Forgets everything that was taken. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type; lives until the reset. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* The octets with a NUL behind. */
char *arena_string(struct arena *arena, const void *data, size_t length);
/* The same in lower case (ASCII). */
char *arena_lower(struct arena *arena, const void *data, size_t length);
/* Gives the set to the arena; returns it. */
struct imap_set *arena_set(struct arena *arena, struct imap_set *set);

/*
 * A growing array in an arena: room for one more element of 'size' octets
 * behind the 'n' that 'items' has; 'n' is counted up. Returns its place.
 */
void *arena_push(struct arena *arena, void **items, size_t *n, size_t size);

#endif
