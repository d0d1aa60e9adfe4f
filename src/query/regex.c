/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regex: mutt's regular expressions by PCRE2, with limits. */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "private.h"
#include "smew/base.h"

/* Steps of one match, and kilobytes of memory for it. */
#define STEPS_MAX 200000
#define HEAP_MAX 2048
/* Octets of a compiled expression. */
#define COMPILED_MAX (256 * 1024)

struct query_regex {
	pcre2_code *code;	     /* owned */
	pcre2_match_data *data;	     /* owned */
	pcre2_match_context *limits; /* owned */
};

/* ---- from POSIX to PCRE2 ---- */

/* At "[:upper:]". Without case an upper letter is any letter. */
static const char *copy_class(GString *out, const char *at, const char *end,
			      bool caseless)
{
	if (caseless && (g_str_has_prefix(at, "[:upper:]") ||
			 g_str_has_prefix(at, "[:lower:]")))
		g_string_append(out, "[:alpha:]");
	else
		g_string_append_len(out, at, end - at);
	return end;
}

/* At '['. In POSIX a backslash inside is an ordinary character. */
static const char *copy_bracket(GString *out, const char *at, bool caseless)
{
	g_string_append_c(out, *at++);
	if (*at == '^')
		g_string_append_c(out, *at++);
	if (*at == ']') {
		g_string_append(out, "\\]");
		at++;
	}
	while (*at != '\0' && *at != ']') {
		const char *end;

		if (*at == '[' && strchr(":.=", at[1]) != NULL &&
		    at[1] != '\0') {
			char close[] = { at[1], ']', '\0' };

			end = strstr(at + 2, close);
			if (end != NULL) {
				at = copy_class(out, at, end + 2, caseless);
				continue;
			}
		}
		if (*at == '\\' || *at == '[')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *at++);
	}
	if (*at == ']')
		g_string_append_c(out, *at++);
	return at;
}

static const char *copy_escape(GString *out, const char *at)
{
	static const struct {
		char letter;
		const char *pcre;
	} escapes[] = {
		{ '<', "\\b(?=\\w)" },
		{ '>', "\\b(?<=\\w)" },
		{ '`', "\\A" },
		{ '\'', "\\z" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(escapes); i++)
		if (at[1] == escapes[i].letter) {
			g_string_append(out, escapes[i].pcre);
			return at + 2;
		}
	g_string_append_c(out, *at++);
	if (*at != '\0')
		g_string_append_c(out, *at++);
	return at;
}

/*
 * What means something else there. A repetition of nothing is left out as
 * the C library does; that also keeps PCRE2's verbs "(*...)" away.
 */
static char *from_posix(const char *at, bool caseless)
{
	GString *out = g_string_new(NULL);
	bool nothing = true; /* before 'at' to be repeated */

	while (*at != '\0') {
		if (*at == '[') {
			at = copy_bracket(out, at, caseless);
			nothing = false;
		} else if (*at == '\\') {
			at = copy_escape(out, at);
			nothing = false;
		} else if (nothing &&
			   (*at == '*' || *at == '+' ||
			    (*at == '?' && (out->len == 0 ||
					    out->str[out->len - 1] != '(')))) {
			at++;
		} else if (g_str_has_prefix(at, "{,")) {
			g_string_append(out, "{0,");
			at += strlen("{,");
		} else {
			nothing = *at == '(' || *at == '|';
			g_string_append_c(out, *at++);
		}
	}
	return g_string_free(out, FALSE);
}

static bool has_capital(const char *text)
{
	for (; *text != '\0'; text = g_utf8_next_char(text))
		if (g_unichar_isupper(g_utf8_get_char(text)))
			return true;
	return false;
}

/* ---- compiling ---- */

static pcre2_code *compile(const char *text, uint32_t options, GError **error)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	size_t size = 0, at;
	pcre2_code *code;
	int number;

	pcre2_set_max_pattern_length(context, 2 * QUERY_LENGTH_MAX);
	pcre2_set_parens_nest_limit(context, 100);
	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options,
			     &number, &at, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		char why[256] = "";

		pcre2_get_error_message(number, (PCRE2_UCHAR *)why,
					sizeof(why));
		g_set_error(error, QUERY_ERROR, QUERY_ERROR_EXPRESSION, "%s",
			    why);
		return NULL;
	}
	pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
	if (size <= COMPILED_MAX)
		return code;
	pcre2_code_free(code);
	g_set_error(error, QUERY_ERROR, QUERY_ERROR_EXPRESSION,
		    _("it takes too much memory"));
	return NULL;
}

struct query_regex *regex_new(const char *text, bool literal, GError **error)
{
	bool caseless = !has_capital(text);
	g_autofree char *translated =
		literal ? g_strdup(text) : from_posix(text, caseless);
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	g_autoptr(GError) why = NULL;
	struct query_regex *regex;
	pcre2_code *code;

	options |= literal ? PCRE2_LITERAL
			   : PCRE2_UCP | PCRE2_MULTILINE |
				     PCRE2_NEVER_BACKSLASH_C;
	if (caseless)
		options |= PCRE2_CASELESS;
	code = compile(translated, options, &why);
	if (code == NULL) {
		g_set_error(error, QUERY_ERROR, QUERY_ERROR_EXPRESSION,
			    _("the expression '%s' cannot be used: %s"), text,
			    why->message);
		return NULL;
	}
	/* Where no code may be made at run time, it is interpreted. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	regex = g_new0(struct query_regex, 1);
	regex->code = code;
	regex->data = pcre2_match_data_create(1, NULL);
	regex->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(regex->limits, STEPS_MAX);
	pcre2_set_depth_limit(regex->limits, STEPS_MAX);
	pcre2_set_heap_limit(regex->limits, HEAP_MAX);
	return regex;
}

void regex_free(struct query_regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_match_context_free(regex->limits);
	pcre2_match_data_free(regex->data);
	pcre2_code_free(regex->code);
	g_free(regex);
}

static int match(const struct query_regex *regex, const char *text,
		 size_t length, size_t from, uint32_t options)
{
	return pcre2_match(regex->code, (PCRE2_SPTR)text, length, from,
			   options, regex->data, regex->limits);
}

static enum regex_result match_from(const struct query_regex *regex,
				    const char *text, size_t length,
				    size_t from, uint32_t options)
{
	int result = match(regex, text, length, from, options);

	/* The interpreter has its memory on the heap, within its limit. */
	if (result == PCRE2_ERROR_JIT_STACKLIMIT)
		result = match(regex, text, length, from,
			       options | PCRE2_NO_JIT);
	if (result >= 0)
		return REGEX_YES;
	return result == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_GAVE_UP;
}

enum regex_result regex_match(const struct query_regex *regex,
			      const char *text, size_t length)
{
	return match_from(regex, text, length, 0, 0);
}

struct query_regex *query_regex_new(const char *text, GError **error)
{
	return regex_new(text, false, error);
}

void query_regex_free(struct query_regex *regex)
{
	regex_free(regex);
}

bool query_regex_find(const struct query_regex *regex, const char *text,
		      size_t length, size_t from, size_t *start, size_t *end)
{
	const size_t *where = pcre2_get_ovector_pointer(regex->data);

	while (from <= length &&
	       match_from(regex, text, length, from,
			  PCRE2_NOTEMPTY) == REGEX_YES) {
		*start = where[0];
		*end = where[1];
		if (*end > *start)
			return true;
		from = *start + 1;
	}
	return false;
}
