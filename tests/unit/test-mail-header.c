/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, dates, ids and text of headers, and headers beyond all measure. */
#include "config.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "smew/mail.h"

static struct mail_header *read_string(const char *text)
{
	return mail_header_read(text, strlen(text));
}

static struct mail_header *read_field(const char *name, const char *value)
{
	g_autofree char *text = g_strdup_printf("%s: %s\r\n\r\n", name, value);

	return read_string(text);
}

/* "name|email name|email": as address_read() understood it. */
static char *addresses_of(const char *value)
{
	struct mail_header *header = read_field("To", value);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < header->to->len; i++) {
		const struct mail_address *address =
			g_ptr_array_index(header->to, i);

		g_string_append_printf(out, "%s%s|%s", i > 0 ? "; " : "",
				       address->name, address->email);
	}
	mail_header_free(header);
	return g_string_free(out, FALSE);
}

static void test_addresses(void **state)
{
	static const char *const cases[][2] = {
		{"anna@example.org", "|anna@example.org"},
		{"Anna Example <anna@example.org>",
		 "Anna Example|anna@example.org"},
		{"\"Example, Anna\" <anna@example.org>, bob@x.net",
		 "Example, Anna|anna@example.org; |bob@x.net"},
		{"anna@example.org (Anna (at) Example)",
		 "Anna (at) Example|anna@example.org"},
		{"\"a b\"@example.org", "|\"a b\"@example.org"},
		{"anna @ example . org", "|anna@example.org"},
		{"Anna anna@example.org", "Anna|anna@example.org"},
		{"Friends: a@x.org, B <b@x.org>; c@x.org",
		 "Friends|; |a@x.org; B|b@x.org; |c@x.org"},
		{"undisclosed-recipients:;", "undisclosed-recipients|"},
		{"<@relay.net,@r2.net:anna@example.org>", "|anna@example.org"},
		{"Anna <anna@example.org", "Anna|anna@example.org"},
		{"Anna <<anna@example.org>>", "Anna|anna@example.org"},
		{"Anna <anna@example.org> (work), b@x.org",
		 "Anna|anna@example.org; |b@x.org"},
		{"<>", ""},
		{"", ""},
		{",,;,", ""},
		{"root", "|root"},
		{"Anna Example", "Anna Example|"},
		{"anna@[IPv6:2001:db8::1]", "|anna@[IPv6:2001:db8::1]"},
		{"=?utf-8?q?M=C3=BCller=2C_Anna?= <a@x.org>",
		 "Müller, Anna|a@x.org"},
		{"\"=?utf-8?q?M=C3=BCller?=\" <a@x.org>", "Müller|a@x.org"},
		{"Müller <a@x.org>", "Müller|a@x.org"},
		{"M\xfcller <a@x.org>", "Müller|a@x.org"},
		{"x <a@xn--mller-kva.example>", "x|a@xn--mller-kva.example"},
		{"a@m\xc3\xbcller.example", "|a@müller.example"},
		{"=?utf-8?q?boss=40good.example=00?= <a@evil.example>",
		 "boss@good.example␀|a@evil.example"},
		{"<=?utf-8?q?boss=40good.example=00?=@evil.example>",
		 "|=?utf-8?q?boss=40good.example=00?=@evil.example"},
		{"Anna\r\n\tExample\r\n <anna@example.org>",
		 "Anna Example|anna@example.org"},
		{"O'Brien \\\"Bo\\\" <o@x.org>", "O'Brien \"Bo\"|o@x.org"},
		{"\"quote \\\" in\" <o@x.org>", "quote \" in|o@x.org"},
		{"A. N. Other <o@x.org>", "A. N. Other|o@x.org"},
		{"\"unclosed <o@x.org>", "unclosed|o@x.org"},
		{"\"", ""},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *found = addresses_of(cases[i][0]);

		if (strcmp(found, cases[i][1]) != 0)
			fail_msg("\"%s\" is read as \"%s\"", cases[i][0],
				 found);
	}
}

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t date;
		int zone;
	} cases[] = {
		{"Fri, 20 Nov 2026 10:00:00 +0100", 1795165200, 60},
		{"fri,20 nov 2026 10:00 +0100 (CET)", 1795165200, 60},
		{"20 November 2026 10:00:00 +0100 junk 99", 1795165200, 60},
		{"Fri (a (nested) comment), 20 NOV 26 10:00:00 +0100",
		 1795165200, 60},
		{"Fri, 20 Nov 126 09:00:00", 1795165200, 0},
		{"Fri, 20 Nov 2026 04:00:00 EST", 1795165200, -300},
		{"Fri, 20 Nov 2026 09:00:00 GMT", 1795165200, 0},
		{"Fri, 20 Nov 2026 10:00:00 GMT+0100", 1795165200, 60},
		{"Fri, 20 Nov 2026 09:00:00 Z", 1795165200, 0},
		{"Fri, 20 Nov 2026 09:00:00 K", 1795165200, 0},
		{"Fri, 20 Nov 2026 09:00:00", 1795165200, 0},
		{"Fri, 20 Nov 2026 08:59:60 +0000", 1795165200, 0},
		{"Fri Nov 20 09:00:00 2026", 1795165200, 0},
		{"Fri Nov 20 10:00:00 CET 2026", 1795165200, 60},
		{"20-Nov-2026 10:00:00 +0100", 1795165200, 60},
		{"2026-11-20T10:00:00+01:00", 1795165200, 60},
		{"2026-11-20 09:00:00.123Z", 1795165200, 0},
		{"Fri, 20 Nov 2026 9:00:00 AM", 1795165200, 0},
		{"Fri, 20 Nov 2026 9:00:00 PM", 1795208400, 0},
		{"Fri, 20 Nov 2026", 1795132800, 0},
		{"Thu, 1 Jan 1970 00:00:01 -0000", 1, 0},
		{"31 Dec 69 23:59:59 +0000", -1, 0},
		{"29 Feb 2024 12:00:00 +0000", 1709208000, 0},
		{"1 Jan 49 00:00:00 +0000", 2493072000, 0},
		{"1 Jan 50 00:00:00 +0000", -631152000, 0},
		{"Fri, 20 Nov 2026 10:00:00 +9999", 1795168800, 0},
		{"Fri, 20 Nov 2026 25:00:00 +0000", 0, 0},
		{"Fri, 20 Nov 2026 10:99:00 +0000", 0, 0},
		{"2026-13-20T10:00:00Z", 0, 0},
		{"Fri, 20 Foo 2026 10:00:00 +0000", 0, 0},
		{"yesterday", 0, 0},
		{"", 0, 0},
		{"(((((", 0, 0},
		{"99999999999999999999 Nov 2026", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct mail_header *header = read_field("Date", cases[i].text);

		if (header->date != cases[i].date ||
		    (header->date != 0 && header->zone != cases[i].zone))
			fail_msg("\"%s\" is %" PRId64 " %d", cases[i].text,
				 header->date, header->zone);
		mail_header_free(header);
	}
}

static char *references_of(const char *value)
{
	struct mail_header *header = read_field("References", value);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < header->references->len; i++)
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "",
				       (char *)g_ptr_array_index(
					       header->references, i));
	mail_header_free(header);
	return g_string_free(out, FALSE);
}

static void test_references(void **state)
{
	static const char *const cases[][2] = {
		{"<a@x> <b@x>", "a@x b@x"},
		{"<a@x><b@x>", "a@x b@x"},
		{"<a@x>,\r\n\t<b@x>", "a@x b@x"},
		{"<a@\r\n x> <b@x>", "a@x b@x"},
		{"a@x b@x", "a@x b@x"},
		{"<a@x <b@x>", "a@x b@x"},
		{"<a@x> b@x>", "a@x b@x"},
		{"Message from \"A@b\" (c@d) of today <a@x>", "a@x"},
		{"<>", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *found = references_of(cases[i][0]);

		if (strcmp(found, cases[i][1]) != 0)
			fail_msg("\"%s\" is read as \"%s\"", cases[i][0],
				 found);
	}
}

static void test_many_references(void **state)
{
	GString *value = g_string_new(NULL);
	struct mail_header *header;

	(void)state;
	for (int i = 0; i < 250; i++)
		g_string_append_printf(value, "<%d@x>\r\n ", i);
	header = read_field("References", value->str);
	assert_int_equal(header->references->len, 100);
	assert_string_equal(g_ptr_array_index(header->references, 0), "0@x");
	assert_string_equal(g_ptr_array_index(header->references, 1), "151@x");
	assert_string_equal(g_ptr_array_index(header->references, 99), "249@x");
	mail_header_free(header);
	g_string_free(value, TRUE);
}

static void test_ids(void **state)
{
	struct mail_header *header = read_string(
		"message-id: junk <one@x> junk\n"
		"In-Reply-To: Your mail of today <two@x>, <three@x>\n"
		"List-Id: A list for \"birds\" <birds.example.org>\n\n");

	(void)state;
	assert_string_equal(header->message_id, "one@x");
	assert_string_equal(header->in_reply_to, "two@x");
	assert_string_equal(header->list_id, "birds.example.org");
	mail_header_free(header);
	header = read_string("Message-ID:  bare id \nIn-Reply-To: four@x\n"
			     "List-Id: birds.example.org\n");
	assert_string_equal(header->message_id, "bare id");
	assert_string_equal(header->in_reply_to, "four@x");
	assert_string_equal(header->list_id, "birds.example.org");
	mail_header_free(header);
	header = read_string("In-Reply-To: Anna's anna@x of <two@x>\n");
	assert_string_equal(header->in_reply_to, "two@x");
	mail_header_free(header);
}

static void test_decode(void **state)
{
	static const char *const cases[][2] = {
		{"plain", "plain"},
		{"  blanks\t around ", "blanks  around"},
		{"=?utf-8?Q?a_b=3D?= c", "a b= c"},
		{"=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"},
		{"=?utf-8?Q?a?= x =?utf-8?Q?b?=", "a x b"},
		{"x=?utf-8?Q?a?=y", "xay"},
		{"=?utf-8*en?q?lang?=", "lang"},
		{"=?utf-8?b?SGVsbG8gd29ybGQ?=", "Hello world"},
		{"=?utf-8?b?SGk=?=", "Hi"},
		{"=?utf-8?b?" "?=", ""},
		{"=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
		{"=?utf-8?q?unclosed", "=?utf-8?q?unclosed"},
		{"=?=?=?", "=?=?=?"},
		{"=?" "?q?x?=", "=?" "?q?x?="},
		{"=?x-martian?q?caf=C3=A9?=", "café"},
		{"=?x-unknown?q?caf=E9?=", "café"},
		{"=?a/b//TRANSLIT?q?x?=", "x"},
		{"=?utf-8?q?bad =FF octet?=", "bad \xef\xbf\xbd octet"},
		{"=?utf-8?q?=E2=80=AEevil?=", "evil"},
		{"=?utf-8?q?line=0Atwo=1B[1m?=", "line two␛[1m"},
		{"caf\xe9 \x80", "café €"},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *found = mail_decode(cases[i][0], -1);

		if (strcmp(found, cases[i][1]) != 0)
			fail_msg("\"%s\" is read as \"%s\"", cases[i][0],
				 found);
	}
}

static void test_odd_headers(void **state)
{
	struct mail_header *header;

	(void)state;
	header = read_string("From anna Fri Nov 20\nSubject : spaced\n"
			     "subject: second\n: x\nTo:\nTo: a@x\nTo: b@x\n"
			     "not a field\nCc: c@x\n");
	assert_string_equal(header->subject, "spaced");
	assert_int_equal(header->to->len, 2);
	assert_int_equal(header->cc->len, 0);
	mail_header_free(header);
	header = mail_header_read(NULL, 0);
	assert_string_equal(header->subject, "");
	assert_string_equal(header->message_id, "");
	assert_int_equal(header->from->len, 0);
	assert_int_equal(header->date, 0);
	mail_header_free(header);
	header = read_string("\nSubject: of the body\n");
	assert_string_equal(header->subject, "");
	mail_header_free(header);
}

static char *repeat(const char *head, const char *unit, size_t size)
{
	GString *text = g_string_sized_new(size + 100);

	g_string_append(text, head);
	while (text->len < size)
		g_string_append(text, unit);
	g_string_append(text, "\r\n\r\n");
	return g_string_free(text, FALSE);
}

/*
 * What took other programs minutes: each is megabytes of one construct. The
 * limit is generous (a sanitizer build on a busy machine); quadratic work
 * would take a thousand times as long.
 */
static void test_bounded(void **state)
{
	static const char *const units[][2] = {
		{"To: ", ";"},
		{"To: ", "("},
		{"To: ", "<"},
		{"To: ", "\""},
		{"To: ", "\\"},
		{"To: ", "a:"},
		{"To: ", "a b "},
		{"To: ", "[,"},
		{"To: ", "<@a:"},
		{"To: ", "x@y, "},
		{"To: ", "(a)x"},
		{"Subject: ", "=?a?q?"},
		{"Subject: ", "=?utf-8?q?x?= "},
		{"Subject: ", "=?"},
		{"Subject: ", "=?utf-8?b?"},
		{"Subject: ", "\xff\xfe"},
		{"Subject: ", "\r\n "},
		{"References: ", "<"},
		{"References: ", "a@"},
		{"References: ", "<a@b> "},
		{"Date: ", "("},
		{"X:\r\n", "a: b\r\n"},
		{"X:\r\n", ": b\r\n"},
	};
	gint64 start = g_get_monotonic_time();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autofree char *text = repeat(units[i][0], units[i][1],
					       1 << 20);
		struct mail_header *header = read_string(text);

		assert_non_null(header->subject);
		mail_header_free(header);
	}
	assert_true(g_get_monotonic_time() - start < 60 * G_USEC_PER_SEC);
}

static void test_large(void **state)
{
	g_autofree char *subject = repeat("Subject: ", "long ", 10 << 20);
	g_autofree char *to = repeat("To: ", "a@example.org, ", 15 * 200000);
	g_autofree char *to_many = NULL;
	struct mail_header *header = read_string(subject);

	(void)state;
	assert_true(strlen(header->subject) > 100000);
	mail_header_free(header);
	header = read_string(to);
	assert_in_range(header->to->len, 200000 - 1, 200000 + 1);
	mail_header_free(header);
	to_many = repeat("To: ", "a,", 4 << 20);
	header = read_string(to_many);
	assert_in_range(header->to->len, 200000, 300000);
	mail_header_free(header);
}

static void test_shown_recipients(void **state)
{
	g_autofree char *to = repeat("To: ", "a@example.org, ", 15 * 300);
	GBytes *header = g_bytes_new_static(to, strlen(to));
	struct mail_source source = {.whole = header};
	struct mail_document *document = mail_render(&source);
	const struct mail_field *field = g_ptr_array_index(document->fields, 0);

	(void)state;
	assert_true(g_str_has_suffix(field->value, "more"));
	assert_true(strlen(field->value) < 15 * 205);
	mail_document_free(document);
	g_bytes_unref(header);
}

/* A header cut at every octet reads the fields before the cut. */
static void test_cut_everywhere(void **state)
{
	static const char text[] =
		"Subject: =?utf-8?B?Z3LDvMOfZQ==?=\r\n"
		"From: \"A \\\" B\" (c) <a@b>\r\n"
		"Date: Fri, 20 Nov 2026 10:00:00 +0100\r\n"
		"References: <a@b> <c@d>\r\n\r\n";

	(void)state;
	for (size_t cut = 0; cut <= strlen(text); cut++) {
		g_autofree char *exact = g_memdup2(text, cut);
		struct mail_header *header = mail_header_read(exact, cut);

		if (cut > 40)
			assert_string_equal(header->subject, "grüße");
		mail_header_free(header);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_many_references),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_odd_headers),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_shown_recipients),
		cmocka_unit_test(test_cut_everywhere),
	};

	mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
