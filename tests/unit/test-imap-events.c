/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-imap-events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <string.h>

static void put(struct events *events, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

static void put(struct events *events, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(events->lines, format, args);
	va_end(args);
}

/* Octets that can stand in a line of a test file. */
static void put_octets(struct events *events, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			put(events, "\\n");
		else if (p[i] == '\r')
			put(events, "\\r");
		else if (p[i] < ' ' || p[i] == 0x7F || p[i] == '\\')
			put(events, "\\x%02x", p[i]);
		else
			g_string_append_c(events->lines, (char)p[i]);
	}
}

static void put_string(struct events *events, const char *s)
{
	if (s == NULL) {
		put(events, "NIL");
		return;
	}
	put(events, "<");
	put_octets(events, s, strlen(s));
	put(events, ">");
}

static void put_flags(struct events *events, const struct imap_flags *flags)
{
	static const char *const names[] = { "Seen",	"Answered", "Flagged",
					     "Deleted", "Draft",    "Recent",
					     "*" };

	put(events, "(");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if ((flags->system >> i & 1) != 0)
			put(events, " \\%s", names[i]);
	}
	for (size_t i = 0; i < flags->n; i++)
		put(events, " %s", flags->keywords[i]);
	g_assert(flags->n == 0 || flags->keywords[flags->n] == NULL);
	put(events, " )");
}

static void put_set(struct events *events, const char *name,
		    const struct imap_set *set)
{
	char *text;

	if (set == NULL)
		return;
	text = imap_set_format(set);
	put(events, " %s=%s", name, text);
	g_free(text);
}

static const char *condition_name(enum imap_condition condition)
{
	static const char *const names[] = { "OK",	"NO",	"BAD",
					     "BYE",	"PREAUTH", "LOST",
					     "CANCELLED", "REFUSED" };

	return names[condition];
}

static void put_status(struct events *events, const struct imap_status *status)
{
	put(events, " %s", condition_name(status->condition));
	if (status->code != IMAP_CODE_NONE)
		put(events, " [%s%s%s]%s", status->name,
		    *status->argument != '\0' ? " " : "", status->argument,
		    status->code == IMAP_CODE_UNKNOWN ? "?" : "");
	if (status->number != 0)
		put(events, " number=%" PRIu64, status->number);
	if (status->code == IMAP_CODE_PERMANENTFLAGS)
		put_flags(events, &status->flags);
	put_set(events, "source", status->source);
	put_set(events, "uids", status->uids);
	put(events, " %s", status->text);
}

static void put_list(struct events *events, const struct imap_list *list)
{
	char *shown = imap_mailbox_decode(list->name);

	put(events, " attributes=%x delimiter=", list->attributes);
	if (list->delimiter == '\0')
		put(events, "NIL");
	else
		put(events, "%c", list->delimiter);
	put(events, " name=");
	put_string(events, list->name);
	if (strcmp(shown, list->name) != 0)
		put(events, " shown=<%s>", shown);
	g_free(shown);
}

static void put_mailbox(struct events *events,
			const struct imap_mailbox_status *status)
{
	const struct {
		uint32_t item;
		const char *name;
		uint64_t value;
	} table[] = {
		{ IMAP_STATUS_MESSAGES, "messages", status->messages },
		{ IMAP_STATUS_RECENT, "recent", status->recent },
		{ IMAP_STATUS_UIDNEXT, "uidnext", status->uidnext },
		{ IMAP_STATUS_UIDVALIDITY, "uidvalidity", status->uidvalidity },
		{ IMAP_STATUS_UNSEEN, "unseen", status->unseen },
		{ IMAP_STATUS_HIGHESTMODSEQ, "modseq", status->highestmodseq },
		{ IMAP_STATUS_SIZE, "size", status->size },
		{ IMAP_STATUS_DELETED, "deleted", status->deleted },
	};

	put(events, " ");
	put_string(events, status->name);
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if ((status->has & table[i].item) != 0)
			put(events, " %s=%" PRIu64, table[i].name,
			    table[i].value);
	}
}

static void put_namespaces(struct events *events,
			   const struct imap_namespace *list, size_t n)
{
	put(events, " (");
	for (size_t i = 0; i < n; i++) {
		put_string(events, list[i].prefix);
		put(events, "%c", list[i].delimiter == '\0' ? '-' :
							      list[i].delimiter);
	}
	put(events, ")");
}

static void put_quota(struct events *events, const struct imap_quota *quota)
{
	put_string(events, quota->root);
	for (size_t i = 0; i < quota->n; i++)
		put(events, " %s=%" PRIu64 "/%" PRIu64,
		    quota->resources[i].name, quota->resources[i].usage,
		    quota->resources[i].limit);
}

static void put_params(struct events *events, const struct imap_param *params,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put(events, " %s=", params[i].name);
		put_string(events, params[i].value);
	}
}

static void put_esearch(struct events *events,
			const struct imap_esearch *search)
{
	guint n = events->tags->len;
	bool ours = n > 0 &&
		    strcmp(search->tag, events->tags->pdata[n - 1]) == 0;

	put(events, " tag=%s", ours ? "last" : search->tag);
	if (search->uid)
		put(events, " uid");
	if (search->has_min)
		put(events, " min=%u", search->min);
	if (search->has_max)
		put(events, " max=%u", search->max);
	if (search->has_count)
		put(events, " count=%" PRIu64, search->count);
	put_set(events, "all", search->all);
	if (search->modseq != 0)
		put(events, " modseq=%" PRIu64, search->modseq);
}

static void put_addresses(struct events *events, const char *name,
			  const struct imap_addresses *all)
{
	if (all->n == 0)
		return;
	put(events, " %s=", name);
	for (size_t i = 0; i < all->n; i++) {
		put_string(events, all->list[i].name);
		put_string(events, all->list[i].mailbox);
		put_string(events, all->list[i].host);
	}
}

static void put_envelope(struct events *events,
			 const struct imap_envelope *envelope)
{
	put(events, " envelope{date=");
	put_string(events, envelope->date);
	put(events, " subject=");
	put_string(events, envelope->subject);
	put_addresses(events, "from", &envelope->from);
	put_addresses(events, "sender", &envelope->sender);
	put_addresses(events, "reply-to", &envelope->reply_to);
	put_addresses(events, "to", &envelope->to);
	put_addresses(events, "cc", &envelope->cc);
	put_addresses(events, "bcc", &envelope->bcc);
	put(events, " in-reply-to=");
	put_string(events, envelope->in_reply_to);
	put(events, " id=");
	put_string(events, envelope->message_id);
	put(events, "%s}", envelope->damaged ? " damaged" : "");
}

static void put_body(struct events *events, const struct imap_body *body)
{
	put(events, " [%s] %s/%s", body->section, body->type, body->subtype);
	put_params(events, body->params, body->n_params);
	if (strcmp(body->type, "multipart") != 0)
		put(events, " %s %" PRIu64, body->encoding, body->octets);
	if (body->lines != 0)
		put(events, " lines=%" PRIu64, body->lines);
	if (body->id != NULL)
		put(events, " id=%s", body->id);
	if (body->description != NULL)
		put(events, " description=%s", body->description);
	if (*body->disposition != '\0')
		put(events, " %s", body->disposition);
	put_params(events, body->disposition_params,
		   body->n_disposition_params);
	if (body->envelope != NULL)
		put_envelope(events, body->envelope);
	for (size_t i = 0; i < body->n_parts; i++)
		put_body(events, body->parts[i]);
}

static void put_section(struct events *events,
			const struct imap_section *section)
{
	put(events, " %s[%s]", section->binary ? "binary" : "body",
	    section->section);
	if (!section->whole)
		put(events, "<%" PRIu64 ">", section->origin);
	if (section->nil) {
		put(events, "=NIL");
		return;
	}
	put(events, "=%" PRIu64 ":", section->length);
	if (section->data != NULL)
		put_octets(events, section->data, (size_t)section->length);
	else
		put(events, "%s", section->streamed ? "streamed" : "dropped");
}

static void put_fetch(struct events *events, const struct imap_fetch *fetch)
{
	put(events, " %u uid=%u%s", fetch->seq, fetch->uid,
	    (fetch->has & IMAP_ITEM_UID) != 0 ? "" : "(map)");
	if ((fetch->has & IMAP_ITEM_FLAGS) != 0) {
		put(events, " flags=");
		put_flags(events, &fetch->flags);
	}
	if ((fetch->has & IMAP_ITEM_MODSEQ) != 0)
		put(events, " modseq=%" PRIu64, fetch->modseq);
	if ((fetch->has & IMAP_ITEM_INTERNALDATE) != 0)
		put(events, " date=%" PRId64 "%+d", fetch->internaldate,
		    fetch->zone);
	if ((fetch->has & IMAP_ITEM_SIZE) != 0)
		put(events, " size=%" PRIu64, fetch->size);
	if ((fetch->has & IMAP_ITEM_ENVELOPE) != 0)
		put_envelope(events, fetch->envelope);
	if ((fetch->has & IMAP_ITEM_BODYSTRUCTURE) != 0)
		put_body(events, fetch->body);
	for (size_t i = 0; i < fetch->n_sections; i++)
		put_section(events, &fetch->sections[i]);
	if (fetch->conflict)
		put(events, " conflict");
	if (fetch->damaged)
		put(events, " damaged");
}

static void put_search(struct events *events, const struct imap_search *search)
{
	for (size_t i = 0; i < search->n; i++)
		put(events, " %u", search->numbers[i]);
	if (search->modseq != 0)
		put(events, " modseq=%" PRIu64, search->modseq);
}

static void put_data(struct events *events, const struct imap_response *r)
{
	switch (r->type) {
	case IMAP_RESPONSE_STATUS:
		put_status(events, &r->status);
		break;
	case IMAP_RESPONSE_LIST:
	case IMAP_RESPONSE_LSUB:
		put_list(events, &r->list);
		break;
	case IMAP_RESPONSE_MAILBOX_STATUS:
		put_mailbox(events, &r->mailbox);
		break;
	case IMAP_RESPONSE_NAMESPACE:
		put_namespaces(events, r->namespaces.personal,
			       r->namespaces.n_personal);
		put_namespaces(events, r->namespaces.others,
			       r->namespaces.n_others);
		put_namespaces(events, r->namespaces.shared,
			       r->namespaces.n_shared);
		break;
	case IMAP_RESPONSE_QUOTA:
		put_quota(events, &r->quota);
		break;
	case IMAP_RESPONSE_QUOTAROOT:
		put_string(events, r->quotaroot.mailbox);
		for (size_t i = 0; i < r->quotaroot.n; i++)
			put_string(events, r->quotaroot.roots[i]);
		break;
	case IMAP_RESPONSE_MYRIGHTS:
		put_string(events, r->rights.mailbox);
		put_string(events, r->rights.rights);
		break;
	case IMAP_RESPONSE_ID:
		put_params(events, r->id.params, r->id.n);
		break;
	case IMAP_RESPONSE_SEARCH:
		put_search(events, &r->search);
		break;
	case IMAP_RESPONSE_ESEARCH:
		put_esearch(events, &r->esearch);
		break;
	case IMAP_RESPONSE_FLAGS:
		put(events, " ");
		put_flags(events, &r->flags);
		break;
	case IMAP_RESPONSE_EXISTS:
		put(events, " %u", r->exists);
		break;
	case IMAP_RESPONSE_RECENT:
		put(events, " %u", r->recent);
		break;
	case IMAP_RESPONSE_EXPUNGE:
		put(events, " %u uid=%u", r->expunge.seq, r->expunge.uid);
		break;
	case IMAP_RESPONSE_VANISHED:
		put_set(events, r->vanished.earlier ? "earlier" : "now",
			r->vanished.uids);
		break;
	case IMAP_RESPONSE_FETCH:
		put_fetch(events, &r->fetch);
		break;
	case IMAP_RESPONSE_CAPABILITY:
	case IMAP_RESPONSE_ENABLED:
		break;
	}
}

static void put_capabilities(struct events *events)
{
	const char *const *names = imap_capabilities(events->imap);

	for (size_t i = 0; names[i] != NULL; i++)
		put(events, " %s", names[i]);
}

static void on_untagged(const struct imap_response *response, void *user)
{
	static const char *const names[] = {
		"STATUS", "CAPABILITY", "ENABLED",  "LIST",    "LSUB",
		"MAILBOX", "NAMESPACE", "QUOTA",    "QUOTAROOT", "MYRIGHTS",
		"ID",	  "SEARCH",	"ESEARCH",
		"FLAGS",  "EXISTS",	"RECENT",   "EXPUNGE", "VANISHED",
		"FETCH",
	};
	struct events *events = user;

	put(events, "%s", names[response->type]);
	put_data(events, response);
	if (response->type == IMAP_RESPONSE_CAPABILITY)
		put_capabilities(events);
	if (response->type == IMAP_RESPONSE_ENABLED)
		put(events, "%s%s",
		    imap_enabled(events->imap, IMAP_CAP_CONDSTORE) ?
			    " condstore" :
			    "",
		    imap_enabled(events->imap, IMAP_CAP_QRESYNC) ? " qresync" :
								   "");
	if (response->suspect)
		put(events, " SUSPECT");
	if (response->selection != 0)
		put(events, " @%u", response->selection);
	put(events, "\n");
}

static void on_output(const uint8_t *data, size_t length, void *user)
{
	struct events *events = user;

	g_string_append_len(events->sent, (const char *)data, (gssize)length);
}

static bool on_body_begin(uint32_t seq, const struct imap_section *section,
			  void *user)
{
	struct events *events = user;

	put(events, "body-begin %u [%s] %" PRIu64 "\n", seq, section->section,
	    section->length);
	return !events->refuse_body;
}

static void on_body_data(const uint8_t *data, size_t length, void *user)
{
	struct events *events = user;

	g_string_append_len(events->body, (const char *)data, (gssize)length);
}

static void on_body_end(bool complete, void *user)
{
	struct events *events = user;

	put(events, "body-end %s ", complete ? "complete" : "cut");
	put_octets(events, events->body->str, events->body->len);
	put(events, "\n");
	g_string_truncate(events->body, 0);
}

static void on_state(enum imap_state old, enum imap_state now, void *user)
{
	put(user, "state %s -> %s\n", imap_state_name(old),
	    imap_state_name(now));
}

static void on_wire(enum imap_direction direction, const char *line,
		    void *user)
{
	struct events *events = user;

	g_string_append_printf(events->wire, "%c %s\n",
			       direction == IMAP_TO_SERVER ? '>' : '<', line);
}

void events_init(struct events *events, const struct imap_limits *limits)
{
	const struct imap_handler handler = {
		.output = on_output,
		.untagged = on_untagged,
		.body_begin = on_body_begin,
		.body_data = on_body_data,
		.body_end = on_body_end,
		.state = on_state,
		.wire = on_wire,
	};

	memset(events, 0, sizeof(*events));
	events->lines = g_string_new(NULL);
	events->sent = g_string_new(NULL);
	events->wire = g_string_new(NULL);
	events->body = g_string_new(NULL);
	events->tags = g_ptr_array_new_with_free_func(g_free);
	events->imap = imap_new(limits, &handler, events);
}

void events_release(struct events *events)
{
	imap_free(events->imap);
	g_string_free(events->lines, TRUE);
	g_string_free(events->sent, TRUE);
	g_string_free(events->wire, TRUE);
	g_string_free(events->body, TRUE);
	g_ptr_array_free(events->tags, TRUE);
}

struct submitted {
	struct events *events;
	char *name;
};

static void on_done(const struct imap_status *result, void *user)
{
	struct submitted *submitted = user;

	put(submitted->events, "done %s", submitted->name);
	put_status(submitted->events, result);
	put(submitted->events, "\n");
	g_free(submitted->name);
	g_free(submitted);
}

void events_submit(struct events *events, const char *name,
		   struct imap_command *command)
{
	struct submitted *submitted = g_new(struct submitted, 1);

	submitted->events = events;
	submitted->name = g_strdup(name);
	events->last_id =
		imap_submit(events->imap, command, on_done, submitted);
}

GString *events_expand(struct events *events, const char *text)
{
	GString *out = g_string_new(NULL);

	for (; *text != '\0'; text++) {
		guint n = 0;

		if (*text != '$' || !g_ascii_isdigit(text[1])) {
			g_string_append_c(out, *text);
			continue;
		}
		while (g_ascii_isdigit(text[1]))
			n = n * 10 + (guint)(*++text - '0');
		if (n >= 1 && n <= events->tags->len)
			g_string_append(out, events->tags->pdata[n - 1]);
	}
	return out;
}

static char *with_tag(struct events *events, char *line)
{
	const char *space = strchr(line, ' ');
	char *tag, *named;

	if (line[0] != 's' || !g_ascii_isdigit(line[1]) || space == NULL)
		return line;
	tag = g_strndup(line, (size_t)(space - line));
	g_ptr_array_add(events->tags, tag);
	named = g_strdup_printf("$%u%s", events->tags->len, space);
	g_free(line);
	return named;
}

char *events_sent_line(struct events *events)
{
	const char *end = strstr(events->sent->str, "\r\n");
	char *line;

	if (events->sent->len == 0)
		return NULL;
	if (end == NULL)
		end = events->sent->str + events->sent->len;
	line = g_strndup(events->sent->str,
			 (size_t)(end - events->sent->str));
	g_string_erase(events->sent, 0,
		       MIN((gssize)events->sent->len,
			   end - events->sent->str + 2));
	return with_tag(events, line);
}

bool events_feed(struct events *events, const char *octets, size_t length)
{
	GError *error = NULL;
	size_t used;

	if (imap_input(events->imap, octets, length, &used, &error)) {
		if (used < length)
			put(events, "stopped\n");
		return true;
	}
	put(events, "error %s\n", error->message);
	imap_closed(events->imap, error);
	g_error_free(error);
	return false;
}

bool events_say(struct events *events, const char *text)
{
	GString *octets = events_expand(events, text);
	bool ok = events_feed(events, octets->str, octets->len);

	g_string_free(octets, TRUE);
	return ok;
}

/* ---- what most tests begin and end with ---- */

void events_start(struct events *events, const struct imap_limits *limits,
		  const char *capabilities)
{
	char *greeting = g_strdup_printf("* PREAUTH [CAPABILITY %s] hi\r\n",
					 capabilities);

	events_init(events, limits);
	assert_true(events_say(events, greeting));
	g_free(greeting);
}

void events_open(struct events *events, unsigned messages)
{
	const struct imap_select select = { .mailbox = "INBOX" };
	char *text = g_strdup_printf("* %u EXISTS\r\n", messages);

	events_submit(events, "select", imap_cmd_select(&select, NULL));
	g_free(events_sent_line(events));
	assert_true(events_say(events, text));
	assert_true(events_say(events, "$1 OK done\r\n"));
	assert_int_equal(imap_state(events->imap), IMAP_SELECTED);
	g_string_truncate(events->lines, 0);
	g_free(text);
}

void events_end(struct events *events, const char *expected)
{
	if (expected != NULL)
		assert_string_equal(events->lines->str, expected);
	events_release(events);
}
