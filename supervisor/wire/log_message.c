/* log_message.c - what supd and its logger tell each other, a datagram each. */
#include "supervisor/wire/log_message.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define WORD(id, text) text,

/* As it is sent: the fixed part, then the path and the file, each with its NUL. Both ends are on
 * one machine and of one build, or the version tells them apart. */
struct flat {
	uint64_t max_size;
	int64_t max_age_ms;
	uint32_t version;
	uint32_t kind;
	uint32_t index;
	uint32_t generation;
	int32_t pid;
	uint32_t max_files;
	uint32_t max_line;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint16_t path_n; /* without the NUL */
	uint16_t file_n;
	uint8_t stream;
	uint8_t to;
	uint8_t format;
	uint8_t compress;
	uint8_t on_full;
	uint8_t timestamps;
	uint8_t prefix;
	uint8_t pad[5];
};
static_assert(sizeof(struct flat) == 72, "no hidden padding");
static_assert(sizeof(struct flat) + LOG_PATH_MAX + LOG_FILE_MAX + 2 <= LOG_MESSAGE_MAX,
	"the longest message fits");

static bool has_child(uint32_t kind)
{
	return kind != LOG_MESSAGE_REOPEN && kind != LOG_MESSAGE_DRAIN && kind != LOG_MESSAGE_READY;
}

/* Is it a stream that can be written? */
static bool in_range(const struct flat *flat)
{
	bool needs_file = flat->to != LOG_TO_STDOUT;

	return flat->stream < LOG_STREAM_COUNT && flat->to < LOG_TO_COUNT &&
	       flat->format < LOG_FORMAT_COUNT && flat->compress < LOG_COMPRESS_COUNT &&
	       flat->on_full < LOG_ON_FULL_COUNT && flat->timestamps < LOG_TIMESTAMPS_COUNT &&
	       flat->prefix <= 1 && flat->max_line >= LOG_LINE_LEAST &&
	       flat->max_line <= LOG_LINE_MOST && flat->max_age_ms >= 0 &&
	       needs_file == (flat->file_n > 0);
}

static void flatten_stream(const struct log_message *message, struct flat *flat)
{
	const struct log_settings *settings = &message->settings;

	flat->stream = (uint8_t)message->stream;
	flat->max_size = settings->max_size;
	flat->max_age_ms = settings->max_age_ms;
	flat->max_files = settings->max_files;
	flat->max_line = settings->max_line;
	flat->mode = settings->mode;
	flat->uid = settings->uid;
	flat->gid = settings->gid;
	flat->to = settings->to;
	flat->format = settings->format;
	flat->compress = settings->compress;
	flat->on_full = settings->on_full;
	flat->timestamps = settings->timestamps;
	flat->prefix = settings->prefix;
}

size_t log_message_write(const struct log_message *message, char buf[static LOG_MESSAGE_MAX])
{
	struct flat flat = {.version = LOG_MESSAGE_VERSION, .kind = message->kind};
	size_t path_n;
	size_t file_n;

	if (message->kind >= LOG_MESSAGE_COUNT)
		return 0;
	if (has_child(message->kind)) {
		flat.index = message->index;
		flat.generation = message->generation;
		flat.pid = message->pid;
	}
	if (message->kind != LOG_MESSAGE_STREAM) {
		memcpy(buf, &flat, sizeof(flat));
		return sizeof(flat);
	}
	path_n = strlen(message->path);
	file_n = strlen(message->settings.file);
	if (path_n > LOG_PATH_MAX || file_n > LOG_FILE_MAX)
		return 0;
	flatten_stream(message, &flat);
	flat.path_n = (uint16_t)path_n;
	flat.file_n = (uint16_t)file_n;
	if (!in_range(&flat))
		return 0;
	memcpy(buf, &flat, sizeof(flat));
	memcpy(buf + sizeof(flat), message->path, path_n + 1);
	memcpy(buf + sizeof(flat) + path_n + 1, message->settings.file, file_n + 1);
	return sizeof(flat) + path_n + 1 + file_n + 1;
}

/* Both texts lie where their lengths say, and end there. */
static bool texts_are_whole(const struct flat *flat, const char *texts, size_t n)
{
	if (flat->path_n > LOG_PATH_MAX || flat->file_n > LOG_FILE_MAX ||
		n != (size_t)flat->path_n + 1 + flat->file_n + 1)
		return false;
	return strnlen(texts, n) == flat->path_n &&
	       strnlen(texts + flat->path_n + 1, n - flat->path_n - 1) == flat->file_n;
}

static void read_stream(const struct flat *flat, const char *texts, struct log_message *ret)
{
	ret->stream = (enum log_stream)flat->stream;
	ret->path = texts;
	ret->settings = (struct log_settings){
		.file = texts + flat->path_n + 1,
		.max_size = flat->max_size,
		.max_age_ms = flat->max_age_ms,
		.max_files = flat->max_files,
		.max_line = flat->max_line,
		.mode = flat->mode,
		.uid = flat->uid,
		.gid = flat->gid,
		.to = flat->to,
		.format = flat->format,
		.compress = flat->compress,
		.on_full = flat->on_full,
		.timestamps = flat->timestamps,
		.prefix = flat->prefix != 0,
	};
}

int log_message_read(const char *bytes, size_t n, struct log_message *ret)
{
	struct flat flat;
	const char *texts = bytes + sizeof(flat);

	if (n < sizeof(flat))
		return -EBADMSG;
	memcpy(&flat, bytes, sizeof(flat));
	n -= sizeof(flat);
	if (flat.version != LOG_MESSAGE_VERSION)
		return -EPROTO;
	if (flat.kind >= LOG_MESSAGE_COUNT)
		return -EBADMSG;
	if (flat.kind == LOG_MESSAGE_STREAM ? !in_range(&flat) || !texts_are_whole(&flat, texts, n)
					    : n != 0)
		return -EBADMSG;
	*ret = (struct log_message){.kind = (enum log_message_kind)flat.kind,
		.index = flat.index,
		.generation = flat.generation,
		.pid = flat.pid};
	if (flat.kind == LOG_MESSAGE_STREAM)
		read_stream(&flat, texts, ret);
	return 0;
}

static const char *word(const char *const *words, size_t n, unsigned value)
{
	return value < n ? words[value] : "?";
}

#define NAMES(function, TABLE)                                    \
	const char *function(unsigned value)                      \
	{                                                         \
		static const char *const WORDS[] = {TABLE(WORD)}; \
                                                                  \
		return word(WORDS, ARRAY_LEN(WORDS), value);      \
	}

NAMES(log_to_name, LOG_TOS)
NAMES(log_format_name, LOG_FORMATS)
NAMES(log_compress_name, LOG_COMPRESSIONS)
NAMES(log_on_full_name, LOG_ON_FULLS)
NAMES(log_timestamps_name, LOG_TIMESTAMPS)
NAMES(log_stream_name, LOG_STREAMS)
NAMES(log_message_name, LOG_MESSAGES)
