/* By which servers know their clients: QUIC's connection ids and WireGuard's indices. */
#include "wire/ids.h"

#include "wire/quic_packet.h"
#include "wire/wireguard.h"

static struct flow_id make(enum flow_id_kind kind, struct span bytes)
{
	struct flow_id id = { .kind = (uint8_t)kind };

	if (bytes.size < FLOW_ID_LEAST_BYTES || bytes.size > FLOW_ID_MOST_BYTES)
		return (struct flow_id){ 0 };
	id.size = (uint8_t)bytes.size;
	memcpy(id.bytes, bytes.data, bytes.size);
	return id;
}

/* --- of servers --- */

/* All packets of a datagram bear the same one (RFC 9000 7.2). What a Retry tells holds until the server
 * says another. */
static struct ids_told quic_told(struct span head)
{
	struct reader r = reader_of(head);
	const struct quic_version *version;
	struct quic_long front;
	struct ids_told told = { 0 };

	if (!quic_long_read(&r, &front) || front.dcid.size > QUIC_CID_MOST)
		return told;
	version = quic_version_find(front.version);
	if (!version)
		return told;
	told.id = make(FLOW_ID_QUIC, front.scid);
	told.is_last = version->kinds[front.first >> 4 & 3] != QUIC_RETRY;
	return told;
}

struct ids_told ids_told(enum flow_id_kind kind, struct span head, size_t whole)
{
	struct ids_told told = { 0 };

	switch (kind) {
	case FLOW_ID_QUIC:
		return quic_told(head);
	case FLOW_ID_WIREGUARD:
		told.id = make(FLOW_ID_WIREGUARD, wireguard_sender(head, whole));
		break;
	case FLOW_ID_NONE:
	case FLOW_ID_ENDS:
		break;
	}
	return told;
}

/* --- of clients --- */

/* The id in a short header ends nobody but the server knows where (RFC 9000 17.3). The bit behind the
 * first may be either (RFC 9287). */
static struct flow_id quic_named(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct quic_long front;
	struct flow_id id;
	size_t size = datagram.size > 0 ? datagram.size - 1 : 0;

	if (quic_long_read(&r, &front))
		return quic_version_find(front.version) ? make(FLOW_ID_QUIC, front.dcid)
							: (struct flow_id){ 0 };
	if (size == 0 || datagram.data[0] & 0x80)
		return (struct flow_id){ 0 };
	id = make(FLOW_ID_QUIC, span_of(datagram.data + 1,
					size < FLOW_ID_MOST_BYTES ? size : FLOW_ID_MOST_BYTES));
	id.is_open = id.size > 0;
	return id;
}

struct flow_id ids_named(struct span datagram)
{
	struct span index = wireguard_receiver(datagram);

	return index.size > 0 ? make(FLOW_ID_WIREGUARD, index) : quic_named(datagram);
}
