/* supctl_impact.c - impact: what would happen if a child died, as supd itself foresees it. */
#include "cmd/supctl.h"
#include "cmd/supctl_call.h"
#include "cmd/supctl_output.h"
#include "supervisor/wire/methods.h"

int verb_impact(const struct request *request)
{
	const char *path = request->args[0];
	struct client_reply reply;
	const char *text;
	int status = call_wait(
		request, WIRE_INTERFACE ".Impact", json_pack("{s:s}", "path", path), &reply);

	if (status != SUPCTL_DONE)
		return status;
	text = json_string_value(json_object_get(reply.parameters, "text"));
	if (reply.error) {
		status = complain_refused(request, path, &reply);
	} else if (request->flags & FLAG_JSON) {
		out_json(request->out, reply.parameters);
		out_text(request->out, "\n");
	} else if (text) {
		out_text(request->out, text);
	}
	client_reply_free(&reply);
	return status;
}
