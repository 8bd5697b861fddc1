/* intensity.c - the restart window: no more than `intensity` restarts within `period_ms`.
 *
 * The ring holds the restarts that were allowed. The one that is too many is not noted: it ends the
 * supervisor. */
#include <assert.h>

#include "supervisor/engine/internal.h"

void intensity_clear(struct window *w)
{
	w->first = 0;
	w->n = 0;
}

bool intensity_add(struct window *w, int64_t now_ms)
{
	assert(w->n <= w->intensity);
	while (w->n > 0 && now_ms - w->at[w->first] > w->period_ms) {
		w->first = (w->first + 1) % w->intensity;
		w->n--;
	}
	if (w->n == w->intensity)
		return false;
	w->at[(w->first + w->n) % w->intensity] = now_ms;
	w->n++;
	return true;
}
