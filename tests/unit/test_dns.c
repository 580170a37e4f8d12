// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DNS parser that the kernel runs (include/sbx/dns.h): tables of queries and answers, good,
 * odd and hostile.  What surrounds it (who asked, from which socket, which resolver) is in
 * tests/kernel/test_dns.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns_fixture.h"
#include "lib/cleanup.h"
#include "sbx/dns.h"

#define L63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"
#define L61 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxy"
#define LONG_255 L63 "." L63 "." L63 "." L61 /* 3 * 64 + 62 + 1 bytes as sent */
#define LONG_256 L63 "." L63 "." L63 "." L61 "x"
#define OPT " rr . 41 0 -"
#define ASK "head 0100 1 0 0 0 q www.example.com 1 1"

/* A message and what the parser makes of it. */
struct query_case {
	const char *claim;
	const char *text;
	enum sbx_dns_fault fault;
	const char *name; /* as put_name takes it, in lower case */
};

static const struct query_case queries[] = {
	{ "A", ASK, SBX_DNS_OK, "www.example.com" },
	{ "AAAA", "head 0100 1 0 0 0 q www.example.com 28 1", SBX_DNS_OK, "www.example.com" },
	{ "CNAME", "head 0100 1 0 0 0 q a.b 5 1", SBX_DNS_OK, "a.b" },
	{ "SVCB", "head 0100 1 0 0 0 q a.b 64 1", SBX_DNS_OK, "a.b" },
	{ "HTTPS", "head 0100 1 0 0 0 q a.b 65 1", SBX_DNS_OK, "a.b" },
	{ "AD and CD bits", "head 0130 1 0 0 0 q a.b 1 1", SBX_DNS_OK, "a.b" },
	{ "no recursion wanted", "head 0000 1 0 0 0 q a.b 1 1", SBX_DNS_OK, "a.b" },
	{ "mixed case", "head 0100 1 0 0 0 q wWw.eXAMPle.COM 1 1", SBX_DNS_OK, "www.example.com" },
	{ "EDNS", "head 0100 1 0 0 1 q a.b 1 1" OPT, SBX_DNS_OK, "a.b" },
	{ "EDNS with a cookie", "head 0100 1 0 0 1 q a.b 1 1 rr . 41 0 x:000a00080102030405060708",
	  SBX_DNS_OK, "a.b" },
	{ "single label", "head 0100 1 0 0 0 q localhost 1 1", SBX_DNS_OK, "localhost" },
	{ "the root", "head 0100 1 0 0 0 q . 1 1", SBX_DNS_OK, "." },
	{ "a name of 255 bytes", "head 0100 1 0 0 0 q " LONG_255 " 1 1", SBX_DNS_OK, LONG_255 },
	{ "127 labels",
	  "head 0100 1 0 0 0 q "
	  "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
	  "a."
	  "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
	  "a."
	  "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a 1 1",
	  SBX_DNS_OK, NULL },
	{ "dots, blanks and zero bytes in labels",
	  "head 0100 1 0 0 0 q a\\2eb\\20\\00c.example.com 1 1", SBX_DNS_OK,
	  "a\\2eb\\20\\00c.example.com" },
	{ "bytes beyond ASCII keep their value", "head 0100 1 0 0 0 q \\c3\\84.com 1 1", SBX_DNS_OK,
	  "\\c3\\84.com" },
	{ "TXT", "head 0100 1 0 0 0 q a.b 16 1", SBX_DNS_KIND, NULL },
	{ "ANY", "head 0100 1 0 0 0 q a.b 255 1", SBX_DNS_KIND, NULL },
	{ "NULL", "head 0100 1 0 0 0 q a.b 10 1", SBX_DNS_KIND, NULL },
	{ "AXFR", "head 0100 1 0 0 0 q a.b 252 1", SBX_DNS_KIND, NULL },
	{ "PTR", "head 0100 1 0 0 0 q 1.0.0.127.in-addr.arpa 12 1", SBX_DNS_KIND, NULL },
	{ "class CHAOS", "head 0100 1 0 0 0 q version.bind 1 3", SBX_DNS_KIND, NULL },
	{ "a name of 256 bytes", "head 0100 1 0 0 0 q " LONG_256 " 1 1", SBX_DNS_BAD, NULL },
	{ "no question", "head 0100 0 0 0 0", SBX_DNS_BAD, NULL },
	{ "two questions", "head 0100 2 0 0 0 q a.b 1 1 q evil.org 1 1", SBX_DNS_BAD, NULL },
	{ "two questions, one told", "head 0100 1 0 0 0 q a.b 1 1 q evil.org 1 1", SBX_DNS_BAD,
	  NULL },
	{ "an answer as a query", "head 8100 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "opcode STATUS", "head 1100 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "opcode NOTIFY", "head 2100 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "opcode UPDATE", "head 2800 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "truncation bit", "head 0300 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "authority bit", "head 0500 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "reserved bit", "head 0140 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "an rcode", "head 0103 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "an answer record", "head 0100 1 1 0 0 q a.b 1 1 rr @12 1 60 4:1.2.3.4", SBX_DNS_BAD,
	  NULL },
	{ "an authority record", "head 0100 1 0 1 0 q a.b 1 1 rr @12 1 60 4:1.2.3.4", SBX_DNS_BAD,
	  NULL },
	{ "a record other than EDNS", "head 0100 1 0 0 1 q a.b 1 1 rr . 16 0 x:0161", SBX_DNS_BAD,
	  NULL },
	{ "EDNS with a name", "head 0100 1 0 0 1 q a.b 1 1 rr x 41 0 -", SBX_DNS_BAD, NULL },
	{ "two EDNS records", "head 0100 1 0 0 2 q a.b 1 1" OPT OPT, SBX_DNS_BAD, NULL },
	{ "EDNS missing", "head 0100 1 0 0 1 q a.b 1 1", SBX_DNS_BAD, NULL },
	{ "EDNS not told", "head 0100 1 0 0 0 q a.b 1 1" OPT, SBX_DNS_BAD, NULL },
	{ "EDNS cut", "head 0100 1 0 0 1 q a.b 1 1 x 0000291000", SBX_DNS_BAD, NULL },
	{ "EDNS data beyond the end", "head 0100 1 0 0 1 q a.b 1 1 x 00002910000000000000ff00",
	  SBX_DNS_BAD, NULL },
	{ "bytes behind", ASK " x 00", SBX_DNS_BAD, NULL },
	{ "a query behind a query", ASK " " ASK, SBX_DNS_BAD, NULL },
	{ "a pointer in the question", "head 0100 1 0 0 0 q www@12 1 1", SBX_DNS_BAD, NULL },
	{ "a pointer to the head", "head 0100 1 0 0 0 q www@0 1 1", SBX_DNS_BAD, NULL },
	{ "a pointer to itself", "head 0100 1 0 0 0 q @12 1 1", SBX_DNS_BAD, NULL },
	{ "label type 0x40", "head 0100 1 0 0 0 x 416100 x 00010001", SBX_DNS_BAD, NULL },
	{ "label type 0x80", "head 0100 1 0 0 0 x 816100 x 00010001", SBX_DNS_BAD, NULL },
	{ "a label beyond the end", "head 0100 1 0 0 0 x 3f6161", SBX_DNS_BAD, NULL },
	{ "a name without an end", "head 0100 1 0 0 0 x 0161", SBX_DNS_BAD, NULL },
	{ "a type without a class", "head 0100 1 0 0 0 x 016100 x 0001", SBX_DNS_BAD, NULL },
	{ "nothing behind the head", "head 0100 1 0 0 0", SBX_DNS_BAD, NULL },
	{ "a short head", "x 123401000001000000", SBX_DNS_BAD, NULL },
	{ "nothing", "", SBX_DNS_BAD, NULL },
};

#define ANS(an, rest) "head 8180 1 " #an " 0 0 q www.example.com 1 1 " rest
#define ANS6(an, rest) "head 8180 1 " #an " 0 0 q www.example.com 28 1 " rest

struct answer_case {
	const char *claim;
	const char *text;
	enum sbx_dns_fault fault;
	unsigned int n_addrs;
	unsigned int ttl; /* of answers with addresses */
	bool more;
	const char *first; /* address */
};

static const struct answer_case answers[] = {
	{ "one address", ANS(1, "rr @12 1 300 4:192.0.2.1"), SBX_DNS_OK, 1, 300, false,
	  "::ffff:192.0.2.1" },
	{ "two, the lesser time counts", ANS(2, "rr @12 1 300 4:192.0.2.1 rr @12 1 30 4:192.0.2.2"),
	  SBX_DNS_OK, 2, 30, false, "::ffff:192.0.2.1" },
	{ "IPv6", ANS6(1, "rr @12 28 60 6:2001:db8::1"), SBX_DNS_OK, 1, 60, false, "2001:db8::1" },
	{ "a name in full", ANS(1, "rr www.example.com 1 60 4:192.0.2.1"), SBX_DNS_OK, 1, 60, false,
	  "::ffff:192.0.2.1" },
	{ "a name in other case", ANS(1, "rr WWW.example.COM 1 60 4:192.0.2.1"), SBX_DNS_OK, 1, 60,
	  false, "::ffff:192.0.2.1" },
	{ "a name half compressed", ANS(1, "rr www@16 1 60 4:192.0.2.1"), SBX_DNS_OK, 1, 60, false,
	  "::ffff:192.0.2.1" },
	{ "a CNAME with a pointer", ANS(2, "rr @12 5 60 n:cdn@16 rr @45 1 30 4:192.0.2.9"),
	  SBX_DNS_OK, 1, 30, false, "::ffff:192.0.2.9" },
	{ "a CNAME in full",
	  ANS(2, "rr @12 5 60 n:a.example.net rr a.example.net 1 600 4:192.0.2.9"), SBX_DNS_OK, 1,
	  60, false, "::ffff:192.0.2.9" },
	{ "three CNAMEs",
	  ANS(4, "rr @12 5 60 n:a.net rr a.net 5 50 n:b.net rr b.net 5 40 n:c.net "
		 "rr c.net 1 90 4:192.0.2.3"),
	  SBX_DNS_OK, 1, 40, false, "::ffff:192.0.2.3" },
	{ "a CNAME to itself ends", ANS(2, "rr @12 5 60 n:@12 rr @12 1 60 4:192.0.2.3"), SBX_DNS_OK,
	  1, 60, false, "::ffff:192.0.2.3" },
	{ "signatures between",
	  ANS(3, "rr @12 46 60 x:0001 rr @12 1 60 4:192.0.2.3 rr @12 46 60 x:0001"), SBX_DNS_OK, 1,
	  60, false, "::ffff:192.0.2.3" },
	{ "64 addresses", ANS(64, "times 64 192.0.2."), SBX_DNS_OK, 64, 60, false,
	  "::ffff:192.0.2.0" },
	{ "65 addresses: the last is told of, not taken", ANS(65, "times 65 192.0.2."), SBX_DNS_OK,
	  64, 60, true, "::ffff:192.0.2.0" },
	{ "more records than are looked at", ANS(200, "times 200 192.0.2."), SBX_DNS_OK, 64, 60,
	  true, NULL },
	{ "time 0", ANS(1, "rr @12 1 0 4:192.0.2.1"), SBX_DNS_OK, 1, 0, false, NULL },
	{ "a negative time is none", ANS(1, "rr @12 1 4294967295 4:192.0.2.1"), SBX_DNS_OK, 1, 0,
	  false, NULL },
	{ "no records", ANS(0, ""), SBX_DNS_OK, 0, 0, false, NULL },
	{ "NXDOMAIN", "head 8183 1 0 0 0 q www.example.com 1 1", SBX_DNS_OK, 0, 0, false, NULL },
	{ "mapped IPv4 in IPv6", ANS6(1, "rr @12 28 60 6:::ffff:10.0.0.1"), SBX_DNS_OK, 1, 60,
	  false, "::ffff:10.0.0.1" },
	{ "additional records are not looked at",
	  "head 8180 1 1 0 1 q www.example.com 1 1 rr @12 1 60 4:192.0.2.1 rr @12 1 60 4:10.0.0.1",
	  SBX_DNS_OK, 1, 60, false, "::ffff:192.0.2.1" },
	{ "garbage behind the answers", ANS(1, "rr @12 1 60 4:192.0.2.1 x ffffffff"), SBX_DNS_OK, 1,
	  60, false, "::ffff:192.0.2.1" },
	{ "another name's address", ANS(1, "rr evil.org 1 60 4:192.0.2.66"), SBX_DNS_OK, 0, 0,
	  false, NULL },
	{ "the parent's address", ANS(1, "rr @16 1 60 4:192.0.2.66"), SBX_DNS_OK, 0, 0, false,
	  NULL },
	{ "the child's address", ANS(1, "rr x@12 1 60 4:192.0.2.66"), SBX_DNS_OK, 0, 0, false,
	  NULL },
	{ "the old name's address behind its CNAME",
	  ANS(2, "rr @12 5 60 n:a.net rr @12 1 60 4:192.0.2.66"), SBX_DNS_OK, 0, 0, false, NULL },
	{ "a CNAME of another name", ANS(2, "rr evil.org 5 60 n:a.net rr a.net 1 60 4:192.0.2.66"),
	  SBX_DNS_OK, 0, 0, false, NULL },
	{ "the address before its CNAME", ANS(2, "rr a.net 1 60 4:192.0.2.9 rr @12 5 60 n:a.net"),
	  SBX_DNS_OK, 0, 0, false, NULL },
	{ "AAAA where A was asked for", ANS(1, "rr @12 28 60 6:2001:db8::1"), SBX_DNS_OK, 0, 0,
	  false, NULL },
	{ "A where AAAA was asked for", ANS6(1, "rr @12 1 60 4:192.0.2.1"), SBX_DNS_OK, 0, 0, false,
	  NULL },
	{ "an address of class CHAOS", ANS(1, "x c00c000100030000003c0004c0000201"), SBX_DNS_OK, 0,
	  0, false, NULL },
	{ "HTTPS hints open nothing",
	  "head 8180 1 1 0 0 q a.b 65 1 rr @12 65 60 x:000100000400040a000001", SBX_DNS_OK, 0, 0,
	  false, NULL },
	{ "asked for the CNAME itself", "head 8180 1 1 0 0 q a.b 5 1 rr @12 5 60 n:c.d", SBX_DNS_OK,
	  0, 0, false, NULL },
	{ "an A record of 3 bytes", ANS(1, "rr @12 1 60 x:c00002"), SBX_DNS_BAD, 0, 0, false,
	  NULL },
	{ "an A record of 16 bytes", ANS(1, "rr @12 1 60 6:2001:db8::1"), SBX_DNS_BAD, 0, 0, false,
	  NULL },
	{ "an AAAA record of 4 bytes", ANS6(1, "rr @12 28 60 4:192.0.2.1"), SBX_DNS_BAD, 0, 0,
	  false, NULL },
	{ "a record less than told", ANS(2, "rr @12 1 60 4:192.0.2.1"), SBX_DNS_BAD, 0, 0, false,
	  NULL },
	{ "data beyond the end", ANS(1, "x c00c000100010000003c0010c0000201"), SBX_DNS_BAD, 0, 0,
	  false, NULL },
	{ "a record's head cut", ANS(1, "x c00c00010001"), SBX_DNS_BAD, 0, 0, false, NULL },
	{ "a pointer cut", ANS(1, "x c0"), SBX_DNS_BAD, 0, 0, false, NULL },
	{ "a pointer to itself", ANS(1, "rr @33 1 60 4:192.0.2.1"), SBX_DNS_BAD, 0, 0, false,
	  NULL },
	{ "a pointer forwards", ANS(1, "rr @40 1 60 4:192.0.2.1"), SBX_DNS_BAD, 0, 0, false, NULL },
	{ "two pointers at each other", ANS(2, "rr @12 16 60 x:c031c02d rr @45 1 60 4:192.0.2.1"),
	  SBX_DNS_BAD, 0, 0, false, NULL },
	{ "a CNAME shorter than its data", ANS(1, "x c00c000500010000003c00050161000000"),
	  SBX_DNS_BAD, 0, 0, false, NULL },
	{ "a CNAME longer than its data", ANS(1, "x c00c000500010000003c0002016100"), SBX_DNS_BAD,
	  0, 0, false, NULL },
	{ "17 CNAMEs",
	  ANS(17, "rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 "
		  "rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 "
		  "rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 "
		  "rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 rr @12 5 9 n:@12 "
		  "rr @12 5 9 n:@12"),
	  SBX_DNS_BAD, 0, 0, false, NULL },
	{ "a good address, then a malformed record",
	  ANS(2, "rr @12 1 60 4:192.0.2.1 rr @12 1 60 x:00"), SBX_DNS_BAD, 0, 0, false, NULL },
};

static const struct answer_case not_answers[] = {
	{ "a query", ASK, SBX_DNS_BAD, 0, 0, false, NULL },
	{ "two questions", "head 8180 2 0 0 0 q a.b 1 1 q c.d 1 1", SBX_DNS_BAD, 0, 0, false,
	  NULL },
	{ "no question", "head 8180 0 1 0 0 rr a.b 1 60 4:192.0.2.1", SBX_DNS_BAD, 0, 0, false,
	  NULL },
	{ "opcode UPDATE", "head a980 1 0 0 0 q a.b 1 1", SBX_DNS_BAD, 0, 0, false, NULL },
	{ "a pointer in the question", "head 8180 1 0 0 0 q @12 1 1", SBX_DNS_BAD, 0, 0, false,
	  NULL },
	{ "class CHAOS", "head 8180 1 0 0 0 q a.b 1 3", SBX_DNS_KIND, 0, 0, false, NULL },
	{ "4 bytes", "x 12348180", SBX_DNS_BAD, 0, 0, false, NULL },
};

/* The message at the end of a block of its own: what is read beyond it is seen by ASan. */
static struct sbx_dns *parse(const char *text, struct sbx_dns_ctx *ret_ctx)
{
	static struct sbx_dns dns;
	struct message message;

	make_message(text, &message);
	assert_true(message.len <= SBX_DNS_MESSAGE_MAX);
	memset(&dns, 0xa5, sizeof(dns));
	memcpy(dns.data, message.bytes, message.len);
	dns.len = (__u32)message.len;
	ret_ctx->m = &dns;
	return &dns;
}

static void check_name(const char *claim, const struct sbx_dns *m, const char *text)
{
	const struct sbx_dns_name *name = &m->name;
	struct message wire = { .len = 0 };
	unsigned int at = 0, labels = 0;

	put_name(&wire, text);
	if (name->len != wire.len || memcmp(name->wire, wire.bytes, wire.len) != 0)
		fail_msg("%s: the name differs", claim);
	for (; name->wire[at]; at += 1u + name->wire[at], labels++)
		assert_int_equal(m->labels[labels], at);
	assert_int_equal(name->labels, labels);
}

static void queries_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(queries); i++) {
		const struct query_case *test = &queries[i];
		struct sbx_dns_ctx c;
		struct sbx_dns *m = parse(test->text, &c);
		__u32 fault = sbx_dns_query(&c);

		if (fault != test->fault)
			fail_msg("%s: %u instead of %u", test->claim, fault, test->fault);
		if (fault == SBX_DNS_OK)
			assert_int_equal(m->id, 0x1234);
		if (test->name)
			check_name(test->claim, m, test->name);
	}
}

static void check_answer(const struct answer_case *test)
{
	struct sbx_dns_ctx c;
	struct sbx_dns *m = parse(test->text, &c);
	unsigned char first[16];
	__u32 fault = sbx_dns_answer(&c);

	assert_int_equal(fault, SBX_DNS_OK);
	fault = sbx_dns_answers(&c);
	if (fault != test->fault)
		fail_msg("%s: %u instead of %u", test->claim, fault, test->fault);
	if (fault != SBX_DNS_OK)
		return;
	if (m->n_addrs != test->n_addrs || (m->more != 0) != test->more)
		fail_msg("%s: %u addresses, more %u", test->claim, m->n_addrs, m->more);
	if (m->n_addrs && m->ttl != test->ttl)
		fail_msg("%s: %u seconds", test->claim, m->ttl);
	if (!test->first)
		return;
	assert_int_equal(inet_pton(AF_INET6, test->first, first), 1);
	if (memcmp(m->addrs[0], first, sizeof(first)) != 0)
		fail_msg("%s: another address", test->claim);
}

static void answers_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(answers); i++)
		check_answer(&answers[i]);
}

static void what_is_no_answer_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(not_answers); i++) {
		struct sbx_dns_ctx c;
		__u32 fault;

		(void)parse(not_answers[i].text, &c);
		fault = sbx_dns_answer(&c);
		if (fault != not_answers[i].fault)
			fail_msg("%s: %u", not_answers[i].claim, fault);
	}
}

static void truncation_and_rcode_are_told(void **state)
{
	struct sbx_dns_ctx c;
	struct sbx_dns *m = parse("head 8380 1 0 0 0 q a.b 1 1", &c);

	(void)state;
	assert_int_equal(sbx_dns_answer(&c), SBX_DNS_OK);
	assert_int_equal(m->truncated, 1);
	assert_int_equal(m->rcode, 0);
	m = parse("head 8183 1 0 0 0 q a.b 1 1", &c);
	assert_int_equal(sbx_dns_answer(&c), SBX_DNS_OK);
	assert_int_equal(m->truncated, 0);
	assert_int_equal(m->rcode, 3);
}

static void a_message_larger_than_the_buffer_is_refused(void **state)
{
	struct sbx_dns_ctx c;
	struct sbx_dns *m = parse(ASK, &c);

	(void)state;
	m->len = SBX_DNS_MESSAGE_MAX + 1;
	assert_int_equal(sbx_dns_query(&c), SBX_DNS_BAD);
	m->len = SBX_DNS_MESSAGE_MAX + 1;
	assert_int_equal(sbx_dns_answer(&c), SBX_DNS_BAD);
}

/* Every query and every answer, cut at each byte: never an address, never a crash. */
static void a_cut_message_opens_nothing(void **state)
{
	struct sbx_dns_ctx c;

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(queries); i++) {
		struct sbx_dns *m = parse(queries[i].text, &c);

		/* what has bytes behind it is good without them */
		for (__u32 len = queries[i].fault ? 0 : m->len; len-- > 0;) {
			m->len = len;
			assert_int_not_equal(sbx_dns_query(&c), SBX_DNS_OK);
		}
	}
	for (size_t i = 0; i < SBX_ARRAY_SIZE(answers); i++) {
		struct sbx_dns *m = parse(answers[i].text, &c);

		for (__u32 len = m->len; len-- > 0;) {
			m->len = len;
			if (sbx_dns_answer(&c) == SBX_DNS_OK)
				(void)sbx_dns_answers(&c);
		}
	}
}

/* --- what real servers sent (tests/fuzz/capture-dns) -------------------------------------------
 */

#define CORPUS "tests/fuzz/corpus/fuzz_dns/"

static struct sbx_dns *load(const char *server, const char *label, struct sbx_dns_ctx *ret_ctx)
{
	static struct sbx_dns dns;
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), CORPUS "%s-%s", server, label);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot open %s", path);
	memset(&dns, 0xa5, sizeof(dns));
	dns.len = (__u32)fread(dns.data, 1, SBX_DNS_MESSAGE_MAX, file);
	(void)fclose(file);
	ret_ctx->m = &dns;
	return &dns;
}

static const struct {
	const char *label;
	const char *name;
	unsigned int n_addrs;
	bool truncated;
	const char *first; /* NULL: any order */
} captured[] = {
	{ "www-a", "www.example.test", 1, false, "::ffff:192.0.2.10" },
	{ "www-a-edns", "www.example.test", 1, false, "::ffff:192.0.2.10" },
	{ "www-aaaa-edns", "www.example.test", 1, false, "2001:db8::10" },
	{ "WwW-a-edns", "www.example.test", 1, false, "::ffff:192.0.2.10" },
	{ "two-a-edns", "two.example.test", 2, false, NULL },
	{ "alias-a-edns", "alias.example.test", 1, false, "::ffff:192.0.2.10" },
	{ "chain-a-edns", "chain.example.test", 1, false, "::ffff:192.0.2.10" },
	{ "many-a-edns", "many.example.test", 64, false, NULL },
	{ "many-a", "many.example.test", 0, true, NULL },
	{ "inside-a-edns", "inside.example.test", 1, false, "::ffff:10.0.0.1" },
	{ "any-thing-a-edns", "any.thing.example.test", 1, false, "::ffff:192.0.2.99" },
	{ "svc-https-edns", "svc.example.test", 0, false, NULL },
};

static void answers_of_real_servers_are_read(void **state)
{
	static const char *const servers[] = { "knot", "bind", "unbound", "dnsmasq" };

	(void)state;
	for (size_t i = 0; i < SBX_ARRAY_SIZE(captured) * SBX_ARRAY_SIZE(servers); i++) {
		const char *server = servers[i % SBX_ARRAY_SIZE(servers)];
		const char *label = captured[i / SBX_ARRAY_SIZE(servers)].label;
		const char *first = captured[i / SBX_ARRAY_SIZE(servers)].first;
		unsigned char addr[16];
		struct sbx_dns_ctx c;
		struct sbx_dns *m = load(server, label, &c);

		assert_int_equal(sbx_dns_answer(&c), SBX_DNS_OK);
		check_name(label, m, captured[i / SBX_ARRAY_SIZE(servers)].name);
		if (m->truncated != captured[i / SBX_ARRAY_SIZE(servers)].truncated)
			fail_msg("%s %s: truncated %u", server, label, m->truncated);
		if (m->truncated)
			continue; /* what is in it is not used */
		assert_int_equal(sbx_dns_answers(&c), SBX_DNS_OK);
		if (m->n_addrs != captured[i / SBX_ARRAY_SIZE(servers)].n_addrs)
			fail_msg("%s %s: %u addresses", server, label, m->n_addrs);
		if (first && inet_pton(AF_INET6, first, addr) == 1 &&
		    memcmp(m->addrs[0], addr, sizeof(addr)) != 0)
			fail_msg("%s %s: another address", server, label);
	}
}

static void queries_to_real_servers_are_read(void **state)
{
	struct sbx_dns_ctx c;

	(void)state;
	(void)load("query", "www-a", &c);
	assert_int_equal(sbx_dns_query(&c), SBX_DNS_OK);
	(void)load("query", "WwW-a-edns", &c);
	assert_int_equal(sbx_dns_query(&c), SBX_DNS_OK);
	(void)load("query", "svc-https-edns", &c);
	assert_int_equal(sbx_dns_query(&c), SBX_DNS_OK);
	(void)load("query", "text-txt-edns", &c);
	assert_int_equal(sbx_dns_query(&c), SBX_DNS_KIND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_judged),
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(what_is_no_answer_is_told),
		cmocka_unit_test(truncation_and_rcode_are_told),
		cmocka_unit_test(a_message_larger_than_the_buffer_is_refused),
		cmocka_unit_test(a_cut_message_opens_nothing),
		cmocka_unit_test(answers_of_real_servers_are_read),
		cmocka_unit_test(queries_to_real_servers_are_read),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
