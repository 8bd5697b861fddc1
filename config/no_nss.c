/* no_nss.c - the look-ups of users that libconfuse has for a leading '~', which no key of ours
 * expands.
 *
 * In the place of the C library's, they keep NSS out of our programs: it would load shared
 * libraries into a static one, and can hang on a service that supd itself is to start (users.c
 * reads the files). */
#include <errno.h>
#include <pwd.h>
#include <stddef.h>

struct passwd *getpwnam(const char *name)
{
	(void)name;
	errno = ENOENT;
	return NULL;
}

struct passwd *getpwuid(uid_t uid)
{
	(void)uid;
	errno = ENOENT;
	return NULL;
}

/* glob(3) has the same for a '~', by the inner names of the C library. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
int __getpwnam_r(
	const char *name, struct passwd *entry, char *buf, size_t size, struct passwd **ret_entry);
int __getpwuid_r(
	uid_t uid, struct passwd *entry, char *buf, size_t size, struct passwd **ret_entry);
int __getlogin_r(char *buf, size_t size);

int __getpwnam_r(
	const char *name, struct passwd *entry, char *buf, size_t size, struct passwd **ret_entry)
{
	(void)name;
	(void)entry;
	(void)buf;
	(void)size;
	*ret_entry = NULL;
	return ENOENT;
}

int __getpwuid_r(uid_t uid, struct passwd *entry, char *buf, size_t size, struct passwd **ret_entry)
{
	(void)uid;
	(void)entry;
	(void)buf;
	(void)size;
	*ret_entry = NULL;
	return ENOENT;
}

int __getlogin_r(char *buf, size_t size)
{
	(void)buf;
	(void)size;
	return ENOENT;
}
/* NOLINTEND(bugprone-reserved-identifier) */
