/* memory_trim.h - giving back memory that is not needed any more. */
#ifndef OS_MEMORY_TRIM_H
#define OS_MEMORY_TRIM_H

/* Gives free memory of the heap back, and lets go of the pages of the program itself, which come
 * back from its file one by one as they are used: after a phase that is over (start-up), the code
 * that only it needed. Costs some hundred microseconds now, and little at each page that returns.
 */
void memory_trim(void);

#endif
