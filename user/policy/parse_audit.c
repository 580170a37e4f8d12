// SPDX-License-Identifier: GPL-2.0-only
/* Section `audit`: how much is logged, and where to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "lib/cleanup.h"
#include "policy/parse.h"
#include "policy/units.h"

#define ROTATE_MIN 65536 /* a record may have half of it */
#define KEEP_MAX 99	 /* each is a rule of the job's */

static void parse_rate(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity limit = {
		"`rate`", "bad-rate", "a rate such as 200/s, or `max`", sbx_units_rate, 1, 1000000,
	};
	__u64 rate;

	if (sbx_parse_quantity(p, node, &limit, &rate))
		((struct sbx_audit *)target)->rate = rate == SBX_LIMIT_NONE ? 0 : rate;
}

static void parse_chain(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	(void)sbx_parse_bool(p, node, "`chain`", &((struct sbx_audit *)target)->chain); /* told */
}

static void parse_key(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	struct sbx_audit *audit = target;
	sbx_cleanup(sbx_freep) char *path = sbx_parse_text(p, node, "`key`");

	if (!path)
		return;
	if (*path != '/') {
		sbx_parse_fault(p, node, "bad-path", "`key` takes an absolute path of a file");
		return;
	}
	sbx_freep(&audit->key);
	audit->key = SBX_TAKE(path, NULL);
}

static void parse_rotate_size(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_quantity size = { "`size`",	  "bad-size", "a size such as 64M",
						  sbx_units_size, ROTATE_MIN, 1ull << 50 };
	__u64 value;

	if (sbx_parse_quantity(p, node, &size, &value))
		((struct sbx_rotation *)target)->size = value == SBX_LIMIT_NONE ? 0 : value;
}

static void parse_rotate_keep(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	__u64 keep;

	if (sbx_parse_number(p, node, "`keep`", 1, KEEP_MAX, &keep))
		((struct sbx_rotation *)target)->keep = (unsigned int)keep;
}

static void parse_rotate(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "size", parse_rotate_size },
		{ "keep", parse_rotate_keep },
		{ NULL, NULL },
	};
	struct sbx_rotation *rotation = &((struct sbx_audit *)target)->rotation;

	sbx_parse_fields(p, node, fields, "`rotate`", rotation);
	if (!sbx_parse_find(node, "size") || !sbx_parse_find(node, "keep"))
		sbx_parse_fault(p, node, "missing-key", "`rotate` takes `size` and `keep`");
}

int sbx_sink_read(const char *text, struct sbx_sink *ret_sink)
{
	const char *colon = strchr(text, ':');
	struct sbx_sink sink = { .kind = sbx_sink_from_str(text, colon) };
	bool with_path = sink.kind == SBX_SINK_STREAM || sink.kind == SBX_SINK_DATAGRAM;

	if (!sink.kind || with_path != (colon != NULL))
		return -ENOENT;
	if (with_path) {
		if (colon[1] != '/' ||
		    strlen(colon + 1) >= sizeof(((struct sockaddr_un *)0)->sun_path))
			return -EINVAL;
		sink.path = strdup(colon + 1);
		if (!sink.path)
			return -ENOMEM;
	}
	*ret_sink = sink;
	return 0;
}

int sbx_policy_add_sink(struct sbx_policy *policy, const char *text)
{
	struct sbx_audit *audit = &policy->audit;
	struct sbx_sink sink;
	int r = sbx_sink_read(text, &sink);

	for (size_t i = 0; i < audit->n_sinks && !r; i++) {
		const struct sbx_sink *have = &audit->sinks[i];

		if (have->kind == sink.kind && (!sink.path || !strcmp(have->path, sink.path)))
			r = -EEXIST;
	}
	if (!r && audit->n_sinks == SBX_SINKS_MAX)
		r = -ENOSPC;
	if (!r)
		audit->sinks[audit->n_sinks++] = sink;
	else if (r == -EEXIST || r == -ENOSPC)
		free(sink.path);
	return r == -EEXIST ? 0 : r;
}

static void parse_sink(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_cleanup(sbx_freep) char *text = sbx_parse_text(p, node, "a sink");
	int r = text ? sbx_policy_add_sink(p->policy, text) : 0;

	(void)target; /* the policy is the target */
	if (r == -ENOENT)
		sbx_parse_fault(p, node, "bad-sink",
				"`sinks` takes stderr, syslog, journald, stream:PATH and "
				"datagram:PATH, not `%.60s`",
				text);
	else if (r == -EINVAL)
		sbx_parse_fault(p, node, "bad-sink",
				"`%.150s`: a socket's path is absolute and has at most 107 bytes",
				text);
	else if (r == -ENOSPC)
		sbx_parse_fault(p, node, "bad-sink", "more than %d sinks", SBX_SINKS_MAX);
	else if (r)
		p->error = r;
}

static void parse_sinks(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	sbx_parse_each_or_none(p, node, "`sinks`", parse_sink, target);
}

void sbx_parse_audit(struct sbx_parse *p, const struct sbx_yaml *node, void *target)
{
	static const struct sbx_field fields[] = {
		{ "rate", parse_rate },	    { "chain", parse_chain }, { "key", parse_key },
		{ "rotate", parse_rotate }, { "sinks", parse_sinks }, { NULL, NULL },
	};

	(void)target; /* the policy is the target */
	sbx_parse_fields(p, node, fields, "`audit`", &p->policy->audit);
}
