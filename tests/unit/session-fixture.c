/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>

#include "session-fixture.h"

enum { LIMIT_US = 60 * 1000 * 1000, MANY_ROWS = 100000 };

static void release(gpointer post)
{
	post_free(post);
}

void fixture_setup(struct fixture *f)
{
	g_autoptr(GError) error = NULL;

	*f = (struct fixture){ .phase = SESSION_OFFLINE };
	f->dir = g_dir_make_tmp("smew-session-XXXXXX", &error);
	assert_non_null(f->dir);
	f->cache = g_build_filename(f->dir, "cache", NULL);
	f->state = g_build_filename(f->dir, "state", NULL);
	f->ui = postbox_new();
	f->notices = g_ptr_array_new_with_free_func(g_free);
	f->done = g_hash_table_new_full(NULL, NULL, NULL, release);
	f->wire = g_ptr_array_new_with_free_func(release);
}

static void remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		remove_tree(child);
	}
	if (dir != NULL)
		g_dir_close(dir);
	g_remove(path);
}

static void answer_set(void *slot, struct post *post)
{
	struct post **place = slot;

	if (*place != NULL)
		post_free(*place);
	*place = post;
}

void fixture_teardown(struct fixture *f)
{
	fixture_stop(f);
	postbox_free(f->ui);
	g_ptr_array_unref(f->notices);
	g_hash_table_unref(f->done);
	g_ptr_array_unref(f->wire);
	g_free(f->reason);
	remove_tree(f->dir);
	g_free(f->dir);
	g_free(f->cache);
	g_free(f->state);
}

static void add_mail(GString *json, int uid, int size)
{
	GString *body = g_string_new(NULL);

	for (int i = 0; i < size; i += 72)
		g_string_append_printf(body, "%070d\\r\\n", i);
	g_string_append_printf(
		json,
		"%s\"%d\":{\"flags\":[],\"modseq\":%d,\"text\":\""
		"Date: Fri, 20 Nov 2026 %02d:%02d:%02d +0000\\r\\n"
		"From: Anna Example <anna@example.org>\\r\\n"
		"To: Bob <bob@example.org>\\r\\n"
		"Subject: Subject %d\\r\\n"
		"Message-ID: <m%d@example.org>\\r\\n\\r\\n"
		"Body of message %d.\\r\\n%s\"}",
		uid > 1 ? "," : "", uid, uid, uid / 3600 % 24, uid / 60 % 60,
		uid % 60, uid, uid, uid, uid % 10 == 0 ? body->str : "");
	g_string_free(body, TRUE);
}

static void add_box(GString *json, const char *name, int count, int size)
{
	g_string_append_printf(json,
			       "\"%s\":{\"validity\":7,\"uidnext\":%d,"
			       "\"gone\":[],\"mail\":{",
			       name, count + 1);
	for (int uid = 1; uid <= count; uid++)
		add_mail(json, uid, size);
	g_string_append(json, "}}");
}

static void write_file(struct fixture *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->dir, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

void fixture_mail(struct fixture *f, int inbox, int size)
{
	GString *json = g_string_new(NULL);

	g_string_append_printf(json, "{\"modseq\":%d,\"boxes\":{", inbox + 10);
	add_box(json, "INBOX", inbox, size);
	g_string_append_c(json, ',');
	add_box(json, "Sent", 3, 0);
	g_string_append_c(json, ',');
	add_box(json, "Lists", 3, 0);
	g_string_append(json, "}}");
	write_file(f, "state.json", json->str);
	g_string_free(json, TRUE);
}

void fixture_start_tunnel(struct fixture *f, const char *tunnel)
{
	struct session_config config = {
		.account = "test",
		.cache_dir = f->cache,
		.state_dir = f->state,
		.tunnel = tunnel,
		.idle = true,
		.condstore = true,
		.qresync = true,
		.send_id = true,
		.poll_seconds = 60,
		.first_mailbox = "INBOX",
	};

	assert_null(f->session);
	f->states = f->offline = f->new_mail = f->progress_ended = 0;
	f->phase = SESSION_OFFLINE;
	g_hash_table_remove_all(f->done); /* ids begin anew */
	f->session = session_new(&config, f->ui);
	f->view = view_new("test", f->cache, f->ui);
}

void fixture_start(struct fixture *f, const char *words)
{
	g_autofree char *tunnel = g_strdup_printf(
		"exec /usr/bin/python3 '%s/tests/unit/session-server.py' '%s' %s",
		SOURCE_DIR, f->dir, words);

	fixture_start_tunnel(f, tunnel);
}

uint32_t fixture_flag(struct fixture *f, const int64_t *ids, size_t n,
		      uint32_t add, uint32_t del)
{
	const struct session_act act = { .verb = SESSION_FLAG,
					 .mailbox = "INBOX",
					 .ids = ids,
					 .n = n,
					 .add = add,
					 .del = del,
					 .what = "flags" };

	return session_act(f->session, &act);
}

void fixture_stop(struct fixture *f)
{
	session_free(f->session);
	f->session = NULL;
	if (f->view != NULL)
		view_free(f->view);
	f->view = NULL;
	answer_set(&f->window, NULL);
	answer_set(&f->folders, NULL);
	answer_set(&f->message, NULL);
	answer_set(&f->connections, NULL);
}

void fixture_control(struct fixture *f, const char *lines)
{
	g_autofree char *path = g_build_filename(f->dir, "control", NULL);
	gint64 start = g_get_monotonic_time();

	write_file(f, "control", lines);
	while (g_file_test(path, G_FILE_TEST_EXISTS)) {
		fixture_limit(start, "the server reads its control file");
		fixture_turn(f);
	}
}

unsigned fixture_said(struct fixture *f, const char *needle)
{
	g_autofree char *path = g_build_filename(f->dir, "log", NULL);
	g_autofree char *text = NULL;
	unsigned count = 0;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	for (char *p = text; (p = strstr(p, needle)) != NULL; p++)
		count++;
	return count;
}

void fixture_refuse(struct fixture *f, bool refuse)
{
	g_autofree char *path = g_build_filename(f->dir, "refuse", NULL);

	if (refuse)
		write_file(f, "refuse", "");
	else
		g_remove(path);
}

void fixture_forget_log(struct fixture *f)
{
	write_file(f, "log", "");
}

void fixture_faults(struct fixture *f, const char *names)
{
	write_file(f, "faults", names);
}

static void take_state(struct fixture *f, const struct session_state *state)
{
	f->states++;
	f->phase = state->phase;
	if (state->reason != NULL) {
		g_free(f->reason);
		f->reason = g_strdup(state->reason);
	}
	if (state->phase == SESSION_OFFLINE && state->reason != NULL)
		f->offline++;
}

static void take_event(struct fixture *f, const struct session_event *event)
{
	if (event->post.kind == SESSION_NEW_MAIL)
		f->new_mail += event->count;
	else if (event->post.kind == SESSION_NOTICE)
		g_ptr_array_add(f->notices, g_strdup(event->text));
}

static void take(struct fixture *f, struct post *post)
{
	switch (post->kind) {
	case VIEW_WINDOW:
		answer_set(&f->window, post);
		return;
	case VIEW_FOLDERS:
		answer_set(&f->folders, post);
		return;
	case VIEW_MESSAGE:
		answer_set(&f->message, post);
		return;
	case SESSION_DONE:
		assert_true(g_hash_table_insert(
			f->done,
			GUINT_TO_POINTER(((struct session_done *)post)->request),
			post));
		return;
	case SESSION_WIRE:
		g_ptr_array_add(f->wire, post);
		return;
	case SESSION_CONNECTIONS:
		answer_set(&f->connections, post);
		return;
	case SESSION_ACTIONS:
		f->waiting = ((struct session_actions *)post)->waiting;
		f->refused = ((struct session_actions *)post)->refused;
		f->foreign = ((struct session_actions *)post)->foreign;
		break;
	case SESSION_STATE:
		take_state(f, (struct session_state *)post);
		break;
	case SESSION_PROGRESS:
		f->progress_ended +=
			((struct session_progress *)post)->total == 0;
		break;
	default:
		take_event(f, (struct session_event *)post);
	}
	post_free(post);
}

void fixture_turn(struct fixture *f)
{
	struct pollfd ready = { .fd = postbox_fd(f->ui), .events = POLLIN };
	struct post *post;

	poll(&ready, 1, 10);
	while ((post = postbox_pop(f->ui)) != NULL)
		take(f, post);
}

void fixture_limit(gint64 start, const char *what)
{
	if (g_get_monotonic_time() - start > LIMIT_US)
		fail_msg("waited too long: %s", what);
}

struct view_window *fixture_look(struct fixture *f, const char *mailbox)
{
	struct view_order order = { .key = VIEW_UNSORTED };
	uint32_t id = view_window(f->view, mailbox, &order, VIEW_AT_FIRST, 0, 0,
				  0, MANY_ROWS);

	fixture_wait(f, f->window != NULL && f->window->request == id);
	return f->window;
}

const struct view_row *fixture_row(struct fixture *f, uint32_t uid)
{
	for (size_t i = 0; f->window != NULL && i < f->window->n; i++)
		if (f->window->rows[i].uid == uid)
			return &f->window->rows[i];
	return NULL;
}

int64_t fixture_id(struct fixture *f, uint32_t uid)
{
	const struct view_row *row = fixture_row(f, uid);

	assert_non_null(row);
	return row->id;
}

struct view_message *fixture_message(struct fixture *f, int64_t id)
{
	uint32_t request = view_message(f->view, id);

	fixture_wait(f, f->message != NULL && f->message->request == request);
	return f->message;
}

void fixture_wait_rows(struct fixture *f, const char *mailbox, int count)
{
	fixture_wait(f, fixture_look(f, mailbox)->total == count);
}

const struct session_done *fixture_done(struct fixture *f, uint32_t request)
{
	gpointer key = GUINT_TO_POINTER(request);

	assert_int_not_equal(request, 0);
	fixture_wait(f, g_hash_table_contains(f->done, key));
	return g_hash_table_lookup(f->done, key);
}
