/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail: RFC 5322 and MIME, on top of GMime. Everything that comes out has
 * been decoded to UTF-8 and sanitised. Pure functions: any thread, no I/O.
 */
#ifndef SMEW_MAIL_H
#define SMEW_MAIL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define MAIL_ERROR (mail_error_quark())
GQuark mail_error_quark(void);

enum mail_error {
	MAIL_ERROR_DAMAGED, /* not what mail_part_write() wrote */
	MAIL_ERROR_REFUSED, /* cannot be part of a message */
	MAIL_ERROR_FILE,    /* a file cannot be read or written */
};

/* Called once in main() before any thread starts. */
void mail_init(void);

/* ---- the header of a message, as the index needs it ---- */

struct mail_address {
	char *name;  /* decoded display name, "" when there is none */
	char *email; /* addr-spec as it stands, IDN not decoded, "" in a group */
};

struct mail_header {
	GPtrArray *from, *to, *cc, *reply_to; /* of struct mail_address, owned */
	GPtrArray *followup_to; /* Mail-Followup-To, the same */
	GPtrArray *original_to; /* X-Original-To, the same */
	char *subject;	    /* decoded, one line, "" when there is none */
	char *message_id;   /* without <>, "" when there is none */
	char *in_reply_to;  /* the first id, without <>, or "" */
	GPtrArray *references; /* of char *, oldest first, without <>; owned */
	char *list_id;	    /* without <>, or "" */
	int64_t date;	    /* seconds since the epoch; 0: none or unreadable */
	int zone;	    /* minutes east of UTC, as the Date field has it */
};

/*
 * Reads a header block (ends at an empty line or the end). Never fails: what
 * cannot be read is empty. For a duplicated Subject, From or Date the first
 * counts. Owned by the caller.
 */
struct mail_header *mail_header_read(const void *data, size_t length);
void mail_header_free(struct mail_header *header);

/* ---- the structure of a message (RFC 9051 7.5.2 BODYSTRUCTURE, or parsed) -- */

struct mail_part {
	char *section;	   /* "1.2"; "" for the root of a multipart; a part in
			      the message/rfc822 N is "N.1", its multipart
			      "N.TEXT" */
	char *type;	   /* lower case: "text" */
	char *subtype;	   /* lower case: "plain" */
	char *charset;	   /* of text, "" when not given */
	char *encoding;	   /* lower case: "base64", "7bit" */
	char *disposition; /* lower case: "attachment", "inline", "" */
	char *name;	   /* decoded file name, sanitised, or "" */
	char *description; /* decoded, or "" */
	char *content_id;  /* without <>, or "" */
	bool flowed, delsp; /* format=flowed; delsp=yes (RFC 3676) */
	uint64_t size;	   /* octets as encoded */
	GPtrArray *children; /* of struct mail_part, owned; multipart and
				message/rfc822; NULL elsewhere */
};

struct mail_part *mail_part_new(void); /* all fields set to "" and 0 */
void mail_part_free(struct mail_part *part);

/*
 * Fills what a part takes from the parameters of its Content-Type and of its
 * Content-Disposition: charset, name (filename* before filename before name*
 * before name, continuations joined, decoded, sanitised), flowed, delsp. Each
 * list is name, value, name, value ..., NULL as BODYSTRUCTURE has them, raw;
 * either may be NULL.
 */
void mail_part_parameters(struct mail_part *part, const char *const *type,
			  const char *const *disposition);

/*
 * The text of an unstructured field or of BODYSTRUCTURE's description:
 * unfolded, encoded words decoded, raw 8-bit octets guessed, sanitised, one
 * line. 'length' -1: up to the NUL. Owned by the caller.
 */
char *mail_decode(const char *raw, gssize length);

/*
 * A compact text form to keep in the cache, and back. Reading refuses what it
 * did not write (NULL, error set). Owned by the caller.
 */
char *mail_part_write(const struct mail_part *root);
struct mail_part *mail_part_read(const char *text, GError **error);

/*
 * The sections that showing this message needs: the text parts that are
 * shown, in a multipart/alternative the best of them (text/plain before
 * text/html), never attachments. A message/rfc822 at section N that is shown
 * adds "N.HEADER" before its text; a multipart without parts (its boundary is
 * missing) adds "TEXT" or "N.TEXT". Array of char *, owned by the caller.
 */
GPtrArray *mail_part_shown(const struct mail_part *root);

/* ---- showing a message ---- */

/*
 * What there is of a message: either 'whole', or 'header' with 'structure'
 * and those 'sections' that were fetched (char * section to GBytes * as
 * encoded, named as mail_part_shown() names them). All borrowed; unused ones
 * NULL.
 */
struct mail_source {
	GBytes *whole;
	GBytes *header;
	const struct mail_part *structure;
	GHashTable *sections;
};

enum mail_style {
	MAIL_BODY,
	MAIL_QUOTED,	 /* with level 1.. */
	MAIL_SIGNATURE,	 /* from "-- " on */
	MAIL_ATTACHMENT, /* [-- Attachment #2: name --]: smew's own words */
	MAIL_NOTE,	 /* "this part is damaged", "not fetched": smew's own */
};

struct mail_line {
	char *text;	/* UTF-8, sanitised, tabs expanded to 8, no line end; a
			   long paragraph is one line: the pager wraps it */
	uint8_t style;	/* enum mail_style */
	uint8_t level;	/* quote level of MAIL_QUOTED, else 0 */
};

struct mail_field {
	char *name;  /* as spelled in the message */
	char *value; /* unfolded, decoded, sanitised */
};

struct mail_document {
	GPtrArray *fields; /* of struct mail_field: the whole header in order;
			      the pager weeds and sorts */
	GArray *lines;	   /* of struct mail_line */
	struct mail_part *structure; /* of the whole message, names decoded */
	struct mail_header *header;
};

/*
 * Decodes what there is for reading: any charset, damaged parts as far as
 * they go with a MAIL_NOTE where something is lacking, HTML as plain text
 * with link targets, attachments named. Never fails, bounded in time and
 * memory (1,000 parts, nesting 64 shown). Owned by the caller.
 */
struct mail_document *mail_render(const struct mail_source *source);
void mail_document_free(struct mail_document *document);

/* ---- addresses as users write them ---- */

/* "Anna <a@example.org>, b@example.org": an array of struct mail_address,
 * owned. Never fails; what is no address has an empty 'email'. */
GPtrArray *mail_addresses_read(const char *text);
/* An array for struct mail_address that owns them. */
GPtrArray *mail_addresses_new(void);
void mail_addresses_add(GPtrArray *list, const char *name, const char *email);
/* The same back as text a user can edit: names in quotes where needed. Owned. */
char *mail_addresses_text(const GPtrArray *list);
bool mail_address_same(const char *a, const char *b);
/*
 * How 'email' goes over the wire: its domain by IDNA. Fails for what is no
 * addr-spec, and for control characters. Owned.
 */
char *mail_address_wire(const char *email, GError **error);

/* ---- writing a message ---- */

/* The fields of a draft that a user edits, one line of UTF-8 each. */
enum mail_draft_field {
	MAIL_FROM, MAIL_TO, MAIL_CC, MAIL_BCC, MAIL_REPLY_TO,
	MAIL_FOLLOWUP_TO, MAIL_SUBJECT,
	MAIL_DRAFT_FIELDS,
};
/* "From", ... as on the wire. */
const char *mail_draft_field_name(enum mail_draft_field field);

struct mail_attachment {
	char *path;	   /* the file, read when the message is built */
	char *name;	   /* what the recipient sees; "" none */
	char *type;	   /* "image/png"; "message/rfc822": a message */
	char *description; /* or "" */
	char *charset;	   /* of a text; "": found out */
	char *encoding;	   /* "base64", "quoted-printable"; "": by content */
	bool is_inline;
	bool unlink;	   /* the file goes when the message has been sent */
	bool own;	   /* the file is the draft's, in its own directory */
	uint64_t size;
};

struct mail_draft {
	char *fields[MAIL_DRAFT_FIELDS]; /* owned, never NULL */
	char *fcc;		/* mailboxes, separated by commas, or "" */
	char *in_reply_to;	/* ids in <>, or "" */
	GPtrArray *references;	/* of char *, oldest first, without <>; owned */
	GPtrArray *extra;	/* of struct mail_field, owned */
	GPtrArray *attachments; /* of struct mail_attachment, owned */
	char *text;		/* the body, UTF-8, LF; owned, never NULL */
	char *message_id;	/* without <>; "" until it is sent */
};

/* What is to be shown by a program. */
struct mail_viewed {
	const char *path;    /* absolute, ours or the user's */
	const char *type;    /* "image/png" */
	const char *charset; /* or "" */
};
/* The program of the first fitting entry of mailcap. */
struct mail_viewer {
	char **argv;   /* owned; no shell is to see it */
	bool terminal; /* it needs the terminal */
	bool text;     /* it writes what is to be shown */
};
/* 'paths': files with ':' between, "" for the usual ones. Runs the tests of
 * entries: for workers. NULL and an error when there is none. */
struct mail_viewer *mail_viewer(const char *paths,
				const struct mail_viewed *viewed,
				GError **error);
void mail_viewer_free(struct mail_viewer *viewer);

/* Whether a part can be asked to be sent so; "" is by content. */
bool mail_encoding_known(const char *encoding);
/* Copies a file; 'to' must not exist. 0600. For workers. */
bool mail_file_copy(const char *from, const char *to, GError **error);

struct mail_draft *mail_draft_new(void);
void mail_draft_free(struct mail_draft *draft);
struct mail_draft *mail_draft_copy(const struct mail_draft *draft);
/* Replaces a string of the draft by a copy of 'value'. */
void mail_draft_set(char **slot, const char *value);
void mail_draft_add_header(struct mail_draft *draft, const char *name,
			   const char *value);
struct mail_attachment *mail_draft_attach(struct mail_draft *draft,
					  const char *path, const char *name,
					  const char *type);
/* A Message-ID without <>, random, in the domain of the sender. Owned. */
char *mail_message_id(const char *from);

struct mail_compose {
	const char *charsets; /* send_charset: names with ':' between */
	bool flowed;	      /* text_flowed */
	bool encode_from;     /* no line begins with "From " */
	bool bcc;	      /* a copy for the sender, never for the wire */
	const char *agent;    /* User-Agent, or NULL */
	int64_t date;	      /* seconds since the epoch; 0: now */
	/* More fields of the sender's own copy (char * name, value, ...,
	 * NULL), or NULL. */
	const char *const *notes;
};
/*
 * Writes the draft to 'fd' as it goes over the wire (RFC 5322): CRLF alone,
 * ASCII, lines of at most 998 octets, no NUL. Files are read in portions. For
 * workers. Fails for a field with a control character, an address that is
 * none, a file that cannot be read. '*utf8' (may be NULL) tells whether
 * addresses need SMTPUTF8.
 */
bool mail_compose(const struct mail_draft *draft,
		  const struct mail_compose *how, int fd, bool *utf8,
		  GError **error);

/* "Bcc: ..." CRLF for the sender's own copy, "" without any. Owned. */
char *mail_draft_bcc(const struct mail_draft *draft);

/*
 * The same as a file for the user's editor: with 'headers' the fields come
 * first. And back: what is no field any more begins the text. Owned.
 */
char *mail_draft_edit(const struct mail_draft *draft, bool headers);
/* "Attach: FILE DESCRIPTION" lines become attachments, as in mutt. */
void mail_draft_edited(struct mail_draft *draft, const char *text,
		       size_t length, bool headers);

/* A text that a draft is kept in, without its body, and back. */
char *mail_draft_write(const struct mail_draft *draft);
struct mail_draft *mail_draft_read(const char *text, GError **error);

/*
 * A message as a draft again: its text, and its other parts as files in the
 * directory 'dir', which become the draft's own. For workers.
 */
struct mail_draft *mail_draft_reopen(GBytes *whole, const char *dir,
				     GError **error);

/* For workers: they read files. The type that a file is sent as, owned; NULL
 * when it cannot be read. */
char *mail_file_type(const char *path, uint64_t *size, GError **error);
/* The files that a name with *, ? or [] in it stands for (of char *, owned);
 * another name stands for itself. */
GPtrArray *mail_files(const char *name);
/* A file as text to look at: of a text, or of a message; sanitised, bounded.
 * NULL for other types, and when it cannot be read. Owned. */
char *mail_file_text(const char *path, const char *type, GError **error);
/* The text of a signature: a file's, or a program's when 'signature' ends in
 * `|`. NULL when there is none. Owned. */
char *mail_signature(const char *signature);

/* ---- answering a message ---- */

enum mail_reply {
	MAIL_REPLY_SENDER,
	MAIL_REPLY_GROUP,
	MAIL_REPLY_CHAT, /* who stood in To stays there */
	MAIL_REPLY_LIST,
	MAIL_REPLY_FROM, /* From, whatever Reply-To says */
};

struct mail_people {
	bool (*is_me)(const char *email, void *user);
	bool (*is_list)(const char *email, void *user); /* known as one */
	bool (*is_subscribed)(const char *email, void *user);
	void *user;
};

struct mail_reply_how {
	enum mail_reply kind;
	bool metoo, reply_self, ignore_list_reply_to;
	bool reply_to, followup; /* what was answered to the two questions */
};

/* Whether Mail-Followup-To is to be honoured is a question to the user: the
 * address to ask about, NULL when there is none. Owned. */
char *mail_reply_asks_followup(const struct mail_header *header,
			       enum mail_reply kind);
/* The same for Reply-To; 'how->followup' is answered already. */
char *mail_reply_asks_reply_to(const struct mail_header *header,
			       const struct mail_reply_how *how,
			       const struct mail_people *people);
/* Fills To and Cc. */
void mail_reply_recipients(struct mail_draft *draft,
			   const struct mail_header *header,
			   const struct mail_reply_how *how,
			   const struct mail_people *people);
/* The address of one's own that the message came to, or NULL. Owned. */
char *mail_reply_from(const struct mail_header *header,
		      const struct mail_people *people, bool with_name);
/* Fills In-Reply-To and References. */
void mail_reply_thread(struct mail_draft *draft,
		       const struct mail_header *header);
/* Fills Mail-Followup-To where the message goes to a list. */
void mail_followup_to(struct mail_draft *draft,
		      const struct mail_people *people);
/*
 * Writes the message 'whole' to 'fd' with the fields of a bounce in front
 * (RFC 5322 3.6.6), CRLF at all line ends, without what says whom else a
 * blind copy went to. '*message_id' is the new one, without <>, owned.
 */
bool mail_bounce(GBytes *whole, const char *from, const char *to, int fd,
		 char **message_id, GError **error);

/*
 * The message 'whole' as a text that can be read without a decoder: its fields
 * but for those about the body, and what a reader sees of the body as
 * text/plain in UTF-8, with attachments named. 'weed' has words with blanks
 * between: "-NAME" leaves out fields whose names begin so, "+NAME" excepts
 * from that, '*' is all; NULL: all stay. Message-ID always stays. Never fails;
 * owned.
 */
GBytes *mail_decoded(GBytes *whole, const char *weed);

/*
 * The message 'whole' with 'fields' (lines with their ends; "": none) in the
 * place of In-Reply-To and References, or at the end of its header when it has
 * none; all else is as it was, octet by octet. '*kept' (owned) are the fields
 * that it had. Never fails; owned.
 */
GBytes *mail_relinked(GBytes *whole, const char *fields, char **kept);
/* The fields of a reply to a message; owned. NULL: no field can name it. */
char *mail_reply_fields(const char *message_id);

/* The text of a message as it came, for quoting: decoded, UTF-8, LF, HTML in
 * lines of at most 'width' cells; no headers, no attachments. Owned. */
char *mail_text(const struct mail_source *source, int width);

/* ---- mailing lists (RFC 2369) ---- */

enum mail_list_action {
	MAIL_LIST_POST,
	MAIL_LIST_SUBSCRIBE,
	MAIL_LIST_UNSUBSCRIBE,
	MAIL_LIST_ARCHIVE,
	MAIL_LIST_HELP,
	MAIL_LIST_OWNER,
	MAIL_LIST_ACTIONS,
};

/* Where a message says that this can be done: the first mailto: link, else the
 * first page; printable ASCII, owned. NULL: it does not say. 'header' may be
 * followed by the rest of the message. */
char *mail_list_url(GBytes *header, enum mail_list_action action);

#endif
