/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After a message was accepted: its original is marked, its draft goes, both
 * through the journal; and a copy is put into the mailbox for them. That a
 * copy is on its way is noted before its octets go out: where its end is not
 * known, and where the server files by itself, it is looked for first. There
 * a message of which it is not known whether it was sent is looked for, too.
 */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actions.h"
#include "box.h"
#include "folders.h"
#include "limits.h"
#include "links.h"
#include "names.h"
#include "outgoing.h"
#include "smew/imap.h"
#include "work.h"

/* One copy under way. */
struct filing {
	struct account *account; /* NULL: nobody is interested any more */
	struct link *link;	 /* borrowed; only while a command is out */
	struct outbox_item *item; /* owned */
	char *mailbox;		 /* wire name; owned */
	int fd;
	size_t header_sent;	 /* octets of item->fcc_header */
	bool found;
	bool looking;		 /* the link is another mailbox's meanwhile */
	bool looked;		 /* for one that may be there */
	bool in_inbox;		 /* ... there, where else it may have come to */
	bool made;		 /* the mailbox, because there was none */
	bool doubt;		 /* it is only to be known whether it was sent */
};

static struct outbox *outbox_of(const struct account *account)
{
	return sender_outbox(account->sender);
}

/* ---- marks and drafts: the journal's business ---- */

static bool append_one(struct account *account, enum journal_kind kind,
		       const char *mailbox, uint32_t add, uint32_t del,
		       const struct journal_item *item, GError **error)
{
	const struct journal_entry entry = {
		.kind = kind,
		.mailbox = mailbox,
		.add = add,
		.del = del,
		.items = item,
		.n = 1,
	};

	if (journal_append(account->actions->journal, NULL, &entry, 1,
			   error) == 0)
		return false;
	actions_show(account, mailbox);
	return true;
}

/* The journal has ids without <>. Owned. */
static char *bare(const char *message_id)
{
	size_t length = strlen(message_id);

	if (length < 2 || message_id[0] != '<' ||
	    message_id[length - 1] != '>')
		return g_strdup(message_id);
	return g_strndup(message_id + 1, length - 2);
}

static bool mark(struct account *account, const struct outbox_item *item,
		 GError **error)
{
	g_autofree char *id = bare(item->original_message_id);
	const struct journal_item original = {
		.uid = item->original_uid,
		.uidvalidity = item->original_validity,
		.message_id = id,
	};

	return append_one(account, JOURNAL_FLAGS, item->original_mailbox,
			  item->forwarded ? STORE_FORWARDED : STORE_ANSWERED, 0,
			  &original, error);
}

static bool remove_draft(struct account *account,
			 const struct outbox_item *item, GError **error)
{
	g_autofree char *id = bare(item->draft_message_id);
	const struct journal_item draft = {
		.uid = item->draft_uid,
		.uidvalidity = item->draft_validity,
		.message_id = id,
	};

	return append_one(account, JOURNAL_EXPUNGE, item->draft_mailbox, 0,
			  STORE_DELETED, &draft, error);
}

/* Done twice after a kill they do no harm. */
static void to_journal(struct account *account, struct outbox_item *item)
{
	g_autoptr(GError) error = NULL;
	unsigned todo = item->todo & (OUTBOX_MARK | OUTBOX_DRAFT);
	bool ok = true;

	/* An older draft stays until the newer one is there. */
	if (item->postponed && (item->todo & OUTBOX_FCC) != 0)
		return;

	if (todo == 0 || account->actions == NULL ||
	    account->actions->journal == NULL || account->store == NULL)
		return;
	if ((todo & OUTBOX_MARK) != 0)
		ok = mark(account, item, &error);
	if (ok && (todo & OUTBOX_DRAFT) != 0)
		ok = remove_draft(account, item, &error);
	if (ok)
		ok = outbox_finish(outbox_of(account), item->id, todo, &error);
	if (!ok)
		account_complain(account, NULL, &error);
	actions_changed(account);
}

/* Those that were not looked for in vain. */
static void read_doubts(struct account *account)
{
	struct outgoing *outgoing = account->outgoing;
	GPtrArray *items = outbox_doubts(outbox_of(account), NULL);

	for (guint i = items != NULL ? items->len : 0; i-- > 0;) {
		const struct outbox_item *item = g_ptr_array_index(items, i);

		if (*item->message_id == '\0' ||
		    g_hash_table_contains(outgoing->settled, &item->id))
			g_ptr_array_remove_index(items, i);
	}
	g_ptr_array_unref(outgoing->doubts);
	outgoing->doubts = items != NULL ? items : g_ptr_array_new();
}

void filing_read(struct account *account)
{
	struct outgoing *outgoing = account->outgoing;
	g_autoptr(GError) error = NULL;
	GPtrArray *items;

	/* The process that sends does this, too. */
	if (!outbox_executes(outbox_of(account)))
		return;
	items = outbox_left(outbox_of(account), &error);
	if (items == NULL) {
		account_complain(account, NULL, &error);
		return;
	}
	for (guint i = 0; i < items->len; i++)
		to_journal(account, g_ptr_array_index(items, i));
	for (guint i = items->len; i-- > 0;) {
		const struct outbox_item *item = g_ptr_array_index(items, i);

		if ((item->todo & OUTBOX_FCC) == 0)
			g_ptr_array_remove_index(items, i);
	}
	g_ptr_array_unref(outgoing->left);
	outgoing->left = items;
	read_doubts(account);
	outgoing_changed(account);
	work_pump(account);
}

/* ---- one copy ---- */

static void later_over(void *user)
{
	filing_read(user);
}

static void close_copy(struct filing *filing)
{
	if (filing->fd >= 0)
		close(filing->fd);
	filing->fd = -1;
	filing->header_sent = 0;
}

static void filing_free(struct filing *filing)
{
	close_copy(filing);
	outbox_item_free(filing->item);
	g_free(filing->mailbox);
	g_free(filing);
}

/* 'again' seconds: it is tried again then; 0: there is nothing to try. */
static void filing_end(struct filing *filing, unsigned again)
{
	struct account *account = filing->account;

	filing_free(filing);
	if (account == NULL)
		return;
	account->outgoing->filing = NULL;
	if (again > 0) {
		g_ptr_array_set_size(account->outgoing->left, 0);
		g_ptr_array_set_size(account->outgoing->doubts, 0);
		timer_start(&account->outgoing->later, again * 1000,
			    later_over, account);
	} else {
		filing_read(account);
	}
}

static void complain(struct filing *filing, const char *why)
{
	g_autofree char *copy = g_strdup_printf(
		_("the copy of a sent message could not be stored yet: %s"),
		why);
	g_autofree char *draft = g_strdup_printf(
		_("the postponed message could not be stored yet: %s"), why);
	const char *text = filing->item->postponed ? draft : copy;

	report_notice(&filing->account->report, NULL, text);
}

static void finish(struct filing *filing)
{
	g_autoptr(GError) error = NULL;

	if (!outbox_finish(outbox_of(filing->account), filing->item->id,
			   OUTBOX_FCC, &error))
		account_complain(filing->account, NULL, &error);
	report_change(&filing->account->report, SESSION_FOLDERS_CHANGED, NULL);
	folders_check(filing->account);
	filing_end(filing, 0);
}

static ssize_t give(char *buffer, size_t size, void *user)
{
	struct filing *filing = user;
	const char *header = filing->item->fcc_header;
	size_t left = strlen(header) - filing->header_sent;

	if (left > 0) {
		size = MIN(size, left);
		memcpy(buffer, header + filing->header_sent, size);
		filing->header_sent += size;
		return (ssize_t)size;
	}
	return read(filing->fd, buffer, size);
}

static bool set_copying(struct filing *filing, bool copying)
{
	g_autoptr(GError) error = NULL;

	filing->item->copying = copying;
	if (outbox_copying(outbox_of(filing->account), filing->item->id,
			   copying, &error))
		return true;
	account_complain(filing->account, NULL, &error);
	return false;
}

static void make_mailbox(struct filing *filing, struct link *link,
			 enum store_role role);

/* It is not there. */
static void not_appended(struct filing *filing, struct link *link,
			 const struct link_end *end)
{
	set_copying(filing, false);
	if (end->try_create && !filing->made && !filing->account->read_only) {
		close_copy(filing);
		make_mailbox(filing, link, STORE_ROLE_NONE);
		return;
	}
	complain(filing, end->text);
	filing_end(filing, LIMIT_FILING_REFUSED);
}

static void appended(struct account *account, const struct link_end *end,
		     void *user)
{
	struct filing *filing = user;
	struct link *link = filing->link;

	(void)account;
	filing->link = NULL;
	if (filing->account == NULL)
		filing_free(filing);
	else if (end->result == LINK_OK)
		finish(filing);
	else if (end->result == LINK_GONE)
		filing_end(filing, LIMIT_FILING_AGAIN);
	else
		not_appended(filing, link, end);
}

static bool open_copy(struct filing *filing, uint64_t *size)
{
	g_autoptr(GError) error = NULL;
	struct stat status;

	filing->fd = path_open_private(filing->item->path, O_RDONLY, &error);
	if (filing->fd >= 0 && fstat(filing->fd, &status) == 0) {
		*size = (uint64_t)status.st_size +
			strlen(filing->item->fcc_header);
		return true;
	}
	account_complain(filing->account, NULL, &error);
	return false;
}

static void append(struct filing *filing, struct link *link)
{
	struct link_message message = {
		.mailbox = filing->mailbox,
		.flags = STORE_SEEN |
			 (filing->item->postponed ? STORE_DRAFT : 0),
	};

	if (!open_copy(filing, &message.size) || !set_copying(filing, true)) {
		filing_end(filing, LIMIT_FILING_REFUSED);
		return;
	}
	filing->link = link;
	link_append(link, &message, give, appended, filing);
}

/* ---- a mailbox that is not there yet ---- */

static void say_made(const struct filing *filing)
{
	g_autofree char *display = imap_mailbox_decode(filing->mailbox);
	g_autofree char *clean = sanitise_line(display, -1);
	g_autofree char *text = g_strdup_printf(
		_("The mailbox %s did not exist, and was made."), clean);

	report_notice(&filing->account->report, NULL, text);
}

static void made(struct account *account, const struct link_end *end,
		 void *user)
{
	struct filing *filing = user;

	filing->link = NULL;
	if (filing->account == NULL) {
		filing_free(filing);
	} else if (end->result == LINK_OK) {
		say_made(filing);
		folders_check(account);
		work_pump(account);
	} else {
		if (end->result != LINK_GONE)
			complain(filing, end->text);
		filing_end(filing, end->result == LINK_GONE
					   ? LIMIT_FILING_AGAIN
					   : LIMIT_FILING_REFUSED);
	}
}

/* filing->mailbox, once. */
static void make_mailbox(struct filing *filing, struct link *link,
			 enum store_role role)
{
	filing->made = true;
	filing->link = link;
	link_create(link, filing->mailbox, role, made, filing);
}

/* The name that the reader, or smew, has for it becomes one of the server's;
 * NULL: it can have none. */
static char *name_to_make(const struct filing *filing)
{
	const char *fcc = filing->item->fcc, *why;
	struct name_rules rules;
	bool known;

	folders_rules(filing->account, &rules, &known);
	return name_make(&rules,
			 strcmp(fcc, OUTBOX_FCC_SENT) == 0 ? "Sent" : fcc + 2,
			 &why);
}

/* ---- one that may be there already ---- */

static void on_found(const GArray *uids, void *user)
{
	struct filing *filing = user;

	filing->found = uids->len > 0;
}

static int64_t age_of(const struct filing *filing)
{
	return g_get_real_time() / G_USEC_PER_SEC - filing->item->not_before;
}

/* It was sent after all. */
static void settle_found(struct filing *filing)
{
	struct account *account = filing->account;
	g_autoptr(GError) error = NULL;

	if (!outbox_accept(outbox_of(account), filing->item->id, &error))
		account_complain(account, NULL, &error);
	else
		report_notice(&account->report, NULL,
			      _("A message that was in doubt was sent: the "
				"server has a copy of it."));
	filing_end(filing, 0);
}

static void visit(struct filing *filing, struct link *link);

/* What one has sent to oneself, or to a list, comes back. */
static void inbox_next(struct filing *filing)
{
	filing->in_inbox = true;
	g_free(filing->mailbox);
	filing->mailbox = g_strdup("INBOX");
}

/* The server takes its time; then it is for the user to decide. */
static void settle_missing(struct filing *filing, struct link *link)
{
	if (!filing->in_inbox) {
		inbox_next(filing);
		visit(filing, link);
		return;
	}
	if (age_of(filing) < LIMIT_FILING_PATIENCE) {
		filing_end(filing, LIMIT_FILING_AGAIN);
		return;
	}
	g_hash_table_add(filing->account->outgoing->settled,
			 g_memdup2(&filing->item->id, sizeof(int64_t)));
	filing_end(filing, 0);
}

static void looked(struct account *account, const struct link_end *end,
		   void *user)
{
	struct filing *filing = user;
	struct link *link = filing->link;

	(void)account;
	filing->link = NULL;
	filing->looking = false;
	if (filing->account == NULL) {
		filing_free(filing);
	} else if (end->result != LINK_OK) {
		if (end->result != LINK_GONE)
			complain(filing, end->text);
		filing_end(filing, LIMIT_FILING_AGAIN);
	} else if (filing->doubt && filing->found) {
		settle_found(filing);
	} else if (filing->doubt) {
		settle_missing(filing, link);
	} else if (filing->found) {
		finish(filing);
	} else {
		filing->looked = true;
		work_pump(filing->account);
	}
}

static void visited(struct account *account, const struct link_end *end,
		    void *user)
{
	struct filing *filing = user;
	struct link *link = filing->link;

	if (filing->account == NULL || end->result != LINK_OK) {
		/* No such mailbox: then it is not there. */
		filing->found = false;
		looked(account,
		       end->result == LINK_NO
			       ? &(struct link_end){ .result = LINK_OK }
			       : end,
		       filing);
		return;
	}
	link_look_for(link, filing->item->message_id, on_found, looked,
		      filing);
}

/* Where the open mailbox has the one connection, it lends it, when nothing is
 * under way there. */
static void look_for(struct filing *filing, struct link *link)
{
	struct account *account = filing->account;

	if (link_box(link) != NULL &&
	    (link != links_main(account) || links_borrow(account) == NULL)) {
		filing_end(filing, LIMIT_FILING_SOON);
		return;
	}
	visit(filing, link);
}

static void visit(struct filing *filing, struct link *link)
{
	filing->looking = true;
	filing->link = link;
	/* What it showed before is not what is selected now. */
	link_set_visited(link, 0);
	link_visit(link, filing->mailbox, 0, visited, filing);
}

/* ---- where to ---- */

/* What servers without SPECIAL-USE call it. */
static char *find_sent(struct store *store)
{
	static const char *const names[] = { "Sent", "Sent Items",
					     "Sent Messages" };
	char *name = store_find_name(store, STORE_ROLE_SENT, NULL);

	for (size_t i = 0; name == NULL && i < G_N_ELEMENTS(names); i++)
		name = store_find_name(store, STORE_ROLE_NONE, names[i]);
	return name;
}

static char *find_mailbox(struct account *account, const char *fcc)
{
	if (*fcc != '*')
		return g_strdup(fcc);
	if (account->store == NULL)
		return NULL;
	if (strcmp(fcc, OUTBOX_FCC_SENT) == 0)
		return find_sent(account->store);
	return store_find_name(account->store, STORE_ROLE_NONE, fcc + 2);
}

/* The list of mailboxes may be on its way; then again the user is to know. */
static void no_mailbox(struct filing *filing, struct link *link)
{
	int64_t age = age_of(filing);

	if (filing->doubt && folders_known(filing->account)) {
		inbox_next(filing);
		return;
	}
	if (!filing->doubt && !filing->account->read_only &&
	    folders_known(filing->account)) {
		filing->mailbox = name_to_make(filing);
		if (filing->mailbox != NULL) {
			make_mailbox(filing, link,
				     *filing->item->fcc == '*' &&
						     filing->item->fcc[1] == 's'
					     ? STORE_ROLE_SENT
					     : STORE_ROLE_NONE);
			return;
		}
	}
	if (age >= LIMIT_FILING_PATIENCE)
		complain(filing, _("there is no such mailbox: make it, or set "
				   "record"));
	filing_end(filing, age >= LIMIT_FILING_PATIENCE ? LIMIT_FILING_REFUSED
							: LIMIT_FILING_SOON);
}

/* ---- the step ---- */

static bool keeps_sent(const struct account *account, const struct link *link)
{
	return account->keeps_sent == SESSION_KEEPS_YES ||
	       (account->keeps_sent == SESSION_KEEPS_AUTO &&
		link_keeps_sent(link));
}

/* Where the server files by itself, it takes its time. */
static bool is_early(const struct account *account, const struct link *link,
		     const struct outbox_item *item)
{
	int64_t age = g_get_real_time() / G_USEC_PER_SEC - item->not_before;

	return !item->postponed && keeps_sent(account, link) && age >= 0 &&
	       age < LIMIT_FILING_PATIENCE;
}

static bool must_look(const struct filing *filing, const struct link *link)
{
	return !filing->looked && *filing->item->message_id != '\0' &&
	       (filing->item->copying ||
		(!filing->item->postponed &&
		 keeps_sent(filing->account, link)));
}

static struct filing *filing_new(struct account *account)
{
	struct outgoing *outgoing = account->outgoing;
	struct filing *filing = g_new0(struct filing, 1);
	bool doubt = outgoing->left->len == 0;
	struct outbox_item *item = g_ptr_array_index(
		doubt ? outgoing->doubts : outgoing->left, 0);

	filing->account = account;
	filing->doubt = doubt;
	filing->fd = -1;
	filing->item = outbox_get(outbox_of(account), item->id, NULL);
	if (filing->item == NULL) {
		g_free(filing);
		return NULL;
	}
	outgoing->filing = filing;
	return filing;
}

static bool has_work(const struct account *account, const struct link *link)
{
	const struct outgoing *outgoing = account->outgoing;

	return outgoing->left->len > 0 ||
	       (outgoing->doubts->len > 0 && keeps_sent(account, link));
}

bool filing_step(struct link *link)
{
	struct account *account = link_account(link);
	struct outgoing *outgoing = account->outgoing;
	struct filing *filing = outgoing != NULL ? outgoing->filing : NULL;

	if (outgoing == NULL || !has_work(account, link) || outgoing->later.source != NULL ||
	    (filing != NULL && filing->link != NULL) || !links_for_upload(link))
		return false;
	if (filing == NULL)
		filing = filing_new(account);
	if (filing == NULL) {
		g_ptr_array_set_size(outgoing->left, 0);
		g_ptr_array_set_size(outgoing->doubts, 0);
		return true;
	}
	if (filing->mailbox == NULL)
		filing->mailbox = find_mailbox(
			account, *filing->item->fcc != '\0'
					 ? filing->item->fcc
					 : OUTBOX_FCC_SENT);
	if (filing->mailbox == NULL) {
		no_mailbox(filing, link);
	} else if (filing->doubt) {
		look_for(filing, link);
	} else if (filing->looked && is_early(account, link, filing->item)) {
		filing_end(filing, LIMIT_FILING_AGAIN);
	} else if (!must_look(filing, link)) {
		append(filing, link);
	} else {
		look_for(filing, link);
	}
	return true;
}

bool filing_looks_on(const struct link *link)
{
	const struct outgoing *outgoing = link_account(link)->outgoing;

	return outgoing != NULL && outgoing->filing != NULL &&
	       outgoing->filing->looking && outgoing->filing->link == link;
}

void filing_close(struct account *account)
{
	struct filing *filing = account->outgoing->filing;

	if (filing == NULL)
		return;
	account->outgoing->filing = NULL;
	filing->account = NULL;
	if (filing->link == NULL)
		filing_free(filing);
}
