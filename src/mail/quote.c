/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quote: the text of a message as it came, to be quoted or forwarded. Lines
 * stay what the sender made them; only HTML has to be laid out.
 */
#include "config.h"

#include <string.h>

#include "charset.h"
#include "codec.h"
#include "html.h"
#include "lines.h"
#include "part.h"
#include "smew/base.h"
#include "split.h"

enum { QUOTE_LIMIT = 1 << 20 };

struct quoter {
	GString *out;
	GHashTable *sections;
	int width;
};

static void append_wrapped(struct quoter *q, const char *line)
{
	size_t length = strlen(line);

	while (text_width(line, (gssize)length) > q->width) {
		size_t n = text_fit(line, (gssize)length, q->width, NULL);
		const char *blank = memrchr(line, ' ', n);

		if (blank != NULL && blank != line)
			n = (size_t)(blank - line);
		if (n == 0)
			break;
		g_string_append_len(q->out, line, (gssize)n);
		g_string_append_c(q->out, '\n');
		line += n;
		line += strspn(line, " ");
		length = strlen(line);
	}
	g_string_append(q->out, line);
	g_string_append_c(q->out, '\n');
}

static void clear_line(void *data)
{
	g_free(((struct mail_line *)data)->text);
}

static void append_html(struct quoter *q, const GString *text)
{
	g_autoptr(GArray) array =
		g_array_new(FALSE, FALSE, sizeof(struct mail_line));
	struct lines lines = { .array = array };

	g_array_set_clear_func(array, clear_line);
	html_show(&lines, text->str, text->len);
	for (guint i = 0; i < array->len; i++)
		append_wrapped(q, g_array_index(array, struct mail_line, i)
					  .text);
}

/* RFC 3676 4.4: the blank that protected a line is not its own. */
static void append_flowed(struct quoter *q, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		size_t stuffed = *text == ' ' ? 1 : 0;

		g_string_append_len(q->out, text + stuffed,
				    (gssize)(n - stuffed));
		g_string_append_c(q->out, '\n');
		text += n;
		text += *text == '\n';
	}
}

static void append_text(struct quoter *q, const struct mail_part *part,
			GBytes *raw)
{
	bool damaged;
	g_autoptr(GBytes) octets = codec_decode(part->encoding, raw, &damaged);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *clean = NULL;
	gsize length;
	const char *data = g_bytes_get_data(octets, &length);

	charset_append(text, part->charset, data, MIN(length, QUOTE_LIMIT));
	if (part_is(part, "text", "html")) {
		append_html(q, text);
		return;
	}
	clean = sanitise_text(text->str, (gssize)text->len);
	if (part->flowed) {
		append_flowed(q, clean);
		return;
	}
	g_string_append(q->out, clean);
	if (*clean != '\0' && !g_str_has_suffix(clean, "\n"))
		g_string_append_c(q->out, '\n');
}

static const struct mail_part *find(const struct mail_part *part,
				    const char *section, int depth)
{
	const struct mail_part *found = NULL;

	if (strcmp(part->section, section) == 0 && part->children == NULL)
		return part;
	if (part->children == NULL || depth > PART_DEPTH_LIMIT)
		return NULL;
	for (guint i = 0; i < part->children->len && found == NULL; i++)
		found = find(g_ptr_array_index(part->children, i), section,
			     depth + 1);
	return found;
}

static void append_all(struct quoter *q, const struct mail_part *root)
{
	g_autoptr(GPtrArray) shown = mail_part_shown(root);

	for (guint i = 0; i < shown->len && q->out->len < QUOTE_LIMIT; i++) {
		const char *section = g_ptr_array_index(shown, i);
		const struct mail_part *part = find(root, section, 0);
		GBytes *raw = q->sections != NULL
				      ? g_hash_table_lookup(q->sections,
							    section)
				      : NULL;

		if (part == NULL || raw == NULL)
			continue;
		if (q->out->len > 0)
			g_string_append_c(q->out, '\n');
		append_text(q, part, raw);
	}
}

char *mail_text(const struct mail_source *source, int width)
{
	struct quoter q = { .out = g_string_new(NULL),
			    .width = MAX(width, 20) };
	struct split split;

	if (source->whole != NULL) {
		split_message(&split, source->whole);
		q.sections = split.sections;
		append_all(&q, split.root);
		split_release(&split);
	} else if (source->structure != NULL) {
		q.sections = source->sections;
		append_all(&q, source->structure);
	}
	return g_string_free(q.out, FALSE);
}
