/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom an answer goes to, where it belongs; bounced and decoded messages. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "smew/mail.h"

static bool is_me(const char *email, void *user)
{
	(void)user;
	return g_ascii_strncasecmp(email, "me", 2) == 0;
}

static bool is_list(const char *email, void *user)
{
	(void)user;
	return g_str_has_suffix(email, "@lists.org");
}

static bool is_subscribed(const char *email, void *user)
{
	(void)user;
	return strcmp(email, "sub@lists.org") == 0;
}

static const struct mail_people people = { is_me, is_list, is_subscribed,
					   NULL };

struct expectation {
	const char *header;
	struct mail_reply_how how;
	const char *to, *cc;
};

static void check(const struct expectation *e)
{
	struct mail_header *header =
		mail_header_read(e->header, strlen(e->header));
	struct mail_draft *draft = mail_draft_new();

	mail_reply_recipients(draft, header, &e->how, &people);
	assert_string_equal(draft->fields[MAIL_TO], e->to);
	assert_string_equal(draft->fields[MAIL_CC], e->cc);
	mail_draft_free(draft);
	mail_header_free(header);
}

#define PLAIN "From: A <a@x>\nTo: me@x, b@x\nCc: c@x, ME2@x, B@X\n"
#define OWN "From: me@x\nTo: b@x, c@x\nCc: d@x\n"
#define REPLY_TO PLAIN "Reply-To: r@x\n"
#define LIST "From: a@x\nTo: l@lists.org\nCc: me@x\n"
#define FOLLOW LIST "Mail-Followup-To: l@lists.org, f@x\n"
#define LIST_REPLY_TO LIST "Reply-To: l@lists.org\n"

static void test_recipients(void **state)
{
	static const struct expectation all[] = {
		{ PLAIN, { .kind = MAIL_REPLY_SENDER }, "A <a@x>", "" },
		{ PLAIN, { .kind = MAIL_REPLY_GROUP }, "A <a@x>", "b@x, c@x" },
		{ PLAIN, { .kind = MAIL_REPLY_CHAT }, "A <a@x>, b@x", "c@x" },
		{ PLAIN, { .kind = MAIL_REPLY_GROUP, .metoo = true },
		  "A <a@x>", "me@x, b@x, c@x, ME2@x" },
		{ PLAIN, { .kind = MAIL_REPLY_FROM }, "A <a@x>", "" },
		{ OWN, { .kind = MAIL_REPLY_SENDER }, "b@x, c@x", "" },
		{ OWN, { .kind = MAIL_REPLY_SENDER, .reply_self = true },
		  "me@x", "" },
		{ OWN, { .kind = MAIL_REPLY_GROUP }, "b@x, c@x", "d@x" },
		{ REPLY_TO, { .kind = MAIL_REPLY_SENDER, .reply_to = true },
		  "r@x", "" },
		{ REPLY_TO, { .kind = MAIL_REPLY_SENDER }, "A <a@x>", "" },
		{ LIST, { .kind = MAIL_REPLY_LIST }, "l@lists.org", "" },
		{ LIST, { .kind = MAIL_REPLY_GROUP }, "a@x", "l@lists.org" },
		{ PLAIN, { .kind = MAIL_REPLY_LIST }, "", "" },
		{ FOLLOW, { .kind = MAIL_REPLY_GROUP, .followup = true },
		  "l@lists.org, f@x", "" },
		{ FOLLOW, { .kind = MAIL_REPLY_GROUP }, "a@x", "l@lists.org" },
		{ FOLLOW, { .kind = MAIL_REPLY_SENDER, .followup = true },
		  "a@x", "" },
		{ FOLLOW, { .kind = MAIL_REPLY_LIST, .followup = true },
		  "l@lists.org", "f@x" },
		{ LIST_REPLY_TO, { .kind = MAIL_REPLY_SENDER, .reply_to = true },
		  "l@lists.org", "" },
		{ LIST_REPLY_TO,
		  { .kind = MAIL_REPLY_SENDER, .reply_to = true,
		    .ignore_list_reply_to = true },
		  "a@x", "" },
		{ "From: a@x\nTo: undisclosed-recipients:;\n",
		  { .kind = MAIL_REPLY_GROUP }, "a@x", "" },
		{ "From: me@x\nTo: me@x\n", { .kind = MAIL_REPLY_GROUP },
		  "me@x", "" },
		{ "Subject: nobody\n", { .kind = MAIL_REPLY_GROUP }, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		check(&all[i]);
}

static void assert_asks(const char *text, struct mail_reply_how how,
			const char *followup, const char *reply_to)
{
	struct mail_header *header = mail_header_read(text, strlen(text));
	g_autofree char *a = mail_reply_asks_followup(header, how.kind);
	g_autofree char *b = mail_reply_asks_reply_to(header, &how, &people);

	if (followup == NULL)
		assert_null(a);
	else
		assert_string_equal(a, followup);
	if (reply_to == NULL)
		assert_null(b);
	else
		assert_string_equal(b, reply_to);
	mail_header_free(header);
}

static void test_questions(void **state)
{
	struct mail_reply_how sender = { .kind = MAIL_REPLY_SENDER };
	struct mail_reply_how group = { .kind = MAIL_REPLY_GROUP };

	(void)state;
	assert_asks(PLAIN, sender, NULL, NULL);
	assert_asks(REPLY_TO, sender, NULL, "r@x");
	assert_asks(PLAIN "Reply-To: A Name <a@x>\n", sender, NULL, NULL);
	assert_asks(PLAIN "Reply-To: a@x, b@x\n", sender, NULL, "a@x,...");
	assert_asks(FOLLOW, sender, NULL, NULL);
	assert_asks(FOLLOW, group, "l@lists.org,...", NULL);
	group.followup = true;
	assert_asks(FOLLOW "Reply-To: r@x\n", group, "l@lists.org,...", NULL);
	sender.ignore_list_reply_to = true;
	assert_asks(LIST_REPLY_TO, sender, NULL, NULL);
}

static void test_from(void **state)
{
	static const char text[] =
		"From: a@x\nTo: b@x, My Name <me2@x>\nCc: me@x\n";
	struct mail_header *header = mail_header_read(text, strlen(text));
	g_autofree char *with = mail_reply_from(header, &people, true);
	g_autofree char *without = mail_reply_from(header, &people, false);

	(void)state;
	assert_string_equal(with, "My Name <me2@x>");
	assert_string_equal(without, "me2@x");
	mail_header_free(header);
	header = mail_header_read("To: b@x\n", 8);
	assert_null(mail_reply_from(header, &people, true));
	mail_header_free(header);
}

/* ---- threads ---- */

static char *references(const char *text)
{
	struct mail_header *header = mail_header_read(text, strlen(text));
	struct mail_draft *draft = mail_draft_new();
	char *joined;

	mail_reply_thread(draft, header);
	g_ptr_array_add(draft->references, NULL);
	joined = g_strjoinv(" ", (char **)draft->references->pdata);
	g_ptr_array_set_size(draft->references,
			     (gint)draft->references->len - 1);
	mail_draft_free(draft);
	mail_header_free(header);
	return joined;
}

static void test_thread(void **state)
{
	g_autofree char *plain = references(
		"Message-ID: <3@x>\nReferences: <1@x> <2@x>\n"
		"In-Reply-To: <2@x>\n");
	g_autofree char *parent =
		references("Message-ID: <2@x>\nIn-Reply-To: <1@x>\n");
	g_autofree char *none = references("Subject: x\n");
	g_autoptr(GString) many = g_string_new("Message-ID: <m@x>\n"
					       "References:");
	g_autofree char *kept = NULL;
	g_auto(GStrv) ids = NULL;

	(void)state;
	assert_string_equal(plain, "1@x 2@x 3@x");
	assert_string_equal(parent, "1@x 2@x");
	assert_string_equal(none, "");
	for (int i = 0; i < 300; i++)
		g_string_append_printf(many, " <%d@x>\n", i);
	kept = references(many->str);
	ids = g_strsplit(kept, " ", -1);
	assert_int_equal(g_strv_length(ids), 100);
	assert_string_equal(ids[0], "0@x");
	assert_string_equal(ids[98], "299@x");
	assert_string_equal(ids[99], "m@x");
}

static void assert_followup(const char *to, const char *cc,
			    const char *expected)
{
	struct mail_draft *draft = mail_draft_new();

	mail_draft_set(&draft->fields[MAIL_FROM], "Me <me@x>");
	mail_draft_set(&draft->fields[MAIL_TO], to);
	mail_draft_set(&draft->fields[MAIL_CC], cc);
	mail_followup_to(draft, &people);
	assert_string_equal(draft->fields[MAIL_FOLLOWUP_TO], expected);
	mail_draft_free(draft);
}

static void test_followup(void **state)
{
	(void)state;
	assert_followup("a@x", "b@x", "");
	assert_followup("l@lists.org", "a@x", "Me <me@x>, l@lists.org, a@x");
	assert_followup("sub@lists.org", "a@x, me@x", "sub@lists.org, a@x");
}

/* ---- bouncing ---- */

static char *bounce(const char *message, const char *to, GError **error)
{
	g_autoptr(GBytes) whole = g_bytes_new(message, strlen(message));
	g_autofree char *path = NULL, *id = NULL;
	char *text = NULL;
	int fd = g_file_open_tmp("smew-bounce-XXXXXX", &path, NULL);
	bool good;

	assert_true(fd >= 0);
	good = mail_bounce(whole, "Me <me@x>", to, fd, &id, error);
	close(fd);
	if (good)
		assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_unlink(path);
	return text;
}

static void test_bounce(void **state)
{
	GError *error = NULL;
	g_autofree char *text = bounce(
		"Return-Path: <x>\nFrom: a@x\nBcc: secret@x\nSubject: =?x?\n"
		" folded\n\nbody\nBcc: in the body\r\nlast",
		"b@x, c@x", &error);

	(void)state;
	assert_null(error);
	assert_true(g_str_has_prefix(text, "Resent-From: Me <me@x>\r\n"
					   "Resent-Date: "));
	assert_non_null(strstr(text, "\r\nResent-To: b@x, c@x\r\n"
				     "From: a@x\r\nSubject: =?x?\r\n folded"
				     "\r\n\r\nbody\r\nBcc: in the body\r\n"
				     "last\r\n"));
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "Return-Path"));
	assert_null(bounce("From: a@x\n\n", "b@x\nBcc: evil@x", &error));
	assert_non_null(error);
	g_clear_error(&error);
	assert_null(bounce("From: a@x\n\n", "nobody", &error));
	g_clear_error(&error);
}

/* ---- files ---- */

static void test_files(void **state)
{
	g_autofree char *path = NULL, *type = NULL, *text = NULL, *said = NULL;
	g_autofree char *shown = NULL, *message = NULL, *pattern = NULL;
	g_autoptr(GPtrArray) files = NULL, one = NULL, none = NULL;
	uint64_t size = 0;
	GError *error = NULL;
	int fd = g_file_open_tmp("smew-XXXXXX.txt", &path, NULL);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "text\n", 5), 5);
	close(fd);
	type = mail_file_type(path, &size, NULL);
	assert_string_equal(type, "text/plain");
	assert_int_equal(size, 5);
	text = mail_signature(path);
	assert_string_equal(text, "text\n");
	shown = mail_file_text(path, "text/plain", NULL);
	assert_string_equal(shown, "text\n");
	assert_null(mail_file_text(path, "image/png", NULL));
	message = mail_file_text(path, "message/rfc822", NULL);
	assert_non_null(strstr(message, "text"));
	pattern = g_strdup(path);
	pattern[strlen(pattern) - strlen("x.txt")] = '?';
	files = mail_files(pattern);
	assert_int_equal(files->len, 1);
	assert_string_equal(g_ptr_array_index(files, 0), path);
	one = mail_files(path);
	assert_string_equal(g_ptr_array_index(one, 0), path);
	none = mail_files("/nonexistent/*");
	assert_string_equal(g_ptr_array_index(none, 0), "/nonexistent/*");
	g_unlink(path);
	assert_null(mail_file_text(path, "text/plain", NULL));
	assert_null(mail_file_type(path, &size, &error));
	assert_non_null(strstr(error->message, path));
	g_clear_error(&error);
	assert_null(mail_file_type("/", &size, &error));
	g_clear_error(&error);
	assert_null(mail_signature(path));
	said = mail_signature("echo said|");
	assert_string_equal(said, "said");
	assert_null(mail_signature("exit 3|"));
}

static void test_decoded(void **state)
{
	static const char text[] =
		"From: a@x\nX-Long: one\n two\nMESSAGE-ID: <1@x>\n"
		"Content-Type: text/plain; charset=iso-8859-1\n"
		"Content-Transfer-Encoding: quoted-printable\n"
		"Mime-Version: 1.0\nLines: 3\nSubject: s\n\nGr=FC=DFe\n";
	g_autoptr(GBytes) whole = g_bytes_new_static(text, strlen(text));
	g_autoptr(GBytes) all = mail_decoded(whole, NULL);
	g_autoptr(GBytes) some = mail_decoded(whole, "-* +sub -subject-x");
	static const char end[] =
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\n\r\n"
		"Gr\303\274\303\237e\r\n";
	g_autofree char *want = g_strconcat(
		"From: a@x\r\nX-Long: one\r\n two\r\nMESSAGE-ID: <1@x>\r\n"
		"Subject: s\r\n", end, NULL);
	g_autofree char *weeded = g_strconcat(
		"MESSAGE-ID: <1@x>\r\nSubject: s\r\n", end, NULL);

	(void)state;
	assert_int_equal(g_bytes_get_size(all), strlen(want));
	assert_memory_equal(g_bytes_get_data(all, NULL), want, strlen(want));
	assert_int_equal(g_bytes_get_size(some), strlen(weeded));
	assert_memory_equal(g_bytes_get_data(some, NULL), weeded,
			    strlen(weeded));
}

/* A line that no message may have is encoded; no header at all is fine. */
static void test_decoded_long(void **state)
{
	g_autofree char *line = g_strnfill(5000, 'x');
	g_autofree char *text = g_strconcat("\n", line, "\n", NULL);
	g_autoptr(GBytes) whole = g_bytes_new_static(text, strlen(text));
	g_autoptr(GBytes) made = mail_decoded(whole, NULL);
	const struct mail_source source = { .whole = made };
	g_autofree char *back = NULL;
	gsize length;
	const char *data = g_bytes_get_data(made, &length);

	(void)state;
	for (const char *p = data, *e; p < data + length; p = e + 1) {
		e = memchr(p, '\n', (size_t)(data + length - p));
		assert_non_null(e);
		assert_in_range(e - p, 1, 999);
		assert_int_equal(e[-1], '\r');
	}
	back = mail_text(&source, 80);
	assert_non_null(strstr(back, line));
}

#define NEW "In-Reply-To: <n@x>\r\nReferences: <n@x>\r\n"

static void test_relinked(void **state)
{
	static const struct {
		const char *whole, *fields, *made, *kept;
	} cases[] = {
		/* folded, not side by side, in any case, 8-bit beside them */
		{ "A: \xff\r\nREFERENCES: <1@x>\r\n\t<2@x>\r\nB: b\r\n c\r\n"
		  "in-reply-to : <2@x>\r\nC:c\r\n\r\nReferences: no\r\n\xfe",
		  NEW,
		  "A: \xff\r\n" NEW "B: b\r\n c\r\nC:c\r\n\r\n"
		  "References: no\r\n\xfe",
		  "REFERENCES: <1@x>\r\n\t<2@x>\r\nin-reply-to : <2@x>\r\n" },
		{ "References: <1@x>\r\nA: a\r\n\r\nb", "",
		  "A: a\r\n\r\nb", "References: <1@x>\r\n" },
		{ "References: <1@x>\r\nA: a\r\nIn-Reply-To: <1@x>\r\n\r\nb",
		  NEW, NEW "A: a\r\n\r\nb",
		  "References: <1@x>\r\nIn-Reply-To: <1@x>\r\n" },
		/* those that lack them */
		{ "A: a\r\nX-References: <1@x>\r\n\r\nb\r\n\r\n", NEW,
		  "A: a\r\nX-References: <1@x>\r\n" NEW "\r\nb\r\n\r\n", "" },
		{ "A: a\r\n\r\nb", "", "A: a\r\n\r\nb", "" },
		{ "\r\nb", NEW, NEW "\r\nb", "" },
		/* a header that does not end */
		{ "A: a\r\nReferences: <1@x>", NEW, "A: a\r\n" NEW,
		  "References: <1@x>\r\n" },
		{ "A: a", NEW, "A: a\r\n" NEW, "" },
		{ "A: a", "", "A: a", "" },
		{ "A: a\r\nno field\r\n", NEW, "A: a\r\n" NEW "no field\r\n",
		  "" },
		{ "", NEW, NEW, "" },
		{ "A: a\nReferences: <1@x>\nB: b\n\nb", "", "A: a\nB: b\n\nb",
		  "References: <1@x>\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) whole = g_bytes_new_static(
			cases[i].whole, strlen(cases[i].whole));
		g_autofree char *kept = NULL;
		g_autoptr(GBytes) made =
			mail_relinked(whole, cases[i].fields, &kept);
		g_autofree char *text =
			g_strndup(g_bytes_get_data(made, NULL),
				  g_bytes_get_size(made));

		assert_string_equal(text, cases[i].made);
		assert_string_equal(kept, cases[i].kept);
	}
}

/* What was taken out goes back to where it stood. */
static void test_relinked_back(void **state)
{
	static const char text[] =
		"A: a\r\nReferences: <1@x>\r\nIn-Reply-To: <1@x>\r\nB: b\r\n"
		"\r\nx\0y\r\n";
	g_autoptr(GBytes) whole = g_bytes_new_static(text, sizeof(text) - 1);
	g_autofree char *kept = NULL, *again = NULL;
	g_autoptr(GBytes) made = mail_relinked(whole, NEW, &kept);
	g_autoptr(GBytes) back = mail_relinked(made, kept, &again);

	(void)state;
	assert_true(g_bytes_equal(whole, back));
	assert_string_equal(again, NEW);
}

static void test_reply_fields(void **state)
{
	g_autofree char *fields = mail_reply_fields("n@x");
	g_autofree char *longest = g_strnfill(2000, 'x');

	(void)state;
	assert_string_equal(fields, NEW);
	assert_null(mail_reply_fields(""));
	assert_null(mail_reply_fields("a b@x"));
	assert_null(mail_reply_fields("a>b@x"));
	assert_null(mail_reply_fields(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_followup),
		cmocka_unit_test(test_bounce),
		cmocka_unit_test(test_decoded),
		cmocka_unit_test(test_decoded_long),
		cmocka_unit_test(test_relinked),
		cmocka_unit_test(test_relinked_back),
		cmocka_unit_test(test_reply_fields),
		cmocka_unit_test(test_files),
	};

	mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
