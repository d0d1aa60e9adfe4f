/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the command module share; nothing here leaves it. */
#ifndef SMEW_COMMAND_PRIVATE_H
#define SMEW_COMMAND_PRIVATE_H

#include "smew/base.h"
#include "smew/command.h"

/* Limits on what a configuration may be. */
enum {
	LIMIT_FILE = 16 << 20,	  /* octets of one file */
	LIMIT_LINE = 1 << 20,	  /* octets of one line, expansions included */
	LIMIT_DEPTH = 10,	  /* source within source, words within words */
	LIMIT_SOURCES = 1000,	  /* files that one file brings in */
	LIMIT_OUTPUT = 1 << 20,	  /* octets of a command's output */
	LIMIT_SECONDS = 10,	  /* of a command in backquotes */
	LIMIT_KEYS = 16,	  /* keys of one binding */
	LIMIT_ERRORS = 1000,	  /* lines kept of one report */
};

/* ---- the option table ---- */

enum option_flags {
	OPTION_ACCOUNT = 1 << 0,  /* an account can have its own value */
	OPTION_OWN = 1 << 1,	  /* ... and never takes the global one */
	OPTION_SECRET = 1 << 2,	  /* printed as <set>, kept in locked memory */
	OPTION_NO_EFFECT = 1 << 3, /* known, does nothing in smew */
	OPTION_SWITCH = 1 << 4,	  /* an enum that takes set, unset, toggle */
};

struct option_row {
	const char *name;
	enum option_type type;
	unsigned flags;
	const char *initial; /* the default, as `set` takes it */
	int64_t min, max;    /* of a number */
	const char *choices; /* of an enum or sort order: "a|b|c" */
	const char *help;    /* untranslated N_() */
};

struct option_synonym {
	const char *name, *of;
};

/* All of them by name: the one behind 'row', the first behind NULL. */
const struct option_row *option_next(const struct option_row *row);
const struct option_synonym *option_synonyms(size_t *n);
/* By name or synonym; NULL when unknown. */
const struct option_row *option_find(const char *name);

/* ---- values ---- */

struct option_value {
	char *text;	       /* owned, canonical; NULL when secret */
	char *expanded;	       /* owned, of a path with `~`; else NULL */
	struct secret *secret; /* owned, or NULL */
	int64_t number;	       /* bool, number, quad; index of an enum */
};

/* The values of one account; the first scope of a config is the global one. */
struct scope {
	char *name;	    /* owned; NULL for the global one */
	GHashTable *values; /* const struct option_row * -> option_value */
	GHashTable *my;	    /* my_ name -> text */
	GPtrArray *mailboxes, *pins;
	GPtrArray *alternates, *unalternates; /* expressions */
	GPtrArray *my_headers;		      /* "Name: value" */
};

struct config {
	struct command_host host;
	bool shell;		    /* backquotes may run */
	GPtrArray *scopes;	    /* of struct scope *, [0] global */
	GHashTable *defaults;	    /* option_row -> option_value */
	GPtrArray *maps[MAP_COUNT]; /* of struct key_binding *, sorted */
	GPtrArray *colors, *mono;   /* of struct color_rule * */
	GPtrArray *ignore, *unignore, *hdr_order; /* of char * */
	GPtrArray *mailto_allow; /* of char *, lower case; owned */
	GPtrArray *no_mailboxes; /* always empty */
	GPtrArray *aliases;	 /* of struct config_alias * */
	GPtrArray *lists, *unlists, *subscribed, *unsubscribed;
	GHashTable *groups; /* name -> GPtrArray of members */
	GPtrArray *hooks; /* of struct config_hook * */
};

struct scope *config_scope(const struct config *config, const char *name);
/* The scope of that name, made when it is new. */
struct scope *config_scope_make(struct config *config, const char *name);

/* The value in effect for a scope (NULL: the global one); the table's default
 * where nothing was set. Borrowed until the next change, never NULL. */
const struct option_value *value_get(const struct config *config,
				     const struct scope *scope,
				     const struct option_row *row);
/* Parses 'text' by the row's type and stores it. */
bool value_set(struct scope *scope, const struct option_row *row,
	       const char *text, GError **error);
void value_reset(struct scope *scope, const struct option_row *row);
/* One line `name="value"` or `name is set`. Owned. */
char *value_line(const struct config *config, const struct scope *scope,
		 const struct option_row *row);
/* The value for $name in a command line; a secret's too. Owned. */
char *value_expansion(const struct option_row *row,
		      const struct option_value *v);
/* 'value' in quotes, so that it is one word of the language. Owned. */
char *quote_word(const char *value);

/* Checks 'text' by the row's type and fills 'value' (release it). */
bool value_parse(const struct option_row *row, const char *text,
		 struct option_value *value, GError **error);
void value_free(struct option_value *value);

/* ---- running ---- */

/* Where a command stands: a line of a file, or the prompt. */
struct context {
	struct config *config;
	struct scope *scope;	      /* what set & co. act on */
	const char *file;	      /* NULL at the prompt */
	unsigned line, depth, sources;
	struct config_report *report; /* or NULL */
	GError *first;		      /* owned: the first error, or NULL */
	bool in_account;	      /* scope commands only */
};

/* One error of this line; the first is kept for the prompt. */
void context_error(struct context *context, enum command_error code,
		   const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same from a GError, which it frees. */
void context_fail(struct context *context, GError *error);
/* An unknown name: adds the name that was perhaps meant ('near' or NULL). */
void context_unknown(struct context *context, const char *near,
		     const char *format, ...) G_GNUC_PRINTF(3, 4);
void context_note(struct context *context, const char *format, ...)
	G_GNUC_PRINTF(2, 3);
void context_echo(struct context *context, const char *text);
void context_changed(struct context *context, const struct option_row *row);

void run_line(struct context *context, const char *line);
bool run_file(struct context *context, const char *path, GError **error);
void run_text(struct context *context, const char *text, const char *name);

/* ---- words ---- */

enum lex_flags {
	LEX_EQUAL = 1 << 0, /* a word ends before =, += and -= */
	LEX_QUERY = 1 << 1, /* a word ends before ? */
	LEX_KEYS = 1 << 2,  /* ^X is a control character, \n is Return */
	LEX_COLOR = 1 << 3, /* #rrggbb is a word, not a comment */
	LEX_BLANKS = 1 << 4, /* blanks are part of it */
	LEX_QUOTES = 1 << 5, /* quotes stay */
	LEX_LINE = LEX_BLANKS | LEX_QUOTES,
};

struct lexer {
	struct context *context; /* borrowed */
	GString *text;		 /* owned: what is left grows by expansions */
	size_t at;
	GString *word;	 /* owned: the word just read */
	bool quoted;	 /* some of it was quoted or escaped */
	bool from_value; /* some of it came from $name */
	unsigned expansions;
};

void lexer_init(struct lexer *lexer, struct context *context, const char *text);
void lexer_clear(struct lexer *lexer);
/* Skips blanks; whether a word follows before `;`, `#` or the end. */
bool lexer_more(struct lexer *lexer);
/* Reads a word; false after an error that was reported. */
bool lexer_word(struct lexer *lexer, unsigned flags);
/* To the next `;` outside of words, or to the end of the line. */
void lexer_skip_command(struct lexer *lexer);
void lexer_skip_line(struct lexer *lexer);

/* ---- commands ---- */

enum command_flags {
	COMMAND_ACCOUNT = 1 << 0,   /* allowed inside an account block */
	COMMAND_NO_EFFECT = 1 << 1, /* mutt's, does nothing in smew */
	COMMAND_LATER = 1 << 2,	    /* mutt's, does nothing in smew yet */
};

struct command_row {
	const char *name;
	unsigned flags;
	/* Reads its words; false when the rest of the line cannot be trusted. */
	bool (*run)(struct context *context, struct lexer *lexer, int argument);
	int argument;
	const char *usage; /* after the name, as the manual shows it */
	const char *help;  /* untranslated N_() */
};
const struct command_row *command_table(size_t *n);
const struct command_row *command_find(const char *name);

enum set_mode { SET_SET, SET_UNSET, SET_RESET, SET_TOGGLE };
bool command_set(struct context *context, struct lexer *lexer, int mode);
bool command_bind(struct context *context, struct lexer *lexer, int unused);
bool command_macro(struct context *context, struct lexer *lexer, int unused);
bool command_unbind(struct context *context, struct lexer *lexer, int macros);
bool command_exec(struct context *context, struct lexer *lexer, int unused);
bool command_push(struct context *context, struct lexer *lexer, int unused);
bool command_wire(struct context *context, struct lexer *lexer, int unused);
bool command_connections(struct context *context, struct lexer *lexer, int unused);
/* 0: journal, 1: offline, 2: online */
bool command_function(struct context *context, struct lexer *lexer, int which);
bool command_color(struct context *context, struct lexer *lexer, int mono);
bool command_uncolor(struct context *context, struct lexer *lexer, int mono);
bool command_mailboxes(struct context *context, struct lexer *lexer, int named);
bool command_unmailboxes(struct context *context, struct lexer *lexer, int unused);
bool command_folder(struct context *context, struct lexer *lexer, int what);
bool command_pin(struct context *context, struct lexer *lexer, int un);
bool command_source(struct context *context, struct lexer *lexer, int unused);
bool command_account(struct context *context, struct lexer *lexer, int unused);
/* scheme[s]://[user[:password]@][host[:port]][/path] */
struct url {
	char *user, *password, *host, *path; /* owned, decoded, or NULL */
	uint16_t port;			     /* 0: not given */
	bool tls;
};
bool url_read(const char *text, const char *scheme, struct url *url);
void url_clear(struct url *url);

/* What mailto_allow begins with; owned. */
GPtrArray *sending_fields(void);
bool command_outbox(struct context *context, struct lexer *lexer, int unused);
bool command_send_later(struct context *context, struct lexer *lexer,
			int unused);
bool command_mailto_allow(struct context *context, struct lexer *lexer,
			  int un);
bool command_ignore(struct context *context, struct lexer *lexer, int un);
bool command_hdr_order(struct context *context, struct lexer *lexer, int un);
bool command_echo(struct context *context, struct lexer *lexer, int unused);
bool command_alias(struct context *context, struct lexer *lexer, int unused);
bool command_unalias(struct context *context, struct lexer *lexer, int unused);
/* What the names given to command_people() are. */
enum { PEOPLE_ALTERNATES, PEOPLE_LISTS, PEOPLE_SUBSCRIBE, PEOPLE_UN = 1 << 4 };
bool command_people(struct context *context, struct lexer *lexer, int what);
bool command_my_hdr(struct context *context, struct lexer *lexer, int unused);
bool command_unmy_hdr(struct context *context, struct lexer *lexer, int unused);
/* An empty list that owns what is put in. */
GPtrArray *aliases_new(void);
/*
 * Groups: after the first word, reads "-group NAME"s to 'names' and the word
 * behind them; false after an error. The others put what stands for people into
 * all of the groups, or with 'un' take it out.
 */
bool groups_read(struct context *context, struct lexer *lexer,
		 GPtrArray *names);
void groups_expression(struct context *context, const GPtrArray *names,
		       const char *expression, bool un);
void groups_addresses(struct context *context, const GPtrArray *names,
		      const char *text, bool un);
bool command_group(struct context *context, struct lexer *lexer, int un);
GHashTable *groups_new(void);
bool command_hook(struct context *context, struct lexer *lexer, int kind);
bool command_unhook(struct context *context, struct lexer *lexer, int unused);
GPtrArray *hooks_new(void);
bool command_accept(struct context *context, struct lexer *lexer, int unused);

/* ---- keys ---- */

/* Text after the lexer (control characters as themselves) to keys. */
GArray *keys_from_word(const char *word, GError **error);
/* "index", "pager" ... to an enum keymap; -1: known to mutt, not kept here;
 * -2: unknown. */
int keymap_find(const char *name);
const char *keymap_name(int map);
/* All maps that mutt knows, NULL-terminated. */
const char *const *keymap_names(void);
const char *const *key_names(void);
void keymap_bind(struct config *config, enum keymap map, const GArray *keys,
		 const struct function_row *function, const char *macro,
		 const char *description);
/* Removes what 'keys' (NULL: all) is bound to. */
void keymap_unbind(struct config *config, enum keymap map, const GArray *keys,
		   bool macros);
void key_binding_free(struct key_binding *binding);
/* The default bindings, a text of bind commands. */
const char *default_configuration(void);

/* ---- colours ---- */

void color_rule_free(struct color_rule *rule);
const char *const *color_objects(void);
const char *const *color_names(void);

/* ---- near misses ---- */

/* The candidate nearest to 'word', or NULL when none is near. */
const char *nearest_name(const char *word, const char *const *names);
const char *nearest_option(const char *word);
const char *nearest_command(const char *word);
const char *nearest_function(const char *word);

#endif
