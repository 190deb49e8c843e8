/*
 * SNMP over UDP, read to the end: version 1 (RFC 1157 4), 2c (RFC 1901 3) or 3 (RFC 3412
 * 6), with what a manager asks or an agent tells by itself; of version 3 the parameters
 * of its user's security (RFC 3414 2.4), and the rest of it where it is not encrypted.
 * Answers and reports are no client's.
 */
#include "base/datagrams.h"
#include "wire/ber.h"
#include "wire/first_datagram.h"
#include "wire/ike.h"
#include "wire/recognise.h"

enum version { V1 = 0, V2C = 1, V3 = 3 };

enum {
	PDU_GET = 0xa0,
	PDU_GET_NEXT = 0xa1,
	PDU_SET = 0xa3,
	PDU_TRAP_V1 = 0xa4,  /* of version 1 only */
	PDU_GET_BULK = 0xa5, /* and the next ones: not of version 1 */
	PDU_INFORM = 0xa6,
	PDU_TRAP = 0xa7,
	IP_ADDRESS = 0x40, /* types of values (RFC 2578 7.1) */
	TIME_TICKS = 0x43,
	UNSIGNED_32 = 0x47,
	NO_SUCH_OBJECT = 0x80, /* and the next two: in place of a value (RFC 3416 3) */
	END_OF_VIEW = 0x82,
	IP_ADDRESS_BYTES = 4,
	TRAP_MOST = 6,    /* generic ones of version 1 */
	ENGINE_MOST = 32, /* bytes of an engine's id */
	USER_MOST = 32,
	SIZE_LEAST = 484, /* of messages that everybody takes */
	FLAG_AUTHENTIC = 1,
	FLAG_ENCRYPTED = 2,
	FLAGS_MOST = 7,
	MODEL_USER = 3,
};

static const int64_t number_most = INT32_MAX;
static const int64_t unsigned_most = UINT32_MAX;

static bool is_value(uint8_t tag)
{
	return tag == BER_INTEGER || tag == BER_OCTETS || tag == BER_NULL || tag == BER_OID ||
	       (tag >= IP_ADDRESS && tag <= UNSIGNED_32) ||
	       (tag >= NO_SUCH_OBJECT && tag <= END_OF_VIEW);
}

/* Names and values, which end the PDU. */
static bool has_bindings(struct reader *r)
{
	struct reader list = ber_enter(r, BER_SEQUENCE);

	while (reader_left(&list) > 0) {
		struct reader one = ber_enter(&list, BER_SEQUENCE);
		struct span value;

		if (ber_take(&one, BER_OID).size == 0 || !is_value(ber_any(&one, &value)) ||
		    !ber_is_read(&one))
			return false;
	}
	return ber_is_read(&list) && ber_is_read(r);
}

/* RFC 1157 4.1.6 */
static bool is_trap_v1(struct reader pdu)
{
	(void)ber_take(&pdu, BER_OID);
	if (ber_take(&pdu, IP_ADDRESS).size != IP_ADDRESS_BYTES)
		return false;
	(void)ber_number(&pdu, BER_INTEGER, 0, TRAP_MOST);
	(void)ber_number(&pdu, BER_INTEGER, INT32_MIN, number_most);
	(void)ber_number(&pdu, TIME_TICKS, 0, unsigned_most);
	return has_bindings(&pdu);
}

/* The last element of a message: a PDU that a client may send (RFC 3416 3). */
static bool has_pdu(struct reader *r, enum version version)
{
	struct span value;
	uint8_t tag = ber_any(r, &value);
	struct reader pdu = reader_of(value);

	if (!ber_is_read(r))
		return false;
	switch (tag) {
	case PDU_TRAP_V1:
		return version == V1 && is_trap_v1(pdu);
	case PDU_GET_BULK:
	case PDU_INFORM:
	case PDU_TRAP:
		if (version == V1)
			return false;
		break;
	case PDU_GET:
	case PDU_GET_NEXT:
	case PDU_SET:
		break;
	default:
		return false;
	}
	(void)ber_number(&pdu, BER_INTEGER, INT32_MIN, number_most); /* request */
	(void)ber_number(&pdu, BER_INTEGER, 0, number_most);         /* fault, or non-repeaters */
	(void)ber_number(&pdu, BER_INTEGER, 0, number_most);         /* its place, or repetitions */
	return has_bindings(&pdu);
}

/* RFC 3414 2.4 */
static bool is_user(struct span parameters)
{
	struct reader r = reader_of(parameters);
	struct reader user = ber_enter(&r, BER_SEQUENCE);
	struct span engine = ber_take(&user, BER_OCTETS);
	struct span name;

	(void)ber_number(&user, BER_INTEGER, 0, number_most); /* boots */
	(void)ber_number(&user, BER_INTEGER, 0, number_most); /* time */
	name = ber_take(&user, BER_OCTETS);
	(void)ber_take(&user, BER_OCTETS); /* proof */
	(void)ber_take(&user, BER_OCTETS); /* salt */
	return ber_is_read(&user) && ber_is_read(&r) && engine.size <= ENGINE_MOST &&
	       name.size <= USER_MOST;
}

/* Behind the version (RFC 3412 6). */
static bool is_v3(struct reader *r)
{
	struct reader head = ber_enter(r, BER_SEQUENCE);
	struct reader scoped;
	struct span flags, parameters;
	int64_t model;

	(void)ber_number(&head, BER_INTEGER, 0, number_most); /* message */
	(void)ber_number(&head, BER_INTEGER, SIZE_LEAST, number_most);
	flags = ber_take(&head, BER_OCTETS);
	model = ber_number(&head, BER_INTEGER, 1, number_most);
	parameters = ber_take(r, BER_OCTETS);
	if (!ber_is_read(&head) || flags.size != 1 || flags.data[0] > FLAGS_MOST ||
	    (model == MODEL_USER && !is_user(parameters)))
		return false;
	if (flags.data[0] & FLAG_ENCRYPTED)
		return flags.data[0] & FLAG_AUTHENTIC && ber_take(r, BER_OCTETS).size > 0 &&
		       ber_is_read(r);
	scoped = ber_enter(r, BER_SEQUENCE);
	(void)ber_take(&scoped, BER_OCTETS); /* engine */
	(void)ber_take(&scoped, BER_OCTETS); /* context */
	return ber_is_read(r) && has_pdu(&scoped, V3);
}

static bool is_message(struct span datagram)
{
	struct reader r = reader_of(datagram);
	struct reader message = ber_enter(&r, BER_SEQUENCE);
	int64_t version = ber_number(&message, BER_INTEGER, V1, V3);
	bool is_so;

	if (!ber_is_read(&r) || message.short_read)
		return false;
	switch (version) {
	case V1:
	case V2C:
		(void)ber_take(&message, BER_OCTETS); /* community */
		is_so = has_pdu(&message, (enum version)version);
		break;
	case V3:
		is_so = is_v3(&message);
		break;
	default:
		is_so = false;
		break;
	}
	return is_so && !ike_is_message(datagram); /* which a community could hold */
}

static bool begins_snmp(uint8_t first)
{
	return first == BER_SEQUENCE;
}

static enum wire_verdict probe_snmp(struct span in, struct wire_hints *hints)
{
	return first_datagram_ask(in, hints, is_message);
}

const struct wire_proto wire_snmp = {
	.name = "snmp",
	.udp = { DATAGRAMS_ROOM, probe_snmp },
	.begins = begins_snmp,
};
