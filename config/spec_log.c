/* spec_log.c - names, defaults and ranges of what becomes of the output of processes. */
#include "config/spec_log.h"

#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define NAME(id, text) text,
static const char *const TO_NAMES[] = {SPEC_LOG_TOS(NAME)};
static const char *const LINE_NAMES[] = {SPEC_LOG_LINES(NAME)};
static const char *const TIME_NAMES[] = {SPEC_LOG_TIMES(NAME)};
static const char *const STREAMS_NAMES[] = {SPEC_LOG_STREAMS(NAME)};
static const char *const COMPRESS_NAMES[] = {SPEC_LOG_COMPRESSES(NAME)};
static const char *const FULL_NAMES[] = {SPEC_LOG_FULLS(NAME)};
#undef NAME
/* clang-format on */

const char *spec_log_to_name(unsigned v)
{
	return v < ARRAY_LEN(TO_NAMES) ? TO_NAMES[v] : NULL;
}

const char *spec_log_line_name(unsigned v)
{
	return v < ARRAY_LEN(LINE_NAMES) ? LINE_NAMES[v] : NULL;
}

const char *spec_log_time_name(unsigned v)
{
	return v < ARRAY_LEN(TIME_NAMES) ? TIME_NAMES[v] : NULL;
}

const char *spec_log_streams_name(unsigned v)
{
	return v < ARRAY_LEN(STREAMS_NAMES) ? STREAMS_NAMES[v] : NULL;
}

const char *spec_log_compress_name(unsigned v)
{
	return v < ARRAY_LEN(COMPRESS_NAMES) ? COMPRESS_NAMES[v] : NULL;
}

const char *spec_log_full_name(unsigned v)
{
	return v < ARRAY_LEN(FULL_NAMES) ? FULL_NAMES[v] : NULL;
}

struct log_spec log_spec_default(void)
{
	struct log_spec log;

	memset(&log, 0, sizeof(log));
	log.max_size = SPEC_LOG_NO_LIMIT;
	log.max_age_ms = SPEC_INFINITY;
	log.file = SPEC_NONE;
	log.max_files = 10;
	log.max_line = 16 * 1024;
	log.mode = 0640;
	log.uid = PROC_ID_INHERIT;
	log.gid = PROC_ID_INHERIT;
	log.to = SPEC_LOG_TO_STDOUT;
	return log;
}

bool spec_log_in_range(const struct log_spec *log)
{
	const bool has_file = log->to == SPEC_LOG_TO_FILE || log->to == SPEC_LOG_TO_BOTH;

	return log->to < SPEC_LOG_TO_COUNT && log->line < SPEC_LOG_LINE_COUNT &&
	       log->time < SPEC_LOG_TIME_COUNT && log->streams < SPEC_LOG_STREAMS_COUNT &&
	       log->compress < SPEC_LOG_COMPRESS_COUNT && log->on_full < SPEC_LOG_FULL_COUNT &&
	       log->prefix <= 1 && log->pad == 0 && log->max_size >= SPEC_LOG_SIZE_MIN &&
	       log->max_age_ms > 0 && log->max_files > 0 && log->max_line >= SPEC_LOG_LINE_MIN &&
	       log->max_line <= SPEC_LOG_LINE_MAX && log->mode <= 0777 &&
	       has_file == (log->file != SPEC_NONE);
}
