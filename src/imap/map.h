/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sequence map of the selected mailbox: for each sequence number the UID
 * that was learned, 0 where none was. An array with a gap at the place of the
 * last removal, so that the usual runs of EXPUNGE cost nothing.
 */
#ifndef SMEW_IMAP_MAP_H
#define SMEW_IMAP_MAP_H

#include "smew/imap.h"

struct map {
	uint32_t *uids; /* owned; 'room' of them */
	size_t room;
	size_t gap, gap_length; /* where the hole is */
	uint32_t count;
	bool damaged;
};

void map_release(struct map *map);
/* Forgets all; 'count' messages without UIDs. */
void map_reset(struct map *map, uint32_t count);
/* EXISTS: unknown messages are added at the end, or the last ones go. */
void map_resize(struct map *map, uint32_t count);
uint32_t map_uid(const struct map *map, uint32_t seq);
uint32_t map_seq(const struct map *map, uint32_t uid);
/* Learns a UID for seq in 1..count. False when another one was known. */
bool map_learn(struct map *map, uint32_t seq, uint32_t uid);
/* EXPUNGE of seq in 1..count: returns the UID it had. */
uint32_t map_remove(struct map *map, uint32_t seq);
/*
 * VANISHED without EARLIER: removes the messages of a normalised set, those
 * whose UIDs were never learned too, as far as their place is known by their
 * neighbours.
 */
void map_vanish(struct map *map, const struct imap_set *set);

#endif
