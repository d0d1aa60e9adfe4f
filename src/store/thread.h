/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * thread: lays messages out in threads, in mutt's way, in memory alone. The
 * result depends on the set of messages, not on the order of their arrival.
 *
 * By references: a message goes below the nearest of its ancestors; missing
 * ones hold its place and are not shown. A second message with the same id
 * becomes a child of the first. Then by subject: a tree whose first message
 * is a reply goes below the latest earlier tree of the same base subject.
 */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Deeper levels are drawn as this one; also the last bit of 'rails'. */
#define THREAD_DRAWN_DEPTH 62

enum thread_look {
	THREAD_BY_SUBJECT = 1 << 0, /* is where it is for its subject */
	THREAD_SAME_SUBJECT = 1 << 1, /* has the base subject of its parent */
};

/* Where a message is drawn. */
struct thread_place {
	int64_t thread;	 /* id in the cache, 0: not stored yet */
	uint32_t ord;	 /* row in its thread, from 0 */
	uint32_t depth;
	uint64_t rails;	 /* bit k: the line of level k goes on below */
	uint32_t look;	 /* enum thread_look */
};

struct thread_part;

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
	struct thread_item *parent, *child, *last_child, *next;
	struct thread_part *part;
	bool duplicate;
};

/* What hangs together by references: one tree, or more when the root is
 * missing. */
struct thread_part {
	GPtrArray *tops; /* of struct thread_item, borrowed, oldest first */
	struct thread_part *into; /* joined by subject to its first top */
	bool joined; /* others are joined to it */
	int64_t thread; /* the caller's */
};

struct thread_world;

struct thread_world *thread_world_new(void);
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
