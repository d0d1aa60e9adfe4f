/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connections of an account as they are now, for the reader. */
#include "config.h"

#include "link-private.h"
#include "wire.h"

/* ---- the post ---- */

static void connection_clear(struct session_connection *c)
{
	for (size_t i = 0; i < c->n_commands; i++)
		g_free(c->commands[i].text);
	g_free(c->commands);
	g_free(c->state);
	g_free(c->mailbox);
	g_free(c->waits_for);
	g_free(c->tls);
	g_free(c->cipher);
	g_free(c->mechanism);
	g_free(c->in_use);
	g_free(c->offered);
}

static void post_release(struct post *post)
{
	struct session_connections *p = (struct session_connections *)post;

	for (size_t i = 0; i < p->n; i++)
		connection_clear(&p->list[i]);
	g_free(p->list);
	g_strfreev(p->learned);
	g_free(p->account);
	g_free(p->where);
	g_free(p->server);
	g_free(p);
}

/* ---- one connection ---- */

static char *describe_state(const struct link *link)
{
	const struct tap *tap = &link->wire.tap;

	switch (link->state) {
	case LINK_OPENING:
		return g_strdup(_("connecting"));
	case LINK_GREETING:
		return g_strdup(_("waiting for the greeting"));
	case LINK_SIGNIN:
		if (tap->signing != NULL)
			return g_strdup_printf(_("signing in with %s"),
					       tap->signing);
		return g_strdup(_("not authenticated"));
	case LINK_LEAVING:
		return g_strdup(_("logout"));
	case LINK_DEAD:
		return g_strdup_printf(_("lost: %s"), link->reason);
	case LINK_SETUP:
	case LINK_READY:
		break;
	}
	return g_strdup(tap->mailbox != NULL ? _("selected") :
					       _("authenticated"));
}

static void describe_commands(const struct link *link,
			      struct session_connection *to)
{
	const GArray *flying = link->wire.tap.flying;
	int64_t now = g_get_monotonic_time();
	const char *name, *why;

	to->commands = g_new0(struct session_command, flying->len);
	for (guint i = 0; i < flying->len; i++) {
		const struct tap_command *command =
			&g_array_index(flying, struct tap_command, i);

		to->commands[to->n_commands++] = (struct session_command){
			sanitise_line(command->text, -1),
			now - command->since,
		};
	}
	to->waiting = imap_waiting(link->imap, &name, &why);
	to->waits_for = g_strdup(why);
}

static void describe_stream(const struct link *link,
			    struct session_connection *to)
{
	to->tls = g_strdup(stream_tls_version(link->stream));
	to->cipher = g_strdup(stream_tls_cipher(link->stream));
	to->tunnel = link->account->tunnel != NULL;
	to->secure = link->secure;
	stream_octets(link->stream, &to->octets_in, &to->octets_out);
}

/* Whether an extension that is offered is made use of. */
static bool is_used(const struct link *link, enum imap_capability capability)
{
	const struct account *account = link->account;

	switch (capability) {
	case IMAP_CAP_SASL_IR:
		return account->sasl_ir;
	case IMAP_CAP_ID:
		return account->send_id;
	case IMAP_CAP_IDLE:
		return account->idle;
	case IMAP_CAP_CONDSTORE:
		return link->condstore;
	case IMAP_CAP_ENABLE:
	case IMAP_CAP_QRESYNC:
		return imap_enabled(link->imap, IMAP_CAP_QRESYNC);
	case IMAP_CAP_COMPRESS_DEFLATE:
		return link->compressed;
	case IMAP_CAP_NOTIFY:
		return link->notified;
	default:
		return true;
	}
}

static char *describe_use(const struct link *link)
{
	static const struct {
		enum imap_capability capability;
		const char *name;
	} known[] = {
		{ IMAP_CAP_IDLE, "IDLE" },
		{ IMAP_CAP_QRESYNC, "QRESYNC" },
		{ IMAP_CAP_CONDSTORE, "CONDSTORE" },
		{ IMAP_CAP_COMPRESS_DEFLATE, "COMPRESS=DEFLATE" },
		{ IMAP_CAP_ENABLE, "ENABLE" },
		{ IMAP_CAP_ESEARCH, "ESEARCH" },
		{ IMAP_CAP_ID, "ID" },
		{ IMAP_CAP_LIST_EXTENDED, "LIST-EXTENDED" },
		{ IMAP_CAP_LIST_STATUS, "LIST-STATUS" },
		{ IMAP_CAP_LITERAL_PLUS, "LITERAL+" },
		{ IMAP_CAP_LITERAL_MINUS, "LITERAL-" },
		{ IMAP_CAP_NAMESPACE, "NAMESPACE" },
		{ IMAP_CAP_NOTIFY, "NOTIFY" },
		{ IMAP_CAP_SASL_IR, "SASL-IR" },
		{ IMAP_CAP_SPECIAL_USE, "SPECIAL-USE" },
	};
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (imap_has(link->imap, known[i].capability) &&
		    is_used(link, known[i].capability))
			g_string_append_printf(text, "%s%s",
					       text->len ? " " : "",
					       known[i].name);
	return g_string_free(text, FALSE);
}

static char *describe_offer(const struct link *link)
{
	const char *const *all = imap_capabilities(link->imap);
	g_autofree char *text = NULL;

	if (all == NULL || *all == NULL)
		return NULL;
	text = g_strjoinv(" ", (char **)all);
	return sanitise_line(text, -1);
}

static void describe_link(const struct link *link,
			  struct session_connection *to)
{
	const struct tap *tap = &link->wire.tap;
	g_autofree char *name =
		tap->mailbox != NULL ? imap_mailbox_decode(tap->mailbox) : NULL;
	bool inside = imap_state(link->imap) == IMAP_AUTHENTICATED ||
		      imap_state(link->imap) == IMAP_SELECTED;

	to->number = link->wire.number;
	to->since = link->wire.since;
	to->state = describe_state(link);
	to->mailbox = name != NULL ? sanitise_line(name, -1) : NULL;
	to->idle = imap_is_idling(link->imap);
	to->last_answer = tap->last;
	to->least_answer = tap->least;
	if (inside)
		to->mechanism = g_strdup(tap->mechanism != NULL ?
						 tap->mechanism :
						 "");
	to->in_use = describe_use(link);
	to->offered = describe_offer(link);
	describe_commands(link, to);
	describe_stream(link, to);
}

/* ---- the account ---- */

static char **describe_learned(const struct account *account)
{
	const GPtrArray *learned = wire_learned(account->wire);
	char **list = g_new0(char *, (gsize)learned->len + 1);

	for (guint i = 0; i < learned->len; i++)
		list[i] = g_strdup(g_ptr_array_index(learned, i));
	return list;
}

static char *describe_where(const struct account *account)
{
	if (account->tunnel != NULL)
		return g_strdup(_("a tunnel"));
	if (account->host == NULL)
		return NULL;
	return g_strdup_printf(_("%s port %u"), account->host, account->port);
}

void wire_describe(struct account *account)
{
	struct session_connections *p = g_new0(struct session_connections, 1);

	p->post.kind = SESSION_CONNECTIONS;
	p->post.merge_key = report_key(account->name, NULL);
	p->post.release = post_release;
	p->account = g_strdup(account->name);
	p->where = describe_where(account);
	p->server = g_strdup(wire_server(account->wire));
	p->learned = describe_learned(account);
	p->list = g_new0(struct session_connection, account->links->len);
	for (guint i = 0; i < account->links->len; i++)
		describe_link(g_ptr_array_index(account->links, i),
			      &p->list[p->n++]);
	postbox_push(account->report.ui, &p->post);
}
