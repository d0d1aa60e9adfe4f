/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "flow.h"
#include "smew/base.h"

/* Deeper nesting is drawn no further in: no line shall be all indentation. */
#define INDENT_LIMIT 40
#define QUOTE_LIMIT 40
#define TAB_WIDTH 8
/* A line is ended here at the latest. */
#define LINE_LIMIT (1 << 20)

struct flow {
	struct lines *lines; /* borrowed */
	GString *text;	     /* of the current line */
	GString *marker;     /* waits for the next line */
	bool blank;	     /* white space waits for more text */
	bool cell;	     /* a cell ended before this text */
	bool gap;	     /* an empty line waits for more text */
	bool began;	     /* some line was ended */
	int quote, indent, pre;
	int last_quote, last_width;
	size_t column; /* characters in the line, for tabs */
};

struct flow *flow_new(struct lines *lines)
{
	struct flow *flow = g_new0(struct flow, 1);

	flow->lines = lines;
	flow->text = g_string_new(NULL);
	flow->marker = g_string_new(NULL);
	return flow;
}

void flow_free(struct flow *flow)
{
	g_string_free(flow->text, TRUE);
	g_string_free(flow->marker, TRUE);
	g_free(flow);
}

static void put_marks(GString *out, int quote)
{
	for (int i = 0; i < quote; i++)
		g_string_append(out, "> ");
}

static void add_line(struct flow *flow, const GString *line, int quote)
{
	lines_add(flow->lines, quote > 0 ? MAIL_QUOTED : MAIL_BODY,
		  (unsigned)quote, line->str, line->len);
}

/* An empty line inside of a quotation belongs to it. */
static void add_empty(struct flow *flow)
{
	int quote = MIN(flow->last_quote, MIN(flow->quote, QUOTE_LIMIT));
	GString *line = g_string_new(NULL);

	put_marks(line, quote);
	if (line->len > 0)
		g_string_truncate(line, line->len - 1);
	add_line(flow, line, quote);
	g_string_free(line, TRUE);
}

static void add_content(struct flow *flow, const char *content)
{
	int quote = MIN(flow->quote, QUOTE_LIMIT);
	int indent = MIN(flow->indent, INDENT_LIMIT);
	int width = text_width(flow->marker->str, (gssize)flow->marker->len);
	GString *line = g_string_new(NULL);

	if (flow->gap && flow->began)
		add_empty(flow);
	put_marks(line, quote);
	for (int i = 0; i < indent - width; i++)
		g_string_append_c(line, ' ');
	g_string_append(line, flow->marker->str);
	g_string_append(line, content);
	flow->last_width = text_width(content, -1);
	flow->last_quote = quote;
	add_line(flow, line, quote);
	g_string_free(line, TRUE);
	g_string_truncate(flow->marker, 0);
	flow->gap = false;
	flow->began = true;
}

/* Returns whether there was something to end. */
static bool end_line(struct flow *flow)
{
	g_autofree char *clean = sanitise_line(flow->text->str,
					       (gssize)flow->text->len);
	bool any;

	g_strchomp(clean);
	any = *clean != '\0';
	if (any)
		add_content(flow, clean);
	g_string_truncate(flow->text, 0);
	flow->blank = flow->cell = false;
	flow->column = 0;
	return any;
}

void flow_break(struct flow *flow)
{
	end_line(flow);
}

void flow_gap(struct flow *flow)
{
	end_line(flow);
	if (flow->marker->len == 0)
		flow->gap = true;
}

void flow_newline(struct flow *flow)
{
	if (end_line(flow))
		return;
	if (flow->pre > 0 && flow->began)
		add_empty(flow);
	else
		flow->gap = true;
}

void flow_cell(struct flow *flow)
{
	flow->cell = true;
}

void flow_quote(struct flow *flow, int change)
{
	flow->quote += change;
}

void flow_pre(struct flow *flow, int change)
{
	flow->pre += change;
}

void flow_indent(struct flow *flow, int change)
{
	flow->indent += change;
}

void flow_marker(struct flow *flow, const char *marker)
{
	g_string_assign(flow->marker, marker);
}

int flow_last_width(const struct flow *flow)
{
	return flow->last_width;
}

void flow_rule(struct flow *flow, char mark, int length)
{
	g_autofree char *rule = g_strnfill((gsize)length, mark);

	end_line(flow);
	add_content(flow, rule);
}

static void put_octet(struct flow *flow, char c)
{
	if (flow->cell && flow->text->len > 0)
		g_string_append(flow->text, "  ");
	else if (flow->blank && flow->text->len > 0)
		g_string_append_c(flow->text, ' ');
	flow->blank = flow->cell = false;
	g_string_append_c(flow->text, c);
	if (((unsigned char)c & 0xc0) != 0x80) {
		flow->column++;
		/* Only before a character: none must be cut. */
		if (flow->text->len > LINE_LIMIT) {
			g_string_truncate(flow->text, flow->text->len - 1);
			end_line(flow);
			g_string_append_c(flow->text, c);
		}
	}
}

static void put_pre(struct flow *flow, char c)
{
	if (c == '\n') {
		flow_newline(flow);
	} else if (c == '\t') {
		do {
			put_octet(flow, ' ');
		} while (flow->column % TAB_WIDTH != 0);
	} else if (c != '\r') {
		put_octet(flow, c);
	}
}

void flow_text(struct flow *flow, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (flow->pre > 0) {
			put_pre(flow, text[i]);
		} else if (g_ascii_isspace(text[i])) {
			flow->blank = true;
		} else if (length - i >= 2 && text[i] == '\xc2' &&
			   text[i + 1] == '\xa0') {
			/* A no-break space is a blank that does not collapse. */
			put_octet(flow, ' ');
			i++;
		} else {
			put_octet(flow, text[i]);
		}
	}
}
