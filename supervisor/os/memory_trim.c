/* memory_trim.c - see memory_trim.h. */
#include "supervisor/os/memory_trim.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of one loaded object: what is mapped from its file and never written. */
static int let_go(struct dl_phdr_info *info, size_t size, void *context)
{
	const uintptr_t page = *(const uintptr_t *)context;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		const uintptr_t begin = (info->dlpi_addr + part->p_vaddr + page - 1) & ~(page - 1);
		const uintptr_t end =
			(info->dlpi_addr + part->p_vaddr + part->p_filesz) & ~(page - 1);

		/* Where the kernel refuses (vdso), nothing is lost. */
		if (part->p_type == PT_LOAD && !(part->p_flags & PF_W) && begin < end)
			(void)madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void memory_trim(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)malloc_trim(0);
	(void)dl_iterate_phdr(let_go, &page);
}
