/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The constructors of commands. A command is a list of pieces: text of ours,
 * checked here, and foreign strings, which are quoted or made literals when
 * the command is sent (send.c), so that none can make a second line.
 */
#include "command.h"

#include <string.h>

#include "engine.h"
#include "smew/base.h"

struct imap_command *command_new(enum command_kind kind, const char *name,
				 unsigned rules, unsigned states)
{
	struct imap_command *command = g_new0(struct imap_command, 1);

	command->kind = kind;
	command->name = name;
	command->rules = rules;
	command->states = states;
	command->pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
	command_raw(command, name);
	return command;
}

static void wipe(char *text, size_t n)
{
	if (text != NULL)
		explicit_bzero(text, n);
	g_free(text);
}

void imap_command_free(struct imap_command *command)
{
	if (command == NULL)
		return;
	for (guint i = 0; i < command->pieces->len; i++) {
		struct piece *piece =
			&g_array_index(command->pieces, struct piece, i);

		wipe(piece->data, piece->n);
	}
	g_array_free(command->pieces, TRUE);
	if (command->initial != NULL)
		wipe(command->initial, strlen(command->initial));
	g_free(command);
}

static void add_piece(struct imap_command *command, enum piece_kind kind,
		      bool secret, const char *text)
{
	struct piece piece = { .kind = kind,
			       .secret = secret,
			       .data = g_strdup(text),
			       .n = strlen(text) };

	g_array_append_val(command->pieces, piece);
}

void command_raw(struct imap_command *command, const char *text)
{
	add_piece(command, PIECE_RAW, false, text);
}

void command_format(struct imap_command *command, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	command_raw(command, text);
	g_free(text);
}

static bool add_foreign(struct imap_command *command, const char *before,
			const char *text, GError **error)
{
	if (text == NULL) {
		g_set_error(error, IMAP_ERROR, IMAP_ERROR_ARGUMENT,
			    _("cannot send %s: an argument is missing"),
			    command->name);
		return false;
	}
	command_raw(command, before);
	add_piece(command, PIECE_STRING, false, text);
	return true;
}

bool command_string(struct imap_command *command, const char *text,
		    GError **error)
{
	return add_foreign(command, " ", text, error);
}

void command_secret(struct imap_command *command, const char *text)
{
	command_raw(command, " ");
	add_piece(command, PIECE_STRING, true, text);
}

void command_stream(struct imap_command *command, size_t n, imap_source source,
		    void *user)
{
	struct piece piece = { .kind = PIECE_STREAM,
			       .n = n,
			       .source = source,
			       .user = user };

	command_raw(command, " ");
	g_array_append_val(command->pieces, piece);
}

struct imap_command *command_refuse(struct imap_command *command,
				    const char *what, GError **error)
{
	g_set_error(error, IMAP_ERROR, IMAP_ERROR_ARGUMENT,
		    /* TRANSLATORS: the name of an IMAP command; what is
		       wrong with its arguments. */
		    _("cannot send %s: %s"), command->name, what);
	imap_command_free(command);
	return NULL;
}

bool is_atom(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p <= ' ' || *p >= 0x7F || strchr("(){%*\"\\]", *p) != NULL)
			return false;
	}
	return *text != '\0';
}

/* A base64 text: nothing else may stand where SASL data goes. */
static bool is_base64(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789+/");

	return strspn(text + n, "=") == strlen(text + n);
}

struct imap_command *imap_cmd_capability(void)
{
	return command_new(COMMAND_PLAIN, "CAPABILITY", 0, STATES_ANY);
}

struct imap_command *imap_cmd_noop(void)
{
	return command_new(COMMAND_PLAIN, "NOOP", 0, STATES_ANY);
}

struct imap_command *imap_cmd_logout(void)
{
	return command_new(COMMAND_LOGOUT, "LOGOUT", RULE_ALONE, STATES_ANY);
}

struct imap_command *imap_cmd_namespace(void)
{
	return command_new(COMMAND_PLAIN, "NAMESPACE", 0, STATES_LOGGED_IN);
}

struct imap_command *imap_cmd_starttls(void)
{
	return command_new(COMMAND_STARTTLS, "STARTTLS", RULE_ALONE,
			   STATE(IMAP_NOT_AUTHENTICATED));
}

struct imap_command *imap_cmd_compress(void)
{
	struct imap_command *command = command_new(
		COMMAND_COMPRESS, "COMPRESS", RULE_LAST, STATES_LOGGED_IN);

	command_raw(command, " DEFLATE");
	return command;
}

struct imap_command *imap_cmd_unselect(void)
{
	return command_new(COMMAND_UNSELECT, "UNSELECT", RULE_ALONE,
			   STATE(IMAP_SELECTED));
}

/* The selected mailbox must be named, or nothing comes of it any more;
 * "delayed": expunges only when no command is hurt by them. */
struct imap_command *imap_cmd_notify(bool others)
{
	struct imap_command *command = command_new(
		COMMAND_PLAIN, "NOTIFY", RULE_ALONE, STATES_LOGGED_IN);

	command_raw(command, " SET (selected-delayed (MessageNew "
			     "MessageExpunge FlagChange))");
	if (others)
		command_raw(command, " (personal (MessageNew MessageExpunge "
				     "FlagChange))");
	return command;
}

struct imap_command *imap_cmd_idle(void)
{
	return command_new(COMMAND_IDLE, "IDLE", RULE_ALONE, STATES_LOGGED_IN);
}

struct imap_command *imap_cmd_id(const struct imap_param *params, size_t n,
				 GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_PLAIN, "ID", RULE_SETUP, STATES_ANY);

	if (n == 0)
		command_raw(command, " NIL");
	for (size_t i = 0; i < n; i++) {
		if (!add_foreign(command, i == 0 ? " (" : " ", params[i].name,
				 error) ||
		    !command_string(command, params[i].value, error)) {
			imap_command_free(command);
			return NULL;
		}
	}
	command_raw(command, n == 0 ? "" : ")");
	return command;
}

struct imap_command *imap_cmd_enable(uint64_t mask)
{
	struct imap_command *command =
		command_new(COMMAND_ENABLE, "ENABLE", RULE_SETUP,
			    STATE(IMAP_AUTHENTICATED));

	command->enable = mask;
	for (enum imap_capability i = 0; i < IMAP_CAP_COUNT; i++) {
		if ((mask >> i & 1) != 0)
			command_format(command, " %s", capability_name(i));
	}
	return command;
}

struct imap_command *imap_cmd_login(const char *user, const char *password,
				    GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_LOGIN, "LOGIN", RULE_ALONE,
			    STATE(IMAP_NOT_AUTHENTICATED));

	if (user == NULL || password == NULL)
		return command_refuse(command, _("an argument is missing"),
				      error);
	command_secret(command, user);
	command_secret(command, password);
	return command;
}

struct imap_command *imap_cmd_authenticate(const char *mechanism,
					   const char *initial,
					   imap_challenge answer, void *user,
					   GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_AUTHENTICATE, "AUTHENTICATE", RULE_ALONE,
			    STATE(IMAP_NOT_AUTHENTICATED));

	if (!is_atom(mechanism))
		return command_refuse(command, _("no such mechanism"), error);
	if (initial != NULL && !is_base64(initial))
		return command_refuse(command, _("an answer is not base64"),
				      error);
	command_format(command, " %s", mechanism);
	command->initial = g_strdup(initial);
	command->answer = answer;
	command->answer_user = user;
	return command;
}

struct imap_command *imap_cmd_lsub(const char *reference, const char *pattern,
				   GError **error)
{
	struct imap_command *command = command_new(
		COMMAND_PLAIN, "LSUB", RULE_LIST, STATES_LOGGED_IN);

	if (command_string(command, reference, error) &&
	    command_string(command, pattern, error))
		return command;
	imap_command_free(command);
	return NULL;
}

static void add_status_items(struct imap_command *command, uint32_t items)
{
	static const struct {
		uint32_t item;
		const char *name;
	} table[] = {
		{ IMAP_STATUS_MESSAGES, "MESSAGES" },
		{ IMAP_STATUS_RECENT, "RECENT" },
		{ IMAP_STATUS_UIDNEXT, "UIDNEXT" },
		{ IMAP_STATUS_UIDVALIDITY, "UIDVALIDITY" },
		{ IMAP_STATUS_UNSEEN, "UNSEEN" },
		{ IMAP_STATUS_HIGHESTMODSEQ, "HIGHESTMODSEQ" },
		{ IMAP_STATUS_SIZE, "SIZE" },
		{ IMAP_STATUS_DELETED, "DELETED" },
	};
	const char *before = " (";

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if ((items & table[i].item) == 0)
			continue;
		command_format(command, "%s%s", before, table[i].name);
		before = " ";
	}
	command_raw(command, ")");
}

static void add_list_returns(struct imap_command *command, unsigned options,
			     uint32_t status)
{
	static const struct {
		unsigned option;
		const char *name;
	} table[] = {
		{ IMAP_LIST_SPECIAL_USE, "SPECIAL-USE" },
		{ IMAP_LIST_CHILDREN, "CHILDREN" },
		{ IMAP_LIST_SUBSCRIBED, "SUBSCRIBED" },
		{ IMAP_LIST_STATUS, "STATUS" },
	};
	const char *before = " RETURN (";

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if ((options & table[i].option) == 0)
			continue;
		command_format(command, "%s%s", before, table[i].name);
		before = " ";
	}
	if ((options & IMAP_LIST_STATUS) != 0)
		add_status_items(command, status);
	if (*before == ' ' && before[1] == '\0')
		command_raw(command, ")");
}

struct imap_command *imap_cmd_list(const char *reference, const char *pattern,
				   unsigned options, uint32_t status,
				   GError **error)
{
	struct imap_command *command = command_new(
		COMMAND_PLAIN, "LIST", RULE_LIST, STATES_LOGGED_IN);

	if ((options & IMAP_LIST_STATUS) != 0 && status == 0)
		return command_refuse(command, _("nothing is asked for"),
				      error);
	if ((options & IMAP_LIST_SUBSCRIBED_ONLY) != 0)
		command_raw(command, " (SUBSCRIBED)");
	if (!command_string(command, reference, error) ||
	    !command_string(command, pattern, error)) {
		imap_command_free(command);
		return NULL;
	}
	add_list_returns(command, options, status);
	return command;
}

struct imap_command *imap_cmd_status(const char *mailbox, uint32_t items,
				     GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_PLAIN, "STATUS", 0, STATES_LOGGED_IN);

	if (items == 0)
		return command_refuse(command, _("nothing is asked for"),
				      error);
	if (!command_string(command, mailbox, error)) {
		imap_command_free(command);
		return NULL;
	}
	add_status_items(command, items);
	return command;
}

static void add_qresync(struct imap_command *command,
			const struct imap_select *select)
{
	command_format(command, " (QRESYNC (%u %" G_GUINT64_FORMAT,
		       select->uidvalidity, select->modseq);
	if (select->known != NULL && imap_set_count(select->known) > 0) {
		char *known = imap_set_format(select->known);

		command_format(command, " %s", known);
		g_free(known);
	}
	command_raw(command, "))");
}

struct imap_command *imap_cmd_select(const struct imap_select *select,
				     GError **error)
{
	struct imap_command *command = command_new(
		COMMAND_SELECT, select->examine ? "EXAMINE" : "SELECT",
		RULE_ALONE | RULE_AFTER_SETUP, STATES_LOGGED_IN);

	if (select->qresync &&
	    (select->uidvalidity == 0 || select->modseq == 0))
		return command_refuse(command, _("nothing is known to resume"),
				      error);
	if (!command_string(command, select->mailbox, error)) {
		imap_command_free(command);
		return NULL;
	}
	if (select->qresync)
		add_qresync(command, select);
	else if (select->condstore)
		command_raw(command, " (CONDSTORE)");
	return command;
}
