// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw bytes as a DNS message, read by what the kernel runs and, independently, by libc's reader of
 * names: what ours accepts, libc reads as the very same name, and each address that ours takes
 * stands in a record of the name asked for or of one that its CNAMEs lead to.
 */
#include <arpa/nameser.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sbx/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool claim)
{
	if (!claim)
		abort();
}

static void fold(unsigned char *wire)
{
	while (*wire) {
		for (unsigned int n = *wire++; n; n--, wire++) {
			if (*wire >= 'A' && *wire <= 'Z')
				*wire += 'a' - 'A';
		}
	}
}

/*
 * libc's reading of the name at `at`, in lower case; bytes that it takes there, -1: no name.
 * libc takes a name for a loop once it has walked as many bytes as the message has, which pointers
 * into the midst of a name can reach without one: it is given a longer message, whose end is no
 * name.
 */
static int read_name(const uint8_t *data, size_t size, size_t at, unsigned char wire[256])
{
	static uint8_t longer[SBX_DNS_MESSAGE_MAX + 1024];
	int n;

	memset(longer, 0xff, sizeof(longer));
	memcpy(longer, data, size);
	memset(wire, 0, 256);
	n = ns_name_unpack(longer, longer + sizeof(longer), longer + at, wire, 255);
	if (n >= 0)
		fold(wire);
	return n;
}

static void check_name(const struct sbx_dns_name *name, const uint8_t *data, size_t size, size_t at)
{
	unsigned char wire[256];

	require(name->len >= 1 && name->len <= SBX_DNS_NAME_MAX);
	require(read_name(data, size, at, wire) > 0);
	require(!memcmp(name->wire, wire, name->len));
}

static unsigned int word_at(const uint8_t *data, size_t at)
{
	return (unsigned int)data[at] << 8 | data[at + 1];
}

/* The addresses by the simplest means: along the records, with the wanted name changing. */
static unsigned int naive_answers(const uint8_t *data, size_t size, size_t at, unsigned int type,
				  uint8_t (*addrs)[16])
{
	unsigned char want[256], owner[256];
	unsigned int n = 0, records = word_at(data, 6);

	require(read_name(data, size, SBX_DNS_HEAD, want) > 0);
	if (records > SBX_DNS_RECORDS_MAX)
		records = SBX_DNS_RECORDS_MAX;
	for (unsigned int i = 0; i < records; i++) {
		int len = read_name(data, size, at, owner);
		size_t end = at + (size_t)len;
		unsigned int bytes;

		require(len > 0 && end + 10 <= size);
		bytes = word_at(data, end + 8);
		at = end + 10 + bytes;
		require(at <= size);
		if (memcmp(owner, want, sizeof(want)) != 0 || word_at(data, end + 2) != 1)
			continue;
		if (word_at(data, end) == SBX_DNS_CNAME && type != SBX_DNS_CNAME)
			require(read_name(data, size, end + 10, want) == (int)bytes);
		if (word_at(data, end) != type || n == SBX_DNS_ADDRS_MAX)
			continue;
		if (type != SBX_DNS_A && type != SBX_DNS_AAAA)
			continue;
		memset(addrs[n], 0, 16);
		memset(addrs[n] + 10, 0xff, 2);
		memcpy(addrs[n] + (type == SBX_DNS_A ? 12 : 0), data + end + 10, bytes);
		n++;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t addrs[SBX_DNS_ADDRS_MAX][16];
	static struct sbx_dns dns;
	struct sbx_dns_ctx c = { .m = &dns };
	size_t end;

	if (size > SBX_DNS_MESSAGE_MAX)
		return 0;
	memset(&dns, 0xa5, sizeof(dns));
	memcpy(dns.data, data, size);
	dns.len = (__u32)size;
	if (sbx_dns_query(&c) == SBX_DNS_OK)
		check_name(&dns.name, data, size, SBX_DNS_HEAD);
	if (sbx_dns_answer(&c) != SBX_DNS_OK)
		return 0;
	check_name(&dns.name, data, size, SBX_DNS_HEAD);
	end = dns.end;
	if (sbx_dns_answers(&c) != SBX_DNS_OK)
		return 0;
	require(dns.n_addrs == naive_answers(data, size, end, dns.type, addrs));
	require(!memcmp(dns.addrs, addrs, dns.n_addrs * sizeof(addrs[0])));
	return 0;
}
