/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "smew/base.h"

/*
 * Lives alone in pages of its own: locking and advice work on pages, and
 * munlock() of one secret must not unlock its neighbour.
 */
struct secret {
	size_t mapped; /* octets of the mapping, this header included */
	size_t length;
	char data[];
};

static size_t round_to_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

struct secret *secret_new(const char *data, gssize length)
{
	size_t octets = length >= 0    ? (size_t)length
			: data != NULL ? strlen(data)
				       : 0;
	size_t mapped;
	struct secret *secret;

	g_assert(octets < G_MAXSSIZE / 2);
	mapped = round_to_pages(sizeof(*secret) + octets + 1);
	secret = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		g_error("out of memory");
	/*
	 * Each of these can be refused (RLIMIT_MEMLOCK, an old kernel); the
	 * secret is needed all the same.
	 */
	(void)mlock(secret, mapped);
	(void)madvise(secret, mapped, MADV_DONTDUMP);
	(void)madvise(secret, mapped, MADV_WIPEONFORK);
	secret->mapped = mapped;
	secret->length = octets;
	if (octets > 0)
		memcpy(secret->data, data, octets);
	return secret;
}

const char *secret_data(const struct secret *secret, size_t *length)
{
	if (length != NULL)
		*length = secret->length;
	return secret->data;
}

void secret_free(struct secret *secret)
{
	size_t mapped;

	if (secret == NULL)
		return;
	mapped = secret->mapped;
	explicit_bzero(secret, mapped);
	munmap(secret, mapped);
}

/* ---- buffers ---- */

enum {
	BUFFER_LEAST = 8192,
	STACK_TRACES = 64 * 1024,
	/* malloc() hands out blocks in steps of this, and keeps some of those
	 * freed last of each size for the thread: seven, in glibc. */
	BLOCK_STEP = 16,
	BLOCKS_KEPT = 16,
	LARGEST_WIPED = 1024,
};

/* What a buffer of this length has room for: GLib grows by the same rule, and
 * so never has to by itself. */
static size_t buffer_room(size_t length)
{
	size_t room = BUFFER_LEAST;

	while (room < length)
		room *= 2;
	return room;
}

GByteArray *secret_buffer_new(void)
{
	return g_byte_array_sized_new(BUFFER_LEAST);
}

void secret_buffer_append(GByteArray **buffer, const void *data, size_t length)
{
	GByteArray *old = *buffer;
	size_t room = buffer_room(old->len + length);

	if (room > buffer_room(old->len)) {
		*buffer = g_byte_array_sized_new((guint)room);
		g_byte_array_append(*buffer, old->data, old->len);
		secret_buffer_wipe(old);
		g_byte_array_unref(old);
	}
	g_byte_array_append(*buffer, data, (guint)length);
}

void secret_buffer_drop(GByteArray *buffer, size_t length)
{
	size_t rest = buffer->len - length;

	if (length == 0)
		return;
	memmove(buffer->data, buffer->data + length, rest);
	explicit_bzero(buffer->data + rest, length);
	/* Shrinking moves nothing. */
	g_byte_array_set_size(buffer, (guint)rest);
}

void secret_buffer_wipe(GByteArray *buffer)
{
	if (buffer->len > 0)
		explicit_bzero(buffer->data, buffer->len);
	g_byte_array_set_size(buffer, 0);
}

__attribute__((noinline)) void secret_wipe_stack(void)
{
	char traces[STACK_TRACES];

	explicit_bzero(traces, sizeof(traces));
}

/* All are taken before one is given back: else it would be the same one. */
static void wipe_blocks(size_t size)
{
	void *blocks[BLOCKS_KEPT];

	for (size_t i = 0; i < BLOCKS_KEPT; i++) {
		blocks[i] = g_malloc(size);
		explicit_bzero(blocks[i], size);
	}
	for (size_t i = BLOCKS_KEPT; i > 0; i--)
		g_free(blocks[i - 1]);
}

void secret_wipe_heap(size_t length)
{
	/* A block of n steps has the header of the next one at its end. */
	size_t least = length / BLOCK_STEP * BLOCK_STEP + BLOCK_STEP / 2;
	size_t most = 4 * (length + 1) + 2 * (size_t)BLOCK_STEP;

	if (length > LARGEST_WIPED)
		return;
	for (size_t size = least; size <= most; size += BLOCK_STEP)
		wipe_blocks(size);
}

void secret_harden_process(void)
{
	struct rlimit limit;

	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* The hard limit stays: the user's own shell below us may want it. */
	if (getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = 0;
		(void)setrlimit(RLIMIT_CORE, &limit);
	}
}
