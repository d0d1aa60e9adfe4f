/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of an engine, for the files of this module. */
#ifndef SMEW_IMAP_ENGINE_H
#define SMEW_IMAP_ENGINE_H

#include "arena.h"
#include "command.h"
#include "lexer.h"
#include "map.h"

/* Where in the stream of the server the next octet is (input.c). */
enum input_phase {
	INPUT_LINE,    /* in a line, or in what follows a literal */
	INPUT_LITERAL, /* in a literal that is kept */
	INPUT_STREAM,  /* in one that goes to the caller or nowhere */
};

/* How much of a line `wire` shows. */
#define WIRE_MAX ((size_t)2000)

/* A literal that is kept: [start, end) of the response. */
struct fold {
	size_t start, end;
};

struct input {
	enum input_phase phase;
	GByteArray *buffer;   /* owned: the response so far, with literals */
	size_t part;	      /* where in it the current line part begins */
	uint64_t literal;     /* octets of the literal still to come */
	size_t line;	      /* octets of the response without literals */
	GArray *streamed;     /* owned; of struct streamed */
	GArray *folds;	      /* owned; of struct fold, for the log */
	bool sink;	      /* the caller takes the streamed octets */
	bool has_literal;     /* the response has one, of any kind */
	bool stray;	      /* an empty line stood behind a literal */
	bool resync;	      /* junk may follow: a count may have been wrong */
	size_t junk;	      /* octets skipped since the last response */
	size_t padding;	      /* NULs skipped in a row */
	bool stop;	      /* hand back what follows: the stream changes */
};

struct imap {
	struct imap_limits limits;
	struct imap_handler handler;
	void *user;	      /* foreign */
	enum imap_state state;
	bool greeted, closed, failed;
	bool broken;	      /* a literal did not go out to its end */
	bool logging_out;     /* BYE is expected */
	bool bye;	      /* it came */

	struct input input;
	struct arena arena;   /* of the response being handled */
	GByteArray *output;   /* owned: queued octets; wiped when sent */
	GString *wire;	      /* owned: the line being written, for the log */
	unsigned inside;      /* depth of calls; output is flushed at 0 */
	bool pumping;

	GQueue waiting;	      /* of struct imap_command, owned: not sent */
	GQueue flying;	      /* owned: sent, not answered */
	struct imap_command *writing; /* of 'flying': waits at a literal */
	uint64_t last_id;

	uint64_t capabilities, enabled; /* bits 1 << IMAP_CAP_... */
	bool capabilities_known;
	bool capabilities_fresh;	/* told since the last login began */
	GPtrArray *capability_names;	/* owned; of char *, then NULL */

	struct map map;
	uint32_t selection;
	uint32_t renumbered;  /* counts what made sequence numbers stale */
	bool selecting;	      /* a SELECT is in flight */
	bool awaits_closed;   /* data is still the old mailbox's */
	bool exists_known;    /* EXISTS came in this selection */
	uint32_t held_exists; /* EXISTS that came before [CLOSED] */
};

/* capability.c */
uint64_t capability_bit(const char *name);
const char *capability_name(enum imap_capability capability);
void capabilities_forget(struct imap *imap);
bool capabilities_read(struct imap *imap, struct lexer *lex);

/* state.c */
void state_set(struct imap *imap, enum imap_state state);
/* A mailbox begins: its map is empty. */
void selection_begin(struct imap *imap);
/* Whether a command's state allows it now; NULL, or what forbids it. */
const char *state_refuses(const struct imap *imap,
			  const struct imap_command *command);

/* input.c */
void input_init(struct input *input);
void input_release(struct input *input);
size_t input_feed(struct imap *imap, const char *data, size_t length,
		  GError **error);

/* response.c */
/* Whether [start, end) can be the beginning of a response. */
bool response_starts(const struct imap *imap, const char *start,
		     const char *end);
/* One complete response, without its line end; false ends the connection. */
bool response_handle(struct imap *imap, const char *start, const char *end,
		     GError **error);

/* untagged.c: behind "* ". */
bool untagged_handle(struct imap *imap, struct lexer *lex, GError **error);

/* queue.c */
/* Why a command may not go yet (a constant), or NULL. */
const char *queue_blocks(const struct imap *imap,
			 const struct imap_command *command);
/* Sends what may go. */
void queue_pump(struct imap *imap);
/* The answer of a command: takes its effects, completes and frees it. */
void queue_answer(struct imap *imap, struct imap_command *command,
		  const struct imap_status *status);
struct imap_command *queue_find(const struct imap *imap, const char *tag,
				size_t n);
/* The one command in flight that goes alone and has this kind, or NULL. */
struct imap_command *queue_flying(const struct imap *imap,
				  enum command_kind kind);
/* Completes all that is outstanding. */
void queue_drop(struct imap *imap, const char *text);

/* send.c */
void send_command(struct imap *imap, struct imap_command *command);
/* Goes on behind a literal that the server waits for. */
void send_more(struct imap *imap);
void send_line(struct imap *imap, const char *line, bool secret);
void send_continuation(struct imap *imap, struct lexer *lex);
void send_idle_done(struct imap *imap, struct imap_command *command);

/* engine.c */
void engine_enter(struct imap *imap);
void engine_leave(struct imap *imap);
void wire_line(struct imap *imap, enum imap_direction direction,
	       const char *line);
/* "what the server did: 'its text'"; the text shortened and sanitised. False. */
bool fail_with(GError **error, enum imap_error code, const char *what,
	       const char *text, size_t length);

#endif
