// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports of TCP by Landlock, within a job, where no program of ours judges addresses: a port is open
 * when some rule opens it to somebody.  A port is a rule there, so a policy that opens many is not
 * narrowed; nor is one that opens all.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "job/landlock.h"
#include "lib/cleanup.h"
#include "policy/parse.h"
#include "sbx/dns.h"

#define BIND_TCP (1ull << 0)
#define CONNECT_TCP (1ull << 1)
#define PORTS (UINT16_MAX + 1)
#define RULES_MAX 1024 /* adding one takes about a microsecond */

struct ports {
	bool open[PORTS];
	size_t n;
};

static void open_ports(struct ports *ports, unsigned int lo, unsigned int hi)
{
	for (unsigned int port = lo; port <= hi; port++) {
		ports->n += !ports->open[port];
		ports->open[port] = true;
	}
}

static void open_class(struct ports *ports, const struct sbx_class *class)
{
	for (__u32 i = 0; i < class->n; i++) {
		const struct sbx_range *range = &class->ranges[i];

		if (range->allow && (range->protos & SBX_PROTO_TCP))
			open_ports(ports, range->lo, range->hi);
	}
}

static void find_ports(const struct sbx_compiled *compiled, enum sbx_direction dir,
		       struct ports *ports)
{
	for (size_t i = 0; i < compiled->n_prefixes; i++) {
		if (compiled->prefixes[i].key.dir == dir)
			open_class(ports, &compiled->classes[compiled->prefixes[i].class_id]);
	}
	if (dir != SBX_DIR_OUT)
		return;
	for (size_t i = 0; i < compiled->n_domains; i++)
		open_class(ports, &compiled->classes[compiled->domains[i].class_id]);
	if (compiled->n_domains)
		open_ports(ports, SBX_DNS_PORT, SBX_DNS_PORT);
}

static int add_ports(struct sbx_landlock *plan, const struct ports *ports, __u64 access)
{
	if (ports->n == PORTS)
		return 0; /* nothing to refuse */
	if (plan->abi < 4 || ports->n > RULES_MAX) {
		plan->ports_open = true;
		return 0;
	}
	plan->net |= access;
	for (unsigned int port = 0; port < PORTS; port++) {
		if (!ports->open[port])
			continue;
		if (sbx_array_grow(&plan->ports, plan->n_ports, sizeof(*plan->ports)))
			return -ENOMEM;
		plan->ports[plan->n_ports++] =
			(struct sbx_landlock_port){ .access = access, .port = port };
	}
	return 0;
}

int sbx_landlock_plan_ports(const struct sbx_compiled *compiled, struct sbx_landlock *plan)
{
	static const struct {
		enum sbx_direction dir;
		__u64 access;
	} ways[] = { { SBX_DIR_OUT, CONNECT_TCP }, { SBX_DIR_LISTEN, BIND_TCP } };
	int r = 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(ways) && !r; i++) {
		sbx_cleanup(sbx_freep) struct ports *ports = calloc(1, sizeof(*ports));

		if (!ports)
			return -ENOMEM;
		find_ports(compiled, ways[i].dir, ports);
		r = add_ports(plan, ports, ways[i].access);
	}
	return r;
}
