/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules on the command line (--rw DIR, --allow-net ADDRESS:PORT ...): written down as a policy that
 * extends the named one, so that they mean exactly what they would mean in a file.
 */
#ifndef SBX_CMD_RULES_H
#define SBX_CMD_RULES_H

#include <stdbool.h>

#include "lib/buf.h"

/* What such a policy is called in messages and logs. */
#define SBX_RULES_FILE "command line"

struct sbx_cmd_rules {
	bool any;	       /* some rule was given */
	struct sbx_buf files;  /* lines of filesystem.rules */
	struct sbx_buf nets;   /* of network.rules */
	struct sbx_buf listen; /* of network.listen */
	struct sbx_buf pass;   /* elements of process.env.pass */
	struct sbx_buf set;    /* pairs of process.env.set */
	struct sbx_buf limits; /* pairs of limits */
	const char *net_mode;  /* NULL: the policy's */
};

enum sbx_rule_option {
	SBX_RULE_RO,
	SBX_RULE_RX,
	SBX_RULE_RW,
	SBX_RULE_DENY,
	SBX_RULE_NET,
	SBX_RULE_ALLOW_NET,
	SBX_RULE_LISTEN,
	SBX_RULE_ENV,
	SBX_RULE_MEMORY,
	SBX_RULE_PIDS,
	SBX_RULE_CPU,
	SBX_RULE_TIMEOUT,
	SBX_RULE_MAX_,
};

/* Adds one option's value (not kept).  0, or -EINVAL where it cannot be written as a rule. */
int sbx_cmd_rules_add(struct sbx_cmd_rules *rules, enum sbx_rule_option option, const char *value);

/* The policy that extends `base` and is called `name`: the caller's.  NULL: no memory. */
char *sbx_cmd_rules_text(const struct sbx_cmd_rules *rules, const char *base, const char *name);

void sbx_cmd_rules_free(struct sbx_cmd_rules *rules);

#endif /* SBX_CMD_RULES_H */
