/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "smew/base.h"
#include "smew/mail.h"
#include "smew/session.h"
#include "smew/store.h"
#include "smew/ui.h"

enum {
	TEXT_MAX = 256 * 1024 * 1024,
	TICK_MS = 50,
	STRANGER_SECONDS = 60, /* for another smew that sends */
	FILING_SECONDS = 10,   /* for the copy */
};

/* One message on its way. */
struct errand {
	struct config *config;	    /* borrowed */
	const struct batch *batch;  /* borrowed */
	char *account;		    /* owned */
	char *state_dir, *identity; /* owned */
	bool has_mailbox;	    /* there is a server for the copy */
	bool no_input;		    /* standard input is no text */
	struct mail_draft *draft;   /* owned */
	char *sender;		    /* owned */
	GPtrArray *recipients;	    /* of char *, NULL at the end; owned */
	int64_t item;
	bool interrupted;	    /* by a signal */
};

static bool fail(GError **error, const char *text)
{
	g_set_error_literal(error, BASE_ERROR, BASE_ERROR_FAILED, text);
	return false;
}

/* ---- reading ---- */

static bool read_all(int fd, GString *text, GError **error)
{
	char buffer[64 * 1024];
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
				    _("cannot read the text: %s"),
				    g_strerror(errno));
			return false;
		}
		if (text->len + (size_t)got > TEXT_MAX)
			return fail(error, _("the text is too long"));
		g_string_append_len(text, buffer, got);
	}
	return true;
}

/* A file, "-" for standard input. */
static bool read_text(const char *name, GString *text, GError **error)
{
	g_autofree char *path = path_expand(name);
	bool standard = strcmp(name, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0) {
		g_autofree char *clean = sanitise_line(path, -1);

		g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
			    _("cannot read '%s': %s"), clean,
			    g_strerror(errno));
		return false;
	}
	ok = read_all(fd, text, error);
	if (!standard)
		close(fd);
	return ok;
}

/* ---- the message ---- */

/* Adds to an address field. */
static void add(struct mail_draft *draft, enum mail_draft_field field,
		const char *more)
{
	g_autofree char *all = NULL;

	if (more == NULL || *more == '\0')
		return;
	all = *draft->fields[field] != '\0'
		      ? g_strdup_printf("%s, %s", draft->fields[field], more)
		      : g_strdup(more);
	mail_draft_set(&draft->fields[field], all);
}

static void add_all(struct mail_draft *draft, enum mail_draft_field field,
		    const GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++)
		add(draft, field, g_ptr_array_index(list, i));
}

static void set_if(char **slot, const char *value)
{
	if (value != NULL)
		mail_draft_set(slot, value);
}

static bool take_link(struct errand *errand, const char *url, GError **error)
{
	struct mailto link;
	bool ok = mailto_parse(url, config_mailto_allow(errand->config), &link,
			       error);

	if (ok)
		mailto_fill(&link, errand->draft);
	mailto_clear(&link);
	return ok;
}

static bool take_to(struct errand *errand, GError **error)
{
	const GPtrArray *to = errand->batch->to;

	for (guint i = 0; i < to->len; i++) {
		const char *word = g_ptr_array_index(to, i);

		if (g_ascii_strncasecmp(word, "mailto:", 7) != 0)
			add(errand->draft, MAIL_TO, word);
		else if (!take_link(errand, word, error))
			return false;
	}
	return true;
}

/* -H has fields and text, -i the text, else standard input is it. */
static bool take_text(struct errand *errand, GError **error)
{
	const struct batch *batch = errand->batch;
	g_autoptr(GString) text = g_string_new(NULL);
	bool headers = batch->draft != NULL;
	const char *name = headers		    ? batch->draft
			   : batch->include != NULL ? batch->include
						    : "-";

	if (errand->no_input && !headers && batch->include == NULL)
		return true;
	if (!read_text(name, text, error))
		return false;
	/* A link brought a text, and nothing was typed. */
	if (!headers && text->len == 0 && *errand->draft->text != '\0')
		return true;
	mail_draft_edited(errand->draft, text->str, text->len, headers);
	return true;
}

static bool take_files(struct errand *errand, GError **error)
{
	const GPtrArray *files = errand->batch->attach;

	for (guint i = 0; i < files->len; i++) {
		g_autofree char *path =
			path_expand(g_ptr_array_index(files, i));
		g_autofree char *name = g_path_get_basename(path);
		uint64_t size = 0;
		g_autofree char *type = mail_file_type(path, &size, error);

		if (type == NULL)
			return false;
		mail_draft_attach(errand->draft, path, name, type)->size = size;
	}
	return true;
}

static const char *option(const struct errand *errand, const char *name)
{
	return config_string(errand->config, errand->account, name);
}

/* The address that the account reads at, where its user is one. */
static char *user_address(const struct errand *errand)
{
	struct account_server server;
	char *address = NULL;

	if (!config_account_server(errand->config, errand->account, &server,
				   NULL))
		return NULL;
	if (server.user != NULL && strchr(server.user, '@') != NULL)
		address = g_strdup(server.user);
	account_server_clear(&server);
	return address;
}

static bool take_from(struct errand *errand, GError **error)
{
	const char *from = option(errand, "from");
	g_autofree char *user = user_address(errand), *text = NULL;
	GPtrArray *list;
	struct mail_address *first;

	if (*errand->draft->fields[MAIL_FROM] != '\0')
		return true;
	if (*from == '\0')
		from = user;
	if (from == NULL)
		return fail(error, _("no sender is set: set from"));
	list = mail_addresses_read(from);
	first = list->len > 0 ? g_ptr_array_index(list, 0) : NULL;
	if (first != NULL && (first->name == NULL || *first->name == '\0') &&
	    *option(errand, "realname") != '\0') {
		g_free(first->name);
		first->name = g_strdup(option(errand, "realname"));
	}
	text = mail_addresses_text(list);
	mail_draft_set(&errand->draft->fields[MAIL_FROM], text);
	g_ptr_array_unref(list);
	return true;
}

static bool make_draft(struct errand *errand, GError **error)
{
	const struct batch *batch = errand->batch;
	struct mail_draft *draft = errand->draft = mail_draft_new();

	/* What the command line says is added to what a file says. */
	if (batch->draft != NULL && !take_text(errand, error))
		return false;
	if (!take_to(errand, error))
		return false;
	if (batch->draft == NULL && !take_text(errand, error))
		return false;
	add_all(draft, MAIL_CC, batch->cc);
	add_all(draft, MAIL_BCC, batch->bcc);
	set_if(&draft->fields[MAIL_SUBJECT], batch->subject);
	if (!take_files(errand, error))
		return false;
	if (errand->no_input)
		return true;
	if (!take_from(errand, error))
		return false;
	if (*draft->message_id == '\0') {
		g_autofree char *id = mail_message_id(draft->fields[MAIL_FROM]);

		mail_draft_set(&draft->message_id, id);
	}
	return true;
}

/* ---- the envelope ---- */

static bool add_recipients(struct errand *errand, enum mail_draft_field field,
			   GError **error)
{
	GPtrArray *list = mail_addresses_read(errand->draft->fields[field]);
	bool ok = true;

	for (guint i = 0; ok && i < list->len; i++) {
		const struct mail_address *a = g_ptr_array_index(list, i);
		char *wire = mail_address_wire(a->email, error);

		ok = wire != NULL;
		if (ok)
			g_ptr_array_add(errand->recipients, wire);
	}
	g_ptr_array_unref(list);
	return ok;
}

static bool find_sender(struct errand *errand, GError **error)
{
	const char *envelope = option(errand, "envelope_from_address");
	const char *text = *envelope != '\0' ? envelope
					     : errand->draft->fields[MAIL_FROM];
	g_autoptr(GPtrArray) list = mail_addresses_read(text);
	const struct mail_address *first =
		list->len > 0 ? g_ptr_array_index(list, 0) : NULL;

	if (first == NULL)
		return fail(error, _("no sender is set: set from"));
	errand->sender = mail_address_wire(first->email, error);
	return errand->sender != NULL;
}

static bool make_envelope(struct errand *errand, GError **error)
{
	errand->recipients = g_ptr_array_new_with_free_func(g_free);
	if (!find_sender(errand, error) ||
	    !add_recipients(errand, MAIL_TO, error) ||
	    !add_recipients(errand, MAIL_CC, error) ||
	    !add_recipients(errand, MAIL_BCC, error))
		return false;
	if (errand->recipients->len == 0)
		return fail(error, _("no recipients are given"));
	g_ptr_array_add(errand->recipients, NULL);
	return true;
}

/* The mailbox for the copy, as the outbox names it; owned, or NULL. */
static char *find_fcc(const struct errand *errand)
{
	const char *record = option(errand, "record");
	g_autofree char *account = NULL, *name = NULL;

	if (!errand->has_mailbox ||
	    config_quad(errand->config, errand->account, "copy") == QUAD_NO)
		return NULL;
	if (*record == '\0')
		return g_strdup(OUTBOX_FCC_SENT);
	/* A file of mutt's is none of ours. */
	if (!config_mailbox_name(errand->config, errand->account, record,
				 &account, &name, NULL) ||
	    strcmp(account, errand->account) != 0)
		return g_strdup(OUTBOX_FCC_SENT);
	return g_strconcat("*=", name, NULL);
}

static bool write_message(struct errand *errand, char **path, GError **error)
{
	const struct mail_compose how = {
		.charsets = option(errand, "send_charset"),
		.encode_from = config_bool(errand->config, errand->account,
					   "encode_from"),
	};
	int fd = outbox_new_file(errand->state_dir, path, error);
	bool ok;

	if (fd < 0)
		return false;
	ok = mail_compose(errand->draft, &how, fd, NULL, error);
	if (close(fd) != 0 && ok)
		ok = fail(error, g_strerror(errno));
	if (!ok)
		g_unlink(*path);
	return ok;
}

/* "Bcc: ..." for the copy alone; owned, or NULL. */
static char *blind_field(const struct errand *errand)
{
	const char *bcc = errand->draft->fields[MAIL_BCC];
	g_autoptr(GPtrArray) list = mail_addresses_read(bcc);
	GString *field;

	if (list->len == 0)
		return NULL;
	field = g_string_new("Bcc: ");
	for (guint i = 0; i < list->len; i++) {
		const struct mail_address *a = g_ptr_array_index(list, i);
		g_autofree char *wire = mail_address_wire(a->email, NULL);

		g_string_append_printf(field, "%s%s", i > 0 ? ",\r\n " : "",
				       wire);
	}
	g_string_append(field, "\r\n");
	return g_string_free(field, FALSE);
}

/* ---- sending ---- */

static bool put_into_outbox(struct errand *errand, struct outbox *outbox,
			    GError **error)
{
	g_autofree char *path = NULL, *fcc = find_fcc(errand);
	g_autofree char *header = blind_field(errand);
	g_autofree char *id =
		g_strdup_printf("<%s>", errand->draft->message_id);
	const struct outbox_mail mail = {
		.sender = errand->sender,
		.recipients = (const char *const *)errand->recipients->pdata,
		.subject = errand->draft->fields[MAIL_SUBJECT],
		.message_id = id,
		.fcc = fcc,
		.fcc_header = header,
		.dsn_notify = option(errand, "dsn_notify"),
		.dsn_return = option(errand, "dsn_return"),
	};
	struct outbox_mail with_path = mail;

	if (!write_message(errand, &path, error))
		return false;
	with_path.path = path;
	errand->item = outbox_add(outbox, &with_path, error);
	if (errand->item == 0)
		g_unlink(path);
	return errand->item != 0;
}

static gboolean tick(gpointer data)
{
	(void)data;
	return G_SOURCE_CONTINUE;
}

static void ignore_changed(void *user)
{
	(void)user;
}

static void note_event(enum sender_event event, const struct outbox_item *item,
		       const char *text, void *user)
{
	const struct errand *errand = user;

	/* Who was left out is to be known although it was sent. */
	if (event == SENDER_SENT && item->id == errand->item && item->partly)
		fprintf(stderr, "smew: %s\n", text);
}

static void ignore_progress(const struct outbox_item *item, uint64_t done,
			    uint64_t total, void *user)
{
	(void)item;
	(void)done;
	(void)total;
	(void)user;
}

static const struct sender_host host = {
	.changed = ignore_changed,
	.event = note_event,
	.progress = ignore_progress,
};

/* It is not to go out behind the back of who was told that it did not. False:
 * it is being sent by now. */
static bool give_up(struct errand *errand, struct outbox *outbox,
		    const char *why, GError **error)
{
	struct outbox_item *taken =
		outbox_take_back(outbox, errand->item, NULL);

	if (taken == NULL)
		return false;
	outbox_item_free(taken);
	outbox_stop(outbox, errand->item, OUTBOX_REFUSED, why, NULL);
	g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
		    _("the message was not sent and stays in the outbox: %s"),
		    why);
	return true;
}

static bool in_doubt(const struct outbox_item *item, GError **error)
{
	g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
		    _("it is not known whether the message was sent, and it "
		      "is not repeated (:outbox has it): %s"),
		    item->reason);
	return false;
}

static bool is_due(const struct outbox_item *item)
{
	return item->not_before <= g_get_real_time() / G_USEC_PER_SEC;
}

enum verdict { GOES_ON, ACCEPTED, FAILED };

static enum verdict judge(struct errand *errand, struct outbox *outbox,
			  GError **error)
{
	struct outbox_item *item = outbox_get(outbox, errand->item, error);
	enum verdict verdict = FAILED;

	if (item == NULL)
		return FAILED;
	switch (item->state) {
	case OUTBOX_SENT:
	case OUTBOX_DONE:
		verdict = ACCEPTED;
		break;
	case OUTBOX_UNCERTAIN:
		in_doubt(item, error);
		break;
	case OUTBOX_REFUSED:
	case OUTBOX_HELD:
		if (!give_up(errand, outbox, item->reason, error))
			fail(error, _("the message was taken back"));
		break;
	case OUTBOX_WAITING:
		/* A token that had ended is renewed at once. */
		if (item->tries == 0 || is_due(item) ||
		    !give_up(errand, outbox, item->reason, error))
			verdict = GOES_ON;
		break;
	default:
		verdict = GOES_ON;
	}
	outbox_item_free(item);
	return verdict;
}

/* ---- signals ---- */

static gboolean on_signal(gpointer user)
{
	struct errand *errand = user;

	errand->interrupted = true;
	return G_SOURCE_CONTINUE;
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

/*
 * Who ended it takes it that the message was not sent: it is stopped while that
 * is true. What the server takes already is waited for.
 */
static bool is_stopped(struct errand *errand, struct sender *sender,
		       GError **error)
{
	const char *why = _("it was interrupted");

	if (!errand->interrupted)
		return false;
	sender_stop(sender, errand->item);
	return give_up(errand, sender_outbox(sender), why, error);
}

/* Until it was accepted, by this process or by the one that sends. */
static bool wait_for_it(struct errand *errand, struct sender *sender,
			GError **error)
{
	int64_t end = g_get_monotonic_time() +
		      STRANGER_SECONDS * (int64_t)G_USEC_PER_SEC;
	struct outbox *outbox = sender_outbox(sender);
	guint source = g_timeout_add(TICK_MS, tick, NULL), watched[G_N_ELEMENTS(signals)];
	enum verdict verdict;

	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		watched[i] = g_unix_signal_add(signals[i], on_signal, errand);
	while ((verdict = judge(errand, outbox, error)) == GOES_ON) {
		if (is_stopped(errand, sender, error)) {
			verdict = FAILED;
			break;
		}
		if (g_get_monotonic_time() > end && !outbox_executes(outbox) &&
		    give_up(errand, outbox,
			    _("another smew that runs does not send it"),
			    error)) {
			verdict = FAILED;
			break;
		}
		g_main_context_iteration(NULL, TRUE);
	}
	g_source_remove(source);
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(watched[i]);
	return verdict == ACCEPTED;
}

static bool send_it(struct errand *errand, bool *left, GError **error)
{
	struct sender *sender =
		ui_sender_new(errand->config, errand->account, error);
	bool ok;

	if (sender == NULL)
		return false;
	ok = sender_start(sender, errand->identity, &host, errand, NULL,
			  error) &&
	     put_into_outbox(errand, sender_outbox(sender), error);
	if (ok && !errand->batch->queue) {
		sender_look(sender);
		ok = wait_for_it(errand, sender, error);
		*left = ok && outbox_executes(sender_outbox(sender));
	}
	sender_free(sender);
	return ok;
}

/* ---- the copy ---- */

/* Whether the session cannot go on soon: it asks, or is offline. */
static bool gives_up(const struct post *post)
{
	return post->kind == SESSION_PASSWORD ||
	       post->kind == SESSION_CERTIFICATE ||
	       (post->kind == SESSION_STATE &&
		((const struct session_state *)post)->phase ==
			SESSION_OFFLINE);
}

static void read_posts(struct postbox *box, bool *over)
{
	struct post *post;

	while ((post = postbox_pop(box)) != NULL) {
		*over |= gives_up(post);
		post_free(post);
	}
}

static bool is_filed(const struct errand *errand, struct outbox *outbox)
{
	struct outbox_item *item = outbox_get(outbox, errand->item, NULL);
	bool filed = item == NULL || item->state == OUTBOX_DONE;

	outbox_item_free(item);
	return filed;
}

/* A session does it; what it does not get done is done by the next smew. */
static void file_copy(struct errand *errand)
{
	int64_t end = g_get_monotonic_time() +
		      FILING_SECONDS * (int64_t)G_USEC_PER_SEC;
	struct outbox *outbox = outbox_open(errand->state_dir,
					    errand->identity, NULL, NULL);
	struct postbox *box = postbox_new();
	struct session *session = NULL;
	bool over = false;

	if (outbox != NULL && !is_filed(errand, outbox))
		session = ui_session_new(errand->config, errand->account,
					 false, 0, box, NULL);
	while (session != NULL && !over && !is_filed(errand, outbox) &&
	       g_get_monotonic_time() < end) {
		g_usleep(TICK_MS * 1000);
		read_posts(box, &over);
	}
	session_free(session);
	postbox_free(box);
	if (outbox != NULL && !is_filed(errand, outbox))
		fputs(_("smew: the message was sent; its copy is stored when "
			"smew is started the next time\n"), stderr);
	outbox_close(outbox);
}

/* ---- life ---- */

static void find_account(struct errand *errand)
{
	g_auto(GStrv) names = config_accounts(errand->config);
	struct account_server server = { 0 };

	errand->account = g_strdup(names[0] != NULL ? names[0] : "default");
	errand->state_dir = path_state_dir(errand->account);
	errand->has_mailbox = config_account_server(
		errand->config, errand->account, &server, NULL);
	errand->identity = session_identity(server.user, server.host,
					    server.port, server.tunnel);
	account_server_clear(&server);
}

static void forget(struct errand *errand)
{
	if (errand->draft != NULL)
		mail_draft_free(errand->draft);
	if (errand->recipients != NULL)
		g_ptr_array_unref(errand->recipients);
	g_free(errand->sender);
	g_free(errand->account);
	g_free(errand->state_dir);
	g_free(errand->identity);
}

struct mail_draft *batch_draft(struct config *config,
			       const struct batch *batch, GError **error)
{
	struct errand errand = { .config = config,
				 .batch = batch,
				 .no_input = true };
	struct mail_draft *draft = NULL;

	find_account(&errand);
	if (make_draft(&errand, error))
		draft = g_steal_pointer(&errand.draft);
	forget(&errand);
	return draft;
}

bool batch_send(struct config *config, const struct batch *batch,
		GError **error)
{
	struct errand errand = { .config = config, .batch = batch };
	bool left = false, ok;

	find_account(&errand);
	ok = make_draft(&errand, error) && make_envelope(&errand, error) &&
	     send_it(&errand, &left, error);
	if (ok && left && errand.has_mailbox)
		file_copy(&errand);
	forget(&errand);
	return ok;
}
