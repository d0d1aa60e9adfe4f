/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running lines of commands: from a file, a program's output or the prompt. */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what a line has to say ---- */

static void report(struct context *context, const char *kind,
		   const char *text)
{
	GPtrArray *lines;

	if (context->report == NULL)
		return;
	lines = context->report->lines;
	if (lines != NULL && lines->len < LIMIT_ERRORS) {
		g_autofree char *line = g_strdup_printf(
			"%s:%u: %s: %s", context->file, context->line, kind,
			text);
		g_ptr_array_add(lines, sanitise_line(line, -1));
	}
}

static void take_error(struct context *context, GError *error)
{
	g_autofree char *clean = sanitise_line(error->message, -1);

	report(context, "error", clean);
	if (context->report != NULL)
		context->report->errors++;
	if (context->first != NULL)
		return;
	/* Of a file that the prompt sourced, the place is worth knowing. */
	if (context->file != NULL && context->report == NULL)
		context->first = g_error_new(error->domain, error->code,
					     "%s:%u: %s", context->file,
					     context->line, clean);
	else
		context->first = g_error_new_literal(error->domain,
						     error->code, clean);
}

void context_fail(struct context *context, GError *error)
{
	take_error(context, error);
	g_error_free(error);
}

void context_error(struct context *context, enum command_error code,
		   const char *format, ...)
{
	va_list arguments;
	GError *error;

	va_start(arguments, format);
	error = g_error_new_valist(COMMAND_ERROR, code, format, arguments);
	va_end(arguments);
	context_fail(context, error);
}

void context_unknown(struct context *context, const char *near,
		     const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (near != NULL)
		context_error(context, COMMAND_ERROR_UNKNOWN,
			      _("%s (did you mean '%s'?)"), text, near);
	else
		context_error(context, COMMAND_ERROR_UNKNOWN, "%s", text);
}

void context_note(struct context *context, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	report(context, "note", text);
	if (context->report != NULL)
		context->report->notes++;
	else if (context->file == NULL)
		context_echo(context, text);
}

void context_echo(struct context *context, const char *text)
{
	const struct command_host *host = &context->config->host;
	g_autofree char *clean = sanitise_line(text, -1);

	if (host->echo != NULL)
		host->echo(host->user, clean);
}

void context_changed(struct context *context, const struct option_row *row)
{
	const struct command_host *host = &context->config->host;

	if (host->changed != NULL)
		host->changed(host->user, row->name, context->scope->name);
}

/* ---- one line ---- */

/* Whether the usage has a word that is not in brackets of its own. */
static bool needs_words(const char *usage)
{
	while (*usage == '[') {
		const char *end = strchr(usage, ']');

		end = end != NULL ? end + 1 : usage + strlen(usage);
		if (g_str_has_prefix(end, "..."))
			end += strlen("...");
		if (*end != ' ' && *end != '\0')
			break; /* it is a part of one */
		usage = end + strspn(end, " ");
	}
	return *usage != '\0' && *usage != '.';
}

/* The command named by the lexer's word. */
static bool run_command(struct context *context, struct lexer *lexer)
{
	g_autofree char *name = g_strdup(lexer->word->str);
	const struct command_row *row = command_find(name);

	if (row == NULL) {
		/* $my_commands: the variable holds more than a name. */
		if (lexer->from_value && strpbrk(name, " \t;") != NULL &&
		    context->depth < LIMIT_DEPTH) {
			context->depth++;
			run_line(context, name);
			context->depth--;
			return true;
		}
		context_unknown(context, nearest_command(name),
				_("unknown command '%s'"), name);
		return false;
	}
	if (context->in_account && !(row->flags & COMMAND_ACCOUNT)) {
		context_error(context, COMMAND_ERROR_SCOPE,
			      _("'%s' is not possible inside an account"),
			      name);
		return false;
	}
	/* A substitution may have left nothing: that is no mistake. */
	if (!lexer_more(lexer) && needs_words(row->usage)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("%s needs more: %s"), name, row->usage);
		return true;
	}
	return row->run(context, lexer, row->argument);
}

/* A command that left words unread had too many of them. */
static bool check_rest(struct context *context, struct lexer *lexer)
{
	if (!lexer_more(lexer))
		return true;
	if (!lexer_word(lexer, 0))
		return false;
	context_error(context, COMMAND_ERROR_SYNTAX,
		      _("too many words: '%s'"), lexer->word->str);
	lexer_skip_command(lexer);
	return true;
}

void run_line(struct context *context, const char *line)
{
	struct lexer lexer;

	lexer_init(&lexer, context, line);
	for (;;) {
		while (!lexer_more(&lexer) && lexer.at < lexer.text->len &&
		       lexer.text->str[lexer.at] == ';')
			lexer.at++;
		if (!lexer_more(&lexer) || !lexer_word(&lexer, 0))
			break;
		/* `` `command` `` may have left nothing. */
		if (lexer.word->len == 0 && !lexer.quoted)
			continue;
		if (!run_command(context, &lexer) ||
		    !check_rest(context, &lexer))
			break;
	}
	lexer_clear(&lexer);
}

/* ---- account blocks ---- */

/* The state of reading one text: where an open block began. */
struct reading {
	struct context *context;
	struct scope *outside;
	unsigned block_line;	/* 0: not in a block */
	bool skipping;		/* the block's own line was wrong */
	char *block_name;	/* owned */
};

static bool valid_account_name(const char *name)
{
	size_t length = strlen(name);

	return length >= 1 && length <= 32 &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static bool check_account_name(struct context *context, const char *name)
{
	if (valid_account_name(name))
		return true;
	context_error(context, COMMAND_ERROR_VALUE,
		      _("'%s' is no name for an account: 1 to 32 letters, "
			"digits, '_' or '-'"), name);
	return false;
}

/* Whether the line is one unquoted `}`. */
static bool is_block_end(const char *line)
{
	line += strspn(line, " \t\r\f\v");
	if (*line != '}')
		return false;
	line++;
	line += strspn(line, " \t\r\f\v");
	return *line == '\0' || *line == '#';
}

/* The words of a line that begins a block: its last is an unquoted `{`.
 * '*name' is what stands between, NULL when that is not one word. */
static bool is_block_start(struct context *context, const char *line,
			   char **name)
{
	struct lexer lexer;
	unsigned words = 0;
	bool open = false;

	*name = NULL;
	line += strspn(line, " \t\r\f\v");
	if (!g_str_has_prefix(line, "account") || !strchr(line, '{'))
		return false;
	/* Backquotes are not for here: nothing runs twice. */
	if (strchr(line, '`') != NULL)
		return false;
	lexer_init(&lexer, context, line);
	while (lexer_more(&lexer) && lexer_word(&lexer, 0)) {
		words++;
		open = !lexer.quoted && strcmp(lexer.word->str, "{") == 0;
		if (words == 1 && strcmp(lexer.word->str, "account") != 0)
			break;
		if (words == 2 && !open)
			*name = g_strdup(lexer.word->str);
	}
	open = open && (lexer.at >= lexer.text->len ||
			lexer.text->str[lexer.at] == '#');
	lexer_clear(&lexer);
	if (words != 3 || !open)
		g_clear_pointer(name, g_free);
	return open;
}

static void end_block(struct reading *reading)
{
	reading->block_line = 0;
	reading->skipping = false;
	reading->context->scope = reading->outside;
	reading->context->in_account = false;
	g_clear_pointer(&reading->block_name, g_free);
}

static void missing_end(struct reading *reading)
{
	struct context *context = reading->context;
	unsigned line = context->line;

	context->line = reading->block_line;
	context_error(context, COMMAND_ERROR_SYNTAX,
		      _("the account block is not closed by a line '}'"));
	context->line = line;
	end_block(reading);
}

static void start_block(struct reading *reading, char *name)
{
	struct context *context = reading->context;

	/* Blocks do not nest: the one before lacks its end. */
	if (reading->block_line != 0)
		missing_end(reading);
	reading->block_line = context->line;
	reading->block_name = name;
	reading->skipping = true;
	if (name == NULL)
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("an account block begins with "
				"'account NAME {'"));
	else if (check_account_name(context, name)) {
		reading->skipping = false;
		context->scope = config_scope_make(context->config, name);
		context->in_account = true;
	}
}

static void read_line(struct reading *reading, const char *line)
{
	struct context *context = reading->context;
	char *name;

	if (is_block_end(line)) {
		if (reading->block_line == 0)
			context_error(context, COMMAND_ERROR_SYNTAX,
				      _("'}' without an account block"));
		else
			end_block(reading);
		return;
	}
	if (is_block_start(context, line, &name)) {
		start_block(reading, name);
		return;
	}
	if (!reading->skipping)
		run_line(context, line);
}

bool command_account(struct context *context, struct lexer *lexer, int unused)
{
	struct scope *outside = context->scope;
	g_autofree char *name = NULL;
	bool good = false;

	(void)unused;
	if (!lexer_more(lexer) || !lexer_word(lexer, 0)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("account: the name is missing"));
		return false;
	}
	name = g_strdup(lexer->word->str);
	if (!check_account_name(context, name))
		return false;
	if (!lexer_more(lexer) || !lexer_word(lexer, 0)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("account %s: the command is missing"), name);
		return false;
	}
	if (!lexer->quoted && strcmp(lexer->word->str, "{") == 0) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("'{' must be the last word of its line, in a "
				"file"));
		return false;
	}
	context->scope = config_scope_make(context->config, name);
	context->in_account = true;
	good = run_command(context, lexer);
	context->scope = outside;
	context->in_account = false;
	return good;
}

/* ---- texts and files ---- */

/* The next line with its continuations joined; '*lines' counts them. */
static char *next_line(const char **text, unsigned *lines)
{
	GString *line = g_string_new(NULL);
	const char *p = *text;

	*lines = 0;
	for (;;) {
		size_t length = strcspn(p, "\n");
		size_t kept = length;

		++*lines;
		if (kept > 0 && p[kept - 1] == '\r')
			kept--;
		g_string_append_len(line, p, (gssize)kept);
		p += length;
		if (*p == '\n')
			p++;
		if (line->len == 0 || line->str[line->len - 1] != '\\')
			break;
		g_string_truncate(line, line->len - 1);
		if (*p == '\0')
			break;
	}
	*text = p;
	return g_string_free(line, FALSE);
}

static bool is_comment(const char *line)
{
	line += strspn(line, " \t\r\f\v");
	return *line == '#' || *line == '\0';
}

static void check_and_read(struct reading *reading, char *line)
{
	struct context *context = reading->context;

	if (is_comment(line))
		return;
	if (strlen(line) > LIMIT_LINE)
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("the line is too long"));
	else if (!g_utf8_validate(line, -1, NULL))
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("the line is not valid UTF-8"));
	else
		read_line(reading, line);
}

void run_text(struct context *context, const char *text, const char *name)
{
	const char *file = context->file;
	unsigned line = context->line, lines;
	struct reading reading = {
		.context = context,
		.outside = context->scope,
	};

	context->file = name;
	context->line = 1;
	while (*text != '\0') {
		char *joined = next_line(&text, &lines);

		check_and_read(&reading, joined);
		context->line += lines;
		explicit_bzero(joined, strlen(joined));
		g_free(joined);
	}
	if (reading.block_line != 0)
		missing_end(&reading);
	context->file = file;
	context->line = line;
}

/* The group that many systems make for a user alone. */
static bool is_private_group(uid_t uid, gid_t gid)
{
	const struct passwd *user = getpwuid(uid);
	g_autofree char *name = user ? g_strdup(user->pw_name) : NULL;
	bool own = user != NULL && user->pw_gid == gid;
	const struct group *group = getgrgid(gid);

	return own && group != NULL && strcmp(group->gr_name, name) == 0 &&
	       (group->gr_mem == NULL || group->gr_mem[0] == NULL);
}

/* What others can write, others can make run commands. */
static bool check_safe(const char *path, const struct stat *st, GError **error)
{
	const char *why = NULL;

	if (!S_ISREG(st->st_mode))
		why = _("it is not a file");
	else if (st->st_uid != geteuid() && st->st_uid != 0)
		why = _("it belongs to another user");
	else if ((st->st_mode & S_IWOTH) ||
		 ((st->st_mode & S_IWGRP) &&
		  !is_private_group(st->st_uid, st->st_gid)))
		why = _("others can write to it");
	else if (st->st_size > LIMIT_FILE)
		why = _("it is too large");
	if (why == NULL)
		return true;
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_IO,
		    _("cannot read '%s': %s"), path, why);
	return false;
}

static void set_errno(GError **error, const char *path, int number)
{
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_IO,
		    _("cannot read '%s': %s"), path, g_strerror(number));
}

static GString *read_all(int fd, const char *path, size_t size, GError **error)
{
	GString *text = g_string_sized_new(size + 1);
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || text->len > LIMIT_FILE) {
			set_errno(error, path, n < 0 ? errno : EFBIG);
			g_string_free(text, TRUE);
			return NULL;
		}
		g_string_append_len(text, chunk, n);
	}
	explicit_bzero(chunk, sizeof(chunk));
	return text;
}

static GString *read_config(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	GString *text = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		set_errno(error, path, errno);
	else if (check_safe(path, &st, error))
		text = read_all(fd, path, (size_t)st.st_size, error);
	if (fd >= 0)
		close(fd);
	return text;
}

bool run_file(struct context *context, const char *path, GError **error)
{
	GString *text = read_config(path, error);
	const char *start;

	if (text == NULL)
		return false;
	start = text->str;
	/* Some editors begin UTF-8 files with a byte order mark. */
	if (g_str_has_prefix(start, "\357\273\277"))
		start += 3;
	run_text(context, start, path);
	explicit_bzero(text->str, text->len);
	g_string_free(text, TRUE);
	return true;
}

bool config_source(struct config *config, const char *path,
		   struct config_report *report_to, GError **error)
{
	struct context context = {
		.config = config,
		.scope = config_scope(config, NULL),
		.report = report_to,
	};
	bool good = run_file(&context, path, error);

	g_clear_error(&context.first);
	return good;
}

bool config_run(struct config *config, const char *line, GError **error)
{
	struct context context = {
		.config = config,
		.scope = config_scope(config, NULL),
	};

	if (!g_utf8_validate(line, -1, NULL)) {
		g_set_error_literal(error, COMMAND_ERROR, COMMAND_ERROR_SYNTAX,
				    _("the line is not valid UTF-8"));
		return false;
	}
	run_line(&context, line);
	if (context.first == NULL)
		return true;
	g_propagate_error(error, context.first);
	return false;
}

/* ---- source ---- */

/* A name that is not absolute is looked for beside the file that names it,
 * then in the working directory. */
static char *source_path(const struct context *context, const char *word)
{
	g_autofree char *expanded = path_expand(word);
	g_autofree char *folder = NULL;
	g_autofree char *beside = NULL;

	if (g_path_is_absolute(expanded) || context->file == NULL)
		return g_steal_pointer(&expanded);
	folder = g_path_get_dirname(context->file);
	beside = g_build_filename(folder, expanded, NULL);
	if (access(beside, F_OK) == 0)
		return g_steal_pointer(&beside);
	return g_steal_pointer(&expanded);
}

static void source_output(struct context *context, char *command)
{
	GError *error = NULL;
	g_autofree char *name = g_strdup(command);
	char *output;

	if (!context->config->shell) {
		context_error(context, COMMAND_ERROR_IO,
			      _("source: commands are not run here"));
		return;
	}
	command[strlen(command) - 1] = '\0';
	output = spawn_output(command, LIMIT_OUTPUT, LIMIT_SECONDS * 1000,
			      &error);
	if (output == NULL) {
		context_fail(context, error);
		return;
	}
	run_text(context, output, name);
	explicit_bzero(output, strlen(output));
	g_free(output);
}

static void source_word(struct context *context, const char *word)
{
	g_autofree char *copy = g_strdup(word);
	g_autofree char *path = NULL;
	GError *error = NULL;

	g_strstrip(copy);
	if (g_str_has_suffix(copy, "|")) {
		source_output(context, copy);
		return;
	}
	path = source_path(context, word);
	if (!run_file(context, path, &error))
		context_fail(context, error);
}

bool command_source(struct context *context, struct lexer *lexer, int unused)
{
	(void)unused;
	if (!lexer_more(lexer)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("source: the file name is missing"));
		return false;
	}
	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		if (context->depth >= LIMIT_DEPTH ||
		    ++context->sources > LIMIT_SOURCES) {
			context_error(context, COMMAND_ERROR_SYNTAX,
				      _("source: too many files within files"));
			return false;
		}
		context->depth++;
		source_word(context, lexer->word->str);
		context->depth--;
	}
	return true;
}
