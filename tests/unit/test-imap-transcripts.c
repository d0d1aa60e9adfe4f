/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dialogues in tests/data/imap/NAME.txt, each run with what the server says in
 * one piece, octet by octet, and cut once at every octet. Lines of a file:
 *
 *   # comment
 *   S: text        the server says this and CRLF; $1 is the first tag
 *   S| text        the server says this; \r, \n and \\ are what they say
 *   C: text        the client has said this line by now
 *   C-             and it has said nothing else by now
 *   do: verb ...   the program does this (see 'verbs')
 *   = text         this happened, in this order (test-imap-events.c)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "test-imap-events.h"

enum split { SPLIT_NEVER = -2, SPLIT_EVERYWHERE = -1 }; /* else: at an octet */

struct run {
	struct events events;
	const char *name;
	GString *server;   /* owned: what the server says next */
	GString *expected; /* owned: the "=" lines */
	long split;
	long fed; /* octets of the server so far */
	bool ended;
};

/* ---- what the program does ---- */

static struct imap_set *set_of(const char *text)
{
	struct imap_set *set;
	char *from = g_strdup(text), *star = strstr(from, ":*");

	if (star != NULL)
		*star = '\0';
	set = imap_set_parse(from, -1, 100, NULL);
	assert_non_null(set);
	if (star != NULL) {
		size_t n;
		uint32_t first = imap_set_ranges(set, &n)->first;

		imap_set_free(set);
		set = imap_set_new();
		imap_set_add(set, first, IMAP_STAR);
	}
	g_free(from);
	return set;
}

static struct imap_command *do_select(char **args, bool examine)
{
	struct imap_select select = { .mailbox = args[1], .examine = examine };
	struct imap_command *command;
	struct imap_set *known = NULL;

	for (size_t i = 2; args[i] != NULL; i++) {
		if (strcmp(args[i], "condstore") == 0)
			select.condstore = true;
		if (strcmp(args[i], "qresync") != 0)
			continue;
		select.qresync = true;
		select.uidvalidity =
			(uint32_t)g_ascii_strtoull(args[i + 1], NULL, 10);
		select.modseq = g_ascii_strtoull(args[i + 2], NULL, 10);
		if (args[i + 3] != NULL)
			known = set_of(args[i + 3]);
		break;
	}
	select.known = known;
	command = imap_cmd_select(&select, NULL);
	imap_set_free(known);
	return command;
}

static uint32_t item_of(const char *name)
{
	static const char *const names[] = { "uid",	 "flags",
					     "date",	 "size",
					     "envelope", "bodystructure",
					     "modseq" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(names[i], name) == 0)
			return 1u << i;
	}
	return 0;
}

/* do: uid-fetch 1:5 flags size body[HEADER] changed-since=7 vanished */
static struct imap_command *do_fetch(char **args, bool uid)
{
	struct imap_section_request sections[4] = { 0 };
	struct imap_fetch_request request = { .sections = sections };
	struct imap_set *set = set_of(args[1]);
	struct imap_command *command;

	for (size_t i = 2; args[i] != NULL; i++) {
		char *open = strchr(args[i], '[');
		char *close = strrchr(args[i], ']');

		request.items |= item_of(args[i]);
		if (g_str_has_prefix(args[i], "changed-since="))
			request.changed_since =
				g_ascii_strtoull(args[i] + 14, NULL, 10);
		if (strcmp(args[i], "vanished") == 0)
			request.vanished = true;
		if (open == NULL || close == NULL)
			continue;
		*close = '\0';
		g_strdelimit(open, "_", ' ');
		sections[request.n_sections].section = open + 1;
		sections[request.n_sections++].binary =
			g_str_has_prefix(args[i], "binary");
	}
	command = uid ? imap_cmd_uid_fetch(set, &request, NULL) :
			imap_cmd_fetch(set, &request, NULL);
	imap_set_free(set);
	return command;
}

static struct imap_command *do_search(char **args)
{
	struct imap_criteria *criteria = imap_criteria_new();
	struct imap_command *command;
	unsigned options = 0;

	for (size_t i = 1; args[i] != NULL; i++) {
		if (strcmp(args[i], "return-all") == 0)
			options |= IMAP_RETURN_ALL | IMAP_RETURN_COUNT;
		else if (args[i][0] == '\'')
			imap_criteria_text(criteria, args[i] + 1);
		else
			imap_criteria_key(criteria, args[i]);
	}
	command = imap_cmd_uid_search(criteria, options, NULL);
	imap_criteria_free(criteria);
	return command;
}

static struct imap_command *do_store(char **args)
{
	struct imap_store_request request = { .silent = true };
	struct imap_set *set = set_of(args[1]);
	struct imap_command *command;

	request.remove = args[2][0] == '-';
	request.keywords = (const char *const *)(args + 4);
	request.system = (uint32_t)g_ascii_strtoull(args[3], NULL, 16);
	command = imap_cmd_uid_store(set, &request, NULL);
	imap_set_free(set);
	return command;
}

static char *answer(const char *challenge, void *user)
{
	struct events *events = user;

	g_string_append_printf(events->lines, "challenge <%s>\n", challenge);
	return *challenge == '!' ? NULL : g_strdup("YW5zd2Vy");
}

static struct imap_command *do_list(char **args)
{
	unsigned options = 0;

	for (size_t i = 2; args[i] != NULL; i++) {
		if (strcmp(args[i], "special-use") == 0)
			options |= IMAP_LIST_SPECIAL_USE | IMAP_LIST_CHILDREN |
				   IMAP_LIST_SUBSCRIBED;
		if (strcmp(args[i], "status") == 0)
			options |= IMAP_LIST_STATUS;
		if (strcmp(args[i], "subscribed") == 0)
			options |= IMAP_LIST_SUBSCRIBED_ONLY;
	}
	return imap_cmd_list("", args[1], options,
			     IMAP_STATUS_MESSAGES | IMAP_STATUS_UNSEEN, NULL);
}

static struct imap_command *do_id(void)
{
	static const struct imap_param params[] = { { "name", "smew" },
						    { "version", "0.1" } };

	return imap_cmd_id(params, G_N_ELEMENTS(params), NULL);
}

static struct imap_command *do_mailbox(char **args)
{
	const char *verb = args[0];

	if (strcmp(verb, "create") == 0)
		return imap_cmd_create(args[1],
				       args[2] != NULL ? IMAP_ATTR_JUNK : 0,
				       NULL);
	if (strcmp(verb, "delete") == 0)
		return imap_cmd_delete(args[1], NULL);
	if (strcmp(verb, "rename") == 0)
		return imap_cmd_rename(args[1], args[2], NULL);
	if (strcmp(verb, "subscribe") == 0 || strcmp(verb, "unsubscribe") == 0)
		return imap_cmd_subscribe(args[1], *verb == 's', NULL);
	if (strcmp(verb, "getquotaroot") == 0)
		return imap_cmd_getquotaroot(args[1], NULL);
	if (strcmp(verb, "myrights") == 0)
		return imap_cmd_myrights(args[1], NULL);
	return NULL;
}

/* verbs: the commands by name, and ... */
static struct imap_command *make_command(struct run *run, char **args)
{
	const char *verb = args[0];

	if (strcmp(verb, "capability") == 0)
		return imap_cmd_capability();
	if (strcmp(verb, "noop") == 0)
		return imap_cmd_noop();
	if (strcmp(verb, "logout") == 0)
		return imap_cmd_logout();
	if (strcmp(verb, "namespace") == 0)
		return imap_cmd_namespace();
	if (strcmp(verb, "id") == 0)
		return do_id();
	if (strcmp(verb, "enable") == 0)
		return imap_cmd_enable(UINT64_C(1) << IMAP_CAP_QRESYNC);
	if (strcmp(verb, "starttls") == 0)
		return imap_cmd_starttls();
	if (strcmp(verb, "compress") == 0)
		return imap_cmd_compress();
	if (strcmp(verb, "login") == 0)
		return imap_cmd_login(args[1], args[2], NULL);
	if (strcmp(verb, "authenticate") == 0)
		return imap_cmd_authenticate(args[1], args[2], answer,
					     &run->events, NULL);
	if (strcmp(verb, "list") == 0)
		return do_list(args);
	if (strcmp(verb, "lsub") == 0)
		return imap_cmd_lsub("", args[1], NULL);
	if (strcmp(verb, "status") == 0)
		return imap_cmd_status(
			args[1], IMAP_STATUS_MESSAGES | IMAP_STATUS_UIDNEXT,
			NULL);
	if (strcmp(verb, "select") == 0 || strcmp(verb, "examine") == 0)
		return do_select(args, *verb == 'e');
	if (strcmp(verb, "unselect") == 0)
		return imap_cmd_unselect();
	if (strcmp(verb, "fetch") == 0 || strcmp(verb, "uid-fetch") == 0)
		return do_fetch(args, *verb == 'u');
	if (strcmp(verb, "uid-store") == 0)
		return do_store(args);
	if (strcmp(verb, "uid-search") == 0)
		return do_search(args);
	if (strcmp(verb, "idle") == 0)
		return imap_cmd_idle();
	return do_mailbox(args);
}

static void do_verb(struct run *run, const char *line)
{
	char **args = g_strsplit(line, " ", -1);
	struct imap_command *command = make_command(run, args);

	/* ... idle-done, cancel (the last command), close, map. */
	if (command != NULL) {
		events_submit(&run->events, args[0], command);
	} else if (strcmp(args[0], "idle-done") == 0) {
		imap_idle_done(run->events.imap);
	} else if (strcmp(args[0], "cancel") == 0) {
		imap_cancel(run->events.imap, run->events.last_id);
	} else if (strcmp(args[0], "close") == 0) {
		imap_closed(run->events.imap, NULL);
	} else if (strcmp(args[0], "map") == 0) {
		g_string_append(run->events.lines, "map");
		for (uint32_t i = 1; i <= imap_exists(run->events.imap); i++)
			g_string_append_printf(
				run->events.lines, " %u",
				imap_uid_of(run->events.imap, i));
		g_string_append_c(run->events.lines, '\n');
	} else {
		fail_msg("%s: cannot do '%s'", run->name, line);
	}
	g_strfreev(args);
}

/* ---- running a file ---- */

static void feed(struct run *run, const char *octets, size_t length)
{
	if (run->ended || length == 0)
		return;
	run->ended = !events_feed(&run->events, octets, length);
}

static void feed_server(struct run *run)
{
	GString *octets = events_expand(&run->events, run->server->str);
	size_t cut = 0;

	g_string_truncate(run->server, 0);
	if (run->split == SPLIT_EVERYWHERE) {
		for (size_t i = 0; i < octets->len; i++)
			feed(run, octets->str + i, 1);
	} else {
		if (run->split >= run->fed &&
		    run->split < run->fed + (long)octets->len)
			cut = (size_t)(run->split - run->fed);
		feed(run, octets->str, cut);
		feed(run, octets->str + cut, octets->len - cut);
	}
	run->fed += (long)octets->len;
	g_string_free(octets, TRUE);
}

/* \r and \n are line ends; any other character behind \ is itself. */
static void append_escaped(GString *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text != '\\') {
			g_string_append_c(out, *text);
			continue;
		}
		text++;
		if (*text == 'r')
			g_string_append_c(out, '\r');
		else if (*text == 'n')
			g_string_append_c(out, '\n');
		else
			g_string_append_c(out, *text);
	}
}

static void expect_sent(struct run *run, const char *expected)
{
	char *line = events_sent_line(&run->events);

	if (line == NULL || strcmp(line, expected) != 0)
		fail_msg("%s: client must say '%s', said '%s' (split %ld)",
			 run->name, expected, line == NULL ? "nothing" : line,
			 run->split);
	g_free(line);
}

static void expect_silence(struct run *run)
{
	if (run->events.sent->len > 0)
		fail_msg("%s: client must be silent, said '%s' (split %ld)",
			 run->name, run->events.sent->str, run->split);
}

static void run_line(struct run *run, const char *line)
{
	if (g_str_has_prefix(line, "S: ")) {
		g_string_append_printf(run->server, "%s\r\n", line + 3);
		return;
	}
	if (g_str_has_prefix(line, "S| ")) {
		append_escaped(run->server, line + 3);
		return;
	}
	if (g_str_has_prefix(line, "= ")) {
		g_string_append_printf(run->expected, "%s\n", line + 2);
		return;
	}
	if (*line == '#' || *line == '\0')
		return;
	feed_server(run);
	if (g_str_has_prefix(line, "C: "))
		expect_sent(run, line + 3);
	else if (strcmp(line, "C-") == 0)
		expect_silence(run);
	else if (g_str_has_prefix(line, "do: "))
		do_verb(run, line + 4);
	else
		fail_msg("%s: what is '%s'", run->name, line);
}

/* Returns how many octets the server said. */
static long run_file(const char *name, char **lines, long split)
{
	struct run run = { .name = name, .split = split };
	long fed;

	run.server = g_string_new(NULL);
	run.expected = g_string_new(NULL);
	events_init(&run.events, NULL);
	for (size_t i = 0; lines[i] != NULL; i++)
		run_line(&run, lines[i]);
	feed_server(&run);
	expect_silence(&run);
	fed = run.fed;
	/* No command may be left without its end. */
	if (!run.ended && !imap_is_quiet(run.events.imap))
		fail_msg("%s: commands outstanding", name);
	if (strcmp(run.events.lines->str, run.expected->str) != 0) {
		/* cmocka would cut it. */
		(void)fprintf(stderr, "%s (split %ld): got\n%s\nnot\n%s",
			      name, split, run.events.lines->str,
			      run.expected->str);
		fail();
	}
	events_release(&run.events);
	g_string_free(run.server, TRUE);
	g_string_free(run.expected, TRUE);
	return fed;
}

static void run_splits(const char *name)
{
	char *path = g_build_filename(IMAP_DATA, name, NULL);
	char *text, **lines;
	long octets;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	octets = run_file(name, lines, SPLIT_NEVER);
	run_file(name, lines, SPLIT_EVERYWHERE);
	for (long i = 1; i < octets; i++)
		run_file(name, lines, i);
	g_strfreev(lines);
	g_free(text);
	g_free(path);
}

static void test_transcripts(void **state)
{
	GDir *dir = g_dir_open(IMAP_DATA, 0, NULL);
	const char *name;
	int n = 0;

	(void)state;
	assert_non_null(dir);
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (!g_str_has_suffix(name, ".txt"))
			continue;
		run_splits(name);
		n++;
	}
	g_dir_close(dir);
	assert_true(n >= 10);
}

/* With the name of a file: runs only that. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transcripts),
	};

	if (argc > 1) {
		run_splits(argv[1]);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
