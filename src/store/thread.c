/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "thread.h"

#include <stdlib.h>

/* A place in a tree: a message, or an id that messages refer to. */
struct thread_node {
	uint64_t hash;
	struct thread_item *item; /* NULL: missing */
	struct thread_item *near; /* bears it, is below it, or names it */
	bool linked;		  /* 'near' is below it */
	bool has_child;
	bool listed;		  /* among the children of its parent */
	bool by_subject;
	uint32_t level;
	struct thread_node *parent, *child, *last_child, *next;
	struct thread_part *part; /* of a root that is missing */
};

struct thread_world {
	GPtrArray *items;  /* owned struct thread_item */
	GPtrArray *parts;  /* owned struct thread_part */
	GHashTable *nodes; /* uint64_t in the node to owned struct thread_node */
	struct thread_node *others; /* owned: of messages that bear no id */
	struct thread_rules rules;
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

struct thread_world *thread_world_new(const struct thread_rules *rules)
{
	struct thread_world *world = g_new0(struct thread_world, 1);

	world->items = g_ptr_array_new_with_free_func(item_free);
	world->parts = g_ptr_array_new_with_free_func(part_free);
	world->rules = *rules;
	world->nodes = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
					     g_free);
	return world;
}

void thread_world_free(struct thread_world *world)
{
	g_hash_table_unref(world->nodes);
	g_free(world->others);
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
	const struct thread_node *node = g_hash_table_lookup(world->nodes, &hash);

	return node != NULL ? node->near : NULL;
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_uid(const void *a, const void *b)
{
	const struct thread_item *x = *(struct thread_item *const *)a;
	const struct thread_item *y = *(struct thread_item *const *)b;

	return compare(x->uid, y->uid);
}

/* The date that decides about subjects. */
static int64_t date_of(const struct thread_world *world,
		       const struct thread_item *item)
{
	return world->rules.by_received ? item->received : item->sent;
}

static int by_date(const void *a, const void *b, void *user)
{
	const struct thread_item *x = *(struct thread_item *const *)a;
	const struct thread_item *y = *(struct thread_item *const *)b;
	int order = compare(date_of(user, x), date_of(user, y));

	return order != 0 ? order : compare(x->uid, y->uid);
}

static struct thread_node *node_for(struct thread_world *world, uint64_t hash)
{
	struct thread_node *node = g_hash_table_lookup(world->nodes, &hash);

	if (node == NULL) {
		node = g_new0(struct thread_node, 1);
		node->hash = hash;
		g_hash_table_insert(world->nodes, &node->hash, node);
	}
	return node;
}

/*
 * The first message of an id bears it, later ones are its children; where they
 * stand apart the last one bears it, as in mutt. 'other' is the node of one
 * that bears none, 'spare' of one that does not bear its own any more.
 */
static void claim_id(struct thread_world *world, struct thread_item *item,
		     struct thread_node *other, struct thread_node *spare)
{
	struct thread_node *node = NULL;

	item->parent = NULL;
	item->part = NULL;
	item->duplicate = false;
	item->node = other;
	if (item->ids[0] != 0)
		node = node_for(world, item->ids[0]);
	if (node != NULL && node->item != NULL && world->rules.apart) {
		*spare = (struct thread_node){ .item = node->item };
		node->item->node = spare;
		node->item = NULL;
	}
	if (node == NULL || node->item != NULL) {
		*other = (struct thread_node){ .item = item };
		item->duplicate = node != NULL;
	} else {
		node->item = node->near = item;
		item->node = node;
	}
	if (item->duplicate) {
		item->parent = node->item;
		other->parent = node;
	}
}

static bool is_above(const struct thread_node *node, const struct thread_node *other)
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
			   struct thread_item *item, struct thread_node *node)
{
	for (size_t i = 1; i < item->n_ids; i++) {
		struct thread_node *above = node_for(world, item->ids[i]);

		if (is_above(node, above))
			continue;
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
		struct thread_node *node = node_for(world, item->ids[i]);

		if (node->near == NULL)
			node->near = item;
	}
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
static void find_parent(struct thread_world *world, struct thread_item *item)
{
	struct thread_node *root = item->node;

	for (struct thread_node *node = root->parent; node != NULL; node = node->parent) {
		if (node->item != NULL) {
			item->parent = node->item;
			return;
		}
		root = node;
	}
	if (root->part == NULL) {
		root->part = part_new(world);
		root->part->root = root;
	}
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

static int by_subject(const void *a, const void *b, void *user)
{
	struct thread_item *x = first_top(*(struct thread_part *const *)a);
	struct thread_item *y = first_top(*(struct thread_part *const *)b);

	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	if (date_of(user, x) != date_of(user, y))
		return compare(date_of(user, x), date_of(user, y));
	if (x->reply != y->reply)
		return x->reply ? 1 : -1;
	return compare(x->uid, y->uid);
}

/* Of the messages that begin 'to', the latest that 'part' may answer. */
static struct thread_item *answered(const struct thread_world *world,
				    const struct thread_part *part,
				    const struct thread_part *to)
{
	int64_t date = date_of(world, first_top(part));
	struct thread_item *found = first_top(to);

	for (guint i = 1; i < to->tops->len; i++) {
		struct thread_item *top = g_ptr_array_index(to->tops, i);

		if (top->subject == found->subject &&
		    date_of(world, top) <= date &&
		    date_of(world, top) > date_of(world, found))
			found = top;
	}
	return found;
}

static void join(const struct thread_world *world, struct thread_part *part,
		 struct thread_part *to)
{
	struct thread_item *above = answered(world, part, to);

	part->into = to;
	to->joined = true;
	part->root->parent = above->node;
	part->root->by_subject = true;
	for (guint i = 0; i < part->tops->len; i++) {
		struct thread_item *top = g_ptr_array_index(part->tops, i);

		top->parent = above;
	}
}

/* Whether 'part' may go below 'last', the latest before it. */
static bool belongs(const struct thread_world *world,
		    const struct thread_part *part,
		    const struct thread_part *last)
{
	return last != NULL &&
	       (first_top(part)->reply || world->rules.any_subject) &&
	       first_top(last)->subject == first_top(part)->subject;
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
	g_ptr_array_sort_with_data(sorted, by_subject, world);
	for (guint i = 0; i < sorted->len; i++) {
		struct thread_part *part = g_ptr_array_index(sorted, i);

		if (belongs(world, part, last))
			join(world, part, last);
		else
			last = part;
	}
}

/* In the order of UIDs, as mutt goes through a mailbox. */
static void link_by_references(struct thread_world *world)
{
	GPtrArray *items = world->items;

	g_free(world->others);
	world->others = g_new(struct thread_node, 2 * items->len + 1);
	g_ptr_array_sort(items, by_uid);
	for (guint i = 0; i < items->len; i++)
		claim_id(world, g_ptr_array_index(items, i),
			 &world->others[i], &world->others[items->len + i]);
	for (guint i = 0; i < items->len; i++) {
		struct thread_item *item = g_ptr_array_index(items, i);

		if (!item->duplicate)
			link_ancestors(world, item, item->node);
	}
}

void thread_world_link(struct thread_world *world)
{
	GPtrArray *items = world->items;

	g_ptr_array_set_size(world->parts, 0);
	g_hash_table_remove_all(world->nodes);
	link_by_references(world);
	g_ptr_array_sort_with_data(items, by_date, world);
	for (guint i = 0; i < items->len; i++) {
		struct thread_item *item = g_ptr_array_index(items, i);

		if (item->old.thread == 0)
			name_ids(world, item);
		if (!item->duplicate)
			find_parent(world, item);
	}
	for (guint i = 0; i < items->len; i++)
		find_part(g_ptr_array_index(items, i));
	if (!world->rules.strict)
		join_by_subject(world);
}

/* Puts a place, and the missing ones above it, below what is above them. */
static void list_node(struct thread_node *node)
{
	for (; node->parent != NULL && !node->listed; node = node->parent) {
		struct thread_node *parent = node->parent;

		node->listed = true;
		if (parent->last_child != NULL)
			parent->last_child->next = node;
		else
			parent->child = node;
		parent->last_child = node;
	}
}

static void place(struct thread_item *item, uint32_t ord, uint32_t gap,
		  bool by_subject)
{
	struct thread_place *p = &item->place;
	uint32_t bits = by_subject ? THREAD_BY_SUBJECT : 0;

	*p = (struct thread_place){ .ord = ord };
	if (item->parent != NULL) {
		p->depth = item->parent->place.depth + 1;
		if (item->subject == item->parent->subject)
			bits |= THREAD_SAME_SUBJECT;
	}
	if (item->duplicate)
		bits |= THREAD_DUPLICATE;
	p->look = THREAD_LOOK(bits, gap, item->node->level);
}

/* The next place below 'root', NULL at the end. */
static struct thread_node *following(struct thread_node *node,
				     const struct thread_node *root)
{
	if (node->child != NULL)
		return node->child;
	while (node != root && node->next == NULL)
		node = node->parent;
	return node != root ? node->next : NULL;
}

static void lay_part(struct thread_part *part, GPtrArray *rows)
{
	uint32_t gap = 0;
	bool by_subject = false;

	for (struct thread_node *node = part->root; node != NULL;
	     node = following(node, part->root)) {
		if (node != part->root)
			node->level = MIN(node->parent->level + 1,
					  THREAD_LEVEL_MAX);
		by_subject |= node->by_subject;
		if (node->item == NULL && gap < THREAD_GAP_MAX) {
			gap++;
		} else if (node->item == NULL) {
			/* A chain this long is drawn shorter. */
			node->level--;
		} else {
			place(node->item, rows->len, gap, by_subject);
			g_ptr_array_add(rows, node->item);
			gap = 0;
			by_subject = false;
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

		list_node(item->node);
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
