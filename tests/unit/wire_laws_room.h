#ifndef SHUNT_UNIT_WIRE_LAWS_ROOM_H
#define SHUNT_UNIT_WIRE_LAWS_ROOM_H

#include <sys/mman.h>
#include <unistd.h>

#include "wire/wire.h"

/* A recogniser that is tried on one sample, and where the sample stands; part of wire_laws.h. */
enum {
	LAWS_TAIL_BYTES = 8, /* put behind the sample, to see that YES and NO are final */
};

struct laws {
	const struct wire_way *way;
	uint8_t *map;  /* room for sample and tail, ahead of the forbidden page; borrowed */
	size_t room;   /* bytes of the map ahead of that page */
	size_t wanted; /* the most that any MORE so far asked for */
	bool is_sure;  /* so was a MORE */
	enum wire_verdict settled;
	struct wire_hints hints; /* of the first YES */
};

/*
 * Make room for a sample and its tail: the end of what was made for the largest so far, as system calls for each
 * of a fuzzer's inputs would take most of its time. False: no memory.
 */
static inline bool laws_open(struct laws *l, const struct wire_way *way, size_t size)
{
	static uint8_t *map;
	static size_t bytes; /* ahead of the forbidden page */
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	*l = (struct laws){ .way = way, .settled = WIRE_MORE };
	l->room = (size + LAWS_TAIL_BYTES + page - 1) / page * page;
	if (l->room > bytes) {
		if (map)
			(void)munmap(map, bytes + page); /* ours, and whole */
		map = mmap(NULL, l->room + page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		bytes = map == MAP_FAILED ? 0 : l->room;
		map = map == MAP_FAILED ? NULL : map;
		if (!map || mprotect(map + bytes, page, PROT_NONE) != 0)
			return false;
	}
	l->map = map + bytes - l->room;
	return true;
}

#endif
