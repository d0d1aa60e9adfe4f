/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "charset.h"

#define NAME_MAX_LENGTH 40
#define OUT_CHUNK 4096
#define REPLACEMENT "\xef\xbf\xbd"

/*
 * Names that iconv does not know or reads too narrowly. Senders label with
 * the standard's name what their system's superset made, so the superset is
 * what decodes both. An empty second name: as good as not declared.
 */
static const struct {
	const char *name, *real;
} aliases[] = {
	{"ansi", ""},
	{"ansi_x3.4-1968", ""},
	{"ascii", ""},
	{"us-ascii", ""},
	{"default", ""},
	{"default_charset", ""},
	{"none", ""},
	{"unknown", ""},
	{"unknown-8bit", ""},
	{"unknown-charset", ""},
	{"x-unknown", ""},
	{"x-user-defined", ""},
	{"_autodetect", ""},
	{"7bit", ""},
	{"8bit", ""},
	{"binary", ""},
	{"utf8", "UTF-8"},
	{"utf-8n", "UTF-8"},
	{"utf-8mb4", "UTF-8"},
	{"utf8mb4", "UTF-8"},
	{"unicode-1-1-utf-8", "UTF-8"},
	{"unicode-1-1-utf-7", "UTF-7"},
	{"utf7", "UTF-7"},
	{"utf16", "UTF-16"},
	{"utf16le", "UTF-16LE"},
	{"utf16be", "UTF-16BE"},
	{"ucs-2", "UTF-16"},
	{"unicode", "UTF-16"},
	{"iso-10646-ucs-2", "UTF-16"},
	{"iso8859-1", "ISO-8859-1"},
	{"iso-8859-8-i", "ISO-8859-8"},
	{"iso-8859-8-e", "ISO-8859-8"},
	{"iso-8859-6-i", "ISO-8859-6"},
	{"iso-8859-6-e", "ISO-8859-6"},
	{"latin-1", "ISO-8859-1"},
	{"latin1", "ISO-8859-1"},
	{"iso-8859-11", "CP874"},
	{"tis-620", "CP874"},
	{"windows-874", "CP874"},
	{"gb2312", "GB18030"},
	{"gb_2312-80", "GB18030"},
	{"gb2312-80", "GB18030"},
	{"gb-2312", "GB18030"},
	{"euc-cn", "GB18030"},
	{"gbk", "GB18030"},
	{"x-gbk", "GB18030"},
	{"cp936", "GB18030"},
	{"ms936", "GB18030"},
	{"windows-936", "GB18030"},
	{"chinesesimplified", "GB18030"},
	{"big5", "BIG5-HKSCS"},
	{"big-5", "BIG5-HKSCS"},
	{"x-x-big5", "BIG5-HKSCS"},
	{"x-big5", "BIG5-HKSCS"},
	{"cn-big5", "BIG5-HKSCS"},
	{"cp950", "BIG5-HKSCS"},
	{"windows-950", "BIG5-HKSCS"},
	{"ks_c_5601", "UHC"},
	{"ks_c_5601-1987", "UHC"},
	{"ks_c_5601-1989", "UHC"},
	{"ksc5601", "UHC"},
	{"ksc_5601", "UHC"},
	{"korean", "UHC"},
	{"euc-kr", "UHC"},
	{"euckr", "UHC"},
	{"x-euc-kr", "UHC"},
	{"cp949", "UHC"},
	{"cp-949", "UHC"},
	{"ms949", "UHC"},
	{"windows-949", "UHC"},
	{"shift_jis", "CP932"},
	{"shift-jis", "CP932"},
	{"sjis", "CP932"},
	{"x-sjis", "CP932"},
	{"ms_kanji", "CP932"},
	{"windows-31j", "CP932"},
	{"cp-932", "CP932"},
	{"windows-932", "CP932"},
	{"euc-jp", "EUC-JP-MS"},
	{"x-euc-jp", "EUC-JP-MS"},
	{"x-euc", "EUC-JP-MS"},
	{"iso-2022-jp", "ISO-2022-JP-3"},
	{"csiso2022jp", "ISO-2022-JP-3"},
	{"iso-2022-jp-ms", "ISO-2022-JP-3"},
	{"cp50220", "ISO-2022-JP-3"},
	{"cp50221", "ISO-2022-JP-3"},
	{"koi8", "KOI8-R"},
	{"koi8r", "KOI8-R"},
	{"koi8u", "KOI8-U"},
	{"koi8-ru", "KOI8-RU"},
	{"x-mac-roman", "MACINTOSH"},
	{"mac", "MACINTOSH"},
	{"x-mac-cyrillic", "MAC-CYRILLIC"},
	{"x-mac-ce", "MAC-CENTRALEUROPE"},
	{"x-viet-tcvn", "TCVN"},
	{"visual", "ISO-8859-8"},
	{"logical", "ISO-8859-8"},
};

/*
 * The windows page that an ISO 8859 label becomes as soon as an octet of
 * 80-9F stands in the text: no one sends C1 controls.
 */
static const struct {
	const char *iso, *windows;
} c1_supersets[] = {
	{"ISO-8859-1", "WINDOWS-1252"},	 {"ISO-8859-2", "WINDOWS-1250"},
	{"ISO-8859-5", "WINDOWS-1251"},	 {"ISO-8859-7", "WINDOWS-1253"},
	{"ISO-8859-8", "WINDOWS-1255"},	 {"ISO-8859-9", "WINDOWS-1254"},
	{"ISO-8859-6", "WINDOWS-1256"},	 {"ISO-8859-4", "WINDOWS-1257"},
	{"ISO-8859-13", "WINDOWS-1257"}, {"ISO-8859-15", "WINDOWS-1252"},
};

static bool name_is_allowed(const char *name, size_t length)
{
	if (length == 0 || length > NAME_MAX_LENGTH)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isalnum(name[i]) && strchr("._:-", name[i]) == NULL)
			return false;
	return true;
}

/* "windows1252", "win-1251", "x-cp1252", "cp-850": how pages get spelled. */
static char *resolve_page(const char *name)
{
	static const char *const prefixes[] = {
		"x-windows-", "x-cp-", "x-cp", "windows-", "windows",
		"win-",	      "win",   "cp-",  "cp_",	   "cp",
		"ibm-",	      "ibm",   "dos-", "microsoft-cp",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		const char *digits = name + strlen(prefixes[i]);

		if (g_str_has_prefix(name, prefixes[i]) && *digits != '\0' &&
		    strspn(digits, "0123456789") == strlen(digits))
			return g_strconcat("CP", digits, NULL);
	}
	return NULL;
}

char *charset_resolve(const char *name)
{
	g_autofree char *lower = NULL;
	char *page;

	if (name == NULL)
		return NULL;
	lower = g_strstrip(g_ascii_strdown(name, -1));
	if (!name_is_allowed(lower, strlen(lower)))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++) {
		if (strcmp(lower, aliases[i].name) != 0)
			continue;
		return *aliases[i].real == '\0' ? NULL
						: g_strdup(aliases[i].real);
	}
	page = resolve_page(lower);
	return page != NULL ? page : g_ascii_strup(lower, -1);
}

static bool has_c1(const unsigned char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (data[i] >= 0x80 && data[i] <= 0x9f)
			return true;
	return false;
}

static const char *widen(const char *real, const void *data, size_t length)
{
	for (size_t i = 0; i < G_N_ELEMENTS(c1_supersets); i++)
		if (strcmp(real, c1_supersets[i].iso) == 0)
			return has_c1(data, length) ? c1_supersets[i].windows
						    : real;
	return real;
}

/* NUL is an octet like any other here, where GLib ends at it. */
static size_t append_utf8(GString *out, const char *data, size_t length)
{
	const char *at = data, *end = data + length, *stop;
	size_t replaced = 0;

	if (length >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while (at < end) {
		g_utf8_validate(at, end - at, &stop);
		g_string_append_len(out, at, stop - at);
		at = stop;
		if (at == end)
			break;
		if (*at == '\0') {
			g_string_append_c(out, '\0');
		} else {
			g_string_append(out, REPLACEMENT);
			replaced++;
		}
		at++;
	}
	return replaced;
}

static bool is_utf8(const char *at, size_t length)
{
	const char *end = at + length;

	while (!g_utf8_validate(at, end - at, &at)) {
		if (*at != '\0')
			return false;
		at++;
	}
	return true;
}

static bool has_japanese_escape(const char *data, size_t length)
{
	const char *at = data;

	while ((at = memchr(at, '\033', length - (at - data))) != NULL) {
		size_t left = length - (at - data);

		if (left >= 3 && at[1] == '$' && (at[2] == 'B' || at[2] == '@'))
			return true;
		at++;
	}
	return false;
}

/*
 * RFC 2781: big endian without a mark. Windows disagrees, so text decides:
 * the zero octets of Latin letters and spaces stand in the high half.
 */
static const char *utf16_order(const unsigned char *data, size_t length,
			       size_t *skip)
{
	size_t zeros[2] = {0, 0};

	*skip = 2;
	if (length >= 2 && data[0] == 0xff && data[1] == 0xfe)
		return "UTF-16LE";
	if (length >= 2 && data[0] == 0xfe && data[1] == 0xff)
		return "UTF-16BE";
	*skip = 0;
	for (size_t i = 0; i < length && i < 4096; i++)
		if (data[i] == 0)
			zeros[i & 1]++;
	return zeros[1] > zeros[0] ? "UTF-16LE" : "UTF-16BE";
}

/* How far to go on from an octet that begins nothing. */
static size_t unit_of(const char *real)
{
	if (g_str_has_prefix(real, "UTF-16"))
		return 2;
	if (g_str_has_prefix(real, "UTF-32") || g_str_has_prefix(real, "UCS-4"))
		return 4;
	return 1;
}

/*
 * Every call of iconv goes on or ends in an error that is stepped over, so
 * this is linear in 'length'.
 */
static size_t append_iconv(GString *out, GIConv converter, const char *real,
			   const void *data, size_t length)
{
	char chunk[OUT_CHUNK];
	char *in = (char *)data;
	size_t left = length, unit = unit_of(real), replaced = 0;
	bool flushed = false;

	while (!flushed) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		bool flush = left == 0;
		size_t rc = g_iconv(converter, flush ? NULL : &in,
				    flush ? NULL : &left, &to, &room);
		int error = errno;

		g_string_append_len(out, chunk, to - chunk);
		if (rc != (size_t)-1 || (error == E2BIG && to > chunk)) {
			flushed = flush && rc != (size_t)-1;
			continue;
		}
		if (flush)
			break;
		g_string_append(out, REPLACEMENT);
		replaced++;
		unit = error == EILSEQ ? unit : left;
		in += MIN(unit, left);
		left -= MIN(unit, left);
	}
	return replaced;
}

static size_t append_guessed(GString *out, const void *data, size_t length)
{
	GIConv converter;
	size_t replaced;
	const char *name = "WINDOWS-1252";

	if (has_japanese_escape(data, length))
		name = "ISO-2022-JP-3";
	else if (is_utf8(data, length))
		return append_utf8(out, data, length);
	converter = g_iconv_open("UTF-8", name);
	if (converter == (GIConv)-1)
		return append_utf8(out, data, length);
	replaced = append_iconv(out, converter, name, data, length);
	g_iconv_close(converter);
	return replaced;
}

/* What a broken converter gives is not believed either. */
static void keep_valid(GString *out, size_t from)
{
	g_autofree char *tail = NULL;
	size_t length = out->len - from;

	if (is_utf8(out->str + from, length))
		return;
	tail = g_memdup2(out->str + from, length);
	g_string_truncate(out, from);
	append_utf8(out, tail, length);
}

size_t charset_append(GString *out, const char *name, const void *data,
		      size_t length)
{
	g_autofree char *resolved = charset_resolve(name);
	const char *real;
	size_t skip = 0, replaced, from = out->len;
	GIConv converter;

	if (length == 0)
		return 0;
	if (resolved == NULL)
		return append_guessed(out, data, length);
	if (strcmp(resolved, "UTF-8") == 0)
		return append_utf8(out, data, length);
	real = widen(resolved, data, length);
	if (strcmp(real, "UTF-16") == 0)
		real = utf16_order(data, length, &skip);
	converter = g_iconv_open("UTF-8", real);
	if (converter == (GIConv)-1)
		return append_guessed(out, data, length);
	replaced = append_iconv(out, converter, real,
				(const char *)data + skip, length - skip);
	g_iconv_close(converter);
	keep_valid(out, from);
	return replaced;
}

bool charset_known(const char *name)
{
	g_autofree char *real = charset_resolve(name);
	GIConv converter;

	if (real == NULL)
		return true;
	converter = g_iconv_open("UTF-8", real);
	if (converter == (GIConv)-1)
		return false;
	g_iconv_close(converter);
	return true;
}
