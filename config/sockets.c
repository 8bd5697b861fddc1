/* sockets.c - see sockets.h. Addresses are numbers: a name is looked up by somebody, and who starts
 * the one who answers cannot wait for the answer. */
#include "config/sockets.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "config/units.h"

static const char RULE[] = "bad-socket";
enum { BACKLOG = 4096, BACKLOG_MAX = 1 << 20, PORT_MAX = 65535, NAME_LENGTH_MAX = 255 };
enum { PATH_LENGTH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };

/* One reading. */
struct socket_reader {
	struct arena *arena;
	struct users *users;
	struct findings *f;
	struct place place;
	struct socket_words *to;
	bool six; /* tcp6, udp6: IPv6 alone */
};

/* Reports what is wrong with the socket: format speaks of part. */
#define WRONG(s, format, ...)                                                                     \
	(findings_error(                                                                          \
		 (s)->f, (s)->place, RULE, "socket '%s': " format, (s)->to->text, ##__VA_ARGS__), \
		false)

/* ---- the address */

static bool read_host(struct socket_reader *s, const char *host, bool brackets)
{
	struct socket_spec *spec = &s->to->spec;

	if (!brackets && (*host == '\0' || strcmp(host, "*") == 0)) {
		spec->family = s->six ? 6 : 0;
		return true;
	}
	if (s->six && !brackets && strchr(host, ':') == NULL)
		return WRONG(s, "after tcp6: and udp6: stands an IPv6 address in brackets, or *");
	spec->family = brackets ? 6 : 4;
	if (inet_pton(brackets ? AF_INET6 : AF_INET, host, spec->host) == 1)
		return true;
	if (strcmp(host, "localhost") == 0)
		return WRONG(s, "names are not looked up: write 127.0.0.1 or [::1]");
	if (!brackets && strchr(host, ':') != NULL)
		return WRONG(s, "an IPv6 address stands in brackets: [%s]", host);
	return WRONG(s, "'%s' is no IP address (names are not looked up)", host);
}

/* HOST:PORT, [HOST]:PORT, *:PORT */
static bool read_internet(struct socket_reader *s, const char *address)
{
	const bool brackets = *address == '[';
	const char *end = brackets ? strchr(address, ']') : strrchr(address, ':');
	const char *port = end;
	const char *host;
	int64_t number;

	if (brackets && end != NULL)
		port = end[1] == ':' ? end + 1 : NULL;
	if (port == NULL || parse_number(port + 1, 1, PORT_MAX, &number) < 0)
		return WRONG(s, "its address is HOST:PORT, with a port from 1 to %d", PORT_MAX);
	s->to->spec.port = (uint16_t)number;
	address += brackets ? 1 : 0;
	host = arena_text(s->arena, address, (size_t)(end - address));
	return read_host(s, host, brackets);
}

static bool read_path(struct socket_reader *s, const char *path)
{
	if (*path != '/' && *path != '@')
		return WRONG(s, "the path is absolute, or begins with '@' (no file, but a name)");
	if (path[1] == '\0')
		return WRONG(s, "the path is missing");
	if (strlen(path) > PATH_LENGTH_MAX)
		return WRONG(s, "the path has %zu bytes, and the system takes %d", strlen(path),
			PATH_LENGTH_MAX);
	s->to->path = path;
	return true;
}

static bool read_address(struct socket_reader *s)
{
	const char *text = s->to->text;
	const char *words[SOCKET_COUNT];
	const size_t length = strcspn(text, ":,");
	const char *kind = arena_text(s->arena, text, length);
	const char *near;

	s->to->address = arena_text(s->arena, text, strcspn(text, ","));
	s->six = strcmp(kind, "tcp6") == 0 || strcmp(kind, "udp6") == 0;
	if (s->six)
		kind = arena_text(s->arena, text, length - 1);
	for (unsigned i = 0; i < SOCKET_COUNT; i++) {
		words[i] = spec_socket_kind_name(i);
		if (strcmp(kind, words[i]) != 0 || text[length] != ':')
			continue;
		s->to->name = words[i];
		s->to->spec.kind = (uint8_t)i;
		s->to->spec.type = i == SOCKET_UDP ? SOCK_DGRAM : SOCK_STREAM;
		return i == SOCKET_UNIX ? read_path(s, s->to->address + length + 1)
					: read_internet(s, s->to->address + length + 1);
	}
	near = text[length] == ':' ? nearest_word(kind, words, SOCKET_COUNT) : NULL;
	if (near != NULL)
		return WRONG(s,
			"it begins with tcp:, tcp6:, udp:, udp6: or unix:; did you mean '%s:'?",
			near);
	return WRONG(s, "it begins with tcp:, tcp6:, udp:, udp6: or unix:");
}

/* ---- options */

static bool option_name(struct socket_reader *s, const char *value)
{
	const size_t length = strlen(value);

	for (const char *c = value; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~' || *c == ':')
			return WRONG(s, "a name has letters, digits and signs, but no ':'");
	}
	if (length == 0 || length > NAME_LENGTH_MAX)
		return WRONG(s, "a name has 1 to %d characters", NAME_LENGTH_MAX);
	s->to->name = value;
	return true;
}

static bool option_backlog(struct socket_reader *s, const char *value)
{
	int64_t backlog;

	if (parse_number(value, 1, BACKLOG_MAX, &backlog) < 0)
		return WRONG(s, "backlog is a number from 1 to %d, not '%s'", BACKLOG_MAX, value);
	s->to->spec.backlog = (uint32_t)backlog;
	return true;
}

static bool option_reuseport(struct socket_reader *s, const char *value)
{
	(void)value;
	s->to->spec.reuseport = 1;
	return true;
}

static bool option_mode(struct socket_reader *s, const char *value)
{
	uint32_t mode = 0;
	const char *c = value;

	for (; *c >= '0' && *c <= '7' && mode <= 0777; c++)
		mode = mode * 8 + (uint32_t)(*c - '0');
	if (c == value || *c != '\0' || mode > 0777)
		return WRONG(s, "mode is an octal number from 0 to 0777, not '%s'", value);
	s->to->spec.mode = mode;
	return true;
}

static bool option_user(struct socket_reader *s, const char *value)
{
	const struct user_entry *user = users_user(s->users, value);

	if (user != NULL)
		s->to->spec.uid = user->uid;
	else if (!users_number(value, &s->to->spec.uid))
		return WRONG(s, "there is no user '%s' in /etc/passwd", value);
	return true;
}

static bool option_group(struct socket_reader *s, const char *value)
{
	const struct group_entry *group = users_group(s->users, value);

	if (group != NULL)
		s->to->spec.gid = group->gid;
	else if (!users_number(value, &s->to->spec.gid))
		return WRONG(s, "there is no group '%s' in /etc/group", value);
	return true;
}

static bool option_type(struct socket_reader *s, const char *value)
{
	static const struct {
		const char *name;
		uint32_t type;
	} TYPES[] = {{"stream", SOCK_STREAM}, {"dgram", SOCK_DGRAM}, {"seqpacket", SOCK_SEQPACKET}};

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		if (strcmp(TYPES[i].name, value) != 0)
			continue;
		s->to->spec.type = TYPES[i].type;
		return true;
	}
	return WRONG(s, "type is stream, dgram or seqpacket, not '%s'", value);
}

enum { OF_INTERNET = 1u << SOCKET_TCP | 1u << SOCKET_UDP, OF_UNIX = 1u << SOCKET_UNIX };
static const struct option {
	const char *name;
	unsigned of; /* bit k: kind k has it */
	bool (*read)(struct socket_reader *s, const char *value);
} OPTIONS[] = {
	{"name", OF_INTERNET | OF_UNIX, option_name},
	{"backlog", OF_INTERNET | OF_UNIX, option_backlog},
	{"reuseport", OF_INTERNET, option_reuseport},
	{"mode", OF_UNIX, option_mode},
	{"user", OF_UNIX, option_user},
	{"group", OF_UNIX, option_group},
	{"type", OF_UNIX, option_type},
};
enum { OPTIONS_N = sizeof(OPTIONS) / sizeof(OPTIONS[0]) };

static bool unknown_option(struct socket_reader *s, const char *name)
{
	const char *words[OPTIONS_N];
	const char *near;

	for (size_t i = 0; i < OPTIONS_N; i++)
		words[i] = OPTIONS[i].name;
	near = nearest_word(name, words, OPTIONS_N);
	if (near != NULL)
		return WRONG(s, "unknown option '%s'; did you mean '%s'?", name, near);
	return WRONG(s, "unknown option '%s'", name);
}

/* NAME=VALUE, or NAME for one without value. */
static bool read_option(struct socket_reader *s, const char *option, size_t length, unsigned *seen)
{
	const size_t name_length = strcspn(option, ",=");
	const char *name = arena_text(s->arena, option, name_length);
	const bool has_value = option[name_length] == '=';
	const size_t skip = name_length + (has_value ? 1 : 0);
	const char *value = arena_text(s->arena, option + skip, length - skip);
	const char *kind = spec_socket_kind_name(s->to->spec.kind);

	for (size_t i = 0; i < OPTIONS_N; i++) {
		if (strcmp(OPTIONS[i].name, name) != 0)
			continue;
		if (!(OPTIONS[i].of & (1u << s->to->spec.kind)))
			return WRONG(s, "'%s' means nothing to a %s socket", name, kind);
		if (*seen & (1u << i))
			return WRONG(s, "'%s' stands there twice", name);
		*seen |= 1u << i;
		if (has_value && OPTIONS[i].read == option_reuseport)
			return WRONG(s, "'%s' has no value", name);
		if (!has_value && OPTIONS[i].read != option_reuseport)
			return WRONG(s, "'%s' needs a value: '%s=...'", name, name);
		return OPTIONS[i].read(s, value);
	}
	return unknown_option(s, name);
}

static bool read_options(struct socket_reader *s)
{
	const char *at = s->to->text + strlen(s->to->address);
	unsigned seen = 0;

	while (*at == ',') {
		const size_t length = strcspn(++at, ",");

		if (!read_option(s, at, length, &seen))
			return false;
		at += length;
	}
	return true;
}

/* What cannot be said of one option alone. */
static bool check_whole(struct socket_reader *s)
{
	const struct socket_spec *spec = &s->to->spec;
	const bool owned = spec->mode != SOCKET_MODE_UMASK || spec->uid != PROC_ID_INHERIT ||
			   spec->gid != PROC_ID_INHERIT;

	if (owned && *s->to->path == '@')
		return WRONG(s, "a name that is no file has neither mode nor owner");
	return true;
}

bool socket_read(struct arena *arena, struct users *users, struct findings *f, struct place place,
	const char *text, struct socket_words *ret)
{
	struct socket_words words = {.text = text};
	struct socket_reader s = {
		.arena = arena, .users = users, .f = f, .place = place, .to = &words};

	words.spec.backlog = BACKLOG;
	words.spec.mode = SOCKET_MODE_UMASK;
	words.spec.uid = PROC_ID_INHERIT;
	words.spec.gid = PROC_ID_INHERIT;
	if (!read_address(&s) || !read_options(&s) || !check_whole(&s))
		return false;
	*ret = words;
	return true;
}
