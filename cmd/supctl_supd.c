/* supctl_supd.c - the commands to supd itself: ping, version, shutdown. */
#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "supervisor/wire/methods.h"

int verb_ping(const struct request *request)
{
	int64_t start_ns = now_ns();
	struct client_reply reply;
	int status = call_once(request, WIRE_INTERFACE ".Ping", &reply);
	double ms = (double)(now_ns() - start_ns) / 1e6;

	if (status != SUPCTL_DONE)
		return status;
	if (request->flags & FLAG_JSON)
		out_printf(request->out, "{\"ok\":true,\"ms\":%.3f}\n", ms);
	else
		out_printf(request->out, "supd at %s answered in %.1f ms\n", request->dir, ms);
	client_reply_free(&reply);
	return SUPCTL_DONE;
}

int verb_version(const struct request *request)
{
	struct client_reply reply;
	const char *version;
	int status;

	if (!(request->flags & FLAG_JSON)) {
		out_text(request->out, "supctl " SUPD_VERSION "\n");
		out_flush(request->out);
	}
	status = call_once(request, WIRE_SERVICE ".GetInfo", &reply);
	if (status != SUPCTL_DONE)
		return status;
	version = json_string_value(json_object_get(reply.parameters, "version"));
	if (request->flags & FLAG_JSON) {
		json_t *line = json_pack("{s:s, s:s*}", "supctl", SUPD_VERSION, "supd", version);

		out_json(request->out, line);
		out_text(request->out, "\n");
		json_decref(line);
	} else {
		out_printf(request->out, "supd %s\n", version ? version : "of unknown version");
	}
	client_reply_free(&reply);
	return SUPCTL_DONE;
}

int verb_reopen(const struct request *request)
{
	struct client_reply reply;
	int status = call_once(request, WIRE_INTERFACE ".ReopenLogs", &reply);

	if (status != SUPCTL_DONE)
		return status;
	if (request->flags & FLAG_JSON)
		out_text(request->out, "{\"ok\":true}\n");
	client_reply_free(&reply);
	return SUPCTL_DONE;
}

int verb_shutdown(const struct request *request)
{
	struct client_reply reply;
	int status = call_once(request, WIRE_INTERFACE ".Shutdown", &reply);

	if (status != SUPCTL_DONE)
		return status;
	if (request->flags & FLAG_JSON)
		out_text(request->out, "{\"ok\":true}\n");
	client_reply_free(&reply);
	return SUPCTL_DONE;
}
