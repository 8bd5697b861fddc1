/* probe.h - what a health check over the network connects to: one grammar for the configuration,
 * which checks it, and for supprobe, which connects. Pure.
 *
 *     tcp    PORT   HOST:PORT   unix:/PATH
 *     http   [http://]HOST[:PORT][/WHAT]   PORT[/WHAT]   unix:/PATH[:/WHAT]
 *
 * HOST is an IPv4 address, an IPv6 address in brackets, or localhost, which stands for both of its
 * addresses. No name is ever looked up. */
#ifndef CONFIG_PROBE_H
#define CONFIG_PROBE_H

#include <stddef.h>
#include <stdint.h>

enum probe_family { PROBE_IPV4, PROBE_IPV6, PROBE_LOCALHOST, PROBE_UNIX };

enum { PROBE_PATH_MAX = 107 /* bytes: sun_path less its NUL */, PROBE_WHAT_MAX = 2000 };

/* Texts are borrowed from what was parsed. */
struct probe_target {
	enum probe_family family;
	uint16_t port;	     /* not of PROBE_UNIX */
	uint8_t address[16]; /* in the order of the network; IPV4: the first four */
	const char *host;    /* as written, port included: for the header Host; UNIX: the path */
	size_t host_n;
	const char *what; /* http: "/health"; "/" unless given */
};

/* Return 0, or -EINVAL with *ret_why (a static text) saying what is wrong: "it needs a port", … */
int probe_parse_tcp(const char *text, struct probe_target *ret, const char **ret_why);
int probe_parse_http(const char *text, struct probe_target *ret, const char **ret_why);

#endif
