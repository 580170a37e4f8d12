// SPDX-License-Identifier: GPL-2.0-only
/*
 * What would have allowed a refused act: the narrowest policy line that would, or why there is
 * none.  Advice, not a decision: nothing is enforced from here.
 */
#include "audit/tally.h"

#include <string.h>
#include <sys/socket.h>

#include "audit/event.h"
#include "audit/json.h"
#include "lib/cleanup.h"
#include "policy/domain.h"
#include "policy/ports.h"

/* "rx", "[read, write]", "read": a value for `allow:` that means exactly `rights`. */
static void put_rights(struct sbx_buf *buf, unsigned int rights)
{
	static const char *const shorthands[] = { "ro", "rx", "rw", "rwx" };
	const char *comma = "";
	bool many = (rights & (rights - 1)) != 0;

	for (size_t i = 0; i < SBX_ARRAY_SIZE(shorthands); i++) {
		if (sbx_rights_from_str(shorthands[i]) == (int)rights) {
			sbx_buf_puts(buf, shorthands[i]);
			return;
		}
	}
	sbx_buf_puts(buf, many ? "[" : "");
	for (unsigned int bit = 0; bit < SBX_RIGHTS_MAX; bit++) {
		if (!(rights & (1u << bit)))
			continue;
		sbx_buf_puts(buf, comma);
		sbx_buf_puts(buf, sbx_right_to_str(bit));
		comma = ", ";
	}
	sbx_buf_puts(buf, many ? "]" : "");
}

/* Bytes that stand for themselves in a plain YAML scalar inside brackets. */
static bool yaml_plain(const char *path, size_t len)
{
	static const char marks[] = "/._-+@%=~";

	for (size_t i = 0; i < len; i++) {
		char c = path[i];
		bool word =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!word && (c == '\0' || !strchr(marks, c)))
			return false;
	}
	return len > 0;
}

static void put_yaml(struct sbx_buf *buf, const char *path, size_t len)
{
	bool plain = yaml_plain(path, len);

	sbx_buf_puts(buf, plain ? "" : "\"");
	for (size_t i = 0; i < len; i++) {
		if (path[i] == '"' || path[i] == '\\')
			sbx_buf_puts(buf, "\\");
		sbx_buf_add(buf, path + i, 1);
	}
	sbx_buf_puts(buf, plain ? "" : "\"");
}

/* Length of the directory that holds `path`: at least "/". */
static size_t parent_len(const char *path, size_t len)
{
	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 1 && path[len - 1] != '/')
		len--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

/* A name that a policy can spell: plain text without a wildcard or a variable. */
static bool can_spell(const char *path, size_t len)
{
	return sbx_text_plain(path, len) && !memchr(path, '*', len) && !memchr(path, '$', len);
}

/* The longest leading part that a policy can spell, whole components only. */
static size_t spelled_len(const char *path, size_t len)
{
	while (len > 1 && !can_spell(path, len))
		len = parent_len(path, len);
	return len;
}

/* Edges that the path's components take: a long name goes over several. */
static size_t path_edges(const char *path, size_t len)
{
	size_t edges = 0;
	size_t name = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && path[i] != '/') {
			name++;
			continue;
		}
		edges += (name + SBX_NAME_CHUNK - 1) / SBX_NAME_CHUNK;
		name = 0;
	}
	return edges;
}

/*
 * True when a deny without wildcards names this very path: an allow of the same path would lose
 * against it.  Nodes say what the policy said there; the depth says that it is all of the path.
 */
static bool denied_exactly(const struct sbx_compiled *compiled, const struct sbx_event *event,
			   const struct sbx_rule_ref *ref, size_t len)
{
	__u32 node = event->node;
	size_t depth = 0;

	if (!compiled || node >= compiled->n_nodes || !ref->place.file ||
	    !(compiled->nodes[node].deny & event->rights))
		return false;
	if (ref->text && strchr(ref->text, '*'))
		return false;
	while (node != SBX_NODE_ROOT && depth <= compiled->n_nodes) {
		node = compiled->nodes[node].parent;
		depth++;
		if (node >= compiled->n_nodes || node == 0)
			return false; /* a `**` root: exact allows win against those */
	}
	return depth == path_edges(event->path, len);
}

static void put_place(struct sbx_buf *buf, const struct sbx_rule_ref *ref)
{
	struct sbx_buf place = { 0 };

	sbx_rule_put(&place, ref);
	sbx_text_safe(buf, place.text ? place.text : "", place.len);
	sbx_buf_free(&place);
}

static void remedy_path(struct sbx_buf *buf, const struct sbx_compiled *compiled,
			const struct sbx_event *event, size_t size)
{
	const struct sbx_rule_ref *ref = sbx_event_decider(compiled, event, size);
	size_t len = sbx_event_path_len(event, size);
	unsigned int rights = event->rights & SBX_RIGHT_ALL;
	bool whole = !(event->flags & (SBX_EVENT_TRUNCATED | SBX_EVENT_UNREADABLE));
	size_t spelled = spelled_len(event->path, len);

	if (len == 0 || rights == 0 || event->path[0] != '/') {
		sbx_buf_puts(buf, "nothing: it has no path that a rule could name");
		return;
	}
	if (whole && denied_exactly(compiled, event, ref, len)) {
		sbx_buf_puts(buf, ref->place.file && !strncmp(ref->place.file, "built-in/", 9)
					  ? "use a copy of the built-in policy without "
					  : "remove the deny at ");
		put_place(buf, ref);
		sbx_buf_puts(buf, " (at the same path it beats any allow)");
		return;
	}
	if (event->flags & SBX_EVENT_UNREADABLE) {
		sbx_buf_puts(buf, "a rule for a directory above it (part of its path could not be "
				  "read)");
		return;
	}
	if (!whole)
		spelled = spelled_len(event->path, parent_len(event->path, len));
	if (spelled == 1 && len > 1) {
		sbx_buf_puts(buf,
			     "nothing: a policy cannot spell its name, and only \"/\" is above");
		return;
	}
	sbx_buf_puts(buf, "filesystem rule {allow: ");
	put_rights(buf, rights);
	sbx_buf_puts(buf, ", paths: [");
	put_yaml(buf, event->path, spelled);
	sbx_buf_puts(buf, "]}");
	if (spelled < len || !whole)
		sbx_buf_puts(buf, whole ? " (a policy cannot spell the name itself)"
					: " (the path was too long to record)");
}

/* Protocol 0 is what the type of the socket means. */
static __u8 address_proto(const struct sbx_event_address *address)
{
	if (!address->protocol && address->sock_type == SOCK_STREAM)
		return SBX_PROTO_TCP;
	if (!address->protocol && address->sock_type == SOCK_DGRAM)
		return SBX_PROTO_UDP;
	return sbx_proto_of(address->protocol);
}

static void remedy_address(struct sbx_buf *buf, const struct sbx_compiled *compiled,
			   const struct sbx_event *event, size_t size)
{
	const struct sbx_event_address *address = &event->obj.address;
	const struct sbx_rule_ref *ref = sbx_event_decider(compiled, event, size);
	bool listen = event->op == SBX_OP_BIND || event->op == SBX_OP_LISTEN;
	char scratch[SBX_ADDRESS_LEN];
	char text[SBX_ADDRESS_LEN];
	__u8 proto = address_proto(address);

	if (!proto) {
		sbx_buf_printf(buf,
			       "nothing: a rule opens TCP, UDP, UDP-Lite and ICMP, not protocol %s",
			       sbx_protocol_to_str(address, scratch));
		return;
	}
	(void)sbx_address_format(address->addr, text);
	/* An IPv6 address would read as a mapping inside brackets. */
	sbx_buf_printf(buf, strchr(text, ':') ? "network %s{to: [\"%s\"]" : "network %s{to: [%s]",
		       listen ? "listen: " : "rule {allow: ", text);
	if (proto != SBX_PROTO_ICMP)
		sbx_buf_printf(buf, ", ports: [%u]", address->port);
	if (!listen)
		sbx_buf_printf(buf, ", protocols: [%s]", sbx_protos_format(proto, scratch));
	sbx_buf_puts(buf, listen ? "}" : "}}");
	if (event->rule != SBX_RULE_NONE && ref->text && strstr(ref->text, text)) {
		sbx_buf_puts(buf, ", instead of the deny at ");
		put_place(buf, ref);
	}
}

/* A rule for the name that the event is about, if a policy can spell it. */
static bool remedy_domain(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	const struct sbx_event_address *address = &event->obj.address;
	sbx_cleanup(sbx_buf_free) struct sbx_buf wire = { 0 };
	sbx_cleanup(sbx_freep) char *name = NULL;
	const char *fault = NULL;
	char scratch[SBX_ADDRESS_LEN];

	sbx_event_domain_put(&wire, event, size);
	if (!wire.len)
		return false;
	if (strlen(wire.text) != wire.len || *wire.text == '*' ||
	    sbx_domain_normalise(wire.text, &name, &fault)) {
		sbx_buf_puts(buf, "nothing: a policy cannot spell this name");
		return true;
	}
	sbx_buf_printf(buf, "network rule {allow: {domains: [%s]", name);
	if (event->op == SBX_OP_DNS)
		sbx_buf_puts(buf, ", ports: [...]}}");
	else
		sbx_buf_printf(buf, ", ports: [%u], protocols: [%s]}}", address->port,
			       sbx_protocol_to_str(address, scratch));
	return true;
}

static void remedy_resolver(struct sbx_buf *buf, const struct sbx_event *event)
{
	char text[SBX_ADDRESS_LEN];

	if (event->op == SBX_OP_BIND || event->op == SBX_OP_LISTEN || event->op == SBX_OP_DNS)
		sbx_buf_puts(buf, "nothing: a job whose names are judged may not be a DNS server");
	else
		sbx_buf_printf(buf, "network {dns: {servers: [..., \"%s\"]}}",
			       sbx_address_format(event->obj.address.addr, text));
}

static void remedy_rebinding(struct sbx_buf *buf, const struct sbx_event *event)
{
	char text[SBX_ADDRESS_LEN];

	sbx_buf_printf(buf,
		       "network rule {allow: {to: [\"%s\"], ports: [...]}}: no name opens this "
		       "address",
		       sbx_address_format(event->obj.address.addr, text));
}

/* The families that `network: families:` knows, and the two that follow the mode. */
static bool family_can_be_listed(unsigned int family)
{
	switch (family) {
	case AF_UNIX:
	case AF_INET:
	case AF_INET6:
	case AF_NETLINK:
	case AF_ALG:
	case AF_BLUETOOTH:
	case AF_CAN:
	case AF_TIPC:
	case AF_RDS:
	case AF_KCM:
	case AF_XDP:
	case AF_SMC:
		return true;
	default:
		return false;
	}
}

static void remedy_family(struct sbx_buf *buf, const struct sbx_event *event)
{
	const struct sbx_event_address *address = &event->obj.address;
	__u8 proto = address_proto(address);
	char scratch[SBX_ADDRESS_LEN];

	if (event->op == SBX_OP_NETLINK) {
		sbx_buf_puts(buf, "network families: [netlink]");
	} else if (event->object != SBX_OBJECT_ADDRESS) {
		sbx_buf_puts(buf, "network families: add the socket's family");
	} else if (!family_can_be_listed(address->family)) {
		sbx_buf_puts(buf, "nothing: a policy cannot open this socket family");
	} else if (address->family == AF_NETLINK && !address->protocol) {
		sbx_buf_puts(buf, "network families: [netlink-route] (questions about interfaces, "
				  "addresses and routes), or [netlink] (all of it)");
	} else if (address->family != AF_INET && address->family != AF_INET6) {
		sbx_buf_printf(buf, "network families: [%s]",
			       sbx_family_word(address->family, scratch));
	} else if (proto & SBX_PROTO_ANY) {
		sbx_buf_puts(buf, "network {mode: filtered}, and a rule {allow: {to: [...], ports: "
				  "[...]}} for each destination");
	} else if (proto) {
		sbx_buf_printf(buf,
			       "network rule {allow: {to: [...], protocols: [%s]}} for each "
			       "destination",
			       sbx_protos_format(proto, scratch));
	} else {
		sbx_buf_puts(buf, "nothing: a policy opens TCP, UDP, UDP-Lite and ICMP alone");
	}
}

static void remedy_guard(struct sbx_buf *buf, const struct sbx_event *event)
{
	const char *word = sbx_guard_to_str(event->guard);
	const char *meaning = sbx_guard_meaning(event->guard);

	if (event->guard >= SBX_GUARD_MAX_ || !word) {
		sbx_buf_puts(buf, "nothing: not a guard of this version");
		return;
	}
	sbx_buf_printf(buf, "guards {%s: allow}", word);
	if (meaning)
		sbx_buf_printf(buf, " (then the job may do this: %s)", meaning);
}

/* Refusals that no single line of a policy would lift. */
static const char *const reason_advice[SBX_REASON_MAX_] = {
	[SBX_REASON_GAIN] = "copy instead, or give source and target the same rights: the new name "
			    "would give the file rights that it lacks",
	[SBX_REASON_DIR_MOVE] = "nothing: mv copies instead; to move, give both places, and all "
				"below them, the same rights",
	[SBX_REASON_REDIRECT] = "make a directory there instead: a symbolic link would lead past "
				"what the line denies below it",
	[SBX_REASON_TOO_DEEP] = "nothing: a path of more than 255 components is always refused",
	[SBX_REASON_RACED] = "nothing: the path kept changing while it was judged; try again",
	[SBX_REASON_DETACHED] = "nothing: it belongs to no mounted tree, so no path can be judged; "
				"open it where it is mounted",
	[SBX_REASON_NO_MOUNT] = "nothing: the kernel did not say through which mount; if it "
				"happens again, please report it",
	[SBX_REASON_FOREIGN] = "nothing: the socket belongs to somebody outside the job; use a "
			       "Unix socket with a path, and a rule {allow: connect, paths: [...]}",
	[SBX_REASON_ROUTE] = "nothing: a packet with a source route goes round the address rules",
	[SBX_REASON_PACKET] =
		"nothing: the packet is part of another, or too short to tell where it goes",
	[SBX_REASON_DNS] = "nothing: what is sent to a DNS server must be one plain question, and "
			   "its answer whole",
	[SBX_REASON_DNS_TYPE] =
		"nothing: names are looked up by A, AAAA, CNAME, HTTPS and SVCB alone",
	[SBX_REASON_DNS_TCP] =
		"nothing: a DNS message by TCP must fit one packet, length and message together",
	[SBX_REASON_DNS_FULL] =
		"nothing: too many names or addresses at once; look up fewer at a time",
	[SBX_REASON_UNASKED] = "nothing: this socket did not ask; the answer is late, or forged",
	[SBX_REASON_EXPIRED] =
		"look the name up again before connecting, or raise network {dns: {min_ttl: ...}}",
	[SBX_REASON_QUARANTINE] =
		"nothing: the job was quarantined for an escape attempt; see that",
	[SBX_REASON_NO_POLICY] = "nothing: the job's policy is gone from the kernel, so everything "
				 "is refused; was the engine unloaded?",
	[SBX_REASON_PIN] = "the digest of this file in the policy's `exec`, if the change is "
			   "meant; a file that is open for writing is not executed",
	[SBX_REASON_FOLDED] =
		"nothing here: the folder ignores case, and this may be another spelling of a name "
		"that is denied; in rules for it, write names in small letters",
	[SBX_REASON_INTERNAL] = "nothing: what was asked for could not be read, and what cannot be "
				"judged is refused",
};

/* The key for an abstract Unix socket, if it has a name that a policy can spell. */
static bool remedy_abstract(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	size_t len = sbx_event_path_len(event, size);

	if (event->object != SBX_OBJECT_ADDRESS || event->obj.address.family != AF_UNIX || !len ||
	    *event->path == '@' || !can_spell(event->path, len))
		return false;
	sbx_buf_puts(buf, "network {unix: {abstract: [");
	put_yaml(buf, event->path, len);
	sbx_buf_puts(buf, "]}}");
	return true;
}

void sbx_remedy_put(struct sbx_buf *buf, const struct sbx_compiled *compiled,
		    const struct sbx_event *event, size_t size)
{
	const char *advice = event->reason < SBX_REASON_MAX_ ? reason_advice[event->reason] : NULL;

	if (event->reason == SBX_REASON_FOREIGN && remedy_abstract(buf, event, size))
		return;
	if (advice)
		sbx_buf_puts(buf, advice);
	else if (event->guard && event->reason != SBX_REASON_RULE)
		remedy_guard(buf, event);
	else if (event->reason == SBX_REASON_FAMILY || event->op == SBX_OP_SOCKET)
		remedy_family(buf, event);
	else if (event->object == SBX_OBJECT_PATH)
		remedy_path(buf, compiled, event, size);
	else if (event->reason == SBX_REASON_RESOLVER)
		remedy_resolver(buf, event);
	else if (event->reason == SBX_REASON_REBIND)
		remedy_rebinding(buf, event);
	else if (event->object == SBX_OBJECT_ADDRESS && !remedy_domain(buf, event, size))
		remedy_address(buf, compiled, event, size);
	else if (event->object == SBX_OBJECT_ADDRESS)
		return;
	else
		sbx_buf_puts(buf, "nothing: no rule of a policy speaks of it");
}
