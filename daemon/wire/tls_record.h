#ifndef SHUNT_WIRE_TLS_RECORD_H
#define SHUNT_WIRE_TLS_RECORD_H

#include "wire/wire.h"

enum {
	TLS_RECORD_HEADER_BYTES = 5,
	TLS_RECORD_MOST_BYTES = 16384 + 256, /* of payload; some stacks pass the 2^14 of the RFC */
};

/*
 * Reads the handshake bytes of a client's TLS stream (RFC 8446 5.1) as one run,
 * however they are cut into records. Sticky like a reader: `verdict` stays YES
 * while all went well; at the end of the input it turns MORE, at a byte that
 * cannot be NO, and then every further read gives zeros and changes nothing.
 */
struct tls_record {
	struct span in;            /* the stream from its first byte, borrowed */
	size_t at;                 /* bytes of it that were read, record headers included */
	size_t left;               /* bytes of the present record that were not */
	size_t taken;              /* handshake bytes that were read */
	size_t missing;            /* with MORE: so many more are needed to get any further */
	enum wire_verdict verdict; /* YES until a read fails */
};

/* Start at the first record of the stream. Reads nothing yet. */
void tls_record_open(struct tls_record *r, struct span in);

/* Read a run of handshake bytes that never were in records, as QUIC carries them (RFC 9001 4.1.3). */
void tls_record_open_bare(struct tls_record *r, struct span in);

/* Copy the next `size` handshake bytes to `to`; what is not there is filled with zeros. */
void tls_record_take(struct tls_record *r, void *to, size_t size);

/* Pass over the next `size` handshake bytes. Costs time per record, not per byte. */
void tls_record_skip(struct tls_record *r, size_t size);

/* The next `size` (1 to 4) handshake bytes as one big-endian number; 0 when they are not there. */
uint32_t tls_record_number(struct tls_record *r, size_t size);

/* Unless `fits`, the bytes read so far cannot be: NO. Changes nothing after a failed read. */
void tls_record_require(struct tls_record *r, bool fits);

/*
 * Read a length field of `width` bytes off a block with *rest bytes to go, and
 * take both the field and what it announces off *rest. NO when the field is not
 * in least..most or passes the block. Returns the length, 0 when that failed.
 */
size_t tls_record_length(struct tls_record *r, size_t width, size_t *rest, size_t least,
			 size_t most);

/* The least size of a stream that begins like this one and holds `size` more handshake bytes. */
size_t tls_record_end(const struct tls_record *r, size_t size);

/* After a MORE: the least size of a stream that begins like this one, of whose message `rest`
 * handshake bytes are to come, with which anything more can be said; a record header that does not
 * fit is the first that can come amiss. */
size_t tls_record_wanted(const struct tls_record *r, size_t rest);

#endif
