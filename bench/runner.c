/*
 * runner PROGRAM ARGUMENT…: runs a program and prints what it took, one line:
 *
 *     wall-nanoseconds cpu-microseconds peak-kibibytes
 *
 * A process starts with the peak memory of the one that it was forked from, until it has had more itself (the kernel's exec_mmap). This
 * program is small, so that what it tells is the peak of what it ran, or of the largest of the processes which that waited for.
 *
 * Exit code: the program's; 127 where it could not be started, 128 + N where signal N ended it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long micros(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv)
{
	struct rusage used;
	long long start, wall;
	int status;
	pid_t child;

	if (argc < 2) {
		fprintf(stderr, "usage: runner PROGRAM ARGUMENT…\n");
		return 127;
	}
	start = now();
	child = fork();
	if (child < 0) {
		perror("runner: fork");
		return 127;
	}
	if (child == 0) {
		/* What the program prints must not mix with the line. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execv(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (wait4(child, &status, 0, &used) < 0) {
		perror("runner: wait4");
		return 127;
	}
	wall = now() - start;
	printf("%lld %lld %ld\n", wall, micros(used.ru_utime) + micros(used.ru_stime), used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
