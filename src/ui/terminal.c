/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "keydecode.h"
#include "smew/base.h"
#include "smew/command.h"
#include "terminal.h"

/* Last: <term.h> makes macros of ordinary words. */
#include <curses.h>
#include <term.h>

enum {
	MIN_SIZE = 1,
	MAX_SIZE = 2000,   /* a terminal that says more is lying */
	LEAVE_WAIT_MS = 300,
};

struct terminal {
	int in, out;	   /* borrowed; own, nonblocking */
	int memory;	   /* what curses writes to */
	FILE *memory_file; /* owns 'memory' */
	SCREEN *screen;
	GByteArray *waiting;
	size_t sent;	   /* octets of 'waiting' already gone */
	struct termios shell, program;
	int rows, cols;
	bool entered;
};

/*
 * What a signal handler needs to give the terminal back when smew crashes:
 * written once before the handlers are installed, only read by them.
 */
static struct {
	volatile sig_atomic_t armed;
	int fd;
	struct termios modes;
	char reset[256];
	size_t length;
} rescue;

static void on_crash(int signal)
{
	if (rescue.armed) {
		ssize_t n = write(rescue.fd, rescue.reset, rescue.length);

		(void)n;
		tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
	}
	/* The handler was installed with SA_RESETHAND: now it is deadly. */
	raise(signal);
}

static void prepare_rescue(const struct terminal *term)
{
	static const char *const names[] = {"rmkx", "sgr0", "cnorm", "rmcup"};
	static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct sigaction action = {.sa_handler = on_crash,
				   .sa_flags = SA_RESETHAND | SA_NODEFER};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *text = tigetstr(names[i]);
		size_t n;

		if (text == NULL || text == (const char *)-1)
			continue;
		n = strlen(text);
		if (rescue.length + n + 2 > sizeof(rescue.reset))
			continue;
		memcpy(rescue.reset + rescue.length, text, n);
		rescue.length += n;
	}
	memcpy(rescue.reset + rescue.length, "\r\n", 2);
	rescue.length += 2;
	rescue.fd = term->in;
	rescue.modes = term->shell;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < G_N_ELEMENTS(deadly); i++)
		sigaction(deadly[i], &action, NULL);
}

static bool refuse(GError **error, const char *why)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s", why);
	return false;
}

/* A description of the terminal that can be used for a screen. */
static bool check_type(GError **error)
{
	const char *type = g_getenv("TERM");
	const char *move;
	bool moves;
	int status;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse(error, _("standard input and output must be a "
				       "terminal to show mail on"));
	if (type == NULL || *type == '\0')
		return refuse(error, _("the environment variable TERM does "
				       "not say which terminal this is"));
	if (setupterm(type, STDOUT_FILENO, &status) != OK) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    _("the terminal type '%s' is not known here "
			      "(is ncurses-term installed?)"),
			    type);
		return false;
	}
	move = tigetstr("cup");
	moves = move != NULL && move != (const char *)-1;
	/* newterm() reads the description again for itself. */
	del_curterm(cur_term);
	if (moves)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
		    _("the terminal type '%s' cannot place the cursor: "
		      "smew needs a full screen"),
		    type);
	return false;
}

static bool open_descriptors(struct terminal *term, GError **error)
{
	const char *name = ttyname(STDOUT_FILENO);

	term->in = STDIN_FILENO;
	/* Own file description: nonblocking for us, not for our children. */
	term->out = name != NULL ? open(name, O_WRONLY | O_NONBLOCK |
						      O_NOCTTY | O_CLOEXEC)
				 : -1;
	if (term->out < 0)
		term->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	term->memory = memfd_create("smew-screen", MFD_CLOEXEC);
	if (term->out < 0 || term->memory < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			    _("cannot open the terminal: %s"),
			    g_strerror(errno));
		return false;
	}
	term->memory_file = fdopen(term->memory, "w");
	return term->memory_file != NULL;
}

static void start_modes(struct terminal *term)
{
	term->program = term->shell;
	term->program.c_iflag &= (tcflag_t)~(IXON | IXOFF | ICRNL | INLCR |
					     IGNCR | ISTRIP | BRKINT);
	term->program.c_oflag &= (tcflag_t)~(OPOST);
	term->program.c_lflag &= (tcflag_t)~(ECHO | ECHONL | ICANON | ISIG |
					     IEXTEN);
	term->program.c_cc[VMIN] = 1;
	term->program.c_cc[VTIME] = 0;
}

static void start_curses(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	typeahead(-1);
	leaveok(stdscr, FALSE);
	scrollok(stdscr, FALSE);
	if (has_colors() && (g_getenv("NO_COLOR") == NULL ||
			     *g_getenv("NO_COLOR") == '\0'))
		start_color();
}

struct terminal *terminal_start(GError **error)
{
	struct terminal *term;

	if (!check_type(error))
		return NULL;
	term = g_new0(struct terminal, 1);
	term->waiting = g_byte_array_new();
	if (!open_descriptors(term, error)) {
		g_byte_array_unref(term->waiting);
		g_free(term);
		return NULL;
	}
	tcgetattr(term->in, &term->shell);
	start_modes(term);
	term->screen = newterm(NULL, term->memory_file, stdin);
	if (term->screen == NULL) {
		refuse(error, _("cannot start the screen"));
		g_byte_array_unref(term->waiting);
		close(term->out);
		g_free(term);
		return NULL;
	}
	start_curses();
	prepare_rescue(term);
	terminal_enter(term);
	terminal_check_size(term);
	return term;
}

void terminal_stop(struct terminal *term)
{
	terminal_leave(term);
	delscreen(term->screen);
	fclose(term->memory_file);
	close(term->out);
	g_byte_array_unref(term->waiting);
	g_free(term);
}

/* Moves what curses wrote to memory into the queue. */
static void collect(struct terminal *term)
{
	off_t length = lseek(term->memory, 0, SEEK_CUR);
	guint old;

	if (length <= 0)
		return;
	if (term->sent > 0) {
		g_byte_array_remove_range(term->waiting, 0, (guint)term->sent);
		term->sent = 0;
	}
	old = term->waiting->len;
	g_byte_array_set_size(term->waiting, old + (guint)length);
	if (pread(term->memory, term->waiting->data + old, (size_t)length,
		  0) != length)
		g_byte_array_set_size(term->waiting, old);
	lseek(term->memory, 0, SEEK_SET);
	if (ftruncate(term->memory, 0) != 0)
		log_line(LOG_FAULT, "ui", "cannot empty the screen's memory");
}

bool terminal_busy(const struct terminal *term)
{
	return term->sent < term->waiting->len;
}

bool terminal_flush(struct terminal *term)
{
	while (terminal_busy(term)) {
		ssize_t n = write(term->out, term->waiting->data + term->sent,
				  term->waiting->len - term->sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		term->sent += (size_t)n;
	}
	g_byte_array_set_size(term->waiting, 0);
	term->sent = 0;
	return true;
}

/* Waits a little for a terminal that takes its time, then gives up. */
static void flush_limited(struct terminal *term)
{
	gint64 end = g_get_monotonic_time() + LEAVE_WAIT_MS * 1000;

	collect(term);
	while (terminal_flush(term) && terminal_busy(term)) {
		struct pollfd out = {.fd = term->out, .events = POLLOUT};
		gint64 left = (end - g_get_monotonic_time()) / 1000;

		if (left <= 0 || poll(&out, 1, (int)left) <= 0)
			break;
	}
	g_byte_array_set_size(term->waiting, 0);
	term->sent = 0;
}

void terminal_enter(struct terminal *term)
{
	/* Again after a SIGSTOP from outside: the modes are the shell's now. */
	if (!term->entered)
		tcgetattr(term->in, &term->shell);
	tcsetattr(term->in, TCSANOW, &term->program);
	rescue.modes = term->shell;
	rescue.armed = 1;
	term->entered = true;
	redrawwin(stdscr);
}

void terminal_leave(struct terminal *term)
{
	if (!term->entered)
		return;
	term->entered = false;
	endwin();
	flush_limited(term);
	tcsetattr(term->in, TCSANOW, &term->shell);
	rescue.armed = 0;
}

void terminal_size(const struct terminal *term, int *rows, int *cols)
{
	*rows = term->rows;
	*cols = term->cols;
}

bool terminal_check_size(struct terminal *term)
{
	struct winsize size = {0};
	int rows = LINES, cols = COLS;

	if (ioctl(term->out, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0) {
		rows = size.ws_row;
		cols = size.ws_col;
	}
	rows = CLAMP(rows, MIN_SIZE, MAX_SIZE);
	cols = CLAMP(cols, MIN_SIZE, MAX_SIZE);
	if (rows == term->rows && cols == term->cols)
		return false;
	term->rows = rows;
	term->cols = cols;
	resizeterm(rows, cols);
	/* The terminal may have moved its contents: draw all of it. */
	clearok(curscr, TRUE);
	return true;
}

struct theme_depth terminal_depth(const struct terminal *term)
{
	const char *no = g_getenv("NO_COLOR");
	struct theme_depth depth = {0};

	(void)term;
	if ((no != NULL && *no != '\0') || !has_colors() || COLORS < 8)
		return depth;
	depth.colors = COLORS;
	depth.direct = COLORS > 256 && tigetflag("RGB") > 0;
	depth.defaults = use_default_colors() == OK;
	return depth;
}

int terminal_input_fd(const struct terminal *term)
{
	return term->in;
}

int terminal_output_fd(const struct terminal *term)
{
	return term->out;
}

bool terminal_read(struct terminal *term, struct keydecode *decode)
{
	char octets[1024];
	ssize_t n;

	do
		n = read(term->in, octets, sizeof(octets));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		keydecode_feed(decode, octets, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

void terminal_teach(const struct terminal *term, struct keydecode *decode)
{
	static const struct {
		const char *capability;
		int key;
	} keys[] = {
		{"kcuu1", KEYC_UP},	 {"kcud1", KEYC_DOWN},
		{"kcub1", KEYC_LEFT},	 {"kcuf1", KEYC_RIGHT},
		{"khome", KEYC_HOME},	 {"kend", KEYC_END},
		{"kpp", KEYC_PAGE_UP},	 {"knp", KEYC_PAGE_DOWN},
		{"kich1", KEYC_INSERT},	 {"kdch1", KEYC_DELETE},
		{"kent", KEYC_ENTER},	 {"kcbt", KEYC_BACKTAB},
		{"knxt", KEYC_NEXT},	 {"kbs", KEYC_BACKSPACE},
	};
	char name[8];

	(void)term;
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *sends = tigetstr(keys[i].capability);

		if (sends != NULL && sends != (const char *)-1 && *sends)
			keydecode_learn(decode, sends, keys[i].key);
	}
	for (int i = 0; i <= 20; i++) {
		const char *sends;

		g_snprintf(name, sizeof(name), "kf%d", i);
		sends = tigetstr(name);
		if (sends != NULL && sends != (const char *)-1 && *sends)
			keydecode_learn(decode, sends, KEYC_F0 + i);
	}
}

void terminal_show(struct terminal *term)
{
	doupdate();
	collect(term);
}

void terminal_redraw(struct terminal *term)
{
	(void)term;
	clearok(curscr, TRUE);
}

void terminal_beep(struct terminal *term)
{
	static const guint8 octet = '\a';

	g_byte_array_append(term->waiting, &octet, 1);
	terminal_flush(term);
}
