/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "foldertree.h"
#include "formats.h"
#include "index.h"
#include "sidebar.h"

/* A line of the pane: an account's name, or one of its mailboxes. */
struct entry {
	struct account *account;
	struct tree_line line; /* its mailbox NULL: the account */
};

struct sidebar {
	struct pane pane;
	GArray *entries;	/* of struct entry, what is unfolded */
	GHashTable *folded;	/* "ACCOUNT\nNAME" of folded mailboxes */
	char *account, *mailbox; /* under the cursor, by name: it stays */
	int cursor, top;
};

static struct sidebar *sidebar_of(const struct app *app)
{
	return (struct sidebar *)app->sidebar;
}

static struct entry *entry_at(const struct sidebar *sidebar, int i)
{
	if (i < 0 || i >= (int)sidebar->entries->len)
		return NULL;
	return &g_array_index(sidebar->entries, struct entry, i);
}

/* ---- the lines ---- */

static char *fold_key(const struct account *account,
		      const struct store_mailbox *mailbox)
{
	return g_strconcat(account->name, "\n", mailbox->name, NULL);
}

/* What the tree's questions are about. */
struct asking {
	const struct sidebar *sidebar;
	const struct account *account;
	bool new_only, full_only, subscribed_only;
	const GPtrArray *pins;
};

static bool is_pinned(const struct asking *asking, const char *display)
{
	for (guint i = 0; i < asking->pins->len; i++)
		if (strcmp(g_ptr_array_index(asking->pins, i), display) == 0)
			return true;
	return false;
}

/* What is open, pinned or INBOX is of interest whatever the options say. */
static bool is_shown(const struct store_mailbox *mailbox, void *user)
{
	const struct asking *asking = user;
	const struct app *app = asking->sidebar->pane.app;

	if (mailbox->role == STORE_ROLE_INBOX ||
	    (index_account(app) == asking->account &&
	     g_strcmp0(index_mailbox(app), mailbox->name) == 0) ||
	    is_pinned(asking, mailbox->display))
		return true;
	return (!asking->subscribed_only ||
		(mailbox->attributes & STORE_SUBSCRIBED) != 0) &&
	       (!asking->new_only || mailbox->unseen > 0) &&
	       (!asking->full_only || mailbox->exists > 0);
}

static bool is_folded(const struct store_mailbox *mailbox, void *user)
{
	const struct asking *asking = user;
	g_autofree char *key = fold_key(asking->account, mailbox);

	return g_hash_table_contains(asking->sidebar->folded, key);
}

static void add_account(struct sidebar *sidebar, struct account *account)
{
	const struct config *config = sidebar->pane.app->config;
	struct asking asking = {
		.sidebar = sidebar,
		.account = account,
		.new_only = config_bool(config, NULL, "sidebar_new_mail_only"),
		.full_only = config_bool(config, NULL,
					 "sidebar_non_empty_mailbox_only"),
		.subscribed_only = config_bool(config, account->name,
					       "imap_list_subscribed"),
		.pins = config_pins(config, account->name),
	};
	struct tree_rules rules = {
		.named = config_mailboxes(config, account->name),
		.pins = asking.pins,
		.shown = is_shown,
		.folded = is_folded,
		.user = &asking,
	};
	g_autoptr(GArray) lines = NULL;

	if (account->folders == NULL)
		return;
	rules.order = tree_order_of(
		config_string(config, NULL, "sidebar_sort_method"),
		&rules.reverse);
	lines = tree_lines(account->folders, &rules);
	for (guint i = 0; i < lines->len; i++) {
		struct entry entry = {
			.account = account,
			.line = g_array_index(lines, struct tree_line, i),
		};

		g_array_append_val(sidebar->entries, entry);
	}
}

static void remember_cursor(struct sidebar *sidebar)
{
	const struct entry *entry = entry_at(sidebar, sidebar->cursor);

	g_free(sidebar->account);
	g_free(sidebar->mailbox);
	sidebar->account = entry ? g_strdup(entry->account->name) : NULL;
	sidebar->mailbox = entry && entry->line.mailbox
				   ? g_strdup(entry->line.mailbox->name)
				   : NULL;
}

static int find_entry(const struct sidebar *sidebar, const char *account,
		      const char *mailbox)
{
	for (int i = 0; i < (int)sidebar->entries->len; i++) {
		const struct entry *entry = entry_at(sidebar, i);
		const char *name =
			entry->line.mailbox != NULL ? entry->line.mailbox->name : NULL;

		if (g_strcmp0(entry->account->name, account) == 0 &&
		    g_strcmp0(name, mailbox) == 0)
			return i;
	}
	return -1;
}

static void keep_in_sight(struct sidebar *sidebar)
{
	int h = MAX(sidebar->pane.area.h, 1);
	int count = (int)sidebar->entries->len;

	sidebar->cursor = CLAMP(sidebar->cursor, 0, MAX(count - 1, 0));
	sidebar->top = CLAMP(sidebar->top, sidebar->cursor - h + 1,
			     sidebar->cursor);
	sidebar->top = CLAMP(sidebar->top, 0, MAX(count - h, 0));
}

static void build(struct sidebar *sidebar)
{
	struct app *app = sidebar->pane.app;
	int found;

	g_array_set_size(sidebar->entries, 0);
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);
		struct entry head = { .account = account };

		if (app->accounts->len > 1)
			g_array_append_val(sidebar->entries, head);
		add_account(sidebar, account);
	}
	found = find_entry(sidebar, sidebar->account, sidebar->mailbox);
	if (found >= 0)
		sidebar->cursor = found;
	keep_in_sight(sidebar);
	app_dirty(app);
}

void sidebar_refresh(struct app *app)
{
	build(sidebar_of(app));
}

void sidebar_follow(struct app *app)
{
	struct sidebar *sidebar = sidebar_of(app);
	struct account *account = index_account(app);
	int found;

	if (account == NULL)
		return;
	found = find_entry(sidebar, account->name, index_mailbox(app));
	if (found >= 0)
		sidebar->cursor = found;
	g_free(sidebar->account);
	g_free(sidebar->mailbox);
	sidebar->account = g_strdup(account->name);
	sidebar->mailbox = g_strdup(index_mailbox(app));
	keep_in_sight(sidebar);
}

const struct store_mailbox *sidebar_current(const struct app *app,
					    struct account **account)
{
	const struct sidebar *sidebar = sidebar_of(app);
	const struct entry *entry = entry_at(sidebar, sidebar->cursor);

	if (entry != NULL)
		*account = entry->account;
	return entry != NULL ? entry->line.mailbox : NULL;
}

static void replace(char **name, const char *old, const char *new)
{
	if (g_strcmp0(*name, old) != 0)
		return;
	g_free(*name);
	*name = g_strdup(new);
}

void sidebar_renamed(struct app *app, const struct account *account,
		     const char *mailbox, const char *name)
{
	struct sidebar *sidebar = sidebar_of(app);
	g_autofree char *old =
		g_strconcat(account->name, "\n", mailbox, NULL);

	if (g_strcmp0(sidebar->account, account->name) == 0)
		replace(&sidebar->mailbox, mailbox, name);
	if (g_hash_table_remove(sidebar->folded, old))
		g_hash_table_add(sidebar->folded,
				 g_strconcat(account->name, "\n", name, NULL));
}

/* ---- functions ---- */

static void go(struct sidebar *sidebar, int to)
{
	sidebar->cursor = to;
	keep_in_sight(sidebar);
	remember_cursor(sidebar);
	app_dirty(sidebar->pane.app);
}

static bool can_open(const struct entry *entry)
{
	return entry != NULL && entry->line.mailbox != NULL &&
	       !(entry->line.mailbox->attributes &
		 (STORE_NOSELECT | STORE_NONEXISTENT));
}

static bool is_wanted(const struct entry *entry, bool fresh)
{
	return can_open(entry) && (!fresh || entry->line.unseen > 0);
}

/* The next line that can be opened, and has new mail when 'fresh'. */
static void step(struct sidebar *sidebar, int direction, bool fresh)
{
	int count = (int)sidebar->entries->len;
	bool wrap = fresh && config_bool(sidebar->pane.app->config, NULL,
					 "sidebar_next_new_wrap");

	for (int n = 1; n < count; n++) {
		int i = sidebar->cursor + n * direction;

		if (wrap)
			i = (i + count) % count;
		if (is_wanted(entry_at(sidebar, i), fresh)) {
			go(sidebar, i);
			return;
		}
	}
}

static void fold(struct sidebar *sidebar)
{
	const struct entry *entry = entry_at(sidebar, sidebar->cursor);
	char *key;

	if (entry == NULL || entry->line.mailbox == NULL || !entry->line.parent)
		return;
	key = fold_key(entry->account, entry->line.mailbox);
	if (g_hash_table_remove(sidebar->folded, key))
		g_free(key);
	else
		g_hash_table_add(sidebar->folded, key);
	remember_cursor(sidebar);
	build(sidebar);
}

static void open_entry(struct sidebar *sidebar)
{
	struct app *app = sidebar->pane.app;
	const struct entry *entry = entry_at(sidebar, sidebar->cursor);

	if (!can_open(entry)) {
		fold(sidebar);
		return;
	}
	remember_cursor(sidebar);
	account_open_wire(entry->account, entry->line.mailbox->name,
			  entry->line.mailbox->display);
	app_focus(app, app->index);
}

bool sidebar_run(struct app *app, enum function_op op)
{
	struct sidebar *sidebar = sidebar_of(app);
	int h = MAX(sidebar->pane.area.h, 1);

	switch (op) {
	case OP_SIDEBAR_NEXT:
		step(sidebar, 1, false);
		return true;
	case OP_SIDEBAR_PREV:
		step(sidebar, -1, false);
		return true;
	case OP_SIDEBAR_NEXT_NEW:
		step(sidebar, 1, true);
		return true;
	case OP_SIDEBAR_PREV_NEW:
		step(sidebar, -1, true);
		return true;
	case OP_SIDEBAR_OPEN:
		open_entry(sidebar);
		return true;
	case OP_SIDEBAR_FIRST:
		go(sidebar, 0);
		return true;
	case OP_SIDEBAR_LAST:
		go(sidebar, (int)sidebar->entries->len - 1);
		return true;
	case OP_SIDEBAR_PAGE_UP:
		go(sidebar, sidebar->cursor - h);
		return true;
	case OP_SIDEBAR_PAGE_DOWN:
		go(sidebar, sidebar->cursor + h);
		return true;
	default:
		return false;
	}
}

/* Functions of any list, by what they are here. */
static const struct {
	enum function_op list, here;
} list_functions[] = {
	{ OP_NEXT_ENTRY, OP_SIDEBAR_NEXT },
	{ OP_PREVIOUS_ENTRY, OP_SIDEBAR_PREV },
	{ OP_NEXT_LINE, OP_SIDEBAR_NEXT },
	{ OP_PREVIOUS_LINE, OP_SIDEBAR_PREV },
	{ OP_FIRST_ENTRY, OP_SIDEBAR_FIRST },
	{ OP_LAST_ENTRY, OP_SIDEBAR_LAST },
	{ OP_NEXT_PAGE, OP_SIDEBAR_PAGE_DOWN },
	{ OP_PREVIOUS_PAGE, OP_SIDEBAR_PAGE_UP },
	{ OP_HALF_DOWN, OP_SIDEBAR_PAGE_DOWN },
	{ OP_HALF_UP, OP_SIDEBAR_PAGE_UP },
	{ OP_SELECT_ENTRY, OP_SIDEBAR_OPEN },
};

static bool run(struct pane *pane, enum function_op op, int key)
{
	(void)key;
	if (op == OP_FOLD_FOLDER) {
		fold((struct sidebar *)pane);
		return true;
	}
	if (op == OP_EXIT || op == OP_QUIT) {
		app_focus(pane->app, pane->app->index);
		return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(list_functions); i++) {
		if (list_functions[i].list == op)
			op = list_functions[i].here;
	}
	return sidebar_run(pane->app, op);
}

/* ---- drawing ---- */

static bool is_open(const struct app *app, const struct entry *entry)
{
	return entry->line.mailbox != NULL && index_account(app) == entry->account &&
	       g_strcmp0(index_mailbox(app), entry->line.mailbox->name) == 0;
}

static enum style entry_style(const struct sidebar *sidebar,
			      const struct entry *entry, bool here)
{
	const struct app *app = sidebar->pane.app;

	if (here && app->focus == &sidebar->pane)
		return STYLE_INDICATOR;
	if (entry->line.mailbox == NULL)
		return STYLE_TITLE;
	if (here && !is_open(app, entry))
		return STYLE_SIDEBAR_HIGHLIGHT;
	if (is_open(app, entry))
		return STYLE_SIDEBAR_OPEN;
	if (entry->line.unseen > 0)
		return STYLE_SIDEBAR_NEW;
	return STYLE_SIDEBAR;
}

/* The last part of the name, indented as deep as its parents stand. */
static char *entry_name(const struct entry *entry)
{
	const char *display = entry->line.mailbox->display;
	char delimiter = entry->line.mailbox->delimiter;
	const char *last =
		entry->line.depth > 0 && delimiter ? strrchr(display, delimiter)
					      : NULL;
	GString *name = g_string_new(NULL);

	for (int i = 0; i < entry->line.depth; i++)
		g_string_append(name, "  ");
	g_string_append(name, last != NULL ? last + 1 : display);
	return g_string_free(name, FALSE);
}

static void draw_entry(struct sidebar *sidebar, int line)
{
	struct app *app = sidebar->pane.app;
	const struct rect *area = &sidebar->pane.area;
	const struct entry *entry = entry_at(sidebar, sidebar->top + line);
	bool here = sidebar->top + line == sidebar->cursor;
	g_autoptr(GString) text = g_string_new(NULL);

	if (entry->line.mailbox == NULL) {
		draw_append(text, entry->account->name);
	} else {
		struct store_mailbox shown = *entry->line.mailbox;
		g_autofree char *name = entry_name(entry);
		g_autofree char *body = NULL;

		shown.unseen = entry->line.unseen;
		shown.flagged = entry->line.flagged;
		body = format_sidebar(app, &shown, name, is_open(app, entry),
				      MAX(area->w - 2, 1));
		if (entry->line.parent)
			draw_append_glyph(text, entry->line.folded
							? GLYPH_FOLDED
							: GLYPH_UNFOLDED);
		else
			g_string_append_c(text, ' ');
		g_string_append(text, body);
	}
	draw_row(app->draw, area, line, text->str,
		 entry_style(sidebar, entry, here));
}

static void draw(struct pane *pane)
{
	struct sidebar *sidebar = (struct sidebar *)pane;

	draw_fill(pane->app->draw, &pane->area, STYLE_SIDEBAR);
	for (int line = 0; line < pane->area.h; line++) {
		if (entry_at(sidebar, sidebar->top + line) != NULL)
			draw_entry(sidebar, line);
	}
}

static void resize(struct pane *pane)
{
	keep_in_sight((struct sidebar *)pane);
}

static void done(struct pane *pane)
{
	struct sidebar *sidebar = (struct sidebar *)pane;

	g_array_unref(sidebar->entries);
	g_hash_table_unref(sidebar->folded);
	g_free(sidebar->account);
	g_free(sidebar->mailbox);
	g_free(sidebar);
}

static int count(const struct pane *pane)
{
	return (int)((const struct sidebar *)pane)->entries->len;
}

static void to_line(struct pane *pane, int line)
{
	go((struct sidebar *)pane, line);
}

static const struct pane_ops ops = {
	.map = MAP_SIDEBAR,
	.title = N_("The list of mailboxes"),
	.draw = draw,
	.run = run,
	.count = count,
	.to_line = to_line,
	.resize = resize,
	.done = done,
};

struct pane *sidebar_new(struct app *app)
{
	struct sidebar *sidebar = g_new0(struct sidebar, 1);

	sidebar->pane.ops = &ops;
	sidebar->pane.app = app;
	sidebar->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	sidebar->folded = g_hash_table_new_full(g_str_hash, g_str_equal,
						g_free, NULL);
	return &sidebar->pane;
}
