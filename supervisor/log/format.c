/* format.c - a line of a stream as it is written. */
#include "supervisor/log/format.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/log/escape.h"

static const char split_end[] = " [...]";
static const char split_begin[] = "[...] ";

/* Sets of bytes that end a line in json. */
static const char json_time[] = "{\"time\":\"";
static const char json_close[] = "\"";
static const char json_continued[] = ",\"continued\":true";
static const char json_truncated[] = ",\"truncated\":true";
static const char json_binary[] = ",\"binary\":true";

static char *put(char *out, const void *bytes, size_t n)
{
	memcpy(out, bytes, n);
	return out + n;
}

#define PUT_TEXT(out, text) put((out), (text), sizeof(text) - 1)

size_t format_most(const struct format *format, size_t n)
{
	return format->head_n + FORMAT_EXTRA + (format->json ? 6 * n : n);
}

/* What a line has besides its bytes, whole or not. */
static size_t line_extra(const struct format *format)
{
	if (format->json)
		return sizeof(json_time) - 1 + TIME_TEXT + format->head_n + sizeof(json_close) - 1 +
		       2;
	return (format->time ? TIME_TEXT + 1 : 0) + format->head_n + 1;
}

/* The most that the bytes become within a string; *high: how many of them are from 0x80. */
static size_t escaped_most(const char *bytes, size_t n, size_t *high)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c < 0x20 || c == 0x7f)
			most += c == '\t' || c == '\r' ? 2 : 6;
		else
			most += c == '"' || c == '\\' ? 2 : 1;
		*high += c >= 0x80;
	}
	return most;
}

static size_t json_most(const struct format *format, const struct span *line)
{
	size_t high = 0;
	size_t most = line_extra(format) + escaped_most(line->a, line->a_n, &high) +
		      escaped_most(line->b, line->b_n, &high);

	if (high > 0 && !is_utf8(line->a, line->a_n, line->b, line->b_n))
		most += 5 * high + sizeof(json_binary) - 1;
	if (line->continued)
		most += sizeof(json_continued) - 1;
	return most + (line->more ? sizeof(json_truncated) - 1 : 0);
}

static size_t json_lines_most(const struct format *format, const struct span *lines)
{
	size_t most = 0;

	for (size_t at = 0; at < lines->a_n;) {
		const char *begin = lines->a + at;
		const char *newline = memchr(begin, '\n', lines->a_n - at);
		struct span line = {.a = begin, .a_n = (size_t)(newline - begin)};

		most += json_most(format, &line);
		at += line.a_n + 1;
	}
	return most;
}

size_t format_span_most(const struct format *format, const struct span *span)
{
	if (format->json)
		return span->many ? json_lines_most(format, span) : json_most(format, span);
	if (span->many)
		return span->a_n + count_lines(span->a, span->a_n) * (line_extra(format) - 1);
	return line_extra(format) + span->a_n + span->b_n +
	       (span->continued ? sizeof(split_begin) - 1 : 0) +
	       (span->more ? sizeof(split_end) - 1 : 0);
}

size_t format_byte_most(const struct format *format)
{
	return line_extra(format) + (format->json ? sizeof(json_binary) + 5 : 1);
}

/* ",\"path\":...,\"stream\":\"out\",\"line\":\"": all that a line of this stream has before it. */
static int init_json(struct format *format, const char *path, enum log_stream stream)
{
	static const char path_key[] = "\",\"path\":\"";
	static const char stream_key[] = "\",\"stream\":\"";
	static const char line_key[] = "\",\"line\":\"";
	const char *word = log_stream_name(stream);
	size_t n = strlen(path);
	bool binary = false;
	char *at;

	format->head = malloc(
		6 * n + sizeof(path_key) + sizeof(stream_key) + sizeof(line_key) + strlen(word));
	if (!format->head)
		return -ENOMEM;
	at = PUT_TEXT(format->head, path_key);
	at = json_escape(at, path, n, NULL, 0, &binary);
	at = PUT_TEXT(at, stream_key);
	at = put(at, word, strlen(word));
	at = PUT_TEXT(at, line_key);
	format->head_n = (size_t)(at - format->head);
	return 0;
}

static int init_text(struct format *format, const char *path, enum log_stream stream,
	unsigned width, unsigned colour)
{
	bool err = stream == LOG_STREAM_ERR;
	int n;

	if (colour == 0)
		n = asprintf(&format->head, "%-*s %c ", (int)width, path, err ? '!' : '|');
	else
		n = asprintf(&format->head, "\033[3%um%-*s%s %c \033[0m", colour, (int)width, path,
			err ? "\033[31m" : "", err ? '!' : '|');
	if (n < 0) {
		format->head = NULL;
		return -ENOMEM;
	}
	format->head_n = (size_t)n;
	return 0;
}

int format_init(struct format *format, const struct log_settings *settings, const char *path,
	enum log_stream stream, unsigned width, unsigned colour)
{
	*format = (struct format){
		.json = settings->format == LOG_FORMAT_JSON,
		.time = settings->format == LOG_FORMAT_JSON ||
			settings->timestamps == LOG_TIMESTAMPS_RFC3339,
	};
	if (format->json)
		return init_json(format, path, stream);
	return settings->prefix ? init_text(format, path, stream, width, colour) : 0;
}

int format_init_record(struct format *format, const char *path, enum log_stream stream)
{
	*format = (struct format){.json = true, .time = true, .newline_is_nul = true};
	return init_json(format, path, stream);
}

void format_free(struct format *format)
{
	free(format->head);
	*format = (struct format){0};
}

bool format_is_plain(const struct format *format)
{
	return !format->json && !format->time && format->head_n == 0;
}

static char *text_line(const struct format *format, const char time[static TIME_TEXT],
	const struct span *line, char *out)
{
	if (format->time) {
		out = put(out, time, TIME_TEXT);
		*out++ = ' ';
	}
	if (format->head_n > 0)
		out = put(out, format->head, format->head_n);
	if (line->continued)
		out = PUT_TEXT(out, split_begin);
	out = put(out, line->a, line->a_n);
	if (line->b_n > 0)
		out = put(out, line->b, line->b_n);
	if (line->more)
		out = PUT_TEXT(out, split_end);
	*out++ = '\n';
	return out;
}

static char *json_line(const struct format *format, const char time[static TIME_TEXT],
	const struct span *line, char *out)
{
	bool binary = false;

	out = PUT_TEXT(out, json_time);
	out = put(out, time, TIME_TEXT);
	out = put(out, format->head, format->head_n);
	out = json_escape(out, line->a, line->a_n, line->b, line->b_n, &binary);
	out = PUT_TEXT(out, json_close);
	if (line->continued)
		out = PUT_TEXT(out, json_continued);
	if (line->more)
		out = PUT_TEXT(out, json_truncated);
	if (binary)
		out = PUT_TEXT(out, json_binary);
	*out++ = '}';
	*out++ = format->newline_is_nul ? '\0' : '\n';
	return out;
}

char *format_line(const struct format *format, const char time[static TIME_TEXT],
	const struct span *line, char *out)
{
	assert(!line->many);
	return format->json ? json_line(format, time, line, out)
			    : text_line(format, time, line, out);
}

size_t format_lines(const struct format *format, const char time[static TIME_TEXT],
	struct span *lines, char *out, size_t size, size_t *ret_lines)
{
	char *at = out;
	size_t count = 0;

	assert(lines->many);
	while (lines->a_n > 0) {
		const char *newline = memchr(lines->a, '\n', lines->a_n);
		struct span line = {.a = lines->a, .a_n = (size_t)(newline - lines->a)};

		assert(newline);
		if (format_most(format, line.a_n) > size - (size_t)(at - out))
			break;
		at = format_line(format, time, &line, at);
		lines->a = newline + 1;
		lines->a_n -= line.a_n + 1;
		count++;
	}
	*ret_lines = count;
	return (size_t)(at - out);
}

size_t format_loss(const struct format *format, const char time[static TIME_TEXT], uint64_t lines,
	uint64_t bytes, const char *why, char out[static FORMAT_LOSS_MAX])
{
	int n;

	if (format->json)
		n = snprintf(out, FORMAT_LOSS_MAX,
			"{\"time\":\"%.*s\",\"stream\":\"suplog\",\"line\":\"%llu lines (%llu "
			"bytes) were dropped: %.100s\",\"dropped\":%llu}%c",
			TIME_TEXT, time, (unsigned long long)lines, (unsigned long long)bytes, why,
			(unsigned long long)lines, format->newline_is_nul ? '\0' : '\n');
	else
		n = snprintf(out, FORMAT_LOSS_MAX,
			"%.*s%ssuplog: %llu lines (%llu bytes) were dropped: %.100s\n",
			format->time ? TIME_TEXT : 0, time, format->time ? " " : "",
			(unsigned long long)lines, (unsigned long long)bytes, why);
	return (size_t)n;
}
