/* server_impact.c - Impact: the live engine's copy looks ahead. */
#include <stdlib.h>

#include "supervisor/engine/impact.h"
#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"
#include "supervisor/wire/impact_text.h"

void method_impact(const struct request *request)
{
	struct shell *shell = request->client->server->shell;
	struct impact *impact;
	char path[PATH_SIZE];
	json_t *json = NULL;
	char *text = NULL;
	uint32_t index;

	/* It may take tens of milliseconds: others have their turn before this client's next call.
	 */
	request->client->turn = 0;
	if (!request_path(request, &index, path))
		return;
	impact = impact_look(shell_engine(shell), index, loop_now_ms(shell_loop(shell)));
	if (impact)
		text = impact_text(impact);
	if (text)
		json = json_pack("{s:s, s:o, s:b}", "text", text, "steps", impact_json(impact),
			"truncated", impact->truncated);
	if (json)
		request_reply(request, json);
	else
		request->client->dead = true;
	free(text);
	impact_free(impact);
}
