/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lay.h"

#include "thread.h"

#define NONE (-1)

/* A message or a missing one, in stored order: parents before children. */
struct spot {
	struct lay_key aux, group;
	int parent, child, next; /* numbers of spots, or NONE */
	int row;		 /* number of the row; NONE: missing */
	bool by_subject;
};

struct lay {
	struct view_order by;
	GArray *spots;	  /* of struct spot */
	GArray *levels;	  /* of int: the last spot of each level */
	GArray *siblings; /* of int: scratch */
	GArray *rows;	  /* of struct lay_row: what is given */
};

struct lay *lay_new(const struct view_order *by)
{
	struct lay *lay = g_new0(struct lay, 1);

	lay->by = *by;
	lay->spots = g_array_new(FALSE, FALSE, sizeof(struct spot));
	lay->levels = g_array_new(FALSE, FALSE, sizeof(int));
	lay->siblings = g_array_new(FALSE, FALSE, sizeof(int));
	lay->rows = g_array_new(FALSE, FALSE, sizeof(struct lay_row));
	return lay;
}

void lay_free(struct lay *lay)
{
	if (lay == NULL)
		return;
	g_array_unref(lay->spots);
	g_array_unref(lay->levels);
	g_array_unref(lay->siblings);
	g_array_unref(lay->rows);
	g_free(lay);
}

int lay_compare(const struct lay_key *a, const struct lay_key *b)
{
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return (a->uid > b->uid) - (a->uid < b->uid);
}

bool lay_descends(const struct view_order *by)
{
	return by->group == VIEW_BY_THREAD ? by->reverse_aux
					   : by->reverse_group;
}

static struct spot *spot_at(const struct lay *lay, int i)
{
	return &g_array_index(lay->spots, struct spot, i);
}

/* ---- the tree as it is stored ---- */

/* The next spot, on a level that is at most one deeper than the last. */
static void add_spot(struct lay *lay, guint level, int row, bool by_subject)
{
	struct spot spot = {
		.parent = NONE,
		.child = NONE,
		.next = NONE,
		.row = row,
		.by_subject = by_subject,
	};
	int number = (int)lay->spots->len;

	level = MIN(level, lay->levels->len);
	if (level > 0)
		spot.parent = g_array_index(lay->levels, int, level - 1);
	g_array_set_size(lay->levels, level);
	g_array_append_val(lay->levels, number);
	g_array_append_val(lay->spots, spot);
}

static void read_tree(struct lay *lay, const struct lay_row *rows, size_t n)
{
	g_array_set_size(lay->spots, 0);
	g_array_set_size(lay->levels, 0);
	for (size_t i = 0; i < n; i++) {
		guint level = THREAD_LEVEL(rows[i].look);
		guint gap = MIN(THREAD_GAP(rows[i].look), level);
		bool by_subject = rows[i].look & THREAD_BY_SUBJECT;

		for (guint k = gap; k > 0; k--) {
			add_spot(lay, level - k, NONE, by_subject);
			by_subject = false;
		}
		add_spot(lay, level, (int)i, by_subject);
	}
}

/* ---- keys and siblings ---- */

/*
 * The key of a place with others below it: the greatest of all of them, or
 * that of the message itself; a missing one has the least of its children.
 */
static void take_key(struct lay_key *key, const struct lay_key *child,
		     bool last, bool missing)
{
	int order = lay_compare(child, key);

	if ((last && order > 0) || (!last && missing && order < 0))
		*key = *child;
}

static void find_keys(struct lay *lay, struct spot *spot,
		      const struct lay_row *rows)
{
	bool missing = spot->row == NONE;

	if (!missing) {
		const struct lay_row *row = &rows[spot->row];

		spot->aux = (struct lay_key){ row->aux, row->uid };
		spot->group = (struct lay_key){ row->group, row->uid };
	} else {
		spot->aux = spot_at(lay, spot->child)->aux;
		spot->group = spot_at(lay, spot->child)->group;
	}
	for (int i = spot->child; i != NONE; i = spot_at(lay, i)->next) {
		const struct spot *child = spot_at(lay, i);

		take_key(&spot->aux, &child->aux, lay->by.last_aux, missing);
		take_key(&spot->group, &child->group, lay->by.last_group,
			 missing);
	}
}

static int by_aux(const void *a, const void *b, void *user)
{
	const struct lay *lay = user;
	int order = lay_compare(&spot_at(lay, *(const int *)a)->aux,
				&spot_at(lay, *(const int *)b)->aux);

	return lay->by.reverse_aux ? -order : order;
}

static bool is_sorted(struct lay *lay, int first)
{
	int next = spot_at(lay, first)->next;

	for (; next != NONE; first = next, next = spot_at(lay, next)->next)
		if (by_aux(&first, &next, lay) > 0)
			return false;
	return true;
}

static void sort_children(struct lay *lay, struct spot *spot)
{
	GArray *list = lay->siblings;

	if (spot->child == NONE || is_sorted(lay, spot->child))
		return;
	g_array_set_size(list, 0);
	for (int i = spot->child; i != NONE; i = spot_at(lay, i)->next)
		g_array_append_val(list, i);
	g_array_sort_with_data(list, by_aux, lay);
	spot->child = NONE;
	for (guint i = list->len; i-- > 0;) {
		int number = g_array_index(list, int, i);

		spot_at(lay, number)->next = spot->child;
		spot->child = number;
	}
}

/* From the last spot up, so that what is below a place is ready before it. */
static void sort_tree(struct lay *lay, const struct lay_row *rows)
{
	for (int i = (int)lay->spots->len - 1; i >= 0; i--) {
		struct spot *spot = spot_at(lay, i), *parent;

		sort_children(lay, spot);
		find_keys(lay, spot, rows);
		if (spot->by_subject &&
		    lay->by.rules & VIEW_STRICT_THREADS)
			spot->parent = NONE;
		if (spot->parent == NONE)
			continue;
		parent = spot_at(lay, spot->parent);
		spot->next = parent->child;
		parent->child = i;
	}
}

/* ---- the result ---- */

static int following(const struct lay *lay, int i, int root)
{
	if (spot_at(lay, i)->child != NONE)
		return spot_at(lay, i)->child;
	while (i != root && spot_at(lay, i)->next == NONE)
		i = spot_at(lay, i)->parent;
	return i != root ? spot_at(lay, i)->next : NONE;
}

static guint level_below(const struct lay *lay, int i, int root, guint level,
			 int next)
{
	if (spot_at(lay, next)->parent == i)
		return level + 1;
	for (; i != root && spot_at(lay, i)->parent !=
				    spot_at(lay, next)->parent;
	     i = spot_at(lay, i)->parent)
		level--;
	return level;
}

static bool has_message_above(const struct lay *lay, const struct spot *spot)
{
	while (spot->parent != NONE) {
		spot = spot_at(lay, spot->parent);
		if (spot->row != NONE)
			return true;
	}
	return false;
}

static void append_row(struct lay *lay, const struct spot *spot,
		       const struct lay_row *from, guint level, guint gap,
		       bool by_subject)
{
	struct lay_row row = *from;
	uint32_t bits = from->look & (THREAD_SAME_SUBJECT | THREAD_DUPLICATE);

	if (by_subject)
		bits |= THREAD_BY_SUBJECT;
	if (!has_message_above(lay, spot))
		bits &= ~(uint32_t)THREAD_SAME_SUBJECT;
	row.look = THREAD_LOOK(bits, gap, MIN(level, THREAD_LEVEL_MAX));
	g_array_append_val(lay->rows, row);
}

static void give_tree(struct lay *lay, const struct lay_row *rows, int root,
		      lay_give give, void *user)
{
	guint level = 0, gap = 0;
	bool by_subject = false;
	struct lay_thread thread;

	g_array_set_size(lay->rows, 0);
	for (int i = root, next; i != NONE; i = next) {
		const struct spot *spot = spot_at(lay, i);

		by_subject |= spot->by_subject && i != root;
		if (spot->row == NONE) {
			gap++;
		} else {
			append_row(lay, spot, &rows[spot->row], level,
				   MIN(gap, THREAD_GAP_MAX), by_subject);
			gap = 0;
			by_subject = false;
		}
		next = following(lay, i, root);
		if (next != NONE)
			level = level_below(lay, i, root, level, next);
	}
	thread = (struct lay_thread){
		.key = lay->by.group == VIEW_BY_THREAD
			       ? spot_at(lay, root)->aux
			       : spot_at(lay, root)->group,
		.rows = (const struct lay_row *)(void *)lay->rows->data,
		.n = lay->rows->len,
	};
	give(&thread, user);
}

void lay_rows(struct lay *lay, const struct lay_row *rows, size_t n,
	      lay_give give, void *user)
{
	if (n == 1 && THREAD_GAP(rows[0].look) == 0) {
		const struct lay_thread one = {
			{ lay->by.group == VIEW_BY_THREAD ? rows->aux
							  : rows->group,
			  rows->uid },
			rows,
			1,
		};

		give(&one, user);
		return;
	}
	read_tree(lay, rows, n);
	sort_tree(lay, rows);
	for (int i = 0; i < (int)lay->spots->len; i++)
		if (spot_at(lay, i)->parent == NONE)
			give_tree(lay, rows, i, give, user);
}
