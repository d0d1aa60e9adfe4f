/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "people.h"

/* So many messages say enough about whom one writes to. */
#define SENT_MAX "3000"
#define RECEIVED_MAX "1000"

static void person_clear(void *data)
{
	g_free(((struct view_person *)data)->addresses);
}

static void people_free(struct post *post)
{
	struct view_people *people = (struct view_people *)post;

	g_free(people->account);
	g_array_unref(people->list);
	g_free(people);
}

struct view_people *people_answer_new(void)
{
	struct view_people *answer = g_new0(struct view_people, 1);

	answer->post.kind = VIEW_PEOPLE;
	answer->post.release = people_free;
	answer->list = g_array_new(FALSE, FALSE, sizeof(struct view_person));
	g_array_set_clear_func(answer->list, person_clear);
	return answer;
}

static bool read_all(struct sql *sql, sqlite3_stmt *s, bool written_to,
		     GArray *list)
{
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		struct view_person person = {
			.addresses = sql_string(s, 0),
			.when = sqlite3_column_int64(s, 1),
			.written_to = written_to,
		};

		g_array_append_val(list, person);
	}
	return got == SQL_DONE;
}

/* By UID from the end: no index is made for it. */
bool people_read(struct sql *sql, GArray *list)
{
	sqlite3_stmt *sent = sql_query(
		sql,
		"SELECT ifnull(h.recipient, '') || ', ' || ifnull(h.cc, ''),"
		" m.sent FROM msg m JOIN hdr h ON h.id = m.id WHERE m.mbox ="
		" (SELECT id FROM mbox WHERE role = ? LIMIT 1)"
		" ORDER BY m.uid DESC LIMIT " SENT_MAX,
		"i", (int64_t)STORE_ROLE_SENT);
	sqlite3_stmt *received;

	if (!read_all(sql, sent, true, list))
		return false;
	received = sql_query(
		sql,
		"SELECT h.sender, m.sent FROM msg m JOIN hdr h ON h.id = m.id"
		" WHERE m.mbox = (SELECT id FROM mbox WHERE name = 'INBOX')"
		" ORDER BY m.uid DESC LIMIT " RECEIVED_MAX,
		"");
	return read_all(sql, received, false, list);
}
