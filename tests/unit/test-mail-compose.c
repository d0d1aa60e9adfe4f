/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that are written: what goes out, held against the rules here and
 * against Python's own parser (mail-compose-check.py).
 */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "smew/base.h"
#include "smew/mail.h"

static char *directory;
static bool smtputf8; /* what the last compose() said */

static const struct mail_compose plain = { .charsets = "utf-8" };

static struct mail_draft *new_draft(void)
{
	struct mail_draft *draft = mail_draft_new();

	mail_draft_set(&draft->fields[MAIL_FROM],
		       "Anna Example <anna@example.org>");
	mail_draft_set(&draft->fields[MAIL_TO], "bob@example.net");
	mail_draft_set(&draft->fields[MAIL_SUBJECT], "A subject");
	mail_draft_set(&draft->text, "Hello.\n");
	mail_draft_set(&draft->message_id, "id1@example.org");
	return draft;
}

static char *in_directory(const char *name)
{
	return g_build_filename(directory, name, NULL);
}

/* Composes into the file 'name'; NULL and an error, or its octets. */
static GString *compose(const struct mail_draft *draft,
			const struct mail_compose *how, const char *name,
			GError **error)
{
	g_autofree char *path = in_directory(name);
	int fd = g_open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char *data = NULL;
	gsize length = 0;
	GString *out;
	bool good;

	assert_true(fd >= 0);
	good = mail_compose(draft, how, fd, &smtputf8, error);
	close(fd);
	if (!good)
		return NULL;
	assert_true(g_file_get_contents(path, &data, &length, NULL));
	out = g_string_new_len(data, (gssize)length);
	g_free(data);
	return out;
}

/* What holds for every message whatever went in. */
static void assert_wire(const GString *message)
{
	size_t line = 0;

	for (gsize i = 0; i < message->len; i++) {
		unsigned char c = (unsigned char)message->str[i];

		assert_true(c != 0 && (c < 0x80 || smtputf8));
		if (c == '\n') {
			assert_true(i > 0 && message->str[i - 1] == '\r');
			assert_true(line <= 999);
			line = 0;
			continue;
		}
		if (c == '\r')
			assert_true(message->str[i + 1] == '\n');
		line++;
	}
	assert_int_equal(line, 0);
}

static char *header_of(const GString *message)
{
	const char *end = strstr(message->str, "\r\n\r\n");

	assert_non_null(end);
	return g_strndup(message->str, (gsize)(end + 2 - message->str));
}

/* How many fields the header has, folded lines joined. */
static unsigned count_fields(const char *header)
{
	unsigned n = 0;

	for (const char *p = header; *p != '\0'; p = strchr(p, '\n') + 1)
		n += *p != ' ' && *p != '\t';
	return n;
}

static void test_simple(void **state)
{
	struct mail_draft *draft = new_draft();
	GError *error = NULL;
	GString *message = compose(draft, &plain, "simple.eml", &error);

	(void)state;
	assert_null(error);
	assert_wire(message);
	assert_non_null(strstr(message->str, "\r\nFrom: Anna Example "
					     "<anna@example.org>\r\n"));
	assert_non_null(strstr(message->str, "\r\nTo: bob@example.net\r\n"));
	assert_non_null(strstr(message->str, "\r\nSubject: A subject\r\n"));
	assert_non_null(strstr(message->str,
			       "\r\nMessage-ID: <id1@example.org>\r\n"));
	assert_non_null(strstr(message->str, "\r\n\r\nHello.\r\n"));
	assert_non_null(strstr(message->str,
			       "Content-Type: text/plain; charset=us-ascii\r\n"));
	assert_true(g_str_has_prefix(message->str, "Date: "));
	g_string_free(message, TRUE);
	mail_draft_free(draft);
}

static void test_bcc(void **state)
{
	struct mail_draft *draft = new_draft();
	struct mail_compose copy = plain;
	GString *message;

	(void)state;
	mail_draft_set(&draft->fields[MAIL_BCC], "Eve <eve@example.org>");
	message = compose(draft, &plain, "bcc.eml", NULL);
	assert_null(strstr(message->str, "eve@"));
	assert_null(strstr(message->str, "Bcc"));
	g_string_free(message, TRUE);
	copy.bcc = true;
	message = compose(draft, &copy, "bcc.eml", NULL);
	assert_non_null(strstr(message->str,
			       "\r\nBcc: Eve <eve@example.org>\r\n"));
	g_string_free(message, TRUE);
	mail_draft_set(&draft->fields[MAIL_TO], "");
	message = compose(draft, &plain, "bcc.eml", NULL);
	assert_null(strstr(message->str, "eve@"));
	assert_non_null(strstr(message->str,
			       "\r\nTo: undisclosed-recipients:;\r\n"));
	g_string_free(message, TRUE);
	mail_draft_free(draft);
}

/* ---- nothing begins a line of its own ---- */

static const char *const poison[] = {
	"a\r\nBcc: evil@example.com", "a\nX: y", "a\rX: y", "\r\n\r\nbody",
	"a\vb", "a\x01", "\x7f", "a\xc2\x85X: y", "=?utf-8?q?=0D=0AX:_y?=",
	"a\r\n b", "\n", "a\tb\n", "\xff\xfe", "a \xe2\x80\xa8X: y",
};

static void poison_draft(struct mail_draft *draft, int where, const char *text)
{
	struct mail_attachment *a;
	g_autofree char *file = in_directory("poison.txt");

	if (where < MAIL_DRAFT_FIELDS) {
		mail_draft_set(&draft->fields[where], text);
	} else if (where == MAIL_DRAFT_FIELDS) {
		mail_draft_add_header(draft, "X-Own", text);
	} else if (where == MAIL_DRAFT_FIELDS + 1) {
		mail_draft_add_header(draft, text, "value");
	} else if (where == MAIL_DRAFT_FIELDS + 2) {
		mail_draft_set(&draft->in_reply_to, text);
		g_ptr_array_add(draft->references, g_strdup(text));
		mail_draft_set(&draft->message_id, text);
	} else {
		assert_true(g_file_set_contents(file, "x\n", 2, NULL));
		a = mail_draft_attach(draft, file, "x", "text/plain");
		if (where == MAIL_DRAFT_FIELDS + 3)
			mail_draft_set(&a->name, text);
		else if (where == MAIL_DRAFT_FIELDS + 4)
			mail_draft_set(&a->type, text);
		else if (where == MAIL_DRAFT_FIELDS + 5)
			mail_draft_set(&a->charset, text);
		else
			mail_draft_set(&a->description, text);
	}
}

/* What is not refused is harmless. */
static bool is_refused_or_harmless(int where, const char *text)
{
	static const char *const allowed[] = {
		"Date:", "From:", "To:", "Cc:", "Reply-To:", "Subject:",
		"Mail-Followup-To:", "Message-ID:", "In-Reply-To:",
		"References:", "X-Own:", "MIME-Version:", "Content-",
	};
	struct mail_draft *draft = new_draft();
	GString *message;
	bool refused;

	poison_draft(draft, where, text);
	message = compose(draft, &plain, "poison.eml", NULL);
	refused = message == NULL;
	if (!refused) {
		g_autofree char *header = header_of(message);

		assert_wire(message);
		for (char *p = header; *p != '\0'; p = strchr(p, '\n') + 1) {
			bool known = *p == ' ' || *p == '\t';

			for (size_t i = 0; i < G_N_ELEMENTS(allowed); i++)
				known = known ||
					g_str_has_prefix(p, allowed[i]);
			assert_true(known ||
				    where == MAIL_DRAFT_FIELDS + 1);
		}
		assert_true(count_fields(header) <= 14);
		g_string_free(message, TRUE);
	}
	mail_draft_free(draft);
	return refused;
}

static void test_injection(void **state)
{
	unsigned refused = 0;

	(void)state;
	for (int where = 0; where <= MAIL_DRAFT_FIELDS + 6; where++)
		for (size_t i = 0; i < G_N_ELEMENTS(poison); i++)
			refused += is_refused_or_harmless(where, poison[i]);
	assert_true(refused > 60);
}

static void random_text(GRand *rand, char *text, size_t size)
{
	static const char *const bits[] = {
		"\r", "\n", "\r\n", ":", " ", "\t", "<", ">", "\"", "\\", ",",
		";", "(", ")", "@", "=?utf-8?b?", "?=", "ä", "\xf0\x9f\x98\x80",
		"Bcc: x@y.z", "a", "example.org", "\x01", "\xe4", "[", "]",
	};

	text[0] = '\0';
	for (int n = g_rand_int_range(rand, 0, 12); n > 0; n--)
		g_strlcat(text,
			  bits[g_rand_int_range(rand, 0, G_N_ELEMENTS(bits))],
			  size);
}

static void test_random_fields(void **state)
{
	GRand *rand = g_rand_new_with_seed(1);
	char text[256];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		random_text(rand, text, sizeof text);
		is_refused_or_harmless(i % (MAIL_DRAFT_FIELDS + 7), text);
	}
	g_rand_free(rand);
}

/* ---- addresses ---- */

static void test_addresses(void **state)
{
	static const char *const good[][2] = {
		{ "anna@example.org", "anna@example.org" },
		{ "a.b+c@x-y.example", "a.b+c@x-y.example" },
		{ "\"a b\"@example.org", "\"a b\"@example.org" },
		{ "anna@bücher.example", "anna@xn--bcher-kva.example" },
		{ "anna@[192.0.2.1]", "anna@[192.0.2.1]" },
		{ "anna@[IPv6:2001:db8::1]", "anna@[IPv6:2001:db8::1]" },
		{ "jürgen@example.org", "jürgen@example.org" },
	};
	static const char *const bad[] = {
		"", "anna", "@example.org", "anna@", "a b@example.org",
		"anna@exa mple.org", "anna@example..org", "a..b@example.org",
		".a@example.org", "a.@example.org", "anna@-x.org",
		"anna@example.org\nRCPT TO:<evil@example.com>",
		"anna@example.org>\r\n", "<anna@example.org", "a@b@\x01.org",
		"a@[1.2.3.4", "\"a@example.org", "\"a\"b\"@example.org",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autofree char *wire = mail_address_wire(good[i][0], NULL);

		assert_string_equal(wire, good[i][1]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_null(mail_address_wire(bad[i], NULL));
}

static void test_address_text(void **state)
{
	g_autoptr(GPtrArray) list = mail_addresses_new();
	g_autofree char *text = NULL;

	(void)state;
	mail_addresses_add(list, "Example, Anna \"A\"", "anna@example.org");
	mail_addresses_add(list, "", "bob@example.org");
	mail_addresses_add(list, "Jürgen Ö", "j@example.org");
	text = mail_addresses_text(list);
	assert_string_equal(text,
			    "\"Example, Anna \\\"A\\\"\" <anna@example.org>, "
			    "bob@example.org, Jürgen Ö <j@example.org>");
	g_autoptr(GPtrArray) again = mail_addresses_read(text);
	assert_int_equal(again->len, 3);
	assert_string_equal(
		((struct mail_address *)g_ptr_array_index(again, 0))->name,
		"Example, Anna \"A\"");
}

/* ---- Message-ID, date ---- */

static void test_message_id(void **state)
{
	g_autofree char *a = mail_message_id("Anna <anna@bücher.example>");
	g_autofree char *b = mail_message_id("Anna <anna@bücher.example>");
	g_autofree char *none = mail_message_id("");

	(void)state;
	assert_true(g_str_has_suffix(a, "@xn--bcher-kva.example"));
	assert_string_not_equal(a, b);
	assert_true(g_str_has_suffix(none, "@localhost.invalid"));
	/* A short name may come about by chance. */
	if (strlen(g_get_host_name()) >= 8)
		assert_null(strstr(a, g_get_host_name()));
}

static void test_local_date(void **state)
{
	struct mail_draft *draft = new_draft();
	struct mail_compose how = plain;
	GString *message;

	(void)state;
	g_setenv("TZ", "Asia/Kolkata", TRUE);
	how.date = 1700000000;
	message = compose(draft, &how, "date.eml", NULL);
	assert_true(g_str_has_prefix(message->str,
				     "Date: Wed, 15 Nov 2023 03:43:20 +0530"));
	g_string_free(message, TRUE);
	mail_draft_free(draft);
}

/* ---- kept and edited ---- */

static void test_kept(void **state)
{
	struct mail_draft *draft = new_draft(), *again;
	struct mail_attachment *a =
		mail_draft_attach(draft, "/tmp/a b;c", "ä;b.txt", "text/plain");
	g_autofree char *text = NULL, *second = NULL;

	(void)state;
	mail_draft_set(&a->description, "line one; two\\three");
	a->size = 12345678901;
	a->is_inline = true;
	mail_draft_add_header(draft, "X-A", "semi;colon \\ and tab\t");
	mail_draft_add_header(draft, "X-B", "ü");
	g_ptr_array_add(draft->references, g_strdup("a;b@c"));
	mail_draft_set(&draft->in_reply_to, "<a;b@c>");
	text = mail_draft_write(draft);
	again = mail_draft_read(text, NULL);
	assert_non_null(again);
	second = mail_draft_write(again);
	assert_string_equal(text, second);
	assert_string_equal(((struct mail_field *)g_ptr_array_index(
				    again->extra, 0))->value,
			    "semi;colon \\ and tab\t");
	assert_null(mail_draft_read("nonsense", NULL));
	assert_null(mail_draft_read("[draft]\nformat=99\n", NULL));
	mail_draft_free(again);
	mail_draft_free(draft);
}

static void test_edit(void **state)
{
	struct mail_draft *draft = new_draft();
	static const char edited[] =
		"From: Other <o@example.org>\nTo: x@example.org,\n y@example.org\n"
		"Cc:\nSubject: changed\nX-New: 1\nAttach: /tmp/a\\ b.txt the text\n"
		"\nFrom: is text here\n";
	g_autofree char *file = NULL;

	(void)state;
	mail_draft_set(&draft->in_reply_to, "<a@b>");
	g_ptr_array_add(draft->references, g_strdup("a@b"));
	file = mail_draft_edit(draft, true);
	assert_string_equal(file,
			    "From: Anna Example <anna@example.org>\n"
			    "To: bob@example.net\nCc: \nBcc: \n"
			    "Subject: A subject\nReply-To: \n"
			    "In-Reply-To: <a@b>\n\nHello.\n");
	mail_draft_edited(draft, file, strlen(file), true);
	assert_string_equal(draft->text, "Hello.\n");
	assert_int_equal(draft->references->len, 1);
	mail_draft_edited(draft, edited, strlen(edited), true);
	assert_string_equal(draft->fields[MAIL_TO],
			    "x@example.org, y@example.org");
	assert_string_equal(draft->fields[MAIL_SUBJECT], "changed");
	assert_string_equal(draft->text, "From: is text here\n");
	assert_int_equal(draft->references->len, 0);
	assert_int_equal(draft->extra->len, 1);
	assert_int_equal(draft->attachments->len, 1);
	assert_string_equal(((struct mail_attachment *)g_ptr_array_index(
				    draft->attachments, 0))->path,
			    "/tmp/a b.txt");
	mail_draft_edited(draft, "no header\n\nText\n", 16, true);
	assert_string_equal(draft->text, "no header\n\nText\n");
	mail_draft_free(draft);
}

/* ---- the corpus, judged by another parser ---- */

static char *repeat(const char *text, int times)
{
	GString *out = g_string_new(NULL);

	while (times-- > 0)
		g_string_append(out, text);
	return g_string_free(out, FALSE);
}

static void attach(struct mail_draft *draft, const char *name,
		   const char *type, const void *data, size_t length)
{
	g_autofree char *path = NULL, *file = NULL;
	static unsigned serial;

	file = g_strdup_printf("file-%u", serial++);
	path = in_directory(file);
	assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
	mail_draft_attach(draft, path, name, type);
}

static void emit(struct mail_draft *draft, const struct mail_compose *how)
{
	static unsigned serial;
	g_autofree char *name = g_strdup_printf("corpus-%03u.eml", serial);
	g_autofree char *kept = g_strdup_printf("corpus-%03u.draft", serial);
	g_autofree char *text = g_strdup_printf("corpus-%03u.text", serial++);
	g_autofree char *kept_path = in_directory(kept);
	g_autofree char *text_path = in_directory(text);
	g_autofree char *data = mail_draft_write(draft);
	GError *error = NULL;
	GString *message = compose(draft, how, name, &error);

	if (message == NULL)
		fail_msg("%s: %s", name, error->message);
	assert_wire(message);
	assert_true(g_file_set_contents(kept_path, data, -1, NULL));
	assert_true(g_file_set_contents(text_path, draft->text, -1, NULL));
	g_string_free(message, TRUE);
	mail_draft_free(draft);
}

static void emit_text(const char *text, const struct mail_compose *how)
{
	struct mail_draft *draft = new_draft();

	mail_draft_set(&draft->text, text);
	emit(draft, how);
}

static void emit_texts(void)
{
	static const struct mail_compose hows[] = {
		{ .charsets = "utf-8" },
		{ .charsets = "us-ascii:iso-8859-1:iso-8859-15:utf-8" },
		{ .charsets = "iso-2022-jp:koi8-r:utf-8" },
		{ .charsets = "utf-16:nonsense" },
		{ .charsets = NULL },
		{ .charsets = "utf-8", .flowed = true },
		{ .charsets = "utf-8", .encode_from = true },
	};
	g_autofree char *longest = repeat("0123456789", 99);
	g_autofree char *longer = repeat("word ", 400);
	g_autofree char *wide = repeat("日本語", 700);
	g_autofree char *many = repeat("A line of usual length, with an ä.\n",
				       20000);
	const char *texts[] = {
		"", "Hello\n", "no line end", "äöü ß\n", "Привет, мир\n",
		"日本語のテキスト\n", "Zeichen € und ž\n", ".\n..\n.dot\n",
		"From the start\n\nFrom a paragraph\n>From quoted\n",
		"trailing blanks   \n \n\t\n", "tab\tand\x0c" "feed\n",
		"emoji 😀👩‍👩‍👧 and combining é\n", "-- \nSignature\n",
		"crlf\r\nlines\r\n", "\n\n\nleading empty lines\n",
		" leading blank\n", "=?utf-8?q?not_a_word?=\n", "a=b=20=\n",
		longest, longer, wide, many,
	};

	for (size_t h = 0; h < G_N_ELEMENTS(hows); h++)
		for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
			emit_text(texts[i], &hows[h]);
}

static void emit_field(enum mail_draft_field field, const char *value,
		       const struct mail_compose *how)
{
	struct mail_draft *draft = new_draft();

	mail_draft_set(&draft->fields[field], value);
	emit(draft, how);
}

static void emit_fields(void)
{
	static const struct mail_compose hows[] = {
		{ .charsets = "utf-8" },
		{ .charsets = "iso-8859-1:utf-8" },
		{ .charsets = "iso-2022-jp:utf-8" },
	};
	g_autofree char *longest = repeat("0123456789", 200);
	g_autofree char *words = repeat("some words ", 120);
	g_autofree char *umlauts = repeat("Überlänge ", 80);
	g_autofree char *wide = repeat("日本語", 150);
	g_autofree char *people = repeat("Jürgen Müller <jm@example.org>, ",
					 200);
	const char *subjects[] = {
		"", "plain", "Grüße aus Köln", "日本語", "mixed ä and b and ö c",
		"two  blanks", "=?utf-8?q?looks_like_one?=", "a =? b ?= c",
		"ends in ä", "ä begins", "€uro", "emoji 😀", "\"quoted\" (x)",
		"tab\there", longest, words, umlauts, wide,
	};
	const char *lists[] = {
		"a@example.org", "A B <a@example.org>",
		"\"Example, Anna\" <anna@example.org>, b@example.org",
		"Jürgen Müller <jm@example.org>", "日本 太郎 <t@example.jp>",
		"\"O'Brien (x)\" <o@example.org>", "Anna <anna@bücher.example>",
		"\"a b\"@example.org", "A. B. See <abc@example.org>",
		"group: x@example.org, y@example.org;",
		"=?utf-8?q?J=C3=BCrgen?= <j@example.org>", people,
	};

	for (size_t h = 0; h < G_N_ELEMENTS(hows); h++) {
		for (size_t i = 0; i < G_N_ELEMENTS(subjects); i++)
			emit_field(MAIL_SUBJECT, subjects[i], &hows[h]);
		for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
			emit_field(MAIL_TO, lists[i], &hows[h]);
			emit_field(MAIL_CC, lists[i], &hows[h]);
		}
	}
}

static void emit_attachments(void)
{
	static const struct {
		const char *name, *type, *data;
	} files[] = {
		{ "plain.txt", "text/plain", "text\nlines\n" },
		{ "no end.txt", "text/plain", "no line end" },
		{ "crlf.txt", "text/plain", "with\r\ncrlf\r\n" },
		{ "cr.txt", "text/plain", "bare\rcr\n" },
		{ "utf8.txt", "text/plain", "äöü\n日本\n" },
		{ "latin1.txt", "text/plain", "\xe4\xf6\n" },
		{ "Übersicht 2026.pdf", "application/pdf", "%PDF-1.4\n" },
		{ "日本語のとても長いファイル名、これは本当に長い名前です.png",
		  "image/png", "\x89PNG\r\n\x1a\n" },
		{ "quote\"back\\slash;.bin", "application/octet-stream", "x" },
		{ "patch.diff", "text/x-diff", "From x\n.\n..\n--- a\n" },
		{ "bad", "not a type", "x\n" },
		{ "", "text/html", "<p>hi</p>\n" },
	};
	g_autofree char *big = g_malloc(10 << 20);
	struct mail_draft *draft, *all = new_draft();

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		draft = new_draft();
		attach(draft, files[i].name, files[i].type, files[i].data,
		       strlen(files[i].data));
		emit(draft, &plain);
		attach(all, files[i].name, files[i].type, files[i].data,
		       strlen(files[i].data));
	}
	mail_draft_set(&((struct mail_attachment *)g_ptr_array_index(
				 all->attachments, 0))->description,
		       "Eine Beschreibung mit Ä, lang genug für zwei Zeilen, "
		       "denn sie hört nicht auf");
	emit(all, &plain);
	for (size_t i = 0; i < 10 << 20; i++)
		big[i] = (char)(i * 7 + (i >> 8));
	draft = new_draft();
	attach(draft, "big.bin", "application/octet-stream", big, 10 << 20);
	attach(draft, "nul.bin", "text/plain", "a\0b\n", 4);
	emit(draft, &plain);
}

static void emit_messages(void)
{
	static const char *const messages[] = {
		"From: a@example.org\nSubject: inner\n\nbody\n",
		"From: a@example.org\r\nSubject: inner\r\n\r\nbody\r\n",
		("From: a@example.org\nContent-Type: text/plain; charset=utf-8\n"
		 "Content-Transfer-Encoding: 8bit\n\nGrüße\n"),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
		struct mail_draft *draft = new_draft();

		attach(draft, "", "message/rfc822", messages[i],
		       strlen(messages[i]));
		emit(draft, &plain);
	}
}

static void emit_thread(void)
{
	struct mail_draft *draft = new_draft();

	mail_draft_set(&draft->in_reply_to, "<last@example.org>");
	for (int i = 0; i < 60; i++)
		g_ptr_array_add(draft->references,
				g_strdup_printf("%d.%d@example.org", i, i * i));
	g_ptr_array_add(draft->references, g_strdup("last@example.org"));
	mail_draft_add_header(draft, "X-Own", "value with ä");
	mail_draft_set(&draft->fields[MAIL_REPLY_TO], "r@example.org");
	emit(draft, &plain);
}

static void test_corpus(void **state)
{
	g_autofree char *script = g_build_filename(
		g_getenv("srcdir") != NULL ? g_getenv("srcdir") : ".",
		"tests/unit/mail-compose-check.py", NULL);
	char *argv[] = { (char *)"/usr/bin/python3", (char *)"-B", script,
			 directory, NULL };
	g_autofree char *out = NULL, *err = NULL;
	int status = -1;

	(void)state;
	emit_texts();
	emit_fields();
	emit_attachments();
	emit_messages();
	emit_thread();
	assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
				 &out, &err, &status, NULL));
	if (status != 0)
		fail_msg("%s%s", out, err);
	assert_non_null(strstr(out, " messages agree"));
}

/* ---- opened again ---- */

static void test_reopen(void **state)
{
	struct mail_draft *draft = new_draft(), *again;
	struct mail_compose how = plain;
	GString *message;
	g_autoptr(GBytes) whole = NULL;
	const struct mail_attachment *a;
	g_autofree char *data = NULL;
	gsize length = 0;

	(void)state;
	mail_draft_set(&draft->fields[MAIL_BCC], "Eve <eve@example.org>");
	mail_draft_set(&draft->fields[MAIL_SUBJECT], "Grüße, alle");
	mail_draft_set(&draft->text, "Ein Text mit ü.\n-- \nAnna\n");
	mail_draft_add_header(draft, "X-Own", "ä");
	mail_draft_set(&draft->in_reply_to, "<a@b>");
	g_ptr_array_add(draft->references, g_strdup("a@b"));
	attach(draft, "ä.bin", "application/octet-stream", "a\0b", 3);
	attach(draft, "t.txt", "text/plain", "line\n", 5);
	how.bcc = true;
	how.notes = (const char *const[]){ "X-Smew-Fcc", "Sent", NULL };
	message = compose(draft, &how, "reopen.eml", NULL);
	whole = g_string_free_to_bytes(message);
	again = mail_draft_reopen(whole, directory, NULL);
	assert_non_null(again);
	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++)
		assert_string_equal(again->fields[i], draft->fields[i]);
	assert_string_equal(again->text, draft->text);
	assert_string_equal(again->fcc, "Sent");
	assert_string_equal(again->in_reply_to, "<a@b>");
	assert_int_equal(again->references->len, 1);
	assert_int_equal(again->extra->len, 1);
	assert_int_equal(again->attachments->len, 2);
	a = g_ptr_array_index(again->attachments, 0);
	assert_string_equal(a->name, "ä.bin");
	assert_true(a->own);
	assert_true(g_file_get_contents(a->path, &data, &length, NULL));
	assert_int_equal(length, 3);
	assert_memory_equal(data, "a\0b", 3);
	g_clear_pointer(&data, g_free);
	a = g_ptr_array_index(again->attachments, 1);
	assert_true(g_file_get_contents(a->path, &data, &length, NULL));
	assert_string_equal(data, "line\n");
	mail_draft_free(again);
	mail_draft_free(draft);
}

static void test_failures(void **state)
{
	struct mail_draft *draft = new_draft();
	GError *error = NULL;

	(void)state;
	mail_draft_attach(draft, "/nonexistent/file", "x", "text/plain");
	assert_null(compose(draft, &plain, "failed.eml", &error));
	assert_non_null(strstr(error->message, "/nonexistent/file"));
	g_clear_error(&error);
	mail_draft_free(draft);
	draft = new_draft();
	mail_draft_attach(draft, "/dev/zero", "x", "text/plain");
	assert_null(compose(draft, &plain, "failed.eml", &error));
	g_clear_error(&error);
	mail_draft_free(draft);
	draft = new_draft();
	mail_draft_set(&draft->fields[MAIL_TO], "not an address");
	assert_null(compose(draft, &plain, "failed.eml", &error));
	assert_non_null(strstr(error->message, "is not an address"));
	g_clear_error(&error);
	assert_false(mail_compose(draft, &plain, -1, NULL, NULL));
	mail_draft_free(draft);
}

/* ---- quoting ---- */

static void assert_text(const char *message, const char *expected)
{
	g_autoptr(GBytes) whole = g_bytes_new(message, strlen(message));
	const struct mail_source source = { .whole = whole };
	g_autofree char *text = mail_text(&source, 30);

	assert_string_equal(text, expected);
}

static void test_text(void **state)
{
	(void)state;
	assert_text("Subject: x\n\nline one\n\tline two\n> quoted\n",
		    "line one\n\tline two\n> quoted\n");
	assert_text("Content-Type: text/plain; format=flowed\n\n"
		    "flowed \nlines\n From stuffed\n> quoted \n> more\n",
		    "flowed \nlines\nFrom stuffed\n> quoted \n> more\n");
	assert_text("Content-Type: text/html\n\n<p>Some words that are longer "
		    "than thirty cells are.</p>",
		    "Some words that are longer\nthan thirty cells are.\n");
	assert_text("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n"
		    "--b\nContent-Disposition: attachment\n\nhidden\n"
		    "--b\n\ntwo\n--b--\n", "one\n\ntwo\n");
	assert_text("Subject: bad\n\n\x1b[31mred\xe2\x80\xae\n",
		    "\xe2\x90\x9b[31mred\n");
}

static int setup(void **state)
{
	(void)state;
	mail_init();
	directory = g_dir_make_tmp("smew-compose-XXXXXX", NULL);
	return directory == NULL;
}

static int teardown(void **state)
{
	GDir *dir = g_dir_open(directory, 0, NULL);
	const char *name;

	(void)state;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = in_directory(name);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(directory);
	g_free(directory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple),
		cmocka_unit_test(test_bcc),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_random_fields),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_address_text),
		cmocka_unit_test(test_message_id),
		cmocka_unit_test(test_local_date),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_corpus),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
