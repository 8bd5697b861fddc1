/* server_passed.c - descriptors that come with messages (unix(7), SCM_RIGHTS).
 *
 * The kernel lets one read end with the bytes that descriptors came with, so they belong to the
 * message that the last byte read is in. The client is read only when no whole message of it waits:
 * so at most two messages have descriptors at a time, the one under way and one after it. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "supervisor/os/server_internal.h"

enum { PASSED_MAX = 3, CONTROL_FDS = 8 };

static void passed_add(struct passed *passed, const struct cmsghdr *header)
{
	size_t n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
		if (passed->n < PASSED_MAX)
			passed->fd[passed->n++] = fd;
		else
			(void)close(fd);
	}
}

/* Where descriptors go that came with bytes. */
static struct passed *passed_place(struct client *client, const char *bytes, size_t n)
{
	struct passed *passed = client->passed;
	uint32_t after = 0;

	for (size_t i = 0; i + 1 < n; i++)
		after += bytes[i] == '\0';
	if (client->n_passed > 0 && after == 0)
		return passed;
	assert(client->n_passed < 2);
	passed += client->n_passed++;
	*passed = (struct passed){.after = after};
	return passed;
}

ssize_t passed_receive(struct client *client, char *bytes, size_t size)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * CONTROL_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = bytes, .iov_len = size};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(client->watch.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	bool cut = n > 0 && message.msg_flags & MSG_CTRUNC;
	struct passed *passed = NULL;

	if (n <= 0)
		return n;
	for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
		header = CMSG_NXTHDR(&message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		if (!passed)
			passed = passed_place(client, bytes, (size_t)n);
		passed_add(passed, header);
	}
	if (cut && !passed)
		passed = passed_place(client, bytes, (size_t)n);
	if (cut && passed->n < PASSED_MAX)
		passed->lost = true;
	return n;
}

int passed_take(struct client *client, int ret_fd[3])
{
	struct passed *passed = client->passed;
	uint32_t n;

	if (client->n_passed == 0 || passed->after > 0)
		return 0;
	if (passed->lost)
		return -ENFILE;
	n = passed->n;
	memcpy(ret_fd, passed->fd, n * sizeof(int));
	passed->n = 0;
	return (int)n;
}

static void passed_close(struct passed *passed)
{
	while (passed->n > 0)
		(void)close(passed->fd[--passed->n]);
}

void passed_served(struct client *client)
{
	if (client->n_passed > 0 && client->passed[0].after == 0) {
		passed_close(&client->passed[0]);
		client->passed[0] = client->passed[1];
		client->n_passed--;
	}
	for (uint32_t i = 0; i < client->n_passed; i++)
		client->passed[i].after--;
}

void passed_drop_all(struct client *client)
{
	while (client->n_passed > 0)
		passed_close(&client->passed[--client->n_passed]);
}
