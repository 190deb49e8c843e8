#ifndef SHUNT_KERNEL_UDP_SOCKET_H
#define SHUNT_KERNEL_UDP_SOCKET_H

#include "base/addr.h"

/*
 * Sockets for datagrams on both sides of a flow. All are non-blocking and
 * close-on-exec, may have addresses that are not ours (IP_TRANSPARENT), bear a
 * mark, and leave cutting up what is larger than the way to the IP layer: nobody
 * would take note of an ICMP error that says so.
 */

/* A socket towards a server, connected. from: the address and port that the server is to see, port 0:
 * any; family 0: what the kernel finds. is_alone: fail when another socket has that address and port.
 * The descriptor; -EADDRINUSE: a service of this box has them; or -errno. */
int udp_socket_server(const struct addr *from, const struct addr *server, uint32_t mark,
		      bool is_alone);

/*
 * A socket by which answers leave from `at`. It takes nothing itself: being
 * connected to where nobody is, it leaves all datagrams to those they are for. The
 * descriptor; -EADDRINUSE: a service of this box has that port for itself alone;
 * or -errno.
 */
int udp_socket_reply(const struct addr *at, uint32_t mark);

/* A socket of one flow towards its client, connected: what the client sends to `at` arrives here. The
 * descriptor or -errno. */
int udp_socket_client(const struct addr *at, const struct addr *client, uint32_t mark);

/* Let a socket towards a server go: nothing comes to it any more but what is on its way already, which can
 * be read. */
void udp_socket_let_go(int fd, uint32_t mark);

/* Let datagrams of one flow that arrive together be told together (udp_batch.h); slower without. */
void udp_socket_gather(int fd);

/* The error that waits at a socket, as -errno; 0: none. */
int udp_socket_error(int fd);

/* A raw socket that sends packets of that IP protocol from any address, and takes none. -errno without
 * CAP_NET_RAW. */
int udp_socket_raw(uint16_t family, uint8_t protocol, uint32_t mark);

/* Send one datagram by it, which is of IPPROTO_UDP. 0 or -errno. */
int udp_socket_raw_send(int fd, const struct addr *from, const struct addr *to, uint8_t tos,
			struct span datagram);

/* Send a whole message of its protocol. 0 or -errno. */
int udp_socket_raw_message(int fd, const struct addr *from, const struct addr *to, uint8_t tos,
			   struct span message);

#endif
