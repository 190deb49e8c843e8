/* The flows that the kernel carries: a hash table of small objects. */
#include "flow/handed.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/question.h"

enum {
	FIRST_BUCKETS = 64, /* a power of two, as all that follow */
	CLIENT = 0,
	TO = 1,
	SERVER = 2,
	ADDRESSES = 3,
	TEXTS = 6,
};

struct handed {
	struct handed_flow **buckets;
	size_t bucket_count;
	size_t count;
	uint64_t seed;
};

int handed_new(struct handed **out, uint64_t seed)
{
	struct handed *h = calloc(1, sizeof *h);

	if (h)
		h->buckets = calloc(FIRST_BUCKETS, sizeof(struct handed_flow *));
	if (!h || !h->buckets) {
		free(h);
		return -ENOMEM;
	}
	h->bucket_count = FIRST_BUCKETS;
	h->seed = seed;
	*out = h;
	return 0;
}

void handed_free(struct handed *h)
{
	struct handed_walk walk = { 0 };
	struct handed_flow *f;

	if (!h)
		return;
	for (f = handed_next(h, &walk); f; f = handed_next(h, &walk))
		free(f);
	free(h->buckets);
	free(h);
}

size_t handed_count(const struct handed *h)
{
	return h->count;
}

/* --- places --- */

static uint64_t mixed(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t hash_addr(uint64_t hash, const struct addr *a)
{
	uint64_t words[2];

	memcpy(words, a->bytes, sizeof words);
	hash = mixed(hash, words[0]);
	if (a->family == AF_INET6)
		hash = mixed(hash, words[1]);
	return mixed(hash, (uint64_t)a->family << 16 | a->port);
}

static struct handed_flow **bucket_of(const struct handed *h, uint8_t transport,
				      const struct addr *client, const struct addr *to)
{
	uint64_t hash = mixed(hash_addr(hash_addr(h->seed ^ transport, client), to), h->seed);

	return &h->buckets[(hash >> 32) & (h->bucket_count - 1)];
}

static size_t address_bytes(const struct handed_flow *f)
{
	return f->family == AF_INET ? 4 : 16;
}

static struct addr address(const struct handed_flow *f, unsigned which)
{
	struct addr a = { .family = f->family, .port = f->ports[which] };

	memcpy(a.bytes, f->packed + which * address_bytes(f), address_bytes(f));
	return a;
}

struct addr handed_client(const struct handed_flow *f)
{
	return address(f, CLIENT);
}

struct addr handed_to(const struct handed_flow *f)
{
	return address(f, TO);
}

struct addr handed_server(const struct handed_flow *f)
{
	return f->has_server ? address(f, SERVER) : (struct addr){ .family = 0 };
}

uint8_t handed_transport(const struct handed_flow *f)
{
	return f->is_udp ? IPPROTO_UDP : IPPROTO_TCP;
}

struct handed_flow *handed_find(const struct handed *h, uint8_t transport,
				const struct addr *client, const struct addr *to)
{
	struct handed_flow *f = *bucket_of(h, transport, client, to);
	struct addr its_client;
	struct addr its_to;

	for (; f; f = f->next) {
		its_client = handed_client(f);
		its_to = handed_to(f);
		if (handed_transport(f) == transport && addr_equal(&its_client, client) &&
		    addr_equal(&its_to, to))
			return f;
	}
	return NULL;
}

static void link_flow(struct handed *h, struct handed_flow *f)
{
	struct addr client = handed_client(f);
	struct addr to = handed_to(f);
	struct handed_flow **place = bucket_of(h, handed_transport(f), &client, &to);

	f->next = *place;
	*place = f;
}

/* Twice as many buckets; without memory it stays as it is, and is only slower. */
static void grow(struct handed *h)
{
	struct handed_flow **more = calloc(2 * h->bucket_count, sizeof(struct handed_flow *));
	struct handed old = *h;
	struct handed_walk walk = { 0 };
	struct handed_flow *f;

	if (!more)
		return;
	h->buckets = more;
	h->bucket_count *= 2;
	for (f = handed_next(&old, &walk); f; f = handed_next(&old, &walk))
		link_flow(h, f);
	free(old.buckets);
}

/* --- flows --- */

/* The texts of a record, in the order in which they are packed. */
struct texts {
	const char *at[TEXTS];
};

static struct texts texts_of(const struct flow_record *r)
{
	return (struct texts){ { r->divert, r->backend, r->route, r->proto, r->name, r->alpn } };
}

static const char *packed_texts(const struct handed_flow *f)
{
	return (const char *)f->packed + ADDRESSES * address_bytes(f);
}

const char *handed_divert(const struct handed_flow *f)
{
	return packed_texts(f);
}

const char *handed_backend(const struct handed_flow *f)
{
	const char *divert = handed_divert(f);

	return divert + strlen(divert) + 1;
}

/* Only what is packed counts when flows are compared. */
static void plain(struct addr *a)
{
	memset(a->bytes + addr_size(a), 0, sizeof a->bytes - addr_size(a));
	a->scope = 0;
}

static void pack(struct handed_flow *f, const struct flow_record *r, const struct texts *texts)
{
	const struct addr *addrs[ADDRESSES] = { &r->client, &r->to, &r->server };
	uint8_t *at = f->packed;

	for (unsigned i = 0; i < ADDRESSES; i++) {
		f->ports[i] = addrs[i]->port;
		memcpy(at, addrs[i]->bytes, address_bytes(f));
		at += address_bytes(f);
	}
	for (unsigned i = 0; i < TEXTS; i++) {
		size_t size = strlen(texts->at[i]) + 1;

		memcpy(at, texts->at[i], size);
		at += size;
	}
}

int handed_add(struct handed *h, const struct flow_record *record, uint64_t now_ms,
	       struct handed_flow **out)
{
	struct flow_record r = *record;
	struct texts texts = texts_of(&r);
	struct handed_flow *f;
	size_t size;

	flow_record_clean(&r);
	plain(&r.client);
	plain(&r.to);
	if (!r.client.family || r.to.family != r.client.family ||
	    (r.server.family && r.server.family != r.client.family))
		return -EINVAL;
	if (h->count == HANDED_MOST)
		return -ENOSPC;
	if (handed_find(h, r.transport == QUESTION_UDP ? IPPROTO_UDP : IPPROTO_TCP, &r.client,
			&r.to))
		return -EEXIST;
	size = sizeof *f + ADDRESSES * addr_size(&r.client);
	for (unsigned i = 0; i < TEXTS; i++)
		size += strlen(texts.at[i]) + 1;
	f = calloc(1, size);
	if (!f)
		return -ENOMEM;
	f->id = r.id;
	f->since_ms = r.age_ms < now_ms ? now_ms - r.age_ms : 0;
	f->moved_ms = now_ms;
	f->relayed[0] = r.in_bytes;
	f->relayed[1] = r.out_bytes;
	f->divert = HANDED_NO_NUMBER;
	f->server = HANDED_NO_NUMBER;
	f->source = r.source;
	f->is_udp = r.transport == QUESTION_UDP;
	f->packets[0] = f->is_udp ? 0 : HANDED_SHOWN_CLIENT;
	f->packets[1] = f->is_udp ? 0 : HANDED_SHOWN_SERVER;
	f->family = (uint8_t)r.client.family;
	f->has_server = r.server.family != 0;
	pack(f, &r, &texts);
	if (h->count >= h->bucket_count)
		grow(h);
	link_flow(h, f);
	h->count++;
	*out = f;
	return 0;
}

void handed_go_on(struct handed_flow *f, const struct handed_flow *before)
{
	memcpy(f->counted, before->counted, sizeof f->counted);
	memcpy(f->packets, before->packets, sizeof f->packets);
	f->expires_s = before->expires_s;
	f->state = before->state;
	f->is_listed = before->is_listed;
}

void handed_remove(struct handed *h, struct handed_flow *f)
{
	struct addr client = handed_client(f);
	struct addr to = handed_to(f);
	struct handed_flow **place = bucket_of(h, handed_transport(f), &client, &to);

	while (*place != f)
		place = &(*place)->next;
	*place = f->next;
	h->count--;
	free(f);
}

static const char *unpack(const char *from, char *to, size_t room)
{
	size_t size = strlen(from) + 1;

	memcpy(to, from, size < room ? size : room);
	return from + size;
}

void handed_record(const struct handed_flow *f, uint64_t now_ms, struct flow_record *out)
{
	const char *at = packed_texts(f);

	memset(out, 0, sizeof *out);
	out->id = f->id;
	out->age_ms = now_ms > f->since_ms ? now_ms - f->since_ms : 0;
	out->in_bytes = f->relayed[0] + f->counted[0];
	out->out_bytes = f->relayed[1] + f->counted[1];
	out->client = handed_client(f);
	out->to = handed_to(f);
	out->server = handed_server(f);
	out->transport = f->is_udp ? QUESTION_UDP : QUESTION_TCP;
	out->how = FLOW_HOW_handoff;
	out->source = f->source;
	at = unpack(at, out->divert, sizeof out->divert);
	at = unpack(at, out->backend, sizeof out->backend);
	at = unpack(at, out->route, sizeof out->route);
	at = unpack(at, out->proto, sizeof out->proto);
	at = unpack(at, out->name, sizeof out->name);
	(void)unpack(at, out->alpn, sizeof out->alpn); /* the last one */
}

struct handed_flow *handed_next(const struct handed *h, struct handed_walk *w)
{
	struct handed_flow *f = w->next;

	while (!f && w->bucket < h->bucket_count)
		f = h->buckets[w->bucket++];
	w->next = f ? f->next : NULL;
	return f;
}
