/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzzy.h"
#include "jump.h"
#include "prompt.h"

enum { MAX_LISTED = 100 };

struct candidate {
	struct account *account;
	const struct store_mailbox *mailbox;
	int score;
	guint place; /* in the list of all */
};

/* "=Work", with several accounts "home:Work". Owned. */
static char *name_of(const struct app *app, const struct candidate *c)
{
	return app->accounts->len > 1 ?
		       g_strconcat(c->account->name, ":", c->mailbox->display,
				   NULL) :
		       g_strconcat("=", c->mailbox->display, NULL);
}

static bool can_open(const struct store_mailbox *mailbox)
{
	return (mailbox->attributes & (STORE_NOSELECT | STORE_NONEXISTENT)) ==
	       0;
}

/* All that can be opened. Of struct candidate, owned. */
static GArray *all_of(struct app *app)
{
	GArray *all = g_array_new(FALSE, TRUE, sizeof(struct candidate));

	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);
		guint n = account->folders != NULL ? account->folders->len : 0;

		for (guint k = 0; k < n; k++) {
			struct candidate c = {
				.account = account,
				.mailbox = g_ptr_array_index(account->folders,
							     k),
				.place = all->len,
			};

			if (can_open(c.mailbox))
				g_array_append_val(all, c);
		}
	}
	return all;
}

static int by_score(gconstpointer a, gconstpointer b)
{
	const struct candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

/* Without letters those with new mail come first. */
static bool judge(const struct app *app, const char *typed,
		  struct candidate *c)
{
	g_autofree char *name = name_of(app, c);

	if (!fuzzy_match(typed, *name == '=' ? name + 1 : name, &c->score))
		return false;
	if (*typed == '\0')
		c->score = c->mailbox->unseen > 0;
	return true;
}

static char **find(struct app *app, const char *typed)
{
	g_autoptr(GArray) all = all_of(app);
	GPtrArray *names = g_ptr_array_new();
	guint n = 0;

	for (guint i = 0; i < all->len; i++) {
		struct candidate c = g_array_index(all, struct candidate, i);

		if (judge(app, typed, &c))
			g_array_index(all, struct candidate, n++) = c;
	}
	g_array_set_size(all, n);
	g_array_sort(all, by_score);
	for (guint i = 0; i < MIN(n, MAX_LISTED); i++)
		g_ptr_array_add(names,
				name_of(app, &g_array_index(
						     all, struct candidate,
						     i)));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static void chosen(struct app *app, const char *answer, void *user)
{
	g_autoptr(GArray) all = all_of(app);

	(void)user;
	for (guint i = 0; answer != NULL && i < all->len; i++) {
		const struct candidate *c =
			&g_array_index(all, struct candidate, i);
		g_autofree char *name = name_of(app, c);

		if (strcmp(name, answer) != 0)
			continue;
		account_open_wire(c->account, c->mailbox->name,
				  c->mailbox->display);
		if (app->focus == app->sidebar)
			app_focus(app, app->index);
		return;
	}
}

void jump_ask(struct app *app)
{
	const struct prompt_line line = {
		.label = _("Open mailbox by letters: "),
		.history = HISTORY_NONE,
		.find = find,
		.done = chosen,
	};

	prompt_ask(app, &line);
}
