/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "foldertree.h"

#include <string.h>

/* A mailbox that is shown. */
struct node {
	const struct store_mailbox *mailbox;
	int64_t rank;	/* among those beside it: the lowest first */
	guint place;	/* in the list: what is equal otherwise */
	guint end;	/* behind the last of those below it */
	bool pinned;
};

struct tree {
	const struct tree_rules *rules;
	GArray *nodes; /* of struct node, as listed */
	GArray *lines;
};

enum tree_order tree_order_of(const char *option, bool *reverse)
{
	static const struct {
		const char *name;
		enum tree_order order;
	} names[] = {
		{ "count", TREE_BY_COUNT },	{ "unread", TREE_BY_UNREAD },
		{ "new", TREE_BY_UNREAD },	{ "flagged", TREE_BY_FLAGGED },
		{ "mailbox-order", TREE_AS_NAMED },
	};

	*reverse = g_str_has_prefix(option, "reverse-");
	if (*reverse)
		option += strlen("reverse-");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].name, option) == 0)
			return names[i].order;
	return TREE_AS_LISTED;
}

static struct node *node_at(const struct tree *tree, guint i)
{
	return &g_array_index(tree->nodes, struct node, i);
}

static bool is_below(const struct store_mailbox *mailbox,
		     const struct store_mailbox *parent)
{
	size_t n = strlen(parent->name);

	return parent->delimiter != '\0' &&
	       strncmp(mailbox->name, parent->name, n) == 0 &&
	       mailbox->name[n] == parent->delimiter;
}

/* Its place in a list of names, or the list's length. */
static guint place_in(const GPtrArray *names, const char *name)
{
	guint i = 0;

	while (names != NULL && i < names->len &&
	       strcmp(g_ptr_array_index(names, i), name) != 0)
		i++;
	return i;
}

static int64_t rank_of(const struct tree_rules *rules,
		       const struct store_mailbox *mailbox)
{
	switch (rules->order) {
	case TREE_BY_COUNT:
		return -(int64_t)mailbox->exists;
	case TREE_BY_UNREAD:
		return -(int64_t)mailbox->unseen;
	case TREE_BY_FLAGGED:
		return -(int64_t)mailbox->flagged;
	case TREE_AS_NAMED:
		return place_in(rules->named, mailbox->display);
	default:
		return mailbox->role == STORE_ROLE_INBOX ? 0 : 1;
	}
}

static void add_nodes(struct tree *tree, const GPtrArray *list)
{
	const struct tree_rules *rules = tree->rules;

	for (guint i = 0; i < list->len; i++) {
		const struct store_mailbox *m = g_ptr_array_index(list, i);
		struct node node = { .mailbox = m, .place = i };

		if (rules->shown != NULL && !rules->shown(m, rules->user))
			continue;
		node.rank = rank_of(rules, m);
		node.pinned = rules->pins != NULL &&
			      place_in(rules->pins, m->display) <
				      rules->pins->len;
		g_array_append_val(tree->nodes, node);
	}
}

/* What is open are the mailboxes that the next one may stand below. */
static void find_ends(struct tree *tree)
{
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i <= tree->nodes->len; i++) {
		while (open->len > 0) {
			guint last = g_array_index(open, guint, open->len - 1);

			if (i < tree->nodes->len &&
			    is_below(node_at(tree, i)->mailbox,
				     node_at(tree, last)->mailbox))
				break;
			node_at(tree, last)->end = i;
			g_array_set_size(open, open->len - 1);
		}
		g_array_append_val(open, i);
	}
}

/* A branch stands where the best of it would: its children's come first. */
static void lift_ranks(struct tree *tree)
{
	for (guint i = tree->nodes->len; i-- > 0;)
		for (guint child = i + 1; child < node_at(tree, i)->end;
		     child = node_at(tree, child)->end)
			node_at(tree, i)->rank =
				MIN(node_at(tree, i)->rank,
				    node_at(tree, child)->rank);
}

static int by_rank(gconstpointer a, gconstpointer b, gpointer user)
{
	const struct tree *tree = user;
	const struct node *x = node_at(tree, *(const guint *)a);
	const struct node *y = node_at(tree, *(const guint *)b);
	int order = (x->rank > y->rank) - (x->rank < y->rank);

	if (order == 0)
		order = (x->place > y->place) - (x->place < y->place);
	return tree->rules->reverse ? -order : order;
}

static void emit_all(struct tree *tree, guint first, guint end, int depth);

/* What is folded away is counted where it is folded. */
static void count(const struct tree *tree, guint i, struct tree_line *line)
{
	guint end = line->folded ? node_at(tree, i)->end : i + 1;

	for (; i < end; i++) {
		line->unseen += node_at(tree, i)->mailbox->unseen;
		line->flagged += node_at(tree, i)->mailbox->flagged;
	}
}

static void emit(struct tree *tree, guint i, int depth)
{
	const struct tree_rules *rules = tree->rules;
	const struct node *node = node_at(tree, i);
	struct tree_line line = {
		.mailbox = node->mailbox,
		.depth = depth,
		.parent = node->end > i + 1,
		.folded = rules->folded != NULL &&
			  rules->folded(node->mailbox, rules->user),
	};

	count(tree, i, &line);
	g_array_append_val(tree->lines, line);
	if (!line.folded)
		emit_all(tree, i + 1, node->end, depth + 1);
}

/* Those that stand side by side, each with what is below it. */
static void emit_all(struct tree *tree, guint first, guint end, int depth)
{
	g_autoptr(GArray) beside = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = first; i < end; i = node_at(tree, i)->end)
		if (!node_at(tree, i)->pinned)
			g_array_append_val(beside, i);
	g_array_sort_with_data(beside, by_rank, tree);
	for (guint i = 0; i < beside->len; i++)
		emit(tree, g_array_index(beside, guint, i), depth);
}

/* INBOX stays above them, wherever the order would put it. */
static void emit_pinned(struct tree *tree)
{
	const GPtrArray *pins = tree->rules->pins;

	for (guint i = 0; i < tree->nodes->len; i++)
		if (node_at(tree, i)->mailbox->role == STORE_ROLE_INBOX) {
			node_at(tree, i)->pinned = true;
			emit(tree, i, 0);
		}
	for (guint pin = 0; pin < pins->len; pin++)
		for (guint i = 0; i < tree->nodes->len; i++) {
			const struct store_mailbox *m =
				node_at(tree, i)->mailbox;

			if (m->role != STORE_ROLE_INBOX &&
			    strcmp(m->display, g_ptr_array_index(pins, pin)) ==
				    0)
				emit(tree, i, 0);
		}
}

GArray *tree_lines(const GPtrArray *list, const struct tree_rules *rules)
{
	struct tree tree = {
		.rules = rules,
		.nodes = g_array_new(FALSE, FALSE, sizeof(struct node)),
		.lines = g_array_new(FALSE, TRUE, sizeof(struct tree_line)),
	};

	add_nodes(&tree, list);
	find_ends(&tree);
	lift_ranks(&tree);
	if (rules->pins != NULL && rules->pins->len > 0)
		emit_pinned(&tree);
	emit_all(&tree, 0, tree.nodes->len, 0);
	g_array_unref(tree.nodes);
	return tree.lines;
}
