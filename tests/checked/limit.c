/* An initialised variable: in a kernel whose script has no .hyp.data, its section is placed by nobody. */
int limit = 5;

int below_limit(int n)
{
	return n < limit;
}
