/* queue.c - a supervisor's queue: deaths, retries and commands, in the order of arrival.
 *
 * The items are linked into the queue where they lie, one a node and one a command slot, so a queue
 * costs no memory and a node can be taken out of the middle (rule 10: a death that an earlier
 * restart has consumed). */
#include <assert.h>

#include "supervisor/engine/internal.h"

void queue_push(struct engine *e, uint32_t sup_node, uint32_t item, enum queued kind)
{
	struct sup *s = node_sup(e, sup_node);
	struct item *it = &e->item[item];

	assert(it->kind == QUEUED_NOT);
	*it = (struct item){
		.next = ENGINE_NONE, .prev = s->queue_last, .sup = sup_node, .kind = (uint8_t)kind};
	if (s->queue_last == ENGINE_NONE)
		s->queue_first = item;
	else
		e->item[s->queue_last].next = item;
	s->queue_last = item;
	work_push(e, sup_node);
}

void queue_remove(struct engine *e, uint32_t item)
{
	struct item *it = &e->item[item];
	struct sup *s;

	if (it->kind == QUEUED_NOT)
		return;
	s = node_sup(e, it->sup);
	if (it->prev == ENGINE_NONE)
		s->queue_first = it->next;
	else
		e->item[it->prev].next = it->next;
	if (it->next == ENGINE_NONE)
		s->queue_last = it->prev;
	else
		e->item[it->next].prev = it->prev;
	it->kind = QUEUED_NOT;
}

uint32_t queue_pop(struct engine *e, uint32_t sup_node, enum queued *ret_kind)
{
	uint32_t item = node_sup(e, sup_node)->queue_first;

	if (item == ENGINE_NONE)
		return ENGINE_NONE;
	*ret_kind = (enum queued)e->item[item].kind;
	queue_remove(e, item);
	return item;
}
