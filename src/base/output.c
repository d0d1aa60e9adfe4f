/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"

/* Of what the command complains about, only the end is shown. */
#define COMPLAINT_LIMIT 4096
/* Enough for what fits into a pipe. */
#define REST_READS 32
/* How often to look for the end of a child that no pidfd tells us about. */
#define LOOK_AGAIN_MS 20

/*
 * The output of a command while it runs. It may be a password: it is read
 * into one allocation that is wiped, never into a growing one, which would
 * leave copies behind.
 */
struct capture {
	struct child child;
	int pidfd;  /* readable when the child has ended; -1: not available */
	char *data; /* owned; limit + 1 octets */
	size_t used, limit;
	bool over;	    /* there was more than the limit */
	GString *complaint; /* the end of its standard error */
	gint64 until;	    /* monotonic; 0: no time-out */
};

static void capture_init(struct capture *capture, size_t limit, int timeout_ms)
{
	capture->pidfd = pidfd_open(capture->child.pid, 0);
	capture->data = g_malloc(limit + 1);
	capture->used = 0;
	capture->limit = limit;
	capture->over = false;
	capture->complaint = g_string_new(NULL);
	capture->until = timeout_ms < 0 ? 0
					: g_get_monotonic_time() +
						  timeout_ms * (gint64)1000;
	fcntl(capture->child.err, F_SETFL, O_NONBLOCK);
}

static void close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void capture_release(struct capture *capture)
{
	close_fd(&capture->child.out);
	close_fd(&capture->child.err);
	close_fd(&capture->pidfd);
	explicit_bzero(capture->data, capture->used);
	g_free(capture->data);
	g_string_free(capture->complaint, TRUE);
}

/* Whether there may be more at once; closes the pipe at its end. */
static bool take_in(int *fd, char *buffer, size_t room, size_t *taken)
{
	ssize_t n = read(*fd, buffer, room);

	*taken = n > 0 ? (size_t)n : 0;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	return n > 0;
}

static bool read_output(struct capture *capture)
{
	/* The octet above the limit tells that there is more. */
	size_t room = capture->limit + 1 - capture->used, taken;
	bool more = take_in(&capture->child.out, capture->data + capture->used,
			    room, &taken);

	capture->used += taken;
	capture->over = capture->used > capture->limit;
	return more && !capture->over;
}

static bool read_complaint(struct capture *capture)
{
	char buffer[COMPLAINT_LIMIT];
	GString *text = capture->complaint;
	size_t taken;
	bool more =
		take_in(&capture->child.err, buffer, sizeof(buffer), &taken);

	g_string_append_len(text, buffer, (gssize)taken);
	if (text->len > COMPLAINT_LIMIT)
		g_string_erase(text, 0, (gssize)(text->len - COMPLAINT_LIMIT));
	return more;
}

/*
 * The command has ended. What it wrote is in the pipes; something it left
 * running may hold them open, and is not waited for.
 */
static void read_rest(struct capture *capture)
{
	while (capture->child.out != -1 && read_output(capture))
		;
	for (int i = 0; i < REST_READS && capture->child.err != -1; i++)
		if (!read_complaint(capture))
			break;
}

static int milliseconds_left(const struct capture *capture)
{
	gint64 left;

	if (capture->until == 0)
		return -1;
	left = (capture->until - g_get_monotonic_time() + 999) / 1000;
	return (int)CLAMP(left, 0, G_MAXINT);
}

enum progress { RUNNING, ENDED, TIMED_OUT };

/* Without reaping it, so that its process group keeps its number. */
static bool has_ended(const struct capture *capture)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)capture->child.pid, &info,
		      WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

static enum progress capture_step(struct capture *capture)
{
	struct pollfd fds[] = {
		{.fd = capture->child.out, .events = POLLIN},
		{.fd = capture->child.err, .events = POLLIN},
		{.fd = capture->pidfd, .events = POLLIN},
	};
	int left = milliseconds_left(capture);
	int wait = left;

	if (left == 0)
		return TIMED_OUT;
	if (capture->pidfd == -1 && (left < 0 || left > LOOK_AGAIN_MS))
		wait = LOOK_AGAIN_MS;
	if (poll(fds, G_N_ELEMENTS(fds), wait) < 0)
		return RUNNING; /* a signal */
	if (fds[2].revents != 0 ||
	    (capture->pidfd == -1 && has_ended(capture))) {
		read_rest(capture);
		return ENDED;
	}
	if (fds[0].revents != 0)
		read_output(capture);
	if (fds[1].revents != 0)
		read_complaint(capture);
	return RUNNING;
}

/* Runs the child to its end, or ends it; stores its exit status. */
static enum progress capture_run(struct capture *capture, int *status)
{
	enum progress progress;

	do {
		progress = capture_step(capture);
	} while (progress == RUNNING && !capture->over);
	if (progress != ENDED)
		kill(-capture->child.pid, SIGKILL);
	*status = spawn_reap(capture->child.pid);
	return progress;
}

/* The last line that is not empty: where programs say why. Owned. */
static char *last_line(const char *text)
{
	g_autofree char *copy = g_strchomp(g_strdup(text));
	const char *newline = strrchr(copy, '\n');

	return g_strdup(newline != NULL ? newline + 1 : copy);
}

static bool judge(const struct capture *capture, enum progress progress,
		  int status, const char *command, GError **error)
{
	g_autofree char *why = last_line(capture->complaint->str);

	if (capture->over)
		return base_fail(error, BASE_ERROR_LIMIT,
				 _("'%s' wrote more than %zu octets"), command,
				 capture->limit);
	if (progress == TIMED_OUT)
		return base_fail(error, BASE_ERROR_TIMEOUT,
				 _("'%s' took too long and was ended"),
				 command);
	if (status != 0 && *why != '\0')
		return base_fail(error, BASE_ERROR_EXIT, _("'%s' failed: %s"),
				 command, why);
	if (status != 0)
		return base_fail(error, BASE_ERROR_EXIT,
				 _("'%s' failed with status %d"), command,
				 status);
	return true;
}

/* A copy of what was written, without the newline at its end. Owned. */
static char *capture_text(const struct capture *capture)
{
	size_t length = capture->used;

	if (length > 0 && capture->data[length - 1] == '\n')
		length--;
	return g_strndup(capture->data, length);
}

char *spawn_output(const char *command, size_t limit, int timeout_ms,
		   GError **error)
{
	struct capture capture = {0};
	enum progress progress;
	char *text = NULL;
	int status;

	if (!spawn_shell(command, SPAWN_STDOUT | SPAWN_STDERR, &capture.child,
			 error))
		return NULL;
	capture_init(&capture, limit, timeout_ms);
	progress = capture_run(&capture, &status);
	if (judge(&capture, progress, status, command, error))
		text = capture_text(&capture);
	capture_release(&capture);
	return text;
}
