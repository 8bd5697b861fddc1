/* print_log.c - what becomes of the output of a process, as JSON. */
#include "config/bytes_json.h"
#include "config/print_internal.h"

static json_t *count(uint64_t n, uint64_t no_limit)
{
	return n == no_limit ? json_string("infinity") : json_integer((json_int_t)n);
}

static json_t *id_or_null(uint32_t id)
{
	return id == PROC_ID_INHERIT ? json_null() : json_integer(id);
}

json_t *print_log(const struct spec *spec, uint32_t i)
{
	const struct log_spec *log = spec_log(spec, i);

	if (log == NULL)
		return json_string("inherit");
	if (log->to == SPEC_LOG_TO_NOWHERE)
		return json_string("null");
	return json_pack("{s:s, s:o, s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:I, "
			 "s:s}",
		"to", spec_log_to_name(log->to), "file",
		log->file == SPEC_NONE ? json_null() : bytes_json(spec_str(spec, log->file)),
		"format", spec_log_line_name(log->line), "prefix", log->prefix, "timestamps",
		spec_log_time_name(log->time), "streams", spec_log_streams_name(log->streams),
		"max_size", count(log->max_size, SPEC_LOG_NO_LIMIT), "max_age",
		print_duration(log->max_age_ms), "max_files",
		count(log->max_files, SPEC_LOG_ALL_FILES), "compress",
		spec_log_compress_name(log->compress), "mode", json_sprintf("%04o", log->mode),
		"user", id_or_null(log->uid), "group", id_or_null(log->gid), "max_line",
		(json_int_t)log->max_line, "on_full", spec_log_full_name(log->on_full));
}
