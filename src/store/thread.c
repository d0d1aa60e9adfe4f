/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "thread.h"

#include <stdlib.h>

/* An id that a message bears or refers to. */
struct node {
	uint64_t hash;
	struct thread_item *item; /* NULL: missing */
	struct thread_item *near; /* bears it, is below it, or names it */
	bool linked;		  /* 'near' is below it */
	bool has_child;
	struct node *parent;
	struct thread_part *part; /* of a root that is missing */
};

struct thread_world {
	GPtrArray *items;  /* owned struct thread_item */
	GPtrArray *parts;  /* owned struct thread_part */
	GHashTable *nodes; /* uint64_t in the node to owned struct node */
};

static void item_free(gpointer data)
{
	struct thread_item *item = data;

	g_free(item->ids);
	g_free(item);
}

static void part_free(gpointer data)
{
	struct thread_part *part = data;

	g_ptr_array_unref(part->tops);
	g_free(part);
}

struct thread_world *thread_world_new(void)
{
	struct thread_world *world = g_new0(struct thread_world, 1);

	world->items = g_ptr_array_new_with_free_func(item_free);
	world->parts = g_ptr_array_new_with_free_func(part_free);
	world->nodes = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
					     g_free);
	return world;
}

void thread_world_free(struct thread_world *world)
{
	g_hash_table_unref(world->nodes);
	g_ptr_array_unref(world->parts);
	g_ptr_array_unref(world->items);
	g_free(world);
}

struct thread_item *thread_world_add(struct thread_world *world)
{
	struct thread_item *item = g_new0(struct thread_item, 1);

	g_ptr_array_add(world->items, item);
	return item;
}

GPtrArray *thread_world_items(struct thread_world *world)
{
	return world->items;
}

GPtrArray *thread_world_parts(struct thread_world *world)
{
	return world->parts;
}

struct thread_item *thread_world_near(struct thread_world *world,
				      uint64_t hash)
{
	const struct node *node = g_hash_table_lookup(world->nodes, &hash);

	return node != NULL ? node->near : NULL;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_date(const void *a, const void *b)
{
	const struct thread_item *x = *(struct thread_item *const *)a;
	const struct thread_item *y = *(struct thread_item *const *)b;
	int order = compare(x->sent, y->sent);

	return order != 0 ? order : compare(x->uid, y->uid);
}

static struct node *node_for(struct thread_world *world, uint64_t hash)
{
	struct node *node = g_hash_table_lookup(world->nodes, &hash);

	if (node == NULL) {
		node = g_new0(struct node, 1);
		node->hash = hash;
		g_hash_table_insert(world->nodes, &node->hash, node);
	}
	return node;
}

/* The first message of an id bears it, later ones are its children. */
static void claim_id(struct thread_world *world, struct thread_item *item)
{
	struct node *node;

	item->parent = item->child = item->last_child = item->next = NULL;
	item->part = NULL;
	item->duplicate = false;
	if (item->ids[0] == 0)
		return;
	node = node_for(world, item->ids[0]);
	if (node->item == NULL) {
		node->item = node->near = item;
	} else {
		item->duplicate = true;
		item->parent = node->item;
	}
}

static bool is_above(const struct node *node, const struct node *other)
{
	if (node == other)
		return true;
	if (!node->has_child)
		return false;
	for (; other != NULL; other = other->parent)
		if (other == node)
			return true;
	return false;
}

/*
 * Walks from the message up its references, making what is missing, until an
 * ancestor that is present or has found its own parent.
 */
static void link_ancestors(struct thread_world *world,
			   struct thread_item *item, struct node *node)
{
	for (size_t i = 1; i < item->n_ids; i++) {
		struct node *above = node_for(world, item->ids[i]);

		if (is_above(node, above))
			break;
		node->parent = above;
		above->has_child = true;
		if (above->item == NULL && !above->linked) {
			above->near = item;
			above->linked = true;
		}
		node = above;
		if (node->item != NULL || node->parent != NULL)
			break;
	}
}

/*
 * Remembers which message names an id that took no part in the linking, so
 * that whoever bears it is looked at together with this one when it comes.
 */
static void name_ids(struct thread_world *world, struct thread_item *item)
{
	for (size_t i = 1; i < item->n_ids; i++) {
		struct node *node = node_for(world, item->ids[i]);

		if (node->near == NULL)
			node->near = item;
	}
}

/* The node of a message without an id is its own, for one walk. */
static struct node *walk_up(struct thread_world *world,
			    struct thread_item *item, struct node *anonymous)
{
	struct node *node = anonymous;

	if (item->ids[0] != 0)
		node = g_hash_table_lookup(world->nodes, &item->ids[0]);
	else
		*anonymous = (struct node){ .item = item };
	link_ancestors(world, item, node);
	return node;
}

static struct thread_part *part_new(struct thread_world *world)
{
	struct thread_part *part = g_new0(struct thread_part, 1);

	part->tops = g_ptr_array_new();
	g_ptr_array_add(world->parts, part);
	return part;
}

/*
 * The nearest ancestor that is present becomes the item's parent. With none,
 * the missing root, or the item itself, stands for the part.
 */
static void find_parent(struct thread_world *world, struct thread_item *item,
			struct node *node)
{
	struct node *root = node;

	for (node = node->parent; node != NULL; node = node->parent) {
		if (node->item != NULL) {
			item->parent = node->item;
			return;
		}
		root = node;
	}
	if (root->part == NULL)
		root->part = part_new(world);
	item->part = root->part;
	g_ptr_array_add(item->part->tops, item);
}

/* The part of a message that is not a top, remembered on the way. */
static void find_part(struct thread_item *item)
{
	struct thread_item *top = item;
	struct thread_part *part;

	while (top->part == NULL)
		top = top->parent;
	part = top->part;
	for (; item->part == NULL; item = item->parent)
		item->part = part;
}

static struct thread_item *first_top(const struct thread_part *part)
{
	return g_ptr_array_index(part->tops, 0);
}

static int by_subject(const void *a, const void *b)
{
	struct thread_item *x = first_top(*(struct thread_part *const *)a);
	struct thread_item *y = first_top(*(struct thread_part *const *)b);

	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	if (x->sent != y->sent)
		return compare(x->sent, y->sent);
	if (x->reply != y->reply)
		return x->reply ? 1 : -1;
	return compare(x->uid, y->uid);
}

static void join(struct thread_part *part, struct thread_part *to)
{
	part->into = to;
	to->joined = true;
	for (guint i = 0; i < part->tops->len; i++) {
		struct thread_item *top = g_ptr_array_index(part->tops, i);

		top->parent = first_top(to);
	}
}

/* In order of date within a subject: a reply goes below the latest tree that
 * was not itself put below another. */
static void join_by_subject(struct thread_world *world)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	struct thread_part *last = NULL;

	for (guint i = 0; i < world->parts->len; i++) {
		struct thread_part *part = g_ptr_array_index(world->parts, i);

		if (first_top(part)->subject != 0)
			g_ptr_array_add(sorted, part);
	}
	g_ptr_array_sort(sorted, by_subject);
	for (guint i = 0; i < sorted->len; i++) {
		struct thread_part *part = g_ptr_array_index(sorted, i);

		if (last != NULL && first_top(part)->reply &&
		    first_top(last)->subject == first_top(part)->subject)
			join(part, last);
		else
			last = part;
	}
}

void thread_world_link(struct thread_world *world)
{
	g_autofree struct node *anonymous = NULL;
	GPtrArray *items = world->items;

	g_ptr_array_set_size(world->parts, 0);
	g_hash_table_remove_all(world->nodes);
	g_ptr_array_sort(items, by_date);
	for (guint i = 0; i < items->len; i++)
		claim_id(world, g_ptr_array_index(items, i));
	anonymous = g_new0(struct node, items->len + 1);
	for (guint i = 0; i < items->len; i++) {
		struct thread_item *item = g_ptr_array_index(items, i);

		if (!item->duplicate)
			walk_up(world, item, &anonymous[i]);
	}
	for (guint i = 0; i < items->len; i++) {
		struct thread_item *item = g_ptr_array_index(items, i);
		struct node *node = &anonymous[i];

		if (item->old.thread == 0)
			name_ids(world, item);
		if (item->duplicate)
			continue;
		if (item->ids[0] != 0)
			node = g_hash_table_lookup(world->nodes,
						   &item->ids[0]);
		find_parent(world, item, node);
	}
	for (guint i = 0; i < items->len; i++)
		find_part(g_ptr_array_index(items, i));
	join_by_subject(world);
}

static void append_child(struct thread_item *item)
{
	struct thread_item *parent = item->parent;

	if (parent->last_child != NULL)
		parent->last_child->next = item;
	else
		parent->child = item;
	parent->last_child = item;
}

static void place(struct thread_item *item, uint32_t ord)
{
	struct thread_place *p = &item->place;
	const struct thread_place *above;

	*p = (struct thread_place){ .ord = ord };
	if (item->parent == NULL)
		return;
	above = &item->parent->place;
	p->depth = above->depth + 1;
	p->rails = above->rails;
	if (item->next != NULL && p->depth <= THREAD_DRAWN_DEPTH)
		p->rails |= (uint64_t)1 << p->depth;
	if (item->part->into != NULL && item->part != item->parent->part)
		p->look |= THREAD_BY_SUBJECT;
	if (item->subject == item->parent->subject)
		p->look |= THREAD_SAME_SUBJECT;
}

/* The next item in display order below 'top', NULL at the end. */
static struct thread_item *following(struct thread_item *item,
				     const struct thread_item *top)
{
	if (item->child != NULL)
		return item->child;
	while (item != top && item->next == NULL)
		item = item->parent;
	return item != top ? item->next : NULL;
}

static void lay_part(struct thread_part *part, GPtrArray *rows)
{
	for (guint i = 0; i < part->tops->len; i++) {
		struct thread_item *top = g_ptr_array_index(part->tops, i);

		for (struct thread_item *item = top; item != NULL;
		     item = following(item, top)) {
			place(item, rows->len);
			g_ptr_array_add(rows, item);
		}
	}
}

void thread_world_lay(struct thread_world *world,
		      void (*give)(struct thread_part *part, GPtrArray *rows,
				   void *user),
		      void *user)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new();

	for (guint i = 0; i < world->items->len; i++) {
		struct thread_item *item = g_ptr_array_index(world->items, i);

		if (item->parent != NULL)
			append_child(item);
	}
	for (guint i = 0; i < world->parts->len; i++) {
		struct thread_part *part = g_ptr_array_index(world->parts, i);

		if (part->into != NULL)
			continue;
		g_ptr_array_set_size(rows, 0);
		lay_part(part, rows);
		give(part, rows, user);
	}
}
