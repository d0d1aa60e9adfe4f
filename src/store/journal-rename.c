/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-rename: mailboxes get other names; what waits for them follows. */
#include "config.h"

#include "journal-private.h"

/* Of another server it is another mailbox. A deed that waits has the name that
 * is right when it is its turn. */
#define FOLLOWS(column)                                                     \
	"UPDATE entry SET " column " = ?2 || substr(" column                \
	", length(?1) + 1) WHERE identity = ?3 AND (" column " = ?1"        \
	" OR (?4 <> '' AND substr(" column ", 1, length(?1) + 1) = ?1 || ?4))" \
	" AND NOT (kind IN " OF_MAILBOXES " AND EXISTS"                     \
	"  (SELECT 1 FROM item WHERE entry = entry.id AND state = 0))"

/* What a rename that was done renamed is a name of the past. */
#define NO_PAST                                                             \
	" AND NOT (kind = 8 AND EXISTS"                                     \
	"  (SELECT 1 FROM item WHERE entry = entry.id AND state IN (1, 3)))"

bool journal_rename(struct journal *journal, const char *name, const char *to,
		    char delimiter, GError **error)
{
	const char below[] = { delimiter, '\0' };
	bool ok = journal_step_begin(journal, error) &&
		  sql_do(journal->sql, error, FOLLOWS("mailbox") NO_PAST, "ssss", name,
			 to, journal->identity, below) &&
		  sql_do(journal->sql, error, FOLLOWS("target"), "ssss", name,
			 to, journal->identity, below);

	return journal_step_end(journal, ok, error);
}
