#ifndef SHUNT_KERNEL_TCP_REPAIR_H
#define SHUNT_KERNEL_TCP_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where a connection of ours stands, read so that it can be taken over by
 * others: what was agreed in its handshake, and the place of both streams.
 * Needs CAP_NET_ADMIN.
 */

/* What both ends agreed on (RFC 9293, 7323, 2018, 3168). */
struct tcp_terms {
	bool is_established; /* neither end has sent a FIN or RST */
	bool has_timestamps;
	bool has_sack;
	bool has_scale;
	bool has_ecn;
	uint8_t peer_scale;  /* how the windows of the peer are shifted */
	uint8_t our_scale;   /* and ours */
	uint16_t most_sent;  /* bytes of a segment and of its options, towards the peer */
	uint16_t most_taken; /* the same, as we told the peer */
	uint32_t rtt_us;
};

/* The place of both streams. Sequence numbers as on this connection's wire. */
struct tcp_place {
	uint32_t sent;     /* the next byte to send: all before it was sent */
	uint32_t consumed; /* the next byte to read: all before it was read by us */
	uint32_t unread;   /* bytes that came and were not read */
	uint32_t unacked;  /* bytes that were sent and not acknowledged by the peer */
	uint32_t acked;    /* the peer was told that all before it came */
	uint32_t window;   /* that the peer has open, bytes */
	uint32_t open;     /* that we have open for it, behind `acked`: so it was told */
};

/* Does the kernel let us? 0, or -errno: -EPERM without CAP_NET_ADMIN. */
int tcp_repair_try(void);

/* 0 or -errno. */
int tcp_terms_read(int fd, struct tcp_terms *out);

/* How many bytes came, and how many of ours were acknowledged, modulo 2^32, since the connection began;
 * some count its SYN. 0 or -errno. */
int tcp_moved_read(int fd, uint32_t *received, uint32_t *acked);

/*
 * Read the place of a connection, of which nothing may be sent meanwhile (its
 * mark is MARK_FREEZE), and leave it in repair mode: it ends in
 * dial_end_silently() or tcp_repair_leave(). 0; -EAGAIN when more came in all
 * the time; or -errno. After a failure repair mode is left.
 */
int tcp_place_read(int fd, struct tcp_place *out);

/* Copy the first `size` unread bytes of a socket in repair mode, which stay unread. 0 or -errno: -EIO
 * when there are fewer. */
int tcp_repair_peek(int fd, uint8_t *to, size_t size);

/* The clock of our end, as timestamps tell it (RFC 7323 4), without its lowest bit. It runs on. 0 or -errno. */
int tcp_stamp_read(int fd, uint32_t *now);

/* Set that clock, also while the connection is in use. Its lowest bit is lost: at most a tick. 0 or -errno. */
int tcp_stamp_set(int fd, uint32_t now);

/* Leave repair mode without a word to the peer. */
void tcp_repair_leave(int fd);

/* Tell the peer again how far we came: for a socket whose acknowledgements were held back. */
void tcp_repair_acknowledge(int fd);

#endif
