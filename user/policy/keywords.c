// SPDX-License-Identifier: GPL-2.0-only
/* Keywords of the contract, both ways.  ops.def and guards.def make most of the tables. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "policy/policy.h"

#define UNKNOWN "unknown"

static const char *const right_words[SBX_RIGHTS_MAX] = {
	"read", "list", "write", "create", "delete", "exec", "attr", "connect", "device",
};

#define RIGHTS_RO (SBX_RIGHT_READ | SBX_RIGHT_LIST)
#define RIGHTS_RW \
	(RIGHTS_RO | SBX_RIGHT_WRITE | SBX_RIGHT_CREATE | SBX_RIGHT_DELETE | SBX_RIGHT_ATTR)

static const struct {
	const char *word;
	int rights;
} shorthands[] = {
	{ "ro", RIGHTS_RO },
	{ "rx", RIGHTS_RO | SBX_RIGHT_EXEC },
	{ "rw", RIGHTS_RW },
	{ "rwx", RIGHTS_RW | SBX_RIGHT_EXEC | SBX_RIGHT_CONNECT },
};

static const struct {
	const char *word;
	const char *hooks;
} ops[SBX_OP_MAX_] = {
	{ "none", "" },
#define SBX_OP(id, keyword, hooks) { keyword, hooks },
#include "sbx/ops.def"
#undef SBX_OP
};

static const struct {
	const char *word;
	unsigned int severity;
	const char *meaning;
} guards[SBX_GUARD_MAX_] = {
	{ "none", 0, "" },
#define SBX_GUARD(id, keyword, severity, meaning) { keyword, severity, meaning },
#include "sbx/guards.def"
#undef SBX_GUARD
};

static const char *const actions[SBX_ACTION_MAX_] = {
	[SBX_ACTION_INVALID_] = "invalid", [SBX_ACTION_ALLOW] = "allow",
	[SBX_ACTION_LOG] = "log",	   [SBX_ACTION_DENY] = "deny",
	[SBX_ACTION_KILL] = "kill",	   [SBX_ACTION_QUARANTINE] = "quarantine",
};

static const char *const verdicts[SBX_VERDICT_MAX_] = {
	[SBX_VERDICT_INVALID_] = "invalid",	 [SBX_VERDICT_LOGGED] = "logged",
	[SBX_VERDICT_WOULD_DENY] = "would-deny", [SBX_VERDICT_DENIED] = "denied",
	[SBX_VERDICT_KILLED] = "killed",	 [SBX_VERDICT_QUARANTINED] = "quarantined",
};

static const char *const reasons[SBX_REASON_MAX_] = {
	[SBX_REASON_NONE_] = "none",
	[SBX_REASON_RULE] = "rule",
	[SBX_REASON_GUARD] = "guard",
	[SBX_REASON_FAMILY] = "family",
	[SBX_REASON_GAIN] = "gain",
	[SBX_REASON_DIR_MOVE] = "dir-move",
	[SBX_REASON_REDIRECT] = "redirect",
	[SBX_REASON_TOO_DEEP] = "too-deep",
	[SBX_REASON_RACED] = "raced",
	[SBX_REASON_DETACHED] = "detached",
	[SBX_REASON_NO_MOUNT] = "no-mount",
	[SBX_REASON_FOREIGN] = "foreign",
	[SBX_REASON_ROUTE] = "source-route",
	[SBX_REASON_PACKET] = "packet",
	[SBX_REASON_QUARANTINE] = "quarantine",
	[SBX_REASON_NAME] = "name",
	[SBX_REASON_DNS] = "dns",
	[SBX_REASON_DNS_TYPE] = "dns-type",
	[SBX_REASON_DNS_TCP] = "dns-tcp",
	[SBX_REASON_DNS_FULL] = "dns-full",
	[SBX_REASON_RESOLVER] = "resolver",
	[SBX_REASON_UNASKED] = "unasked",
	[SBX_REASON_REBIND] = "rebinding",
	[SBX_REASON_EXPIRED] = "expired",
	[SBX_REASON_NO_POLICY] = "no-policy",
	[SBX_REASON_PIN] = "pin",
	[SBX_REASON_FOLDED] = "folded",
	[SBX_REASON_INTERNAL] = "internal",
};

static const char *const net_modes[] = {
	[SBX_NET_NONE] = "none",
	[SBX_NET_INTERNAL] = "internal",
	[SBX_NET_FILTERED] = "filtered",
	[SBX_NET_FULL] = "full",
};

/* Families that a policy can name, and the two that guards decide. */
static const struct {
	const char *word;
	int family;
} families[] = {
	{ "unix", AF_UNIX },	   { "inet", AF_INET },	  { "inet6", AF_INET6 },
	{ "netlink", AF_NETLINK }, { "alg", AF_ALG },	  { "bluetooth", AF_BLUETOOTH },
	{ "can", AF_CAN },	   { "tipc", AF_TIPC },	  { "rds", AF_RDS },
	{ "kcm", AF_KCM },	   { "xdp", AF_XDP },	  { "smc", AF_SMC },
	{ "packet", AF_PACKET },   { "vsock", AF_VSOCK },
};

/* A table's word, or "unknown" for a number that the kernel of another build might send. */
static const char *word_at(const char *const *words, size_t n, unsigned int i)
{
	return i < n && words[i] ? words[i] : UNKNOWN;
}

static int index_of(const char *const *words, size_t n, const char *word)
{
	/* Index 0 is never a word that a user can write. */
	for (size_t i = 1; i < n; i++) {
		if (!strcmp(words[i], word))
			return (int)i;
	}
	return -EINVAL;
}

const char *sbx_op_to_str(unsigned int op)
{
	return op < SBX_OP_MAX_ ? ops[op].word : UNKNOWN;
}

const char *sbx_op_hooks(unsigned int op)
{
	return op < SBX_OP_MAX_ ? ops[op].hooks : "";
}

const char *sbx_guard_to_str(unsigned int guard)
{
	return guard < SBX_GUARD_MAX_ ? guards[guard].word : UNKNOWN;
}

int sbx_guard_from_str(const char *word)
{
	for (int i = 1; i < SBX_GUARD_MAX_; i++) {
		if (!strcmp(guards[i].word, word))
			return i;
	}
	return -EINVAL;
}

unsigned int sbx_guard_severity(unsigned int guard)
{
	/* A guard that this build does not know is taken for the worst. */
	return guard < SBX_GUARD_MAX_ ? guards[guard].severity : 5;
}

const char *sbx_guard_meaning(unsigned int guard)
{
	return guard < SBX_GUARD_MAX_ ? guards[guard].meaning : "";
}

const char *sbx_action_to_str(unsigned int action)
{
	return word_at(actions, SBX_ARRAY_SIZE(actions), action);
}

int sbx_action_from_str(const char *word)
{
	return index_of(actions, SBX_ARRAY_SIZE(actions), word);
}

const char *sbx_reason_to_str(unsigned int reason)
{
	return word_at(reasons, SBX_ARRAY_SIZE(reasons), reason);
}

const char *sbx_verdict_to_str(unsigned int verdict)
{
	return word_at(verdicts, SBX_ARRAY_SIZE(verdicts), verdict);
}

const char *sbx_mode_to_str(unsigned int mode)
{
	return mode == SBX_MODE_ENFORCE ? "enforce" : mode == SBX_MODE_AUDIT ? "audit" : UNKNOWN;
}

static const char *const sinks[] = {
	[SBX_SINK_STDERR] = "stderr",	  [SBX_SINK_SYSLOG] = "syslog",
	[SBX_SINK_JOURNALD] = "journald", [SBX_SINK_STREAM] = "stream",
	[SBX_SINK_DATAGRAM] = "datagram",
};

const char *sbx_sink_to_str(enum sbx_sink_kind kind)
{
	return word_at(sinks, SBX_ARRAY_SIZE(sinks), kind);
}

enum sbx_sink_kind sbx_sink_from_str(const char *word, const char *end)
{
	size_t len = end ? (size_t)(end - word) : strlen(word);
	unsigned int kind = SBX_SINK_DATAGRAM;

	while (kind && (strlen(sinks[kind]) != len || strncmp(sinks[kind], word, len) != 0))
		kind--;
	return (enum sbx_sink_kind)kind;
}

const char *sbx_net_mode_to_str(unsigned int mode)
{
	return word_at(net_modes, SBX_ARRAY_SIZE(net_modes), mode);
}

int sbx_net_mode_from_str(const char *word)
{
	return index_of(net_modes, SBX_ARRAY_SIZE(net_modes), word);
}

const char *sbx_family_to_str(unsigned int family)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(families); i++) {
		if (families[i].family == (int)family)
			return families[i].word;
	}
	return UNKNOWN;
}

int sbx_family_from_str(const char *word)
{
	for (size_t i = 0; i < SBX_ARRAY_SIZE(families); i++) {
		if (!strcmp(families[i].word, word))
			return families[i].family;
	}
	return -EINVAL;
}

const char *sbx_right_to_str(unsigned int bit)
{
	return word_at(right_words, SBX_ARRAY_SIZE(right_words), bit);
}

int sbx_rights_from_str(const char *word)
{
	for (int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		if (!strcmp(right_words[bit], word))
			return 1 << bit;
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(shorthands); i++) {
		if (!strcmp(shorthands[i].word, word))
			return shorthands[i].rights;
	}
	return -EINVAL;
}

/* By hand: every rule of a policy has such a text, and printf would cost more than the rule. */
static size_t put_word(char *buf, size_t size, size_t at, const char *word)
{
	size_t len = strlen(word);

	if (at + len >= size)
		return at; /* a cut text is fine */
	memcpy(buf + at, word, len + 1);
	return at + len;
}

char *sbx_rights_format(unsigned int rights, char *buf, size_t size)
{
	size_t at = 0;

	if (!(rights & SBX_RIGHT_ALL))
		at = put_word(buf, size, at, "none");
	for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		if (!(rights & (1u << bit)))
			continue;
		if (at)
			at = put_word(buf, size, at, "+");
		at = put_word(buf, size, at, right_words[bit]);
	}
	return buf;
}
