/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command: the one command language (DESIGN 3). The tables of commands,
 * options and functions, the parser, key maps, colour rules, header lists and
 * format strings. Has no screen and no network: what a command does to them
 * goes through struct command_host. One struct config, owned by the thread
 * that made it (the UI thread, or main without a screen).
 */
#ifndef SMEW_COMMAND_H
#define SMEW_COMMAND_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define COMMAND_ERROR (command_error_quark())
GQuark command_error_quark(void);

enum command_error {
	COMMAND_ERROR_SYNTAX,
	COMMAND_ERROR_UNKNOWN,	/* the text names the nearest known name */
	COMMAND_ERROR_VALUE,
	COMMAND_ERROR_SCOPE,	/* not allowed inside an account block */
	COMMAND_ERROR_IO,
};

struct config;

enum command_folder {
	COMMAND_FOLDER_CREATE, /* 'name': its role, or NULL */
	COMMAND_FOLDER_RENAME,
	COMMAND_FOLDER_DELETE,
	COMMAND_FOLDER_SUBSCRIBE,
	COMMAND_FOLDER_UNSUBSCRIBE,
	COMMAND_FOLDER_EMPTY,  /* 'mailbox' NULL: the current account's trash */
	COMMAND_FOLDER_EXPUNGE, /* 'mailbox' NULL: the open one */
};

/* What commands ask of the rest of smew; any member may be NULL. */
struct command_host {
	void *user;
	/* `exec`, macros and `push`: key names and <functions> to be read as if
	 * typed. Borrowed text for keys_typed(). */
	void (*push)(void *user, const char *keys);
	void (*echo)(void *user, const char *text);
	/* An option changed (also by reset); 'account' NULL for global. */
	void (*changed)(void *user, const char *option, const char *account);
	/* `mailboxes` and other additions that the screen shows. */
	void (*refresh)(void *user);
	/* exec FUNCTION: run now. False: no such function in this map. */
	bool (*exec)(void *user, const char *function);
	/* Mailboxes as such; names as the user typed them. */
	/* send-later: 'when' is wall clock, seconds. */
	bool (*send_later)(void *user, int64_t when, GError **error);
	bool (*folder)(void *user, enum command_folder what,
		       const char *mailbox, const char *name, GError **error);
};

/* With all defaults and the default key bindings. */
struct config *config_new(void);
void config_free(struct config *config);
void config_set_host(struct config *config, const struct command_host *host);

/* Whether backquotes and `source "command|"` may run: true at first. To be
 * switched off before text is read that the user did not write or choose. */
void config_set_shell(struct config *config, bool allowed);

/* Reports of reading a file: FILE:LINE: error: ... or note: ... */
struct config_report {
	GPtrArray *lines; /* of char *, complete lines; owned by the caller */
	unsigned errors, notes;
};

/* Reads a file of commands to its end, whatever errors. False only when it
 * cannot be read at all. Errors go into 'report' (may be NULL). */
bool config_source(struct config *config, const char *path,
		   struct config_report *report, GError **error);
/* Runs one line (`:` prompt, -e, hooks). 'error' gets the text to show. */
bool config_run(struct config *config, const char *line, GError **error);

/* ---- options ---- */

enum option_type {
	OPTION_BOOL, OPTION_NUMBER, OPTION_STRING, OPTION_QUAD, OPTION_ENUM,
	OPTION_SORT, OPTION_PATH, OPTION_REGEX, OPTION_ADDRESS,
};

enum quad { QUAD_NO, QUAD_YES, QUAD_ASK_NO, QUAD_ASK_YES };

/* Whether any value of this name differs from its default. */
bool config_is_set(const struct config *config, const char *account, const char *name);

/* Values by name; 'account' NULL for the global value, else the account's own
 * value where it has one. An unknown name or a wrong type is our own fault
 * and asserts. Strings are borrowed until the next change, never NULL; a path
 * comes with its `~` expanded. config_string() is for every type but BOOL,
 * NUMBER and QUAD: enums and sort orders are text, in the table's spelling. */
bool config_bool(const struct config *config, const char *account, const char *name);
int64_t config_number(const struct config *config, const char *account, const char *name);
const char *config_string(const struct config *config, const char *account, const char *name);
enum quad config_quad(const struct config *config, const char *account, const char *name);

/* -Q: `name="value"`, `name is set`, `name is unset`, as mutt prints it;
 * passwords as <set>. NULL and an error for an unknown name. Owned. */
char *config_query(const struct config *config, const char *account,
		   const char *name, GError **error);
/* -D: every option in order of name, then each account as a block. Owned. */
char *config_dump(const struct config *config);

/* Names of the accounts: `default` when folder, tunnel ... were set outside
 * of blocks, then the blocks in order. NULL-terminated, owned (g_strfreev). */
char **config_accounts(const struct config *config);
/* Where an account's mail is, from folder, tunnel, imap_user ... of it. */
struct account_server {
	char *user, *host;  /* owned, NULL with a tunnel that names none */
	uint16_t port;
	bool implicit_tls;  /* imaps:// */
	char *tunnel;	    /* owned, or NULL */
	char *prefix;	    /* owned: the path of the folder URL, "" at the root */
	char *password;	    /* owned: imap_pass or the URL's, NULL when unset */
};
bool config_account_server(const struct config *config, const char *account,
			   struct account_server *server, GError **error);
void account_server_clear(struct account_server *server);

/* How an account sends; strings owned, NULL where not set. */
struct account_sending {
	char *host;	    /* NULL: by the program `sendmail` */
	char *user;	    /* NULL: does not sign in */
	uint16_t port;
	bool implicit_tls;  /* smtps:// */
	char *password;	    /* smtp_pass or the URL's; or the mailbox's, where
			       the user is the same and nothing else is set */
	char *password_command, *token_command;
	bool lends;	    /* the mailbox's password may be tried */
};
bool config_account_sending(const struct config *config, const char *account,
			    struct account_sending *sending, GError **error);
void account_sending_clear(struct account_sending *sending);
/*
 * A time to come, as users write it: "18:30" (the next one), "+30m", "+2h",
 * "+1d", "tomorrow", "tomorrow 8:00", "2026-12-24", "2026-12-24 18:30"; a day
 * alone is its 8 o'clock. 'now' and the result are wall clock, seconds, in
 * local time. False for what is none, or not to come.
 */
bool config_when(const char *text, int64_t now, int64_t *when);
/* Header fields that mailto: links may set, in lower case, "*" for all;
 * NULL-terminated; borrowed until the next change. */
const char *const *config_mailto_allow(const struct config *config);

/*
 * A mailbox as the user names it ("=X", "+X", "!", "NAME:X", a URL, a plain
 * name) to an account and a name in UTF-8 below its root ("INBOX" for the
 * spool file); both owned. False for a URL that fits no account.
 */
bool config_mailbox_name(const struct config *config, const char *current,
			 const char *text, char **account, char **name,
			 GError **error);

/* ---- who is who ---- */

struct config_alias {
	char *name, *addresses; /* as given to `alias` */
};
/* Of const struct config_alias *, in order of definition; borrowed. */
const GPtrArray *config_aliases(const struct config *config);
/* What a name stands for, or NULL; borrowed. */
const char *config_alias(const struct config *config, const char *name);
/*
 * Expressions (of char *, borrowed) that were given to `alternates`, `lists`
 * and `subscribe`, or, with 'un', to their opposites. An address belongs to
 * them when one of the first matches and none of the second.
 */
const GPtrArray *config_alternates(const struct config *config,
				   const char *account, bool un);
const GPtrArray *config_lists(const struct config *config, bool subscribed,
			      bool un);
/* "Name: value" of my_hdr (of char *, borrowed), the array owned. */
GPtrArray *config_my_headers(const struct config *config, const char *account);

/* ---- hooks ---- */

enum hook_kind {
	HOOK_FOLDER = 1 << 0,
	HOOK_REPLY = 1 << 1,
	HOOK_SEND = 1 << 2,
	HOOK_SEND2 = 1 << 3,
	HOOK_FCC = 1 << 4,
	HOOK_SAVE = 1 << 5,
};
struct config_hook {
	unsigned kinds; /* of enum hook_kind; fcc-save-hook is two */
	char *account; /* it was given inside of, or NULL */
	char *pattern; /* HOOK_FOLDER: an expression; else a pattern */
	char *command; /* HOOK_FCC, HOOK_SAVE: a mailbox */
	bool not;      /* for what does not match */
};
/* Those that may be about an account (of struct config_hook *, borrowed), in
 * order; the array is owned. A hook that runs may change the list. */
GPtrArray *config_hooks(const struct config *config, const char *account,
			enum hook_kind kind);

/*
 * What belongs to a group of `group`, in the form of struct query_context
 * (query.h); owned. NULL: there is no such group. 'config' is a struct config.
 */
char **config_group(const char *name, const void *config);

/* Names given to `mailboxes` for an account, in order; borrowed. */
const GPtrArray *config_mailboxes(const struct config *config, const char *account);

/* The same of `sidebar_pin`. */
const GPtrArray *config_pins(const struct config *config, const char *account);

/* ---- functions and keys ---- */

/* The maps, mutt's names: "generic" "index" "pager" "editor" "sidebar" ...,
 * and smew's own "wire". */
enum keymap { MAP_GENERIC, MAP_INDEX, MAP_PAGER, MAP_EDITOR, MAP_SIDEBAR, MAP_WIRE,
	      MAP_COMPOSE, MAP_POSTPONE, MAP_JOURNAL,
	      MAP_OUTBOX, MAP_COUNT };

/*
 * What a function does; the ui switches on it. One op can have several names
 * (`refresh` and `redraw-screen`). The same op means the same in every map:
 * OP_NEXT_LINE scrolls the pane that has the focus by a line, OP_EXIT closes
 * it, OP_HALF_DOWN half a page of it.
 */
enum function_op {
	OP_NULL,    /* noop: in the table only, never a binding's function */
	OP_PLANNED, /* known by name: "NAME is not available yet" */
	/* movement in any list and in the pager */
	OP_NEXT_ENTRY, OP_PREVIOUS_ENTRY, OP_NEXT_LINE, OP_PREVIOUS_LINE,
	OP_NEXT_PAGE, OP_PREVIOUS_PAGE, OP_HALF_UP, OP_HALF_DOWN,
	OP_FIRST_ENTRY, OP_LAST_ENTRY, OP_TOP_PAGE, OP_MIDDLE_PAGE,
	OP_BOTTOM_PAGE, OP_CURRENT_TOP, OP_CURRENT_MIDDLE, OP_CURRENT_BOTTOM,
	OP_JUMP, /* bound to the digits: the digit typed begins the number */
	OP_SELECT_ENTRY,
	/* movement by message, in the index and from the pager */
	OP_NEXT_NEW, OP_PREVIOUS_NEW, OP_NEXT_UNREAD, OP_PREVIOUS_UNREAD,
	OP_NEXT_NEW_THEN_UNREAD, OP_PREVIOUS_NEW_THEN_UNREAD,
	OP_NEXT_UNDELETED, OP_PREVIOUS_UNDELETED,
	OP_NEXT_THREAD, OP_PREVIOUS_THREAD,
	OP_NEXT_SUBTHREAD, OP_PREVIOUS_SUBTHREAD,
	OP_PARENT_MESSAGE, OP_ROOT_MESSAGE,
	OP_SORT_MAILBOX, OP_SORT_REVERSE,
	/* limits, searches, folded threads */
	OP_LIMIT, OP_SHOW_LIMIT, OP_LIMIT_CURRENT_THREAD,
	OP_SEARCH, OP_SEARCH_REVERSE, OP_SEARCH_NEXT, OP_SEARCH_OPPOSITE,
	OP_SEARCH_TOGGLE,
	OP_COLLAPSE_THREAD, OP_COLLAPSE_ALL,
	/* reading */
	OP_DISPLAY_MESSAGE, OP_DISPLAY_TOGGLE_WEED, OP_DISPLAY_ADDRESS,
	OP_TOP, OP_BOTTOM, OP_SKIP_QUOTED, OP_SKIP_HEADERS, OP_TOGGLE_QUOTED,
	/* flags */
	OP_SET_FLAG, OP_CLEAR_FLAG, OP_TOGGLE_NEW, OP_FLAG_MESSAGE,
	OP_UNDO, OP_REDO, OP_ARCHIVE, OP_JUNK, OP_SAVE_MESSAGE,
	OP_COPY_MESSAGE, OP_DECODE_COPY, OP_DECODE_SAVE, OP_SYNC_MAILBOX,
	OP_LINK_THREADS, OP_BREAK_THREAD,
	OP_DELETE_MESSAGE, OP_UNDELETE_MESSAGE, OP_DELETE_THREAD,
	OP_DELETE_SUBTHREAD, OP_DELETE_PATTERN, OP_UNDELETE_THREAD,
	OP_UNDELETE_SUBTHREAD, OP_UNDELETE_PATTERN, OP_READ_THREAD,
	OP_READ_SUBTHREAD, OP_CATCHUP, OP_PURGE_MESSAGE, OP_PURGE_THREAD,
	OP_TOGGLE_WRITE, OP_EDIT_LABEL, OP_MODIFY_LABELS,
	/* which messages the next one is about */
	OP_TAG_ENTRY, OP_TAG_THREAD, OP_TAG_SUBTHREAD, OP_TAG_PATTERN,
	OP_UNTAG_PATTERN, OP_TAG_PREFIX, OP_TAG_PREFIX_COND, OP_END_COND,
	/* mailboxes and connections */
	OP_CHANGE_FOLDER, OP_CHANGE_FOLDER_READONLY, OP_CHECK_NEW,
	OP_BROWSE_MAILBOXES,
	OP_IMAP_FETCH_MAIL, OP_RETRY_CONNECTION,
	OP_SIDEBAR_NEXT, OP_SIDEBAR_PREV, OP_SIDEBAR_OPEN, OP_SIDEBAR_FIRST,
	OP_SIDEBAR_LAST, OP_SIDEBAR_PAGE_UP, OP_SIDEBAR_PAGE_DOWN,
	OP_SIDEBAR_NEXT_NEW, OP_SIDEBAR_PREV_NEW, OP_SIDEBAR_TOGGLE_VISIBLE,
	OP_FOLD_FOLDER, OP_SORT_FOLDERS, OP_CHANGE_FOLDER_FUZZY,
	OP_CREATE_MAILBOX, OP_RENAME_MAILBOX, OP_DELETE_MAILBOX,
	OP_SUBSCRIBE, OP_UNSUBSCRIBE, OP_TOGGLE_SUBSCRIBED, OP_EMPTY_TRASH,
	/* the program */
	OP_HELP, OP_ENTER_COMMAND, OP_SHELL_ESCAPE, OP_REFRESH, OP_QUIT,
	OP_EXIT, OP_SHOW_VERSION, OP_WHAT_KEY, OP_ERROR_HISTORY,
	OP_FOCUS_NEXT, OP_FOCUS_PREVIOUS, OP_COMMAND_PALETTE,
	/* what goes over the wire */
	OP_WIRE, OP_CONNECTIONS, OP_WIRE_FILTER, OP_WIRE_SAVE,
	OP_WIRE_SEARCH, OP_WIRE_SEARCH_NEXT, OP_WIRE_NEXT_CONNECTION,
	OP_WIRE_ALL_CONNECTIONS,
	/* writing, from the index and the pager */
	OP_MAIL, OP_REPLY, OP_GROUP_REPLY, OP_GROUP_CHAT_REPLY, OP_LIST_REPLY,
	OP_LIST_ACTION,
	OP_FORWARD_MESSAGE, OP_BOUNCE_MESSAGE, OP_RESEND_MESSAGE,
	OP_COMPOSE_TO_SENDER, OP_RECALL_MESSAGE, OP_CREATE_ALIAS, OP_QUERY,
	OP_BACKGROUND_COMPOSE_MENU,
	/* the screen of a message that is written */
	OP_ATTACH_FILE, OP_ATTACH_MESSAGE, OP_DETACH_FILE, OP_EDIT_BCC,
	OP_EDIT_CC, OP_EDIT_DESCRIPTION, OP_EDIT_FCC, OP_EDIT_FROM,
	OP_EDIT_HEADERS, OP_EDIT_MESSAGE, OP_EDIT_REPLY_TO, OP_EDIT_SUBJECT,
	OP_EDIT_TO, OP_EDIT_TYPE, OP_MOVE_DOWN, OP_MOVE_UP,
	OP_POSTPONE_MESSAGE, OP_RENAME_ATTACHMENT, OP_SEND_MESSAGE,
	OP_TOGGLE_DISPOSITION, OP_TOGGLE_UNLINK, OP_VIEW_ATTACH, OP_ISPELL,
	OP_EDIT_ENCODING, OP_PIPE_ENTRY, OP_COPY_FILE, OP_GET_ATTACHMENT,
	OP_VIEW_MAILCAP,
	OP_DELETE_ENTRY, OP_UNDELETE_ENTRY,
	/* the journal */
	OP_JOURNAL, OP_JOURNAL_RETRY, OP_JOURNAL_DROP, OP_JOURNAL_UNDO,
	OP_OFFLINE, OP_ONLINE,
	/* the outbox */
	OP_OUTBOX, OP_OUTBOX_SEND, OP_OUTBOX_SEND_PARTLY, OP_OUTBOX_EDIT,
	OP_OUTBOX_DROP, OP_OUTBOX_STOP, OP_OUTBOX_SENT, OP_OUTBOX_LATER,
	/* the line editor (map editor only) */
	OP_EDITOR_BOL, OP_EDITOR_EOL, OP_EDITOR_BACKWARD_CHAR,
	OP_EDITOR_FORWARD_CHAR, OP_EDITOR_BACKWARD_WORD,
	OP_EDITOR_FORWARD_WORD, OP_EDITOR_KILL_LINE, OP_EDITOR_KILL_EOL,
	OP_EDITOR_KILL_EOW, OP_EDITOR_KILL_WORD, OP_EDITOR_DELETE_CHAR,
	OP_EDITOR_BACKSPACE, OP_EDITOR_HISTORY_UP, OP_EDITOR_HISTORY_DOWN,
	OP_EDITOR_HISTORY_SEARCH, OP_EDITOR_COMPLETE,
	OP_EDITOR_COMPLETE_QUERY, OP_EDITOR_QUOTE_CHAR,
	OP_EDITOR_TRANSPOSE_CHARS, OP_EDITOR_UPCASE_WORD,
	OP_EDITOR_DOWNCASE_WORD, OP_EDITOR_CAPITALIZE_WORD,
	OP_COUNT
};

/* One row of the function table; 'op' is an enum function_op. */
struct function_row {
	const char *name;
	uint16_t op;
	uint32_t maps;	    /* bit set of 1 << enum keymap: where it is known */
	const char *help;   /* untranslated N_() */
	bool planned;	    /* op is OP_PLANNED: `?` and the help line omit it */
};
const struct function_row *function_find(const char *name); /* or NULL */
const struct function_row *function_table(size_t *n);

/*
 * Keys are ints: a Unicode character, or KEY_CODE + n for keys by name
 * (<Up>, <F1>), META bit for Esc-prefixed ones is not used: Esc is its own
 * key (27) and stands first in a sequence.
 */
enum key_code {
	KEY_CODE = 0x200000, /* first of the following */
	KEYC_UP = KEY_CODE, KEYC_DOWN, KEYC_LEFT, KEYC_RIGHT, KEYC_HOME,
	KEYC_END, KEYC_PAGE_UP, KEYC_PAGE_DOWN, KEYC_INSERT, KEYC_DELETE,
	KEYC_BACKSPACE, KEYC_ENTER, KEYC_BACKTAB, KEYC_NEXT, KEYC_RESIZE,
	KEYC_F0 = KEY_CODE + 0x100, /* + number, 0 to 63 */
	/* Or-ed to one of the above: <S-Up>, <C-Down>, <A-Left>. */
	KEYC_SHIFT = 0x1000, KEYC_CTRL = 0x2000, KEYC_ALT = 0x4000,
	/* In what keys_typed() gives: + index into function_table(). */
	KEYC_FUNCTION = 0x400000,
};

/*
 * Return is 13 and ^J is 10: different keys, both bound to the same by
 * default. 127 and <Backspace> are the same key, KEYC_BACKSPACE.
 */

/* "gg", "<Esc>v", "\Cx", "<f1>", "^P" to keys (of int), or an error. */
GArray *keys_parse(const char *text, GError **error);
/*
 * The text of a macro, or what host->push() got, to what is typed: an array of
 * int, keys and KEYC_FUNCTION + index. Owned. A name in <> that is neither key
 * nor function is typed as it stands.
 */
GArray *keys_typed(const char *text);
/* Keys to the notation shown to the user. Owned. */
char *keys_name(const int *keys, size_t n);

enum key_match { KEY_NONE, KEY_PREFIX, KEY_FUNCTION, KEY_MACRO };

struct key_binding {
	enum keymap map;
	GArray *keys;	       /* of int, borrowed */
	const struct function_row *function; /* or NULL for a macro */
	const char *macro;     /* text for keys_typed(), or NULL */
	const char *description; /* or NULL */
};

/* Looks a sequence up in 'map' (falling back to generic where mutt does). */
enum key_match keymap_lookup(const struct config *config, enum keymap map,
			     const int *keys, size_t n,
			     const struct key_binding **found);
/* All bindings of a map in effect, sorted by key (of const struct key_binding *,
 * borrowed elements, array owned): for `?`, hints and the help line. */
GPtrArray *keymap_list(const struct config *config, enum keymap map);

/* ---- colour, headers, completion, formats ---- */

enum { ATTR_BOLD = 1, ATTR_UNDERLINE = 2, ATTR_REVERSE = 4, ATTR_BLINK = 8,
       ATTR_ITALIC = 16, ATTR_STANDOUT = 32 };
#define COLOR_DEFAULT (-1)
#define COLOR_RGB 0x1000000 /* | 0xrrggbb */

struct color_rule {
	const char *object;  /* "indicator", "quoted1", "index", ... */
	int fg, bg;	     /* 0..255, COLOR_DEFAULT or COLOR_RGB | rgb */
	unsigned attributes; /* ATTR_ bits */
	const char *pattern; /* regex or pattern of header/body/index, or NULL */
};
/* Rules in order of definition; 'mono' selects the `mono` ones. The array is
 * of const struct color_rule *, owned; elements borrowed. */
GPtrArray *config_colors(const struct config *config, bool mono);

/* ignore / unignore: whether the pager hides this field. */
bool config_header_ignored(const struct config *config, const char *field);
/* The same in words: "-NAME" is hidden, "+NAME" excepted. Owned. */
char *config_header_weeds(const struct config *config);
/* hdr_order: position of the field, or G_MAXINT. */
int config_header_rank(const struct config *config, const char *field);

/* Candidates that complete the word before octet 'cursor' of a `:` line
 * (commands, options, values, functions, file names). NULL-terminated,
 * sorted, owned; '*start' is where the replaced word begins. */
char **config_complete(struct config *config, const char *line, size_t cursor,
		       size_t *start);

/*
 * Expands a mutt format: %[-][0][min][.max]X, %?X?yes&no?, %<X?yes&no>, %> fill,
 * %* soft fill, %| pad, %{date} and others with an argument. 'expand' appends
 * the value of 'expando' (a letter; 'argument' the text inside {} [] () <> or
 * NULL) and returns whether it counts as true in a conditional. The result is
 * at most 'width' cells; owned. 'format' is untrusted length, bounded.
 */
typedef bool (*format_expand)(GString *out, char expando, const char *argument,
			      void *user);
char *format_string(const char *format, int width, format_expand expand,
		    void *user);

#endif
