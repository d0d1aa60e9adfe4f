/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gmime/gmime.h>
#include <libxml/parser.h>
#include <string.h>

#include "charset.h"
#include "codec.h"
#include "field.h"
#include "header.h"
#include "html.h"
#include "lines.h"
#include "part.h"
#include "plain.h"
#include "smew/base.h"
#include "split.h"

struct renderer {
	struct lines lines;
	GHashTable *sections; /* borrowed, or NULL */
	int parts;	      /* shown or named so far */
};

static void show_part(struct renderer *renderer, const struct mail_part *part,
		      guint number, int depth);

void mail_init(void)
{
	g_mime_init();
	xmlInitParser();
}

static GBytes *load(const struct renderer *renderer, const char *section)
{
	if (renderer->sections == NULL)
		return NULL;
	return g_hash_table_lookup(renderer->sections, section);
}

static void note(struct renderer *renderer, const char *text)
{
	lines_gap(&renderer->lines);
	lines_note(&renderer->lines, text);
}

/* As mutt writes sizes: 0.1K, 12K, 1.2M, 34M. */
static char *pretty_size(guint64 size)
{
	double kilo = (double)size / 1024;

	if (size == 0)
		return g_strdup("0K");
	if (kilo < 9.95)
		return g_strdup_printf("%.1fK", MAX(kilo, 0.1));
	if (kilo < 999.5)
		return g_strdup_printf("%.0fK", kilo);
	if (kilo / 1024 < 9.95)
		return g_strdup_printf("%.1fM", kilo / 1024);
	return g_strdup_printf("%.0fM", kilo / 1024);
}

/* A part that came from a cache or a server is not trusted to be one line. */
static char *clean(const char *text)
{
	return sanitise_line(text, -1);
}

static void name_part(struct renderer *renderer, const struct mail_part *part,
		      guint number)
{
	const char *given = *part->name != '\0' ? part->name
						: part->description;
	g_autofree char *name = clean(given);
	g_autofree char *type = clean(part->type);
	g_autofree char *subtype = clean(part->subtype);
	g_autofree char *encoding = clean(part->encoding);
	g_autofree char *size = pretty_size(part->size);
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;

	if (*name == '\0')
		first = g_strdup_printf(_("Attachment #%u"), number);
	else
		first = g_strdup_printf(_("Attachment #%u: %s"), number, name);
	second = g_strdup_printf(_("Type: %s/%s, Encoding: %s, Size: %s"), type,
				 subtype, encoding, size);
	lines_gap(&renderer->lines);
	lines_attachment(&renderer->lines, first);
	lines_attachment(&renderer->lines, second);
}

static GBytes *cut_to_limit(struct renderer *renderer, GBytes *raw)
{
	if (g_bytes_get_size(raw) <= LINES_LIMIT)
		return g_bytes_ref(raw);
	renderer->lines.full = true;
	return g_bytes_new_from_bytes(raw, 0, LINES_LIMIT);
}

static void note_damage(struct renderer *renderer, const char *charset,
			bool damaged, size_t replaced)
{
	g_autofree char *text = NULL;
	g_autofree char *name = clean(charset);

	if (damaged)
		note(renderer, _("this part is damaged: what could be decoded "
				 "is shown"));
	if (!charset_known(charset)) {
		text = g_strdup_printf(
			_("the charset \"%s\" is not known: shown as a guess"),
			name);
		note(renderer, text);
	} else if (replaced > 0) {
		text = g_strdup_printf(
			ngettext("%zu place is not valid in this part's charset",
				 "%zu places are not valid in this part's "
				 "charset",
				 replaced),
			replaced);
		note(renderer, text);
	}
}

static void show_html(struct renderer *renderer, const GString *text)
{
	if (!html_show(&renderer->lines, text->str, text->len))
		note(renderer, _("this HTML nests too deeply: the rest is "
				 "not shown"));
}

static char *charset_of(const struct mail_part *part, const char *data,
			size_t length)
{
	char *named = NULL;

	if (*part->charset == '\0' && part_is(part, "text", "html"))
		named = html_charset(data, length);
	return named != NULL ? named : g_strdup(part->charset);
}

static void show_octets(struct renderer *renderer,
			const struct mail_part *part, GBytes *raw)
{
	bool damaged, was_full = renderer->lines.full;
	g_autoptr(GBytes) limited = cut_to_limit(renderer, raw);
	g_autoptr(GBytes) octets = codec_decode(part->encoding, limited,
						&damaged);
	gsize length;
	const char *data = g_bytes_get_data(octets, &length);
	g_autofree char *charset = charset_of(part, data, length);
	GString *text = g_string_sized_new(length + 1);
	size_t replaced = charset_append(text, charset, data, length);
	bool cut = renderer->lines.full;

	renderer->lines.full = was_full;
	if (part_is(part, "text", "html"))
		show_html(renderer, text);
	else
		plain_show(&renderer->lines, text->str, text->len, part->flowed,
			   part->delsp);
	renderer->lines.full = renderer->lines.full || cut;
	g_string_free(text, TRUE);
	note_damage(renderer, charset, damaged && !cut, replaced);
}

static void show_text(struct renderer *renderer, const struct mail_part *part)
{
	GBytes *raw = load(renderer, part->section);

	if (raw != NULL)
		show_octets(renderer, part, raw);
	else
		note(renderer, _("this part has not been fetched yet"));
}

/* The fields of a message in a message that a reader wants to see. */
static void show_inner_header(struct renderer *renderer, GBytes *octets)
{
	static const char *const wanted[] = {"From", "To", "Cc", "Subject",
					     "Date"};
	gsize length;
	const char *data = g_bytes_get_data(octets, &length);
	g_autoptr(GPtrArray) fields = header_fields(data, length);

	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		for (guint j = 0; j < fields->len; j++) {
			struct mail_field *field = g_ptr_array_index(fields, j);
			g_autofree char *line = NULL;

			if (g_ascii_strcasecmp(field->name, wanted[i]) != 0)
				continue;
			line = g_strdup_printf("%s: %s", wanted[i],
					       field->value);
			lines_add(&renderer->lines, MAIL_BODY, 0, line,
				  strlen(line));
			break;
		}
	lines_gap(&renderer->lines);
}

static void show_message(struct renderer *renderer,
			 const struct mail_part *part, guint number, int depth)
{
	g_autofree char *section = g_strconcat(part->section, ".HEADER", NULL);
	GBytes *header = load(renderer, section);

	name_part(renderer, part, number);
	if (strcmp(part->disposition, "attachment") == 0)
		return;
	lines_gap(&renderer->lines);
	if (header != NULL)
		show_inner_header(renderer, header);
	if (part->children == NULL || part->children->len == 0)
		note(renderer, _("the message in this part is not shown"));
	else
		show_part(renderer, g_ptr_array_index(part->children, 0), 1,
			  depth + 1);
}

static void show_broken(struct renderer *renderer,
			const struct mail_part *part)
{
	g_autofree char *section = part_broken_section(part);
	GBytes *raw = load(renderer, section);
	struct mail_part *as_text;

	if (raw == NULL) {
		note(renderer, _("this part has not been fetched yet"));
		return;
	}
	note(renderer, _("the parts of this message cannot be told apart: it "
			 "is shown as it came"));
	lines_gap(&renderer->lines);
	as_text = mail_part_new();
	show_octets(renderer, as_text, raw);
	mail_part_free(as_text);
}

static void show_all(struct renderer *renderer, const struct mail_part *part,
		     int depth)
{
	for (guint i = 0; i < part->children->len; i++)
		show_part(renderer, g_ptr_array_index(part->children, i), i + 1,
			  depth + 1);
}

/* Nothing of a message goes unseen: what is not shown is named. */
static void name_others(struct renderer *renderer,
			const struct mail_part *part,
			const struct mail_part *shown)
{
	for (guint i = 0; i < part->children->len; i++) {
		const struct mail_part *child =
			g_ptr_array_index(part->children, i);

		if (child != shown && renderer->parts++ < PART_COUNT_LIMIT)
			name_part(renderer, child, i + 1);
	}
}

static void show_related(struct renderer *renderer,
			 const struct mail_part *part, int depth)
{
	const struct mail_part *root = part_root(part);

	show_part(renderer, root, 1, depth + 1);
	name_others(renderer, part, root);
}

static void show_signed(struct renderer *renderer,
			const struct mail_part *part, int depth)
{
	note(renderer, _("this message is signed; the signature has not been "
			 "checked"));
	lines_gap(&renderer->lines);
	show_part(renderer, g_ptr_array_index(part->children, 0), 1, depth + 1);
	name_others(renderer, part, g_ptr_array_index(part->children, 0));
}

static void show_multipart(struct renderer *renderer,
			   const struct mail_part *part, int depth)
{
	const struct mail_part *chosen;

	if (part_is(part, "multipart", "alternative")) {
		chosen = part_choose(part);
		if (chosen != NULL)
			show_part(renderer, chosen, 1, depth + 1);
		else
			show_all(renderer, part, depth);
	} else if (part_is(part, "multipart", "related")) {
		show_related(renderer, part, depth);
	} else if (part_is(part, "multipart", "signed")) {
		show_signed(renderer, part, depth);
	} else if (part_is(part, "multipart", "encrypted")) {
		note(renderer, _("this message is encrypted; it has not been "
				 "decrypted"));
		name_others(renderer, part, NULL);
	} else {
		show_all(renderer, part, depth);
	}
}

static void show_part(struct renderer *renderer, const struct mail_part *part,
		      guint number, int depth)
{
	if (renderer->parts++ == PART_COUNT_LIMIT)
		note(renderer, _("there are more parts, which are not shown"));
	if (renderer->parts > PART_COUNT_LIMIT)
		return;
	if (depth > PART_DEPTH_LIMIT) {
		note(renderer, _("what is nested deeper is not shown"));
	} else if (part_is_broken(part)) {
		show_broken(renderer, part);
	} else if (part_is_type(part, "multipart")) {
		show_multipart(renderer, part, depth);
	} else if (part_is_message(part)) {
		show_message(renderer, part, number, depth);
	} else if (!part_is_shown(part)) {
		name_part(renderer, part, number);
	} else {
		if (number > 1 || *part->name != '\0') {
			name_part(renderer, part, number);
			lines_gap(&renderer->lines);
		}
		show_text(renderer, part);
	}
}

static void take_header(struct mail_document *document, GBytes *header)
{
	gsize length = 0;
	const char *data = header == NULL ? NULL
					  : g_bytes_get_data(header, &length);

	document->fields = header_fields(data, length);
	document->header = mail_header_read(data, length);
}

static void render_whole(struct mail_document *document,
			 struct renderer *renderer, GBytes *whole)
{
	struct split split;

	take_header(document, whole);
	split_message(&split, whole);
	renderer->sections = split.sections;
	show_part(renderer, split.root, 1, 0);
	if (split.cut)
		note(renderer, _("there are more parts, which are not shown"));
	if (g_bytes_get_size(whole) == 0)
		note(renderer, _("this message is empty"));
	document->structure = g_steal_pointer(&split.root);
	split_release(&split);
}

static void render_pieces(struct mail_document *document,
			  struct renderer *renderer,
			  const struct mail_source *source)
{
	take_header(document, source->header);
	renderer->sections = source->sections;
	if (source->structure != NULL) {
		document->structure = part_copy(source->structure);
		show_part(renderer, document->structure, 1, 0);
		return;
	}
	document->structure = mail_part_new();
	note(renderer, _("this message has not been fetched yet"));
}

static void free_line(void *data)
{
	g_free(((struct mail_line *)data)->text);
}

struct mail_document *mail_render(const struct mail_source *source)
{
	struct mail_document *document = g_new0(struct mail_document, 1);
	struct renderer renderer = {.parts = 0};

	document->lines = g_array_new(FALSE, FALSE, sizeof(struct mail_line));
	g_array_set_clear_func(document->lines, free_line);
	renderer.lines.array = document->lines;
	if (source->whole != NULL)
		render_whole(document, &renderer, source->whole);
	else
		render_pieces(document, &renderer, source);
	if (renderer.lines.full)
		note(&renderer, _("this message is too long: the rest is not "
				  "shown"));
	return document;
}

void mail_document_free(struct mail_document *document)
{
	if (document == NULL)
		return;
	g_ptr_array_unref(document->fields);
	g_array_unref(document->lines);
	mail_part_free(document->structure);
	mail_header_free(document->header);
	g_free(document);
}
