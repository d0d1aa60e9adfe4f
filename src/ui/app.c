/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The UI thread: its loop, its keys, its signals, its beginning and end. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "child.h"
#include "find.h"
#include "compose.h"
#include "folders.h"
#include "frame.h"
#include "index.h"
#include "keydecode.h"
#include "keys.h"
#include "leave.h"
#include "lag.h"
#include "message.h"
#include "outbox.h"
#include "pager.h"
#include "prompt.h"
#include "question.h"
#include "sidebar.h"
#include "smew/mail.h"
#include "tags.h"
#include "terminal.h"
#include "viewer.h"

enum {
	FIRST_WINDOW_MS = 30,
	WORKERS = 2,
	SUSPEND_KEY = 26, /* ^Z */
};

void app_assert_thread(const struct app *app)
{
#ifdef SMEW_DEBUG
	g_assert_true(pthread_equal(app->thread, pthread_self()));
#else
	(void)app;
#endif
}

/* ---- panes ---- */

struct pane *app_target(const struct app *app)
{
	return app->viewer != NULL ? app->viewer : app->focus;
}

void app_focus(struct app *app, struct pane *pane)
{
	app->focus = pane == app->index && app->pager_shown &&
				     app->index->area.h == 0
			     ? app->pager
			     : pane;
	app_dirty(app);
}

bool app_pager_shown(const struct app *app)
{
	return app->pager_shown;
}

void app_show_pager(struct app *app, bool show)
{
	if (app->pager_shown != show)
		app_relayout(app);
	app->pager_shown = show;
	if (show)
		app->focus = app->pager;
	else if (app->focus == app->pager)
		app->focus = app->index;
}

void app_run(struct app *app, enum function_op op, int key)
{
	struct pane *pane = app_target(app);

	app_assert_thread(app);
	lag_doing("function", (int)op);
	tags_begin(app);
	if (!pane->ops->run(pane, op, key))
		functions_run(app, op, key);
}

void app_quit(struct app *app)
{
	app->ending = true;
	if (app->loop != NULL)
		g_main_loop_quit(app->loop);
}

/* ---- keys ---- */

static void key_wait_end(struct app *app)
{
	if (app->key_wait == NULL)
		return;
	g_source_destroy(app->key_wait);
	g_source_unref(app->key_wait);
	app->key_wait = NULL;
}

static void take_key(struct app *app, int key)
{
	lag_doing("key", key);
	if (key == SUSPEND_KEY && app->prompt == NULL &&
	    config_bool(app->config, NULL, "suspend"))
		app_suspend(app);
	else
		keys_typed_one(app, key);
	question_next(app);
}

static void take_keys(struct app *app, bool final)
{
	int key;

	while (!app->ending && (key = keydecode_next(app->decode, final)) >= 0)
		take_key(app, key);
}

static gboolean key_wait_over(gpointer user)
{
	struct app *app = user;

	key_wait_end(app);
	take_keys(app, true);
	return G_SOURCE_REMOVE;
}

static gboolean input_ready(gint fd, GIOCondition condition, gpointer user)
{
	struct app *app = user;

	(void)fd;
	(void)condition;
	if (app->blind)
		return G_SOURCE_REMOVE;
	if (!terminal_read(app->terminal, app->decode)) {
		leave_end(app, true);
		return G_SOURCE_REMOVE;
	}
	key_wait_end(app);
	app->keyed = true;
	app->last_key = g_get_monotonic_time();
	take_keys(app, false);
	if (keydecode_pending(app->decode)) {
		app->key_wait = g_timeout_source_new(KEYDECODE_WAIT_MS);
		g_source_set_callback(app->key_wait, key_wait_over, app, NULL);
		g_source_attach(app->key_wait, NULL);
	}
	return G_SOURCE_CONTINUE;
}

/* ---- the configuration's calls ---- */

static void host_push(void *user, const char *keys)
{
	keys_push(user, keys);
}

static void host_echo(void *user, const char *text)
{
	message_show(user, text);
}

static void host_refresh(void *user)
{
	struct app *app = user;

	app->options_changed = true;
	app_relayout(app);
}

static void host_changed(void *user, const char *option, const char *account)
{
	(void)option;
	(void)account;
	host_refresh(user);
}

static bool host_exec(void *user, const char *function)
{
	const struct function_row *row = function_find(function);

	if (row == NULL || row->op == OP_NULL)
		return false;
	if (row->planned)
		message_format(user, _("%s is not available yet"), row->name);
	else
		app_run(user, row->op, 0);
	return true;
}

static void set_host(struct app *app)
{
	const struct command_host host = {
		.user = app,
		.push = host_push,
		.echo = host_echo,
		.changed = host_changed,
		.refresh = host_refresh,
		.exec = host_exec,
		.folder = folders_command,
		.send_later = outbox_send_later,
	};

	config_set_host(app->config, &host);
}

/* ---- children and suspension ---- */

/*
 * GLib's own sources of signals would tell of an end only when the child that
 * has the terminal is gone, and it has none for SIGTSTP and SIGCONT: eventfds
 * carry them. The handlers know no argument, hence the statics. They run in any
 * thread: the descriptors are made before there is another one, and stay.
 */
static int end_fd = -1, stop_fd = -1;

static void come_back(struct app *app)
{
	terminal_enter(app->terminal);
	terminal_check_size(app->terminal);
	terminal_redraw(app->terminal);
	app_relayout(app);
}

static int run_child(struct app *app, const char *command, bool wait)
{
	g_autoptr(GError) error = NULL;
	bool over = false;
	int status;

	terminal_leave(app->terminal);
	status = child_run(command, wait, end_fd, &over, &error);
	lag_forgive();
	/* The screen stays the child's when there is no more to be shown. */
	if (over)
		leave_end(app, true);
	else
		come_back(app);
	if (error != NULL)
		message_error(app, error->message);
	return status;
}

void app_run_child(struct app *app, const char *command)
{
	run_child(app, command, config_bool(app->config, NULL, "wait_key"));
}

int app_run_editor(struct app *app, const char *command)
{
	return run_child(app, command, false);
}

void app_suspend(struct app *app)
{
	terminal_leave(app->terminal);
	/* All of the job, so that the shell that started it notices. */
	kill(0, SIGSTOP);
	lag_forgive();
	come_back(app);
}

void app_check_size(struct app *app)
{
	if (terminal_check_size(app->terminal))
		app_relayout(app);
}

/* ---- signals ---- */

static gboolean on_interrupt(gpointer user)
{
	leave_end(user, false);
	return G_SOURCE_CONTINUE;
}

static void write_kept(int fd, uint64_t value)
{
	int kept = errno;
	ssize_t n = write(fd, &value, sizeof value);

	(void)n;
	errno = kept;
}

static void on_end_signal(int number)
{
	(void)number;
	write_kept(end_fd, 1);
}

static gboolean on_end_event(gint fd, GIOCondition condition, gpointer user)
{
	(void)fd;
	(void)condition;
	leave_end(user, false);
	return G_SOURCE_REMOVE;
}

static gboolean on_resize(gpointer user)
{
	app_check_size(user);
	return G_SOURCE_CONTINUE;
}

static void on_stop_signal(int number)
{
	write_kept(stop_fd, number == SIGTSTP ? 1 : UINT64_C(1) << 32);
}

static gboolean on_stop_event(gint fd, GIOCondition condition, gpointer user)
{
	struct app *app = user;
	uint64_t value = 0;

	(void)condition;
	if (read(fd, &value, sizeof value) != sizeof value)
		return G_SOURCE_CONTINUE;
	if ((value & 0xffffffff) != 0)
		app_suspend(app);
	else
		come_back(app);
	accounts_wake(app);
	return G_SOURCE_CONTINUE;
}

static void attach(GSource *source, GSourceFunc function, struct app *app,
		   GPtrArray *sources)
{
	g_source_set_callback(source, function, app, NULL);
	g_source_attach(source, NULL);
	g_ptr_array_add(sources, source);
}

static void prepare_signals(void)
{
	if (end_fd < 0)
		end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void watch_fd(int fd, GUnixFDSourceFunc function, struct app *app,
		     GPtrArray *sources)
{
	attach(g_unix_fd_source_new(fd, G_IO_IN), G_SOURCE_FUNC(function), app,
	       sources);
}

static const struct {
	int number;
	void (*handler)(int);
} watched_signals[] = {
	{ SIGHUP, on_end_signal },
	{ SIGTERM, on_end_signal },
	{ SIGTSTP, on_stop_signal },
	{ SIGCONT, on_stop_signal },
};

static void watch_signals(struct app *app, GPtrArray *sources)
{
	struct sigaction action = { .sa_flags = SA_RESTART };

	attach(g_unix_signal_source_new(SIGINT), on_interrupt, app, sources);
	attach(g_unix_signal_source_new(SIGWINCH), on_resize, app, sources);
	watch_fd(end_fd, on_end_event, app, sources);
	watch_fd(stop_fd, on_stop_event, app, sources);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < G_N_ELEMENTS(watched_signals); i++) {
		action.sa_handler = watched_signals[i].handler;
		sigaction(watched_signals[i].number, &action, NULL);
	}
}

/* A hang-up comes from the terminal and from the shell: one is enough. */
static void unwatch_signals(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGCONT, SIG_DFL);
}

/* ---- workers ---- */

static void job_run(gpointer data, gpointer user)
{
	struct app_job *job = data;
	struct app *app = user;

	handover_take(job);
	job->work(job);
	postbox_push(app->box, &job->post);
}

static void job_free(gpointer data)
{
	post_free(&((struct app_job *)data)->post);
}

void app_start_job(struct app *app, struct app_job *job)
{
	handover_give(job);
	g_thread_pool_push(app->workers, job, NULL);
}

/* ---- beginning ---- */

static void make_parts(struct app *app)
{
	struct theme_depth depth = terminal_depth(app->terminal);

	for (size_t i = 0; i < G_N_ELEMENTS(app->histories); i++)
		app->histories[i] = g_ptr_array_new_with_free_func(g_free);
	g_queue_init(&app->questions);
	app->background = g_ptr_array_new();
	app->box = postbox_new();
	app->theme = theme_new(app->config, &depth);
	app->draw = draw_new(app->theme, depth);
	draw_theme(app->draw, app->theme,
		   config_bool(app->config, NULL, "ascii_chars"));
	app->keys = keys_new();
	app->find = find_new();
	app->decode = keydecode_new();
	terminal_teach(app->terminal, app->decode);
	app->message = message_new();
	app->workers = g_thread_pool_new_full(job_run, app, job_free, WORKERS,
					      FALSE, NULL);
	app->index = index_new(app);
	app->sidebar = sidebar_new(app);
	app->pager = pager_new(app);
	app->focus = app->index;
	terminal_size(app->terminal, &app->rows, &app->cols);
}

static void deliver(struct post *post, void *user)
{
	account_post(post, user);
}

/* The cached list, if it comes in time, is on the first frame already. */
static void wait_for_window(struct app *app)
{
	gint64 end = g_get_monotonic_time() + FIRST_WINDOW_MS * 1000;
	struct pollfd pfd = { .fd = postbox_fd(app->box), .events = POLLIN };
	gint64 left;
	struct post *post;

	while (index_current(app) == NULL &&
	       (left = end - g_get_monotonic_time()) > 0) {
		if (poll(&pfd, 1, (int)(left / 1000) + 1) <= 0)
			break;
		while ((post = postbox_pop(app->box)) != NULL)
			deliver(post, app);
	}
}

static void show_notices(struct app *app)
{
	const GPtrArray *notices = app->options->notices;

	for (guint i = 0; notices != NULL && i < notices->len; i++)
		message_error(app, g_ptr_array_index(notices, i));
}

static void begin_message(struct app *app)
{
	const struct ui_options *options = app->options;

	if (options->draft != NULL)
		compose_open(app, options->draft);
	else if (options->recall)
		compose_run(app, OP_RECALL_MESSAGE);
	else
		compose_look_for_left(app);
}

static void open_first(struct app *app)
{
	struct account *first = g_ptr_array_index(app->accounts, 0);

	if (app->options->mailbox != NULL)
		account_open_text(app, app->options->mailbox);
	else
		account_open_text(app, "!");
	if (index_account(app) == NULL && first->wanted == NULL &&
	    app->options->mailbox == NULL)
		account_open(first, "INBOX");
	if (app->options->folders)
		app->focus = app->sidebar;
}

/* ---- end ---- */

static void free_parts(struct app *app)
{
	struct post *post;

	/* The terminal first: nobody waits for LOGOUT before a prompt. */
	config_set_host(app->config, &(struct command_host){ 0 });
	compose_stop(app);
	if (app->prompt != NULL)
		prompt_cancel(app);
	while (app->viewer != NULL)
		viewer_close(app);
	g_ptr_array_unref(app->background);
	frame_stop(app);
	leave_clear(app);
	key_wait_end(app);
	terminal_stop(app->terminal);
	folders_release(app);
	accounts_stop(app);
	g_thread_pool_free(app->workers, TRUE, TRUE);
	compose_save_last(app);
	app->pager->ops->done(app->pager);
	app->sidebar->ops->done(app->sidebar);
	app->index->ops->done(app->index);
	while ((post = g_queue_pop_head(&app->questions)) != NULL)
		post_free(post);
	postbox_free(app->box);
	keys_free(app->keys);
	find_free(app->find);
	keydecode_free(app->decode);
	message_free(app->message);
	draw_free(app->draw);
	theme_free(app->theme);
	for (size_t i = 0; i < G_N_ELEMENTS(app->histories); i++)
		g_ptr_array_unref(app->histories[i]);
}

static void run_loop(struct app *app)
{
	g_autoptr(GPtrArray) sources = g_ptr_array_new();

	app->loop = g_main_loop_new(NULL, FALSE);
	attach(g_unix_fd_source_new(terminal_input_fd(app->terminal),
				    G_IO_IN | G_IO_HUP | G_IO_ERR),
	       G_SOURCE_FUNC(input_ready), app, sources);
	GSource *posts = postbox_source(app->box, deliver, app);
	g_source_attach(posts, NULL);
	g_ptr_array_add(sources, posts);
	watch_signals(app, sources);
	frame_draw(app);
	keys_run_pushed(app);
	lag_start();
	if (!app->ending)
		g_main_loop_run(app->loop);
	lag_stop();
	for (guint i = 0; i < sources->len; i++) {
		GSource *source = g_ptr_array_index(sources, i);
		g_source_destroy(source);
		g_source_unref(source);
	}
	unwatch_signals();
	g_clear_pointer(&app->loop, g_main_loop_unref);
}

static bool has_account(const struct config *config, GError **error)
{
	g_auto(GStrv) names = config_accounts(config);

	if (*names != NULL)
		return true;
	g_set_error_literal(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("no account is configured"));
	return false;
}

int ui_run(const struct ui_options *options, GError **error)
{
	struct app app = { .thread = pthread_self(),
			   .options = options,
			   .config = options->config };

	if (!has_account(options->config, error))
		return 1;
	app.terminal = terminal_start(error);
	if (app.terminal == NULL)
		return 1;
	prepare_signals();
	make_parts(&app);
	set_host(&app);
	accounts_start(&app);
	show_notices(&app);
	open_first(&app);
	wait_for_window(&app);
	begin_message(&app);
	run_loop(&app);
	free_parts(&app);
	return app.status;
}
