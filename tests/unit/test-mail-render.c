/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each message of tests/data/mail is rendered and compared with the .expect
 * beside it: the header as it was understood, then a line a line, with a
 * letter for the style: B body, Q1 quoted, S signature, A attachment, N note.
 */
#include "config.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "smew/mail.h"

static const char *const messages[] = {
	"alternative",	  "bad-charset-name",  "bare-cr",
	"base64-junk",	  "base64-truncated",  "boundary-absent",
	"boundary-missing", "boundary-unclosed", "colon-first",
	"controls",	  "crlf",	       "digest",
	"duplicates",	  "empty",	       "encoded-word-split",
	"encrypted",	  "flowed",	       "flowed-delsp",
	"gb18030",	  "html-broken",       "html-meta",
	"html-nul",	  "html-only",	       "invalid-iso-2022-jp",
	"invalid-utf8",	  "iso-2022-jp",       "iso-2022-jp-raw",
	"koi8-r",	  "ks-c-5601",	       "nested",
	"no-header",	  "no-header-blank",   "nul",
	"only-header",	  "plain",	       "qp-errors",
	"raw-latin1-header", "raw-utf8-header", "related",
	"report",	  "rfc2231",	       "rfc822",
	"shift-jis",	  "signed",	       "tabs",
	"type-empty",	  "type-slash-plain",  "unknown-charset",
	"unknown-multipart", "utf-16",	       "utf-16-bom",
	"uuencode",	  "uuencode-short",    "windows-1252",
};

static GBytes *load(const char *name, const char *suffix)
{
	g_autofree char *path = g_strconcat(MAIL_DATA, "/", name, suffix, NULL);
	char *data;
	gsize length;

	if (!g_file_get_contents(path, &data, &length, NULL))
		fail_msg("cannot read %s", path);
	return g_bytes_new_take(data, length);
}

static void put_addresses(GString *out, const char *name, const GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		const struct mail_address *address = g_ptr_array_index(list, i);

		g_string_append_printf(out, "%s: %s|%s\n", name, address->name,
				       address->email);
	}
}

static void put_header(GString *out, const struct mail_header *header)
{
	put_addresses(out, "from", header->from);
	put_addresses(out, "to", header->to);
	g_string_append_printf(out, "subject: %s\nid: %s\ndate: %" PRId64
				    " %d\n\n",
			       header->subject, header->message_id,
			       header->date, header->zone);
}

static void put_line(GString *out, const struct mail_line *line)
{
	static const char letters[] = "BQSAN";

	g_string_append_c(out, letters[line->style]);
	if (line->style == MAIL_QUOTED)
		g_string_append_printf(out, "%u", line->level);
	g_string_append_printf(out, " %s\n", line->text);
	assert_true(g_utf8_validate(line->text, -1, NULL));
	assert_null(strpbrk(line->text, "\n\r\t\033"));
}

static char *dump(const struct mail_document *document)
{
	GString *out = g_string_new(NULL);

	put_header(out, document->header);
	for (guint i = 0; i < document->lines->len; i++)
		put_line(out, &g_array_index(document->lines, struct mail_line,
					     i));
	return g_string_free(out, FALSE);
}

static char *render(GBytes *whole)
{
	struct mail_source source = {.whole = whole};
	struct mail_document *document = mail_render(&source);
	char *text = dump(document);

	mail_document_free(document);
	return text;
}

static void test_corpus(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
		g_autoptr(GBytes) whole = load(messages[i], ".eml");
		g_autoptr(GBytes) expected = load(messages[i], ".expect");
		g_autofree char *shown = render(whole);
		gsize length;
		const char *want = g_bytes_get_data(expected, &length);

		if (strlen(shown) != length || memcmp(shown, want, length) != 0)
			fail_msg("%s is shown as:\n%s", messages[i], shown);
	}
}

/* Every message cut at every octet: nothing crashes, nothing is read beyond. */
static void test_cut_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
		g_autoptr(GBytes) whole = load(messages[i], ".eml");
		gsize length = g_bytes_get_size(whole);

		for (gsize cut = 0; cut < length; cut++) {
			/* A copy of exact size, so that ASan sees its end. */
			g_autoptr(GBytes) piece = g_bytes_new(
				g_bytes_get_data(whole, NULL), cut);

			g_free(render(piece));
		}
	}
}

static struct mail_document *render_pieces(GBytes *whole, bool with_sections)
{
	struct mail_source all = {.whole = whole};
	struct mail_document *first = mail_render(&all), *second;
	GHashTable *sections = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_bytes_unref);
	struct mail_source source = {
		.header = whole,
		.structure = first->structure,
		.sections = sections,
	};

	if (with_sections)
		g_hash_table_insert(sections, (char *)"1.1",
				    g_bytes_new_static("fetched text\r\n", 14));
	second = mail_render(&source);
	g_hash_table_unref(sections);
	mail_document_free(first);
	return second;
}

static bool has_line(const struct mail_document *document, int style,
		     const char *text)
{
	for (guint i = 0; i < document->lines->len; i++) {
		const struct mail_line *line = &g_array_index(
			document->lines, struct mail_line, i);

		if (line->style == style && strstr(line->text, text) != NULL)
			return true;
	}
	return false;
}

static void test_pieces(void **state)
{
	g_autoptr(GBytes) whole = load("nested", ".eml");
	struct mail_document *document = render_pieces(whole, true);

	(void)state;
	assert_true(has_line(document, MAIL_BODY, "fetched text"));
	assert_true(has_line(document, MAIL_ATTACHMENT,
			     "Attachment #2: report.pdf"));
	assert_true(has_line(document, MAIL_NOTE, "not been fetched"));
	assert_string_equal(document->header->subject, "nested");
	mail_document_free(document);
}

static void test_pieces_missing(void **state)
{
	g_autoptr(GBytes) whole = load("nested", ".eml");
	struct mail_document *document = render_pieces(whole, false);

	(void)state;
	assert_true(has_line(document, MAIL_NOTE, "not been fetched"));
	assert_false(has_line(document, MAIL_BODY, "fetched text"));
	mail_document_free(document);
}

static void test_nothing(void **state)
{
	struct mail_source source = {.whole = NULL};
	struct mail_document *document = mail_render(&source);

	(void)state;
	assert_int_equal(document->fields->len, 0);
	assert_non_null(document->structure);
	assert_true(has_line(document, MAIL_NOTE, "not been fetched"));
	mail_document_free(document);
}

static void test_fields(void **state)
{
	g_autoptr(GBytes) whole = load("crlf", ".eml");
	struct mail_source source = {.whole = whole};
	struct mail_document *document = mail_render(&source);
	struct mail_field *field = g_ptr_array_index(document->fields, 4);

	(void)state;
	assert_int_equal(document->fields->len, 6);
	assert_string_equal(field->name, "Subject");
	assert_string_equal(field->value, "a folded subject line");
	field = g_ptr_array_index(document->fields, 0);
	assert_string_equal(field->value, "Anna Example <anna@example.org>");
	mail_document_free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_pieces_missing),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_fields),
	};

	mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
