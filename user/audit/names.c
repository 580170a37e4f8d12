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

static void put_process_object(struct sbx_buf *buf, const struct sbx_event *event)
{
	const struct sbx_event_process *target = &event->obj.process;

	sbx_text_safe(buf, target->comm, strnlen(target->comm, sizeof(target->comm)));
	sbx_buf_printf(buf, "[%u]", target->pid);
}

static void put_address_object(struct sbx_buf *buf, const struct sbx_event *event)
{
	const struct sbx_event_address *address = &event->obj.address;
	bool v6 = address->family == AF_INET6;
	char text[SBX_ADDRESS_LEN];
	char scratch[SBX_ADDRESS_LEN];

	if (event->op == SBX_OP_SOCKET || (address->family != AF_INET && !v6)) {
		sbx_buf_puts(buf, sbx_family_word(address->family, scratch));
		if (address->sock_type)
			sbx_buf_printf(buf, " %s",
				       sbx_sock_type_to_str(address->sock_type, scratch));
		if (address->protocol)
			sbx_buf_printf(buf, " %s", sbx_protocol_to_str(address, scratch));
		return;
	}
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
		put_address_object(buf, event);
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
