/* suplog_memory.c - the journal's memory: mapped once, as long as it may ever become.
 *
 * The addresses stay, the memfd behind them grows: pages beyond its end are never touched. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/suplog.h"

static size_t size_with(uint32_t slots)
{
	return JOURNAL_SLOTS_AT + (size_t)slots * JOURNAL_SLOT;
}

/* Maps as much as the address space allows. */
static int map(struct suplog *s, int fd)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	uint32_t most = fd < 0 ? 1 : SUPLOG_SLOTS_MOST;

	for (; most > 0; most /= 2) {
		void *memory = mmap(NULL, size_with(most), PROT_READ | PROT_WRITE,
			flags | MAP_NORESERVE, fd, 0);

		if (memory != MAP_FAILED) {
			s->journal = memory;
			s->slots_most = most;
			s->journal_map = size_with(most);
			return 0;
		}
	}
	return -errno;
}

int memory_open(struct suplog *s, int fd)
{
	struct stat stat = {0};
	int rc;

	if (fd >= 0 && fstat(fd, &stat) < 0)
		return -errno;
	rc = map(s, fd);
	if (rc < 0)
		return rc;
	s->journal_fd = fd;
	s->journal_size = fd < 0 ? size_with(1) : (size_t)stat.st_size;
	s->streams = calloc(s->slots_most, sizeof(struct stream *));
	if (!s->streams)
		return -ENOMEM;
	if (s->journal_size < JOURNAL_SLOTS_AT) {
		if (ftruncate(fd, (off_t)JOURNAL_SLOTS_AT) < 0)
			return -errno;
		s->journal_size = JOURNAL_SLOTS_AT;
	}
	/* Bytes are read into present pages: nothing of a read can fail half-way. */
	(void)madvise(s->journal, JOURNAL_HEAD, MADV_POPULATE_WRITE);
	if (!journal_is_sound(s->journal, s->journal_size)) {
		if (s->journal->magic != 0)
			say("the journal was left by another version, and is begun anew");
		journal_init(s->journal);
		if (fd < 0)
			s->journal->slots_n = 1;
		else if (ftruncate(fd, (off_t)JOURNAL_SLOTS_AT) < 0)
			return -errno;
	}
	if (s->journal->slots_n > s->slots_most)
		return -ENOMEM;
	return 0;
}

/* Makes room for twice as many slots. */
static int grow(struct suplog *s)
{
	uint32_t slots = s->journal->slots_n ? s->journal->slots_n * 2 : 16;

	if (slots > s->slots_most)
		slots = s->slots_most;
	if (s->journal_fd < 0 || slots == s->journal->slots_n)
		return -ENOSPC;
	if (ftruncate(s->journal_fd, (off_t)size_with(slots)) < 0)
		return -errno;
	s->journal_size = size_with(slots);
	s->journal->slots_n = slots;
	return 0;
}

int memory_slot(struct suplog *s, uint32_t *ret)
{
	int rc;

	for (;;) {
		while (s->slot_free < s->journal->slots_n && s->streams[s->slot_free])
			s->slot_free++;
		if (s->slot_free < s->journal->slots_n)
			break;
		rc = grow(s);
		if (rc < 0)
			return rc;
	}
	*ret = s->slot_free;
	return 0;
}

void memory_free_slot(struct suplog *s, uint32_t slot)
{
	struct slot *memory = journal_slot(s->journal, slot);
	size_t at = JOURNAL_SLOTS_AT + (size_t)slot * JOURNAL_SLOT;

	__atomic_store_n(&memory->used, 0, __ATOMIC_RELEASE);
	s->streams[slot] = NULL;
	if (slot < s->slot_free)
		s->slot_free = slot;
	/* A hole reads as zero, as does a slot that never was. */
	if (s->journal_fd < 0 ||
		fallocate(s->journal_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at,
			JOURNAL_SLOT) < 0)
		memset(memory, 0, sizeof(*memory));
}
