/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tree.h"

#include "order-private.h"

#define NONE (-1)

/* A message or a missing one, parents before children. */
struct branch {
	int parent, before; /* its parent, its elder sibling; or NONE */
	int64_t place;	    /* NONE: missing */
	uint32_t look;	    /* of the message */
	bool by_subject;
	bool visible;
	bool deep;	    /* has a level of its own in the drawing */
	bool goes_on;	    /* a younger sibling has something visible */
	uint8_t below;	    /* visible itself or below: none, one, more */
	bool started;	    /* a row below it, or its own, was passed */
};

struct tree {
	const struct order *order;
	uint8_t drawn; /* VIEW_SHOW_* */
	GArray *branches;
	GArray *levels; /* of int: the last branch of each level */
	GArray *last;	/* of int: the youngest child of each branch */
};

static struct branch *branch_at(const struct tree *tree, int i)
{
	return &g_array_index(tree->branches, struct branch, i);
}

/* ---- reading ---- */

static void add_branch(struct tree *tree, guint level, int64_t place,
		       uint32_t look, bool by_subject)
{
	struct branch branch = {
		.parent = NONE,
		.before = NONE,
		.place = place,
		.look = look,
		.by_subject = by_subject,
		.visible = place != NONE &&
			   order_is_in(tree->order, place),
	};
	int number = (int)tree->branches->len, none = NONE;

	level = MIN(level, tree->levels->len);
	if (level > 0) {
		int *last;

		branch.parent = g_array_index(tree->levels, int, level - 1);
		last = &g_array_index(tree->last, int, branch.parent);
		branch.before = *last;
		*last = number;
	}
	g_array_set_size(tree->levels, level);
	g_array_append_val(tree->levels, number);
	g_array_append_val(tree->branches, branch);
	g_array_append_val(tree->last, none);
}

static void read_thread(struct tree *tree, const struct segment *s)
{
	const struct order *order = tree->order;

	g_array_set_size(tree->branches, 0);
	g_array_set_size(tree->levels, 0);
	g_array_set_size(tree->last, 0);
	for (guint i = 0; i < s->n; i++) {
		int64_t place = order->by.reverse ? s->start + s->n - 1 - i
						  : s->start + i;
		uint32_t look = MARK_LOOK(*place_mark(order, place));
		guint level = THREAD_LEVEL(look);
		bool by_subject = look & THREAD_BY_SUBJECT;

		for (guint k = MIN(THREAD_GAP(look), level); k > 0; k--) {
			add_branch(tree, level - k, NONE, 0, by_subject);
			by_subject = false;
		}
		add_branch(tree, level, place, look, by_subject);
	}
}

/* ---- what has a level ---- */

static bool is_deep(const struct tree *tree, const struct branch *branch)
{
	if (branch->visible || branch->below > 1)
		return true;
	return branch->place != NONE ? !(tree->drawn & VIEW_HIDE_LIMITED)
				     : tree->drawn & VIEW_SHOW_MISSING;
}

/* Above all that is shown, what is not shown may have no level. */
static bool is_idle_top(const struct tree *tree, const struct branch *branch)
{
	const struct branch *above;

	if (branch->visible || branch->below > 1 ||
	    (branch->place != NONE ? !(tree->drawn & VIEW_HIDE_TOP_LIMITED)
				   : tree->drawn & VIEW_SHOW_TOP_MISSING))
		return false;
	if (branch->parent == NONE)
		return true;
	above = branch_at(tree, branch->parent);
	return !above->deep && !above->visible;
}

static void find_levels(struct tree *tree)
{
	for (int i = (int)tree->branches->len - 1; i >= 0; i--) {
		struct branch *branch = branch_at(tree, i);

		branch->below += branch->visible;
		branch->deep = is_deep(tree, branch);
		if (branch->below > 0 && branch->parent != NONE) {
			struct branch *above = branch_at(tree, branch->parent);

			above->below = (uint8_t)MIN(above->below + 1, 2);
		}
		if (branch->before != NONE)
			branch_at(tree, branch->before)->goes_on =
				branch->goes_on || branch->below > 0;
	}
	for (guint i = 0; i < tree->branches->len; i++) {
		struct branch *branch = branch_at(tree, (int)i);

		if (branch->deep && is_idle_top(tree, branch))
			branch->deep = false;
	}
}

/* ---- drawing ---- */

/* The levels of a row, root first: of int. */
static void climb(const struct tree *tree, int i, GArray *path)
{
	g_array_set_size(path, 0);
	for (; i != NONE; i = branch_at(tree, i)->parent)
		if (branch_at(tree, i)->deep)
			g_array_append_val(path, i);
	for (guint k = 0, j = path->len; k + 1 < j; k++) {
		int kept = g_array_index(path, int, k);

		j--;
		g_array_index(path, int, k) = g_array_index(path, int, j);
		g_array_index(path, int, j) = kept;
	}
}

/* Whether it is so for the branch or for one without a level above it. */
static bool on_level(const struct tree *tree, int i, bool subject)
{
	for (;;) {
		const struct branch *branch = branch_at(tree, i);

		if (subject ? branch->by_subject : branch->goes_on)
			return true;
		i = branch->parent;
		if (i == NONE || branch_at(tree, i)->deep)
			return false;
	}
}

/* How the line reaches a level: from the row above, or from what is not
 * there to be seen. */
static char junction(const struct tree *tree, int i, int above, bool started)
{
	const struct branch *parent = branch_at(tree, above);
	bool down = !tree->order->by.reverse;

	if (started)
		return on_level(tree, i, false) ? '+' : down ? '`' : ',';
	if (parent->place != NONE && !(tree->drawn & VIEW_HIDE_LIMITED))
		return '&';
	if (parent->place == NONE && tree->drawn & VIEW_SHOW_MISSING)
		return '?';
	return down ? 'T' : 'B';
}

static char dash(const struct tree *tree, int i)
{
	if (on_level(tree, i, true))
		return '*';
	return branch_at(tree, i)->look & THREAD_DUPLICATE ? '=' : '-';
}

static char *draw_row(const struct tree *tree, const GArray *path)
{
	GString *text = g_string_new(NULL);
	bool narrow = tree->drawn & VIEW_NARROW;
	guint depth = MIN(path->len, TREE_DEPTH_MAX + 1u);

	for (guint level = 1; level < depth; level++) {
		int i = g_array_index(path, int, level);
		int above = g_array_index(path, int, level - 1);

		/* A level that an earlier row began only goes on. */
		if (branch_at(tree, i)->started) {
			g_string_append(text, on_level(tree, i, false)
						      ? narrow ? "|" : "| "
						      : narrow ? " " : "  ");
			continue;
		}
		g_string_append_c(text,
				  junction(tree, i, above,
					   branch_at(tree, above)->started));
		if (!narrow)
			g_string_append_c(text, dash(tree, i));
	}
	if (depth > 1)
		g_string_append_c(text, '>');
	return g_string_free(text, FALSE);
}

/* mutt's rule for hide_thread_subject. */
static bool same_subject(const struct tree *tree, int i)
{
	const struct branch *branch = branch_at(tree, i);

	if (!(branch->look & THREAD_SAME_SUBJECT))
		return false;
	for (int k = branch->before; k != NONE;
	     k = branch_at(tree, k)->before)
		if (branch_at(tree, k)->visible) {
			if (!(branch_at(tree, k)->look & THREAD_SAME_SUBJECT))
				return false;
			break;
		}
	for (int k = branch->parent; k != NONE;
	     k = branch_at(tree, k)->parent) {
		if (branch_at(tree, k)->visible)
			return true;
		if (branch_at(tree, k)->place != NONE &&
		    !(branch_at(tree, k)->look & THREAD_SAME_SUBJECT))
			return false;
	}
	return false;
}

/* Draws the rows of a thread that are among those asked for. */
static void draw_thread(struct tree *tree, GArray *path, int64_t first,
			int64_t end, struct view_row *rows)
{
	for (int i = 0; i < (int)tree->branches->len; i++) {
		int64_t row;

		if (!branch_at(tree, i)->visible)
			continue;
		row = order_row_of_place(tree->order,
					 branch_at(tree, i)->place);
		if (row >= first && row < end) {
			climb(tree, i, path);
			g_free(rows[row - first].tree);
			rows[row - first].tree = draw_row(tree, path);
			rows[row - first].same_subject = same_subject(tree, i);
		}
		for (int k = i; k != NONE && !branch_at(tree, k)->started;
		     k = branch_at(tree, k)->parent)
			branch_at(tree, k)->started = true;
	}
}

void tree_draw(const struct order *order, int64_t first, int64_t end,
	       struct view_row *rows)
{
	struct tree tree = {
		.order = order,
		.drawn = order->by.drawn,
		.branches = g_array_new(FALSE, FALSE, sizeof(struct branch)),
		.levels = g_array_new(FALSE, FALSE, sizeof(int)),
		.last = g_array_new(FALSE, FALSE, sizeof(int)),
	};
	g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(int));
	int64_t row = first;

	while (order->threads->len > 0 && row < end) {
		const struct segment *s =
			order_segment(order, order_place(order, row));

		read_thread(&tree, s);
		find_levels(&tree);
		draw_thread(&tree, path, first, end, rows);
		for (int64_t next = order_thread_end(order, row);
		     row < MIN(next, end); row++)
			rows[row - first].thread_size = (int)s->n;
	}
	g_array_unref(tree.branches);
	g_array_unref(tree.levels);
	g_array_unref(tree.last);
}
