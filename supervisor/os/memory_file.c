/* memory_file.c - see memory_file.h. */
#include "supervisor/os/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int memory_file_new(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? -errno : fd;
}

int memory_file_write(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

const struct spec *memory_file_spec(int fd, size_t *ret_size, const char **ret_wrong)
{
	struct stat st;
	void *block;

	*ret_wrong = "its block cannot be sealed and mapped";
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0 ||
		fstat(fd, &st) < 0 || st.st_size == 0)
		return NULL;
	block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (block == MAP_FAILED)
		return NULL;
	if (spec_check(block, (size_t)st.st_size, ret_wrong) < 0) {
		(void)munmap(block, (size_t)st.st_size);
		return NULL;
	}
	*ret_size = (size_t)st.st_size;
	*ret_wrong = NULL;
	return block;
}
