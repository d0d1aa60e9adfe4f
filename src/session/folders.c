/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "box.h"
#include "folders.h"
#include "limits.h"
#include "links.h"
#include "manage.h"
#include "names.h"
#include "smew/imap.h"
#include "wire.h"
#include "work.h"

#define NOTE_NAMESPACE "namespace"

struct folders {
	bool list_due;
	bool listing;
	const struct link *link; /* of the LIST or STATUS under way; it may be
				    gone */
	GQueue told;	   /* of char *: changed, says NOTIFY; owned */
	bool plain;	   /* options of LIST were refused: remembered */
	bool asked_namespace; /* once: it makes some servers hang up */
	bool listed;	   /* since the start; else names are the cache's */
	GPtrArray *found;  /* of struct store_mailbox: by the LIST under way */
	GPtrArray *names;  /* of char *: all whose counts can be asked for */
	GHashTable *all;   /* of char *: every name of the last LIST; to whether
			      it is subscribed to */
	char delimiter;	   /* 0: names are flat, or nothing is known yet */
	bool named;	   /* NAMESPACE was answered */
	char *prefix;	   /* of the user's own mailboxes; owned */
	GPtrArray *others; /* of char *: other prefixes, NULL-terminated */
	guint next;	   /* of 'names': whose counts are due */
	bool counting;	   /* a STATUS is in flight */
	bool counted;	   /* LIST gave them */
	bool changed;
	struct timer poll;
};

static void mailbox_free(gpointer mailbox)
{
	store_mailbox_free(mailbox);
}

struct folders *folders_new(void)
{
	struct folders *f = g_new0(struct folders, 1);

	f->found = g_ptr_array_new_with_free_func(mailbox_free);
	f->names = g_ptr_array_new_with_free_func(g_free);
	f->all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	f->prefix = g_strdup("");
	f->others = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(f->others, NULL);
	g_queue_init(&f->told);
	return f;
}

void folders_free(struct folders *f)
{
	if (f == NULL)
		return;
	timer_stop(&f->poll);
	g_queue_clear_full(&f->told, g_free);
	g_ptr_array_unref(f->found);
	g_ptr_array_unref(f->names);
	g_hash_table_unref(f->all);
	g_ptr_array_unref(f->others);
	g_free(f->prefix);
	g_free(f);
}

/* ---- when ---- */

/* With LIST-STATUS all counts come in one answer; a round of STATUS goes to
 * its end before the next. */
static void counts_due(struct account *account)
{
	struct folders *f = account->folders;

	if (f->counted)
		f->list_due = true;
	else if (f->next >= f->names->len)
		f->next = 0;
}

static void poll_later(struct account *account);

/* The server tells of each mailbox by itself: nothing is asked. */
static bool is_told(const struct account *account)
{
	for (guint i = 0; i < account->links->len; i++)
		if (link_has_notified(g_ptr_array_index(account->links, i)))
			return true;
	return false;
}

static void poll_fired(void *user)
{
	struct account *account = user;

	if (links_main(account) == NULL)
		return;
	poll_later(account);
	counts_due(account);
	work_pump(account);
}

/* Where counts are told of, it is for mailboxes that others make. */
static void poll_later(struct account *account)
{
	unsigned ms = (unsigned)account->poll_seconds * 1000;

	if (account->poll_seconds <= 0 ||
	    account->folders->poll.source != NULL)
		return;
	if (is_told(account))
		ms = MAX(ms, LIMIT_TOLD_POLL);
	timer_start(&account->folders->poll, ms, poll_fired, account);
}

void folders_notify(struct account *account)
{
	struct folders *f = account->folders;

	if (f->poll.source == NULL)
		return; /* the first list is still to come */
	if (is_told(account))
		counts_due(account);
	timer_stop(&f->poll);
	poll_later(account);
}

void folders_online(struct account *account)
{
	account->folders->list_due = true;
}

void folders_check(struct account *account)
{
	account->folders->list_due = true;
}

void folders_lost(struct account *account)
{
	struct folders *f = account->folders;

	timer_stop(&f->poll);
	g_queue_clear_full(&f->told, g_free);
	f->listing = f->counting = f->list_due = false;
	f->next = f->names->len;
	g_ptr_array_set_size(f->found, 0);
}

/* What it was asked is asked again elsewhere. */
void folders_link_lost(struct account *account, const struct link *link)
{
	struct folders *f = account->folders;

	if (!is_told(account))
		folders_notify(account);
	if (f->link != link)
		return;
	f->list_due = f->list_due || f->listing;
	f->listing = f->counting = false;
	f->link = NULL;
}

/* ---- the list ---- */

void folders_listed(struct account *account, struct store_mailbox *mailbox)
{
	struct folders *f = account->folders;

	manage_listed(account, mailbox);
	if (f->listing && f->found->len < LIMIT_MAILBOXES)
		g_ptr_array_add(f->found, mailbox);
	else
		store_mailbox_free(mailbox);
}

/* The same name twice (LIST of several namespaces): the first one counts. */
static void drop_doubles(GPtrArray *list)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < list->len;) {
		struct store_mailbox *m = g_ptr_array_index(list, i);

		if (g_hash_table_add(seen, m->name))
			i++;
		else
			g_ptr_array_remove_index_fast(list, i);
	}
}

static bool has_name(const GPtrArray *list, const char *name)
{
	for (guint i = 0; i < list->len; i++) {
		const struct store_mailbox *m = g_ptr_array_index(list, i);

		if (strcmp(m->name, name) == 0)
			return true;
	}
	return false;
}

/* Every account has an INBOX, listed or not (imap-traps 33). */
static void add_inbox(GPtrArray *list)
{
	struct store_mailbox *inbox;

	if (has_name(list, "INBOX"))
		return;
	inbox = g_new0(struct store_mailbox, 1);
	inbox->name = g_strdup("INBOX");
	inbox->display = g_strdup("INBOX");
	inbox->role = STORE_ROLE_INBOX;
	g_ptr_array_add(list, inbox);
}

static void keep_name(struct folders *f, const struct store_mailbox *m)
{
	g_hash_table_replace(f->all, g_strdup(m->name),
			     GUINT_TO_POINTER(m->attributes &
					      STORE_SUBSCRIBED));
	if (!f->named && m->delimiter != '\0')
		f->delimiter = m->delimiter;
}

static void keep_names(struct folders *f)
{
	f->listed = true;
	g_ptr_array_set_size(f->names, 0);
	g_hash_table_remove_all(f->all);
	for (guint i = 0; i < f->found->len; i++) {
		const struct store_mailbox *m = g_ptr_array_index(f->found, i);

		keep_name(f, m);
		if (!(m->attributes & (STORE_NOSELECT | STORE_NONEXISTENT)))
			g_ptr_array_add(f->names, g_strdup(m->name));
	}
	f->next = f->counted ? f->names->len : 0;
}

/* Others have deleted it, or given it another name; what is on the screen may
 * be all there is. */
static void miss(struct account *account, struct box *box)
{
	g_autofree char *line = NULL;

	/* Where it was refused that was said already. */
	if (box->missed || box->state == BOX_REFUSED ||
	    !g_hash_table_contains(account->folders->all, box->name))
		return;
	box->missed = true;
	line = g_strdup_printf(_("%s is not on the server's list any more."),
			       box->row->display);
	report_notice(&account->report, box->name, line);
}

/* The open mailbox stays, on the list or not: its messages are on the screen
 * (it was opened by name). */
static void add_open(struct account *account, GPtrArray *list)
{
	struct box *box = account->box;
	struct store_mailbox *copy;

	if (box == NULL || box->row == NULL || has_name(list, box->name))
		return;
	miss(account, box);
	copy = g_new0(struct store_mailbox, 1);
	copy->name = g_strdup(box->name);
	copy->display = g_strdup(box->row->display);
	copy->delimiter = box->row->delimiter;
	copy->attributes = box->row->attributes;
	copy->role = box->row->role;
	g_ptr_array_add(list, copy);
}

static void take_list(struct account *account)
{
	struct folders *f = account->folders;
	g_autoptr(GError) error = NULL;

	drop_doubles(f->found);
	add_inbox(f->found);
	add_open(account, f->found);
	if (store_set_mailboxes(account->store, f->found, &error)) {
		report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
		keep_names(f);
		manage_names_known(account);
	} else {
		account_complain(account, NULL, &error);
	}
	g_ptr_array_set_size(f->found, 0);
	poll_later(account);
}

static void list_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct folders *f = account->folders;

	(void)user;
	if (end->result == LINK_GONE)
		return;
	f->listing = false;
	if (end->result == LINK_OK) {
		take_list(account);
	} else if (!f->plain) {
		f->plain = f->list_due = true;
		wire_learn(account, _("LIST with options was refused: it is "
				      "asked without"));
		f->counted = false;
		g_ptr_array_set_size(f->found, 0);
	} else {
		log_line(LOG_FAULT, "session", "%s: LIST: %s", account->name,
			 end->text);
		poll_later(account);
	}
}

static void list_start(struct account *account, struct link *link)
{
	struct folders *f = account->folders;
	bool extended = !f->plain && link_offers_extended_list(link);

	f->list_due = false;
	f->listing = true;
	f->link = link;
	f->counted = extended && link_offers_list_status(link);
	g_ptr_array_set_size(f->found, 0);
	if (!f->asked_namespace)
		link_namespace(link);
	f->asked_namespace = true;
	link_list(link, account->check_subscribed, extended,
		  list_done, NULL);
}

bool folders_listing(const struct account *account)
{
	return account->folders->listing;
}

bool folders_known(const struct account *account)
{
	const struct folders *f = account->folders;

	return f->listed && !f->listing && !f->list_due;
}

bool folders_names_known(const struct account *account)
{
	return g_hash_table_size(account->folders->all) > 0;
}

/* ---- names ---- */

static void add_prefixes(struct folders *f, const struct imap_namespace *list,
			 size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (*list[i].prefix != '\0')
			g_ptr_array_insert(f->others, 0,
					   g_strdup(list[i].prefix));
}

/* Delimiter, the user's own prefix, the others: a line each. */
static void remember_spaces(struct account *account)
{
	const struct folders *f = account->folders;
	g_autofree char *others =
		g_strjoinv("\n", (char **)f->others->pdata);
	g_autofree char *text = g_strdup_printf(
		"%d\n%s\n%s", (unsigned char)f->delimiter, f->prefix, others);
	g_autoptr(GError) error = NULL;

	store_set_note(account->store, NOTE_NAMESPACE, text, &error);
	account_complain(account, NULL, &error);
}

static void recall_spaces(struct folders *f, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint n = g_strv_length(lines);

	if (n < 2)
		return;
	f->named = true;
	f->delimiter = (char)g_ascii_strtoull(lines[0], NULL, 10);
	g_free(f->prefix);
	f->prefix = g_strdup(lines[1]);
	for (guint i = n - 1; i >= 2; i--)
		if (*lines[i] != '\0')
			g_ptr_array_insert(f->others, 0, g_strdup(lines[i]));
}

void folders_recall(struct account *account)
{
	struct folders *f = account->folders;
	g_autofree char *spaces = store_note(account->store, NOTE_NAMESPACE);
	GPtrArray *rows = store_mailboxes(account->store, NULL);

	if (spaces != NULL)
		recall_spaces(f, spaces);
	for (guint i = 0; rows != NULL && i < rows->len; i++) {
		const struct store_mailbox *m = g_ptr_array_index(rows, i);

		if (m->delimiter != '\0' || m->uidvalidity != 0)
			keep_name(f, m);
	}
	if (rows != NULL)
		g_ptr_array_unref(rows);
}

/* Of several of the user's own the first is for what is new. */
void folders_namespaces(struct account *account,
			const struct imap_namespaces *spaces)
{
	struct folders *f = account->folders;

	f->named = spaces->n_personal > 0;
	g_ptr_array_set_size(f->others, 0);
	g_ptr_array_add(f->others, NULL);
	if (f->named) {
		g_free(f->prefix);
		f->prefix = g_strdup(spaces->personal[0].prefix);
		f->delimiter = spaces->personal[0].delimiter;
		add_prefixes(f, spaces->personal + 1, spaces->n_personal - 1);
	}
	add_prefixes(f, spaces->others, spaces->n_others);
	add_prefixes(f, spaces->shared, spaces->n_shared);
	if (f->named && account->store != NULL)
		remember_spaces(account);
}

static bool is_listed(const char *name, void *user)
{
	return g_hash_table_contains(user, name);
}

void folders_rules(const struct account *account, struct name_rules *rules,
		   bool *known)
{
	const struct folders *f = account->folders;

	*rules = (struct name_rules){
		.delimiter = f->delimiter,
		.prefix = f->prefix,
		.others = (const char *const *)f->others->pdata,
		.exists = is_listed,
		.user = f->all,
	};
	*known = f->named;
}

bool folders_below_inbox(const struct account *account)
{
	const struct folders *f = account->folders;
	GHashTableIter each;
	gpointer name;

	g_hash_table_iter_init(&each, f->all);
	while (g_hash_table_iter_next(&each, &name, NULL))
		if (!name_is_within(name, "INBOX", f->delimiter))
			return false;
	return f->delimiter != '\0';
}

GPtrArray *folders_subscribed(const struct account *account,
			      const char *mailbox)
{
	const struct folders *f = account->folders;
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter each;
	gpointer name, subscribed;

	g_hash_table_iter_init(&each, f->all);
	while (g_hash_table_iter_next(&each, &name, &subscribed))
		if (subscribed != NULL &&
		    name_is_within(name, mailbox, f->delimiter))
			g_ptr_array_add(found, g_strdup(name));
	return found;
}

/* ---- the counts ---- */

/* Those of the open mailbox are known better than STATUS says. */
void folders_counted(struct account *account, const char *mailbox,
		     uint32_t messages, uint32_t unseen)
{
	g_autoptr(GError) error = NULL;

	if (account->store == NULL || box_selected_as(account, mailbox))
		return;
	if (store_mailbox_counts(account->store, mailbox, messages, unseen,
				 &error))
		report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
	else if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_NONE))
		account_complain(account, mailbox, &error);
}

static int same_name(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

void folders_told(struct account *account, const char *mailbox)
{
	GQueue *told = &account->folders->told;

	if (account->folders->counting || box_selected_as(account, mailbox) ||
	    g_queue_find_custom(told, mailbox, same_name) != NULL ||
	    told->length >= LIMIT_MAILBOXES)
		return;
	g_queue_push_tail(told, g_strdup(mailbox));
}

static void status_done(struct account *account, const struct link_end *end,
			void *user)
{
	(void)end;
	(void)user;
	account->folders->counting = false;
}

/* Not those that are kept up to date: they are known better. */
static char *next_told(struct account *account)
{
	char *name;

	while ((name = g_queue_pop_head(&account->folders->told)) != NULL) {
		if (!box_selected_as(account, name))
			return name;
		g_free(name);
	}
	return NULL;
}

static char *next_name(struct account *account)
{
	struct folders *f = account->folders;
	char *told = next_told(account);

	if (told != NULL)
		return told;
	while (f->next < f->names->len &&
	       box_selected_as(account, g_ptr_array_index(f->names, f->next)))
		f->next++;
	return f->next < f->names->len ?
		       g_strdup(g_ptr_array_index(f->names, f->next++)) :
		       NULL;
}

/* The first screen goes first (DESIGN 9.1). */
static bool must_wait(const struct account *account)
{
	const struct folders *f = account->folders;

	return f->listing || f->counting || manage_runs(account) ||
	       (account->box != NULL && !account->box->shown);
}

bool folders_step(struct link *link)
{
	struct account *account = link_account(link);
	struct folders *f = account->folders;
	g_autofree char *name = NULL;

	if (must_wait(account) || links_for_chores(account) != link)
		return false;
	if (f->list_due) {
		list_start(account, link);
		return true;
	}
	name = next_name(account);
	if (name == NULL)
		return false;
	f->counting = true;
	f->link = link;
	link_status(link, name, status_done, NULL);
	return true;
}
