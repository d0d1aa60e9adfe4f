/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a command to octets. A foreign string is quoted when it is printable
 * ASCII and a literal when not; a literal is sent at once where the server
 * takes it unasked (RFC 7888), else after its "+".
 */
#include <string.h>

#include "engine.h"
#include "smew/base.h"

/* The longest quoted string, and the longest literal sent unasked: RFC 7888
 * sets the latter for LITERAL-, and with LITERAL+ more would be waste when the
 * server refuses it. */
#define QUOTED_MAX  1000
#define UNASKED_MAX 4096
/* Octets of a message that are held at a time. */
#define STREAM_PIECE (32 * 1024)

#define REDACTED "<redacted>"

/* The number that makes tags unique in this process (RFC 9051 2.2.1). */
static guint last_tag;

static void put(struct imap *imap, const char *data, size_t n)
{
	secret_buffer_append(&imap->output, data, n);
}

/* Ours, for the server and for the log. */
static void put_plain(struct imap *imap, const char *text)
{
	put(imap, text, strlen(text));
	g_string_append(imap->wire, text);
}

static void end_line(struct imap *imap)
{
	put(imap, "\r\n", 2);
	wire_line(imap, IMAP_TO_SERVER, imap->wire->str);
	g_string_truncate(imap->wire, 0);
}

static bool can_quote(const struct piece *piece)
{
	if (piece->n > QUOTED_MAX)
		return false;
	for (size_t i = 0; i < piece->n; i++) {
		if (piece->data[i] < ' ' || piece->data[i] == 0x7F)
			return false;
	}
	return true;
}

static void put_quoted(struct imap *imap, const struct piece *piece)
{
	put(imap, "\"", 1);
	for (size_t i = 0; i < piece->n; i++) {
		if (piece->data[i] == '"' || piece->data[i] == '\\')
			put(imap, "\\", 1);
		put(imap, &piece->data[i], 1);
	}
	put(imap, "\"", 1);
	if (piece->secret)
		g_string_append(imap->wire, REDACTED);
	else
		g_string_append_printf(imap->wire, "\"%s\"", piece->data);
}

static bool goes_unasked(const struct imap *imap, size_t n)
{
	return n <= UNASKED_MAX && (imap_has(imap, IMAP_CAP_LITERAL_PLUS) ||
				    imap_has(imap, IMAP_CAP_LITERAL_MINUS));
}

/* "{n}" and its line end. True when the octets may follow at once. */
static bool put_literal_head(struct imap *imap, const struct piece *piece)
{
	bool unasked = goes_unasked(imap, piece->n);
	char head[32];

	g_snprintf(head, sizeof(head), "{%zu%s}", piece->n, unasked ? "+" : "");
	put(imap, head, strlen(head));
	put(imap, "\r\n", 2);
	g_string_append(imap->wire, piece->secret ? REDACTED : head);
	return unasked;
}

/* The next octets of a literal. False: there are more to come. */
static bool put_stream(struct imap *imap, struct imap_command *command,
		       const struct piece *piece)
{
	char buffer[STREAM_PIECE];
	size_t left = piece->n - command->streamed;
	ssize_t got = piece->source(buffer, MIN(left, sizeof(buffer)),
				    piece->user);

	if (got <= 0 || (size_t)got > left) {
		imap->broken = true;
		return false;
	}
	put(imap, buffer, (size_t)got);
	command->streamed += (size_t)got;
	command->streaming = command->streamed < piece->n;
	return !command->streaming;
}

/* False: the server has to agree to the literal first. */
static bool put_piece(struct imap *imap, struct imap_command *command,
		      const struct piece *piece)
{
	if (piece->kind == PIECE_RAW) {
		put_plain(imap, piece->data);
		return true;
	}
	if (command->streaming)
		return put_stream(imap, command, piece);
	if (piece->kind == PIECE_STRING && can_quote(piece)) {
		put_quoted(imap, piece);
		return true;
	}
	if (!command->literal_pending && !put_literal_head(imap, piece)) {
		command->literal_pending = true;
		return false;
	}
	command->literal_pending = false;
	if (piece->kind == PIECE_STREAM)
		return put_stream(imap, command, piece);
	put(imap, piece->data, piece->n);
	return true;
}

static void put_initial(struct imap *imap, struct imap_command *command)
{
	if (command->initial == NULL || !imap_has(imap, IMAP_CAP_SASL_IR))
		return;
	/* "=" is an empty answer (RFC 4959). */
	put(imap, " ", 1);
	put(imap, *command->initial == '\0' ? "=" : command->initial,
	    *command->initial == '\0' ? 1 : strlen(command->initial));
	g_string_append(imap->wire, " " REDACTED);
	explicit_bzero(command->initial, strlen(command->initial));
	g_clear_pointer(&command->initial, g_free);
}

static void put_pieces(struct imap *imap, struct imap_command *command)
{
	while (command->next_piece < command->pieces->len) {
		const struct piece *piece = &g_array_index(
			command->pieces, struct piece, command->next_piece);

		if (!put_piece(imap, command, piece)) {
			imap->writing = command;
			return;
		}
		command->next_piece++;
	}
	imap->writing = NULL;
	if (command->kind == COMMAND_AUTHENTICATE)
		put_initial(imap, command);
	end_line(imap);
}

static void prepare(struct imap *imap, const struct imap_command *command)
{
	switch (command->kind) {
	case COMMAND_LOGIN:
	case COMMAND_AUTHENTICATE:
		imap->capabilities_fresh = false;
		break;
	case COMMAND_LOGOUT:
		imap->logging_out = true;
		break;
	case COMMAND_SELECT:
		imap->selecting = true;
		/* With QRESYNC on, the server marks where the data of the old
		 * mailbox ends (RFC 7162 section 3.2.11). */
		imap->awaits_closed = imap->state == IMAP_SELECTED &&
				      imap_enabled(imap, IMAP_CAP_QRESYNC);
		imap->held_exists = 0;
		if (!imap->awaits_closed)
			selection_begin(imap);
		break;
	default:
		break;
	}
}

void send_command(struct imap *imap, struct imap_command *command)
{
	guint number = (guint)g_atomic_int_add((gint *)&last_tag, 1) + 1;

	g_snprintf(command->tag, sizeof(command->tag), "s%u", number);
	prepare(imap, command);
	put_plain(imap, command->tag);
	put_plain(imap, " ");
	put_pieces(imap, command);
}

void send_more(struct imap *imap)
{
	put_pieces(imap, imap->writing);
}

bool imap_streams(const struct imap *imap)
{
	return imap->writing != NULL && imap->writing->streaming;
}

bool imap_more(struct imap *imap)
{
	engine_enter(imap);
	if (imap_streams(imap) && !imap->broken)
		send_more(imap);
	engine_leave(imap);
	return !imap->broken;
}

void send_line(struct imap *imap, const char *line, bool secret)
{
	put(imap, line, strlen(line));
	g_string_append(imap->wire, secret ? REDACTED : line);
	end_line(imap);
}

void send_idle_done(struct imap *imap, struct imap_command *command)
{
	command->done_wanted = true;
	if (command->idle != IDLE_RUNNING)
		return;
	command->idle = IDLE_ENDED;
	send_line(imap, "DONE", false);
}

/* What is no base64 could end the line: the exchange is cancelled instead. */
static bool is_one_line(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text >= 0x7F)
			return false;
	}
	return true;
}

static void answer_challenge(struct imap *imap, struct imap_command *command,
			     const char *challenge)
{
	char *answer = g_steal_pointer(&command->initial);

	if (answer == NULL && !command->ended && command->answer != NULL)
		answer = command->answer(challenge, command->answer_user);
	if (answer == NULL || command->ended || !is_one_line(answer))
		send_line(imap, "*", false);
	else
		send_line(imap, answer, true);
	if (answer != NULL)
		explicit_bzero(answer, strlen(answer));
	g_free(answer);
}

/* "+ text" (RFC 9051 section 7.6). */
void send_continuation(struct imap *imap, struct lexer *lex)
{
	struct imap_command *command;

	lex_at_end(lex);
	if (imap->writing != NULL) {
		if (!imap->writing->streaming)
			send_more(imap);
		return;
	}
	command = queue_flying(imap, COMMAND_AUTHENTICATE);
	if (command != NULL) {
		answer_challenge(imap, command,
				 arena_string(&imap->arena, lex->p,
					      (size_t)(lex->end - lex->p)));
		return;
	}
	command = queue_flying(imap, COMMAND_IDLE);
	if (command != NULL && command->idle == IDLE_ASKED) {
		command->idle = IDLE_RUNNING;
		if (command->done_wanted)
			send_idle_done(imap, command);
		return;
	}
	/* Exchange sends one that nobody asked for. */
	log_line(LOG_DETAIL, "imap", "a continuation without a command");
}
