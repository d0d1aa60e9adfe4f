/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * thread: lays messages out in threads, in mutt's way, in memory alone. The
 * result depends on the set of messages, not on the order of their arrival.
 *
 * By references: a message goes below the nearest of its ancestors; missing
 * ones hold its place. A second message with the same id becomes a child of
 * the first. Then by subject: a tree whose first message is a reply goes below
 * the latest earlier message of the same base subject that begins a tree.
 *
 * How siblings follow one another is left to whoever shows them (lay.h).
 */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum thread_look {
	/* it, or the topmost missing message that it opens, is where it is
	 * for its subject */
	THREAD_BY_SUBJECT = 1 << 0,
	THREAD_SAME_SUBJECT = 1 << 1, /* has the base subject of its parent */
	THREAD_DUPLICATE = 1 << 2, /* has the Message-ID of its parent */
};

/*
 * The rest of 'look': a message stands on 'level', which counts missing
 * ancestors too. It opens 'gap' of them: those right above it that no row
 * before it is below.
 */
#define THREAD_GAP_MAX 15u
#define THREAD_LEVEL_MAX 4095u
#define THREAD_LOOK(bits, gap, level) ((bits) | (gap) << 3 | (level) << 7)
#define THREAD_GAP(look) ((look) >> 3 & 15u)
#define THREAD_LEVEL(look) ((look) >> 7 & 4095u)

/* Where a message stands. */
struct thread_place {
	int64_t thread;	 /* id in the cache, 0: not stored yet */
	uint32_t ord;	 /* row in its thread, from 0 */
	uint32_t depth;	 /* below so many messages that are there */
	uint32_t look;	 /* THREAD_LOOK() */
};

/* How messages are joined; all zero is the default and what is stored. */
struct thread_rules {
	bool any_subject; /* by subject even without "Re:" */
	bool strict;	  /* not by subject */
	bool apart;	  /* messages with one id are not joined */
	bool by_received; /* the date that decides about subjects */
};

struct thread_part;
struct thread_node;

struct thread_item {
	int64_t id;	 /* 0: not stored yet */
	uint32_t uid;
	uint32_t shown;	 /* enum store_flag */
	int64_t sent, received;
	uint64_t subject; /* of ids_subject() */
	bool reply;
	uint64_t *ids;	 /* of ids_of(), owned */
	size_t n_ids;
	const void *source; /* the caller's */
	struct thread_place old; /* as stored */
	struct thread_place place; /* the result; the caller sets its thread */
	/* the rest is thread.c's */
	struct thread_item *parent;
	struct thread_part *part;
	struct thread_node *node;
	bool duplicate;
};

/* What hangs together by references: one tree, or more when the root is
 * missing. */
struct thread_part {
	GPtrArray *tops; /* of struct thread_item, borrowed, oldest first */
	struct thread_node *root;
	struct thread_part *into; /* joined by subject to one of its tops */
	bool joined; /* others are joined to it */
	int64_t thread; /* the caller's */
};

struct thread_world;

struct thread_world *thread_world_new(const struct thread_rules *rules);
void thread_world_free(struct thread_world *world);
/* Adds a message, zeroed but for what the caller sets; owned by the world. */
struct thread_item *thread_world_add(struct thread_world *world);
/* Of struct thread_item, borrowed; after a layout by date, then UID. */
GPtrArray *thread_world_items(struct thread_world *world);

/* Builds parts from all items, joins them by subject. May be called again
 * after more were added. */
void thread_world_link(struct thread_world *world);
/* Of struct thread_part, borrowed, until the next link. */
GPtrArray *thread_world_parts(struct thread_world *world);
/* The message in whose part the id is present or missed; NULL: not known. */
struct thread_item *thread_world_near(struct thread_world *world,
				      uint64_t hash);

/* After the last link: gives every item its place but for the thread. Calls
 * 'give' once for each thread with its first part and its items in the order
 * of display (both borrowed). */
void thread_world_lay(struct thread_world *world,
		      void (*give)(struct thread_part *part, GPtrArray *rows,
				   void *user),
		      void *user);

#endif
