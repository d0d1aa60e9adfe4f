/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-abroad: what has to do with mailboxes of other accounts. */
#include "config.h"

#include <string.h>

#include "journal-private.h"

/* ---- names ---- */

char *journal_abroad(const char *account, const char *mailbox)
{
	return g_strconcat(account, "\n", mailbox, NULL);
}

const char *journal_split(const char *name, char **account)
{
	const char *end = strchr(name, '\n');

	if (account != NULL)
		*account = end != NULL ? g_strndup(name, (size_t)(end - name))
				       : NULL;
	return end != NULL ? end + 1 : NULL;
}

/* ---- waiting for another account ---- */

bool journal_release(struct journal *journal, const char *account,
		     GError **error)
{
	g_autofree char *begin =
		account != NULL ? journal_abroad(account, "") : NULL;

	return sql_do(journal->sql, error,
		      "UPDATE item SET hold = 0 WHERE state = 0 AND hold > 0"
		      " AND entry IN (SELECT id FROM entry WHERE identity = ?1"
		      "  AND (?2 IS NULL OR substr(target, 1, length(?2)) = ?2"
		      "   OR substr(mailbox, 1, length(?2)) = ?2)"
		      "  AND instr(target || mailbox, char(10)) > 0)",
		      "ss", journal->identity, begin);
}

/* ---- what another account wants ---- */

/* Waits, or was done: then the message is not there any more. */
static bool is_there(struct journal *journal,
		     const struct journal_entry *entry, int64_t *n,
		     GError **error)
{
	const struct journal_item *item = &entry->items[0];

	return sql_value(journal->sql, n, 0, error,
			 "SELECT count(*) FROM item i INDEXED BY item_uid"
			 " JOIN entry e ON e.id = i.entry"
			 " WHERE i.uid = ? AND i.uid <> 0 AND i.validity = ?"
			 " AND i.state IN (0, 1, 4) AND e.kind = ?"
			 " AND e.mailbox = ? AND e.target = ?"
			 " AND e.identity = ?",
			 "iiisss", (int64_t)item->uid,
			 (int64_t)item->uidvalidity, (int64_t)entry->kind,
			 entry->mailbox,
			 entry->target != NULL ? entry->target : "",
			 journal->identity);
}

bool journal_order(struct journal *journal, const char *what,
		   const struct journal_entry *entries, size_t n,
		   GError **error)
{
	int64_t there = 0;
	bool ok = journal_step_begin(journal, error);

	if (!ok)
		return false;
	ok = is_there(journal, &entries[0], &there, error) &&
	     (there > 0 || journal_put_all(journal, what, false, entries, n,
					   error) != 0);
	return journal_step_end(journal, ok, error);
}
