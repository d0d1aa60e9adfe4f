/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that work on messages: FETCH, STORE, SEARCH. */
#include <string.h>

#include "command.h"
#include "smew/base.h"

static bool add_set(struct imap_command *command, const struct imap_set *set)
{
	char *text = set == NULL ? g_strdup("") : imap_set_format(set);
	bool some = *text != '\0';

	command_format(command, " %s", text);
	g_free(text);
	return some;
}

/* ---- FETCH ---- */

static bool is_field_list(const char *text)
{
	size_t n = strlen(text);
	char *inside;
	char **names;
	bool ok;

	if (n < 3 || text[0] != '(' || text[n - 1] != ')')
		return false;
	inside = g_strndup(text + 1, n - 2);
	names = g_strsplit(inside, " ", -1);
	ok = names[0] != NULL;
	for (size_t i = 0; names[i] != NULL; i++)
		ok = ok && is_atom(names[i]);
	g_strfreev(names);
	g_free(inside);
	return ok;
}

/* "1.2" with what may follow; moves behind it and its dot. */
static bool skip_part(const char **p)
{
	while (g_ascii_isdigit(**p)) {
		if (**p == '0')
			return false;
		*p += strspn(*p, "0123456789");
		if (**p == '\0')
			return true;
		if (*(*p)++ != '.' || **p == '\0')
			return false;
	}
	return true;
}

static bool is_section(const char *text, bool binary)
{
	static const char *const lists[] = { "HEADER.FIELDS ",
					     "HEADER.FIELDS.NOT " };
	const char *p = text;

	if (!skip_part(&p))
		return false;
	if (*p == '\0')
		return true;
	if (binary)
		return false;
	if (strcmp(p, "HEADER") == 0 || strcmp(p, "TEXT") == 0)
		return true;
	if (strcmp(p, "MIME") == 0)
		return p > text;
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		if (g_str_has_prefix(p, lists[i]))
			return is_field_list(p + strlen(lists[i]));
	}
	return false;
}

static bool add_section(struct imap_command *command,
			const struct imap_section_request *section)
{
	if (section->section == NULL ||
	    !is_section(section->section, section->binary))
		return false;
	command_format(command, " %s.PEEK[%s]",
		       section->binary ? "BINARY" : "BODY", section->section);
	if (section->length > 0)
		command_format(command, "<%u.%u>", section->offset,
			       section->length);
	return true;
}

static void add_items(struct imap_command *command, uint32_t items)
{
	static const struct {
		uint32_t item;
		const char *name;
	} table[] = {
		{ IMAP_ITEM_FLAGS, "FLAGS" },
		{ IMAP_ITEM_INTERNALDATE, "INTERNALDATE" },
		{ IMAP_ITEM_SIZE, "RFC822.SIZE" },
		{ IMAP_ITEM_ENVELOPE, "ENVELOPE" },
		{ IMAP_ITEM_BODYSTRUCTURE, "BODYSTRUCTURE" },
		{ IMAP_ITEM_MODSEQ, "MODSEQ" },
	};

	command_raw(command, " (UID");
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if ((items & table[i].item) != 0)
			command_format(command, " %s", table[i].name);
	}
}

static struct imap_command *fetch(struct imap_command *command,
				  const struct imap_set *set,
				  const struct imap_fetch_request *request,
				  GError **error)
{
	if (!add_set(command, set))
		return command_refuse(command, _("no message is named"),
				      error);
	add_items(command, request->items);
	for (size_t i = 0; i < request->n_sections; i++) {
		if (!add_section(command, &request->sections[i]))
			return command_refuse(
				command, _("there is no such body section"),
				error);
	}
	command_raw(command, ")");
	if (request->changed_since > 0)
		command_format(command,
			       " (CHANGEDSINCE %" G_GUINT64_FORMAT "%s)",
			       request->changed_since,
			       request->vanished ? " VANISHED" : "");
	return command;
}

struct imap_command *imap_cmd_fetch(const struct imap_set *seqs,
				    const struct imap_fetch_request *request,
				    GError **error)
{
	struct imap_command *command = command_new(
		COMMAND_PLAIN, "FETCH", RULE_SEQUENCE, STATE(IMAP_SELECTED));

	if (request->vanished)
		return command_refuse(command,
				      _("VANISHED goes with UIDs only"), error);
	return fetch(command, seqs, request, error);
}

struct imap_command *
imap_cmd_uid_fetch(const struct imap_set *uids,
		   const struct imap_fetch_request *request, GError **error)
{
	struct imap_command *command = command_new(
		COMMAND_PLAIN, "UID FETCH", RULE_AFTER_DONE,
		STATE(IMAP_SELECTED));

	if (request->vanished && request->changed_since == 0)
		return command_refuse(
			command, _("VANISHED goes with CHANGEDSINCE only"),
			error);
	return fetch(command, uids, request, error);
}

/* ---- STORE ---- */

static bool add_flags(struct imap_command *command, uint32_t system,
		      const char *const *keywords)
{
	static const struct {
		uint32_t flag;
		const char *name;
	} table[] = {
		{ IMAP_FLAG_SEEN, "\\Seen" },
		{ IMAP_FLAG_ANSWERED, "\\Answered" },
		{ IMAP_FLAG_FLAGGED, "\\Flagged" },
		{ IMAP_FLAG_DELETED, "\\Deleted" },
		{ IMAP_FLAG_DRAFT, "\\Draft" },
	};
	const char *before = " (";

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if ((system & table[i].flag) == 0)
			continue;
		command_format(command, "%s%s", before, table[i].name);
		before = " ";
	}
	for (size_t i = 0; keywords != NULL && keywords[i] != NULL; i++) {
		if (!is_atom(keywords[i]))
			return false;
		command_format(command, "%s%s", before, keywords[i]);
		before = " ";
	}
	command_raw(command, ")");
	return before[1] == '\0';
}

struct imap_command *
imap_cmd_uid_store(const struct imap_set *uids,
		   const struct imap_store_request *request, GError **error)
{
	struct imap_command *command = command_new(
		COMMAND_PLAIN, "UID STORE", RULE_AFTER_DONE,
		STATE(IMAP_SELECTED));

	if (!add_set(command, uids))
		return command_refuse(command, _("no message is named"),
				      error);
	if (request->unchanged_since > 0)
		command_format(command,
			       " (UNCHANGEDSINCE %" G_GUINT64_FORMAT ")",
			       request->unchanged_since);
	command_format(command, " %cFLAGS%s", request->remove ? '-' : '+',
		       request->silent ? ".SILENT" : "");
	if (!add_flags(command, request->system, request->keywords))
		return command_refuse(command, _("a flag cannot be sent"),
				      error);
	return command;
}

/* ---- APPEND ---- */

/* RFC 3501, date-time: the day has a blank before one digit. */
static void add_date_time(struct imap_command *command, int64_t seconds)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(seconds);

	if (when != NULL)
		command_format(command,
			       " \"%2d-%.3s-%04d %02d:%02d:%02d +0000\"",
			       g_date_time_get_day_of_month(when),
			       months + 3 * (g_date_time_get_month(when) - 1),
			       g_date_time_get_year(when),
			       g_date_time_get_hour(when),
			       g_date_time_get_minute(when),
			       g_date_time_get_second(when));
}

struct imap_command *imap_cmd_append(const struct imap_append *append,
				     GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_PLAIN, "APPEND", 0, STATES_LOGGED_IN);
	bool flags = append->system != 0 ||
		     (append->keywords != NULL && *append->keywords != NULL);

	if (append->size == 0 || append->size > SIZE_MAX)
		return command_refuse(command, _("there is no message"),
				      error);
	if (!command_string(command, append->mailbox, error)) {
		imap_command_free(command);
		return NULL;
	}
	if (flags && !add_flags(command, append->system, append->keywords))
		return command_refuse(command, _("a flag cannot be sent"),
				      error);
	if (append->received != 0)
		add_date_time(command, append->received);
	command_stream(command, (size_t)append->size, append->source,
		       append->user);
	return command;
}

/* ---- COPY, MOVE, EXPUNGE ---- */

static struct imap_command *with_uids(const char *name,
				      const struct imap_set *uids,
				      const char *mailbox, GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_PLAIN, name, 0, STATE(IMAP_SELECTED));

	if (!add_set(command, uids))
		return command_refuse(command, _("no message is named"),
				      error);
	if (mailbox == NULL || command_string(command, mailbox, error))
		return command;
	imap_command_free(command);
	return NULL;
}

struct imap_command *imap_cmd_uid_copy(const struct imap_set *uids,
				       const char *mailbox, GError **error)
{
	return with_uids("UID COPY", uids, mailbox, error);
}

struct imap_command *imap_cmd_uid_move(const struct imap_set *uids,
				       const char *mailbox, GError **error)
{
	return with_uids("UID MOVE", uids, mailbox, error);
}

struct imap_command *imap_cmd_uid_expunge(const struct imap_set *uids,
					  GError **error)
{
	return with_uids("UID EXPUNGE", uids, NULL, error);
}

struct imap_command *imap_cmd_expunge(void)
{
	return command_new(COMMAND_PLAIN, "EXPUNGE", 0, STATE(IMAP_SELECTED));
}

/* ---- SEARCH ---- */

struct imap_criteria {
	struct imap_command *pieces; /* owned; only its list is used */
	bool after_open;	     /* no space before the next part */
	bool broken;		     /* some part cannot be sent */
	bool charset;		     /* some text is not ASCII */
	int depth;
};

struct imap_criteria *imap_criteria_new(void)
{
	struct imap_criteria *criteria = g_new0(struct imap_criteria, 1);

	criteria->pieces = command_new(COMMAND_PLAIN, "", 0, 0);
	return criteria;
}

void imap_criteria_free(struct imap_criteria *criteria)
{
	if (criteria == NULL)
		return;
	imap_command_free(criteria->pieces);
	g_free(criteria);
}

static void criteria_part(struct imap_criteria *criteria, const char *text)
{
	command_format(criteria->pieces, "%s%s",
		       criteria->after_open ? "" : " ", text);
	criteria->after_open = false;
}

void imap_criteria_key(struct imap_criteria *criteria, const char *key)
{
	if (!is_atom(key))
		criteria->broken = true;
	else
		criteria_part(criteria, key);
}

void imap_criteria_text(struct imap_criteria *criteria, const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		criteria->broken = true;
	if (!g_str_is_ascii(text))
		criteria->charset = true;
	command_string(criteria->pieces, text, NULL);
	criteria->after_open = false;
}

void imap_criteria_number(struct imap_criteria *criteria, uint64_t number)
{
	char text[24];

	g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, number);
	criteria_part(criteria, text);
}

void imap_criteria_set(struct imap_criteria *criteria,
		       const struct imap_set *set)
{
	char *text = imap_set_format(set);

	if (*text == '\0')
		criteria->broken = true;
	criteria_part(criteria, text);
	g_free(text);
}

void imap_criteria_open(struct imap_criteria *criteria)
{
	criteria_part(criteria, "(");
	criteria->after_open = true;
	criteria->depth++;
}

void imap_criteria_close(struct imap_criteria *criteria)
{
	if (criteria->after_open || --criteria->depth < 0)
		criteria->broken = true;
	command_raw(criteria->pieces, ")");
}

static void add_returns(struct imap_command *command, unsigned options)
{
	static const struct {
		unsigned option;
		const char *name;
	} table[] = {
		{ IMAP_RETURN_ALL, "ALL" },
		{ IMAP_RETURN_MIN, "MIN" },
		{ IMAP_RETURN_MAX, "MAX" },
		{ IMAP_RETURN_COUNT, "COUNT" },
	};
	const char *before = " RETURN (";

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if ((options & table[i].option) == 0)
			continue;
		command_format(command, "%s%s", before, table[i].name);
		before = " ";
	}
	if (before[1] == '\0')
		command_raw(command, ")");
}

/* Pieces are copied: criteria may be used for another search. */
static void add_criteria(struct imap_command *command,
			 const struct imap_criteria *criteria)
{
	const GArray *from = criteria->pieces->pieces;

	for (guint i = 0; i < from->len; i++) {
		struct piece piece = g_array_index(from, struct piece, i);

		piece.data = g_strdup(piece.data);
		g_array_append_val(command->pieces, piece);
	}
}

struct imap_command *imap_cmd_uid_search(const struct imap_criteria *criteria,
					 unsigned options, GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_PLAIN, "UID SEARCH", RULE_SEARCH,
			    STATE(IMAP_SELECTED));
	bool all = criteria == NULL || criteria->pieces->pieces->len < 2;

	/* What lost a part would find more than was asked for. */
	if (criteria != NULL && (criteria->broken || criteria->depth != 0))
		return command_refuse(command, _("a criterion cannot be sent"),
				      error);
	add_returns(command, options);
	if (all) {
		command_raw(command, " ALL");
		return command;
	}
	if (criteria->charset)
		command_raw(command, " CHARSET UTF-8");
	add_criteria(command, criteria);
	return command;
}
