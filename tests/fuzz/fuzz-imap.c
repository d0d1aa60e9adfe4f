/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine on anything a server may send, once in one piece and once in
 * small ones: both must tell the same, and every command must end once.
 * The first octet chooses the pieces and the limits; 0xFE stands for the tag
 * of the command that is running.
 */
#include <stdlib.h>
#include <string.h>

#include "smew/imap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct imap_limits small = {
	.line = 2000,
	.literal = 40,
	.response = 4000,
	.body = 100000,
	.nesting = 10,
	.elements = 50,
	.messages = 1000,
	.junk = 300,
};

struct run {
	struct imap *imap;
	char tag[16];
	size_t tag_length; /* of the first */
	uint64_t sum;	   /* of all that was told */
	uint64_t literal;  /* octets that may be a literal's */
	bool in_tag;	   /* the last octet added may be a tag's first */
	int open;	   /* commands without an end */
	bool streaming;
	bool limited; /* ended by a limit, which may count a tag's length */
};

/* Not g_assert(): that can be compiled out. */
static void require(bool condition)
{
	if (!condition)
		abort();
}

static void add(struct run *run, uint64_t value)
{
	run->sum = (run->sum ^ value) * UINT64_C(0x100000001b3);
}

/* Tags differ from run to run, and may stand anywhere: without the digits. */
static void add_octets(struct run *run, const void *octets, size_t n)
{
	const unsigned char *p = octets;

	for (size_t i = 0; i < n; i++) {
		if (run->in_tag && g_ascii_isdigit(p[i]))
			continue;
		run->in_tag = p[i] == 's' || p[i] == 'S';
		add(run, p[i]);
	}
}

static void add_string(struct run *run, const char *s)
{
	add(run, s == NULL);
	run->in_tag = false;
	if (s != NULL)
		add_octets(run, s, strlen(s));
}

static void add_flags(struct run *run, const struct imap_flags *flags)
{
	add(run, flags->system);
	for (size_t i = 0; i < flags->n; i++)
		add_string(run, flags->keywords[i]);
	require(flags->n == 0 || flags->keywords[flags->n] == NULL);
}

static void add_set(struct run *run, const struct imap_set *set)
{
	const struct imap_range *ranges;
	size_t n;

	if (set == NULL)
		return;
	ranges = imap_set_ranges(set, &n);
	for (size_t i = 0; i < n; i++) {
		require(ranges[i].first > 0);
		require(ranges[i].first <= ranges[i].last);
		add(run, ranges[i].first);
		add(run, ranges[i].last);
	}
}

static void add_params(struct run *run, const struct imap_param *params,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add_string(run, params[i].name);
		add_string(run, params[i].value);
	}
}

static void add_status(struct run *run, const struct imap_status *status)
{
	require(g_utf8_validate(status->text, -1, NULL));
	require(g_utf8_validate(status->argument, -1, NULL));
	require(g_utf8_validate(status->name, -1, NULL));
	add(run, status->condition);
	add(run, status->code);
	add(run, status->number);
	add_string(run, status->text);
	add_flags(run, &status->flags);
	add_set(run, status->source);
	add_set(run, status->uids);
}

static void add_addresses(struct run *run, const struct imap_addresses *all)
{
	for (size_t i = 0; i < all->n; i++) {
		add_string(run, all->list[i].name);
		add_string(run, all->list[i].mailbox);
		add_string(run, all->list[i].host);
	}
}

static void add_envelope(struct run *run, const struct imap_envelope *envelope)
{
	add_string(run, envelope->date);
	add_string(run, envelope->subject);
	add_addresses(run, &envelope->from);
	add_addresses(run, &envelope->sender);
	add_addresses(run, &envelope->reply_to);
	add_addresses(run, &envelope->to);
	add_addresses(run, &envelope->cc);
	add_addresses(run, &envelope->bcc);
	add_string(run, envelope->in_reply_to);
	add_string(run, envelope->message_id);
	add(run, envelope->damaged);
}

static void add_body(struct run *run, const struct imap_body *body, int depth)
{
	require(depth <= (int)small.nesting || depth <= 64);
	require(body->section != NULL && body->type != NULL &&
		body->subtype != NULL && body->encoding != NULL &&
		body->disposition != NULL);
	add_string(run, body->section);
	add_string(run, body->type);
	add_string(run, body->subtype);
	add_params(run, body->params, body->n_params);
	add_string(run, body->id);
	add_string(run, body->description);
	add_string(run, body->encoding);
	add(run, body->octets);
	add(run, body->lines);
	add_string(run, body->disposition);
	add_params(run, body->disposition_params, body->n_disposition_params);
	if (body->envelope != NULL)
		add_envelope(run, body->envelope);
	for (size_t i = 0; i < body->n_parts; i++)
		add_body(run, body->parts[i], depth + 1);
}

static void add_section(struct run *run, const struct imap_section *section)
{
	require(section->data == NULL || (!section->streamed && !section->nil));
	add_string(run, section->section);
	add(run, section->binary);
	add(run, section->nil);
	add(run, section->streamed);
	add(run, section->origin);
	add(run, section->length);
	run->in_tag = false;
	if (section->data != NULL)
		add_octets(run, section->data, (size_t)section->length);
}

static void add_fetch(struct run *run, const struct imap_fetch *fetch)
{
	add(run, fetch->seq);
	add(run, fetch->uid);
	add(run, fetch->has);
	add(run, fetch->damaged);
	add_flags(run, &fetch->flags);
	if ((fetch->has & IMAP_ITEM_MODSEQ) != 0) {
		require(fetch->modseq > 0);
		add(run, fetch->modseq);
	}
	if ((fetch->has & IMAP_ITEM_INTERNALDATE) != 0)
		add(run, (uint64_t)fetch->internaldate);
	if ((fetch->has & IMAP_ITEM_SIZE) != 0)
		add(run, fetch->size);
	if ((fetch->has & IMAP_ITEM_ENVELOPE) != 0)
		add_envelope(run, fetch->envelope);
	if ((fetch->has & IMAP_ITEM_BODYSTRUCTURE) != 0)
		add_body(run, fetch->body, 1);
	for (size_t i = 0; i < fetch->n_sections; i++)
		add_section(run, &fetch->sections[i]);
}

static void add_mailbox(struct run *run,
			const struct imap_mailbox_status *status)
{
	add_string(run, status->name);
	add(run, status->has);
	if ((status->has & IMAP_STATUS_MESSAGES) != 0)
		add(run, status->messages);
}

static void add_list(struct run *run, const struct imap_list *list)
{
	char *shown = imap_mailbox_decode(list->name);

	require(g_utf8_validate(shown, -1, NULL));
	add_string(run, shown);
	add_string(run, list->name);
	add(run, list->attributes);
	add(run, (uint64_t)list->delimiter);
	g_free(shown);
}

static void add_namespaces(struct run *run, const struct imap_namespace *list,
			   size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_string(run, list[i].prefix);
}

static void add_search(struct run *run, const struct imap_search *search)
{
	for (size_t i = 0; i < search->n; i++)
		add(run, search->numbers[i]);
	add(run, search->modseq);
}

static void add_data(struct run *run, const struct imap_response *r)
{
	switch (r->type) {
	case IMAP_RESPONSE_STATUS:
		add_status(run, &r->status);
		break;
	case IMAP_RESPONSE_LIST:
	case IMAP_RESPONSE_LSUB:
		add_list(run, &r->list);
		break;
	case IMAP_RESPONSE_MAILBOX_STATUS:
		add_mailbox(run, &r->mailbox);
		break;
	case IMAP_RESPONSE_NAMESPACE:
		add_namespaces(run, r->namespaces.personal,
			       r->namespaces.n_personal);
		add_namespaces(run, r->namespaces.others,
			       r->namespaces.n_others);
		add_namespaces(run, r->namespaces.shared,
			       r->namespaces.n_shared);
		break;
	case IMAP_RESPONSE_QUOTA:
		add_string(run, r->quota.root);
		for (size_t i = 0; i < r->quota.n; i++)
			add_string(run, r->quota.resources[i].name);
		break;
	case IMAP_RESPONSE_QUOTAROOT:
		add_string(run, r->quotaroot.mailbox);
		for (size_t i = 0; i < r->quotaroot.n; i++)
			add_string(run, r->quotaroot.roots[i]);
		break;
	case IMAP_RESPONSE_MYRIGHTS:
		add_string(run, r->rights.mailbox);
		add_string(run, r->rights.rights);
		break;
	case IMAP_RESPONSE_ID:
		add_params(run, r->id.params, r->id.n);
		break;
	case IMAP_RESPONSE_SEARCH:
		add_search(run, &r->search);
		break;
	case IMAP_RESPONSE_ESEARCH:
		add_set(run, r->esearch.all);
		break;
	case IMAP_RESPONSE_FLAGS:
		add_flags(run, &r->flags);
		break;
	case IMAP_RESPONSE_EXPUNGE:
		add(run, r->expunge.uid);
		break;
	case IMAP_RESPONSE_VANISHED:
		add_set(run, r->vanished.uids);
		break;
	case IMAP_RESPONSE_FETCH:
		add_fetch(run, &r->fetch);
		break;
	default:
		break;
	}
}

static void on_untagged(const struct imap_response *response, void *user)
{
	struct run *run = user;

	require(!run->streaming);
	add(run, response->type);
	add(run, response->suspect);
	add(run, imap_exists(run->imap));
	add_data(run, response);
}

static void on_output(const uint8_t *data, size_t length, void *user)
{
	struct run *run = user;
	const uint8_t *space = memchr(data, ' ', length);
	size_t n = space == NULL ? 0 : (size_t)(space - data);

	if (n > 0 && n < sizeof(run->tag) && data[0] == 's') {
		memcpy(run->tag, data, n);
		run->tag[n] = '\0';
		if (run->tag_length == 0)
			run->tag_length = n;
	}
}

static bool on_begin(uint32_t seq, const struct imap_section *section,
		     void *user)
{
	struct run *run = user;

	require(!run->streaming);
	add(run, seq);
	add_string(run, section->section);
	run->streaming = (section->length & 1) == 0;
	return run->streaming;
}

static void on_data(const uint8_t *data, size_t length, void *user)
{
	struct run *run = user;

	require(run->streaming);
	add_octets(run, data, length);
}

static void on_end(bool complete, void *user)
{
	struct run *run = user;

	require(run->streaming);
	run->streaming = false;
	add(run, complete);
}

static void on_wire(enum imap_direction direction, const char *line,
		    void *user)
{
	(void)direction;
	(void)user;
	require(strlen(line) < 3000);
}

static void on_done(const struct imap_status *result, void *user)
{
	struct run *run = user;

	run->open--;
	require(run->open >= 0);
	if (result->condition != IMAP_LOST)
		add_status(run, result);
}

static void submit(struct run *run, struct imap_command *command)
{
	run->open++;
	imap_submit(run->imap, command, on_done, run);
}

static void submit_all(struct run *run, unsigned choice)
{
	const struct imap_select select = { .mailbox = "K\xc3\xa4se" };
	const struct imap_fetch_request request = { .items = 127 };
	struct imap_set *set = imap_set_new();

	imap_set_add(set, 1, 5);
	if ((choice & 2) != 0)
		submit(run, imap_cmd_login("a", "b", NULL));
	if ((choice & 4) != 0)
		submit(run, imap_cmd_enable(UINT64_C(1) << IMAP_CAP_QRESYNC));
	submit(run, imap_cmd_select(&select, NULL));
	submit(run, imap_cmd_fetch(set, &request, NULL));
	submit(run, imap_cmd_uid_fetch(set, &request, NULL));
	submit(run, imap_cmd_uid_search(NULL, 0, NULL));
	submit(run, imap_cmd_select(&select, NULL));
	submit(run, imap_cmd_idle());
	submit(run, imap_cmd_list("", "*", 0, 0, NULL));
	imap_set_free(set);
}

static bool feed(struct run *run, const void *data, size_t size)
{
	GError *error = NULL;

	if (imap_input(run->imap, data, size, NULL, &error))
		return true;
	require(error != NULL && g_utf8_validate(error->message, -1, NULL));
	run->limited = g_error_matches(error, IMAP_ERROR, IMAP_ERROR_LIMIT) ||
		       strstr(error->message, "not IMAP") != NULL;
	imap_closed(run->imap, error);
	g_error_free(error);
	return false;
}

/*
 * Octets behind a line that may end in a literal: no tag is put in there, as
 * it might be cut at a place that differs from run to run.
 */
static void count_literal(struct run *run, const uint8_t *data, size_t size)
{
	size_t i = size;

	run->literal -= MIN(run->literal, size);
	while (i > 0 && strchr("\r\n+}", data[i - 1]) != NULL)
		i--;
	if (i == size || i == 0 || !g_ascii_isdigit(data[i - 1]))
		return;
	while (i > 0 && g_ascii_isdigit(data[i - 1]))
		i--;
	run->literal = MAX(run->literal,
			   g_ascii_strtoull((const char *)data + i, NULL, 10));
}

/* Tags are put in as soon as the engine has used them: a line at a time. */
static bool feed_line(struct run *run, const uint8_t *data, size_t size,
		      size_t piece)
{
	GString *line = g_string_new(NULL);
	bool ok = true;

	for (size_t i = 0; i < size; i++) {
		if (data[i] == 0xFE && run->literal == 0)
			g_string_append(line, run->tag);
		else
			g_string_append_c(line, (char)data[i]);
	}
	if (piece == 0)
		piece = line->len;
	for (size_t i = 0; ok && i < line->len; i += piece)
		ok = feed(run, line->str + i, MIN(piece, line->len - i));
	g_string_free(line, TRUE);
	return ok;
}

static void run_input(struct run *run, const uint8_t *data, size_t size,
		      unsigned choice, size_t piece)
{
	const struct imap_handler handler = {
		.output = on_output,
		.untagged = on_untagged,
		.body_begin = on_begin,
		.body_data = on_data,
		.body_end = on_end,
		.wire = on_wire,
	};
	bool ok = true;

	memset(run, 0, sizeof(*run));
	run->imap = imap_new((choice & 1) != 0 ? &small : NULL, &handler, run);
	submit_all(run, choice);
	while (ok && size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t n = end == NULL ? size : (size_t)(end - data) + 1;

		ok = feed_line(run, data, n, piece);
		count_literal(run, data, n);
		data += n;
		size -= n;
	}
	imap_free(run->imap);
	require(run->open == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run whole, split;

	if (size < 1)
		return 0;
	run_input(&whole, data + 1, size - 1, data[0], 0);
	run_input(&split, data + 1, size - 1, data[0], 1 + data[0] / 64);
	if (!whole.limited && !split.limited &&
	    whole.tag_length == strlen(split.tag))
		require(whole.sum == split.sum);
	return 0;
}
