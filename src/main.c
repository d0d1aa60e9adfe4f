/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * main: the command line. Reads the arguments and the configuration, then
 * answers a question about them or hands over to the screen.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "smew/base.h"
#include "smew/command.h"
#include "batch.h"
#include "smew/mail.h"
#include "smew/ui.h"

enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

/* Long options have no letter. */
enum { LONG_HELP = 0x100, LONG_CHECK_CONFIG, LONG_IMPORT_MUTTRC,
       LONG_QUEUE };

/* What the arguments said. Strings are borrowed from argv. */
struct arguments {
	bool no_system_config, read_only, folders;
	bool when_mail, when_new;	/* -z, -Z */
	bool help, version, dump, check, import, send, resume;
	const char *alias; /* -A */
	const char *config_file, *mailbox, *log_file;
	unsigned log_level;		/* 0: not given */
	GPtrArray *commands, *queries;	/* of const char *; arrays owned */
	struct batch batch;		/* its arrays owned */
};

/* The configuration as it was read, with what went wrong on the way. */
struct loaded {
	struct config *config;		/* owned */
	struct config_report report;	/* lines owned */
	GPtrArray *problems;		/* of char *, not in a line; owned */
};

/* ---- what the user sees ---- */

/* One line on standard error. The name of a file may be anything. */
/* What libraries have to say must not fall onto the screen. */
static void complain(const char *text)
{
	g_autofree char *clean = sanitise_line(text, -1);

	fprintf(stderr, "smew: %s\n", clean);
}

static GLogWriterOutput log_for_glib(GLogLevelFlags level,
				     const GLogField *fields, gsize n,
				     gpointer user)
{
	g_autofree char *text =
		g_log_writer_format_fields(level, fields, n, FALSE);

	(void)user;
	log_line(LOG_FAULT, "glib", "%s", text);
	/* Nobody is to wonder why it is gone. */
	if ((level & (G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL)) != 0)
		complain(text);
	return G_LOG_WRITER_HANDLED;
}

static int not_available(const char *what)
{
	fprintf(stderr, _("smew: %s is not available yet\n"), what);
	return STATUS_FAILED;
}

static void print_usage(FILE *out)
{
	fputs(_("usage: smew [-nRy] [-F file] [-e command]... [-f mailbox] "
		"[-d level] [-l logfile]\n"), out);
}

static void print_help(void)
{
	print_usage(stdout);
	fputs(_("       smew [-n] [-F file] [-e command]... [-s subject] "
		"[-c cc] [-b bcc]\n"
		"            [-i file] [-H draft] [-a file... --] [--queue] "
		"addr... [< body]\n"
		"       smew [-n] [-F file] mailto:...\n"
		"       smew [-n] [-F file] -p | -A alias\n"
		"       smew [-n] [-F file] [-e command]... -Q option | -D\n"
		"       smew [-n] [-F file] --check-config\n"
		"       smew -v | --help\n"
		"\n"
		"  -a file...      attach files; the addresses follow --\n"
		"  -b, -c address  blind copy, copy\n"
		"  -A alias        print what an alias stands for\n"
		"  -d level        log up to this level, 1 to 5\n"
		"  -D              print all options\n"
		"  -e command      run a command after the configuration\n"
		"  -f mailbox      open this mailbox\n"
		"  -F file         read this file instead of the user's "
		"smewrc\n"
		"  -H draft        send this file, which begins with headers\n"
		"  -i file         the text, instead of standard input\n"
		"  -l logfile      write the log to this file\n"
		"  -n              do not read the system's smewrc\n"
		"  -p              go on with a postponed message\n"
		"  -Q option       print one option\n"
		"  -s subject      the subject of a message\n"
		"  -R              open mailboxes read-only\n"
		"  -v, --version   print the version\n"
		"  -y              begin in the list of folders\n"
		"  --check-config  print what is wrong with the "
		"configuration\n"
		"  --queue         leave the message to the outbox\n"
		"  --help          print this\n"), stdout);
}

static void print_version(void)
{
	struct utsname system;

	printf(_("smew %s\n"), VERSION);
	fputs(_("Copyright (C) 2026 the smew authors. License GPL-3.0-or-later,"
		" without any warranty.\n"), stdout);
	if (uname(&system) == 0)
		printf(_("System: %s %s (%s)\n"), system.sysname,
		       system.release, system.machine);
	printf(_("GLib: %u.%u.%u (built with %d.%d.%d)\n"), glib_major_version,
	       glib_minor_version, glib_micro_version, GLIB_MAJOR_VERSION,
	       GLIB_MINOR_VERSION, GLIB_MICRO_VERSION);
	fputs(_("Features: IMAP SMTP TLS SASL DEFLATE tunnel NLS\n"), stdout);
	printf(_("System configuration: %s\n"), SYSCONFDIR "/smewrc");
#ifdef SMEW_DEBUG
	fputs(_("A debug build: threads are asserted, slow turns of the loop "
		"logged\n"), stdout);
#endif
}

/* Text that could not be written (a full disk) must not pass for success. */
static int finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, _("smew: cannot write to standard output: %s\n"),
		g_strerror(errno));
	return STATUS_FAILED;
}

/* ---- arguments ---- */

static bool take_flag(struct arguments *arguments, int letter)
{
	switch (letter) {
	case 'n': arguments->no_system_config = true; return true;
	case 'R': arguments->read_only = true; return true;
	case 'y': arguments->folders = true; return true;
	case 'z': arguments->when_mail = true; return true;
	case 'Z': arguments->when_new = true; return true;
	case 'D': arguments->dump = true; return true;
	case 'v': arguments->version = true; return true;
	case LONG_HELP: arguments->help = true; return true;
	case LONG_CHECK_CONFIG: arguments->check = true; return true;
	case LONG_IMPORT_MUTTRC: arguments->import = true; return true;
	case LONG_QUEUE: arguments->batch.queue = true; return true;
	case 'p': arguments->resume = true; return true;
	default:
		return false;
	}
}

static bool take_level(struct arguments *arguments, const char *text)
{
	g_autofree char *clean = sanitise_line(text, -1);
	guint64 level;

	if (!g_ascii_string_to_unsigned(text, 10, LOG_FAULT, LOG_MAX, &level,
					NULL)) {
		fprintf(stderr, _("smew: -d %s: not a level from 1 to 5\n"),
			clean);
		return false;
	}
	arguments->log_level = (unsigned)level;
	return true;
}

/* What makes a message; false: another letter. */
static bool take_message(struct arguments *arguments, int letter, char *value)
{
	struct batch *batch = &arguments->batch;

	switch (letter) {
	case 's': batch->subject = value; break;
	case 'i': batch->include = value; break;
	case 'H': batch->draft = value; break;
	case 'c': g_ptr_array_add(batch->cc, value); break;
	case 'b': g_ptr_array_add(batch->bcc, value); break;
	case 'a': g_ptr_array_add(batch->attach, value); break;
	default: return false;
	}
	arguments->send = true;
	return true;
}

/* As in mutt: -a FILE... --, where there is a --. */
static void take_more_files(struct arguments *arguments, int argc, char **argv)
{
	int end = optind;

	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	while (end < argc && optind < end && *argv[optind] != '-')
		g_ptr_array_add(arguments->batch.attach, argv[optind++]);
}

static bool take_value(struct arguments *arguments, int letter, char *value)
{
	switch (letter) {
	case 'F': arguments->config_file = value; return true;
	case 'f': arguments->mailbox = value; return true;
	case 'l': arguments->log_file = value; return true;
	case 'A': arguments->alias = value; return true;
	case 'e': g_ptr_array_add(arguments->commands, value); return true;
	case 'Q': g_ptr_array_add(arguments->queries, value); return true;
	case 'd': return take_level(arguments, value);
	default: return false;
	}
}

/* 'letter' is what getopt found: ':' or '?'. */
static void complain_of_option(int letter, char **argv)
{
	g_autofree char *name = NULL;

	if (optopt > 0 && optopt < 0x80)
		name = g_strdup_printf("-%c", optopt);
	else
		name = g_strdup(argv[optind - 1]);
	g_autofree char *clean = sanitise_line(name, -1);

	if (letter == ':')
		fprintf(stderr, _("smew: %s: an argument is missing\n"), clean);
	else
		fprintf(stderr, _("smew: %s: unknown option\n"), clean);
}

static bool parse_arguments(struct arguments *arguments, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, LONG_HELP },
		{ "version", no_argument, NULL, 'v' },
		{ "check-config", no_argument, NULL, LONG_CHECK_CONFIG },
		{ "queue", no_argument, NULL, LONG_QUEUE },
		{ "import-muttrc", no_argument, NULL, LONG_IMPORT_MUTTRC },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv,
				     ":nRyzZDvps:c:b:i:H:a:A:F:e:f:d:l:Q:",
				     long_options, NULL)) != -1) {
		if (letter == ':' || letter == '?') {
			complain_of_option(letter, argv);
			return false;
		}
		if (!take_flag(arguments, letter) &&
		    !take_message(arguments, letter, optarg) &&
		    !take_value(arguments, letter, optarg))
			return false;
		if (letter == 'a')
			take_more_files(arguments, argc, argv);
	}
	/* Anything left is an address or a mailto: URL. */
	for (; optind < argc; optind++) {
		g_ptr_array_add(arguments->batch.to, argv[optind]);
		arguments->send = true;
	}
	return true;
}

/* ---- configuration ---- */

static void add_problem(struct loaded *loaded, GError *error)
{
	g_ptr_array_add(loaded->problems, g_strdup(error->message));
	g_error_free(error);
}

/* /dev/null is the usual name of an empty file, and no plain file. */
static bool load_file(struct loaded *loaded, const char *path, GError **error)
{
	if (strcmp(path, "/dev/null") == 0)
		return true;
	return config_source(loaded->config, path, &loaded->report, error);
}

/* One that is not there is fine; one that cannot be read is a problem. */
static void load_optional(struct loaded *loaded, const char *path)
{
	GError *error = NULL;

	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (!load_file(loaded, path, &error))
		add_problem(loaded, error);
}

static void run_commands(struct loaded *loaded, const GPtrArray *commands)
{
	for (unsigned i = 0; i < commands->len; i++) {
		GError *error = NULL;

		if (!config_run(loaded->config, commands->pdata[i], &error)) {
			g_prefix_error(&error, "-e: ");
			add_problem(loaded, error);
		}
	}
}

/* Fails only when the file that -F names cannot be read. */
static bool load_config(struct loaded *loaded,
			const struct arguments *arguments, GError **error)
{
	loaded->config = config_new();
	loaded->report.lines = g_ptr_array_new_with_free_func(g_free);
	loaded->problems = g_ptr_array_new_with_free_func(g_free);
	if (!arguments->no_system_config)
		load_optional(loaded, SYSCONFDIR "/smewrc");
	if (arguments->config_file != NULL) {
		if (!load_file(loaded, arguments->config_file, error))
			return false;
	} else {
		g_autofree char *path = path_user_config();

		load_optional(loaded, path);
	}
	run_commands(loaded, arguments->commands);
	return true;
}

static void unload_config(struct loaded *loaded)
{
	config_free(loaded->config);
	g_ptr_array_unref(loaded->report.lines);
	g_ptr_array_unref(loaded->problems);
}

/* Of FILE:LINE: KIND: TEXT, whether KIND is "error". */
static bool is_error_line(const char *line)
{
	const char *error = strstr(line, ": error: ");
	const char *note = strstr(line, ": note: ");

	return error != NULL && (note == NULL || error < note);
}

/* What to tell the user of: of char *, borrowed from 'loaded'. */
static GPtrArray *gather_notices(const struct loaded *loaded)
{
	GPtrArray *notices = g_ptr_array_new();

	for (unsigned i = 0; i < loaded->report.lines->len; i++) {
		char *line = loaded->report.lines->pdata[i];

		if (is_error_line(line))
			g_ptr_array_add(notices, line);
	}
	for (unsigned i = 0; i < loaded->problems->len; i++)
		g_ptr_array_add(notices, loaded->problems->pdata[i]);
	return notices;
}

/* ---- what smew can be asked for ---- */

static int check_config(const struct loaded *loaded)
{
	const GPtrArray *problems = loaded->problems;

	for (unsigned i = 0; i < loaded->report.lines->len; i++)
		puts(loaded->report.lines->pdata[i]);
	for (unsigned i = 0; i < problems->len; i++)
		complain(problems->pdata[i]);
	return loaded->report.errors > 0 || problems->len > 0 ? STATUS_FAILED
							      : STATUS_DONE;
}

static int print_options(const struct loaded *loaded,
			 const struct arguments *arguments)
{
	const GPtrArray *queries = arguments->queries;
	int status = STATUS_DONE;

	for (unsigned i = 0; i < queries->len; i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *line = config_query(
			loaded->config, NULL, queries->pdata[i], &error);

		if (line != NULL) {
			puts(line);
		} else {
			complain(error->message);
			status = STATUS_FAILED;
		}
	}
	if (arguments->dump) {
		g_autofree char *text = config_dump(loaded->config);

		fputs(text, stdout);
	}
	return status;
}

/* Standard error is free for it: no screen comes. */
static void print_notices(const GPtrArray *notices)
{
	for (unsigned i = 0; i < notices->len; i++)
		complain(notices->pdata[i]);
}

/* For who starts smew for the first time. */
static void complain_with_hint(const char *why)
{
	g_autofree char *text = g_strdup_printf(
		_("%s (see man smewrc, section ACCOUNTS)"), why);

	complain(text);
}

/*
 * -f with a URL that no account has: an account `url` for this run. Returns
 * the mailbox to open, owned; NULL when the URL is an account's, or none.
 */
static char *make_url_account(struct config *config, const char *mailbox)
{
	g_autofree char *account = NULL, *name = NULL, *root = NULL;
	g_autofree char *line = NULL, *inside = NULL;
	const char *start = mailbox != NULL ? strstr(mailbox, "://") : NULL;
	size_t length;

	if (start == NULL || strchr(mailbox, '\'') != NULL ||
	    config_mailbox_name(config, "default", mailbox, &account, &name,
				NULL))
		return NULL;
	length = (size_t)(start - mailbox) + 3 + strcspn(start + 3, "/");
	root = g_strndup(mailbox, length);
	line = g_strdup_printf("account url set folder='%s'", root);
	if (!config_run(config, line, NULL))
		return NULL;
	if (mailbox[length] == '/')
		inside = g_uri_unescape_string(mailbox + length + 1, NULL);
	return g_strconcat("url:", inside != NULL && *inside != '\0' ? inside
								     : "INBOX",
			   NULL);
}

/* 'draft' (taken over): to be written at once, or NULL. */
static int run_screen(const struct loaded *loaded,
		      const struct arguments *arguments,
		      struct mail_draft *draft, GPtrArray *notices)
{
	g_autofree char *by_url =
		make_url_account(loaded->config, arguments->mailbox);
	g_auto(GStrv) accounts = config_accounts(loaded->config);
	const struct ui_options options = {
		.config = loaded->config,
		.mailbox = by_url != NULL ? by_url : arguments->mailbox,
		.read_only = arguments->read_only,
		.folders = arguments->folders,
		.notices = notices,
		.draft = draft,
		.recall = arguments->resume,
	};
	g_autoptr(GError) error = NULL;
	int status = STATUS_FAILED;

	if (resources_check(&error))
		status = ui_run(&options, &error);
	if (error == NULL)
		return status;
	/* The notices may be why; the screen did not get to show them. */
	print_notices(notices);
	if (accounts[0] != NULL)
		complain(error->message);
	else
		complain_with_hint(error->message);
	return STATUS_FAILED;
}

/* -A: what the alias stands for, an address a line. */
static int print_alias(const struct loaded *loaded, const char *name)
{
	const char *text = config_alias(loaded->config, name);
	g_autofree char *clean = sanitise_line(name, -1);
	g_autoptr(GPtrArray) list = NULL;

	if (text == NULL) {
		fprintf(stderr, _("smew: there is no alias %s\n"), clean);
		return STATUS_FAILED;
	}
	list = mail_addresses_read(text);
	for (unsigned i = 0; i < list->len; i++) {
		const struct mail_address *a = g_ptr_array_index(list, i);
		g_autoptr(GPtrArray) one = mail_addresses_new();
		g_autofree char *line = NULL;

		mail_addresses_add(one, a->name, a->email);
		line = mail_addresses_text(one);
		puts(line);
	}
	return STATUS_DONE;
}

static int send_message(const struct loaded *loaded,
			const struct arguments *arguments)
{
	g_autoptr(GError) error = NULL;

	if (batch_send(loaded->config, &arguments->batch, &error))
		return STATUS_DONE;
	complain(error->message);
	return STATUS_FAILED;
}

/* Without a terminal to type at it is all there: it is sent. */
static int send_or_begin(const struct loaded *loaded,
			 const struct arguments *arguments, GPtrArray *notices)
{
	g_autoptr(GError) error = NULL;
	struct mail_draft *draft;

	if (!isatty(STDIN_FILENO)) {
		print_notices(notices);
		return send_message(loaded, arguments);
	}
	draft = batch_draft(loaded->config, &arguments->batch, &error);
	if (draft != NULL)
		return run_screen(loaded, arguments, draft, notices);
	complain(error->message);
	return STATUS_FAILED;
}

static int run_configured(const struct arguments *arguments)
{
	struct loaded loaded = { 0 };
	g_autoptr(GError) error = NULL;
	int status;

	if (!load_config(&loaded, arguments, &error)) {
		complain(error->message);
		status = STATUS_FAILED;
	} else if (arguments->check) {
		status = check_config(&loaded);
	} else {
		g_autoptr(GPtrArray) notices = gather_notices(&loaded);

		if (arguments->queries->len > 0 || arguments->dump) {
			print_notices(notices);
			status = print_options(&loaded, arguments);
		} else if (arguments->alias != NULL) {
			print_notices(notices);
			status = print_alias(&loaded, arguments->alias);
		} else if (arguments->send) {
			status = send_or_begin(&loaded, arguments, notices);
		} else {
			status = run_screen(&loaded, arguments, NULL, notices);
		}
	}
	unload_config(&loaded);
	return status;
}

/* ---- start and end ---- */

/* The log beside the accounts' state, in a directory made for it. Owned. */
static char *default_log_file(GError **error)
{
	g_autofree char *account = path_state_dir("x");
	g_autofree char *directory = g_path_get_dirname(account);

	if (!path_make_private(directory, error))
		return NULL;
	return g_build_filename(directory, "smew.log", NULL);
}

static bool open_log(const struct arguments *arguments, GError **error)
{
	g_autofree char *path = NULL;
	unsigned level = arguments->log_level;

	if (level == 0 && arguments->log_file == NULL)
		return true;
	if (level == 0)
		level = LOG_STATE;
	if (arguments->log_file != NULL)
		path = path_expand(arguments->log_file);
	else
		path = default_log_file(error);
	return path != NULL && log_open(path, (enum log_level)level, error);
}

static int run(const struct arguments *arguments)
{
	g_autoptr(GError) error = NULL;

	if (arguments->help) {
		print_help();
		return STATUS_DONE;
	}
	if (arguments->version) {
		print_version();
		return STATUS_DONE;
	}
	if (arguments->import)
		return not_available("--import-muttrc");
	if (arguments->when_mail || arguments->when_new)
		return not_available(arguments->when_mail ? "-z" : "-Z");
	if (!open_log(arguments, &error)) {
		complain(error->message);
		return STATUS_FAILED;
	}
	return run_configured(arguments);
}

static void set_up_locale(void)
{
	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	textdomain(PACKAGE);
}

int main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	int status;

	resources_set_up();
	set_up_locale();
	secret_harden_process();
	signal(SIGPIPE, SIG_IGN);
	g_log_set_writer_func(log_for_glib, NULL, NULL);
	mail_init();
	arguments.commands = g_ptr_array_new();
	arguments.queries = g_ptr_array_new();
	arguments.batch.cc = g_ptr_array_new();
	arguments.batch.bcc = g_ptr_array_new();
	arguments.batch.attach = g_ptr_array_new();
	arguments.batch.to = g_ptr_array_new();
	if (parse_arguments(&arguments, argc, argv)) {
		status = finish_output(run(&arguments));
	} else {
		print_usage(stderr);
		status = STATUS_USAGE;
	}
	g_ptr_array_unref(arguments.commands);
	g_ptr_array_unref(arguments.queries);
	g_ptr_array_unref(arguments.batch.cc);
	g_ptr_array_unref(arguments.batch.bcc);
	g_ptr_array_unref(arguments.batch.attach);
	g_ptr_array_unref(arguments.batch.to);
	log_close();
	return status;
}
