/* server_reload.c - the method Reload. */
#include <errno.h>
#include <string.h>

#include "supervisor/os/reload.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"

static void refuse(const struct request *request, uint32_t index, const char *path, int error)
{
	if (error == -ESRCH)
		request_invalid_state(request, path, index);
	else if (error == -EPERM)
		request_error(request, ERROR_PERMISSION_DENIED, NULL);
	else
		request_error(request, ERROR_START_FAILED,
			json_pack("{s:s, s:s}", "path", path, "reason",
				error == -EAGAIN ? "too many reload at once" : strerror(-error)));
}

void method_reload(const struct request *request)
{
	struct client *client = request->client;
	struct pending *pending = NULL;
	char path[PATH_SIZE];
	int64_t timeout_ms;
	uint32_t index;
	int result;

	if (!request_timeout(request, &timeout_ms) || !request_path(request, &index, path))
		return;
	/* Who is gone does not wait: token 0 is nobody's. */
	if (!client->hung_up) {
		pending = pending_new(
			client, PENDING_COMMAND, path, timeout_ms, request->call->oneway);
		if (!pending) {
			client->dead = true;
			return;
		}
	}
	result = shell_reload(client->server->shell, index, pending ? pending->token : 0);
	if (result == 1)
		return;
	if (pending)
		pending_free(pending);
	if (result == 0)
		request_reply(request, NULL);
	else
		refuse(request, index, path, result);
}
