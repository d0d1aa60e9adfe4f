/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arena.h"

#include <string.h>

#define BLOCK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT  ((size_t)16)

void arena_init(struct arena *arena)
{
	arena->blocks = g_ptr_array_new_with_free_func(g_free);
	arena->sets = g_ptr_array_new_with_free_func(
		(GDestroyNotify)imap_set_free);
	arena->at = g_malloc(BLOCK_SIZE);
	arena->end = arena->at + BLOCK_SIZE;
	g_ptr_array_add(arena->blocks, arena->at);
}

void arena_release(struct arena *arena)
{
	g_ptr_array_free(arena->blocks, TRUE);
	g_ptr_array_free(arena->sets, TRUE);
}

void arena_reset(struct arena *arena)
{
	if (arena->blocks->len > 1)
		g_ptr_array_set_size(arena->blocks, 1);
	if (arena->sets->len > 0)
		g_ptr_array_set_size(arena->sets, 0);
	arena->at = g_ptr_array_index(arena->blocks, 0);
	arena->end = arena->at + BLOCK_SIZE;
}

/* A block of its own for what is large; the current one stays in use. */
static void *alloc_large(struct arena *arena, size_t size)
{
	char *block = g_malloc(size);

	g_ptr_array_add(arena->blocks, block);
	return block;
}

static void *alloc_raw(struct arena *arena, size_t size)
{
	void *p;

	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (size > BLOCK_SIZE / 4)
		return alloc_large(arena, size);
	if ((size_t)(arena->end - arena->at) < size) {
		arena->at = alloc_large(arena, BLOCK_SIZE);
		arena->end = arena->at + BLOCK_SIZE;
	}
	p = arena->at;
	arena->at += size;
	return p;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(alloc_raw(arena, size), 0, size);
}

char *arena_string(struct arena *arena, const void *data, size_t length)
{
	char *s = alloc_raw(arena, length + 1);

	if (length > 0)
		memcpy(s, data, length);
	s[length] = '\0';
	return s;
}

char *arena_lower(struct arena *arena, const void *data, size_t length)
{
	char *s = arena_string(arena, data, length);

	for (size_t i = 0; i < length; i++)
		s[i] = g_ascii_tolower(s[i]);
	return s;
}

struct imap_set *arena_set(struct arena *arena, struct imap_set *set)
{
	g_ptr_array_add(arena->sets, set);
	return set;
}

void *arena_push(struct arena *arena, void **items, size_t *n, size_t size)
{
	bool full = *n == 0 || (*n >= 4 && (*n & (*n - 1)) == 0);

	/* Room for 4, then doubled whenever the number is a power of two. */
	if (full) {
		size_t room = *n == 0 ? 4 : *n * 2;
		char *grown = alloc_raw(arena, room * size);

		if (*n > 0)
			memcpy(grown, *items, *n * size);
		*items = grown;
	}
	return memset((char *)*items + (*n)++ * size, 0, size);
}
