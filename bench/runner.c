// SPDX-License-Identifier: Apache-2.0
/*
 * runner PROGRAM ARGUMENT…: runs a program and prints one line:
 *
 *     wall-nanoseconds cpu-microseconds peak-kibibytes
 *
 * A process inherits the peak memory of the process that it was forked from (the kernel's exec_mmap). This program is small, so that the reported peak
 * is that of the program, or of the largest child that the program waited for.
 *
 * Exit code: the program's; 127 if it could not be started, 128 + N if it was killed by signal N.
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
		/* Standard output is for the line only. */
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
