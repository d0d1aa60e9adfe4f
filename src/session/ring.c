/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "ring.h"

#define CUT_MARK "..."

struct entry {
	int64_t time;
	uint32_t connection, start; /* of the text, in 'octets' */
	uint8_t kind;
};

struct ring {
	struct entry *entries; /* of line n: n modulo 'lines' */
	char *octets;
	uint32_t lines, size, longest;
	uint32_t at;	       /* where the next text begins */
	uint64_t begin, end;
};

struct ring *ring_new(uint32_t lines, uint32_t octets, uint32_t longest)
{
	struct ring *ring = g_new0(struct ring, 1);

	g_assert(lines > 0 && octets > longest + sizeof(CUT_MARK));
	ring->entries = g_new(struct entry, lines);
	ring->octets = g_malloc(octets);
	ring->lines = lines;
	ring->size = octets;
	ring->longest = longest;
	return ring;
}

void ring_free(struct ring *ring)
{
	if (ring == NULL)
		return;
	g_free(ring->entries);
	g_free(ring->octets);
	g_free(ring);
}

static struct entry *entry_of(const struct ring *ring, uint64_t number)
{
	return &ring->entries[number % ring->lines];
}

/* Drops the oldest lines whose text begins in [from, to). The oldest text is
 * always the next one behind 'at'. */
static void make_room(struct ring *ring, uint32_t from, uint32_t to)
{
	while (ring->begin < ring->end) {
		uint32_t start = entry_of(ring, ring->begin)->start;

		if (start < from || start >= to)
			break;
		ring->begin++;
	}
}

/* How much of 'text' is kept; not the half of a character. */
static size_t kept_length(const struct ring *ring, const char *text, bool *cut)
{
	size_t n = strnlen(text, (size_t)ring->longest + 1);

	*cut = n > ring->longest;
	if (!*cut)
		return n;
	for (n = ring->longest; n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80;)
		n--;
	return n;
}

void ring_add(struct ring *ring, const struct ring_line *line)
{
	bool cut;
	size_t n = kept_length(ring, line->text, &cut);
	uint32_t need = (uint32_t)n + (cut ? sizeof(CUT_MARK) : 1);
	struct entry *entry;

	if (ring->end - ring->begin == ring->lines)
		ring->begin++;
	if (need > ring->size - ring->at) {
		make_room(ring, ring->at, ring->size);
		ring->at = 0;
	}
	make_room(ring, ring->at, ring->at + need);
	entry = entry_of(ring, ring->end++);
	*entry = (struct entry){ line->time, line->connection, ring->at,
				 line->kind };
	memcpy(ring->octets + ring->at, line->text, n);
	memcpy(ring->octets + ring->at + n, cut ? CUT_MARK : "", need - n);
	ring->at += need;
}

uint64_t ring_begin(const struct ring *ring)
{
	return ring->begin;
}

uint64_t ring_end(const struct ring *ring)
{
	return ring->end;
}

bool ring_get(const struct ring *ring, uint64_t number, struct ring_line *line)
{
	const struct entry *entry = entry_of(ring, number);

	if (number < ring->begin || number >= ring->end)
		return false;
	*line = (struct ring_line){ entry->time, entry->connection,
				    entry->kind,
				    ring->octets + entry->start };
	return true;
}
