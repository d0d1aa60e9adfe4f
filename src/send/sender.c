/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of things: what is due, a step at a time, each on the disk before
 * what it stands for can happen. */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "key.h"
#include "program.h"
#include "smew/base.h"
#include "smew/send.h"
#include "smew/smtp.h"

enum {
	LOOK_SECONDS = 2,	/* for another process that sends to end */
	DUE_SECONDS_MAX = 3600,	/* clocks may be changed meanwhile */
	BLOCKED_SECONDS = 300,	/* while the user is to be asked */
};

/* How long after a failure, by the number of tries. */
static const unsigned waits[] = { 15, 30, 60, 120, 300, 600, 1800, 3600 };

struct sender {
	/* options: copies, owned; NULL where not set */
	char *account, *state_dir, *server, *user_name, *authenticators;
	char *ca_file, *client_certificate, *ehlo, *sendmail;
	uint16_t port;
	bool implicit_tls, force_tls, starttls, envelope_from, lends;
	unsigned connect_seconds;

	struct sender_host host;
	void *user;
	struct outbox *outbox;	/* owned */
	struct key *key;	/* owned */
	GSource *timer;		/* the next look; owned, or NULL */
	bool executes;		/* this process is the one that sends */
	bool off;		/* the user wants to be offline */
	bool distrusted;	/* the certificate, until the user has spoken */
	bool wants_key;		/* it is on its way */
	char *accepted_key;	/* for this run; owned, or NULL */

	/* what is being sent; NULL: nothing */
	struct outbox_item *item; /* owned */
	struct smtp *smtp;	  /* owned; after the end until it is gone */
	struct program *program;  /* owned */
	char *pin;		  /* of smtp; owned */
	int fd;			  /* of the message, -1 */
	bool delivering;	  /* too late to be stopped */
	bool stopped;		  /* by the user */
};

static void look(struct sender *sender);

/* ---- the timer ---- */

static void timer_stop(struct sender *sender)
{
	if (sender->timer == NULL)
		return;
	g_source_destroy(sender->timer);
	g_clear_pointer(&sender->timer, g_source_unref);
}

static gboolean timer_fired(gpointer data)
{
	struct sender *sender = data;

	timer_stop(sender);
	look(sender);
	return G_SOURCE_REMOVE;
}

static void look_in(struct sender *sender, int64_t seconds)
{
	timer_stop(sender);
	sender->timer = g_timeout_source_new_seconds(
		(guint)CLAMP(seconds, 0, DUE_SECONDS_MAX));
	if (seconds == 0) {
		g_source_unref(sender->timer);
		sender->timer = g_idle_source_new();
	}
	g_source_set_callback(sender->timer, timer_fired, sender, NULL);
	g_source_attach(sender->timer, g_main_context_get_thread_default());
}

/* ---- saying ---- */

static void complain(struct sender *sender, const GError *error)
{
	log_line(LOG_FAULT, "send", "%s: %s", sender->account, error->message);
}

/* "Subject", or what stands for it; owned. */
static char *name_of(const struct outbox_item *item)
{
	g_autofree char *clean = sanitise_line(item->subject, -1);

	return *clean != '\0' ? g_strdup_printf("\"%s\"", clean)
			      : g_strdup(_("a message without subject"));
}

static void tell(struct sender *sender, enum sender_event event,
		 const char *text)
{
	log_line(LOG_STATE, "send", "%s: %s", sender->account, text);
	sender->host.event(event, sender->item, text, sender->user);
}

/* ---- the end of a try ---- */

static unsigned wait_of(const struct outbox_item *item)
{
	return waits[MIN(item->tries, G_N_ELEMENTS(waits) - 1)];
}

static void close_file(struct sender *sender)
{
	if (sender->fd >= 0)
		close(sender->fd);
	sender->fd = -1;
}

/* The try is over, in the outbox too. */
static void finish(struct sender *sender)
{
	sender->host.progress(sender->item, 0, 0, sender->user);
	g_clear_pointer(&sender->item, outbox_item_free);
	close_file(sender);
	sender->delivering = sender->stopped = false;
	sender->host.changed(sender->user);
	look_in(sender, 0);
}

/* "a@b: 550 no; c@d: ..."; owned. */
static char *join(const GPtrArray *refused)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < refused->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? "; " : "",
				       (const char *)g_ptr_array_index(refused,
								       i));
	return g_string_free(text, FALSE);
}

static void accepted(struct sender *sender, const GPtrArray *refused)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = name_of(sender->item);
	g_autofree char *text = NULL;

	if (!outbox_accept(sender->outbox, sender->item->id, &error))
		complain(sender, error);
	if (refused == NULL || refused->len == 0) {
		text = g_strdup_printf(_("Sent: %s"), name);
	} else {
		g_autofree char *left_out = join(refused);

		text = g_strdup_printf(_("Sent: %s, but not to %s"), name,
				       left_out);
	}
	tell(sender, SENDER_SENT, text);
	if (sender->host.left != NULL)
		sender->host.left(sender->user);
}

static void postpone(struct sender *sender, unsigned seconds, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = name_of(sender->item);
	g_autofree char *text = NULL;

	if (!outbox_postpone(sender->outbox, sender->item->id, seconds, why,
			     &error))
		complain(sender, error);
	/* The same again is no news. */
	if (g_strcmp0(sender->item->reason, why) == 0)
		return;
	text = g_strdup_printf(
		_("Not sent yet, it will be tried again: %s: %s"), name, why);
	tell(sender, SENDER_LATER, text);
}

static void halt(struct sender *sender, enum outbox_state state,
		 const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = name_of(sender->item);
	g_autofree char *text = NULL;

	if (!outbox_stop(sender->outbox, sender->item->id, state, why, &error))
		complain(sender, error);
	if (state == OUTBOX_REFUSED) {
		text = g_strdup_printf(
			_("Not sent, it stays in the outbox: %s: %s"), name,
			why);
		tell(sender, SENDER_REFUSED, text);
	} else {
		text = g_strdup_printf(
			_("It is not known whether %s was sent, and it is not "
			  "repeated by itself: %s"),
			name, why);
		tell(sender, SENDER_UNCERTAIN, text);
	}
}

static void distrust(struct sender *sender, const char *why)
{
	postpone(sender, BLOCKED_SECONDS, why);
	if (sender->host.certificate == NULL)
		return;
	sender->distrusted = true;
	sender->host.certificate(sender->server, sender->port,
				 smtp_certificate(sender->smtp), sender->user);
}

static void not_let_in(struct sender *sender, const char *why)
{
	g_autofree char *text = g_strdup_printf(
		_("%s did not let %s in: %s"), sender->server,
		sender->user_name, why);
	bool again = key_refused(sender->key, text);

	postpone(sender, again ? 0 : BLOCKED_SECONDS, text);
}

static void conclude(struct sender *sender, enum smtp_result result,
		     const char *words, const GPtrArray *refused)
{
	switch (result) {
	case SMTP_ACCEPTED:
		key_accepted(sender->key);
		accepted(sender, refused);
		break;
	case SMTP_LATER:
		postpone(sender, wait_of(sender->item), words);
		break;
	case SMTP_REFUSED:
		halt(sender, OUTBOX_REFUSED, words);
		break;
	case SMTP_UNCERTAIN:
		halt(sender, OUTBOX_UNCERTAIN, words);
		break;
	case SMTP_SIGNIN:
		not_let_in(sender, words);
		break;
	case SMTP_CERTIFICATE:
		distrust(sender, words);
		break;
	case SMTP_STOPPED:
		if (sender->stopped)
			halt(sender, OUTBOX_REFUSED, words);
		else
			postpone(sender, wait_of(sender->item), words);
		break;
	}
}

/* ---- what the ways of sending tell ---- */

/* The last step back: a kill from here on leaves a doubt. */
static bool on_delivering(void *user)
{
	struct sender *sender = user;
	g_autoptr(GError) error = NULL;

	if (sender->stopped)
		return false;
	if (!outbox_deliver(sender->outbox, sender->item->id, &error)) {
		complain(sender, error);
		return false;
	}
	sender->delivering = true;
	sender->host.changed(sender->user);
	return true;
}

static void on_progress(uint64_t done, uint64_t total, void *user)
{
	struct sender *sender = user;

	sender->host.progress(sender->item, done, total, sender->user);
}

static void on_smtp_ended(const struct smtp_outcome *outcome, void *user)
{
	struct sender *sender = user;

	conclude(sender, outcome->result, outcome->words, outcome->refused);
	sender->host.progress(sender->item, 0, 0, sender->user);
	sender->host.changed(sender->user);
}

/* The goodbye is said, too: what it borrowed can go. */
static void on_smtp_gone(void *user)
{
	struct sender *sender = user;

	g_clear_pointer(&sender->smtp, smtp_free);
	g_clear_pointer(&sender->pin, g_free);
	finish(sender);
}

static void on_program_ended(enum smtp_result result, const char *words,
			     void *user)
{
	struct sender *sender = user;

	conclude(sender, result, words, NULL);
	g_clear_pointer(&sender->program, program_free);
	finish(sender);
}

/* ---- a try ---- */

static bool by_smtp(const struct sender *sender)
{
	return sender->server != NULL;
}

static bool open_message(struct sender *sender, GError **error)
{
	sender->fd = path_open_private(sender->item->path, O_RDONLY, error);
	return sender->fd >= 0;
}

static void start_smtp(struct sender *sender)
{
	static const struct smtp_handler handler = {
		.delivering = on_delivering,
		.progress = on_progress,
		.ended = on_smtp_ended,
		.gone = on_smtp_gone,
	};
	const struct outbox_item *item = sender->item;
	const struct smtp_server server = {
		.host = sender->server,
		.port = sender->port,
		.implicit_tls = sender->implicit_tls,
		.force_tls = sender->force_tls,
		.starttls = sender->starttls,
		.connect_seconds = sender->connect_seconds,
		.ca_file = sender->ca_file,
		.client_certificate = sender->client_certificate,
		.pin = sender->pin,
		.accepted_key = sender->accepted_key,
		.name = sender->ehlo,
		.user = sender->user_name,
		.has_token = key_is_token(sender->key),
		.password = key_password(sender->key),
		.token = key_token(sender->key),
		.authenticators = sender->authenticators,
	};
	const struct smtp_message message = {
		.fd = sender->fd,
		.size = item->size,
		.sender = item->sender,
		.recipients = (const char *const *)item->recipients,
		.partly = item->partly,
		.notify = *item->dsn_notify != '\0' ? item->dsn_notify : NULL,
		.ret = *item->dsn_return != '\0' ? item->dsn_return : NULL,
		.envid = item->message_id,
	};

	sender->smtp = smtp_send(&server, &message, &handler, sender);
}

static void start_program(struct sender *sender)
{
	static const struct program_handler handler = {
		.delivering = on_delivering,
		.ended = on_program_ended,
	};

	sender->program = program_start(sender->sendmail,
					sender->envelope_from, sender->item,
					&handler, sender);
}

static bool find_pin(struct sender *sender, GError **error)
{
	return !by_smtp(sender) ||
	       pins_find(sender->state_dir, sender->server, sender->port,
			 &sender->pin, error);
}

/* Takes the item. */
static void send_item(struct sender *sender, struct outbox_item *item)
{
	g_autoptr(GError) error = NULL;

	sender->item = item;
	if (!outbox_begin(sender->outbox, item->id, &error)) {
		/* Taken back a moment ago. */
		complain(sender, error);
		finish(sender);
		return;
	}
	sender->host.changed(sender->user);
	if (!find_pin(sender, &error)) {
		postpone(sender, BLOCKED_SECONDS, error->message);
		finish(sender);
	} else if (!open_message(sender, &error)) {
		halt(sender, OUTBOX_REFUSED, error->message);
		finish(sender);
	} else if (by_smtp(sender)) {
		start_smtp(sender);
	} else {
		start_program(sender);
	}
}

/* What is needed before a try; false: it will come, or the user is asked. */
static bool has_key(struct sender *sender)
{
	if (!by_smtp(sender) || sender->user_name == NULL)
		return true;
	/* It may be told from inside that there is none. */
	sender->wants_key = true;
	if (!key_ready(sender->key))
		return false;
	sender->wants_key = false;
	return true;
}

static void no_way(struct sender *sender, struct outbox_item *item)
{
	g_autoptr(GError) error = NULL;

	sender->item = item;
	if (outbox_begin(sender->outbox, item->id, &error))
		halt(sender, OUTBOX_REFUSED,
		     _("no way to send is set: set smtp_url, or sendmail"));
	finish(sender);
}

/* What another process has left there is this one's to do. */
static bool executes(struct sender *sender)
{
	if (sender->executes)
		return true;
	sender->executes = outbox_executes(sender->outbox);
	if (!sender->executes)
		return false;
	sender->host.changed(sender->user);
	if (sender->host.left != NULL)
		sender->host.left(sender->user);
	return true;
}

static void look(struct sender *sender)
{
	g_autoptr(GError) error = NULL;
	struct outbox_item *item;
	int64_t wait;

	if (sender->item != NULL || sender->off || sender->distrusted)
		return;
	if (!executes(sender)) {
		look_in(sender, LOOK_SECONDS);
		return;
	}
	item = outbox_due(sender->outbox, &wait, &error);
	if (error != NULL) {
		complain(sender, error);
		look_in(sender, BLOCKED_SECONDS);
	} else if (item == NULL) {
		timer_stop(sender);
		if (wait >= 0)
			look_in(sender, wait);
	} else if (!by_smtp(sender) && sender->sendmail == NULL) {
		no_way(sender, item);
	} else if (!has_key(sender)) {
		outbox_item_free(item);
	} else {
		send_item(sender, item);
	}
}

/* ---- the key ---- */

static void key_problem(struct sender *sender, const char *problem)
{
	g_autoptr(GError) error = NULL;
	int64_t wait;
	struct outbox_item *item = outbox_due(sender->outbox, &wait, &error);

	if (item == NULL)
		return;
	sender->item = item;
	if (outbox_begin(sender->outbox, item->id, &error))
		postpone(sender, wait_of(item), problem);
	finish(sender);
}

static void key_changed(const char *problem, void *user)
{
	struct sender *sender = user;

	sender->wants_key = false;
	if (sender->item != NULL)
		return;
	if (problem != NULL)
		key_problem(sender, problem);
	else
		look_in(sender, 0);
}

static bool key_ask(const char *words, void *user)
{
	struct sender *sender = user;

	if (sender->host.password == NULL)
		return false;
	sender->host.password(sender->user_name, sender->server, words,
			      sender->user);
	return true;
}

static const struct secret *key_lend(void *user)
{
	struct sender *sender = user;

	return sender->lends && sender->host.lend != NULL
		       ? sender->host.lend(sender->user)
		       : NULL;
}

/* ---- what the owner does ---- */

struct outbox *sender_outbox(struct sender *sender)
{
	return sender->outbox;
}

void sender_look(struct sender *sender)
{
	if (sender->item == NULL && !sender->wants_key)
		look_in(sender, 0);
}

void sender_hurry(struct sender *sender)
{
	g_autoptr(GError) error = NULL;

	if (!outbox_hurry(sender->outbox, false, &error))
		complain(sender, error);
	sender_look(sender);
}

void sender_offline(struct sender *sender, bool offline)
{
	sender->off = offline;
	if (offline)
		timer_stop(sender);
	else
		sender_hurry(sender);
}

bool sender_stop(struct sender *sender, int64_t id)
{
	if (sender->item == NULL || sender->item->id != id ||
	    sender->delivering)
		return false;
	sender->stopped = true;
	if (sender->smtp == NULL)
		return true;
	/* It is not that far: to hang up is enough. */
	g_clear_pointer(&sender->smtp, smtp_free);
	g_clear_pointer(&sender->pin, g_free);
	conclude(sender, SMTP_STOPPED, _("it was stopped"), NULL);
	finish(sender);
	return true;
}

int64_t sender_busy(const struct sender *sender)
{
	return sender->item != NULL ? sender->item->id : 0;
}

bool sender_delivers(const struct sender *sender)
{
	return sender->delivering;
}

bool sender_asks(const struct sender *sender)
{
	return key_asks(sender->key);
}

void sender_password(struct sender *sender, struct secret *password)
{
	bool given = password != NULL;

	key_answer(sender->key, password);
	if (given)
		sender_hurry(sender);
}

void sender_trust(struct sender *sender, const char *key, bool always)
{
	g_autoptr(GError) error = NULL;

	sender->distrusted = false;
	if (key == NULL) {
		look_in(sender, BLOCKED_SECONDS);
		return;
	}
	g_free(sender->accepted_key);
	sender->accepted_key = g_strdup(key);
	if (always && !pins_set(sender->state_dir, sender->server,
				sender->port, key, &error))
		complain(sender, error);
	sender_hurry(sender);
}

/* ---- life ---- */

static char *copy(const char *text)
{
	return text != NULL && *text != '\0' ? g_strdup(text) : NULL;
}

static void copy_config(struct sender *sender,
			const struct sender_config *config)
{
	sender->account = g_strdup(config->account);
	sender->state_dir = g_strdup(config->state_dir);
	sender->server = copy(config->host);
	sender->user_name = copy(config->user);
	sender->port = config->port;
	sender->implicit_tls = config->implicit_tls;
	sender->force_tls = config->force_tls;
	sender->starttls = config->starttls;
	sender->connect_seconds = config->connect_seconds;
	sender->authenticators = copy(config->authenticators);
	sender->ca_file = copy(config->ca_file);
	sender->client_certificate = copy(config->client_certificate);
	sender->ehlo = copy(config->name);
	sender->sendmail = copy(config->sendmail);
	sender->lends = config->lends;
	sender->envelope_from = config->envelope_from;
}

struct sender *sender_new(const struct sender_config *config)
{
	static const struct key_host key_host = {
		.changed = key_changed,
		.ask = key_ask,
		.lend = key_lend,
	};
	struct sender *sender = g_new0(struct sender, 1);

	sender->fd = -1;
	copy_config(sender, config);
	sender->key = key_new(config->password, config->password_command,
			      config->token_command, &key_host, sender);
	return sender;
}

bool sender_start(struct sender *sender, const char *identity,
		  const struct sender_host *host, void *user, char **notice,
		  GError **error)
{
	sender->host = *host;
	sender->user = user;
	sender->outbox = outbox_open(sender->state_dir, identity, notice,
				     error);
	if (sender->outbox == NULL)
		return false;
	look_in(sender, 0);
	return true;
}

void sender_free(struct sender *sender)
{
	if (sender == NULL)
		return;
	timer_stop(sender);
	smtp_free(sender->smtp);
	program_free(sender->program);
	close_file(sender);
	outbox_item_free(sender->item);
	key_free(sender->key);
	outbox_close(sender->outbox);
	g_free(sender->account);
	g_free(sender->state_dir);
	g_free(sender->server);
	g_free(sender->user_name);
	g_free(sender->authenticators);
	g_free(sender->ca_file);
	g_free(sender->client_certificate);
	g_free(sender->ehlo);
	g_free(sender->sendmail);
	g_free(sender->accepted_key);
	g_free(sender->pin);
	g_free(sender);
}
