/* pause.c - the smallest child: waits for its end. */
#include <unistd.h>

int main(void)
{
	for (;;)
		(void)pause();
}
