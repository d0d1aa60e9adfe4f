/* SPDX-License-Identifier: GPL-3.0-or-later */
/* query: what patterns mean, what is wrong with them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the four above it. */
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "smew/query.h"

/* 21 November 2026, 12:34:56, a Saturday */
static int64_t now(void)
{
	struct tm tm = { .tm_year = 126, .tm_mon = 10, .tm_mday = 21,
			 .tm_hour = 12, .tm_min = 34, .tm_sec = 56,
			 .tm_isdst = -1 };

	return (int64_t)mktime(&tm);
}

static char **members_of(const char *name, const void *user)
{
	return strcmp(name, user) == 0
		       ? g_strsplit("=BOB@example.de|~@EXAMPLE\\.com$|~carl@|~(",
				    "|", -1)
		       : NULL;
}

static struct query *read_pattern(const char *text, GError **error)
{
	static const char *const mine[] = { "anna@example.org", NULL };
	const struct query_context context = {
		.now = now(),
		.simple = "~f %s | ~s %s",
		.mine = mine,
		.group = members_of,
		.user = "friends",
	};

	return query_new(text, &context, error);
}

static struct query *must_read(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct query *query = read_pattern(text, &error);

	if (query == NULL)
		print_error("%s: %s\n", text, error->message);
	assert_non_null(query);
	return query;
}

static const struct query_message sample = {
	.read = true,
	.flagged = true,
	.sent = 1000,
	.received = 2000,
	.size = 20480,
	.from = "Anna Example <anna@example.org>",
	.to = "Bob <bob@example.de>, carl@example.de",
	.cc = "Doe, Jane <jane@example.com>",
	.subject = "Re: Straße nach Überall [x.y]",
	.id = "<one@example.org>",
	.label = "work urgent",
	.list = "<talk.example.org>",
};

struct expectation {
	const char *pattern;
	bool yes;
};

static void check(const struct query_message *message,
		  const struct expectation *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct query *query = must_read(cases[i].pattern);

		if (query_matches(query, message) != cases[i].yes)
			fail_msg("%s: expected %d", cases[i].pattern,
				 cases[i].yes);
		query_free(query);
	}
}

static void test_flags(void **state)
{
	static const struct expectation cases[] = {
		{ "~A", true },	  { "~R", true },  { "~U", false },
		{ "~N", false },  { "~O", false }, { "~F", true },
		{ "~D", false },  { "~Q", false }, { "~T", false },
		{ "~v", false },  { "~$", true },  { "!~N", true },
		{ "!!~F", true }, { "~R ~F", true },
		{ "~R~F", true }, { "~R ~D", false }, { "~N|~F", true },
		{ "=F", true },
	};
	static const struct query_message old = { .old = true };
	static const struct expectation olds[] = {
		{ "~O", true }, { "~N", false }, { "~U", true },
		{ "~R", false },
	};

	(void)state;
	check(&sample, cases, G_N_ELEMENTS(cases));
	check(&old, olds, G_N_ELEMENTS(olds));
}

/* An address is meant as a whole, an expression finds; names count for
 * neither, and expressions follow the rule about capital letters. */
static void test_groups(void **state)
{
	static const struct expectation cases[] = {
		{ "%t friends", true },	 { "%f friends", false },
		{ "%c friends", false }, { "^%t friends", true },
		{ "%C friends", true },	 { "^%C friends", false },
		{ "%L friends", true },	 { "!%L friends", false },
		{ "%N", false },	 { "%F", true },
	};

	(void)state;
	check(&sample, cases, G_N_ELEMENTS(cases));
}

/* mutt has no precedence: what stands left is taken together. */
static void test_operators(void **state)
{
	static const struct expectation cases[] = {
		{ "~A | ~A ~N", false },
		{ "~A | (~A ~N)", true },
		{ "~N ~A | ~A", true },
		{ "~N (~A | ~A)", false },
		{ "~N | ~N | ~A", true },
		{ "!(~N | ~D)", true },
		{ "!(~N | ~F)", false },
		{ "(((~F)))", true },
		{ "~A || ~N", true },
		{ "~A | ~A (~N)", false },
		{ "! ~N ! ~D", true },
		{ "  ~A  ", true },
	};

	(void)state;
	check(&sample, cases, G_N_ELEMENTS(cases));
}

static void test_texts(void **state)
{
	static const struct expectation cases[] = {
		{ "~f anna", true },
		{ "~f ^anna", true },
		{ "~f '^example'", false },
		{ "~f 'Example$'", true },
		{ "~f ANNA", false },
		{ "~f Anna", true },
		{ "~t bob", true },
		{ "~t '^carl@'", true },
		{ "~c doe", true },
		{ "~c '^Doe, Jane$'", true },
		{ "~C jane", true },
		{ "~C anna", false },
		{ "~L anna", true },
		{ "~L carl", true },
		{ "^~t '\\.de$'", true },
		{ "^~C '\\.de$'", false },
		{ "^~C example", true },
		{ "^~t bob", false },
		{ "~p", false },
		{ "~P", true },
		{ "^~P", true },
		{ "~s straße", true },
		{ "~s STRASSE", false },
		{ "~s überall", true },
		{ "~s Überall", true },
		{ "~s ÜBERALL", false },
		{ "~s x.y", true },
		{ "~s \"[x.y]\"", true },
		{ "~s '\\[x\\.y]$'", true },
		{ "=s [x.y]", true },
		{ "=s [X.Y]", false },
		{ "=s x+y", false },
		{ "~s \"\\\\<nach\\\\>\"", true },
		{ "~s '\\<nac\\>'", false },
		{ "~s '\\<Über'", true },
		{ "~s '[[:upper:]]e:'", true },
		{ "~s '[[:upper:]]{6}'", true },
		{ "~s '[[:upper:]]{6}|X'", false },
		{ "~s '[[:digit:]]'", false },
		{ "~s '*nach'", true },
		{ "~s 'nac{,3}h'", true },
		{ "~s 'RE: *Straße|^Re'", true },
		{ "~s ^$", false },
		{ "~i one@", true },
		{ "~i ^<one", true },
		{ "~y urgent", true },
		{ "~y '^urgent'", false },
		{ "~h '^Subject: Re'", true },
		{ "~h 'list-id:.*talk'", true },
		{ "~h x-mailer", false },
		{ "!~f anna", false },
		{ "~f 'an'na", true },
		{ "~f \"an\\na\"", false },
		{ "(~f anna)", true },
		{ "(~s '(nach)')", true },
	};

	(void)state;
	check(&sample, cases, G_N_ELEMENTS(cases));
}

static void test_missing_texts(void **state)
{
	static const struct query_message empty = { .subject = "" };
	static const struct expectation cases[] = {
		{ "~s .", false },  { "!~s .", true },	{ "~s ^$", false },
		{ "~f .", false },  { "~C .", false },	{ "^~C .", true },
		{ "~h .", false },  { "~p", false },	{ "~z 0", true },
	};

	(void)state;
	check(&empty, cases, G_N_ELEMENTS(cases));
}

static void test_sizes(void **state)
{
	static const struct expectation cases[] = {
		{ "~z 20K", true },	  { "~z 20480", true },
		{ "~z 20k-1M", true },	  { "~z 21K-1M", false },
		{ "~z <20K", false },	  { "~z <20481", true },
		{ "~z >20479", true },	  { "~z >20480", false },
		{ "~z -20K", true },	  { "~z 10K-", true },
		{ "~z \"10K-30K\"", true }, { "~z 10K-30K ~F", true },
		{ "~z 10K-30K~D", false }, { "(~z >1M)", false },
		{ "~z >99999999999999999999M", false },
	};

	(void)state;
	check(&sample, cases, G_N_ELEMENTS(cases));
}

static void test_simple(void **state)
{
	static const struct expectation cases[] = {
		{ "all", true },      { "ALL", true },	 { ".", true },
		{ "^", true },	      { "flag", true },	 { "del", false },
		{ "new", false },     { "read", true },	 { "unread", false },
		{ "old", false },     { "repl", false }, { "tag", false },
		{ "anna", true },     { "straße", true }, { "bob", false },
		{ "anna example", true }, { "example anna", false },
		{ "[f]lag", false },  { "nach\\.", false },
	};

	(void)state;
	check(&sample, cases, G_N_ELEMENTS(cases));
}

static void test_simple_template(void **state)
{
	const struct query_context context = { .simple = "~t" };
	struct query *query = query_new("bob", &context, NULL);

	(void)state;
	assert_non_null(query);
	assert_true(query_matches(query, &sample));
	query_free(query);
}

static int64_t at(int year, int month, int day, int hour, int minute,
		  int second)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1,
			 .tm_mday = day, .tm_hour = hour, .tm_min = minute,
			 .tm_sec = second, .tm_isdst = -1 };

	return (int64_t)mktime(&tm);
}

#define START(y, m, d) at(y, m, d, 0, 0, 0)
#define END(y, m, d) at(y, m, d, 23, 59, 59)

static void check_date(const char *pattern, int64_t min, int64_t max)
{
	struct query *query = must_read(pattern);
	const struct query_node *root = query_root(query);

	assert_int_equal(root->op, QUERY_SENT);
	if (root->min != min || root->max != max)
		fail_msg("%s: %lld to %lld, expected %lld to %lld", pattern,
			 (long long)root->min, (long long)root->max,
			 (long long)min, (long long)max);
	query_free(query);
}

static void test_dates(void **state)
{
	(void)state;
	check_date("~d 20/11/2026", START(2026, 11, 20), END(2026, 11, 20));
	check_date("~d 20/11/26", START(2026, 11, 20), END(2026, 11, 20));
	check_date("~d 20/11/95", START(1995, 11, 20), END(1995, 11, 20));
	check_date("~d 20261120", START(2026, 11, 20), END(2026, 11, 20));
	check_date("~d 20/10", START(2026, 10, 20), END(2026, 10, 20));
	check_date("~d 5", START(2026, 11, 5), END(2026, 11, 5));
	check_date("~d 20/11/2026-", START(2026, 11, 20), INT64_MAX);
	check_date("~d -20/11/2026", INT64_MIN, END(2026, 11, 20));
	check_date("~d -20261120", INT64_MIN, END(2026, 11, 20));
	check_date("~d 20/1/95-31/10", START(1995, 1, 20), END(2026, 10, 31));
	check_date("~d 31/10-20/1/95", START(1995, 1, 20), END(2026, 10, 31));
	check_date("~d 19950120-19951031", START(1995, 1, 20),
		   END(1995, 10, 31));
	check_date("~d 15/1/2001*2w", START(2001, 1, 1), END(2001, 1, 29));
	check_date("~d 15/1/2001-1w+3d", START(2001, 1, 8), END(2001, 1, 18));
	check_date("~d 15/1/2001+1m", START(2001, 1, 15), END(2001, 2, 15));
	check_date("~d \"15/1/2001 + 1y\"", START(2001, 1, 15),
		   END(2002, 1, 15));
	check_date("~d -3d", START(2026, 11, 18), END(2026, 11, 18));
	check_date("~d -3d+1d", START(2026, 11, 18), END(2026, 11, 19));
	check_date("~d *1d", START(2026, 11, 20), END(2026, 11, 22));
	check_date("~d <3d", START(2026, 11, 19), INT64_MAX);
	check_date("~d >3d", INT64_MIN, END(2026, 11, 18));
	check_date("~d =3d", START(2026, 11, 18), END(2026, 11, 18));
	check_date("~d '=3d'", START(2026, 11, 18), END(2026, 11, 18));
	check_date("~d =1m", START(2026, 10, 21), END(2026, 10, 21));
	check_date("~d <1w", START(2026, 11, 15), INT64_MAX);
	check_date("~d >1y", INT64_MIN, END(2025, 11, 21));
	check_date("~d <2H", at(2026, 11, 21, 10, 34, 56), INT64_MAX);
	check_date("~d >90M", INT64_MIN, at(2026, 11, 21, 11, 4, 56));
	check_date("~d <6S", at(2026, 11, 21, 12, 34, 50), INT64_MAX);
}

static void test_received(void **state)
{
	struct query *query = must_read("~r 20261120");

	(void)state;
	assert_int_equal(query_root(query)->op, QUERY_RECEIVED);
	query_free(query);
}

/* Days are the reader's: 23 and 25 hours long twice a year. */
static void test_dates_of_a_zone(void **state)
{
	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	check_date("~d 29/3/2026", 1774738800, 1774821599);
	check_date("~d 25/10/2026", 1792879200, 1792969199);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void test_errors(void **state)
{
	static const struct {
		const char *pattern, *part;
		int code;
	} cases[] = {
		{ "", "column 1", QUERY_ERROR_SYNTAX },
		{ "~", "column 2", QUERY_ERROR_SYNTAX },
		{ "~f", "column 3", QUERY_ERROR_SYNTAX },
		{ "~f |~A", "column 4", QUERY_ERROR_SYNTAX },
		{ "~f \"\"", "regular expression", QUERY_ERROR_SYNTAX },
		{ "~Z", "column 2", QUERY_ERROR_SYNTAX },
		{ "~A foo", "column 4", QUERY_ERROR_SYNTAX },
		{ "äö ~A", "column 1", QUERY_ERROR_SYNTAX },
		{ "~A äö", "column 4", QUERY_ERROR_SYNTAX },
		{ "~A |", "column 5", QUERY_ERROR_SYNTAX },
		{ "| ~A", "column 1", QUERY_ERROR_SYNTAX },
		{ "~A !", "column 5", QUERY_ERROR_SYNTAX },
		{ "(~A", "')'", QUERY_ERROR_SYNTAX },
		{ "()~A", "column 2", QUERY_ERROR_SYNTAX },
		{ "~A)", "column 3", QUERY_ERROR_SYNTAX },
		{ "~d foo", "column 4", QUERY_ERROR_SYNTAX },
		{ "~d 32/1", "1 to 31", QUERY_ERROR_SYNTAX },
		{ "~d 1/13", "1 to 12", QUERY_ERROR_SYNTAX },
		{ "~d <3", "unit", QUERY_ERROR_SYNTAX },
		{ "~d <3dx", "column 7", QUERY_ERROR_SYNTAX },
		{ "~d 1/1/2026x", "column 12", QUERY_ERROR_SYNTAX },
		{ "~d 1/1/2026+", "unit", QUERY_ERROR_SYNTAX },
		{ "~d 1/1/2026*foo", "column 13", QUERY_ERROR_SYNTAX },
		{ "~z x", "10K", QUERY_ERROR_SYNTAX },
		{ "~z <", "10K", QUERY_ERROR_SYNTAX },
		{ "~s '('", "'('", QUERY_ERROR_EXPRESSION },
		{ "~s a{2,1}", "cannot be used", QUERY_ERROR_EXPRESSION },
		{ "foo(", "'foo('", QUERY_ERROR_EXPRESSION },
		{ "~b foo", "~b is not available", QUERY_ERROR_UNSUPPORTED },
		{ "~A ~B x", "column 4: ~B", QUERY_ERROR_UNSUPPORTED },
		{ "=b x", "=b", QUERY_ERROR_UNSUPPORTED },
		{ "~g", "~g", QUERY_ERROR_UNSUPPORTED },
		{ "%f enemies", "the name of a group", QUERY_ERROR_SYNTAX },
		{ "%f", "the name of a group", QUERY_ERROR_SYNTAX },
		{ "%s friends", "a letter of addresses", QUERY_ERROR_SYNTAX },
		{ "@~f .", "alias", QUERY_ERROR_UNSUPPORTED },
		{ "\xff", "UTF-8", QUERY_ERROR_SYNTAX },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct query *query = read_pattern(cases[i].pattern, &error);

		if (query != NULL)
			fail_msg("%s: accepted", cases[i].pattern);
		assert_true(error->domain == QUERY_ERROR);
		if (error->code != cases[i].code ||
		    strstr(error->message, cases[i].part) == NULL)
			fail_msg("%s: %s", cases[i].pattern, error->message);
	}
}

static void test_threads(void **state)
{
	static const struct {
		const char *pattern;
		enum query_op op;
	} cases[] = {
		{ "~(~P)", QUERY_THREAD },
		{ "~<(~f anna)", QUERY_PARENT },
		{ "~>( ~N | ~F )", QUERY_CHILD },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct query *query = must_read(cases[i].pattern);
		const struct query_node *root = query_root(query);

		assert_int_equal(root->op, cases[i].op);
		assert_int_equal(root->children->len, 1);
		query_free(query);
	}
}

static void test_references(void **state)
{
	struct query *query = must_read("~x '^<b@'");
	const char *const texts[] = { NULL, "<a@x> <b@x>" };
	const char *const others[] = { "<a@x>", "<c@x>" };

	(void)state;
	assert_true(query_node_match(query_root(query), texts, 2));
	assert_false(query_node_match(query_root(query), others, 2));
	query_free(query);
}

static void test_all(void **state)
{
	static const struct expectation cases[] = {
		{ "all", true }, { "~A", true }, { "(~A)", true },
		{ "!~A", false }, { "~A ~N", false }, { "~N", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct query *query = must_read(cases[i].pattern);

		assert_int_equal(query_is_all(query), cases[i].yes);
		query_free(query);
	}
}

/* A name may have commas, an address need not have a name. */
static void test_address_lists(void **state)
{
	static const struct expectation cases[] = {
		{ "~t '^Doe, John$'", true },  { "~t '^j@x.org$'", true },
		{ "~t '^plain@x.org$'", true }, { "~t '^Last$'", true },
		{ "~t 'org, Doe'", false },    { "~t '^friends$'", true },
		{ "~t '[<>]'", false },	       { "^~t .", true },
	};
	static const struct query_message message = {
		.to = "plain@x.org, Doe, John <j@x.org>, Last <l@x.org>, "
		      "friends",
	};
	static const struct query_message broken = { .to = "A <a@b, , <" };

	(void)state;
	check(&message, cases, G_N_ELEMENTS(cases));
	query_free(must_read("~A"));
	check(&broken, &(struct expectation){ "~t a@b", true }, 1);
}

/* Costs that grow without measure are cut, and it can be told. */
static void test_limits(void **state)
{
	struct query *query = must_read("~s '(a+)+(b+)+(a+)+[xy]'");
	g_autofree char *text = g_strnfill(50000, 'a');
	const struct query_message message = { .subject = text };
	g_autofree char *deep = g_strnfill(2 * QUERY_DEPTH_MAX, '(');
	g_autofree char *long_text = g_strnfill(QUERY_LENGTH_MAX + 1, 'x');
	int64_t started = g_get_monotonic_time();

	(void)state;
	memset(text + 20000, 'b', 10000);
	assert_false(query_matches(query, &message));
	assert_true(query_gave_up(query));
	assert_true(g_get_monotonic_time() - started < 20 * G_USEC_PER_SEC);
	query_free(query);
	assert_null(read_pattern("~s '((((a{1,200}){1,200}){1,200}){1,200})'",
				 NULL));
	assert_null(read_pattern(deep, NULL));
	assert_null(read_pattern(long_text, NULL));
}

/* Text that is not UTF-8 must not be read beyond its end. */
static void test_broken_text(void **state)
{
	struct query *query = must_read("~s ü");
	const struct query_message message = { .subject = "\xc3\xbc\xff\xc3" };
	const struct query_message other = { .subject = "\xff\xc3" };

	(void)state;
	assert_true(query_matches(query, &message));
	assert_false(query_matches(query, &other));
	query_free(query);
}

static size_t matched(const char *pattern, const char *text, size_t from,
		      size_t *start)
{
	struct query_regex *regex = query_regex_new(pattern, NULL);
	size_t end;
	bool found = query_regex_find(regex, text, strlen(text), from, start,
				      &end);

	query_regex_free(regex);
	return found ? end : 0;
}

static void test_find(void **state)
{
	size_t start = 99;

	(void)state;
	assert_int_equal(matched("b+", "abbcb", 0, &start), 3);
	assert_int_equal(start, 1);
	assert_int_equal(matched("b+", "abbcb", 3, &start), 5);
	assert_int_equal(start, 4);
	assert_int_equal(matched("b", "abbcb", 5, &start), 0);
	assert_int_equal(matched("b", "abbcb", 6, &start), 0);
	/* What was before 'from' is still what stands before. */
	assert_int_equal(matched("^b", "ab", 1, &start), 0);
	/* A match of nothing is none. */
	assert_int_equal(matched("x*", "aaxa", 0, &start), 3);
	assert_int_equal(matched("x*", "aaa", 0, &start), 0);
	/* Capital letters count when there is one. */
	assert_int_equal(matched("gr\u00fc", "GR\u00dc", 0, &start), 4);
	assert_int_equal(matched("Gr", "gr", 0, &start), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_missing_texts),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_simple),
		cmocka_unit_test(test_simple_template),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_received),
		cmocka_unit_test(test_dates_of_a_zone),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_address_lists),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_broken_text),
		cmocka_unit_test(test_find),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
