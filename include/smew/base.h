/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base: what every module stands on. Errors, the log, private paths, child
 * processes, the postbox between threads, secrets, display width and the
 * sanitiser. Includes nothing of ours.
 */
#ifndef SMEW_BASE_H
#define SMEW_BASE_H

#include <glib.h>
#include <libintl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Translation of what the user sees (in _()) or will see (in N_()). */
#define _(text) gettext(text)
#define N_(text) (text)

/* ---- errors ---- */

/*
 * The domain of base's own errors. The message of every GError in smew says
 * what could not be done to what and why, ready for a reader: no capital at
 * the start, no full stop, already translated, already sanitised.
 */
#define BASE_ERROR (base_error_quark())
GQuark base_error_quark(void);

enum base_error {
	BASE_ERROR_FAILED,	/* a system call failed: errno is in the text */
	BASE_ERROR_UNSAFE,	/* mode or owner of a file makes it unusable */
	BASE_ERROR_LIMIT,	/* a limit given by the caller was reached */
	BASE_ERROR_TIMEOUT,
	BASE_ERROR_EXISTS,	/* O_EXCL, and there is one */
	BASE_ERROR_EXIT,	/* a child ended with a status other than 0 */
};

/* ---- log: off unless log_open() was called; any thread ---- */

enum log_level {
	LOG_OFF = 0,
	LOG_FAULT = 1,	/* something failed */
	LOG_STATE = 2,	/* a state changed */
	LOG_WIRE = 3,	/* dialogue lines, already redacted by their writer */
	LOG_DETAIL = 4,
	LOG_MAX = 5,
};

/*
 * Opens 'path' (created 0600, appended to) and logs everything up to 'level'.
 * Called once, before threads start. Fails if the file cannot be opened.
 */
bool log_open(const char *path, enum log_level level, GError **error);
void log_close(void);

/* Whether a line of this level would be written: guards costly arguments. */
bool log_wants(enum log_level level);

/*
 * Writes one line: monotonic time, thread name, 'area' ("imap", "store"), the
 * text with control characters escaped. Never blocks on a lock for long.
 */
void log_line(enum log_level level, const char *area, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/*
 * Around what a GThreadPool carries: give before it is pushed, take when the
 * worker has it. GLib's locks order the two, but ThreadSanitizer cannot see
 * them; in other builds these do nothing.
 */
void handover_give(void *what);
void handover_take(void *what);

/* ---- paths: any thread; results are owned by the caller (g_free) ---- */

/* $XDG_CONFIG_HOME/smew/smewrc, by the XDG rules when the variable is unset. */
char *path_user_config(void);
/* $XDG_CACHE_HOME/smew/ACCOUNT and $XDG_STATE_HOME/smew/ACCOUNT. */
char *path_cache_dir(const char *account);
char *path_state_dir(const char *account);
/* "~" and "~user" at the beginning replaced; anything else copied. */
char *path_expand(const char *path);
/*
 * Makes 'dir' and its missing parents with mode 0700 whatever the umask. One
 * that is there must be a directory of ours, no symbolic link (its parents may
 * be), that nobody else can write to; its mode becomes 0700.
 */
bool path_make_private(const char *dir, GError **error);
/*
 * Opens a file below a private directory: created 0600 whatever the umask,
 * O_CLOEXEC, never through a symbolic link. One that is there must be a
 * regular file of ours; its mode becomes 0600. Returns a descriptor or -1.
 */
int path_open_private(const char *path, int flags, GError **error);

/* ---- children: the one way any process of ours is started ---- */

enum spawn_flags {
	SPAWN_STDIN = 1 << 0,	 /* pipe to its standard input (else /dev/null) */
	SPAWN_STDOUT = 1 << 1,	 /* pipe from its standard output (else null) */
	SPAWN_STDERR = 1 << 2,	 /* pipe from its standard error (else null) */
	SPAWN_TERMINAL = 1 << 3, /* has our terminal where no pipe is asked
				    for, and our session: editor, shell */
};

struct child {
	pid_t pid;
	int in, out, err; /* our ends, -1 where no pipe; owned by the caller,
			     close-on-exec, in and out nonblocking */
};

/*
 * Starts argv[0] (found through PATH) with 'argv' (NULL-terminated). Without
 * SPAWN_TERMINAL the child leads its own session, so that a ^C at the
 * terminal does not reach it. Signals are reset, no descriptor of ours leaks.
 * The caller must reap the child (spawn_reap or a GLib child watch). Fails
 * when the program cannot be executed at all (missing, not executable, fork).
 */
bool spawn_start(const char *const *argv, unsigned flags, struct child *child,
		 GError **error);

/* The same with {"/bin/sh", "-c", command}: for the user's own commands. */
bool spawn_shell(const char *command, unsigned flags, struct child *child,
		 GError **error);

/*
 * Waits for the child and returns its exit status, or 128 + signal; -1 when
 * there is no such child (any more).
 */
int spawn_reap(pid_t pid);

/*
 * Runs a command of the user's through the shell and returns what it wrote to
 * standard output, at most 'limit' octets, without a last newline; owned by
 * the caller. Blocks: workers and start-up only. Fails on a status other than
 * 0 (the text has the last line of its standard error), after 'timeout_ms',
 * or above the limit.
 */
char *spawn_output(const char *command, size_t limit, int timeout_ms,
		   GError **error);

/* ---- the postbox: the one way threads talk to one another ---- */

/*
 * A message between threads: the first member of a larger struct. The sender
 * gives it away; the receiver calls post_free() on what it popped.
 */
struct post {
	struct post *next;		 /* the postbox's */
	int kind;			 /* the receiver's enum */
	uint64_t merge_key;		 /* 0: never merged */
	void (*release)(struct post *);	 /* frees all of it */
};

void post_free(struct post *post);

struct postbox;

struct postbox *postbox_new(void);
/* Frees what is still inside too. No thread may push any more. */
void postbox_free(struct postbox *box);

/*
 * Any thread; takes ownership; never blocks beyond a short mutex. A waiting
 * post with the same kind and the same merge_key other than 0 is replaced in
 * its place by the newer one (progress, "something changed in mailbox 7").
 */
void postbox_push(struct postbox *box, struct post *post);

/* The owner's thread: the oldest post, or NULL. Owned by the caller. */
struct post *postbox_pop(struct postbox *box);

/* Readable while the box is not empty: for the owner's poll(). */
int postbox_fd(struct postbox *box);

/*
 * A source that calls 'deliver' in its context's thread for each post, at
 * most 5 ms of them before other sources get their turn. 'deliver' owns the
 * post. The source borrows the box. Attach and unref it as any GSource.
 */
typedef void (*postbox_deliver)(struct post *post, void *user);
GSource *postbox_source(struct postbox *box, postbox_deliver deliver,
			void *user);

/* ---- secrets: locked in memory, not dumped, zeroed when freed ---- */

struct secret;
/* Copies 'length' octets (-1: a string). Never NULL. */
struct secret *secret_new(const char *data, gssize length);
/* The octets, NUL-terminated for convenience; borrowed. */
const char *secret_data(const struct secret *secret, size_t *length);
void secret_free(struct secret *secret);
/*
 * Buffers that secrets pass through: neither growing nor emptying one leaves
 * a copy behind. Freed with g_byte_array_unref() after secret_buffer_wipe().
 */
GByteArray *secret_buffer_new(void);
/* May replace '*buffer' by a larger one. */
void secret_buffer_append(GByteArray **buffer, const void *data, size_t length);
/* Drops 'length' octets from the beginning. */
void secret_buffer_drop(GByteArray *buffer, size_t length);
void secret_buffer_wipe(GByteArray *buffer);
/* Overwrites the stack below the caller, where functions that have returned
 * left what they worked with. */
void secret_wipe_stack(void);
/*
 * Overwrites what a library that ran on this thread has freed: blocks of the
 * sizes in which copies of a secret of 'length' octets lie, as it is or as
 * UTF-32. Above 1,024 octets nothing is done.
 */
void secret_wipe_heap(size_t length);
/* No core dumps, no ptrace by others: called once at start. */
void secret_harden_process(void);

/* ---- what the program needs of the system ---- */

/*
 * Whether there are descriptors and threads enough for a screen; raises the
 * soft limit of descriptors where that helps. Called once, before any of them
 * is needed: later a lack of them would end the program without a word.
 */
bool resources_check(GError **error);
/*
 * The calling thread, the UI's, is to have its turn soon; threads and children
 * that it starts are as others. Large blocks of memory go back to the system
 * as soon as they are freed. Called once, before there are threads.
 */
void resources_set_up(void);
/* After much was freed: what lies free goes back to the system. It takes some
 * milliseconds; not for the UI's thread. */
void resources_give_back(void);

/* ---- text: display width and sanitising; pure functions, any thread ---- */

/*
 * The next display cluster (a base character with what combines with it, an
 * emoji sequence) of the valid UTF-8 text at 'text': returns its length in
 * octets (0 at the end) and stores its width in cells (0, 1 or 2).
 */
size_t text_cluster(const char *text, const char *end, int *cells);

/* Width in cells of valid UTF-8 ('length' -1: up to the NUL). */
int text_width(const char *text, gssize length);

/*
 * How many octets of 'text' fit into 'cells' cells without splitting a
 * cluster; their width is stored in 'used' when it is not NULL.
 */
size_t text_fit(const char *text, gssize length, int cells, int *used);

/*
 * The one function between foreign text and any sink. Gives valid UTF-8 in
 * one line: invalid octets U+FFFD, C0, DEL and C1 as visible symbols (U+2400
 * block; C1 and others as U+FFFD), tab and line ends as one space, bidi controls,
 * zero-width, tag and other invisible format characters removed (ZWJ and
 * variation selectors inside emoji sequences stay), at most 8 combining
 * marks on a base. Owned by the caller.
 */
char *sanitise_line(const char *text, gssize length);

/* The same for a body: LF stays (CRLF and CR become LF), tab stays. */
char *sanitise_text(const char *text, gssize length);

#endif
