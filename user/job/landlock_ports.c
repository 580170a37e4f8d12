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

#define PORTS (UINT16_MAX + 1)

/* Of each port, how many ranges more (or fewer) hold it than hold the one before. */
struct ports {
	int steps[PORTS + 1];
};

static void open_ports(struct ports *ports, unsigned int lo, unsigned int hi)
{
	ports->steps[lo]++;
	ports->steps[hi + 1]--;
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
	/* DNS servers are among these, with their port. */
	for (size_t i = 0; i < compiled->n_prefixes; i++) {
		if (compiled->prefixes[i].key.dir == dir)
			open_class(ports, &compiled->classes[compiled->prefixes[i].class_id]);
	}
	if (dir == SBX_DIR_LISTEN) {
		open_ports(ports, 0, 0); /* any socket may be bound to nothing, and then connect */
		return;
	}
	for (size_t i = 0; i < compiled->n_domains; i++)
		open_class(ports, &compiled->classes[compiled->domains[i].class_id]);
}

/* Without port 0, which is none. */
static size_t count_open(const struct ports *ports)
{
	int held = ports->steps[0];
	size_t n = 0;

	for (unsigned int port = 1; port < PORTS; port++)
		n += (held += ports->steps[port]) > 0;
	return n;
}

static int add_ports(struct sbx_landlock *plan, const struct ports *ports, __u64 access)
{
	size_t n = count_open(ports);
	int held = 0;

	if (n == PORTS - 1)
		return 0; /* nothing to refuse */
	if (plan->abi < SBX_LANDLOCK_HAS_PORTS || n > SBX_LANDLOCK_PORTS_MAX) {
		plan->net_open |= access;
		return 0;
	}
	plan->net |= access;
	for (unsigned int port = 0; port < PORTS; port++) {
		held += ports->steps[port];
		if (!held)
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
	} ways[] = { { SBX_DIR_OUT, SBX_LANDLOCK_CONNECT_TCP },
		     { SBX_DIR_LISTEN, SBX_LANDLOCK_BIND_TCP } };
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
