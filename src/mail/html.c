/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parser of libxml2 calls us for each element and text; no tree is built,
 * so that neither its memory nor its limit of 256 levels matter.
 */
#include "config.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "flow.h"
#include "html.h"
#include "smew/base.h"
#include "tame.h"

#define DEPTH_LIMIT 1000
/* Steps the parser may take in looking for what wrong end tags close. */
#define WORK_LIMIT 200000000
#define LINK_LIMIT 10000
#define URL_LIMIT 2000
#define CHARSET_WINDOW 2048
#define RULE_WIDTH 40
#define UNDERLINE_MAX 72

enum kind {
	KIND_INLINE = 0,
	KIND_BLOCK,  /* on lines of its own */
	KIND_PARA,   /* with empty lines around it */
	KIND_HIDDEN, /* never shown */
	KIND_BREAK,
	KIND_RULE,
	KIND_TITLE1,
	KIND_TITLE2,
	KIND_QUOTE,
	KIND_PRE,
	KIND_ITEM,
	KIND_LIST,
	KIND_NUMBERED,
	KIND_DEFINITION,
	KIND_CELL,
	KIND_LINK,
	KIND_IMAGE,
	KIND_INLINE_QUOTE,
};

static const struct {
	const char *name;
	enum kind kind;
} elements[] = {
	{"a", KIND_LINK},	     {"address", KIND_BLOCK},
	{"applet", KIND_HIDDEN},     {"article", KIND_BLOCK},
	{"aside", KIND_BLOCK},	     {"audio", KIND_HIDDEN},
	{"blockquote", KIND_QUOTE},  {"br", KIND_BREAK},
	{"canvas", KIND_HIDDEN},     {"caption", KIND_BLOCK},
	{"center", KIND_BLOCK},	     {"dd", KIND_DEFINITION},
	{"details", KIND_BLOCK},     {"dir", KIND_LIST},
	{"div", KIND_BLOCK},	     {"dl", KIND_PARA},
	{"dt", KIND_BLOCK},	     {"fieldset", KIND_BLOCK},
	{"figcaption", KIND_BLOCK},  {"figure", KIND_BLOCK},
	{"footer", KIND_BLOCK},	     {"form", KIND_BLOCK},
	{"h1", KIND_TITLE1},	     {"h2", KIND_TITLE2},
	{"h3", KIND_PARA},	     {"h4", KIND_PARA},
	{"h5", KIND_PARA},	     {"h6", KIND_PARA},
	{"header", KIND_BLOCK},	     {"hr", KIND_RULE},
	{"iframe", KIND_HIDDEN},     {"img", KIND_IMAGE},
	{"legend", KIND_BLOCK},	     {"li", KIND_ITEM},
	{"main", KIND_BLOCK},	     {"math", KIND_HIDDEN},
	{"menu", KIND_LIST},	     {"nav", KIND_BLOCK},
	{"noframes", KIND_HIDDEN},   {"object", KIND_HIDDEN},
	{"ol", KIND_NUMBERED},	     {"option", KIND_BLOCK},
	{"p", KIND_PARA},	     {"pre", KIND_PRE},
	{"q", KIND_INLINE_QUOTE},    {"script", KIND_HIDDEN},
	{"section", KIND_BLOCK},     {"style", KIND_HIDDEN},
	{"summary", KIND_BLOCK},     {"svg", KIND_HIDDEN},
	{"table", KIND_BLOCK},	     {"tbody", KIND_BLOCK},
	{"td", KIND_CELL},	     {"template", KIND_HIDDEN},
	{"th", KIND_CELL},	     {"thead", KIND_BLOCK},
	{"title", KIND_HIDDEN},	     {"tr", KIND_BLOCK},
	{"ul", KIND_LIST},	     {"video", KIND_HIDDEN},
	{"xml", KIND_HIDDEN},
};

struct frame {
	enum kind kind;
	int number; /* of the next item of a numbered list */
	int indent; /* what an item has added */
};

struct document {
	htmlParserCtxtPtr parser; /* owned by html_show() */
	struct flow *flow;
	GArray *frames;	       /* of struct frame: the open elements */
	guint hidden_from;     /* frames above this are not shown; 0: none */
	GPtrArray *links;      /* of char *: targets in order */
	GHashTable *numbers;   /* char * of links to its number */
	char *target;	       /* of the open link, or NULL */
	GString *link_text;    /* of the open link */
	int lists;	       /* that are open */
	guint64 work;
	bool stopped;
};

static const char *attribute(const xmlChar **attributes, const char *name)
{
	for (int i = 0; attributes != NULL && attributes[i] != NULL; i += 2)
		if (strcmp((const char *)attributes[i], name) == 0)
			return attributes[i + 1] == NULL
				       ? ""
				       : (const char *)attributes[i + 1];
	return NULL;
}

static bool is_hidden(const xmlChar **attributes)
{
	const char *style = attribute(attributes, "style");
	g_autofree char *flat = NULL;
	char *to;

	if (attribute(attributes, "hidden") != NULL)
		return true;
	if (style == NULL)
		return false;
	flat = g_ascii_strdown(style, -1);
	to = flat;
	for (const char *at = flat; *at != '\0'; at++)
		if (!g_ascii_isspace(*at))
			*to++ = *at;
	*to = '\0';
	return strstr(flat, "display:none") != NULL ||
	       strstr(flat, "visibility:hidden") != NULL;
}

static enum kind kind_of(const char *name)
{
	size_t low = 0, high = G_N_ELEMENTS(elements);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = g_ascii_strcasecmp(name, elements[middle].name);

		if (order == 0)
			return elements[middle].kind;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return KIND_INLINE;
}

static void put(struct document *document, const char *text)
{
	flow_text(document->flow, text, strlen(text));
}

/* Empty lines stand around a list, not around one inside of another. */
static void end_list_block(struct document *document)
{
	if (document->lists > 0)
		flow_break(document->flow);
	else
		flow_gap(document->flow);
}

static void start_list(struct document *document, struct frame *frame,
		       const xmlChar **attributes)
{
	const char *start = attribute(attributes, "start");
	guint64 number = 1;

	if (start != NULL && !g_ascii_string_to_unsigned(start, 10, 0, 99999,
							 &number, NULL))
		number = 1;
	frame->number = (int)number;
	end_list_block(document);
	document->lists++;
	flow_indent(document->flow, 2);
	frame->indent = 2;
}

/* The list that an item stands in is the nearest one that is open. */
static void start_item(struct document *document, struct frame *frame)
{
	g_autofree char *number = NULL;
	const char *marker = "* ";

	for (guint i = document->frames->len; i > 0; i--) {
		struct frame *list = &g_array_index(document->frames,
						    struct frame, i - 1);

		if (list->kind == KIND_NUMBERED) {
			number = g_strdup_printf("%d. ", list->number++);
			marker = number;
		}
		if (list->kind == KIND_NUMBERED || list->kind == KIND_LIST)
			break;
	}
	flow_break(document->flow);
	frame->indent = (int)strlen(marker);
	flow_indent(document->flow, frame->indent);
	flow_marker(document->flow, marker);
}

static void start_link(struct document *document, const xmlChar **attributes)
{
	const char *href = attribute(attributes, "href");

	g_clear_pointer(&document->target, g_free);
	g_string_truncate(document->link_text, 0);
	if (href == NULL || *href == '#')
		return;
	document->target = sanitise_line(href, -1);
	g_strstrip(document->target);
	if (*document->target == '\0')
		g_clear_pointer(&document->target, g_free);
}

static void start_image(struct document *document, const xmlChar **attributes)
{
	const char *alt = attribute(attributes, "alt");
	g_autofree char *text = NULL;

	if (alt == NULL || *alt == '\0')
		return;
	text = sanitise_line(alt, -1);
	g_strstrip(text);
	if (*text == '\0')
		return;
	put(document, "[");
	put(document, text);
	put(document, "]");
	if (document->target != NULL)
		g_string_append_c(document->link_text, '\1');
}

static void start_kind(struct document *document, struct frame *frame,
		       const xmlChar **attributes)
{
	struct flow *flow = document->flow;

	switch (frame->kind) {
	case KIND_BLOCK:
		flow_break(flow);
		break;
	case KIND_PARA:
	case KIND_TITLE1:
	case KIND_TITLE2:
		flow_gap(flow);
		break;
	case KIND_BREAK:
		flow_newline(flow);
		break;
	case KIND_RULE:
		flow_rule(flow, '-', RULE_WIDTH);
		break;
	case KIND_QUOTE:
		flow_gap(flow);
		flow_quote(flow, 1);
		break;
	case KIND_PRE:
		flow_gap(flow);
		flow_pre(flow, 1);
		break;
	case KIND_LIST:
	case KIND_NUMBERED:
		start_list(document, frame, attributes);
		break;
	case KIND_ITEM:
		start_item(document, frame);
		break;
	case KIND_DEFINITION:
		flow_break(flow);
		flow_indent(flow, 4);
		break;
	case KIND_LINK:
		start_link(document, attributes);
		break;
	case KIND_IMAGE:
		start_image(document, attributes);
		break;
	case KIND_INLINE_QUOTE:
		put(document, "\"");
		break;
	case KIND_INLINE:
	case KIND_HIDDEN:
	case KIND_CELL:
		break;
	}
}

static void stop(struct document *document)
{
	document->stopped = true;
	xmlStopParser(document->parser);
}

static void start_element(void *user, const xmlChar *name,
			  const xmlChar **attributes)
{
	struct document *document = user;
	struct frame frame = {.kind = kind_of((const char *)name)};

	if (document->frames->len >= DEPTH_LIMIT) {
		stop(document);
		return;
	}
	if (document->hidden_from == 0 &&
	    (frame.kind == KIND_HIDDEN || is_hidden(attributes))) {
		frame.kind = KIND_INLINE;
		document->hidden_from = document->frames->len + 1;
	} else if (document->hidden_from == 0) {
		start_kind(document, &frame, attributes);
	}
	if (document->hidden_from != 0)
		frame.kind = KIND_INLINE;
	g_array_append_val(document->frames, frame);
}

/* Does the text of a link say where it goes? */
static bool says_target(const char *text, const char *target)
{
	static const char *const prefixes[] = {"mailto:", "http://",
					       "https://"};
	g_autofree char *slash = g_strconcat(text, "/", NULL);

	if (strcmp(text, target) == 0 || strcmp(slash, target) == 0)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		const char *rest = target + strlen(prefixes[i]);

		if (g_str_has_prefix(target, prefixes[i]) &&
		    (strcmp(text, rest) == 0 || strcmp(slash, rest) == 0))
			return true;
	}
	return false;
}

static guint number_of(struct document *document, const char *target)
{
	gpointer known = g_hash_table_lookup(document->numbers, target);

	if (known != NULL)
		return GPOINTER_TO_UINT(known);
	if (document->links->len == LINK_LIMIT)
		return 0;
	g_ptr_array_add(document->links, g_strdup(target));
	g_hash_table_insert(document->numbers,
			    g_ptr_array_index(document->links,
					      document->links->len - 1),
			    GUINT_TO_POINTER(document->links->len));
	return document->links->len;
}

static void end_link(struct document *document)
{
	g_autofree char *target = g_steal_pointer(&document->target);
	g_autofree char *text = NULL;
	g_autofree char *mark = NULL;
	guint number;

	if (target == NULL)
		return;
	text = sanitise_line(document->link_text->str,
			     (gssize)document->link_text->len);
	g_strstrip(text);
	if (says_target(text, target))
		return;
	number = number_of(document, target);
	if (number == 0)
		return;
	mark = g_strdup_printf("%s[%u]", *text == '\0' ? "" : " ", number);
	put(document, mark);
}

static void end_title(struct document *document, char mark)
{
	int width;

	flow_break(document->flow);
	width = MIN(flow_last_width(document->flow), UNDERLINE_MAX);
	if (width > 0)
		flow_rule(document->flow, mark, width);
	flow_gap(document->flow);
}

static void end_kind(struct document *document, const struct frame *frame)
{
	struct flow *flow = document->flow;

	switch (frame->kind) {
	case KIND_BLOCK:
		flow_break(flow);
		break;
	case KIND_PARA:
		flow_gap(flow);
		break;
	case KIND_TITLE1:
		end_title(document, '=');
		break;
	case KIND_TITLE2:
		end_title(document, '-');
		break;
	case KIND_QUOTE:
		flow_gap(flow);
		flow_quote(flow, -1);
		break;
	case KIND_PRE:
		flow_gap(flow);
		flow_pre(flow, -1);
		break;
	case KIND_LIST:
	case KIND_NUMBERED:
		document->lists--;
		end_list_block(document);
		flow_indent(flow, -frame->indent);
		break;
	case KIND_ITEM:
		flow_break(flow);
		flow_marker(flow, "");
		flow_indent(flow, -frame->indent);
		break;
	case KIND_DEFINITION:
		flow_break(flow);
		flow_indent(flow, -4);
		break;
	case KIND_CELL:
		flow_cell(flow);
		break;
	case KIND_LINK:
		end_link(document);
		break;
	case KIND_INLINE_QUOTE:
		put(document, "\"");
		break;
	case KIND_INLINE:
	case KIND_HIDDEN:
	case KIND_BREAK:
	case KIND_RULE:
	case KIND_IMAGE:
		break;
	}
}

static void end_element(void *user, const xmlChar *name)
{
	struct document *document = user;
	struct frame frame;

	(void)name;
	if (document->frames->len == 0)
		return;
	frame = g_array_index(document->frames, struct frame,
			      document->frames->len - 1);
	g_array_set_size(document->frames, document->frames->len - 1);
	if (document->hidden_from == 0)
		end_kind(document, &frame);
	else if (document->frames->len < document->hidden_from)
		document->hidden_from = 0;
}

static void characters(void *user, const xmlChar *text, int length)
{
	struct document *document = user;

	if (document->hidden_from != 0 || length <= 0)
		return;
	flow_text(document->flow, (const char *)text, (size_t)length);
	if (document->target != NULL && document->link_text->len < URL_LIMIT)
		g_string_append_len(document->link_text, (const char *)text,
				    length);
}

/* An end tag that closes nothing was looked for in all open elements. */
static void G_GNUC_PRINTF(2, 3)
	count_error(void *user, const char *format, ...)
{
	struct document *document = user;

	(void)format;
	document->work += document->frames->len;
	if (document->work > WORK_LIMIT && !document->stopped)
		stop(document);
}

static void show_links(struct document *document, struct lines *lines)
{
	if (document->links->len > 0)
		lines_gap(lines);
	for (guint i = 0; i < document->links->len; i++) {
		const char *target = g_ptr_array_index(document->links, i);
		size_t length = strlen(target);
		GString *line = g_string_new(NULL);

		g_string_append_printf(line, "[%u] ", i + 1);
		if (length > URL_LIMIT)
			length = text_fit(target, URL_LIMIT, URL_LIMIT, NULL);
		g_string_append_len(line, target, (gssize)length);
		if (target[length] != '\0')
			g_string_append(line, "...");
		lines_add(lines, MAIL_BODY, 0, line->str, line->len);
		g_string_free(line, TRUE);
	}
}

static void parse(struct document *document, const char *text, size_t length)
{
	htmlSAXHandler handler = {
		.startElement = start_element,
		.endElement = end_element,
		.characters = characters,
		.cdataBlock = characters,
		.ignorableWhitespace = characters,
		.error = count_error,
	};

	document->parser = htmlNewParserCtxt();
	if (document->parser == NULL)
		return;
	*document->parser->sax = handler;
	document->parser->userData = document;
	htmlCtxtReadMemory(document->parser, text,
			   (int)MIN(length, LINES_LIMIT), NULL, "UTF-8",
			   HTML_PARSE_RECOVER | HTML_PARSE_NOWARNING |
				   HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	if (document->parser->myDoc != NULL)
		xmlFreeDoc(document->parser->myDoc);
	htmlFreeParserCtxt(document->parser);
	xmlResetLastError();
}

bool html_show(struct lines *lines, const char *text, size_t length)
{
	/* The parser ends at a NUL; the sanitiser makes it visible. */
	g_autofree char *clean = sanitise_text(text, (gssize)length);
	struct document document = {
		.flow = flow_new(lines),
		.frames = g_array_new(FALSE, FALSE, sizeof(struct frame)),
		.links = g_ptr_array_new_with_free_func(g_free),
		.numbers = g_hash_table_new(g_str_hash, g_str_equal),
		.link_text = g_string_new(NULL),
	};

	tame_attributes(clean, strlen(clean));
	parse(&document, clean, strlen(clean));
	end_link(&document);
	flow_break(document.flow);
	show_links(&document, lines);
	flow_free(document.flow);
	g_array_unref(document.frames);
	g_hash_table_unref(document.numbers);
	g_ptr_array_unref(document.links);
	g_string_free(document.link_text, TRUE);
	return !document.stopped;
}

char *html_charset(const char *data, size_t length)
{
	const char *at = data, *end = data + MIN(length, CHARSET_WINDOW);

	for (; end - at > 8; at++) {
		const char *name = at + 7;
		size_t n = 0;

		if (g_ascii_strncasecmp(at, "charset", 7) != 0)
			continue;
		while (name < end && (g_ascii_isspace(*name) || *name == '='))
			name++;
		if (name < end && (*name == '"' || *name == '\''))
			name++;
		while (name + n < end && n < 40 &&
		       (g_ascii_isalnum(name[n]) || name[n] == '-' ||
			name[n] == '_' || name[n] == '.' || name[n] == ':'))
			n++;
		if (n > 0)
			return g_strndup(name, n);
	}
	return NULL;
}
