/* Found first: it must not matter that it is not in hdrs. */
#define KIND 11
