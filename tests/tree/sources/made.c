#include <made.h>

const int made = MADE;
