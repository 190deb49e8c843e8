/*
 * What is said of a flow: the words of its enums and its log line. The texts of
 * a flow come from strangers, so whatever is shown goes through
 * flow_record_clean(): after it, no text needs quoting, in a log or in JSON.
 */
#include "flow/record.h"

#include <inttypes.h>
#include <stdio.h>

#define X(name) #name,
static const char *const why_table[] = { FLOW_WHYS(X) };
static const char *const how_table[] = { FLOW_HOWS(X) };
static const char *const source_table[] = { FLOW_SOURCES(X) };
#undef X

static const char *text_at(const char *const *table, size_t count, unsigned index)
{
	return index < count ? table[index] : "-";
}

const char *flow_why_text(enum flow_why why)
{
	return text_at(why_table, FLOW_WHY_COUNT, why);
}

const char *flow_how_text(enum flow_how how)
{
	return text_at(how_table, FLOW_HOW_COUNT, how);
}

const char *flow_source_text(enum flow_source source)
{
	return text_at(source_table, FLOW_SOURCE_COUNT, source);
}

const char *flow_transport_text(uint8_t transport)
{
	static const char *const texts[] = { "tcp", "udp" };

	return text_at(texts, sizeof texts / sizeof *texts, transport);
}

/* Not isalnum(): the locale has no say in a log. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
	       c == ':' || c == '-';
}

static void clean(char *text, size_t size, bool is_section, char also)
{
	text[size - 1] = '\0';
	if (text[0] == '\0')
		memcpy(text, "-", 2);
	for (char *c = text; *c != '\0'; c++) {
		if (is_plain(*c) || *c == also || (is_section && *c >= 'A' && *c <= 'Z'))
			continue;
		*c = '-';
	}
}

static void clean_addr(struct addr *a)
{
	if (addr_size(a) == 0)
		a->family = 0;
}

void flow_record_clean(struct flow_record *r)
{
	clean(r->divert, sizeof(r->divert), true, '-');
	clean(r->route, sizeof(r->route), true, '-');
	clean(r->backend, sizeof(r->backend), true, '-');
	clean(r->proto, sizeof(r->proto), false, '-');
	clean(r->name, sizeof(r->name), false, '-');
	clean(r->alpn, sizeof(r->alpn), false, ',');
	clean_addr(&r->client);
	clean_addr(&r->to);
	clean_addr(&r->server);
}

const char *flow_record_line(const struct flow_record *r, bool json,
			     char line[static RECORD_LINE_BYTES])
{
	char client[ADDR_TEXT_BYTES], to[ADDR_TEXT_BYTES], server[ADDR_TEXT_BYTES];
	struct flow_record c = *r;

	flow_record_clean(&c);
	(void)snprintf(
		line, RECORD_LINE_BYTES,
		json ? "{\"id\":%" PRIu64
		       ",\"divert\":\"%s\",\"transport\":\"%s\",\"proto\":\"%s\",\"name\":\"%s\","
		       "\"alpn\":\"%s\",\"client\":\"%s\",\"to\":\"%s\",\"route\":\"%s\","
		       "\"backend\":\"%s\",\"server\":\"%s\",\"source\":\"%s\",\"how\":\"%s\","
		       "\"why\":\"%s\",\"ms\":%" PRIu64 ",\"in\":%" PRIu64 ",\"out\":%" PRIu64 "}"
		     : "flow id=%" PRIu64
		       " divert=%s transport=%s proto=%s name=%s alpn=%s client=%s to=%s "
		       "route=%s backend=%s server=%s source=%s how=%s why=%s ms=%" PRIu64
		       " in=%" PRIu64 " out=%" PRIu64,
		c.id, c.divert, flow_transport_text(c.transport), c.proto, c.name, c.alpn,
		addr_text(&c.client, client), addr_text(&c.to, to), c.route, c.backend,
		addr_text(&c.server, server),
		/* no server, no address that one could have seen */
		c.server.family ? flow_source_text(c.source) : "-", flow_how_text(c.how),
		flow_why_text(c.why), c.age_ms, c.in_bytes, c.out_bytes);
	return line;
}
