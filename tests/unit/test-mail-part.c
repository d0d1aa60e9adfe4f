/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structures: written and read back, what is shown of them, their limits. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "smew/mail.h"

static void set(char **slot, const char *value)
{
	g_free(*slot);
	*slot = g_strdup(value);
}

static struct mail_part *leaf(const char *section, const char *type,
			      const char *subtype)
{
	struct mail_part *part = mail_part_new();

	set(&part->section, section);
	set(&part->type, type);
	set(&part->subtype, subtype);
	part->size = 1000;
	return part;
}

static struct mail_part *group(const char *section, const char *type,
			       const char *subtype, ...)
{
	struct mail_part *part = leaf(section, type, subtype), *child;
	va_list list;

	part->children = g_ptr_array_new();
	va_start(list, subtype);
	while ((child = va_arg(list, struct mail_part *)) != NULL)
		g_ptr_array_add(part->children, child);
	va_end(list);
	return part;
}

static void assert_same(const struct mail_part *a, const struct mail_part *b)
{
	assert_string_equal(a->section, b->section);
	assert_string_equal(a->type, b->type);
	assert_string_equal(a->subtype, b->subtype);
	assert_string_equal(a->charset, b->charset);
	assert_string_equal(a->encoding, b->encoding);
	assert_string_equal(a->disposition, b->disposition);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->description, b->description);
	assert_string_equal(a->content_id, b->content_id);
	assert_int_equal(a->flowed, b->flowed);
	assert_int_equal(a->delsp, b->delsp);
	assert_true(a->size == b->size);
	assert_int_equal(a->children == NULL, b->children == NULL);
	if (a->children == NULL)
		return;
	assert_int_equal(a->children->len, b->children->len);
	for (guint i = 0; i < a->children->len; i++)
		assert_same(g_ptr_array_index(a->children, i),
			    g_ptr_array_index(b->children, i));
}

static void random_string(GRand *rand, char **slot)
{
	static const char octets[] = "ab\\tnr\t\n\r \x01\"|";
	char text[12] = "";
	int length = g_rand_int_range(rand, 0, sizeof(text));

	for (int i = 0; i < length; i++)
		text[i] = octets[g_rand_int_range(rand, 0,
						  sizeof(octets) - 1)];
	set(slot, text);
}

static struct mail_part *random_part(GRand *rand, int depth)
{
	struct mail_part *part = mail_part_new();

	random_string(rand, &part->section);
	random_string(rand, &part->type);
	random_string(rand, &part->subtype);
	random_string(rand, &part->charset);
	random_string(rand, &part->encoding);
	random_string(rand, &part->disposition);
	random_string(rand, &part->name);
	random_string(rand, &part->description);
	random_string(rand, &part->content_id);
	part->flowed = g_rand_boolean(rand);
	part->delsp = g_rand_boolean(rand);
	part->size = (uint64_t)g_rand_int(rand) << g_rand_int_range(rand, 0, 33);
	if (depth < 5 && g_rand_boolean(rand)) {
		int n = g_rand_int_range(rand, 0, 4);

		part->children = g_ptr_array_new();
		for (int i = 0; i < n; i++)
			g_ptr_array_add(part->children,
					random_part(rand, depth + 1));
	}
	return part;
}

static void test_round_trip(void **state)
{
	GRand *rand = g_rand_new_with_seed(4711);

	(void)state;
	for (int i = 0; i < 500; i++) {
		struct mail_part *part = random_part(rand, 0);
		g_autofree char *text = mail_part_write(part);
		struct mail_part *again = mail_part_read(text, NULL);

		assert_non_null(again);
		assert_same(part, again);
		mail_part_free(part);
		mail_part_free(again);
	}
	g_rand_free(rand);
}

/* Every damage to a written structure is refused or reads as itself. */
static void test_damaged(void **state)
{
	struct mail_part *part = group("", "multipart", "mixed",
				       leaf("1", "text", "plain"),
				       leaf("2", "application", "pdf"), NULL);
	g_autofree char *text = mail_part_write(part);
	size_t length = strlen(text);

	(void)state;
	for (size_t i = 0; i < length; i++)
		for (int c = 1; c < 128; c += 3) {
			g_autofree char *damaged = g_strdup(text);
			g_autofree char *again = NULL;
			struct mail_part *found;

			damaged[i] = (char)c;
			found = mail_part_read(damaged, NULL);
			if (found == NULL)
				continue;
			again = mail_part_write(found);
			assert_string_equal(again, damaged);
			mail_part_free(found);
		}
	for (size_t cut = 0; cut < length; cut++) {
		g_autofree char *piece = g_strndup(text, cut);
		struct mail_part *found = mail_part_read(piece, NULL);

		if (found != NULL)
			assert_int_equal(text[cut - 1], '\n');
		mail_part_free(found);
	}
	mail_part_free(part);
}

static void test_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"part 1\n",
		"part 2\n0\t\t0\t\t\t\t\t\t\t\t\t\n",
		"part 1\n0\t\t0\t\t\t\t\t\t\t\t\n",
		"part 1\n1\t\t0\t\t\t\t\t\t\t\t\t\n",
		"part 1\n0\t\t-1\t\t\t\t\t\t\t\t\t\n",
		"part 1\n0\t\t00\t\t\t\t\t\t\t\t\t\n",
		"part 1\n0\tdf\t0\t\t\t\t\t\t\t\t\t\n",
		"part 1\n0\t\t0\t\\x\t\t\t\t\t\t\t\t\n",
		"part 1\n0\t\t0\t\\\t\t\t\t\t\t\t\t\n",
		"part 1\n0\t\t0\t\t\t\t\t\t\t\t\t\n0\t\t0\t\t\t\t\t\t\t\t\t\n",
		"part 1\n0\t\t0\t\t\t\t\t\t\t\t\t\n1\t\t0\t\t\t\t\t\t\t\t\t\n",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		GError *error = NULL;

		assert_null(mail_part_read(texts[i], &error));
		assert_true(g_error_matches(error, MAIL_ERROR,
					    MAIL_ERROR_DAMAGED));
		g_error_free(error);
	}
}

static void assert_shown(struct mail_part *root, const char *expected)
{
	g_autoptr(GPtrArray) sections = mail_part_shown(root);
	g_autofree char *joined = NULL;

	g_ptr_array_add(sections, NULL);
	joined = g_strjoinv(" ", (char **)sections->pdata);
	g_ptr_array_remove_index(sections, sections->len - 1);
	assert_string_equal(joined, expected);
	mail_part_free(root);
}

static struct mail_part *attached(struct mail_part *part)
{
	set(&part->disposition, "attachment");
	return part;
}

static struct mail_part *sized(struct mail_part *part, uint64_t size)
{
	part->size = size;
	return part;
}

static void test_shown(void **state)
{
	(void)state;
	assert_shown(leaf("1", "text", "plain"), "1");
	assert_shown(leaf("1", "application", "pdf"), "");
	assert_shown(attached(leaf("1", "text", "plain")), "");
	assert_shown(group("", "multipart", "mixed", leaf("1", "text", "plain"),
			   leaf("2", "image", "png"),
			   attached(leaf("3", "text", "plain")),
			   leaf("4", "text", "html"), NULL),
		     "1 4");
	assert_shown(group("", "multipart", "alternative",
			   leaf("1", "text", "html"),
			   leaf("2", "text", "plain"),
			   leaf("3", "text", "calendar"), NULL),
		     "2");
	assert_shown(group("", "multipart", "alternative",
			   sized(leaf("1", "text", "plain"), 2),
			   group("2", "multipart", "related",
				 leaf("2.1", "text", "html"),
				 leaf("2.2", "image", "png"), NULL),
			   NULL),
		     "2.1");
	assert_shown(group("", "multipart", "signed",
			   leaf("1", "text", "plain"),
			   leaf("2", "application", "pgp-signature"), NULL),
		     "1");
	assert_shown(group("", "multipart", "encrypted",
			   leaf("1", "application", "pgp-encrypted"),
			   leaf("2", "text", "plain"), NULL),
		     "");
	assert_shown(group("", "multipart", "mixed", NULL), "TEXT");
	assert_shown(group("", "multipart", "mixed",
			   group("1", "message", "rfc822",
				 group("1.TEXT", "multipart", "mixed",
				       leaf("1.1", "text", "plain"), NULL),
				 NULL),
			   attached(group("2", "message", "rfc822",
					  leaf("2.1", "text", "plain"), NULL)),
			   NULL),
		     "1.HEADER 1.1");
}

/* What mail_part_shown() asks for is what mail_render() shows. */
static void test_shown_is_enough(void **state)
{
	static const char *const names[] = {
		"nested", "rfc822", "related", "alternative", "digest",
		"report", "signed", "plain",   "html-only",   "flowed",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_strdup_printf("%s/%s.eml", MAIL_DATA,
							names[i]);
		g_autofree char *data = NULL;
		gsize length;
		GBytes *whole;
		GHashTable *sections = g_hash_table_new_full(
			g_str_hash, g_str_equal, g_free,
			(GDestroyNotify)g_bytes_unref);
		struct mail_source source = {.sections = sections};
		struct mail_document *all, *pieces;
		g_autoptr(GPtrArray) shown = NULL;

		assert_true(g_file_get_contents(path, &data, &length, NULL));
		whole = g_bytes_new_static(data, length);
		source.whole = whole;
		all = mail_render(&source);
		source.whole = NULL;
		source.header = whole;
		source.structure = all->structure;
		shown = mail_part_shown(all->structure);
		for (guint j = 0; j < shown->len; j++)
			g_hash_table_insert(
				sections,
				g_strdup(g_ptr_array_index(shown, j)),
				g_bytes_new_static("From: x\r\n\r\nx\r\n", 14));
		pieces = mail_render(&source);
		for (guint j = 0; j < pieces->lines->len; j++) {
			const struct mail_line *line = &g_array_index(
				pieces->lines, struct mail_line, j);

			assert_null(strstr(line->text, "not been fetched"));
		}
		mail_document_free(all);
		mail_document_free(pieces);
		g_hash_table_unref(sections);
		g_bytes_unref(whole);
	}
}

static void test_parameters(void **state)
{
	const char *const type[] = {"CHARSET", "\"UTF-8\"", "format", "Flowed",
				    "DelSp",   "Yes",	    "name",   "b.txt",
				    NULL};
	const char *const disposition[] = {"filename*1", "ber.pdf",
					   "filename*0*", "utf-8''%C3%9C", NULL};
	struct mail_part *part = mail_part_new();

	(void)state;
	mail_part_parameters(part, type, disposition);
	assert_string_equal(part->name, "Über.pdf");
	assert_true(part->flowed && part->delsp);
	mail_part_parameters(part, type, NULL);
	assert_string_equal(part->name, "b.txt");
	mail_part_parameters(part, NULL, NULL);
	assert_string_equal(part->name, "");
	assert_false(part->flowed);
	mail_part_free(part);
}

/* RFC 2231 in anger: 2,000 pieces, backwards, with gaps and hostile octets. */
static void test_many_parameters(void **state)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct mail_part *part = mail_part_new();

	(void)state;
	for (int i = 2000; i >= 0; i--) {
		g_ptr_array_add(list, g_strdup_printf("filename*%d", i));
		g_ptr_array_add(list, g_strdup(i == 0 ? "\033]0;\007/" : "x"));
	}
	g_ptr_array_add(list, NULL);
	mail_part_parameters(part, NULL, (const char *const *)list->pdata);
	assert_true(g_str_has_prefix(part->name, "␛]0;␇/xxx"));
	assert_true(strlen(part->name) < 1000);
	mail_part_free(part);
}

static struct mail_document *render_text(const GString *text)
{
	GBytes *whole = g_bytes_new(text->str, text->len);
	struct mail_source source = {.whole = whole};
	struct mail_document *document = mail_render(&source);

	g_bytes_unref(whole);
	return document;
}

static bool has_text(const struct mail_document *document, const char *text)
{
	for (guint i = 0; i < document->lines->len; i++)
		if (strstr(g_array_index(document->lines, struct mail_line, i)
				   .text,
			   text) != NULL)
			return true;
	return false;
}

static void test_many_parts(void **state)
{
	GString *text = g_string_new(
		"Content-Type: multipart/mixed; boundary=b\n\n");
	struct mail_document *document;

	(void)state;
	for (int i = 0; i < 20000; i++)
		g_string_append(text, "--b\n\nx\n");
	document = render_text(text);
	assert_in_range(document->structure->children->len, 900, 1000);
	assert_true(has_text(document, "more parts"));
	mail_document_free(document);
	g_string_free(text, TRUE);
}

static int depth_of(const struct mail_part *part)
{
	int depth = 0;

	while (part->children != NULL && part->children->len > 0) {
		part = g_ptr_array_index(part->children, 0);
		depth++;
	}
	return depth;
}

static void test_deep_multiparts(void **state)
{
	GString *text = g_string_new(NULL);
	struct mail_document *document;

	(void)state;
	for (int i = 0; i < 5000; i++)
		g_string_append_printf(
			text,
			"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n",
			i, i);
	document = render_text(text);
	assert_in_range(depth_of(document->structure), 60, 65);
	assert_true(document->lines->len > 0);
	mail_document_free(document);
	g_string_free(text, TRUE);
}

static void test_deep_messages(void **state)
{
	(void)state;
	for (int levels = 62; levels < 68; levels++) {
		GString *text = g_string_new(NULL);
		struct mail_document *document;

		for (int i = 0; i < levels; i++)
			g_string_append(text,
					"Content-Type: message/rfc822\n\n");
		g_string_append(text, "\ninnermost\n");
		document = render_text(text);
		assert_true(depth_of(document->structure) <= 65);
		assert_true(has_text(document, "innermost") == (levels <= 64));
		mail_document_free(document);
		g_string_free(text, TRUE);
	}
}

static GString *repeated(const char *head, const char *unit, size_t size)
{
	GString *text = g_string_new(head);

	while (text->len < size)
		g_string_append(text, unit);
	return text;
}

/* A megabyte of what takes the parser quadratic time when it is let. */
static void test_bounded(void **state)
{
	static const char html[] = "Content-Type: text/html\n\n";
	static const char *const units[] = {
		"<b>",	"</i>",	   "<div>", "<p><table>", "<a ", "<!--",
		"&",	"<",	   "<ul><li>", "<blockquote>x<br>",
		"<a href=x>y</a>", "<td>x", "<font size=1>x</b>",
		"<span style='display:none'>", "&#x10ffff;", "<pre>\t",
	};
	gint64 start = g_get_monotonic_time();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		GString *text = repeated(html, units[i], 1 << 20);

		mail_document_free(render_text(text));
		g_string_free(text, TRUE);
	}
	assert_true(g_get_monotonic_time() - start < 120 * G_USEC_PER_SEC);
}

static void test_many_attributes(void **state)
{
	static const char *const formats[] = {"a%d ", "a%d='x' ", "a%d=\"\"",
					      "a%d=x\n"};
	gint64 start = g_get_monotonic_time();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		GString *text = g_string_new(
			"Content-Type: text/html\n\n<p title='");
		struct mail_document *document;
		g_auto(GStrv) pieces = g_strsplit(formats[i], "%d", 2);

		g_string_append(text, "a > b' ");
		for (int j = 0; text->len < 1 << 20; j++)
			g_string_append_printf(text, "%s%d%s", pieces[0], j,
					       pieces[1]);
		g_string_append(text, ">after</p>");
		document = render_text(text);
		assert_true(has_text(document, "after"));
		mail_document_free(document);
		g_string_free(text, TRUE);
	}
	assert_true(g_get_monotonic_time() - start < 60 * G_USEC_PER_SEC);
}

static void test_deep_html(void **state)
{
	GString *text = repeated("Content-Type: text/html\n\n", "<div>x ",
				 300 * 7);
	struct mail_document *document = render_text(text);

	(void)state;
	g_string_append(text, "bottom");
	mail_document_free(document);
	document = render_text(text);
	assert_true(has_text(document, "bottom"));
	assert_false(has_text(document, "too deeply"));
	mail_document_free(document);
	for (int i = 0; i < 5000; i++)
		g_string_append(text, "<div>");
	document = render_text(text);
	assert_true(has_text(document, "too deeply"));
	mail_document_free(document);
	g_string_free(text, TRUE);
}

static void test_long_text(void **state)
{
	GString *text = repeated("\n", "a line of text\n", 20 << 20);
	struct mail_document *document = render_text(text);

	(void)state;
	assert_true(has_text(document, "too long"));
	mail_document_free(document);
	g_string_free(text, TRUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_shown_is_enough),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_many_parameters),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_deep_multiparts),
		cmocka_unit_test(test_deep_messages),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_many_attributes),
		cmocka_unit_test(test_deep_html),
		cmocka_unit_test(test_long_text),
	};

	mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
