#include <kind.h>

const int kind = KIND;
