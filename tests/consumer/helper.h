unsigned long helped(unsigned long n);
