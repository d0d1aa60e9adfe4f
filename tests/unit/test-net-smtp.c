/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sending, to a small server in a thread of its own: cut after every octet,
 * refusals at every step, servers without extensions, lines of evil.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smew/base.h"
#include "smew/smtp.h"

enum { LIMIT_S = 60 };

/* How the server behaves; commands by their first four letters. */
struct manner {
	const char *extensions; /* "250-..." lines; NULL: no EHLO at all */
	long read_most, write_most; /* octets, then it hangs up; -1: no end */
	const char *at, *reply; /* this command gets this reply */
	const char *second_rcpt; /* reply to the second recipient */
	bool drip;		/* an octet at a time */
};

struct server {
	struct manner manner;
	int listener;
	uint16_t port;
	pthread_t thread;
	/* filled by the thread, read after it was joined */
	unsigned delivered;
	GString *dialogue, *message;
	unsigned mails, rcpts;
};

struct connection {
	struct server *server;
	int fd;
	long read, written;
};

static bool say(struct connection *c, const char *text)
{
	size_t length = strlen(text), step = c->server->manner.drip ? 1 : length;

	for (size_t i = 0; i < length; i += step) {
		long most = c->server->manner.write_most;

		for (size_t n = 0; n < step; n++) {
			if (most >= 0 && c->written >= most)
				return false;
			/* Octets in one piece, unless they are counted. */
			if (most < 0 && step == length) {
				if (send(c->fd, text, length, MSG_NOSIGNAL) < 0)
					return false;
				return true;
			}
			if (send(c->fd, text + i + n, 1, MSG_NOSIGNAL) != 1)
				return false;
			c->written++;
		}
	}
	return true;
}

static bool hear(struct connection *c, char *octet)
{
	long most = c->server->manner.read_most;

	if ((most >= 0 && c->read >= most) || recv(c->fd, octet, 1, 0) != 1)
		return false;
	c->read++;
	return true;
}

static bool hear_line(struct connection *c, GString *line)
{
	char octet;

	g_string_truncate(line, 0);
	while (hear(c, &octet)) {
		g_string_append_c(line, octet);
		if (octet == '\n')
			return true;
	}
	return false;
}

static bool take_content(struct connection *c, GString *line)
{
	struct server *server = c->server;

	g_string_truncate(server->message, 0);
	while (hear_line(c, line)) {
		if (strcmp(line->str, ".\r\n") == 0)
			return true;
		g_string_append(server->message,
				line->str + (line->str[0] == '.' ? 1 : 0));
	}
	return false;
}

static const char *reply_to(struct server *server, const char *line)
{
	const struct manner *m = &server->manner;

	if (g_str_has_prefix(line, "RCPT"))
		server->rcpts++;
	if (g_str_has_prefix(line, "MAIL"))
		server->mails++;
	if (m->second_rcpt != NULL && g_str_has_prefix(line, "RCPT") &&
	    server->rcpts == 2)
		return m->second_rcpt;
	if (m->at != NULL && g_str_has_prefix(line, m->at))
		return m->reply;
	if (g_str_has_prefix(line, "EHLO"))
		return m->extensions != NULL ? m->extensions
					     : "502 what\r\n";
	if (g_str_has_prefix(line, "DATA"))
		return "354 go on\r\n";
	if (g_str_has_prefix(line, "QUIT"))
		return "221 bye\r\n";
	return "250 ok\r\n";
}

static bool converse(struct connection *c, GString *line)
{
	struct server *server = c->server;
	const struct manner *m = &server->manner;
	const char *reply;

	if (!hear_line(c, line))
		return false;
	g_string_append(server->dialogue, line->str);
	reply = reply_to(server, line->str);
	if (!say(c, reply))
		return false;
	if (g_str_has_prefix(line->str, "QUIT"))
		return false;
	if (!g_str_has_prefix(reply, "354"))
		return true;
	if (!take_content(c, line))
		return false;
	reply = m->at != NULL && strcmp(m->at, ".") == 0 ? m->reply
							 : "250 queued\r\n";
	if (reply[0] == '2')
		server->delivered++;
	return say(c, reply);
}

static void *serve(void *data)
{
	struct server *server = data;
	g_autoptr(GString) line = g_string_new(NULL);
	struct connection c = { .server = server };
	const struct manner *m = &server->manner;
	const int yes = 1;

	c.fd = accept(server->listener, NULL, NULL);
	if (c.fd < 0)
		return NULL;
	setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (say(&c, m->at != NULL && strcmp(m->at, "") == 0
			    ? m->reply
			    : "220 small ESMTP\r\n"))
		while (converse(&c, line))
			;
	close(c.fd);
	return NULL;
}

static void server_start(struct server *server, struct manner manner)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);

	*server = (struct server){ .manner = manner,
				   .dialogue = g_string_new(NULL),
				   .message = g_string_new(NULL) };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address,
			      sizeof(address)), 0);
	assert_int_equal(listen(server->listener, 1), 0);
	assert_int_equal(getsockname(server->listener,
				     (struct sockaddr *)&address, &length), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server),
			 0);
}

static void server_end(struct server *server)
{
	if (server->listener < 0)
		return;
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
	server->listener = -1;
}

static void server_clear(struct server *server)
{
	g_string_free(server->dialogue, TRUE);
	g_string_free(server->message, TRUE);
}

/* ---- the client's side ---- */

struct sending {
	struct smtp *smtp;
	unsigned delivering, ended, gone;
	bool stop;
	const char *name; /* for EHLO */
	enum smtp_result result;
	char *words;
	guint refused;
	uint64_t progress;
};

static bool on_delivering(void *user)
{
	struct sending *s = user;

	s->delivering++;
	return !s->stop;
}

static void on_progress(uint64_t done, uint64_t total, void *user)
{
	struct sending *s = user;

	assert_true(done <= total);
	assert_true(done >= s->progress);
	s->progress = done;
}

static void on_ended(const struct smtp_outcome *outcome, void *user)
{
	struct sending *s = user;

	s->ended++;
	s->result = outcome->result;
	s->words = g_strdup(outcome->words);
	s->refused = outcome->refused->len;
}

static void on_gone(void *user)
{
	struct sending *s = user;

	s->gone++;
}

static const char *const one[] = { "bob@example.net", NULL };
static const char *const two[] = { "bob@example.net", "eve@example.net", NULL };

static int file_of(const char *text, size_t length)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	fflush(file);
	fd = dup(fileno(file));
	fclose(file);
	return fd;
}

static gboolean tick(gpointer data)
{
	(void)data;
	return G_SOURCE_CONTINUE;
}

/* Sends to 'server' and waits until all is over. */
static void send_to(struct server *server, struct sending *s,
		    struct smtp_message message, const char *text, bool tls)
{
	static const struct smtp_handler handler = {
		on_delivering, on_progress, on_ended, on_gone
	};
	const struct smtp_server where = {
		.host = "127.0.0.1",
		.port = server->port,
		.force_tls = tls,
		.starttls = tls,
		.connect_seconds = 30,
		.name = s->name,
	};
	gint64 end = g_get_monotonic_time() + (gint64)LIMIT_S * G_USEC_PER_SEC;
	guint source = g_timeout_add(100, tick, NULL);

	message.fd = file_of(text, strlen(text));
	message.size = strlen(text);
	if (message.sender == NULL)
		message.sender = "anna@example.org";
	if (message.recipients == NULL)
		message.recipients = one;
	s->smtp = smtp_send(&where, &message, &handler, s);
	while (s->gone == 0) {
		assert_true(g_get_monotonic_time() < end);
		g_main_context_iteration(NULL, TRUE);
	}
	assert_int_equal(s->ended, 1);
	smtp_free(s->smtp);
	g_source_remove(source);
	close(message.fd);
	server_end(server);
}

#define ALL                                                             \
	"250-small\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-DSN\r\n" \
	"250-SMTPUTF8\r\n250 8BITMIME\r\n"
#define TEXT "Subject: x\r\n\r\nHello\r\n.dot\r\n..two\r\n.\r\nend\r\n"

static const struct manner plain = { .extensions = ALL,
				     .read_most = -1,
				     .write_most = -1 };

static void test_accepted(void **state)
{
	struct server server;
	struct sending s = { 0 };

	(void)state;
	server_start(&server, plain);
	send_to(&server, &s, (struct smtp_message){ .recipients = two }, TEXT,
		false);
	assert_int_equal(s.result, SMTP_ACCEPTED);
	assert_string_equal(s.words, "250 queued");
	assert_int_equal(s.delivering, 1);
	assert_int_equal(s.progress, strlen(TEXT));
	assert_int_equal(server.delivered, 1);
	assert_string_equal(server.message->str, TEXT);
	assert_string_equal(server.dialogue->str,
			    "EHLO [127.0.0.1]\r\n"
			    "MAIL FROM:<anna@example.org> SIZE=42"
			    " BODY=8BITMIME\r\n"
			    "RCPT TO:<bob@example.net>\r\n"
			    "RCPT TO:<eve@example.net>\r\n"
			    "DATA\r\nQUIT\r\n");
	g_free(s.words);
	server_clear(&server);
}

static void test_extensions(void **state)
{
	static const char *const to[] = { "b+b@b\303\274cher.example",
					  "jos\303\251@example.net", NULL };
	struct server server;
	struct sending s = { 0 };

	(void)state;
	server_start(&server, plain);
	send_to(&server, &s,
		(struct smtp_message){ .sender = "",
				       .recipients = to,
				       .notify = "failure,delay",
				       .ret = "hdrs",
				       .envid = "<a+b@c>" },
		TEXT, false);
	assert_int_equal(s.result, SMTP_ACCEPTED);
	assert_string_equal(server.dialogue->str,
			    "EHLO [127.0.0.1]\r\n"
			    "MAIL FROM:<> SIZE=42 BODY=8BITMIME SMTPUTF8"
			    " RET=HDRS ENVID=<a+2Bb@c>\r\n"
			    "RCPT TO:<b+b@xn--bcher-kva.example>"
			    " NOTIFY=FAILURE,DELAY"
			    " ORCPT=rfc822;b+2Bb@xn--bcher-kva.example\r\n"
			    "RCPT TO:<jos\303\251@example.net>"
			    " NOTIFY=FAILURE,DELAY\r\n"
			    "DATA\r\nQUIT\r\n");
	g_free(s.words);
	server_clear(&server);
}

/* A server of 1982. */
static void test_no_extensions(void **state)
{
	static const char *const utf8[] = { "jos\303\251@example.net", NULL };
	struct manner old = plain;
	struct server server;
	struct sending s = { 0 };

	(void)state;
	old.extensions = NULL;
	old.drip = true;
	server_start(&server, old);
	send_to(&server, &s,
		(struct smtp_message){ .recipients = two, .notify = "never" },
		TEXT, false);
	assert_int_equal(s.result, SMTP_ACCEPTED);
	assert_string_equal(server.message->str, TEXT);
	assert_string_equal(server.dialogue->str,
			    "EHLO [127.0.0.1]\r\nHELO [127.0.0.1]\r\n"
			    "MAIL FROM:<anna@example.org>\r\n"
			    "RCPT TO:<bob@example.net>\r\n"
			    "RCPT TO:<eve@example.net>\r\n"
			    "DATA\r\nQUIT\r\n");
	g_free(s.words);
	server_clear(&server);

	s = (struct sending){ 0 };
	server_start(&server, old);
	send_to(&server, &s, (struct smtp_message){ 0 }, "a: b\r\n\r\n\303\244\r\n",
		false);
	assert_int_equal(s.result, SMTP_REFUSED);
	assert_non_null(strstr(s.words, "8BITMIME"));
	assert_int_equal(server.mails, 0);
	g_free(s.words);
	server_clear(&server);

	s = (struct sending){ 0 };
	server_start(&server, old);
	send_to(&server, &s, (struct smtp_message){ .recipients = utf8 }, TEXT,
		false);
	assert_int_equal(s.result, SMTP_REFUSED);
	assert_non_null(strstr(s.words, "SMTPUTF8"));
	assert_int_equal(server.mails, 0);
	g_free(s.words);
	server_clear(&server);
}

/* ---- refusals ---- */

static void check_refusal(const char *at, const char *reply,
			  enum smtp_result result)
{
	struct manner manner = plain;
	struct server server;
	struct sending s = { 0 };

	manner.at = at;
	manner.reply = reply;
	server_start(&server, manner);
	send_to(&server, &s, (struct smtp_message){ .recipients = two }, TEXT,
		false);
	if (s.result != result)
		fail_msg("'%s' to '%s' is %d: %s", reply, at, s.result, s.words);
	assert_int_equal(server.delivered, 0);
	assert_non_null(s.words);
	g_free(s.words);
	server_clear(&server);
}

static void test_refusals(void **state)
{
	static const char *const places[] = { "", "MAIL", "RCPT", "DATA", "." };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		check_refusal(places[i], "451 4.3.0 later\r\n", SMTP_LATER);
		check_refusal(places[i], "421 bye\r\n", SMTP_LATER);
		check_refusal(places[i], "550-5.1.1 no\r\n550 5.1.1 way\r\n",
			      *places[i] != '\0' ? SMTP_REFUSED : SMTP_LATER);
		check_refusal(places[i], "hello\r\n",
			      strcmp(places[i], ".") == 0 ? SMTP_UNCERTAIN
							  : SMTP_LATER);
	}
	check_refusal("DATA", "250 what\r\n", SMTP_LATER);
	check_refusal(".", "354 what\r\n", SMTP_UNCERTAIN);
}

static void test_too_large(void **state)
{
	struct manner manner = plain;
	struct server server;
	struct sending s = { 0 };

	(void)state;
	manner.extensions = "250-small\r\n250 SIZE 10\r\n";
	server_start(&server, manner);
	send_to(&server, &s, (struct smtp_message){ 0 }, TEXT, false);
	assert_int_equal(s.result, SMTP_REFUSED);
	assert_int_equal(server.mails, 0);
	g_free(s.words);
	server_clear(&server);
}

static void check_some(const char *extensions, const char *reply, bool partly,
		       enum smtp_result result, unsigned delivered)
{
	struct manner manner = plain;
	struct server server;
	struct sending s = { 0 };

	manner.extensions = extensions;
	manner.second_rcpt = reply;
	server_start(&server, manner);
	send_to(&server, &s,
		(struct smtp_message){ .recipients = two, .partly = partly },
		TEXT, false);
	assert_int_equal(s.result, result);
	assert_int_equal(s.refused, 1);
	assert_int_equal(server.delivered, delivered);
	if (delivered == 0)
		assert_non_null(strstr(s.words, "eve@example.net: "));
	g_free(s.words);
	server_clear(&server);
}

/* Nothing goes to anybody unless the user agreed. */
static void test_some_refused(void **state)
{
	static const char bare[] = "250-small\r\n250 8BITMIME\r\n";

	(void)state;
	check_some(ALL, "550 no\r\n", false, SMTP_REFUSED, 0);
	check_some(bare, "550 no\r\n", false, SMTP_REFUSED, 0);
	check_some(ALL, "450 grey\r\n", false, SMTP_LATER, 0);
	check_some(ALL, "550 no\r\n", true, SMTP_ACCEPTED, 1);
	check_some(ALL, "450 grey\r\n", true, SMTP_LATER, 0);
}

/* ---- cuts ---- */

static void check_cut(long read_most, long write_most)
{
	struct manner manner = plain;
	struct server server;
	struct sending s = { 0 };

	manner.read_most = read_most;
	manner.write_most = write_most;
	server_start(&server, manner);
	send_to(&server, &s, (struct smtp_message){ .recipients = two }, TEXT,
		false);
	if (s.result == SMTP_ACCEPTED) {
		assert_int_equal(server.delivered, 1);
		assert_int_equal(s.delivering, 1);
	} else if (s.delivering > 0) {
		assert_int_equal(s.result, SMTP_UNCERTAIN);
	} else {
		assert_int_equal(s.result, SMTP_LATER);
		assert_int_equal(server.delivered, 0);
	}
	g_free(s.words);
	server_clear(&server);
}

/* Whatever is said to be repeated was not delivered, and what was delivered
 * is not repeated. */
static void test_cut_everywhere(void **state)
{
	(void)state;
	for (long n = 0; n < 280; n++) {
		check_cut(n, -1);
		check_cut(-1, n);
	}
}

/* ---- others ---- */

static void test_stopped(void **state)
{
	struct server server;
	struct sending s = { .stop = true };

	(void)state;
	server_start(&server, plain);
	send_to(&server, &s, (struct smtp_message){ 0 }, TEXT, false);
	assert_int_equal(s.result, SMTP_STOPPED);
	assert_int_equal(server.delivered, 0);
	g_free(s.words);
	server_clear(&server);
}

/* Nothing but EHLO is said in the clear. */
static void test_no_tls(void **state)
{
	struct server server;
	struct sending s = { 0 };

	(void)state;
	server_start(&server, plain);
	send_to(&server, &s, (struct smtp_message){ 0 }, TEXT, true);
	assert_int_equal(s.result, SMTP_LATER);
	assert_non_null(strstr(s.words, "TLS"));
	assert_string_equal(server.dialogue->str,
			    "EHLO [127.0.0.1]\r\nQUIT\r\n");
	g_free(s.words);
	server_clear(&server);
}

/* What comes behind the answer to STARTTLS may be anybody's. */
static void test_injected(void **state)
{
	struct manner manner = plain;
	struct server server;
	struct sending s = { 0 };

	(void)state;
	manner.extensions = "250-small\r\n250 STARTTLS\r\n";
	manner.at = "STARTTLS";
	manner.reply = "220 go\r\n250 AUTH PLAIN\r\n";
	server_start(&server, manner);
	send_to(&server, &s, (struct smtp_message){ 0 }, TEXT, true);
	assert_int_equal(s.result, SMTP_LATER);
	assert_non_null(strstr(s.words, "between"));
	assert_string_equal(server.dialogue->str,
			    "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
	g_free(s.words);
	server_clear(&server);
}

/* CR, LF and NUL of a file that was not made by us. */
static void test_line_ends(void **state)
{
	struct server server;
	struct sending s = { 0 };

	(void)state;
	server_start(&server, plain);
	send_to(&server, &s, (struct smtp_message){ 0 },
		"a: b\n\r\nx\r.\ny\r\n.z\n.\r.", false);
	assert_int_equal(s.result, SMTP_ACCEPTED);
	assert_int_equal(server.delivered, 1);
	assert_string_equal(server.message->str,
			    "a: b\r\n\r\nx\r\n.\r\ny\r\n.z\r\n.\r\n.\r\n");
	g_free(s.words);
	server_clear(&server);
}

/* Evil in every field of the envelope: one command each, or none. */
static void test_injection(void **state)
{
	static const char *const evil[] = {
		"a@b\r\nRCPT TO:<c@d>", "a@b\n", "a@b\rDATA", "a@b\1",
		"a@b> SIZE=1", "<a@b", "a b@c", "\"a\r\n\"@b", "a@b\177",
	};

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(evil); i++) {
		const char *bad[] = { "bob@example.net", evil[i / 2], NULL };
		struct smtp_message message = { .recipients = bad };
		struct server server;
		struct sending s = { 0 };

		if (i % 2 != 0)
			message = (struct smtp_message){ .sender = evil[i / 2] };
		server_start(&server, plain);
		send_to(&server, &s, message, TEXT, false);
		assert_int_equal(s.result, SMTP_REFUSED);
		assert_string_equal(server.dialogue->str,
				    "EHLO [127.0.0.1]\r\nQUIT\r\n");
		g_free(s.words);
		server_clear(&server);
	}
}

/* A string of what could end a command, or a parameter, or an address. */
static char *random_text(GRand *random)
{
	static const char *const pieces[] = {
		"\r\n", "\n", "\r", " ", ">", "<", "@", "a", "b.c", "\"", "\\",
		"\1", "\177", "\302\205", "\303\251", "RCPT TO:<c@d>", "DATA",
		"QUIT", "=", "+", ",", "never", "full", "%", "[", "]", ":",
		".", "a@example.org",
	};
	GString *text = g_string_new(NULL);

	for (int n = g_rand_int_range(random, 0, 6); n > 0; n--)
		g_string_append(text,
				pieces[g_rand_int_range(
					random, 0, G_N_ELEMENTS(pieces))]);
	return g_string_free(text, FALSE);
}

/* Each verb once at most, in its place, whatever the fields hold. */
static void check_dialogue(const char *dialogue)
{
	static const char *const verbs[] = { "EHLO ", "MAIL FROM:<",
					     "RCPT TO:<", "DATA\r\n",
					     "QUIT\r\n" };
	g_auto(GStrv) lines = g_strsplit(dialogue, "\r\n", -1);
	size_t verb = 0;

	for (char **line = lines; line[1] != NULL; line++) {
		g_autofree char *whole = g_strconcat(*line, "\r\n", NULL);

		while (verb < G_N_ELEMENTS(verbs) &&
		       !g_str_has_prefix(whole, verbs[verb]))
			verb++;
		if (verb++ >= G_N_ELEMENTS(verbs))
			fail_msg("a line of its own: %s", whole);
		assert_null(strpbrk(*line, "\r\n\1\177"));
	}
	assert_string_equal(lines[g_strv_length(lines) - 1], "");
}

/* Every field of the envelope at random. */
static void test_random_fields(void **state)
{
	GRand *random = g_rand_new_with_seed(63);

	(void)state;
	for (int n = 0; n < 10000; n++) {
		g_autofree char *sender = random_text(random);
		g_autofree char *to = random_text(random);
		g_autofree char *notify = random_text(random);
		g_autofree char *ret = random_text(random);
		g_autofree char *envid = random_text(random);
		g_autofree char *name = random_text(random);
		const char *list[] = { n % 2 != 0 ? to : "bob@example.net",
				       NULL };
		struct server server;
		struct sending s = { .name = name };

		server_start(&server, plain);
		send_to(&server, &s,
			(struct smtp_message){
				.sender = n % 3 != 0 ? sender : "a@b.c",
				.recipients = list,
				.notify = notify,
				.ret = ret,
				.envid = envid,
			},
			TEXT, false);
		check_dialogue(server.dialogue->str);
		assert_true(server.delivered ==
			    (s.result == SMTP_ACCEPTED ? 1 : 0));
		g_free(s.words);
		server_clear(&server);
	}
	g_rand_free(random);
}

/* What DSN options and names hold does not become a parameter. */
static void test_evil_options(void **state)
{
	struct server server;
	struct sending s = { 0 };

	(void)state;
	server_start(&server, plain);
	send_to(&server, &s,
		(struct smtp_message){ .notify = "never\r\nQUIT",
				       .ret = "full\r\nQUIT",
				       .envid = "a\r\nQUIT" },
		TEXT, false);
	assert_int_equal(s.result, SMTP_ACCEPTED);
	assert_null(strstr(server.dialogue->str, "NOTIFY"));
	assert_null(strstr(server.dialogue->str, "RET="));
	g_free(s.words);
	server_clear(&server);
}

static void test_large(void **state)
{
	struct manner manner = plain;
	g_autoptr(GString) text = g_string_new("Subject: large\r\n\r\n");
	struct server server;
	struct sending s = { 0 };

	(void)state;
	manner.extensions = "250-small\r\n250 8BITMIME\r\n";
	for (int n = 0; text->len < 2000000; n++)
		g_string_append_printf(text, "%s%d of many lines\r\n",
				       n % 7 == 0 ? "." : "", n);
	server_start(&server, manner);
	send_to(&server, &s, (struct smtp_message){ 0 }, text->str, false);
	assert_int_equal(s.result, SMTP_ACCEPTED);
	assert_int_equal(server.message->len, text->len);
	assert_string_equal(server.message->str, text->str);
	g_free(s.words);
	server_clear(&server);
}

static void test_nobody_there(void **state)
{
	struct server server;
	struct sending s = { 0 };

	(void)state;
	server_start(&server, plain);
	server_end(&server);
	send_to(&server, &s, (struct smtp_message){ 0 }, TEXT, false);
	assert_int_equal(s.result, SMTP_LATER);
	g_free(s.words);
	server_clear(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_no_extensions),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_some_refused),
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_no_tls),
		cmocka_unit_test(test_injected),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_random_fields),
		cmocka_unit_test(test_evil_options),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
