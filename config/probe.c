/* probe.c - see probe.h. */
#include "config/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "config/units.h"

enum { HTTP_PORT = 80, ADDRESS_SIZE = 64 };

static int wrong(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EINVAL;
}

static bool is_digits(const char *text, size_t n)
{
	return n > 0 && strspn(text, "0123456789") >= n;
}

static int parse_port(const char *text, size_t n, struct probe_target *to, const char **ret_why)
{
	char digits[8];
	int64_t port;

	if (!is_digits(text, n) || n >= sizeof(digits))
		return wrong(ret_why, "its port is no number from 1 to 65535");
	memcpy(digits, text, n);
	digits[n] = '\0';
	if (parse_number(digits, 1, UINT16_MAX, &port) < 0)
		return wrong(ret_why, "its port is no number from 1 to 65535");
	to->port = (uint16_t)port;
	return 0;
}

/* The n bytes of text that stand for the host, without brackets. */
static int parse_host(
	const char *text, size_t n, bool brackets, struct probe_target *to, const char **ret_why)
{
	char address[ADDRESS_SIZE];

	if (n == 0 || n >= sizeof(address))
		return wrong(ret_why, n == 0 ? "it has no host" : "its host is no address");
	memcpy(address, text, n);
	address[n] = '\0';
	to->family = brackets ? PROBE_IPV6 : PROBE_IPV4;
	if (brackets && inet_pton(AF_INET6, address, to->address) == 1)
		return 0;
	if (brackets)
		return wrong(ret_why, "there is no IPv6 address in its brackets");
	if (inet_pton(AF_INET, address, to->address) == 1)
		return 0;
	to->family = PROBE_LOCALHOST;
	if (strcmp(address, "localhost") == 0)
		return 0;
	if (strchr(address, ':'))
		return wrong(ret_why, "an IPv6 address stands in brackets: [::1]:80");
	return wrong(
		ret_why, "names are not looked up: write the address of the host, or localhost");
}

/* HOST:PORT, HOST, or PORT, of n bytes. default_port 0: there is none. */
static int parse_authority(const char *text, size_t n, uint16_t default_port,
	struct probe_target *to, const char **ret_why)
{
	const bool brackets = n > 0 && text[0] == '[';
	const char *end = brackets ? memchr(text, ']', n) : NULL;
	const char *colon;
	size_t host_n;

	to->host = text;
	to->host_n = n;
	to->family = PROBE_LOCALHOST;
	if (is_digits(text, n))
		return parse_port(text, n, to, ret_why);
	if (brackets && !end)
		return wrong(ret_why, "its ']' is missing");
	if (brackets) {
		colon = end + 1 < text + n ? end + 1 : NULL;
		host_n = (size_t)(end - text) - 1;
	} else {
		colon = memrchr(text, ':', n);
		host_n = colon ? (size_t)(colon - text) : n;
	}
	if (parse_host(text + brackets, host_n, brackets, to, ret_why) < 0)
		return -EINVAL;
	to->port = default_port;
	if (!colon && default_port == 0)
		return wrong(ret_why, "it needs a port: HOST:PORT");
	if (!colon)
		return 0;
	if (*colon != ':')
		return wrong(ret_why, "only ':' and a port may follow the ']'");
	return parse_port(colon + 1, n - (size_t)(colon + 1 - text), to, ret_why);
}

static int parse_path(const char *path, size_t n, struct probe_target *to, const char **ret_why)
{
	to->family = PROBE_UNIX;
	to->host = path;
	to->host_n = n;
	if (n == 0 || path[0] != '/')
		return wrong(ret_why, "the path of its socket does not begin with '/'");
	if (n > PROBE_PATH_MAX)
		return wrong(ret_why, "the path of its socket is longer than 107 bytes");
	return 0;
}

static const char *skip_prefix(const char *text, const char *prefix)
{
	const size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

int probe_parse_tcp(const char *text, struct probe_target *ret, const char **ret_why)
{
	const char *path = skip_prefix(text, "unix:");
	struct probe_target target = {.what = ""};
	int error = path ? parse_path(path, strlen(path), &target, ret_why)
			 : parse_authority(text, strlen(text), 0, &target, ret_why);

	if (error == 0)
		*ret = target;
	return error;
}

/* It goes into a request as it stands. */
static int check_what(const char *what, const char **ret_why)
{
	for (const char *c = what; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~' || *c == '#')
			return wrong(ret_why, "what it asks for has a blank, a '#' or a character "
					      "that is not ASCII");
	}
	if (strlen(what) > PROBE_WHAT_MAX)
		return wrong(ret_why, "what it asks for is longer than 2000 bytes");
	return 0;
}

int probe_parse_http(const char *text, struct probe_target *ret, const char **ret_why)
{
	const char *path = skip_prefix(text, "unix:");
	const char *rest = skip_prefix(text, "http://");
	struct probe_target target = {0};
	const char *what;
	int error;

	if (skip_prefix(text, "https://"))
		return wrong(ret_why, "https is not known: use exec with a program that is");
	if (path) {
		what = strstr(path, ":/");
		error = parse_path(
			path, what ? (size_t)(what - path) : strlen(path), &target, ret_why);
		target.what = what ? what + 1 : "/";
	} else {
		rest = rest ? rest : text;
		what = rest + strcspn(rest, "/?");
		error = parse_authority(rest, (size_t)(what - rest), HTTP_PORT, &target, ret_why);
		target.what = *what != '\0' ? what : "/";
		if (error == 0 && *what == '?')
			error = wrong(ret_why, "what it asks for does not begin with '/'");
	}
	if (error == 0)
		error = check_what(target.what, ret_why);
	if (error == 0)
		*ret = target;
	return error;
}
