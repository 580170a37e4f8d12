// SPDX-License-Identifier: GPL-2.0-only
/* A job's traffic for result and `stats`: totals each way, and the destinations that had most. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "audit/event.h"
#include "job/job.h"
#include "lib/buf.h"
#include "lib/cleanup.h"

#define LINES_MAX 20 /* destinations that are shown */

struct line {
	struct sbx_dest_key key;
	struct sbx_dest dest;
	json_t *domain; /* that opened it, or NULL */
};

struct top {
	struct line lines[LINES_MAX]; /* the most bytes first */
	size_t n;
	__u64 known; /* destinations that have counters */
	__u64 now;
};

static void top_free(struct top *top)
{
	for (size_t i = 0; i < top->n; i++)
		json_decref(top->lines[i].domain);
}

static __u64 bytes_of(const struct sbx_dest *dest)
{
	return dest->passed[SBX_WAY_OUT].bytes + dest->passed[SBX_WAY_IN].bytes;
}

/* More bytes first; equal ones in an order that stays. */
static bool is_before(const struct line *a, const struct line *b)
{
	__u64 x = bytes_of(&a->dest), y = bytes_of(&b->dest);

	return x != y ? x > y : memcmp(&a->key, &b->key, sizeof(a->key)) < 0;
}

static void take_dest(const struct sbx_dest_key *key, const struct sbx_dest *dest, void *ctx)
{
	struct line line = { .key = *key, .dest = *dest };
	struct top *top = ctx;
	size_t at = top->n;

	top->known++;
	while (at && is_before(&line, &top->lines[at - 1]))
		at--;
	if (at == LINES_MAX)
		return;
	if (top->n < LINES_MAX)
		top->n++;
	memmove(&top->lines[at + 1], &top->lines[at], (top->n - at - 1) * sizeof(line));
	top->lines[at] = line;
}

/* An address may have several names: one of these opened it. */
static int take_domain(const struct sbx_grant *grant, void *ctx)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };
	struct top *top = ctx;

	for (size_t i = 0; i < top->n; i++) {
		if (memcmp(top->lines[i].key.addr, grant->addr, sizeof(grant->addr)) != 0)
			continue;
		if (!name.len)
			sbx_domain_put(&name, (const char *)grant->name.wire, grant->name.len);
		if (name.error)
			return name.error;
		json_decref(top->lines[i].domain);
		top->lines[i].domain = json_string(name.text); /* the kernel takes ASCII only */
	}
	return 0;
}

static json_t *number(__u64 value)
{
	return json_integer((json_int_t)value);
}

static void put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value); /* a failure shows when the text is made */
}

static void put_traffic(json_t *object, const char *bytes, const char *packets,
			const struct sbx_traffic *traffic)
{
	put(object, bytes, number(traffic->bytes));
	put(object, packets, number(traffic->packets));
}

static json_t *build_way(const struct sbx_meter *meter, enum sbx_way way)
{
	json_t *object = json_object();

	put_traffic(object, "bytes", "packets", &meter->passed[way]);
	put_traffic(object, "dropped_bytes", "dropped_packets", &meter->dropped[way]);
	put_traffic(object, "loopback_bytes", "loopback_packets", &meter->loopback[way]);
	put(object, "limit", meter->rate[way] ? number(meter->rate[way] * 8) : json_null());
	return object;
}

static void put_ways(json_t *object, const struct sbx_traffic traffic[SBX_WAYS])
{
	put_traffic(object, "egress_bytes", "egress_packets", &traffic[SBX_WAY_OUT]);
	put_traffic(object, "ingress_bytes", "ingress_packets", &traffic[SBX_WAY_IN]);
}

static json_t *build_line(const struct line *line)
{
	static const __u8 mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct sbx_event_address address = { .protocol = line->key.proto };
	char text[SBX_ADDRESS_LEN];
	json_t *object = json_object();

	address.family = memcmp(line->key.addr, mapped, sizeof(mapped)) ? AF_INET6 : AF_INET;
	put(object, "address", json_string(sbx_address_format(line->key.addr, text)));
	put(object, "port", number(line->key.port));
	put(object, "protocol", json_string(sbx_protocol_to_str(&address, text)));
	put(object, "domain", line->domain ? json_incref(line->domain) : json_null());
	put_ways(object, line->dest.passed);
	return object;
}

json_t *sbx_traffic_build(struct sbx_engine *engine, const struct sbx_binding *binding)
{
	sbx_cleanup(top_free) struct top top = { 0 };
	json_t *network, *lines, *other;
	struct sbx_meter meter;

	if (sbx_engine_meter(engine, binding->job, &meter) ||
	    sbx_engine_dests(engine, binding->job, take_dest, &top))
		return NULL;
	(void)sbx_engine_grants(engine, binding, take_domain, &top); /* names are an extra */
	network = json_object();
	lines = json_array();
	other = json_object();
	for (size_t i = 0; i < top.n; i++)
		(void)json_array_append_new(lines, build_line(&top.lines[i]));
	put(network, "egress", build_way(&meter, SBX_WAY_OUT));
	put(network, "ingress", build_way(&meter, SBX_WAY_IN));
	put(network, "destinations", lines);
	put(network, "destinations_known", number(top.known));
	put_ways(other, meter.other);
	put(network, "overflow", other);
	return network;
}
