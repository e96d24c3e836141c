#include "tests/consumer/helper.h"

unsigned long helped(unsigned long n)
{
	return n * HELPER + HELPER_LOCAL;
}
