#ifndef SHUNT_BASE_MARK_H
#define SHUNT_BASE_MARK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Our share of the 32 mark bits, of packets (fwmark), sockets (SO_MARK) and
 * conntrack entries. `mask` covers a base and, in its four lowest bits, a role;
 * `base` has the role bits zero. All other bits belong to others and are kept.
 */
struct marks {
	uint32_t base;
	uint32_t mask;
};

/* Roles. The numbers are part of the verified rule set: do not reorder. */
enum mark_role {
	MARK_SNIFF = 1,   /* accepted socket whose ACKs are held back until the flow is decided */
	MARK_BACKEND = 2, /* our socket towards a server */
	MARK_RELAY = 3,   /* listener, and accepted socket, of a flow that is relayed */
	MARK_INJECT = 4,  /* a packet we made ourselves: untracked */
	MARK_EVICT = 5,   /* a packet over lo that ends one of our own TIME_WAIT sockets */
	MARK_FREEZE = 6,  /* socket from which nothing may leave during a switch */
	MARK_REPLY = 7,   /* UDP reply socket */
	MARK_HANDED = 8, /* conntrack entry of a flow that was handed to the kernel, and packet that
			   * nobody but conntrack is to see */
	MARK_HELD = 9,   /* conntrack entry of a UDP flow that is ours, not handed over */
	MARK_BACKEND_BARE =
		10,     /* as MARK_BACKEND, and its SYN loses its timestamps: its client has none */
	MARK_HOST = 11, /* our socket towards a server on this very box, and its conntrack entry */
	MARK_FREEZE_SERVER = 12, /* MARK_FREEZE of a socket towards a server */
	MARK_INJECT_CLIENT = 13, /* MARK_INJECT to a client whose flow was handed over */
	MARK_SEEN = 14,   /* packet that the owned table looked at, until the lasting one has it */
	MARK_DIVERT = 15, /* packet on its way to one of our sockets */
};

/* Of a conntrack entry with MARK_HANDED, beside it: packets of the client's, and of the server's, were seen
 * to leave this box. */
enum mark_passed {
	MARK_PASSED_CLIENT = 4,
	MARK_PASSED_SERVER = 2,
	MARK_PASSED = MARK_PASSED_CLIENT | MARK_PASSED_SERVER,
};

/* Read "0x50000000/0xff000000". 0, or -EINVAL: no such text, base outside mask, fewer than
 * five mask bits, the mask's bits not side by side, or role bits set in base. */
int marks_parse(struct marks *out, const char *text);

/* The whole mark of a role. */
uint32_t marks_of(const struct marks *m, enum mark_role role);

/* The bits that tell our base apart from others, without the role. */
uint32_t marks_base_mask(const struct marks *m);

/* A mask under which MARK_BACKEND and MARK_BACKEND_BARE are the same. */
uint32_t marks_server_mask(const struct marks *m);

/* A mask under which a conntrack entry with MARK_HANDED has that mark, whatever passed. */
uint32_t marks_handed_mask(const struct marks *m);

/* These bits of a conntrack entry's mark. */
uint32_t marks_passed(const struct marks *m, enum mark_passed which);

/* The four role bits. */
uint32_t marks_role_mask(const struct marks *m);

#endif
