/*
 * Uses many parts of the C library and prints the results. The output does not depend on addresses, times or the order in which threads run, so that
 * two links of it can be compared by their output.
 */
#define _GNU_SOURCE
#include <complex.h>
#include <ctype.h>
#include <errno.h>
#include <fenv.h>
#include <fnmatch.h>
#include <glob.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <regex.h>
#include <search.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define THREADS 6

static __thread int own_sum;
static __thread char own_name[16] = "unnamed";
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int shared_sum, once_count, destroyed;

static void first(void)
{
	once_count++;
}

static void destroy(void *p)
{
	__atomic_add_fetch(&destroyed, *(int *)p, __ATOMIC_SEQ_CST);
	free(p);
}

static void *work(void *arg)
{
	int n = (int)(intptr_t)arg;
	int *value = malloc(sizeof(*value));

	pthread_once(&once, first);
	*value = n;
	pthread_setspecific(key, value);
	snprintf(own_name, sizeof(own_name), "thread %d", n);
	for (int i = 0; i <= n * 100; i++)
		own_sum += i;
	pthread_mutex_lock(&lock);
	shared_sum += own_sum;
	pthread_mutex_unlock(&lock);
	return (void *)(intptr_t)(strlen(own_name) + own_sum);
}

static void threads(void)
{
	pthread_t ids[THREADS];
	long total = 0;

	pthread_key_create(&key, destroy);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&ids[i], NULL, work, (void *)(intptr_t)i))
			puts("pthread_create failed");
	for (int i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(ids[i], &result);
		total += (long)(intptr_t)result;
	}
	printf("threads: sum %d, results %ld, once %d, destroyed %d, main's own %d \"%s\", errno %d\n", shared_sum, total, once_count, destroyed,
	       own_sum, own_name, errno);
}

static int by_length(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	size_t m = strlen(x), n = strlen(y);

	return m != n ? (m > n) - (m < n) : strcmp(x, y);
}

static void sorting(void)
{
	const char *words[] = {"partial", "link", "of", "a", "whole", "archive", "an", "island", "section"};
	size_t n = sizeof(words) / sizeof(words[0]);
	const char *wanted = "island";
	const char **found;
	int *numbers = malloc(10000 * sizeof(int));
	unsigned hash = 0;

	qsort(words, n, sizeof(words[0]), by_length);
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? " " : "sorted: ", words[i]);
	found = bsearch(&wanted, words, n, sizeof(words[0]), by_length);
	printf(", %s at %td\n", wanted, found ? found - words : -1);
	srand(7);
	for (int i = 0; i < 10000; i++)
		numbers[i] = rand();
	for (int i = 0; i < 10000; i++)
		hash = hash * 31 + (unsigned)numbers[i];
	printf("rand: %08x\n", hash);
	free(numbers);
}

static void memory(void)
{
	static void *blocks[2000];
	size_t bytes = 0;

	for (int i = 0; i < 2000; i++) {
		size_t size = (size_t)(i * 7919) % 5000 + 1;

		blocks[i] = i % 3 ? malloc(size) : calloc(1, size);
		memset(blocks[i], i, size);
		bytes += size;
		if (i % 5 == 4)
			blocks[i - 2] = realloc(blocks[i - 2], size * 2);
	}
	for (int i = 0; i < 2000; i++)
		free(blocks[i]);
	void *aligned = aligned_alloc(4096, 8192);
	void *mapped = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("memory: %zu bytes, aligned %d, mapped %d\n", bytes, (int)((uintptr_t)aligned % 4096), mapped != MAP_FAILED);
	munmap(mapped, 1 << 20);
	free(aligned);
}

/* memcpy and the like are IFUNCs, bound before main. */
static void strings(void)
{
	static char a[5000], b[5000];
	unsigned sum = 0;

	for (int i = 0; i < 5000; i++)
		a[i] = (char)('a' + i % 26);
	for (int size = 0; size < 300; size++) {
		memcpy(b + size % 16, a + size % 7, (size_t)size * 16);
		memmove(b + 3, b, (size_t)size * 8);
		sum = sum * 33 + (unsigned char)b[size] + (unsigned)(memcmp(a, b, (size_t)size) > 0);
	}
	a[4999] = 0;
	memset(b, 'x', sizeof(b));
	b[700] = 0;
	printf("strings: %08x, %zu, %zu, %td, %td, %s, %d, %zu\n", sum, strlen(a + 1), strlen(b), strchr(a, 'q') - a,
	       (char *)memchr(b, 0, sizeof(b)) - b, strstr("one two three", "two"), strcasecmp("HyP", "hYp"), strspn("aabbcd", "ab"));
	char text[] = "a,b;c";
	for (char *save, *t = strtok_r(text, ",;", &save); t; t = strtok_r(NULL, ",;", &save))
		printf("[%s]", t);
	printf(" %ls %d\n", L"wide", wcscmp(L"a", L"b") < 0);
}

static void formats(void)
{
	char line[200];
	double d;
	int i;
	long double x = 1.0L / 3;

	printf("%d|%+5d|%-5x|%#o|%08.3f|%e|%g|%a|%Lf|%c|%10.3s|%%|%n\n", -5, 6, 255, 8, 3.14159, 12345.678, 1e-10, 1.0, x, 'c', "string", &i);
	printf("%d %" PRIu64 " %jd %zu %p\n", i, UINT64_MAX, INTMAX_MIN, sizeof(line), (void *)0x1234);
	sscanf("17 2.5e3 word", "%d %lf %s", &i, &d, line);
	printf("%d %g %s %lld %lu %g\n", i, d, line, strtoll("-0x7f", NULL, 0), strtoul("777", NULL, 8), strtod("0x1.8p3", NULL));
	FILE *f = tmpfile();
	for (int n = 0; n < 1000; n++)
		fprintf(f, "line %d\n", n);
	rewind(f);
	size_t length = 0;
	while (fgets(line, sizeof(line), f))
		length += strlen(line);
	fclose(f);
	char *memory = NULL;
	size_t size;
	f = open_memstream(&memory, &size);
	fprintf(f, "to memory %d", 42);
	fclose(f);
	printf("file: %zu; %s, %zu\n", length, memory, size);
	free(memory);
}

static void mathematics(void)
{
	double sum = 0;
	float fsum = 0;

	for (int i = 1; i <= 200; i++) {
		double x = i / 16.0;

		sum += sin(x) + cos(x) + tan(x) + exp(-x) + log(x) + pow(x, 1.7) + sqrt(x) + cbrt(x) + atan2(x, 2) + sinh(x / 10) + erf(x) + lgamma(x) +
		       tgamma(x / 10) + hypot(x, 3) + fmod(x, 0.7) + j0(x) + floor(x) + ceil(x) + round(x) + expm1(-x) + log1p(x) + acos(1 / (x + 1));
		fsum += sinf((float)x) + expf((float)-x) + powf((float)x, 0.3f) + fmaf((float)x, 2, 3);
	}
	long double l = expl(1.5L) + logl(7) + sinl(0.5L) + powl(2, 0.5L) + sqrtl(3);
	double complex z = cexp(1 + 2 * I) * csqrt(-1 + I) + cpow(2 + I, 1.5);
	printf("math: %.17g %.9g %.30Lg %.15g%+.15gi\n", sum, (double)fsum, l, creal(z), cimag(z));
	fesetround(FE_UPWARD);
	volatile double third = 1.0;
	third /= 3;
	fesetround(FE_TONEAREST);
	printf("rounding: %.20g %d %d\n", third, (int)lrint(2.5), fetestexcept(FE_INEXACT) != 0);
}

static sigjmp_buf jump;

static void on_signal(int n)
{
	siglongjmp(jump, n);
}

static void control(void)
{
	volatile int times = 0;
	int status;

	if (sigsetjmp(jump, 1) == 0) {
		signal(SIGUSR1, on_signal);
		raise(SIGUSR1);
		times = -1;
	}
	times++;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		_exit(7);
	waitpid(child, &status, 0);
	printf("control: %d, child %d\n", times, WEXITSTATUS(status));
	setenv("ISLAND", "hyp", 1);
	printf("env: %s, %s\n", getenv("ISLAND"), strerror(ENOENT));
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void visit(const void *node, VISIT which, int depth)
{
	if (which == postorder || which == leaf)
		printf(" %s", *(const char *const *)node);
	(void)depth;
}

static void searching(void)
{
	regex_t re;
	regmatch_t match[3];
	const char *text = "prefix __kvm_nvhe_main here";
	void *tree = NULL;
	const char *names[] = {"delta", "alpha", "charlie", "bravo"};
	struct tm tm = {.tm_year = 120, .tm_mon = 10, .tm_mday = 16, .tm_hour = 20};
	char date[64];

	regcomp(&re, "(__[a-z_]+_)([a-z]+)", REG_EXTENDED);
	int r = regexec(&re, text, 3, match, 0);
	printf("regex: %d, %.*s\n", r, (int)(match[2].rm_eo - match[2].rm_so), text + match[2].rm_so);
	regfree(&re);
	printf("tree:");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tsearch(names[i], &tree, compare_strings);
	twalk(tree, visit);
	printf("; fnmatch %d %d\n", fnmatch("*.hyp.?", "a.hyp.o", 0), fnmatch("[a-c]x", "dx", 0));
	setenv("TZ", "UTC", 1);
	tzset();
	time_t t = mktime(&tm);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S %a %j", gmtime(&t));
	printf("time: %lld %s; locale %s; %d\n", (long long)t, date, setlocale(LC_ALL, "C"), toupper('x'));
}

__attribute__((constructor)) static void before(void)
{
	puts("before main");
}

__attribute__((destructor)) static void after(void)
{
	puts("after main");
}

static void at_exit(void)
{
	puts("at exit");
}

int main(int argc, char **argv)
{
	atexit(at_exit);
	printf("arguments: %d, %s\n", argc, argc > 1 ? argv[1] : "none");
	formats();
	sorting();
	memory();
	strings();
	mathematics();
	threads();
	control();
	searching();
	return 3;
}
