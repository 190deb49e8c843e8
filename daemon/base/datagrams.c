/* Datagrams side by side, each behind its size. */
#include "base/datagrams.h"

static enum datagrams_step wait_for(struct datagrams *d, size_t wanted)
{
	d->wanted = wanted;
	return DATAGRAMS_END;
}

enum datagrams_step datagrams_next(struct datagrams *d, struct span *out)
{
	size_t left = d->in.size - d->at;
	size_t size;

	if (d->count == DATAGRAMS_MOST)
		return DATAGRAMS_FULL;
	if (left < DATAGRAMS_HEAD_BYTES)
		return wait_for(d, d->in.size + 1);
	size = (size_t)d->in.data[d->at] << 8 | d->in.data[d->at + 1];
	if (size > DATAGRAMS_MOST_BYTES - d->bytes)
		return DATAGRAMS_FULL;
	if (size > left - DATAGRAMS_HEAD_BYTES)
		return wait_for(d, d->at + DATAGRAMS_HEAD_BYTES + size);
	*out = span_of(d->in.data + d->at + DATAGRAMS_HEAD_BYTES, size);
	d->at += DATAGRAMS_HEAD_BYTES + size;
	d->bytes += size;
	d->count++;
	return DATAGRAMS_ONE;
}

bool datagrams_put(uint8_t room[static DATAGRAMS_ROOM], size_t *size, struct span datagram)
{
	struct datagrams d = datagrams_of(span_of(room, *size));
	struct span one;

	while (datagrams_next(&d, &one) == DATAGRAMS_ONE)
		;
	if (d.count == DATAGRAMS_MOST || datagram.size > DATAGRAMS_MOST_BYTES - d.bytes)
		return false;
	datagrams_put_size(room, size, datagram.size);
	if (datagram.size > 0)
		memcpy(room + *size, datagram.data, datagram.size);
	*size += datagram.size;
	return true;
}

void datagrams_put_size(uint8_t room[static DATAGRAMS_ROOM], size_t *size, size_t datagram)
{
	room[*size] = (uint8_t)(datagram >> 8);
	room[*size + 1] = (uint8_t)datagram;
	*size += DATAGRAMS_HEAD_BYTES;
}
