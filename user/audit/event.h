/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records as text: what every record of a job carries, and one event as its JSON line.
 * Internal to audit/.
 */
#ifndef SBX_EVENT_H
#define SBX_EVENT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "audit/audit.h"
#include "lib/buf.h"

/* Room for "1234567890-123-...": RFC 3339 with microseconds, and IPv6 addresses. */
#define SBX_TIME_LEN 40
#define SBX_ADDRESS_LEN 64

/* What all records of a job have in common, rendered once. */
struct sbx_frame {
	struct sbx_buf common;		     /* ,"job":..,"policy":..,"cgroup":.. */
	const struct sbx_compiled *compiled; /* may be NULL; borrowed */
	__s64 offset;	    /* CLOCK_REALTIME minus CLOCK_BOOTTIME, ns, when last looked */
	__u64 offset_until; /* boot time up to which `offset` is taken as it is */
	__s64 second;	    /* the one that `date` shows; -1: none */
	char date[SBX_TIME_LEN];
};

int sbx_frame_init(struct sbx_frame *frame, const struct sbx_audit_options *options);
void sbx_frame_free(struct sbx_frame *frame);

/*
 * Begins a record in an empty `buf`: schema, ts, seq (0: none), job, policy, cgroup, type.  The
 * brace stays open, as the chain still adds to it.  `boot_ns` 0: now.
 */
void sbx_frame_begin(struct sbx_frame *frame, struct sbx_buf *buf, __u64 boot_ns, __u64 seq,
		     const char *type);

/* One event as a record, with its brace open.  `size` >= sizeof(*event), or -EINVAL. */
int sbx_event_emit(struct sbx_frame *frame, struct sbx_buf *buf, const struct sbx_event *event,
		   size_t size);

/* The command's arguments, exactly, up to 16 KiB of them. */
void sbx_command_put(struct sbx_buf *line, char *const *command);
/*
 * A copy (new reference, NULL without memory) of a result without what the start record has said,
 * and without what only a file of its own needs.
 */
json_t *sbx_result_part(json_t *result);

/* CLOCK_BOOTTIME, ns: the clock of event.time. */
__u64 sbx_boot_time(void);

/* Lengths that can be trusted, whatever the record says. */
size_t sbx_event_path_len(const struct sbx_event *event, size_t size);
size_t sbx_event_exe_len(const struct sbx_event *event);

/* True when a line of the policy decided, and not the state of the kernel or of the job. */
bool sbx_event_by_policy(const struct sbx_event *event);

/* The deciding line; never NULL.  place.file NULL: built in. */
const struct sbx_rule_ref *sbx_event_decider(const struct sbx_compiled *compiled,
					     const struct sbx_event *event, size_t size);
/* Adds "strict.yaml:14" or "built in". */
void sbx_rule_put(struct sbx_buf *buf, const struct sbx_rule_ref *ref);

/* "10.0.0.1" (also for v4-mapped) or "2001:db8::1" into buf. */
const char *sbx_address_format(const __u8 addr[16], char buf[SBX_ADDRESS_LEN]);
/*
 * A DNS name (struct sbx_dns_name.wire, `len` bytes, which need not be trusted) in dots; a dot or
 * backslash within a label gets a backslash.  Nothing for no name; other bytes as they are.
 */
void sbx_domain_put(struct sbx_buf *buf, const char *wire, size_t len);
/* The name that an event's address is about. */
void sbx_event_domain_put(struct sbx_buf *buf, const struct sbx_event *event, size_t size);
/* "A" for 1; "TYPE99" for what is rarely asked for. */
const char *sbx_query_type_to_str(unsigned int type, char buf[SBX_ADDRESS_LEN]);
/* As policies name it, or "packet", or "af-99"; `buf` is used for numbers alone. */
const char *sbx_family_word(unsigned int family, char buf[SBX_ADDRESS_LEN]);
/* What an object of kind SBX_OBJECT_NUMBER means to a person, by its operation: "user+mnt". */
void sbx_number_put(struct sbx_buf *buf, const struct sbx_event *event);
/*
 * An event's object for people, safe for a terminal: the path, "tcp 10.0.0.1:443",
 * "netlink raw", "comm[pid]"; nothing where it has none.
 */
void sbx_object_put(struct sbx_buf *buf, const struct sbx_event *event, size_t size);
/* "tcp" for IPPROTO_TCP; for protocol 0 what the socket type stands for; else the number. */
const char *sbx_protocol_to_str(const struct sbx_event_address *address, char buf[SBX_ADDRESS_LEN]);
const char *sbx_sock_type_to_str(unsigned int type, char buf[SBX_ADDRESS_LEN]);

#endif /* SBX_EVENT_H */
