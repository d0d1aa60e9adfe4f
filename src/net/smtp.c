/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of one message through one connection. */
#include "config.h"

#include <string.h>

#include "smew/base.h"
#include "smtp-private.h"

enum {
	/* seconds without a word (RFC 5321, 4.5.3.2) */
	PATIENCE = 5 * 60,
	PATIENCE_CONTENT = 3 * 60,
	PATIENCE_ANSWER = 10 * 60,
	PATIENCE_BYE = 2,
	/* octets that wait for the system */
	UNSENT_MAX = 128 * 1024,
};

/* Tells a server nothing about this machine. */
#define ANONYMOUS_NAME "[127.0.0.1]"

/* ---- the loop ---- */

static void stop(GSource **source)
{
	if (*source == NULL)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}

static void start(GSource **source, unsigned ms, GSourceFunc function,
		  struct smtp *smtp)
{
	stop(source);
	*source = ms == 0 ? g_idle_source_new() : g_timeout_source_new(ms);
	g_source_set_priority(*source, G_PRIORITY_DEFAULT);
	g_source_set_callback(*source, function, smtp, NULL);
	g_source_attach(*source, g_main_context_get_thread_default());
}

struct turn {
	struct smtp *smtp;
	void (*function)(struct smtp *smtp);
};

static gboolean take_turn(gpointer data)
{
	struct turn turn = *(struct turn *)data;

	stop(&turn.smtp->turn);
	turn.function(turn.smtp);
	return G_SOURCE_REMOVE;
}

void smtp_soon(struct smtp *smtp, void (*function)(struct smtp *smtp))
{
	struct turn *turn = g_new(struct turn, 1);

	*turn = (struct turn){ smtp, function };
	start(&smtp->turn, 0, take_turn, smtp);
	g_source_set_callback(smtp->turn, take_turn, turn, g_free);
}

static void bye(struct smtp *smtp)
{
	smtp->state = SMTP_OVER;
	stop(&smtp->timer);
	g_clear_pointer(&smtp->stream, stream_free);
	smtp->handler.gone(smtp->user);
}

static gboolean run_out(gpointer data)
{
	struct smtp *smtp = data;

	stop(&smtp->timer);
	if (smtp->state == SMTP_BYE)
		bye(smtp);
	else if (smtp->state == SMTP_CONTENT || smtp->state == SMTP_ANSWER)
		smtp_end(smtp, SMTP_UNCERTAIN,
			 _("the server stopped answering while it was taking "
			   "the message"));
	else
		smtp_end(smtp, SMTP_LATER, _("the server does not answer"));
	return G_SOURCE_REMOVE;
}

void smtp_patience(struct smtp *smtp, unsigned seconds)
{
	start(&smtp->timer, seconds * 1000, run_out, smtp);
}

/* ---- the outcome ---- */

/* The owner may free all of it, so that it comes last. */
static void tell(struct smtp *smtp)
{
	const struct smtp_outcome outcome = {
		.result = smtp->result,
		.words = smtp->words,
		.refused = smtp->refused,
	};

	if (smtp->lost)
		smtp_soon(smtp, bye);
	smtp->handler.ended(&outcome, smtp->user);
}

/* A connection that is as it should be is left with a word. */
static bool may_quit(const struct smtp *smtp)
{
	return !smtp->lost && smtp->state >= SMTP_EHLO &&
	       smtp->state != SMTP_STARTTLS && smtp->state != SMTP_SHAKING &&
	       smtp->state != SMTP_CONTENT &&
	       (smtp->state != SMTP_ANSWER ||
		smtp->result != SMTP_UNCERTAIN);
}

void smtp_end(struct smtp *smtp, enum smtp_result result, const char *words)
{
	bool quit;

	if (smtp->state >= SMTP_BYE)
		return;
	smtp->result = result;
	smtp->words = g_strdup(words);
	quit = may_quit(smtp);
	log_line(LOG_STATE, "smtp", "result %d: %s", (int)result, words);
	smtp->state = SMTP_BYE;
	g_clear_pointer(&smtp->sasl, sasl_free);
	if (quit) {
		smtp_say(smtp, "QUIT");
		smtp_patience(smtp, PATIENCE_BYE);
	} else {
		smtp->lost = true;
		stop(&smtp->timer);
	}
	smtp_soon(smtp, tell);
}

void smtp_end_reply(struct smtp *smtp, enum smtp_result result,
		    const char *what, const struct reply *reply)
{
	g_autofree char *words = reply_words(reply);
	g_autofree char *text = *what != '\0'
					? g_strdup_printf("%s: %s", what, words)
					: g_strdup(words);

	smtp_end(smtp, result, text);
}

/* "later" for 4xx, else refused. */
static void end_refusal(struct smtp *smtp, const char *what,
			const struct reply *reply)
{
	smtp_end_reply(smtp, reply->code < 500 ? SMTP_LATER : SMTP_REFUSED,
		       what, reply);
}

/* ---- saying ---- */

void smtp_say(struct smtp *smtp, const char *line)
{
	g_autofree char *all = g_strconcat(line, "\r\n", NULL);

	/* One command a call, whatever was put into it. */
	g_assert(strpbrk(line, "\r\n") == NULL);
	log_line(LOG_WIRE, "smtp", "C: %s", line);
	stream_send(smtp->stream, all, strlen(all));
}

void smtp_enter(struct smtp *smtp, enum smtp_state state)
{
	smtp->state = state;
	smtp_patience(smtp, state == SMTP_CONTENT  ? PATIENCE_CONTENT
			    : state == SMTP_ANSWER ? PATIENCE_ANSWER
						   : PATIENCE);
}

/* A name that a user chose for this machine, as one word of ASCII. */
static bool name_ok(const char *name)
{
	for (const char *c = name; c != NULL && *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && strchr(".-_[]:", *c) == NULL)
			return false;
	return name != NULL && *name != '\0';
}

static void greet(struct smtp *smtp, enum smtp_state state)
{
	const char *name = name_ok(smtp->server.name) ? smtp->server.name
						      : ANONYMOUS_NAME;
	g_autofree char *line = g_strconcat(
		state == SMTP_EHLO ? "EHLO " : "HELO ", name, NULL);

	smtp_enter(smtp, state);
	smtp_say(smtp, line);
}

/* ---- what the server can do ---- */

static void forget_offers(struct smtp *smtp)
{
	struct smtp_extensions *offers = &smtp->offers;

	if (offers->mechanisms != NULL)
		g_ptr_array_unref(offers->mechanisms);
	*offers = (struct smtp_extensions){
		.mechanisms = g_ptr_array_new_with_free_func(g_free),
	};
}

/* "AUTH PLAIN LOGIN", and "AUTH=PLAIN" of old servers. */
static void take_mechanisms(struct smtp *smtp, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line + 4, " =", -1);

	for (char **word = words; *word != NULL; word++)
		if (**word != '\0')
			g_ptr_array_add(smtp->offers.mechanisms,
					g_ascii_strup(*word, -1));
}

static bool is_word(const char *line, const char *word)
{
	size_t length = strlen(word);

	return g_ascii_strncasecmp(line, word, length) == 0 &&
	       (line[length] == '\0' || line[length] == ' ');
}

static void take_offer(struct smtp *smtp, const char *line)
{
	struct smtp_extensions *offers = &smtp->offers;

	offers->starttls |= is_word(line, "STARTTLS");
	offers->pipelining |= is_word(line, "PIPELINING");
	offers->eight_bit |= is_word(line, "8BITMIME");
	offers->utf8 |= is_word(line, "SMTPUTF8");
	offers->dsn |= is_word(line, "DSN");
	if (is_word(line, "SIZE")) {
		offers->size = true;
		offers->size_limit = g_ascii_strtoull(line + 4, NULL, 10);
	}
	if (is_word(line, "AUTH") || g_ascii_strncasecmp(line, "AUTH=", 5) == 0)
		take_mechanisms(smtp, line);
}

static bool wants_tls(const struct smtp *smtp)
{
	return !smtp->encrypted &&
	       (smtp->server.force_tls || smtp->server.starttls);
}

static void greeted(struct smtp *smtp, const struct reply *reply)
{
	forget_offers(smtp);
	for (guint i = 1; smtp->state == SMTP_EHLO && i < reply->lines->len; i++)
		take_offer(smtp, g_ptr_array_index(reply->lines, i));
	g_ptr_array_add(smtp->offers.mechanisms, NULL);
	if (wants_tls(smtp) && smtp->offers.starttls) {
		smtp_enter(smtp, SMTP_STARTTLS);
		smtp_say(smtp, "STARTTLS");
	} else if (!smtp->encrypted && smtp->server.force_tls) {
		smtp_end(smtp, SMTP_LATER,
			 _("the server offers no TLS, and ssl_force_tls is "
			   "set: nothing was sent"));
	} else {
		smtp_auth_begin(smtp);
	}
}

static void ehlo_reply(struct smtp *smtp, const struct reply *reply)
{
	if (reply->code == 250)
		greeted(smtp, reply);
	else if (smtp->state == SMTP_EHLO && reply->code >= 500)
		greet(smtp, SMTP_HELO);
	else
		end_refusal(smtp, _("the server does not want us"), reply);
}

/* ---- TLS ---- */

static void start_tls(struct smtp *smtp)
{
	const struct net_tls_options options = {
		.host = smtp->server.host,
		.ca_file = smtp->server.ca_file,
		.client_certificate = smtp->server.client_certificate,
		.pin = smtp->server.pin,
		.accepted_key = smtp->server.accepted_key,
	};

	smtp->stream = stream_start_tls(smtp->stream, &options);
}

/* What came in the clear behind the answer was not said by the server alone. */
static void tls_reply(struct smtp *smtp, const struct reply *reply)
{
	if (reply->code != 220) {
		end_refusal(smtp, _("the server refuses TLS"), reply);
	} else if (reply_reader_left(&smtp->in) > 0) {
		smtp_end(smtp, SMTP_LATER,
			 _("the server sent more before TLS had begun: "
			   "somebody may sit in between; nothing was sent"));
	} else {
		forget_offers(smtp);
		smtp_enter(smtp, SMTP_SHAKING);
		start_tls(smtp);
	}
}

/* ---- the content ---- */

/* Fills what waits for the system, and tells how far it is. */
static void pour(struct smtp *smtp)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;

	while (!smtp->content.ended &&
	       stream_unsent(smtp->stream) < UNSENT_MAX) {
		g_byte_array_set_size(out, 0);
		/* The end of the message is not said: it is not taken. */
		if (!content_next(&smtp->content, out, &error)) {
			smtp_end(smtp, SMTP_LATER, error->message);
			return;
		}
		stream_send(smtp->stream, out->data, out->len);
	}
	smtp->handler.progress(smtp->content.at, smtp->message.size,
			       smtp->user);
	smtp_enter(smtp, smtp->content.ended ? SMTP_ANSWER : SMTP_CONTENT);
}

static void data_reply(struct smtp *smtp, const struct reply *reply)
{
	if (reply->code != 354) {
		end_refusal(smtp, _("the server does not want the message"),
			    reply);
		return;
	}
	if (!smtp->handler.delivering(smtp->user)) {
		/* It waits for the content: only hanging up ends that. */
		smtp->state = SMTP_CONTENT;
		smtp_end(smtp, SMTP_STOPPED, _("it was stopped"));
		return;
	}
	content_init(&smtp->content, smtp->message.fd);
	smtp_enter(smtp, SMTP_CONTENT);
	pour(smtp);
}

/* Before the end of the content only a refusal makes sense. */
static void content_reply(struct smtp *smtp, const struct reply *reply)
{
	if (reply->code >= 400)
		end_refusal(smtp, _("the server broke off"), reply);
	else if (smtp->state == SMTP_ANSWER && reply->code < 300)
		smtp_end_reply(smtp, SMTP_ACCEPTED, "", reply);
	else
		smtp_end_reply(smtp, SMTP_UNCERTAIN,
			       _("the server gave an answer that makes no "
				 "sense"),
			       reply);
}

/* ---- replies ---- */

static void greeting_reply(struct smtp *smtp, const struct reply *reply)
{
	if (reply->code == 220)
		greet(smtp, SMTP_EHLO);
	else
		smtp_end_reply(smtp, SMTP_LATER,
			       _("the server does not want us"), reply);
}

static void take_reply(struct smtp *smtp, const struct reply *reply)
{
	bool end_of_service = reply->code == 421;

	if (end_of_service && smtp->state < SMTP_CONTENT) {
		smtp_end_reply(smtp, SMTP_LATER, _("the server hangs up"),
			       reply);
		return;
	}
	switch (smtp->state) {
	case SMTP_GREETING:
		greeting_reply(smtp, reply);
		break;
	case SMTP_EHLO:
	case SMTP_HELO:
		ehlo_reply(smtp, reply);
		break;
	case SMTP_STARTTLS:
		tls_reply(smtp, reply);
		break;
	case SMTP_AUTH:
		smtp_auth_reply(smtp, reply);
		break;
	case SMTP_ENVELOPE:
		smtp_envelope_reply(smtp, reply);
		break;
	case SMTP_DATA:
		data_reply(smtp, reply);
		break;
	case SMTP_CONTENT:
	case SMTP_ANSWER:
		content_reply(smtp, reply);
		break;
	default:
		smtp_end_reply(smtp, SMTP_LATER,
			       _("the server speaks out of turn"), reply);
	}
}

static void log_reply(const struct reply *reply)
{
	g_autofree char *words = NULL;

	if (!log_wants(LOG_WIRE))
		return;
	words = reply_words(reply);
	log_line(LOG_WIRE, "smtp", "S: %s", words);
}

static void received(const uint8_t *data, size_t length, void *user)
{
	struct smtp *smtp = user;

	if (smtp->state >= SMTP_BYE)
		return;
	reply_reader_feed(&smtp->in, data, length);
	while (smtp->state < SMTP_BYE) {
		struct reply *reply;
		enum reply_result got = reply_reader_next(&smtp->in, &reply);

		if (got == REPLY_MORE)
			return;
		if (got == REPLY_WRONG) {
			smtp_end(smtp,
				 smtp->state >= SMTP_CONTENT ? SMTP_UNCERTAIN
							     : SMTP_LATER,
				 _("what answers there is no mail server"));
			return;
		}
		log_reply(reply);
		take_reply(smtp, reply);
		reply_free(reply);
	}
}

static void opened(void *user)
{
	struct smtp *smtp = user;

	if (smtp->state == SMTP_OPENING && smtp->server.implicit_tls &&
	    !smtp->encrypted) {
		smtp->encrypted = true;
		start_tls(smtp);
	} else if (smtp->state == SMTP_OPENING) {
		smtp_enter(smtp, SMTP_GREETING);
	} else if (smtp->state == SMTP_SHAKING) {
		smtp->encrypted = true;
		greet(smtp, SMTP_EHLO);
	}
}

static void drained(void *user)
{
	struct smtp *smtp = user;

	if (smtp->state == SMTP_CONTENT)
		pour(smtp);
}

static void closed(const GError *error, void *user)
{
	struct smtp *smtp = user;

	smtp->lost = true;
	if (smtp->state == SMTP_BYE) {
		/* The outcome is still to be told, when it is not yet. */
		if (smtp->turn == NULL)
			bye(smtp);
		return;
	}
	if (smtp->state >= SMTP_CONTENT)
		smtp_end(smtp, SMTP_UNCERTAIN, error->message);
	else if (g_error_matches(error, NET_ERROR, NET_ERROR_CERTIFICATE))
		smtp_end(smtp, SMTP_CERTIFICATE, error->message);
	else
		smtp_end(smtp, SMTP_LATER, error->message);
}

/* ---- life ---- */

struct smtp *smtp_send(const struct smtp_server *server,
		       const struct smtp_message *message,
		       const struct smtp_handler *handler, void *user)
{
	static const struct stream_handler from_stream = {
		.opened = opened,
		.received = received,
		.drained = drained,
		.closed = closed,
	};
	struct smtp *smtp = g_new0(struct smtp, 1);

	smtp->server = *server;
	smtp->message = *message;
	smtp->handler = *handler;
	smtp->user = user;
	smtp->envelope = g_ptr_array_new_with_free_func(g_free);
	smtp->refused = g_ptr_array_new_with_free_func(g_free);
	reply_reader_init(&smtp->in);
	forget_offers(smtp);
	smtp_patience(smtp, PATIENCE);
	smtp->stream = stream_open_tcp(server->host, server->port,
				       server->connect_seconds, &from_stream,
				       smtp);
	return smtp;
}

const struct net_certificate *smtp_certificate(const struct smtp *smtp)
{
	return smtp->stream != NULL ? stream_certificate(smtp->stream) : NULL;
}

void smtp_free(struct smtp *smtp)
{
	if (smtp == NULL)
		return;
	stop(&smtp->timer);
	stop(&smtp->turn);
	sasl_free(smtp->sasl);
	stream_free(smtp->stream);
	reply_reader_clear(&smtp->in);
	g_ptr_array_unref(smtp->offers.mechanisms);
	g_ptr_array_unref(smtp->envelope);
	g_ptr_array_unref(smtp->refused);
	g_free(smtp->words);
	g_free(smtp);
}
