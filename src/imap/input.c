/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the octets of the connection to complete responses. A response that
 * lies whole in one piece of input is handled where it stands; others are put
 * together in a buffer. Large body literals never enter it.
 */
#include <inttypes.h>
#include <string.h>

#include "engine.h"
#include "parse.h"
#include "smew/base.h"

void input_init(struct input *input)
{
	input->buffer = g_byte_array_new();
	input->streamed = g_array_new(FALSE, FALSE, sizeof(struct streamed));
	input->folds = g_array_new(FALSE, FALSE, sizeof(struct fold));
}

void input_release(struct input *input)
{
	g_byte_array_free(input->buffer, TRUE);
	g_array_free(input->streamed, TRUE);
	g_array_free(input->folds, TRUE);
}

/* A buffer that grew for one large response does not stay. */
#define BUFFER_KEPT ((size_t)256 * 1024)

static void begin_response(struct input *input)
{
	if (input->buffer->len > BUFFER_KEPT) {
		g_byte_array_free(input->buffer, TRUE);
		input->buffer = g_byte_array_new();
	}
	g_byte_array_set_size(input->buffer, 0);
	g_array_set_size(input->streamed, 0);
	g_array_set_size(input->folds, 0);
	input->phase = INPUT_LINE;
	input->part = 0;
	input->line = 0;
	input->has_literal = false;
	input->stray = false;
}

enum { PADDING_MAX = 64 * 1024 };

static bool fail_limit(GError **error, const char *what, ...)
	G_GNUC_PRINTF(2, 3);

static bool fail_limit(GError **error, const char *what, ...)
{
	va_list args;

	va_start(args, what);
	g_propagate_error(error, g_error_new_valist(IMAP_ERROR,
						    IMAP_ERROR_LIMIT, what,
						    args));
	va_end(args);
	return false;
}

static bool fail_response(const struct imap *imap, GError **error)
{
	return fail_limit(error,
			  _("the server sent a response of more than %zu "
			    "octets"),
			  imap->limits.response);
}

/* ---- literals ---- */

struct announced {
	const char *brace; /* of "{n}" */
	uint64_t octets;
};

/* Lines with text for the reader never have literals, whatever they end in. */
static bool may_announce(const char *start, const char *end)
{
	static const char *const texts[] = { "OK", "NO", "BAD", "BYE",
					     "PREAUTH" };
	struct token word = { .kind = TOKEN_ATOM, .s = start + 2 };

	if (end - start < 2 || start[0] != '*' || start[1] != ' ')
		return false;
	while (word.s + word.n < end && word.s[word.n] != ' ')
		word.n++;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (token_is(&word, texts[i]))
			return false;
	}
	return true;
}

/* Whether [start, end) ends in "{n}"; a negative count is a count too. */
static bool find_announced(const char *start, const char *end,
			   struct announced *found, bool *negative)
{
	const char *p = end - 1;
	struct token digits = { .kind = TOKEN_ATOM };

	*negative = false;
	if (p <= start || *p != '}')
		return false;
	if (p[-1] == '+')
		p--;
	digits.s = p;
	while (digits.s > start && g_ascii_isdigit(digits.s[-1]))
		digits.s--;
	digits.n = (size_t)(p - digits.s);
	p = digits.s;
	if (p > start && p[-1] == '-') {
		*negative = true;
		p--;
	}
	if (digits.n == 0 || p - start < 2 || p[-1] != '{' ||
	    strchr(" (~", p[-2]) == NULL)
		return false;
	found->brace = p - 1;
	if (!token_number(&digits, &found->octets))
		found->octets = UINT64_MAX;
	return true;
}

/* The sequence number of "* n FETCH"; 0 for anything else. */
static uint32_t fetch_seq(const char *start, const char *end)
{
	struct token number = { .kind = TOKEN_ATOM, .s = start + 2 };
	uint64_t seq;

	while (number.s + number.n < end && number.s[number.n] != ' ')
		number.n++;
	if (!token_number(&number, &seq) || seq > UINT32_MAX ||
	    end - (number.s + number.n) < 7 ||
	    g_ascii_strncasecmp(number.s + number.n, " FETCH ", 7) != 0)
		return 0;
	return (uint32_t)seq;
}

/* The item before the literal: back to the space or "(" before its name. */
static bool section_before(struct imap *imap, const char *start,
			   const char *brace, struct imap_section *section)
{
	const char *end = brace[-1] == '~' ? brace - 1 : brace, *name;

	while (end > start && end[-1] == ' ')
		end--;
	name = end;
	if (end > start && (end[-1] == ']' || end[-1] == '>')) {
		while (name > start && *name != '[')
			name--;
	}
	while (name > start && name[-1] != ' ' && name[-1] != '(')
		name--;
	return parse_section_name(&imap->arena, name, end, section);
}

static bool begin_stream(struct imap *imap, uint32_t seq,
			 struct imap_section *section, uint64_t octets)
{
	struct input *input = &imap->input;
	struct streamed streamed = { input->buffer->len, octets, false };

	section->length = octets;
	if (imap->handler.body_begin != NULL)
		streamed.taken =
			imap->handler.body_begin(seq, section, imap->user);
	input->sink = streamed.taken;
	g_array_append_val(input->streamed, streamed);
	input->phase = INPUT_STREAM;
	return true;
}

static bool begin_large(struct imap *imap, const struct announced *announced,
			GError **error)
{
	const char *start = (const char *)imap->input.buffer->data;
	struct imap_section section;
	uint32_t seq = fetch_seq(start, announced->brace);

	if (announced->octets > imap->limits.body || seq == 0 ||
	    !section_before(imap, start, announced->brace, &section))
		return fail_limit(error,
				  _("the server announced a literal of %" PRIu64
				    " octets"),
				  announced->octets);
	return begin_stream(imap, seq, &section, announced->octets);
}

/* The response up to and with "{n}" CRLF is in the buffer. */
static bool begin_literal(struct imap *imap, const struct announced *announced,
			  GError **error)
{
	struct input *input = &imap->input;
	struct fold fold = { .start = input->buffer->len };

	input->has_literal = true;
	input->stray = false;
	input->literal = announced->octets;
	input->part = input->buffer->len;
	if (announced->octets > imap->limits.literal)
		return begin_large(imap, announced, error);
	if (announced->octets > imap->limits.response - input->buffer->len)
		return fail_response(imap, error);
	fold.end = fold.start + announced->octets;
	if (imap->handler.wire != NULL)
		g_array_append_val(input->folds, fold);
	if (announced->octets > 0)
		input->phase = INPUT_LITERAL;
	return true;
}

static void end_literal(struct input *input)
{
	input->phase = INPUT_LINE;
	input->part = input->buffer->len;
}

static size_t feed_literal(struct imap *imap, const char *data, size_t length)
{
	struct input *input = &imap->input;
	size_t n = (size_t)MIN(input->literal, length);

	g_byte_array_append(input->buffer, (const guint8 *)data, (guint)n);
	input->literal -= n;
	if (input->literal == 0)
		end_literal(input);
	return n;
}

static size_t feed_stream(struct imap *imap, const char *data, size_t length)
{
	struct input *input = &imap->input;
	size_t n = (size_t)MIN(input->literal, length);

	if (input->sink && imap->handler.body_data != NULL)
		imap->handler.body_data((const uint8_t *)data, n, imap->user);
	input->literal -= n;
	if (input->literal > 0)
		return n;
	end_literal(input);
	if (input->sink && imap->handler.body_end != NULL)
		imap->handler.body_end(true, imap->user);
	input->sink = false;
	return n;
}

/* ---- lines ---- */

static const char *without_line_end(const char *start, const char *end)
{
	if (end > start && end[-1] == '\n')
		end--;
	if (end > start && end[-1] == '\r')
		end--;
	return end;
}

/* Whether lists are open at the end of a response that has literals. */
static bool is_unclosed(struct imap *imap, const char *start, const char *end)
{
	struct lexer lex = {
		.start = start,
		.p = start,
		.end = end,
		.arena = &imap->arena,
		.limits = &imap->limits,
		.streamed = (const struct streamed *)(void *)
				    imap->input.streamed->data,
		.n_streamed = imap->input.streamed->len,
	};
	struct token ignored;

	while (!lex_at_end(&lex)) {
		if (!lex_open(&lex) && !lex_close(&lex) &&
		    !lex_token(&lex, &ignored))
			break;
		if (lex.why != NULL)
			break;
	}
	arena_reset(&imap->arena);
	return lex.depth > 0;
}

static bool finish_response(struct imap *imap, const char *start,
			    const char *end, GError **error)
{
	bool had_literal = imap->input.has_literal;
	bool ok = response_handle(imap, start, end, error);

	if (had_literal) {
		imap->input.resync = true;
		imap->input.junk = 0;
	}
	begin_response(&imap->input);
	return ok;
}

/* The lines of a response up to its end or its next literal. */
static bool end_of_part(struct imap *imap, const char *start, const char *part,
			const char *end, GError **error)
{
	struct input *input = &imap->input;
	const char *text_end = without_line_end(part, end);
	bool buffered = start == (const char *)input->buffer->data;
	struct announced announced;
	bool negative;

	if (may_announce(start, text_end) &&
	    find_announced(part, text_end, &announced, &negative)) {
		if (negative)
			return fail_with(error, IMAP_ERROR_PROTOCOL,
					 _("the server announced a literal of "
					   "a negative length"),
					 NULL, 0);
		if (!buffered) {
			size_t brace = (size_t)(announced.brace - start);

			g_byte_array_append(input->buffer,
					    (const guint8 *)start,
					    (guint)(end - start));
			announced.brace =
				(const char *)input->buffer->data + brace;
		}
		return begin_literal(imap, &announced, error);
	}
	/* A count that left out the last line end of the octets. */
	if (input->has_literal && !input->stray && text_end == part &&
	    is_unclosed(imap, start, part)) {
		g_byte_array_set_size(input->buffer, (guint)(part - start));
		input->stray = true;
		return true;
	}
	return finish_response(imap, start, text_end, error);
}

/* The line behind an empty one: does it go on, or begin the next response? */
static bool end_of_stray(struct imap *imap, const char *line, size_t length,
			 GError **error)
{
	struct input *input = &imap->input;
	const char *start = (const char *)input->buffer->data;
	char *copy = g_memdup2(line, length);
	bool ok;

	if (!response_starts(imap, copy,
			     without_line_end(copy, copy + length))) {
		ok = end_of_part(imap, start, start + input->part,
				 start + input->buffer->len, error);
	} else {
		ok = finish_response(imap, start, start + input->part, error);
		ok = ok && end_of_part(imap, copy, copy, copy + length, error);
	}
	g_free(copy);
	return ok;
}

static bool check_line(struct imap *imap, size_t more, GError **error)
{
	struct input *input = &imap->input;

	input->line += more;
	if (input->line > imap->limits.line)
		return fail_limit(error,
				  _("the server sent a line of more than %zu "
				    "octets"),
				  imap->limits.line);
	if (input->buffer->len + more > imap->limits.response)
		return fail_response(imap, error);
	return true;
}

static size_t feed_line(struct imap *imap, const char *data, size_t length,
			GError **error)
{
	struct input *input = &imap->input;
	const char *newline = memchr(data, '\n', length), *start;
	size_t n = newline == NULL ? length : (size_t)(newline - data) + 1;
	bool ok;

	if (!check_line(imap, n, error))
		return 0;
	if (newline != NULL && input->buffer->len == 0) {
		ok = end_of_part(imap, data, data, data + n, error);
		return ok ? n : 0;
	}
	g_byte_array_append(input->buffer, (const guint8 *)data, (guint)n);
	if (newline == NULL)
		return n;
	start = (const char *)input->buffer->data;
	if (input->stray)
		ok = end_of_stray(imap, start + input->part,
				  input->buffer->len - input->part, error);
	else
		ok = end_of_part(imap, start, start + input->part,
				 start + input->buffer->len, error);
	return ok ? n : 0;
}

/* Takes at least one octet; 0 and an error when the connection must end. */
size_t input_feed(struct imap *imap, const char *data, size_t length,
		  GError **error)
{
	struct input *input = &imap->input;

	if (input->phase == INPUT_LITERAL)
		return feed_literal(imap, data, length);
	if (input->phase == INPUT_STREAM)
		return feed_stream(imap, data, length);
	/* Some servers pad with NULs between responses. */
	if (input->buffer->len == 0 && *data == '\0') {
		if (++input->padding <= PADDING_MAX)
			return 1;
		fail_limit(error, _("the server sends nothing but NUL "
				    "octets"));
		return 0;
	}
	input->padding = 0;
	return feed_line(imap, data, length, error);
}
