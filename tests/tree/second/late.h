#include "later.h"
