/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "smew/base.h"

/* A source yields to the others of its loop after this long. */
#define DELIVERY_BUDGET_US 5000

/*
 * The queue is a list through the posts. 'merges' finds the waiting post of a
 * kind and merge key: post -> the pointer that points to it, which is 'head'
 * or the 'next' of the post before it.
 */
struct postbox {
	pthread_mutex_t lock; /* guards everything below */
	struct post *head;    /* owned */
	struct post **tail;   /* the NULL pointer at the end */
	GHashTable *merges;   /* keys and values borrowed from the queue */
	int fd;		      /* an eventfd: 1 while the queue is not empty */
};

struct postbox_gsource {
	GSource base;
	struct postbox *box; /* borrowed */
};

void post_free(struct post *post)
{
	if (post != NULL)
		post->release(post);
}

static guint merge_hash(gconstpointer key)
{
	const struct post *post = key;
	uint64_t mixed = (post->merge_key ^ (uint64_t)(unsigned)post->kind) *
			 0x9e3779b97f4a7c15u;

	return (guint)(mixed >> 32);
}

static gboolean merge_equal(gconstpointer a, gconstpointer b)
{
	const struct post *x = a, *y = b;

	return x->kind == y->kind && x->merge_key == y->merge_key;
}

struct postbox *postbox_new(void)
{
	struct postbox *box = g_new0(struct postbox, 1);

	pthread_mutex_init(&box->lock, NULL);
	box->tail = &box->head;
	box->merges = g_hash_table_new(merge_hash, merge_equal);
	box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (box->fd == -1)
		g_error("cannot make an eventfd: %s", g_strerror(errno));
	return box;
}

void postbox_free(struct postbox *box)
{
	struct post *post;

	if (box == NULL)
		return;
	while ((post = postbox_pop(box)) != NULL)
		post_free(post);
	g_hash_table_destroy(box->merges);
	close(box->fd);
	pthread_mutex_destroy(&box->lock);
	g_free(box);
}

/* Neither can block or fail: the counter is never above 1. */
static void raise_event(struct postbox *box)
{
	uint64_t one = 1;

	while (write(box->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void clear_event(struct postbox *box)
{
	uint64_t count;

	while (read(box->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

static void append(struct postbox *box, struct post *post)
{
	if (post->merge_key != 0)
		g_hash_table_insert(box->merges, post, box->tail);
	post->next = NULL;
	*box->tail = post;
	box->tail = &post->next;
	if (box->head == post)
		raise_event(box);
}

/* Puts 'post' where 'link' points, and returns what was there. */
static struct post *replace(struct postbox *box, struct post **link,
			    struct post *post)
{
	struct post *old = *link;

	g_hash_table_remove(box->merges, old);
	g_hash_table_insert(box->merges, post, link);
	post->next = old->next;
	*link = post;
	if (post->next == NULL)
		box->tail = &post->next;
	else if (post->next->merge_key != 0)
		g_hash_table_insert(box->merges, post->next, &post->next);
	return old;
}

void postbox_push(struct postbox *box, struct post *post)
{
	struct post **link = NULL;
	struct post *replaced = NULL;

	pthread_mutex_lock(&box->lock);
	if (post->merge_key != 0)
		link = g_hash_table_lookup(box->merges, post);
	if (link != NULL)
		replaced = replace(box, link, post);
	else
		append(box, post);
	pthread_mutex_unlock(&box->lock);
	post_free(replaced);
}

static struct post *unlink_head(struct postbox *box)
{
	struct post *post = box->head;

	if (post == NULL)
		return NULL;
	if (post->merge_key != 0)
		g_hash_table_remove(box->merges, post);
	box->head = post->next;
	if (box->head == NULL) {
		box->tail = &box->head;
		clear_event(box);
	} else if (box->head->merge_key != 0) {
		g_hash_table_insert(box->merges, box->head, &box->head);
	}
	post->next = NULL;
	return post;
}

struct post *postbox_pop(struct postbox *box)
{
	struct post *post;

	pthread_mutex_lock(&box->lock);
	post = unlink_head(box);
	pthread_mutex_unlock(&box->lock);
	return post;
}

int postbox_fd(struct postbox *box)
{
	return box->fd;
}

static gboolean deliver_posts(GSource *source, GSourceFunc callback,
			      gpointer user)
{
	/* As g_unix_fd_add() does: the real type came in as a GSourceFunc. */
	postbox_deliver deliver = (postbox_deliver)(void (*)(void))callback;
	struct postbox *box = ((struct postbox_gsource *)source)->box;
	gint64 until = g_get_monotonic_time() + DELIVERY_BUDGET_US;

	/* 'deliver' may end the source, and then the box may be gone. */
	while (!g_source_is_destroyed(source)) {
		struct post *post = postbox_pop(box);

		if (post == NULL)
			break;
		deliver(post, user);
		if (g_get_monotonic_time() >= until)
			break;
	}
	return G_SOURCE_CONTINUE;
}

GSource *postbox_source(struct postbox *box, postbox_deliver deliver,
			void *user)
{
	static const GSourceFuncs functions = {.dispatch = deliver_posts};
	GSource *source = g_source_new((GSourceFuncs *)&functions,
				       sizeof(struct postbox_gsource));

	((struct postbox_gsource *)source)->box = box;
	g_source_set_name(source, "postbox");
	g_source_add_unix_fd(source, box->fd, G_IO_IN);
	g_source_set_callback(source, (GSourceFunc)(void (*)(void))deliver,
			      user, NULL);
	return source;
}
