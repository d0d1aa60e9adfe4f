/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * imap: the protocol, without any I/O. Octets from the server go in, typed
 * responses come out; typed commands go in, octets for the server come out.
 * IMAP4rev1 (RFC 3501) and IMAP4rev2 (RFC 9051), tolerant in what it reads,
 * strict in what it writes, bounded in what it keeps. Knows no socket, clock
 * or thread: an engine belongs to whoever made it and is used by one thread
 * at a time; time-outs are its owner's.
 */
#ifndef SMEW_IMAP_H
#define SMEW_IMAP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IMAP_ERROR (imap_error_quark())
GQuark imap_error_quark(void);

enum imap_error {
	IMAP_ERROR_PROTOCOL, /* what arrived cannot be IMAP */
	IMAP_ERROR_LIMIT,    /* the server went above a limit of ours */
	IMAP_ERROR_BYE,	     /* the server ended the session; its text */
	IMAP_ERROR_INJECTED, /* plain text arrived after the OK of STARTTLS */
	IMAP_ERROR_ARGUMENT, /* an argument of a command cannot be sent */
};

struct imap;	     /* the engine of one connection */
struct imap_command; /* a command that was not submitted yet */

/* ---- limits ---- */

/* Breaking one ends the connection, where not said otherwise. */
struct imap_limits {
	size_t line;	   /* octets of a response without its literals */
	size_t literal;	   /* octets of one literal kept in memory; a larger
			      body section is streamed, others end it */
	size_t response;   /* octets of one response with kept literals */
	uint64_t body;	   /* octets of one streamed body section */
	unsigned nesting;  /* depth of lists; deeper: that response is lost */
	size_t elements;   /* addresses, parts, keywords ... of a response;
			      more: that response is lost */
	uint32_t messages; /* EXISTS */
	size_t junk;	   /* octets skipped to find the next response after
			      one whose literal was counted wrongly */
};

extern const struct imap_limits imap_limits_default;

/* ---- sets of UIDs or sequence numbers (RFC 9051 sequence-set) ---- */

/* Both inclusive, first <= last. IMAP_STAR as 'last' is "*", for sending. */
struct imap_range {
	uint32_t first, last;
};

#define IMAP_STAR 0 /* never a valid number */

/* Intervals in the order they were added; never expanded. */
struct imap_set;
struct imap_set *imap_set_new(void);
void imap_set_free(struct imap_set *set);
struct imap_set *imap_set_copy(const struct imap_set *set);
/*
 * Adds first:last (swapped when descending; 'last' IMAP_STAR: up to the last
 * message). Joined with the range added before when it follows it directly,
 * so that numbers added in order give a short set. 'first' 0 is ignored.
 */
void imap_set_add(struct imap_set *set, uint32_t first, uint32_t last);
/*
 * Reads "1,3:5,9" strictly: `1,`, `,,`, `0`, `*` and numbers above 32 bits
 * are errors, as are more than 'max' ranges. 'length' -1: up to the NUL.
 */
struct imap_set *imap_set_parse(const char *text, gssize length, size_t max,
				GError **error);
/* As it is sent; owned by the caller. "" for an empty set. */
char *imap_set_format(const struct imap_set *set);
/* Sorts, joins what touches or overlaps. */
void imap_set_normalise(struct imap_set *set);
bool imap_set_contains(const struct imap_set *set, uint32_t number);
/* How many numbers it covers (a range to IMAP_STAR counts as one). */
uint64_t imap_set_count(const struct imap_set *set);
/* The ranges; borrowed until the set changes. */
const struct imap_range *imap_set_ranges(const struct imap_set *set, size_t *n);

/* ---- mailbox names (modified UTF-7, RFC 3501 5.1.3) ---- */

/*
 * The name as the reader sees it, valid UTF-8, not sanitised; a wire name
 * that is not valid modified UTF-7 comes back as it is (made valid UTF-8).
 * Owned by the caller. For display only: commands take the wire form.
 */
char *imap_mailbox_decode(const char *wire);
/* A name the user typed (UTF-8) to the wire form; NULL when it is not valid
 * UTF-8 or has control characters. Owned by the caller. */
char *imap_mailbox_encode(const char *name);

/* ---- capabilities ---- */

enum imap_capability {
	IMAP_CAP_IMAP4REV1, IMAP_CAP_IMAP4REV2, IMAP_CAP_STARTTLS,
	IMAP_CAP_LOGINDISABLED, IMAP_CAP_SASL_IR, IMAP_CAP_LITERAL_PLUS,
	IMAP_CAP_LITERAL_MINUS, IMAP_CAP_ID, IMAP_CAP_ENABLE, IMAP_CAP_IDLE,
	IMAP_CAP_NAMESPACE, IMAP_CAP_CHILDREN, IMAP_CAP_SPECIAL_USE,
	IMAP_CAP_LIST_EXTENDED, IMAP_CAP_LIST_STATUS, IMAP_CAP_STATUS_SIZE,
	IMAP_CAP_UIDPLUS, IMAP_CAP_MOVE, IMAP_CAP_UNSELECT, IMAP_CAP_ESEARCH,
	IMAP_CAP_SEARCHRES, IMAP_CAP_SORT, IMAP_CAP_THREAD_REFERENCES,
	IMAP_CAP_WITHIN, IMAP_CAP_CONDSTORE, IMAP_CAP_QRESYNC,
	IMAP_CAP_COMPRESS_DEFLATE, IMAP_CAP_BINARY, IMAP_CAP_MULTIAPPEND,
	IMAP_CAP_APPENDLIMIT, IMAP_CAP_QUOTA, IMAP_CAP_ACL, IMAP_CAP_METADATA,
	IMAP_CAP_NOTIFY, IMAP_CAP_PREVIEW, IMAP_CAP_SAVEDATE,
	IMAP_CAP_OBJECTID, IMAP_CAP_UTF8_ACCEPT, IMAP_CAP_PARTIAL,
	IMAP_CAP_UIDONLY, IMAP_CAP_REPLACE, IMAP_CAP_X_GM_EXT_1,
	IMAP_CAP_CREATE_SPECIAL_USE,
	IMAP_CAP_COUNT /* below 64 */
};

/* ---- what the server says ---- */

/* System flags. Compared without regard to case when read. */
enum imap_flag {
	IMAP_FLAG_SEEN = 1 << 0,
	IMAP_FLAG_ANSWERED = 1 << 1,
	IMAP_FLAG_FLAGGED = 1 << 2,
	IMAP_FLAG_DELETED = 1 << 3,
	IMAP_FLAG_DRAFT = 1 << 4,
	IMAP_FLAG_RECENT = 1 << 5, /* unreliable everywhere */
	IMAP_FLAG_STAR = 1 << 6,   /* in PERMANENTFLAGS: new keywords last */
};

struct imap_flags {
	uint32_t system;	     /* enum imap_flag */
	const char *const *keywords; /* n of them, then NULL; borrowed */
	size_t n;
};

/* Response codes (RFC 9051 7.1, RFC 5530). */
enum imap_code {
	IMAP_CODE_NONE,
	IMAP_CODE_UNKNOWN, /* see 'name' and 'argument' */
	IMAP_CODE_ALERT, IMAP_CODE_ALREADYEXISTS, IMAP_CODE_APPENDUID,
	IMAP_CODE_AUTHENTICATIONFAILED, IMAP_CODE_AUTHORIZATIONFAILED,
	IMAP_CODE_BADCHARSET, IMAP_CODE_CANNOT, IMAP_CODE_CAPABILITY,
	IMAP_CODE_CLIENTBUG, IMAP_CODE_CLOSED, IMAP_CODE_CONTACTADMIN,
	IMAP_CODE_COPYUID, IMAP_CODE_CORRUPTION, IMAP_CODE_EXPIRED,
	IMAP_CODE_EXPUNGEISSUED, IMAP_CODE_HASCHILDREN,
	IMAP_CODE_HIGHESTMODSEQ, IMAP_CODE_INUSE, IMAP_CODE_LIMIT,
	IMAP_CODE_MODIFIED, IMAP_CODE_NOMODSEQ, IMAP_CODE_NONEXISTENT,
	IMAP_CODE_NOPERM, IMAP_CODE_OVERQUOTA, IMAP_CODE_PARSE,
	IMAP_CODE_PERMANENTFLAGS, IMAP_CODE_PRIVACYREQUIRED,
	IMAP_CODE_READ_ONLY, IMAP_CODE_READ_WRITE, IMAP_CODE_SERVERBUG,
	IMAP_CODE_THROTTLED, IMAP_CODE_TOOBIG, IMAP_CODE_TRYCREATE, IMAP_CODE_UIDNEXT,
	IMAP_CODE_UIDNOTSTICKY, IMAP_CODE_UIDVALIDITY, IMAP_CODE_UNAVAILABLE,
	IMAP_CODE_UNKNOWN_CTE, IMAP_CODE_UNSEEN, IMAP_CODE_COMPRESSIONACTIVE,
	IMAP_CODE_NOTIFICATIONOVERFLOW,
};

/* An OK, NO, BAD, BYE or PREAUTH. */
enum imap_condition {
	IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH,
	/* Only as the end of a command: */
	IMAP_LOST,	/* the connection ended before its answer came */
	IMAP_CANCELLED, /* imap_cancel() */
	IMAP_REFUSED,	/* never sent: the state does not allow it, or its
			   sequence numbers were renumbered meanwhile */
};

struct imap_status {
	enum imap_condition condition;
	enum imap_code code;
	const char *name;     /* of the code, upper case, "" without */
	const char *argument; /* of the code as text, sanitised, "" without */
	const char *text;     /* for the reader: UTF-8, sanitised, never NULL */
	uint64_t number;      /* UIDVALIDITY, UIDNEXT, UNSEEN, HIGHESTMODSEQ;
				 the UIDVALIDITY of APPENDUID and COPYUID;
				 0: not given or not a number (also -1) */
	struct imap_flags flags;	 /* PERMANENTFLAGS */
	const struct imap_set *source;	 /* COPYUID; NULL when empty */
	const struct imap_set *uids;	 /* COPYUID, APPENDUID, MODIFIED */
};

/* Attributes of LIST and LSUB, RFC 9051 7.3.1 and RFC 6154. */
enum imap_attribute {
	IMAP_ATTR_NOSELECT = 1 << 0, /* also set by \NonExistent */
	IMAP_ATTR_NONEXISTENT = 1 << 1,
	IMAP_ATTR_NOINFERIORS = 1 << 2,
	IMAP_ATTR_HASCHILDREN = 1 << 3,
	IMAP_ATTR_HASNOCHILDREN = 1 << 4,
	IMAP_ATTR_MARKED = 1 << 5,
	IMAP_ATTR_UNMARKED = 1 << 6,
	IMAP_ATTR_SUBSCRIBED = 1 << 7,
	IMAP_ATTR_REMOTE = 1 << 8,
	IMAP_ATTR_ALL = 1 << 9,
	IMAP_ATTR_ARCHIVE = 1 << 10,
	IMAP_ATTR_DRAFTS = 1 << 11,
	IMAP_ATTR_FLAGGED = 1 << 12,
	IMAP_ATTR_JUNK = 1 << 13,
	IMAP_ATTR_SENT = 1 << 14,
	IMAP_ATTR_TRASH = 1 << 15,
	IMAP_ATTR_IMPORTANT = 1 << 16,
};

struct imap_list {
	uint32_t attributes; /* enum imap_attribute */
	char delimiter;	     /* 0: NIL, names are flat */
	const char *name;    /* wire form; INBOX in any case is "INBOX" */
};

/* STATUS data items, asked for and given. */
enum imap_status_item {
	IMAP_STATUS_MESSAGES = 1 << 0,
	IMAP_STATUS_RECENT = 1 << 1,
	IMAP_STATUS_UIDNEXT = 1 << 2,
	IMAP_STATUS_UIDVALIDITY = 1 << 3,
	IMAP_STATUS_UNSEEN = 1 << 4,
	IMAP_STATUS_HIGHESTMODSEQ = 1 << 5,
	IMAP_STATUS_SIZE = 1 << 6,
	IMAP_STATUS_DELETED = 1 << 7,
};

struct imap_mailbox_status {
	const char *name; /* wire form */
	uint32_t has;	  /* enum imap_status_item: what follows is valid */
	uint64_t messages, recent, uidnext, uidvalidity, unseen, highestmodseq,
		size, deleted;
};

struct imap_namespace {
	const char *prefix; /* wire form */
	char delimiter;	    /* 0: NIL */
};

struct imap_namespaces {
	const struct imap_namespace *personal, *others, *shared;
	size_t n_personal, n_others, n_shared;
};

/* A resource of a quota root (RFC 9208): STORAGE counts units of 1,024
 * octets, MESSAGE messages. */
struct imap_resource {
	const char *name;
	uint64_t usage, limit;
};

struct imap_quota {
	const char *root; /* "" is a name too */
	const struct imap_resource *resources;
	size_t n;
};

struct imap_quotaroot {
	const char *mailbox; /* wire form */
	const char *const *roots;
	size_t n;
};

struct imap_rights {
	const char *mailbox; /* wire form */
	const char *rights;  /* a letter each, RFC 4314 */
};

/* ID and parameters of bodies; values as sent, NULL for NIL. */
struct imap_param {
	const char *name; /* lower case */
	const char *value;
};

struct imap_address { /* as in RFC 9051 7.5.2, NULL for NIL */
	const char *name;    /* may be RFC 2047 encoded */
	const char *mailbox; /* with host NULL: starts or ends a group */
	const char *host;
};

struct imap_addresses {
	const struct imap_address *list;
	size_t n;
};

struct imap_envelope {
	const char *date, *subject; /* raw octets, NULL for NIL */
	struct imap_addresses from, sender, reply_to, to, cc, bcc;
	const char *in_reply_to, *message_id;
	bool damaged; /* some of it could not be read: read the header instead */
};

/* One node of a BODYSTRUCTURE. Never NULL strings but where said. */
struct imap_body {
	const char *section; /* "1.2"; "" for a multipart at the root */
	const char *type, *subtype; /* lower case; "multipart" */
	const struct imap_param *params;
	size_t n_params;
	const char *id, *description; /* raw, NULL for NIL */
	const char *encoding;	      /* lower case, "7bit" when not given */
	uint64_t octets, lines;
	const char *disposition;      /* lower case, "" when not given */
	const struct imap_param *disposition_params;
	size_t n_disposition_params;
	const struct imap_envelope *envelope; /* message/rfc822, or NULL */
	const struct imap_body *const *parts; /* of a multipart; the one body
						 of a message/rfc822 */
	size_t n_parts;
};

/* FETCH data items, asked for and given. */
enum imap_item {
	IMAP_ITEM_UID = 1 << 0,
	IMAP_ITEM_FLAGS = 1 << 1,
	IMAP_ITEM_INTERNALDATE = 1 << 2,
	IMAP_ITEM_SIZE = 1 << 3, /* RFC822.SIZE */
	IMAP_ITEM_ENVELOPE = 1 << 4,
	IMAP_ITEM_BODYSTRUCTURE = 1 << 5,
	IMAP_ITEM_MODSEQ = 1 << 6,
};

/* A body section that arrived in a FETCH. */
struct imap_section {
	const char *section; /* as in BODY[...], upper case, lists unquoted:
				"", "1.2", "HEADER.FIELDS (DATE FROM)" */
	bool binary;	     /* BINARY[...]: the content is decoded */
	bool nil;	     /* the server has no such section */
	bool streamed;	     /* went through body_begin, body_data, body_end */
	bool whole;	     /* no origin, or it starts at 0 */
	uint64_t origin;     /* <origin>, 0 without */
	uint64_t length;     /* octets announced, all of which arrived */
	const uint8_t *data; /* NULL when streamed or nil; borrowed */
};

struct imap_fetch {
	uint32_t seq;
	uint32_t uid; /* from the response or, without one, from the map; 0:
			 unknown. IMAP_ITEM_UID says which. */
	uint32_t has; /* enum imap_item: what follows is valid */
	struct imap_flags flags;
	uint64_t modseq;      /* never 0 when given */
	int64_t internaldate; /* unix time */
	int zone;	      /* its zone, minutes east of UTC */
	uint64_t size;
	const struct imap_envelope *envelope;
	const struct imap_body *body; /* BODYSTRUCTURE that could be read */
	const struct imap_section *sections;
	size_t n_sections;
	bool conflict; /* the map had another UID for 'seq' (now corrected) */
	bool damaged;  /* some item could not be read and is missing */
};

struct imap_search {
	const uint32_t *numbers;
	size_t n;
	uint64_t modseq; /* 0: not given */
};

struct imap_esearch {
	const char *tag; /* of the command, "" when not given */
	bool uid;
	bool has_min, has_max, has_count;
	uint32_t min, max;
	uint64_t count;
	const struct imap_set *all; /* NULL: none */
	uint64_t modseq;	    /* 0: not given */
};

enum imap_response_type {
	IMAP_RESPONSE_STATUS,	  /* untagged OK, NO, BAD, BYE, PREAUTH */
	IMAP_RESPONSE_CAPABILITY, /* ask imap_has() */
	IMAP_RESPONSE_ENABLED,	  /* ask imap_enabled() */
	IMAP_RESPONSE_LIST,
	IMAP_RESPONSE_LSUB,
	IMAP_RESPONSE_MAILBOX_STATUS,
	IMAP_RESPONSE_NAMESPACE,
	IMAP_RESPONSE_QUOTA,
	IMAP_RESPONSE_QUOTAROOT,
	IMAP_RESPONSE_MYRIGHTS,
	IMAP_RESPONSE_ID,
	IMAP_RESPONSE_SEARCH,
	IMAP_RESPONSE_ESEARCH,
	IMAP_RESPONSE_FLAGS,
	IMAP_RESPONSE_EXISTS,
	IMAP_RESPONSE_RECENT,
	IMAP_RESPONSE_EXPUNGE,
	IMAP_RESPONSE_VANISHED,
	IMAP_RESPONSE_FETCH,
};

/*
 * One untagged response. All of it is borrowed and lives until the handler
 * returns. The sequence map has already been brought up to date with it.
 */
struct imap_response {
	enum imap_response_type type;
	/*
	 * Which selection of a mailbox it belongs to: imap_selection() of the
	 * time it was valid. Data of the mailbox left by a SELECT under way
	 * still bears the number of the old one (RFC 7162 [CLOSED]).
	 */
	uint32_t selection;
	/* The server contradicts itself (EXPUNGE beyond EXISTS, EXISTS that
	 * shrinks, a UID twice): synchronise the mailbox in full. */
	bool suspect;
	union {
		struct imap_status status;
		struct imap_list list; /* LIST and LSUB */
		struct imap_mailbox_status mailbox;
		struct imap_namespaces namespaces;
		struct imap_quota quota;
		struct imap_quotaroot quotaroot;
		struct imap_rights rights;
		struct {
			const struct imap_param *params;
			size_t n;
		} id;
		struct imap_search search;
		struct imap_esearch esearch;
		struct imap_flags flags;
		uint32_t exists;
		uint32_t recent;
		struct {
			uint32_t seq;
			uint32_t uid; /* 0: never learned */
		} expunge;
		struct {
			bool earlier;
			const struct imap_set *uids; /* normalised */
		} vanished;
		struct imap_fetch fetch;
	};
};

/* ---- the engine ---- */

/* RFC 9051 section 3. */
enum imap_state {
	IMAP_NOT_AUTHENTICATED,
	IMAP_AUTHENTICATED,
	IMAP_SELECTED,
	IMAP_LOGOUT,
};

enum imap_direction { IMAP_FROM_SERVER, IMAP_TO_SERVER };

/*
 * Calls out of the engine, all made from inside a call into it. They may call
 * everything here but imap_input(), imap_closed() and imap_free().
 */
struct imap_handler {
	/* Octets for the server, in order; borrowed. May hold secrets. */
	void (*output)(const uint8_t *data, size_t length, void *user);
	/* All untagged data, whatever command is running. */
	void (*untagged)(const struct imap_response *response, void *user);
	/*
	 * A body section above limits.literal is streamed: begin, data...,
	 * end. It belongs to the FETCH of 'seq', which is handed to untagged()
	 * after it, with the UID: only then is it the message's. False from
	 * `begin` (or no `begin`): its octets are dropped, 'streamed' is false
	 * and 'data' NULL in the FETCH. 'complete' false: the connection ended
	 * in the middle, no FETCH will come. What a broken FETCH streamed is
	 * not handed over either: drop it when the next one begins.
	 */
	bool (*body_begin)(uint32_t seq, const struct imap_section *section,
			   void *user);
	void (*body_data)(const uint8_t *data, size_t length, void *user);
	void (*body_end)(bool complete, void *user);
	/* The state changed, or the greeting came (old equals new then). */
	void (*state)(enum imap_state old, enum imap_state now, void *user);
	/*
	 * The dialogue, a line a call, without its line end, secrets replaced
	 * by "<redacted>", literals folded to "{n}". For the log; may be NULL.
	 */
	void (*wire)(enum imap_direction direction, const char *line,
		     void *user);
};

/* 'limits' NULL: the default ones. Handler and limits are copied; members of
 * the handler other than output and untagged may be NULL. */
struct imap *imap_new(const struct imap_limits *limits,
		      const struct imap_handler *handler, void *user);
/* Commands still outstanding end as IMAP_LOST first. */
void imap_free(struct imap *imap);

/*
 * Octets that arrived, in any split. False when the connection must end; the
 * error says what the server did, ready for the reader. Nothing is read any
 * more then: call imap_closed().
 *
 * Stops behind the tagged OK of STARTTLS and COMPRESS: 'used' (may be NULL
 * when neither is ever sent) is how many octets were taken. After COMPRESS the
 * rest is compressed. After STARTTLS there must not be a rest: it makes this
 * call fail, whatever was asked of the server.
 */
bool imap_input(struct imap *imap, const void *data, size_t length,
		size_t *used, GError **error);
/*
 * The connection ended. Every outstanding command completes with IMAP_LOST
 * and the text of 'error' (may be NULL); state is IMAP_LOGOUT from now on.
 */
void imap_closed(struct imap *imap, const GError *error);

enum imap_state imap_state(const struct imap *imap);
/* "not authenticated" ..., for logs; not translated. */
const char *imap_state_name(enum imap_state state);
/* Whether the server's greeting has arrived. Commands wait for it. */
bool imap_greeted(const struct imap *imap);
/* Whether nothing is in flight or waiting. */
bool imap_is_quiet(const struct imap *imap);

/*
 * What the server can do. Forgotten after STARTTLS, LOGIN and AUTHENTICATE
 * unless the answer itself tells (after STARTTLS even then): when not known,
 * ask with imap_cmd_capability().
 */
bool imap_capabilities_known(const struct imap *imap);
bool imap_has(const struct imap *imap, enum imap_capability capability);
/* Any capability by name ("AUTH=PLAIN"), without regard to case. */
bool imap_has_named(const struct imap *imap, const char *name);
/* All as sent, NULL-terminated, borrowed until the next input. */
const char *const *imap_capabilities(const struct imap *imap);
/*
 * Switched on by ENABLE. QRESYNC and CONDSTORE also count as enabled after a
 * tagged OK without ENABLED, as iCloud sends it.
 */
bool imap_enabled(const struct imap *imap, enum imap_capability capability);

/* ---- the sequence map of the selected mailbox ---- */

/* Counts selections; 0 before the first. See imap_response.selection. */
uint32_t imap_selection(const struct imap *imap);
/* Messages in the selected mailbox. */
uint32_t imap_exists(const struct imap *imap);
/* The UID of a sequence number; 0: not learned, or out of range. */
uint32_t imap_uid_of(const struct imap *imap, uint32_t seq);
/* The sequence number of a UID; 0: not learned. */
uint32_t imap_seq_of(const struct imap *imap, uint32_t uid);
/*
 * Fills the map with what the caller knows from its cache (ascending). Only
 * taken when 'n' is the number of messages; says whether it was.
 */
bool imap_seed_uids(struct imap *imap, const uint32_t *uids, size_t n);
/* A UID came twice, out of order, or as 0: treat the mailbox as damaged. */
bool imap_map_damaged(const struct imap *imap);

/* ---- commands ---- */

/*
 * The end of a command, called exactly once: the tagged answer, or LOST,
 * CANCELLED, REFUSED. Borrowed during the call. May be called from inside
 * imap_submit() (REFUSED).
 */
typedef void (*imap_done)(const struct imap_status *result, void *user);

/*
 * Queues a command (given away) and sends it as soon as it may go: in order,
 * pipelined where RFC 9051 5.5 sees no ambiguity. The state is checked when
 * its turn comes. Submitting ends a running IDLE by itself. 'done' may be
 * NULL. Returns an id for imap_cancel(), never 0.
 */
uint64_t imap_submit(struct imap *imap, struct imap_command *command,
		     imap_done done, void *user);
/*
 * Ends a command as CANCELLED at once. One that was sent still runs at the
 * server; its answer is swallowed, its untagged data is not. No-op when it
 * has ended.
 */
void imap_cancel(struct imap *imap, uint64_t id);
/* Ends the running IDLE (sends DONE, now or as soon as the server is there).
 * Its completion follows with the server's answer. No-op without one. */
void imap_idle_done(struct imap *imap);
/* Whether the server has confirmed IDLE and DONE has not been sent. */
bool imap_is_idling(const struct imap *imap);
/* Frees a command that is not submitted after all. */
void imap_command_free(struct imap_command *command);

/*
 * How many commands have not been sent yet; the name of the next of them and,
 * unless NULL, what it waits for: constants, in N_().
 */
unsigned imap_waiting(const struct imap *imap, const char **name,
		      const char **why);

/*
 * Constructors. Arguments are copied. Those with a GError refuse what cannot
 * be sent (a NUL octet, an empty set, a name that is no atom) and return NULL;
 * no argument can ever make a second line. Mailboxes are wire names.
 */
struct imap_command *imap_cmd_capability(void);
struct imap_command *imap_cmd_noop(void);
struct imap_command *imap_cmd_logout(void);
struct imap_command *imap_cmd_namespace(void);
/* 'params' with values other than NULL; n = 0 sends NIL. RFC 2971. */
struct imap_command *imap_cmd_id(const struct imap_param *params, size_t n,
				 GError **error);
/* To be told of the selected mailbox and, with 'others', by STATUS of all
 * others of the user's; replaces what was asked before. RFC 5465. */
struct imap_command *imap_cmd_notify(bool others);
/* A list of capabilities: 'mask' has bits 1 << IMAP_CAP_... RFC 5161. */
struct imap_command *imap_cmd_enable(uint64_t mask);
/* The caller switches to TLS when it has completed with OK. */
struct imap_command *imap_cmd_starttls(void);
/* Refused by the engine while LOGINDISABLED is announced. */
struct imap_command *imap_cmd_login(const char *user, const char *password,
				    GError **error);
/*
 * The answer to a challenge (base64 as sent, "" for none): base64, owned and
 * wiped by the engine, or NULL to cancel the exchange.
 */
typedef char *(*imap_challenge)(const char *challenge, void *user);
/* 'initial' (base64, "" for an empty one, or NULL) goes with the command
 * where SASL-IR is offered, else as the first answer. */
struct imap_command *imap_cmd_authenticate(const char *mechanism,
					   const char *initial,
					   imap_challenge answer, void *user,
					   GError **error);
/* The caller puts DEFLATE below when it has completed with OK. RFC 4978. */
struct imap_command *imap_cmd_compress(void);

enum imap_list_option {
	IMAP_LIST_SUBSCRIBED_ONLY = 1 << 0, /* selection option SUBSCRIBED */
	IMAP_LIST_SPECIAL_USE = 1 << 1,	    /* RETURN (SPECIAL-USE) ... */
	IMAP_LIST_CHILDREN = 1 << 2,
	IMAP_LIST_SUBSCRIBED = 1 << 3,
	IMAP_LIST_STATUS = 1 << 4, /* with 'status' */
};
/* 'status' is a set of enum imap_status_item, for IMAP_LIST_STATUS. With no
 * option it is the plain LIST of RFC 3501. The caller looks at capabilities. */
struct imap_command *imap_cmd_list(const char *reference, const char *pattern,
				   unsigned options, uint32_t status,
				   GError **error);
struct imap_command *imap_cmd_lsub(const char *reference, const char *pattern,
				   GError **error);
struct imap_command *imap_cmd_status(const char *mailbox, uint32_t items,
				     GError **error);

/* 'use': one of IMAP_ATTR_ALL and the like, where CREATE-SPECIAL-USE is
 * offered (RFC 6154), or 0. */
struct imap_command *imap_cmd_create(const char *mailbox, uint32_t use,
				     GError **error);
struct imap_command *imap_cmd_delete(const char *mailbox, GError **error);
/* What is below 'mailbox' is renamed with it. */
struct imap_command *imap_cmd_rename(const char *mailbox, const char *name,
				     GError **error);
struct imap_command *imap_cmd_subscribe(const char *mailbox, bool subscribe,
					GError **error);
/* QUOTAROOT and a QUOTA for each root follow (RFC 9208). */
struct imap_command *imap_cmd_getquotaroot(const char *mailbox,
					   GError **error);
/* RFC 4314. */
struct imap_command *imap_cmd_myrights(const char *mailbox, GError **error);

struct imap_select {
	const char *mailbox;
	bool examine;
	bool condstore;	      /* (CONDSTORE) */
	bool qresync;	      /* (QRESYNC (uidvalidity modseq [known])) */
	uint32_t uidvalidity; /* with qresync; 0 is refused */
	uint64_t modseq;      /* with qresync; 0 is refused */
	const struct imap_set *known; /* with qresync, or NULL: all */
};
/* When it fails nothing is selected any more, whatever was before. */
struct imap_command *imap_cmd_select(const struct imap_select *select,
				     GError **error);
struct imap_command *imap_cmd_unselect(void);

/* A section to ask for: always BODY.PEEK or BINARY.PEEK. */
struct imap_section_request {
	const char *section; /* "", "1.2", "1.MIME", "HEADER", "TEXT",
				"HEADER.FIELDS (DATE FROM)" */
	bool binary;
	uint32_t offset, length; /* <offset.length>; length 0: all of it */
};

struct imap_fetch_request {
	uint32_t items; /* enum imap_item; UID is always added */
	const struct imap_section_request *sections;
	size_t n_sections;
	uint64_t changed_since; /* 0: none; RFC 7162 */
	bool vanished;		/* with changed_since, by UID, QRESYNC enabled */
};
/*
 * FETCH by sequence number: only for the first window of a mailbox that is
 * not cached. Waits until no command is in flight that could renumber, and is
 * REFUSED when messages were renumbered between submitting and sending.
 */
struct imap_command *imap_cmd_fetch(const struct imap_set *seqs,
				    const struct imap_fetch_request *request,
				    GError **error);
struct imap_command *imap_cmd_uid_fetch(const struct imap_set *uids,
					const struct imap_fetch_request *request,
					GError **error);

struct imap_store_request {
	bool remove;		  /* -FLAGS instead of +FLAGS */
	bool silent;		  /* .SILENT */
	uint32_t system;	  /* enum imap_flag without RECENT and STAR */
	const char *const *keywords; /* NULL-terminated, or NULL */
	uint64_t unchanged_since; /* 0: none; RFC 7162 */
};
struct imap_command *imap_cmd_uid_store(const struct imap_set *uids,
					const struct imap_store_request *request,
					GError **error);

/*
 * COPY and MOVE (RFC 6851) to 'mailbox'. Where the messages are there is told
 * by COPYUID: with the tagged answer, or, of MOVE, before it.
 */
struct imap_command *imap_cmd_uid_copy(const struct imap_set *uids,
				       const char *mailbox, GError **error);
struct imap_command *imap_cmd_uid_move(const struct imap_set *uids,
				       const char *mailbox, GError **error);

/* Writes the next octets, at most 'size', into 'buffer' and returns how many;
 * 0 or less when there are none, which ends the connection. */
typedef ssize_t (*imap_source)(char *buffer, size_t size, void *user);
struct imap_append {
	const char *mailbox;
	uint32_t system;   /* enum imap_flag without RECENT and STAR */
	const char *const *keywords; /* NULL-terminated, or NULL */
	int64_t received;  /* INTERNALDATE, seconds; 0: the server's clock */
	uint64_t size;	   /* octets of the message, more than 0 */
	imap_source source; /* these; called until the command has ended */
	void *user;
};
/*
 * APPEND. The message is not kept: when imap_streams() is true the owner
 * calls imap_more() as soon as what was given out before has gone. Where the
 * message is then is told by APPENDUID.
 */
struct imap_command *imap_cmd_append(const struct imap_append *append,
				     GError **error);
/* Whether the octets of a message are being given out. */
bool imap_streams(const struct imap *imap);
/* Gives out the next of them. False: the rest does not come, or is not wanted
 * any more; the connection is good for nothing then. */
bool imap_more(struct imap *imap);
/* Needs UIDPLUS. */
struct imap_command *imap_cmd_uid_expunge(const struct imap_set *uids,
					  GError **error);
/* Removes what others have marked, too: only the user may ask for it. */
struct imap_command *imap_cmd_expunge(void);

/*
 * Criteria of a SEARCH, key after key: imap_criteria_key(c, "UNSEEN");
 * imap_criteria_key(c, "FROM"); imap_criteria_text(c, "anna"). A part that
 * cannot be sent makes imap_cmd_uid_search() fail.
 */
struct imap_criteria;
struct imap_criteria *imap_criteria_new(void);
void imap_criteria_free(struct imap_criteria *criteria);
void imap_criteria_key(struct imap_criteria *criteria, const char *key);
/* UTF-8; CHARSET UTF-8 is added when any of them is not ASCII. */
void imap_criteria_text(struct imap_criteria *criteria, const char *text);
void imap_criteria_number(struct imap_criteria *criteria, uint64_t number);
void imap_criteria_set(struct imap_criteria *criteria,
		       const struct imap_set *set);
void imap_criteria_open(struct imap_criteria *criteria);
void imap_criteria_close(struct imap_criteria *criteria);

enum imap_search_return {
	IMAP_RETURN_ALL = 1 << 0,
	IMAP_RETURN_MIN = 1 << 1,
	IMAP_RETURN_MAX = 1 << 2,
	IMAP_RETURN_COUNT = 1 << 3,
};
/*
 * 'criteria' is borrowed; none: ALL. 'options' other than 0 needs ESEARCH.
 * The answer is a SEARCH or an ESEARCH, whatever was asked for. One search is
 * in flight at a time, so that the answer cannot be another's.
 */
struct imap_command *imap_cmd_uid_search(const struct imap_criteria *criteria,
					 unsigned options, GError **error);
/* Runs until imap_idle_done(), the next imap_submit() or the server ends it. */
struct imap_command *imap_cmd_idle(void);

#endif
