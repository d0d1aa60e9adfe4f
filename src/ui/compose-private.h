/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of compose share. */
#ifndef SMEW_UI_COMPOSE_PRIVATE_H
#define SMEW_UI_COMPOSE_PRIVATE_H

#include "app.h"
#include "people.h"
#include "smew/mail.h"

enum compose_kind {
	COMPOSE_NEW,
	COMPOSE_REPLY,
	COMPOSE_FORWARD,
	COMPOSE_RESEND,
	COMPOSE_RECALL,
	COMPOSE_BOUNCE,
	COMPOSE_LIST, /* asks what is to be done with its list */
};

/* A message on the server, as the outbox names it. */
struct compose_place {
	char *mailbox; /* wire name; NULL: none */
	uint32_t uid;
	uint64_t uidvalidity;
	char *message_id; /* with <> */
};

/* The message that is answered, forwarded, used again. */
struct compose_original {
	struct view_row row; /* own copies of the strings */
	char *mailbox;	     /* wire name */
	GBytes *whole, *bytes; /* 'bytes': the header */
	GHashTable *sections;
	struct mail_part *structure;
	struct mail_header *header;
};

struct compose {
	struct pane pane;
	struct app *app;
	unsigned serial;	 /* jobs of another are stale */
	struct account *account; /* borrowed */
	enum compose_kind kind;
	enum mail_reply reply;
	int step;		 /* of the flow, see compose-flow.c */
	struct mail_draft *draft;
	struct compose_original *original; /* or NULL */
	struct compose_place answered;	   /* gets its mark after sending */
	struct compose_place postponed;	   /* goes after sending */
	uint32_t fetch, look;	 /* requests under way, 0: none */
	bool want_whole, got_whole;
	int64_t taken;		  /* of the outbox: it goes from there when it
				     is safe here; 0: none */
	char *taken_path;
	char *taken_bcc;	  /* "Bcc: ..." of it */
	char *taken_fcc;
	bool taken_forward;
	bool postponing;
	char *came_to;		  /* one's own addresses that the original was
				     sent to; owned, or NULL */
	bool fcc_chosen;	  /* by the user: there is nothing to ask */

	/* what was answered */
	bool followup, reply_to, include, as_attachment, with_attachments;
	bool edit;

	char *dir;		 /* of the draft; NULL until it is there */
	int lock;
	struct compose_job *running; /* a job under way, or NULL; borrowed */
	GQueue jobs;		 /* that follow it; owned */
	unsigned blocked;	 /* jobs that bring the draft back, requests that
				    end it: no key changes it meanwhile */
	uint32_t sending;	 /* request under way, 0: none */
	int64_t attaching;	 /* the message that is fetched for it, 0: none */
	char *program;		 /* instead of the editor, once; or NULL */
	bool headers;		 /* the editor has the fields too */
	int64_t edited;		 /* when the editor's file was written */
	bool unchanged;		 /* the editor left it as it was */

	bool shown;		 /* the pane is on the screen */
	bool listed;		 /* ... or was: it is more than begun */
	struct background *background; /* its editor runs beside smew, or NULL;
					  owned */
	int cursor, top;	 /* of the attachments, 0: the text */
};

/* ---- compose.c ---- */

struct compose *compose_new(struct app *app, struct account *account,
			    enum compose_kind kind);
/* Ends it without a word; with 'drop' what is on the disk goes too. */
void compose_free(struct compose *c, bool drop);
/* The one with this serial, before the user or in the background; or NULL. */
struct compose *compose_find(const struct app *app, unsigned serial);
/* The configuration of its account. */
const char *compose_option(const struct compose *c, const char *name);
bool compose_flag(const struct compose *c, const char *name);
enum quad compose_quad(const struct compose *c, const char *name);
void compose_place_clear(struct compose_place *place);
/* The UIDVALIDITY as the list of mailboxes has it; 0: the session will know. */
uint64_t compose_validity(const struct compose *c, const char *mailbox);
void compose_original_free(struct compose_original *original);
/* The mailbox that an option names, else the one with the role: its name for
 * the reader, owned; NULL: there is none. */
char *compose_mailbox(const struct compose *c, const char *option,
		      enum store_role role);
/* Before a name of an outbox_mail's `fcc` that is not a wire name. */
#define FCC_BY_NAME "*="
/* The same for what a user calls it; owned, or NULL. */
char *compose_named(const struct compose *c, const char *text);
/* As an outbox_mail names it; owned. One that the server does not have yet is
 * made. */
char *compose_wire_name(const struct compose *c, const char *display);

/* ---- compose-flow.c ---- */

/* Goes on with the next step. */
void compose_next(struct compose *c);
/* To the editor, and back to the pane. */
void compose_edit(struct compose *c, bool headers);
/* The same with another program than the editor; copied. */
void compose_edit_by(struct compose *c, const char *program);
/* The editor has ended: reads what it wrote, and goes on. */
void compose_back(struct compose *c, int status);
/* Words as one command, quoted. Owned. */
char *compose_words(char *const *argv);
/* The command with %s, or at its end, replaced by 'what'. Owned. */
char *compose_command(const char *command, const char *what);
/* Gives up what has only begun. */
void compose_abort(struct compose *c, const char *why);

/* ---- compose-pane.c ---- */

void compose_show(struct compose *c);
/* A text over it. */
void compose_view_text(struct compose *c, const char *title, const char *text);
/* Fetches the message under the cursor of the index, to be attached. */
void compose_attach_message(struct compose *c);
/* Checks the spelling by $ispell. */
void compose_spell(struct compose *c);

/* ---- compose-parts.c ---- */

/* Functions for the part under the cursor; false: it is none of them. */
bool compose_parts_run(struct compose *c, enum function_op op);
/* COMPOSE_MAILCAP: there is a viewer, or what it wrote. */
void compose_part_viewed(struct compose *c, struct compose_job *job);
/* COMPOSE_PIPE: the part is in a file. */
void compose_part_written(struct compose *c, const struct compose_job *job);

/* ---- compose-reply.c ---- */

/* Fills the draft from the original. */
void compose_fill(struct compose *c);
/* What may depend on whom it goes to: hooks, one's own fields, the copy. */
void compose_fill_rest(struct compose *c);
/* The text, the recipients or the subject are others: send2-hook. */
void compose_changed(struct compose *c);
/* A question, or NULL when nothing is to be asked. Owned. */
char *compose_asks_followup(const struct compose *c);
char *compose_asks_reply_to(const struct compose *c);

/* ---- compose-list.c ---- */

/* To: where the original's list takes mail, as the original says. */
bool compose_fill_list(struct compose *c);
/* Asks which of the actions of the original's list is meant, and ends. */
void compose_ask_list(struct compose *c);

/* ---- compose-send.c ---- */

void compose_send(struct compose *c);
/* What was kept beside the message itself is put back. */
void compose_reopened(struct compose *c);
/* All of it is on the disk: what was taken back leaves the outbox. */
void compose_saved(struct compose *c);
/* Goes straight to the text of the message that was taken back. */
void compose_take_up(struct compose *c);
void compose_postpone(struct compose *c);
/* A request was answered; true when it was about this message. */
bool compose_send_answer(struct compose *c, const struct session_done *done);
/* Asks whom the original is to be sent on to. */
void compose_bounce(struct compose *c);

/* ---- compose-job.c ---- */

enum compose_work {
	COMPOSE_PREPARE, /* the directory, and the text to begin with */
	COMPOSE_WRITE,	 /* the editor's file */
	COMPOSE_READ,	 /* ... and back */
	COMPOSE_SAVE,	 /* what the pane has changed */
	COMPOSE_ATTACH,	 /* files: their types and sizes */
	COMPOSE_BUILD,	 /* what goes out */
	COMPOSE_DROP,	 /* the directory goes */
	COMPOSE_UNLINK,	 /* files that were to go with the message go */
	COMPOSE_VIEW,	 /* the text of an attachment */
	COMPOSE_PIPE,	 /* the file of a part, for a program */
	COMPOSE_MAILCAP, /* a viewer for a part */
	COMPOSE_COPY,	 /* a part into another file */
	COMPOSE_KEEP,	 /* an attachment into the draft's directory */
	COMPOSE_LEFT,	 /* what a crash left */
	COMPOSE_RESUME,	 /* one of those */
};

/* How the text of an answer is made. */
struct compose_template {
	char *attribution, *indent, *trailer; /* owned */
	char *intro, *outro;		      /* of a forwarded message */
	char *signature;		      /* file, or command with | */
	bool sig_on_top, sig_dashes, quote;
	bool fields;			      /* show the original's header */
};

struct compose_job {
	struct app_job job; /* APP_COMPOSE */
	unsigned serial;    /* of the compose; 0: of none */
	enum compose_work work;
	struct mail_draft *draft; /* a copy, and what has become of it */
	char *dir, *state;
	char *about;		  /* the file of that name, to be written */
	bool headers, edited;
	char *script;		  /* COMPOSE_WRITE: what runs the editor beside
				     smew, or NULL */
	struct compose_template text;
	GBytes *whole, *bytes;	  /* of the original */
	GHashTable *sections;
	struct mail_part *structure;
	bool include, as_attachment, with_attachments, reopen;
	GPtrArray *paths;	  /* of char *: to be attached */
	struct mail_compose how;
	char *charsets;		  /* what 'how' points to */
	char *notes[5];		  /* the same; NULL at the end */
	bool bounce;
	char *from_file;	  /* COMPOSE_PREPARE: opened again */
	char *account;		  /* of COMPOSE_LEFT and COMPOSE_RESUME */
	bool resume;		  /* the first that was left is opened */

	struct compose_job *then; /* to be started behind it; owned; not the
				     worker's */

	/* out */
	char *problem;
	int lock;
	int watch;		  /* tells when the editor ends; or -1 */
	int64_t time;
	GPtrArray *left;	  /* of char *: directories */
	char *path;		  /* of what was built */
	guint at;		  /* of the parts; 0: the text */
	char *command;		  /* COMPOSE_PIPE: for it; COMPOSE_COPY: the
				     file's name; COMPOSE_MAILCAP: the files */
	char *shown;		  /* ... its text */
	struct mail_viewer *viewer; /* COMPOSE_MAILCAP */
};

/* What they bring, when it was built or found. */
void compose_built(struct compose *c, struct compose_job *job);
void compose_left(struct app *app, struct compose_job *job);

/* Whether no key may change the draft while such a job runs. */
bool compose_blocks(enum compose_work work);
/* With a copy of the draft as it is now; NULL: it is about none. */
struct compose_job *compose_job_new(struct compose *c, enum compose_work work);
/* Those of one message run one after the other. */
void compose_job_start(struct app *app, struct compose_job *job);
void compose_job_release(struct post *post);
/* Writes the draft as it is now, after what is under way. */
void compose_save(struct compose *c);
/* Text that keeps what the draft itself does not hold, and back. */
char *compose_about(const struct compose *c);
void compose_take_about(struct compose *c, const char *text);

#endif
