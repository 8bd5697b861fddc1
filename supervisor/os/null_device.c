/* null_device.c - see null_device.h. */
#include "supervisor/os/null_device.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int null_open(int flags)
{
	int fd = open("/dev/null", flags); // NOLINT(android-cloexec-open): the caller decides
	int error;

	if (fd >= 0)
		return fd;
	fd = memfd_create("null", MFD_ALLOW_SEALING | (flags & O_CLOEXEC ? MFD_CLOEXEC : 0u));
	if (fd < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd < 0 ? -errno : fd;
	error = -errno;
	(void)close(fd);
	return error;
}
