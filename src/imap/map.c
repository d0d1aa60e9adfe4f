/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map.h"

#include <string.h>

void map_release(struct map *map)
{
	g_free(map->uids);
	memset(map, 0, sizeof(*map));
}

void map_reset(struct map *map, uint32_t count)
{
	map_release(map);
	map_resize(map, count);
}

static uint32_t *slot(const struct map *map, size_t i)
{
	return &map->uids[i < map->gap ? i : i + map->gap_length];
}

static void move_gap(struct map *map, size_t to)
{
	uint32_t *uids = map->uids;
	size_t behind = map->gap + map->gap_length;

	if (map->gap_length == 0)
		;
	else if (to < map->gap)
		memmove(&uids[to + map->gap_length], &uids[to],
			(map->gap - to) * sizeof(*uids));
	else
		memmove(&uids[map->gap], &uids[behind],
			(to - map->gap) * sizeof(*uids));
	map->gap = to;
}

static void grow(struct map *map, size_t count)
{
	if (count <= map->room)
		return;
	map->room = MAX(count, map->room + map->room / 2);
	map->uids = g_renew(uint32_t, map->uids, map->room);
}

void map_resize(struct map *map, uint32_t count)
{
	move_gap(map, map->count);
	map->gap_length = 0;
	if (count > map->count) {
		grow(map, count);
		memset(&map->uids[map->count], 0,
		       (count - map->count) * sizeof(*map->uids));
	}
	map->count = count;
	map->gap = count;
}

uint32_t map_uid(const struct map *map, uint32_t seq)
{
	if (seq == 0 || seq > map->count)
		return 0;
	return *slot(map, seq - 1);
}

/* Binary search that steps over the unknown ones. */
uint32_t map_seq(const struct map *map, uint32_t uid)
{
	size_t low = 0, high = map->count;

	if (uid == 0)
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2, known = middle;

		while (known < high && *slot(map, known) == 0)
			known++;
		if (known == high)
			high = middle;
		else if (*slot(map, known) == uid)
			return (uint32_t)known + 1;
		else if (*slot(map, known) < uid)
			low = known + 1;
		else
			high = middle;
	}
	return 0;
}

bool map_learn(struct map *map, uint32_t seq, uint32_t uid)
{
	uint32_t *known = slot(map, seq - 1);
	uint32_t before = seq > 1 ? map_uid(map, seq - 1) : 0;
	uint32_t after = map_uid(map, seq + 1);
	bool same = *known == 0 || *known == uid;

	if (before >= uid || (after != 0 && after <= uid))
		map->damaged = true;
	*known = uid;
	return same;
}

uint32_t map_remove(struct map *map, uint32_t seq)
{
	uint32_t uid = map_uid(map, seq);

	move_gap(map, seq - 1);
	map->gap_length++;
	map->count--;
	return uid;
}

struct vanish {
	const struct imap_range *ranges;
	size_t n, next; /* ranges before 'next' lie below everything read */
};

/* Whether 'uid' goes; called with ascending numbers. */
static bool takes(struct vanish *vanish, uint32_t uid)
{
	while (vanish->next < vanish->n &&
	       vanish->ranges[vanish->next].last < uid)
		vanish->next++;
	return vanish->next < vanish->n &&
	       vanish->ranges[vanish->next].first <= uid;
}

/* How many numbers strictly between 'low' and 'high' the ranges cover. */
static uint64_t between(const struct vanish *vanish, uint64_t low,
			uint64_t high)
{
	uint64_t count = 0;

	for (size_t i = vanish->next; i < vanish->n; i++) {
		uint64_t first = MAX(vanish->ranges[i].first, low + 1);
		uint64_t last = MIN(vanish->ranges[i].last, high - 1);

		if (vanish->ranges[i].first >= high)
			break;
		if (first <= last)
			count += last - first + 1;
	}
	return count;
}

void map_vanish(struct map *map, const struct imap_set *set)
{
	struct vanish vanish = { .next = 0 };
	uint32_t kept = 0, unknown = 0;
	uint64_t low = 0;

	vanish.ranges = imap_set_ranges(set, &vanish.n);
	move_gap(map, map->count);
	map->gap_length = 0;
	/* A run of unknown ones ends at a known one, or at the end. */
	for (size_t i = 0; i <= map->count; i++) {
		uint64_t uid = i < map->count ? map->uids[i] :
						(uint64_t)UINT32_MAX + 1;
		uint64_t gone;

		if (uid == 0) {
			unknown++;
			continue;
		}
		gone = unknown > 0 ? between(&vanish, low, uid) : 0;
		unknown -= (uint32_t)MIN(gone, unknown);
		while (unknown > 0) {
			map->uids[kept++] = 0;
			unknown--;
		}
		low = uid;
		if (i < map->count && !takes(&vanish, (uint32_t)uid))
			map->uids[kept++] = (uint32_t)uid;
	}
	map->count = kept;
	map->gap = kept;
}
