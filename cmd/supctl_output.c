/* supctl_output.c - the one place that writes: a large buffer, cells of display columns, JSON. */
#include "cmd/supctl_output.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "cmd/supctl.h"
#include "config/units.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MIN = 40, WIDTH_MAX = 1000 };

/* Strings alone are written too. */
#define JSON_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

int out_guard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return -errno;
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
	return 0;
}

void out_init(struct out *out, int fd)
{
	out->fd = fd;
	out->error = 0;
	out->terminal = false;
	out->colour = false;
	out->utf8 = false;
	out->width = WIDTH_DEFAULT;
	out->height = 0;
	out->len = 0;
}

void out_prepare_table(struct out *out)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	const char *columns = getenv("COLUMNS");
	struct winsize size = {0};
	int64_t width;

	out->utf8 = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	out->terminal = isatty(out->fd) == 1;
	out->colour =
		out->terminal && (!no_colour || !*no_colour) && term && strcmp(term, "dumb") != 0;
	out->width = WIDTH_DEFAULT;
	out->height = 0;
	if (out->terminal && ioctl(out->fd, TIOCGWINSZ, &size) == 0) {
		out->height = size.ws_row;
		if (size.ws_col)
			out->width = size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
	} else if (columns && parse_number(columns, WIDTH_MIN, WIDTH_MAX, &width) == 0) {
		out->width = (unsigned)width;
	}
}

void out_flush(struct out *out)
{
	size_t done = 0;

	while (!out->error && done < out->len) {
		ssize_t n = write(out->fd, out->buf + done, out->len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			out->error = errno;
	}
	out->len = 0;
}

bool out_finish(struct out *out)
{
	out_flush(out);
	if (out->error && out->error != EPIPE) {
		complain("cannot write the output: %s", strerror(out->error));
		return false;
	}
	return true;
}

void out_bytes(struct out *out, const char *bytes, size_t n)
{
	while (n && !out->error) {
		size_t room = sizeof out->buf - out->len;
		size_t part = n < room ? n : room;

		memcpy(out->buf + out->len, bytes, part);
		out->len += part;
		bytes += part;
		n -= part;
		if (out->len == sizeof out->buf)
			out_flush(out);
	}
}

void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

void out_printf(struct out *out, const char *format, ...)
{
	char text[4096];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n > 0)
		out_bytes(out, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void out_json(struct out *out, const json_t *value)
{
	size_t room = sizeof out->buf - out->len;
	size_t need;
	char *text;

	if (out->error)
		return;
	need = value ? json_dumpb(value, out->buf + out->len, room, JSON_FLAGS) : 0;
	if (need == 0) {
		out->error = ENOMEM;
		return;
	}
	if (need <= room) {
		out->len += need;
		return;
	}
	out_flush(out);
	if (need <= sizeof out->buf) {
		out->len = json_dumpb(value, out->buf, sizeof out->buf, JSON_FLAGS);
		return;
	}
	text = json_dumps(value, JSON_FLAGS);
	if (text)
		out_text(out, text);
	else
		out->error = ENOMEM;
	free(text);
}

/* ---- cells */

/* The next character of text: its bytes (at least 1) and its columns; *ret_ok is false for what
 * cannot be shown. */
static size_t next_char(const struct out *out, const char *text, size_t *ret_columns, bool *ret_ok)
{
	unsigned char c = (unsigned char)*text;
	mbstate_t state = {0};
	wchar_t wide;
	size_t n;
	int columns;

	*ret_columns = 1;
	*ret_ok = c >= ' ' && c < 0x7f;
	if (c < 0x80 || !out->utf8)
		return 1;
	n = mbrtowc(&wide, text, strlen(text), &state);
	if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
		return 1;
	columns = wcwidth(wide);
	*ret_ok = columns >= 0;
	*ret_columns = columns >= 0 ? (size_t)columns : 1;
	return n;
}

size_t out_columns(const struct out *out, const char *text)
{
	size_t total = 0;
	size_t columns;
	bool ok;

	while (*text) {
		text += next_char(out, text, &columns, &ok);
		total += columns;
	}
	return total;
}

static const char *tone_code(enum tone tone)
{
	static const char *const codes[TONE_COUNT] = {
		[TONE_PLAIN] = "",
		[TONE_GOOD] = "\033[32m",
		[TONE_BUSY] = "\033[33m",
		[TONE_BAD] = "\033[31m",
		[TONE_DIM] = "\033[2m",
		[TONE_BOLD] = "\033[1m",
	};

	return codes[tone];
}

void out_cell(struct out *out, const char *text, size_t columns, bool pad, enum tone tone)
{
	const char *ellipsis = out->utf8 ? "\u2026" : "~";
	bool cut = out_columns(out, text) > columns;
	bool toned = out->colour && tone != TONE_PLAIN;
	size_t limit = cut && columns ? columns - 1 : columns;
	size_t used = 0;

	if (toned)
		out_text(out, tone_code(tone));
	while (*text) {
		size_t width;
		bool ok;
		size_t n = next_char(out, text, &width, &ok);

		if (used + width > limit)
			break;
		if (ok)
			out_bytes(out, text, n);
		else
			out_text(out, "?");
		used += width;
		text += n;
	}
	if (cut && columns) {
		out_text(out, ellipsis);
		used++;
	}
	if (toned)
		out_text(out, "\033[0m");
	for (; pad && used < columns; used++)
		out_text(out, " ");
}

void complain(const char *format, ...)
{
	char text[4096] = "supctl: ";
	size_t len = strlen(text);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text + len, sizeof text - len - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	len = strlen(text);
	text[len++] = '\n';
	/* Nothing is left to do when standard error cannot be written. */
	if (write(STDERR_FILENO, text, len) < 0)
		return;
}
