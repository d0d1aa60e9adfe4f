/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the engine that dialogues (test-imap-transcripts.c) do not
 * reach: sets, names, the map under random changes, limits, streaming, what
 * the server may send in between, cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "test-imap-events.h"

/* ---- sets ---- */

static void check_set(const char *text, const char *expected)
{
	struct imap_set *set = imap_set_parse(text, -1, 10, NULL);
	char *formatted;

	if (expected == NULL) {
		assert_null(set);
		return;
	}
	assert_non_null(set);
	formatted = imap_set_format(set);
	assert_string_equal(formatted, expected);
	g_free(formatted);
	imap_set_free(set);
}

static void test_set_parse(void **state)
{
	static const char *const bad[] = {
		"",	"1,",	",1",  "1,,2",	"*",	  "*:*",	 "1:*",
		"0",	"0:5",	"1:0", "1:",	":1",	  "1 ,2",	 "-1",
		"+1",	"1:2:3", "a",  "1;2",	"4294967296", "1:99999999999",
		"99999999999999999999999999", "1,2,3,4,5,6,7,8,9,10,11,12,20",
	};

	(void)state;
	for (size_t i = 0; i + 1 < G_N_ELEMENTS(bad); i++)
		check_set(bad[i], NULL);
	check_set("1,3,5,7,9,11,13,15,17,19,21", NULL); /* above 10 ranges */
	check_set("1", "1");
	check_set("1:1", "1");
	check_set("5:2", "2:5");
	check_set("1,2,3,7", "1:3,7");
	check_set("7,1", "7,1");
	check_set("1:4294967295", "1:4294967295");
	check_set("4294967295,1", "4294967295,1");
}

static void test_set_intervals(void **state)
{
	struct imap_set *set = imap_set_new(), *copy;
	char *text;

	(void)state;
	assert_int_equal(imap_set_count(set), 0);
	imap_set_add(set, 0, 5);
	imap_set_add(set, 10, 4294967295);
	imap_set_add(set, 3, 3);
	imap_set_add(set, 4, 12);
	copy = imap_set_copy(set);
	imap_set_normalise(set);
	text = imap_set_format(set);
	assert_string_equal(text, "3:4294967295");
	g_free(text);
	assert_true(imap_set_count(set) == UINT64_C(4294967293));
	assert_true(imap_set_contains(set, 4294967295));
	assert_false(imap_set_contains(set, 2));
	text = imap_set_format(copy);
	assert_string_equal(text, "10:4294967295,3:12");
	g_free(text);
	imap_set_free(copy);
	imap_set_add(set, 1, IMAP_STAR);
	imap_set_normalise(set);
	text = imap_set_format(set);
	assert_string_equal(text, "1:*");
	g_free(text);
	imap_set_free(set);
}

/* ---- mailbox names ---- */

static void check_decode(const char *wire, const char *shown)
{
	char *text = imap_mailbox_decode(wire);

	assert_string_equal(text, shown);
	g_free(text);
}

static void test_utf7_decode(void **state)
{
	(void)state;
	check_decode("", "");
	check_decode("INBOX", "INBOX");
	check_decode("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語");
	check_decode("a&-b&-", "a&b&");
	check_decode("&ACY-", "&");
	check_decode("&2D3eAA-", "😀");
	check_decode("&Jjo-&Jjo-", "☺☺");
	/* Not modified UTF-7: as it is. */
	check_decode("A & B", "A & B");
	check_decode("&Jjo", "&Jjo");
	check_decode("&Jjo!-", "&Jjo!-");
	check_decode("&J-", "&J-");
	check_decode("&2D0-", "&2D0-");     /* half of a pair */
	check_decode("&3gDYPQ-", "&3gDYPQ-"); /* its halves exchanged */
	check_decode("&AAA-", "&AAA-");     /* a NUL */
	check_decode("&Jjp-", "&Jjp-");     /* bits left over */
	check_decode("Entw\xc3\xbcrfe", "Entwürfe"); /* raw UTF-8 */
	check_decode("Entw\xfcrfe", "Entw\xef\xbf\xbdrfe");
}

static void check_round(const char *name)
{
	char *wire = imap_mailbox_encode(name), *back;

	assert_non_null(wire);
	for (const char *p = wire; *p != '\0'; p++)
		assert_true(*p >= ' ' && *p < 0x7F);
	back = imap_mailbox_decode(wire);
	assert_string_equal(back, name);
	g_free(wire);
	g_free(back);
}

static void test_utf7_round(void **state)
{
	GRand *random = g_rand_new_with_seed(7);
	char *wire = imap_mailbox_encode("台北/日本語 & Käse");

	(void)state;
	assert_string_equal(wire, "&U,BTFw-/&ZeVnLIqe- &- K&AOQ-se");
	g_free(wire);
	assert_null(imap_mailbox_encode("a\nb"));
	assert_null(imap_mailbox_encode("a\xff"));
	assert_null(imap_mailbox_encode("\xc2\x85")); /* C1 */
	for (int i = 0; i < 2000; i++) {
		GString *name = g_string_new(NULL);

		for (int n = g_rand_int_range(random, 0, 12); n > 0; n--) {
			gunichar c = (gunichar)g_rand_int_range(
				random, 0x20, n % 3 == 0 ? 0x110000 : 0x3000);

			if (c < 0xD800 ? !g_unichar_iscntrl(c) : c > 0xDFFF)
				g_string_append_unichar(name, c);
		}
		check_round(name->str);
		g_string_free(name, TRUE);
	}
	g_rand_free(random);
}

/* ---- the map: against a plain array ---- */

static void expunge_one(struct events *events, GArray *model, guint i)
{
	char line[64];

	g_snprintf(line, sizeof(line), "* %u EXPUNGE\r\n", i + 1);
	g_array_remove_index(model, i);
	assert_true(events_say(events, line));
}

static void vanish_some(struct events *events, GArray *model, guint i)
{
	char line[64];
	uint32_t first = g_array_index(model, uint32_t, i), last;

	last = g_array_index(model, uint32_t, MIN(i + 2, model->len - 1));
	/* Only numbers that exist: RFC 7162 section 3.2.10.2. */
	if (last - first > 2)
		last = first;
	g_snprintf(line, sizeof(line), "* VANISHED %u:%u\r\n", first, last);
	while (i < model->len && g_array_index(model, uint32_t, i) <= last)
		g_array_remove_index(model, i);
	assert_true(events_say(events, line));
}

static void learn_one(struct events *events, const GArray *model, guint i)
{
	char line[64];

	g_snprintf(line, sizeof(line), "* %u FETCH (UID %u)\r\n", i + 1,
		   g_array_index(model, uint32_t, i));
	assert_true(events_say(events, line));
}

static void add_some(struct events *events, GArray *model, uint32_t *next)
{
	char line[64];

	for (int n = 0; n < 5; n++) {
		g_array_append_val(model, *next);
		*next += n % 2 == 0 ? 1 : 3;
	}
	g_snprintf(line, sizeof(line), "* %u EXISTS\r\n", model->len);
	assert_true(events_say(events, line));
}

static void compare_map(struct events *events, const GArray *model)
{
	assert_int_equal(imap_exists(events->imap), model->len);
	for (guint i = 0; i < model->len; i++) {
		uint32_t uid = imap_uid_of(events->imap, i + 1);

		if (uid == 0)
			continue;
		assert_int_equal(uid, g_array_index(model, uint32_t, i));
		assert_int_equal(imap_seq_of(events->imap, uid), i + 1);
	}
}

static void test_map_random(void **state)
{
	GArray *model = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	GRand *random = g_rand_new_with_seed(11);
	struct events events;
	uint32_t next = 2147483640; /* across 2^31 */

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_open(&events, 0);
	for (int step = 0; step < 5000; step++) {
		int what = g_rand_int_range(random, 0, 10);
		guint i = model->len == 0 ? 0 :
			(guint)g_rand_int_range(random, 0, (int)model->len);

		if (model->len < 5 || what == 0)
			add_some(&events, model, &next);
		else if (what <= 2)
			expunge_one(&events, model, i);
		else if (what == 3)
			vanish_some(&events, model, i);
		else
			learn_one(&events, model, i);
		g_string_truncate(events.lines, 0);
		compare_map(&events, model);
	}
	assert_false(imap_map_damaged(events.imap));
	g_rand_free(random);
	g_array_free(model, TRUE);
	events_end(&events, "");
}

static void test_map_seed(void **state)
{
	static const uint32_t uids[] = { 3, 5, 9 };
	struct events events;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_open(&events, 3);
	assert_false(imap_seed_uids(events.imap, uids, 2));
	assert_true(imap_seed_uids(events.imap, uids, 3));
	assert_int_equal(imap_seq_of(events.imap, 9), 3);
	assert_true(events_say(&events, "* 2 EXPUNGE\r\n* 3 EXISTS\r\n"
					"* 3 FETCH (UID 9)\r\n"));
	assert_true(imap_map_damaged(events.imap));
	events_end(&events, "EXPUNGE 2 uid=5 @1\nEXISTS 3 @1\n"
		     "FETCH 3 uid=9 SUSPECT @1\n");
}

/* ---- limits ---- */

static const struct imap_limits small = {
	.line = 200,
	.literal = 10,
	.response = 300,
	.body = 1000,
	.nesting = 8,
	.elements = 10,
	.messages = 100,
	.junk = 50,
};

static void check_limit(const char *text, const char *error)
{
	struct events events;

	events_start(&events, &small, "IMAP4rev1");
	events_open(&events, 3);
	events_say(&events, text);
	if (strstr(events.lines->str, error) == NULL)
		fail_msg("'%s' gave '%s'", text, events.lines->str);
	events_end(&events, NULL);
}

static void test_limits(void **state)
{
	char *line = g_strnfill(300, 'x');
	GString *many = g_string_new("* LIST () \"/\" {8}\r\n12345678");

	(void)state;
	check_limit(line, "a line of more than 200 octets");
	check_limit("* LIST () \"/\" {11}\r\n", "a literal of 11 octets");
	check_limit("* 1 FETCH (ENVELOPE ({11}\r\n", "a literal of 11 octets");
	check_limit("* 1 FETCH (BODY[] {1001}\r\n", "a literal of 1001");
	check_limit("* 101 EXISTS\r\n", "101 messages");
	for (int i = 0; i < 20; i++)
		g_string_append(many, " {8}\r\n12345678");
	check_limit(many->str, "a response of more than 300 octets");
	/* These cost their own response only. */
	check_limit("* LIST () \"/\" a\r\n* X (((((((((((()\r\n"
		    "* 1 FETCH (X (((((((((1))))))))))\r\n* 4 EXISTS\r\n",
		    "EXISTS 4");
	check_limit("* 1 FETCH (FLAGS (a b c d e f g h i j k))\r\n"
		    "* 5 EXISTS\r\n",
		    "damaged @1\nEXISTS 5");
	/* Junk is skipped for a while only, and only behind a literal. */
	check_limit("* 1 FETCH (BODY[] {1}\r\na)\r\njunk\r\n* 6 EXISTS\r\n",
		    "EXISTS 6");
	check_limit("* 1 FETCH (BODY[] {1}\r\na)\r\n"
		    "junk junk junk junk junk junk\r\n"
		    "junk junk junk junk junk junk\r\n",
		    "what is not IMAP");
	g_string_free(many, TRUE);
	g_free(line);
}

/* Open parentheses, deep in what is skipped and in what is read. */
static void check_nesting(size_t depth, bool survives)
{
	static const char *const heads[] = {
		"* 1 FETCH (BODYSTRUCTURE ", "* 1 FETCH (X ", "* LIST ",
		"* 1 FETCH (ENVELOPE ",	     "* ID ",	      "* NAMESPACE ",
		"* STATUS x (X ",
	};
	char *deep = g_strnfill(depth, '(');

	for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
		struct events events;

		events_start(&events, NULL, "IMAP4rev1");
		events_open(&events, 3);
		assert_true(events_say(&events, heads[i]));
		assert_true(events_say(&events, deep));
		if (survives) {
			assert_true(events_say(&events,
					       "\r\n* 4 EXISTS\r\n"));
			assert_non_null(strstr(events.lines->str, "EXISTS 4"));
		} else {
			if (events_say(&events, "\r\n"))
				fail_msg("%s goes on", heads[i]);
		}
		events_end(&events, NULL);
	}
	g_free(deep);
}

static void test_nesting(void **state)
{
	(void)state;
	check_nesting(200, true);
	check_nesting(100000, false);
}

static void test_endless_padding(void **state)
{
	struct events events;
	bool alive = true;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	for (int i = 0; i < 1 << 20 && alive; i++)
		alive = imap_input(events.imap, "\0", 1, NULL, NULL);
	assert_false(alive);
	events_end(&events, NULL);
}

static void test_nul_pads(void **state)
{
	static const char octets[] = "\0\0* 4 EXISTS\r\n\0* OK a\0b\r\n";
	struct events events;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_open(&events, 3);
	assert_true(events_feed(&events, octets, sizeof(octets) - 1));
	assert_non_null(strstr(events.lines->str, "EXISTS 4 @1\nSTATUS OK a"));
	events_end(&events, NULL);
}

/* A carriage return that is no line end does not belong to a tag. */
static void test_odd_tag(void **state)
{
	struct events events;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_open(&events, 3);
	events_submit(&events, "noop", imap_cmd_noop());
	g_free(events_sent_line(&events));
	assert_false(events_say(&events, "$2\r OK\r\n"));
	assert_non_null(strstr(events.lines->str, "done noop LOST"));
	events_end(&events, NULL);
}

/* ---- streaming ---- */

#define STREAMED                                                         \
	"* 2 FETCH (FLAGS (\\Seen) BODY[1.2]<0> {20}\r\n01234567890123456789" \
	" BODY[HEADER] {3}\r\nabc UID 7)\r\n"

static void test_stream(void **state)
{
	struct events events;

	(void)state;
	for (size_t cut = 0; cut < strlen(STREAMED); cut++) {
		events_start(&events, &small, "IMAP4rev1");
		events_open(&events, 3);
		assert_true(events_feed(&events, STREAMED, cut));
		assert_true(events_feed(&events, &STREAMED[cut],
					strlen(STREAMED) - cut));
		events_end(&events, "body-begin 2 [1.2] 20\n"
			     "body-end complete 01234567890123456789\n"
			     "FETCH 2 uid=7 flags=( \\Seen ) "
			     "body[1.2]=20:streamed body[HEADER]=3:abc @1\n");
	}
}

static void test_stream_names(void **state)
{
	static const char *const names[][2] = {
		{ "RFC822", "" },
		{ "rfc822.text", "TEXT" },
		{ "BODY[HEADER.FIELDS (Subject \"Date\")]",
		  "HEADER.FIELDS (SUBJECT DATE)" },
		{ "BINARY[2]", "2" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct events events;
		char *text = g_strdup_printf(
			"* 2 FETCH (UID 7 %s %s{11}\r\n01234567890)\r\n",
			names[i][0], i == 3 ? "~" : "");
		char *begin = g_strdup_printf("body-begin 2 [%s] 11\n",
					      names[i][1]);

		events_start(&events, &small, "IMAP4rev1");
		events_open(&events, 3);
		assert_true(events_say(&events, text));
		assert_non_null(strstr(events.lines->str, begin));
		assert_non_null(strstr(events.lines->str, "=11:streamed @1"));
		events_end(&events, NULL);
		g_free(text);
		g_free(begin);
	}
}

static void test_stream_cut(void **state)
{
	struct events events;

	(void)state;
	events_start(&events, &small, "IMAP4rev1");
	events_open(&events, 3);
	assert_true(events_say(&events, "* 2 FETCH (BODY[] {20}\r\n0123"));
	imap_closed(events.imap, NULL);
	events_end(&events, "body-begin 2 [] 20\nbody-end cut 0123\n"
		     "state selected -> logout\n");
}

static void test_stream_refused(void **state)
{
	struct events events;

	(void)state;
	events_start(&events, &small, "IMAP4rev1");
	events_open(&events, 3);
	events.refuse_body = true;
	assert_true(events_say(&events, STREAMED));
	events_end(&events, "body-begin 2 [1.2] 20\n"
		     "FETCH 2 uid=7 flags=( \\Seen ) "
		     "body[1.2]=20:dropped body[HEADER]=3:abc @1\n");
}

/* ---- STARTTLS, COMPRESS: where the stream changes ---- */

static void test_injected(void **state)
{
	struct events events;

	(void)state;
	events_init(&events, NULL);
	assert_true(events_say(&events, "* OK hi\r\n"));
	events_submit(&events, "starttls", imap_cmd_starttls());
	g_free(events_sent_line(&events));
	assert_false(events_say(&events, "$1 OK go\r\n* PREAUTH hi\r\n"));
	assert_non_null(strstr(events.lines->str, "plain text before"));
	assert_int_equal(imap_state(events.imap), IMAP_LOGOUT);
	events_end(&events, NULL);
}

static void test_compress_rest(void **state)
{
	struct events events;
	GString *octets;
	size_t used = 0;

	(void)state;
	events_start(&events, NULL, "IMAP4rev1");
	events_submit(&events, "compress", imap_cmd_compress());
	g_free(events_sent_line(&events));
	octets = events_expand(&events, "$1 OK go\r\n\x78\x9c");
	assert_true(imap_input(events.imap, octets->str, octets->len, &used,
			       NULL));
	assert_int_equal(used, octets->len - 2);
	g_string_free(octets, TRUE);
	events_end(&events, NULL);
}

/* ---- capabilities ---- */

static void test_capabilities(void **state)
{
	struct events events;

	(void)state;
	events_start(&events, NULL,
	      "IMAP4rev1 idle LITERAL + AUTH=plain APPENDLIMIT=5 UNHEARD");
	assert_true(imap_capabilities_known(events.imap));
	assert_true(imap_has(events.imap, IMAP_CAP_IDLE));
	assert_true(imap_has(events.imap, IMAP_CAP_LITERAL_PLUS));
	assert_true(imap_has(events.imap, IMAP_CAP_APPENDLIMIT));
	assert_false(imap_has(events.imap, IMAP_CAP_LITERAL_MINUS));
	assert_true(imap_has_named(events.imap, "AUTH=PLAIN"));
	assert_true(imap_has_named(events.imap, "unheard"));
	assert_false(imap_has_named(events.imap, "AUTH"));
	assert_true(events_say(&events, "* CAPABILITY IMAP4rev2\r\n"));
	assert_false(imap_has(events.imap, IMAP_CAP_LITERAL_PLUS));
	assert_true(imap_has(events.imap, IMAP_CAP_LITERAL_MINUS));
	assert_true(imap_has(events.imap, IMAP_CAP_ENABLE));
	events_end(&events, NULL);
}

/* What was told before the login does not hold after it. */
static void test_capabilities_forgotten(void **state)
{
	struct events events;

	(void)state;
	events_init(&events, NULL);
	assert_true(events_say(&events, "* OK [CAPABILITY IMAP4rev1] hi\r\n"));
	events_submit(&events, "login", imap_cmd_login("a", "b", NULL));
	g_free(events_sent_line(&events));
	assert_true(events_say(&events, "$1 OK in\r\n"));
	assert_false(imap_capabilities_known(events.imap));
	assert_int_equal(imap_state(events.imap), IMAP_AUTHENTICATED);
	events_end(&events, NULL);
}

/* ---- cost ---- */

static void count_fetch(const struct imap_response *response, void *user)
{
	if (response->type == IMAP_RESPONSE_FETCH)
		*(unsigned *)user += response->fetch.uid != 0;
}

static void swallow(const uint8_t *data, size_t length, void *user)
{
	(void)data;
	(void)length;
	(void)user;
}

/* Everything for 100,000 messages; the limit is generous for slow builds. */
static void test_cost(void **state)
{
	const struct imap_handler handler = { .output = swallow,
					      .untagged = count_fetch };
	const struct imap_select select = { .mailbox = "INBOX" };
	unsigned seen = 0;
	struct imap *imap = imap_new(NULL, &handler, &seen);
	GString *text = g_string_new("* PREAUTH hi\r\n* 100000 EXISTS\r\n");
	gint64 from;

	(void)state;
	for (unsigned i = 1; i <= 100000; i++)
		g_string_append_printf(
			text,
			"* %u FETCH (UID %u FLAGS (\\Seen $Label1) "
			"INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
			"RFC822.SIZE 4286 MODSEQ (%u))\r\n",
			i, i * 2, i);
	from = g_get_monotonic_time();
	assert_true(imap_input(imap, text->str, 14, NULL, NULL));
	imap_submit(imap, imap_cmd_select(&select, NULL), NULL, NULL);
	for (size_t at = 14; at < text->len; at += 16384)
		assert_true(imap_input(imap, text->str + at,
				       MIN((size_t)16384, text->len - at),
				       NULL, NULL));
	print_message("100,000 FETCH responses in %.0f ms\n",
		      (double)(g_get_monotonic_time() - from) / 1000);
	assert_int_equal(seen, 100000);
	assert_true(g_get_monotonic_time() - from < 20 * G_USEC_PER_SEC);
	g_string_free(text, TRUE);
	imap_free(imap);
}

/* Expunging all of 200,000, first and last: no cost that grows squared. */
static void test_cost_expunge(void **state)
{
	const struct imap_handler handler = { .output = swallow,
					      .untagged = count_fetch };
	const struct imap_select select = { .mailbox = "INBOX" };
	unsigned seen = 0;
	struct imap *imap = imap_new(NULL, &handler, &seen);
	static const char begin[] = "* PREAUTH hi\r\n";

	(void)state;
	assert_true(imap_input(imap, begin, strlen(begin), NULL, NULL));
	imap_submit(imap, imap_cmd_select(&select, NULL), NULL, NULL);
	assert_true(imap_input(imap, "* 200000 EXISTS\r\n", 17, NULL, NULL));
	for (int i = 0; i < 100000; i++)
		assert_true(imap_input(imap, "* 1 EXPUNGE\r\n", 13, NULL,
				       NULL));
	for (unsigned i = 100000; i > 0; i--) {
		char line[32];
		int n = g_snprintf(line, sizeof(line), "* %u EXPUNGE\r\n", i);

		assert_true(imap_input(imap, line, (size_t)n, NULL, NULL));
	}
	assert_int_equal(imap_exists(imap), 0);
	imap_free(imap);
}

/* ---- calls from inside calls ---- */

struct chain {
	struct imap *imap;
	GString *sent;
	int left;
};

static void collect(const uint8_t *data, size_t length, void *user)
{
	struct chain *chain = user;

	g_string_append_len(chain->sent, (const char *)data, (gssize)length);
}

static void next_noop(const struct imap_status *result, void *user)
{
	struct chain *chain = user;

	(void)result;
	if (chain->left-- > 0)
		imap_submit(chain->imap, imap_cmd_noop(), next_noop, chain);
}

static void ignore(const struct imap_response *response, void *user)
{
	(void)response;
	(void)user;
}

static void test_submit_inside(void **state)
{
	const struct imap_handler handler = { .output = collect,
					      .untagged = ignore };
	struct chain chain = { .sent = g_string_new(NULL), .left = 3 };

	(void)state;
	chain.imap = imap_new(NULL, &handler, &chain);
	imap_submit(chain.imap, imap_cmd_noop(), next_noop, &chain);
	assert_int_equal(chain.sent->len, 0); /* waits for the greeting */
	assert_true(imap_input(chain.imap, "* OK\r\n", 6, NULL, NULL));
	while (chain.sent->len > 0) {
		char *tag = g_strndup(chain.sent->str,
				      strcspn(chain.sent->str, " "));
		char *line = g_strdup_printf("%s OK\r\n", tag);

		g_string_truncate(chain.sent, 0);
		assert_true(imap_input(chain.imap, line, strlen(line), NULL,
				       NULL));
		g_free(line);
		g_free(tag);
	}
	assert_int_equal(chain.left, -1);
	/* Submitting to a dead engine still ends, also from inside. */
	chain.left = 2;
	imap_closed(chain.imap, NULL);
	imap_submit(chain.imap, imap_cmd_noop(), next_noop, &chain);
	assert_int_equal(chain.left, -1);
	imap_free(chain.imap);
	g_string_free(chain.sent, TRUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_parse),
		cmocka_unit_test(test_set_intervals),
		cmocka_unit_test(test_utf7_decode),
		cmocka_unit_test(test_utf7_round),
		cmocka_unit_test(test_map_random),
		cmocka_unit_test(test_map_seed),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_endless_padding),
		cmocka_unit_test(test_nul_pads),
		cmocka_unit_test(test_odd_tag),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_stream_names),
		cmocka_unit_test(test_stream_cut),
		cmocka_unit_test(test_stream_refused),
		cmocka_unit_test(test_injected),
		cmocka_unit_test(test_compress_rest),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_capabilities_forgotten),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_cost_expunge),
		cmocka_unit_test(test_submit_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
