#ifndef SHUNT_UNIT_WIRE_HELLO_H
#define SHUNT_UNIT_WIRE_HELLO_H

#include <stdlib.h>

#include "base/span.h"

/*
 * Builds ClientHellos that no client at hand sends: any size, any cut into
 * records, any extension block.
 */
struct hello_bytes {
	size_t size;
	uint8_t data[512 * 1024];
};

static inline void hello_put(struct hello_bytes *b, const void *data, size_t size)
{
	if (size > sizeof b->data - b->size)
		abort();
	if (size > 0)
		memcpy(b->data + b->size, data, size);
	b->size += size;
}

static inline void hello_put_number(struct hello_bytes *b, size_t width, size_t value)
{
	while (width-- > 0) {
		uint8_t byte = (uint8_t)(value >> 8 * width);

		hello_put(b, &byte, 1);
	}
}

static inline void hello_put_zeros(struct hello_bytes *b, size_t size)
{
	while (size-- > 0)
		hello_put_number(b, 1, 0);
}

/* A length field of `width` bytes for what is put from here on; filled in by hello_close(). */
static inline size_t hello_open(struct hello_bytes *b, size_t width)
{
	hello_put_zeros(b, width);
	return b->size;
}

static inline void hello_close(struct hello_bytes *b, size_t start, size_t width)
{
	size_t length = b->size - start;

	for (size_t i = 0; i < width; i++)
		b->data[start - width + i] = (uint8_t)(length >> 8 * (width - 1 - i));
}

/* One server_name extension with one host name. */
static inline void hello_put_server_name(struct hello_bytes *b, struct span name)
{
	size_t extension;
	size_t list;

	hello_put_number(b, 2, 0);
	extension = hello_open(b, 2);
	list = hello_open(b, 2);
	hello_put_number(b, 1, 0);
	hello_put_number(b, 2, name.size);
	hello_put(b, name.data, name.size);
	hello_close(b, list, 2);
	hello_close(b, extension, 2);
}

/* An extension of this type with `size` zero bytes. */
static inline void hello_put_extension(struct hello_bytes *b, size_t type, size_t size)
{
	hello_put_number(b, 2, type);
	hello_put_number(b, 2, size);
	hello_put_zeros(b, size);
}

/* A whole handshake message; extensions are the bytes of the block, NULL data for none at all. */
static inline void hello_put_message(struct hello_bytes *b, struct span extensions)
{
	size_t message;

	hello_put_number(b, 1, 1);
	message = hello_open(b, 3);
	hello_put_number(b, 2, 0x0303);
	hello_put_zeros(b, 32 + 1);
	hello_put_number(b, 2, 2);
	hello_put_number(b, 2, 0x1301);
	hello_put_number(b, 2, 0x0100);
	if (extensions.data) {
		hello_put_number(b, 2, extensions.size);
		hello_put(b, extensions.data, extensions.size);
	}
	hello_close(b, message, 3);
}

/* Put one record of these handshake bytes, with this minor version. */
static inline void hello_put_record(struct hello_bytes *b, struct span part, unsigned minor)
{
	hello_put_number(b, 1, 0x16);
	hello_put_number(b, 2, 0x0300 + minor);
	hello_put_number(b, 2, part.size);
	hello_put(b, part.data, part.size);
}

/* Put the whole message in records of `size` bytes each, the last one of the rest. */
static inline void hello_put_records(struct hello_bytes *b, struct span message, size_t size)
{
	for (size_t at = 0; at < message.size; at += size) {
		size_t left = message.size - at;

		hello_put_record(b, span_of(message.data + at, left < size ? left : size), 1);
	}
}

#endif
