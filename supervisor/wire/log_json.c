/* log_json.c - see log_json.h. */
#include "supervisor/wire/log_json.h"

#include "config/bytes_json.h"
#include "config/units.h"

static json_t *count_json(uint64_t n, uint64_t no_limit)
{
	return n == no_limit ? json_null() : json_integer((json_int_t)n);
}

static json_t *id_json(uint32_t id)
{
	return id == PROC_ID_INHERIT ? json_null() : json_integer(id);
}

/* What counts only where lines are written. */
static json_t *lines_json(const struct spec *spec, const struct log_spec *log)
{
	char age[32];

	return json_pack("{s:s, s:o, s:s, s:b, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:I, "
			 "s:s}",
		"to", spec_log_to_name(log->to), "file",
		log->file == SPEC_NONE ? json_null() : bytes_json(spec_str(spec, log->file)),
		"format", spec_log_line_name(log->line), "prefix", log->prefix, "timestamps",
		spec_log_time_name(log->time), "streams", spec_log_streams_name(log->streams),
		"max_size", count_json(log->max_size, SPEC_LOG_NO_LIMIT), "max_age",
		log->max_age_ms == SPEC_INFINITY
			? json_null()
			: json_string(format_duration(log->max_age_ms, age)),
		"max_files", count_json(log->max_files, SPEC_LOG_ALL_FILES), "compress",
		spec_log_compress_name(log->compress), "mode", json_sprintf("%04o", log->mode),
		"uid", id_json(log->uid), "gid", id_json(log->gid), "max_line",
		(json_int_t)log->max_line, "on_full", spec_log_full_name(log->on_full));
}

json_t *log_json(const struct spec *spec, uint32_t node)
{
	const struct log_spec *log = spec_log(spec, node);

	if (!log)
		return json_null();
	if (log->to == SPEC_LOG_TO_NOWHERE)
		return json_pack("{s:s}", "to", spec_log_to_name(log->to));
	return lines_json(spec, log);
}
