/* The plan in nft's language: what people read, and what golden tests compare. Pure. */
#include "nft/plan_text.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/rtnetlink.h>

#include "nft/plan_build.h"

static const char *family_word(uint32_t family)
{
	return family == NFPROTO_IPV4 ? "ip" : "ip6";
}

static void put_rule(FILE *out, const struct plan_rule *rule)
{
	size_t i;

	for (i = 0; i < rule->count; i++) {
		if (i > 0)
			(void)fputc(' ', out);
		plan_text_op(out, &rule->ops[i]);
	}
}

static void put_chain(FILE *out, const struct plan_chain *chain)
{
	static const char *const hooks[] = {
		[NF_INET_PRE_ROUTING] = "prerouting",   [NF_INET_LOCAL_IN] = "input",
		[NF_INET_FORWARD] = "forward",          [NF_INET_LOCAL_OUT] = "output",
		[NF_INET_POST_ROUTING] = "postrouting",
	};
	size_t i;

	(void)fprintf(out, "\n\tchain %s {\n", chain->name);
	if (chain->type)
		(void)fprintf(out, "\t\ttype %s hook %s priority %" PRId32 "; policy accept;\n",
			      chain->type, hooks[chain->hook], chain->priority);
	for (i = 0; i < chain->count; i++) {
		(void)fputs("\t\t", out);
		put_rule(out, &chain->rules[i]);
		(void)fputc('\n', out);
	}
	(void)fputs("\t}\n", out);
}

static void put_object(FILE *out, const struct plan_object *object)
{
	if (object->timeout_family == 0)
		(void)fprintf(out, "\n\tcounter %s {\n\t}\n", object->name);
	else if (object->protocol == IPPROTO_UDP)
		(void)fprintf(out,
			      "\n\tct timeout %s {\n\t\tprotocol udp\n\t\tl3proto %s\n"
			      "\t\tpolicy = { unreplied : %d, replied : %d }\n\t}\n",
			      object->name, family_word(object->timeout_family), PLAN_UNREPLIED_S,
			      PLAN_REPLIED_S);
	else
		(void)fprintf(out,
			      "\n\tct timeout %s {\n\t\tprotocol tcp\n\t\tl3proto %s\n"
			      "\t\tpolicy = { last_ack : %d, time_wait : %d, close : %d }\n\t}\n",
			      object->name, family_word(object->timeout_family), PLAN_LAST_ACK_S,
			      PLAN_TIME_WAIT_S, PLAN_CLOSE_S);
}

static const char *route_type(const struct plan_range *key)
{
	static const char *const names[] = {
		[RTN_UNSPEC] = "unspec",       [RTN_UNICAST] = "unicast",
		[RTN_LOCAL] = "local",         [RTN_BROADCAST] = "broadcast",
		[RTN_ANYCAST] = "anycast",     [RTN_MULTICAST] = "multicast",
		[RTN_BLACKHOLE] = "blackhole",
	};
	uint32_t type;

	memcpy(&type, key->first, sizeof type);
	return type <= RTN_BLACKHOLE ? names[type] : "?";
}

static const char *protocol(uint8_t number)
{
	return number == IPPROTO_TCP ? "tcp" : number == IPPROTO_ICMP ? "icmp" : "ipv6-icmp";
}

/* The prefix length that an interval of addresses is, or -1. */
static int prefix_bits(const struct plan_range *range, size_t size)
{
	int bits = 0;
	size_t at;
	bool is_host = false;

	for (at = 0; at < size * 8; at++) {
		uint8_t bit = (uint8_t)(0x80 >> at % 8);
		bool first = range->first[at / 8] & bit;
		bool last = range->last[at / 8] & bit;

		is_host = is_host || first != last;
		if (is_host && (first || !last))
			return -1;
		bits += !is_host;
	}
	return bits;
}

static void put_addresses(FILE *out, const struct plan_range *range, bool is_v4)
{
	int bits = prefix_bits(range, is_v4 ? 4 : 16);
	char text[INET6_ADDRSTRLEN];

	/* an address always has a text, and it fits */
	(void)fputs(inet_ntop(is_v4 ? AF_INET : AF_INET6, range->first, text, sizeof text), out);
	if (bits >= 0 && bits < (is_v4 ? 32 : 128))
		(void)fprintf(out, "/%d", bits);
	else if (bits < 0)
		(void)fprintf(
			out, "-%s",
			inet_ntop(is_v4 ? AF_INET : AF_INET6, range->last, text, sizeof text));
}

static void put_range(FILE *out, enum plan_set_kind kind, const struct plan_range *range)
{
	unsigned first = (unsigned)range->first[0] << 8 | range->first[1];
	unsigned last = (unsigned)range->last[0] << 8 | range->last[1];

	switch (kind) {
	case PLAN_FAMILIES:
		(void)fprintf(out, "ipv%c", range->first[0] == NFPROTO_IPV4 ? '4' : '6');
		break;
	case PLAN_PROTOCOLS:
		(void)fputs(protocol(range->first[0]), out);
		break;
	case PLAN_ROUTE_TYPES:
		(void)fputs(route_type(range), out);
		break;
	case PLAN_DEVICES:
		(void)fprintf(out, "\"%.16s\"", (const char *)range->first);
		break;
	case PLAN_PORTS:
		(void)fprintf(out, first == last ? "%u" : "%u-%u", first, last);
		break;
	case PLAN_V4:
	case PLAN_V6:
	case PLAN_HOSTS4:
	case PLAN_HOSTS6:
		put_addresses(out, range, kind == PLAN_V4 || kind == PLAN_HOSTS4);
		break;
	case PLAN_FLOWS4:
	case PLAN_FLOWS6:
	case PLAN_PLACES4:
	case PLAN_PLACES6:
		break; /* none is planned */
	}
}

static void put_set(FILE *out, const struct plan_set *set)
{
	static const char *const types[] = {
		[PLAN_FAMILIES] = "nf_proto",
		[PLAN_PROTOCOLS] = "inet_proto",
		[PLAN_ROUTE_TYPES] = "fib_addrtype",
		[PLAN_DEVICES] = "ifname",
		[PLAN_PORTS] = "inet_service",
		[PLAN_V4] = "ipv4_addr",
		[PLAN_V6] = "ipv6_addr",
		[PLAN_HOSTS4] = "ipv4_addr",
		[PLAN_HOSTS6] = "ipv6_addr",
		[PLAN_FLOWS4] = "ipv4_addr . inet_service . ipv4_addr . inet_service",
		[PLAN_FLOWS6] = "ipv6_addr . inet_service . ipv6_addr . inet_service",
		[PLAN_PLACES4] = "ipv4_addr . inet_service",
		[PLAN_PLACES6] = "ipv6_addr . inet_service",
	};
	size_t i;

	(void)fprintf(out, "\n\tset %s {\n\t\ttype %s\n", set->name, types[set->kind]);
	if (plan_set_is_flows(set->kind))
		(void)fprintf(out, "\t\tsize %d\n\t\tflags dynamic\n", PLAN_MOST_FLOWS);
	else if (plan_set_is_places(set->kind))
		(void)fprintf(out, "\t\tsize %d\n\t\tflags dynamic,timeout\n\t\ttimeout %ds\n",
			      PLAN_MOST_PLACES, PLAN_PLACE_S);
	else if (set->is_live)
		(void)fputs("\t\tflags timeout\n", out);
	else if (plan_set_is_interval(set->kind))
		(void)fputs("\t\tflags interval\n", out);
	for (i = 0; i < set->count; i++) {
		(void)fputs(i == 0 ? "\t\telements = { " : ",\n\t\t\t     ", out);
		put_range(out, set->kind, &set->at[i]);
	}
	(void)fputs(set->count ? " }\n\t}\n" : "\t}\n", out);
}

void plan_text(FILE *out, const struct plan_table *table)
{
	size_t i;

	(void)fprintf(out, "table inet %s {", table->name);
	if (table->is_owned)
		(void)fputs(" # flags owner", out);
	for (i = 0; i < table->object_count; i++)
		put_object(out, &table->objects[i]);
	for (i = 0; i < table->set_count; i++)
		put_set(out, &table->sets[i]);
	for (i = 0; i < table->chain_count; i++)
		put_chain(out, &table->chains[i]);
	(void)fputs("}\n", out);
}
