/* server_pace.c - how often clients may read: a token bucket over all of them.
 *
 * Whoever only reads must not make a restart wait, however many ask, and however often. Each such
 * call costs a token and, when it has been answered, what its answer was worth; tokens come back
 * with time. Without any, a call waits in its client's input, and the client in a queue, behind
 * those that came before. What operators ask for waits for nobody. There is no timer while nobody
 * waits. The status table is the way for those who read much. */
#include <utlist.h>

#include "supervisor/os/server_internal.h"
#include "supervisor/os/shell.h"

enum {
	READS_A_MS = 2,	       /* tokens that come back */
	READS_MAX = 100,       /* at most there, for a burst */
	BYTES_A_READ = 8192,   /* of an answer, for which another token is due */
	IMPACTS_A_SECOND = 50, /* each takes up to some tens of milliseconds */
	IMPACT_READS = 1000 * READS_A_MS / IMPACTS_A_SECOND,
};

void pace_init(struct pace *pace, int64_t now_ms)
{
	*pace = (struct pace){.tokens = READS_MAX, .at_ms = now_ms};
}

static void refill(struct pace *pace, int64_t now_ms)
{
	int64_t missing_ms = (READS_MAX - pace->tokens) / READS_A_MS;
	int64_t passed_ms = now_ms - pace->at_ms;

	pace->at_ms = now_ms;
	if (passed_ms > missing_ms)
		pace->tokens = READS_MAX;
	else
		pace->tokens += passed_ms * READS_A_MS;
}

bool pace_take(struct client *client)
{
	struct server *server = client->server;
	struct pace *pace = &server->pace;

	refill(pace, loop_now_ms(shell_loop(server->shell)));
	if (client->may_read) {
		client->may_read = false;
		return true;
	}
	if (!pace->waiting && pace->tokens > 0) {
		pace->tokens--;
		return true;
	}
	client->waits = true;
	DL_APPEND2(pace->waiting, client, pace_prev, pace_next);
	return false;
}

void pace_charge(struct client *client, const struct method *method, size_t bytes)
{
	struct pace *pace = &client->server->pace;

	pace->tokens -= (int64_t)(bytes / BYTES_A_READ);
	if (method == &wire_methods[METHOD_IMPACT])
		pace->tokens -= IMPACT_READS;
}

void pace_leave(struct client *client)
{
	client->may_read = false;
	if (!client->waits)
		return;
	client->waits = false;
	DL_DELETE2(client->server->pace.waiting, client, pace_prev, pace_next);
}

int64_t pace_deadline_ms(const struct server *server)
{
	const struct pace *pace = &server->pace;

	if (!pace->waiting)
		return INT64_MAX;
	if (pace->tokens > 0)
		return pace->at_ms;
	return pace->at_ms + (READS_A_MS - pace->tokens) / READS_A_MS;
}

void pace_time(struct server *server, int64_t now_ms)
{
	struct pace *pace = &server->pace;
	struct client *client;

	refill(pace, now_ms);
	while ((client = pace->waiting) && pace->tokens > 0) {
		pace->tokens--;
		pace_leave(client);
		client->may_read = true;
		client_arm(client);
	}
}
