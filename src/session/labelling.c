/* SPDX-License-Identifier: GPL-3.0-or-later */
/* labelling: keywords the user gives to messages and takes from them. */
#include "config.h"

#include <string.h>

#include "actions.h"

/* What happens to one keyword, and to which messages. */
struct change {
	char *target; /* as the journal has it; owned */
	bool add;
	GArray *items; /* of struct journal_item; owned */
};

struct labelling {
	GPtrArray *changes; /* of struct change *, owned */
	GPtrArray *ids;	    /* of char *: their Message-IDs; owned */
};

static void change_free(gpointer data)
{
	struct change *change = data;

	g_free(change->target);
	g_array_unref(change->items);
	g_free(change);
}

static struct change *change_of(struct labelling *l, const char *word,
				bool add)
{
	struct change *change;

	for (guint i = 0; i < l->changes->len; i++) {
		change = g_ptr_array_index(l->changes, i);
		if (change->add == add &&
		    g_ascii_strcasecmp(JOURNAL_WORD(change->target), word) == 0)
			return change;
	}
	change = g_new0(struct change, 1);
	change->target = g_strconcat(" ", word, NULL);
	change->add = add;
	change->items = g_array_new(FALSE, FALSE, sizeof(struct journal_item));
	g_ptr_array_add(l->changes, change);
	return change;
}

/* Words of 'some' that 'others' lack. */
static void note(struct labelling *l, const char *some, const char *others,
		 bool add, const struct journal_item *item)
{
	g_auto(GStrv) words = g_strsplit(some, " ", -1);

	for (char **word = words; *word != NULL; word++)
		if (**word != '\0' && !label_has(others, *word))
			g_array_append_val(change_of(l, *word, add)->items,
					   *item);
}

/* Only what changes for this message, so that undo is just the opposite. */
static bool look_at(struct account *account, const struct store_mailbox *row,
		    int64_t id, const char *labels, struct labelling *l,
		    GError **error)
{
	struct store_identity known;
	struct journal_item item;
	g_autofree char *wanted = NULL;

	if (!store_identify(account->store, row->id, id, &known, error))
		return false;
	if (known.uid == 0)
		return true;
	g_ptr_array_add(l->ids, known.message_id);
	item = (struct journal_item){
		.uid = known.uid,
		.uidvalidity = row->uidvalidity,
		.old = known.flags,
		.message_id = known.message_id,
		.received = known.received,
		.size = known.size,
	};
	wanted = *labels == '=' ? g_strdup(labels + 1)
				: label_apply(known.keywords, labels);
	note(l, wanted, known.keywords, true, &item);
	note(l, known.keywords, wanted, false, &item);
	g_free(known.keywords);
	return true;
}

static bool append(struct account *account, const struct request *request,
		   const struct store_mailbox *row,
		   const struct labelling *l, GError **error)
{
	g_autofree struct journal_entry *entries =
		g_new0(struct journal_entry, l->changes->len + 1);

	for (guint i = 0; i < l->changes->len; i++) {
		const struct change *change = g_ptr_array_index(l->changes, i);

		entries[i] = (struct journal_entry){
			.kind = JOURNAL_LABEL,
			.mailbox = row->name,
			.target = change->target,
			.add = change->add,
			.del = !change->add,
			.items = (const struct journal_item *)(const void *)
					 change->items->data,
			.n = change->items->len,
		};
	}
	return actions_append(account, row, request->what, entries,
			      l->changes->len, error);
}

bool labelling_act(struct account *account, const struct request *request,
		   const struct store_mailbox *row, GError **error)
{
	struct labelling l = {
		.changes = g_ptr_array_new_with_free_func(change_free),
		.ids = g_ptr_array_new_with_free_func(g_free),
	};
	bool ok = true;

	for (size_t i = 0; ok && i < request->n; i++)
		ok = look_at(account, row, request->ids[i], request->labels, &l,
			     error);
	ok = ok && append(account, request, row, &l, error);
	g_ptr_array_unref(l.changes);
	g_ptr_array_unref(l.ids);
	return ok;
}
