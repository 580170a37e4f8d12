// SPDX-License-Identifier: GPL-2.0-only
/* Words for objects: addresses, families, socket types, protocols, processes, numbers. */
#include "audit/event.h"

#include <arpa/inet.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "audit/json.h"
#include "lib/cleanup.h"

const char *sbx_address_format(const __u8 addr[16], char buf[SBX_ADDRESS_LEN])
{
	static const __u8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (memcmp(addr, mapped, sizeof(mapped)) == 0)
		(void)inet_ntop(AF_INET, addr + 12, buf, SBX_ADDRESS_LEN); /* always fits */
	else
		(void)inet_ntop(AF_INET6, addr, buf, SBX_ADDRESS_LEN);
	return buf;
}

const char *sbx_family_word(unsigned int family, char buf[SBX_ADDRESS_LEN])
{
	/* Those that a policy cannot list, and that a job may try all the same. */
	static const char *const others[] = {
		[AF_UNSPEC] = "unspec", [AF_PACKET] = "packet", [AF_VSOCK] = "vsock",
		[AF_RXRPC] = "rxrpc",	[AF_KEY] = "key",	[AF_PPPOX] = "pppox",
		[AF_NFC] = "nfc",	[AF_LLC] = "llc",	[AF_QIPCRTR] = "qipcrtr",
	};

	if (family < SBX_ARRAY_SIZE(others) && others[family])
		return others[family];
	if (sbx_family_from_str(sbx_family_to_str(family)) == (int)family)
		return sbx_family_to_str(family);
	(void)snprintf(buf, SBX_ADDRESS_LEN, "af-%u", family);
	return buf;
}

const char *sbx_sock_type_to_str(unsigned int type, char buf[SBX_ADDRESS_LEN])
{
	static const char *const names[] = {
		[SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram",	  [SOCK_RAW] = "raw",
		[SOCK_RDM] = "rdm",	  [SOCK_SEQPACKET] = "seqpacket", [SOCK_DCCP] = "dccp",
		[SOCK_PACKET] = "packet",
	};

	if (type < SBX_ARRAY_SIZE(names) && names[type])
		return names[type];
	(void)snprintf(buf, SBX_ADDRESS_LEN, "type-%u", type);
	return buf;
}

const char *sbx_protocol_to_str(const struct sbx_event_address *address, char buf[SBX_ADDRESS_LEN])
{
	bool internet = address->family == AF_INET || address->family == AF_INET6;

	/* Other families number their protocols themselves. */
	switch (internet ? address->protocol : -1) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case 262: /* IPPROTO_MPTCP */
		return "mptcp";
	case 0:
		if (address->sock_type == SOCK_STREAM)
			return "tcp";
		if (address->sock_type == SOCK_DGRAM)
			return "udp";
		break;
	default:
		break;
	}
	(void)snprintf(buf, SBX_ADDRESS_LEN, "%u", address->protocol);
	return buf;
}

/* "user+mnt" for clone flags: the namespaces among them. */
static void put_namespaces(struct sbx_buf *buf, __u64 flags)
{
	static const struct {
		__u64 flag;
		const char *word;
	} names[] = {
		{ CLONE_NEWUSER, "user" }, { CLONE_NEWNS, "mnt" },	  { CLONE_NEWPID, "pid" },
		{ CLONE_NEWNET, "net" },   { CLONE_NEWIPC, "ipc" },	  { CLONE_NEWUTS, "uts" },
		{ CLONE_NEWTIME, "time" }, { CLONE_NEWCGROUP, "cgroup" },
	};
	const char *plus = "";

	for (size_t i = 0; i < SBX_ARRAY_SIZE(names); i++) {
		if (!(flags & names[i].flag))
			continue;
		sbx_buf_printf(buf, "%s%s", plus, names[i].word);
		plus = "+";
	}
}

void sbx_number_put(struct sbx_buf *buf, const struct sbx_event *event)
{
	__u64 number = event->obj.number;
	char word[SBX_ADDRESS_LEN];

	switch (event->op) {
	case SBX_OP_NAMESPACE:
		put_namespaces(buf, number);
		break;
	case SBX_OP_SOCKET:
		sbx_buf_puts(buf, sbx_family_word((unsigned int)number, word));
		break;
	case SBX_OP_MKNOD: /* as the program gave it: the kernel's external form */
		sbx_buf_printf(buf, "%llu:%llu", (number & 0xfff00) >> 8,
			       (number & 0xff) | ((number >> 12) & 0xfff00));
		break;
	default:
		sbx_buf_printf(buf, "%llu", number);
	}
}

void sbx_event_domain_put(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	sbx_domain_put(buf, event->path, sbx_event_path_len(event, size));
}

void sbx_domain_put(struct sbx_buf *buf, const char *wire, size_t len)
{
	size_t at = 0;

	if (len == 1)
		sbx_buf_puts(buf, "."); /* the root */
	while (at < len && wire[at]) {
		size_t end = at + 1 + (unsigned char)wire[at];

		if (at)
			sbx_buf_puts(buf, ".");
		for (at++; at < end && at < len; at++) {
			if (wire[at] == '.' || wire[at] == '\\')
				sbx_buf_puts(buf, "\\");
			sbx_buf_add(buf, wire + at, 1);
		}
	}
}

const char *sbx_query_type_to_str(unsigned int type, char buf[SBX_ADDRESS_LEN])
{
	static const struct {
		unsigned int type;
		const char *word;
	} names[] = {
		{ 1, "A" },	{ 2, "NS" },	 { 5, "CNAME" },  { 6, "SOA" },	  { 10, "NULL" },
		{ 12, "PTR" },	{ 15, "MX" },	 { 16, "TXT" },	  { 28, "AAAA" }, { 33, "SRV" },
		{ 64, "SVCB" }, { 65, "HTTPS" }, { 252, "AXFR" }, { 255, "ANY" },
	};

	for (size_t i = 0; i < SBX_ARRAY_SIZE(names); i++) {
		if (names[i].type == type)
			return names[i].word;
	}
	(void)snprintf(buf, SBX_ADDRESS_LEN, "TYPE%u", type);
	return buf;
}

static void put_process_object(struct sbx_buf *buf, const struct sbx_event *event)
{
	const struct sbx_event_process *target = &event->obj.process;

	sbx_text_safe(buf, target->comm, strnlen(target->comm, sizeof(target->comm)));
	sbx_buf_printf(buf, "[%u]", target->pid);
}

static void put_domain(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };

	sbx_event_domain_put(&name, event, size);
	if (!name.len)
		return;
	sbx_text_safe(buf, name.text, name.len);
	sbx_buf_puts(buf, " at ");
}

static void put_address_object(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	const struct sbx_event_address *address = &event->obj.address;
	bool v6 = address->family == AF_INET6;
	char text[SBX_ADDRESS_LEN];
	char scratch[SBX_ADDRESS_LEN];

	if (!event->seq && sbx_event_path_len(event, size)) { /* a question about a name */
		sbx_cleanup(sbx_buf_free) struct sbx_buf name = { 0 };

		sbx_event_domain_put(&name, event, size);
		if (address->protocol)
			sbx_buf_printf(buf, "%s ", sbx_protocol_to_str(address, scratch));
		sbx_text_safe(buf, name.text ? name.text : "", name.len);
		if (address->protocol)
			sbx_buf_printf(buf, ":%u", address->port);
		return;
	}
	if (event->op == SBX_OP_SOCKET || (address->family != AF_INET && !v6)) {
		sbx_buf_puts(buf, sbx_family_word(address->family, scratch));
		if (address->sock_type)
			sbx_buf_printf(buf, " %s",
				       sbx_sock_type_to_str(address->sock_type, scratch));
		if (address->protocol)
			sbx_buf_printf(buf, " %s", sbx_protocol_to_str(address, scratch));
		if (address->family == AF_UNIX && event->path_len) {
			sbx_buf_puts(buf, " @");
			sbx_text_safe(buf, event->path, sbx_event_path_len(event, size));
		}
		return;
	}
	put_domain(buf, event, size);
	(void)sbx_address_format(address->addr, text);
	sbx_buf_printf(buf, strchr(text, ':') ? "%s [%s]:%u" : "%s %s:%u",
		       sbx_protocol_to_str(address, scratch), text, address->port);
}

void sbx_object_put(struct sbx_buf *buf, const struct sbx_event *event, size_t size)
{
	switch (event->object) {
	case SBX_OBJECT_PATH:
		sbx_text_safe(buf, event->path, sbx_event_path_len(event, size));
		if (event->flags & SBX_EVENT_TRUNCATED)
			sbx_buf_puts(buf, "...");
		break;
	case SBX_OBJECT_ADDRESS:
		put_address_object(buf, event, size);
		break;
	case SBX_OBJECT_PROCESS:
		put_process_object(buf, event);
		break;
	case SBX_OBJECT_NUMBER:
		sbx_number_put(buf, event);
		break;
	default:
		break;
	}
}
