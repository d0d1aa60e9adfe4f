/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One complete response: which of the three kinds it is (RFC 9051 2.2.2). */
#include <string.h>

#include "engine.h"
#include "parse.h"
#include "smew/base.h"

static size_t word_length(const char *start, const char *end)
{
	const char *space = memchr(start, ' ', (size_t)(end - start));

	return (size_t)((space == NULL ? end : space) - start);
}

bool response_starts(const struct imap *imap, const char *start,
		     const char *end)
{
	size_t n = word_length(start, end);

	if (n == 1 && (*start == '*' || *start == '+'))
		return true;
	return n > 0 && queue_find(imap, start, n) != NULL;
}

/* An answer to a command that is not outstanding: "s12 OK ..." */
static bool is_unknown_answer(const char *start, const char *end)
{
	static const char *const words[] = { "OK", "NO", "BAD" };
	size_t n = word_length(start, end), m;
	struct token word = { .kind = TOKEN_ATOM };

	if (n == 0 || start + n == end)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!g_ascii_isalnum(start[i]))
			return false;
	}
	m = word_length(start + n + 1, end);
	word.s = start + n + 1;
	word.n = m;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (token_is(&word, words[i]))
			return true;
	}
	return false;
}

/* What is no response: skipped where a wrong literal count may explain it. */
static bool handle_junk(struct imap *imap, const char *start, const char *end,
			GError **error)
{
	struct input *input = &imap->input;
	size_t n = (size_t)(end - start);

	if (!imap->greeted)
		return fail_with(error, IMAP_ERROR_PROTOCOL,
				 _("this is no IMAP server, it said"), start,
				 n);
	input->junk += n + 2;
	if (n == 0 || is_unknown_answer(start, end) || input->resync) {
		log_line(LOG_FAULT, "imap", "skipped %zu octets", n);
		if (input->junk <= imap->limits.junk)
			return true;
	}
	return fail_with(error, IMAP_ERROR_PROTOCOL,
			 _("the server sent what is not IMAP"), start, n);
}

static bool handle_answer(struct imap *imap, struct imap_command *command,
			  struct lexer *lex, GError **error)
{
	struct imap_status status;
	const char *start;

	lex_at_end(lex);
	start = lex->p;
	if (!parse_status(lex, &status) || status.condition > IMAP_BAD)
		return fail_with(error, IMAP_ERROR_PROTOCOL,
				 _("the server sent an answer that is none"),
				 start, (size_t)(lex->end - start));
	if (status.code == IMAP_CODE_CAPABILITY &&
	    command->kind != COMMAND_STARTTLS) {
		struct lexer names = lexer_inside(
			lex, status.argument,
			status.argument + strlen(status.argument));

		capabilities_read(imap, &names);
	}
	queue_answer(imap, command, &status);
	return true;
}

/* Enough of it, and one more that says that it goes on. */
static void log_part(GString *line, const char *from, const char *to)
{
	if (line->len <= WIRE_MAX)
		g_string_append_len(line, from, MIN(to - from,
						    (gssize)WIRE_MAX + 1));
}

/* The response for the log, literals folded. */
static void log_response(struct imap *imap, const char *start, const char *end)
{
	const GArray *folds = imap->input.folds;
	GString *line;
	const char *p = start;

	if (imap->handler.wire == NULL)
		return;
	if (*start == '+' && queue_flying(imap, COMMAND_AUTHENTICATE) != NULL) {
		wire_line(imap, IMAP_FROM_SERVER, "+ <redacted>");
		return;
	}
	line = g_string_new(NULL);
	for (guint i = 0; i < folds->len; i++) {
		const struct fold *fold = &g_array_index(folds, struct fold, i);
		const char *stop = start + fold->start;

		while (stop > p && (stop[-1] == '\n' || stop[-1] == '\r'))
			stop--;
		log_part(line, p, stop);
		p = MIN(start + fold->end, end);
	}
	log_part(line, p, end);
	wire_line(imap, IMAP_FROM_SERVER, line->str);
	g_string_free(line, TRUE);
}

static bool dispatch(struct imap *imap, const char *start, const char *end,
		     GError **error)
{
	const struct input *input = &imap->input;
	struct lexer lex = {
		.start = start,
		.p = start,
		.end = end,
		.arena = &imap->arena,
		.limits = &imap->limits,
		.streamed = (const struct streamed *)(void *)
				    input->streamed->data,
		.n_streamed = input->streamed->len,
	};
	size_t n = word_length(start, end);

	lex.p += n;
	if (*start == '*')
		return untagged_handle(imap, &lex, error);
	if (!imap->greeted)
		return handle_junk(imap, start, end, error);
	if (*start == '+') {
		send_continuation(imap, &lex);
		return true;
	}
	return handle_answer(imap, queue_find(imap, start, n), &lex, error);
}

bool response_handle(struct imap *imap, const char *start, const char *end,
		     GError **error)
{
	bool ok;

	if (!response_starts(imap, start, end))
		return handle_junk(imap, start, end, error);
	imap->input.resync = false;
	imap->input.junk = 0;
	log_response(imap, start, end);
	ok = dispatch(imap, start, end, error);
	arena_reset(&imap->arena);
	return ok;
}
