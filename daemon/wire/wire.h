#ifndef SHUNT_WIRE_WIRE_H
#define SHUNT_WIRE_WIRE_H

#include "base/span.h"

/*
 * The contract of a recogniser: bytes in, a verdict and hints out. Pure: no
 * allocation, no log, no configuration, no socket, no state between calls.
 *
 * The bytes are, of a TCP flow, the first ones of its stream; of a UDP flow its first
 * datagrams, in the form of base/datagrams.h. There the laws hold for every run of
 * bytes, too, as one that stops inside a datagram says nothing of that one; `wanted`
 * is its end, or one byte more than there is: the next datagram, whatever its size.
 *
 * Laws, kept by tests/unit/wire_laws.h and by every fuzz target:
 *   every proper prefix of a YES sample is MORE or YES, never NO;
 *   YES and NO are final: no further byte changes them;
 *   never MORE once most_bytes are there;
 *   a first byte that cannot begin the protocol is NO at once, of UDP also where `begins`
 *   denies that of the first datagram;
 *   `wanted` of a MORE is greater than the size that was given, and with fewer bytes
 *   it stays a MORE, whatever they are: a NO is not slept through either;
 *   a sure MORE is never followed by NO, nor by a MORE that is not sure;
 *   method, path and mac1 lie inside the input.
 */
enum wire_verdict {
	WIRE_NO,   /* these bytes cannot begin this protocol */
	WIRE_YES,  /* they do, and every hint is filled in */
	WIRE_MORE, /* every byte so far fits, but they are too few; see also wire_hints.is_sure */
};

enum wire_transport { WIRE_TCP = 1, WIRE_UDP = 2 };

/* What a client may tell beside the protocol itself: which hints there may be. */
enum wire_says {
	WIRE_SAYS_NAME = 1,    /* name */
	WIRE_SAYS_ALPN = 2,    /* alpn */
	WIRE_SAYS_REQUEST = 4, /* method and path */
	WIRE_SAYS_MAC1 = 8,    /* mac1 */
};

enum {
	WIRE_NAME_BYTES = 253, /* longest host name (RFC 1035 2.3.4, without the final dot) */
	WIRE_ALPN_BYTES = 512, /* as much of an ALPN list as is looked at, whole entries only */
};

/*
 * What a recogniser learned; it sets what it knows of, the caller has cleared the
 * rest with wire_hints_clear(). Valid with WIRE_YES, and with a WIRE_MORE that is
 * sure; `wanted` and `is_sure` with WIRE_MORE.
 */
struct wire_hints {
	size_t wanted; /* WIRE_MORE: with fewer bytes in all it is the same, whatever they are */
	bool is_sure;  /* WIRE_MORE: the protocol is certain, only the name, or mac1, is still to
			     * come; counts as a YES when nothing more will come, or no route asks
			     * for that */
	struct span method; /* of an HTTP/1 request, as it was sent: part of the input, borrowed; */
	struct span path;   /* its target from the path on, likewise (RFC 9112 3.2); empty with a
			     * method: `/` */
	struct span mac1;   /* a WireGuard message whose mac1 tells for which server it is, part of
			     * the input; empty: there is none, wireguard.h */
	uint16_t name_size; /* 0: no name was sent, or none that a host could bear */
	uint16_t alpn_size; /* bytes of alpn in use */
	char name[WIRE_NAME_BYTES]; /* only [a-z0-9._:-], lower case, no final dot, no NUL */
	uint8_t alpn
		[WIRE_ALPN_BYTES]; /* entries as in RFC 7301 3.1: a length byte, then the name */
};

/* Forget it all, in front of each recogniser's turn. */
static inline void wire_hints_clear(struct wire_hints *hints)
{
	memset(hints, 0, offsetof(struct wire_hints, name));
}

/* How a protocol is recognised that comes by one transport. */
struct wire_way {
	size_t most_bytes; /* the verdict is final when this many bytes are there */
	enum wire_verdict (*probe)(struct span in, struct wire_hints *hints); /* NULL: never so */
};

struct wire_proto {
	const char *name; /* as in the configuration */
	unsigned says;    /* WIRE_SAYS_*: a route that asks for one needs these recognisers */
	bool is_weak;     /* its bytes may be another's: only for routes that name it */
	struct wire_way tcp, udp;      /* one of them, or both */
	bool (*begins)(uint8_t first); /* may the first datagram begin with that byte? NULL: with
					* any. By TCP it is the probe that is asked */
};

/* WIRE_TCP, WIRE_UDP or both: by what it comes. */
static inline unsigned wire_proto_transports(const struct wire_proto *proto)
{
	return (proto->tcp.probe ? WIRE_TCP : 0u) | (proto->udp.probe ? WIRE_UDP : 0u);
}

/* How it is recognised by one of these, WIRE_TCP or WIRE_UDP; `probe` is NULL where it never comes so. */
static inline const struct wire_way *wire_proto_way(const struct wire_proto *proto,
						    unsigned transport)
{
	return transport == WIRE_UDP ? &proto->udp : &proto->tcp;
}

/* One id per line of protocols.h, in its order: that is the order of evidence, strongest first. */
#define WIRE_PROTO(name) WIRE_ID_##name,
enum wire_id {
#include "wire/protocols.h"
	WIRE_IDS
};
#undef WIRE_PROTO

/* The recogniser with that id, below WIRE_IDS. */
const struct wire_proto *wire_proto_at(unsigned id);

/* The id of a protocol by its name in the configuration, or -1. `grpc` is another name of http2. */
int wire_proto_find(const char *name);

/* Copy a host name as it came off the wire into the hints: lower case, without its final dot. A
 * name that is empty, too long, has an empty label or holds any other character than
 * [A-Za-z0-9._:-] counts as none. */
void wire_hints_set_name(struct wire_hints *hints, struct span name);

#endif
