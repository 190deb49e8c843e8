#ifndef SHUNT_KERNEL_DIAL_H
#define SHUNT_KERNEL_DIAL_H

#include "base/addr.h"

/* How a socket towards a server is to be born. */
struct dial {
	struct addr
		from; /* the client; family 0: our own address. Port 0: any port of that address */
	uint16_t family; /* of the server */
	uint32_t mark;   /* SO_MARK */
	uint32_t isn;    /* initial sequence number to use, the client's; 0: the kernel chooses */
	uint32_t
		window_clamp; /* the server is offered no larger window, of a scale to match; 0: any */
	uint16_t most_segment; /* bytes of a segment that it may send; 0: as the way allows */
	uint8_t tos;           /* TOS or traffic class; its ECN bits are left to the kernel */
	bool has_data; /* there is something to send at once: the handshake's ACK may ride on it */
};

/*
 * A non-blocking socket, bound as `d` says and ready for dial_connect(). With an
 * address and port it is bound in repair mode, so that no other socket can be in
 * the way of the bind; a conflict shows at dial_connect().
 * The descriptor, or -errno (-EMFILE, -ENFILE, -ENOBUFS, -ENOMEM: short of means;
 * -EADDRNOTAVAIL, -EADDRINUSE: not with this address).
 */
int dial_open(const struct dial *d);

/*
 * Start to connect. 0: under way (writable when done, see dial_result()); -errno:
 * -EADDRNOTAVAIL when this very pair of address and port is in use on this box.
 */
int dial_connect(int fd, const struct addr *server);

/* Change SO_MARK of one that does not connect yet. */
void dial_mark(int fd, uint32_t mark);

/*
 * Is there a connection on this box, or the rest of one, whose own end is the
 * first and whose peer is the second? Also when that cannot be found out.
 * Nothing is sent.
 */
bool dial_is_known(const struct addr *own, const struct addr *peer);

/* What became of it: 0 connected, or -errno. */
int dial_result(int fd);

/* No waiting for more to say (TCP_NODELAY). Left out of dial_open(): a first write never waits. */
void dial_no_delay(int fd);

/* Bytes given to the socket that its peer has not acknowledged yet (SIOCOUTQ). */
uint32_t dial_unsent(int fd);

/* Bytes that came and were not read. */
uint32_t dial_unread(int fd);

/* Keepalive as the listeners have it; left out of dial_open() since short flows need none. */
void dial_keep_alive(int fd);

/*
 * End a socket without a packet on the wire, whatever copies of the descriptor
 * exist, and close it. What it had not sent yet is gone.
 */
void dial_end_silently(int fd);

/* Close a socket so that its peer gets a RST. */
void dial_reset(int fd);

#endif
