/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "limits.h"
#include "link-private.h"
#include "ring.h"
#include "wire.h"

/*
 * Posts that the UI has not handled yet: they are freed in its thread. When it
 * is behind, lines wait in the ring, where the oldest give way.
 */
struct outstanding {
	gint posts, holders;
};

struct wire {
	const struct reporter *report; /* borrowed */
	struct ring *ring;
	struct outstanding *outstanding; /* shared with the posts */
	uint32_t watch;		/* whose lines are posted; 0: nobody's */
	uint64_t next;		/* line to be posted */
	struct timer timer;
	char *server;		/* what it said in ID; or NULL */
	GPtrArray *learned;	/* of char * */
};

/* The number that makes connections unique in this process. */
static gint last_number;

static void outstanding_drop(struct outstanding *outstanding)
{
	if (g_atomic_int_dec_and_test(&outstanding->holders))
		g_free(outstanding);
}

struct wire *wire_new(const struct reporter *report)
{
	struct wire *wire = g_new0(struct wire, 1);

	wire->report = report;
	wire->ring = ring_new(LIMIT_WIRE_LINES, LIMIT_WIRE_OCTETS,
			      LIMIT_WIRE_LINE);
	wire->outstanding = g_new0(struct outstanding, 1);
	wire->outstanding->holders = 1;
	wire->learned = g_ptr_array_new_with_free_func(g_free);
	return wire;
}

void wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	timer_stop(&wire->timer);
	ring_free(wire->ring);
	outstanding_drop(wire->outstanding);
	g_ptr_array_unref(wire->learned);
	g_free(wire->server);
	g_free(wire);
}

/* ---- posts ---- */

struct wire_post {
	struct session_wire wire;
	struct outstanding *outstanding;
};

static void post_release(struct post *post)
{
	struct wire_post *p = (struct wire_post *)post;

	for (size_t i = 0; i < p->wire.n; i++)
		g_free(p->wire.lines[i].text);
	g_free(p->wire.lines);
	g_free(p->wire.account);
	g_atomic_int_add(&p->outstanding->posts, -1);
	outstanding_drop(p->outstanding);
	g_free(p);
}

static struct wire_post *post_new(const struct wire *wire)
{
	struct wire_post *p = g_new0(struct wire_post, 1);

	p->wire.post.kind = SESSION_WIRE;
	p->wire.post.release = post_release;
	p->wire.account = g_strdup(wire->report->account);
	p->wire.watch = wire->watch;
	p->wire.lines = g_new(struct session_wire_line, LIMIT_WIRE_BATCH);
	p->outstanding = wire->outstanding;
	g_atomic_int_inc(&wire->outstanding->holders);
	g_atomic_int_inc(&wire->outstanding->posts);
	return p;
}

static void add_line(struct session_wire *post, const struct ring_line *line)
{
	struct session_wire_line *to = &post->lines[post->n++];

	to->time = line->time;
	to->connection = line->connection;
	to->kind = (enum session_wire_kind)line->kind;
	to->text = sanitise_line(line->text, -1);
}

static void send_batch(void *user);

/* What was asked for comes at once, what happens then a batch at a time. */
static void plan_batch(struct wire *wire, unsigned ms)
{
	if (wire->watch != 0 && wire->timer.source == NULL &&
	    wire->next < ring_end(wire->ring))
		timer_start(&wire->timer, ms, send_batch, wire);
}

static void send_batch(void *user)
{
	struct wire *wire = user;
	uint64_t begin = ring_begin(wire->ring);
	struct wire_post *p;
	struct ring_line line;

	if (g_atomic_int_get(&wire->outstanding->posts) >= LIMIT_WIRE_POSTS) {
		plan_batch(wire, LIMIT_WIRE_MS);
		return;
	}
	p = post_new(wire);
	if (wire->next < begin) {
		p->wire.missed = begin - wire->next;
		wire->next = begin;
	}
	while (p->wire.n < LIMIT_WIRE_BATCH &&
	       ring_get(wire->ring, wire->next, &line)) {
		add_line(&p->wire, &line);
		wire->next++;
	}
	postbox_push(wire->report->ui, &p->wire.post);
	plan_batch(wire, 0);
}

void wire_watch(struct wire *wire, uint32_t watch)
{
	wire->watch = watch;
	wire->next = ring_begin(wire->ring);
	timer_stop(&wire->timer);
	plan_batch(wire, 0);
}

/* ---- lines ---- */

static void keep(struct link *link, enum session_wire_kind kind,
		 const char *text)
{
	static const char marks[] = {
		[SESSION_WIRE_SERVER] = '<',
		[SESSION_WIRE_CLIENT] = '>',
		[SESSION_WIRE_NOTE] = '*',
	};
	struct wire *wire = link->account->wire;
	const struct ring_line line = {
		.time = g_get_real_time(),
		.connection = link->wire.number,
		.kind = (uint8_t)kind,
		.text = text,
	};

	ring_add(wire->ring, &line);
	plan_batch(wire, LIMIT_WIRE_MS);
	if (log_wants(LOG_WIRE))
		log_line(LOG_WIRE, "imap", "%s %u %c %s", link->account->name,
			 link->wire.number, marks[kind], text);
}

void wire_note(struct link *link, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	keep(link, SESSION_WIRE_NOTE, text);
}

static void note_event(struct link *link, enum tap_event event)
{
	const struct tap *tap = &link->wire.tap;
	g_autofree char *name = NULL;

	switch (event) {
	case TAP_SIGNING_IN:
		wire_note(link, _("signing in with %s"), tap->signing);
		break;
	case TAP_SELECTED:
		name = imap_mailbox_decode(tap->mailbox);
		wire_note(link, _("selected %s"), name);
		break;
	case TAP_UNSELECTED:
		wire_note(link, _("no mailbox is selected any more"));
		break;
	case TAP_NOTHING:
		break;
	}
}

void wire_said(struct link *link, enum imap_direction direction,
	       const char *line)
{
	struct tap *tap = &link->wire.tap;
	int64_t now = g_get_monotonic_time();

	if (direction == IMAP_TO_SERVER) {
		/* What is going to be tried stands before it. */
		note_event(link, tap_client(tap, line, now));
		keep(link, SESSION_WIRE_CLIENT, line);
	} else {
		keep(link, SESSION_WIRE_SERVER, line);
		note_event(link, tap_server(tap, line, now));
	}
}

/* ---- states ---- */

void wire_begin(struct link *link)
{
	const struct account *account = link->account;

	tap_init(&link->wire.tap);
	link->wire.number = (uint32_t)g_atomic_int_add(&last_number, 1) + 1;
	link->wire.since = g_get_real_time();
	/* The tunnel's command itself may hold a secret. */
	if (account->tunnel != NULL)
		wire_note(link, _("connecting through the tunnel"));
	else
		wire_note(link, _("connecting to %s port %u"), account->host,
			  account->port);
}

void wire_end(struct link *link)
{
	tap_release(&link->wire.tap);
}

void wire_opened(struct link *link)
{
	const char *version = stream_tls_version(link->stream);

	if (version != NULL)
		wire_note(link, "%s, %s", version,
			  stream_tls_cipher(link->stream));
	else
		wire_note(link, _("connected"));
}

void wire_state(struct link *link, enum imap_state old, enum imap_state now)
{
	if (old == IMAP_NOT_AUTHENTICATED && now == IMAP_AUTHENTICATED)
		wire_note(link, _("authenticated"));
	else if (old != now && now == IMAP_LOGOUT && link->state != LINK_DEAD)
		wire_note(link, _("logout"));
}

/* ---- what was learned ---- */

void wire_learn(struct account *account, const char *text)
{
	GPtrArray *learned = account->wire->learned;

	for (guint i = 0; i < learned->len; i++)
		if (strcmp(g_ptr_array_index(learned, i), text) == 0)
			return;
	if (learned->len < LIMIT_WIRE_LEARNED)
		g_ptr_array_add(learned, g_strdup(text));
}

void wire_server_id(struct account *account, const struct imap_param *params,
		    size_t n)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < n && text->len < LIMIT_WIRE_LINE; i++) {
		if (params[i].value == NULL)
			continue;
		g_string_append_printf(text, "%s%s: %s", text->len ? ", " : "",
				       params[i].name, params[i].value);
	}
	g_free(account->wire->server);
	account->wire->server =
		text->len > 0 ? sanitise_line(text->str, -1) : NULL;
	g_string_free(text, TRUE);
}

const char *wire_server(const struct wire *wire)
{
	return wire->server;
}

const GPtrArray *wire_learned(const struct wire *wire)
{
	return wire->learned;
}
