/* Functions and data in sections of their own, in each of the ways that a compiler refers to them. */
typedef unsigned long u64;

extern u64 host_word;
extern u64 host_call(u64 a, const char *text);
extern u64 asm_fast(u64 a);

u64 common_like;
static u64 hidden_counter[8];
u64 initialised = 42;
u64 *pointer = &initialised;
static u64 *const inside = &hidden_counter[3];
static const char *const names[] = { "one", "two", "three" };

__attribute__((visibility("hidden"))) u64 first(u64 a)
{
	hidden_counter[a & 7] += a;
	return *inside + a;
}

__attribute__((hot)) u64 second(u64 a)
{
	return first(a) * 3 + *pointer;
}

__attribute__((cold, noinline)) static u64 rare(u64 a)
{
	return host_call(a, "rare");
}

__attribute__((weak)) u64 replaceable(u64 a)
{
	return a + host_word;
}

__attribute__((section(".rodata.table"))) u64 (*const table[])(u64) = {
	first, second, rare, replaceable, asm_fast,
};

u64 dispatch(u64 n, u64 a)
{
	static u64 calls;

	calls++;
	switch (n) {
	case 0: return table[0](a);
	case 1: return host_call(a, names[a % 3]);
	case 2: return rare(a + calls);
	case 3: return common_like++;
	case 4: return a * 7 + 1;
	case 5: return asm_fast(a);
	case 6: return replaceable(a);
	}
	return table[n % 5](a);
}
