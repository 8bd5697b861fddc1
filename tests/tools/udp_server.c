/* udp_server.c - listens for datagrams on a free port of 127.0.0.1, which is its first line, and
 * prints each as it comes, with a newline behind it. Ends when nobody reads that any more. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	char text[65536];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
		bind(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0 ||
		getsockname(fd, (struct sockaddr *)(void *)&address, &size) < 0)
		return EXIT_FAILURE;
	printf("%d\n", ntohs(address.sin_port));
	while (fflush(stdout) == 0) {
		ssize_t n = recv(fd, text, sizeof(text), 0);

		if (n < 0)
			return EXIT_FAILURE;
		printf("%.*s\n", (int)n, text);
	}
	return EXIT_SUCCESS;
}
