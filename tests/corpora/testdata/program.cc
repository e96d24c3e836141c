// Uses many parts of the C++ library and prints the results, the same on each run.
#include <algorithm>
#include <any>
#include <atomic>
#include <charconv>
#include <chrono>
#include <complex>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <list>
#include <locale>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <typeinfo>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

struct Noisy {
	explicit Noisy(int n) : number(n) { ++alive; }
	Noisy(const Noisy &other) : number(other.number) { ++alive; }
	~Noisy() { --alive; }
	int number;
	static int alive;
};

int Noisy::alive;

struct Failure : std::runtime_error {
	Failure(const std::string &what, int depth) : std::runtime_error(what), depth(depth) {}
	int depth;
};

struct Base {
	virtual ~Base() = default;
	virtual std::string name() const { return "base"; }
};

struct Side {
	virtual ~Side() = default;
	int side = 5;
};

struct Derived : Base, virtual Side {
	std::string name() const override { return "derived"; }
};

thread_local std::string own = "main's";
thread_local int count;

[[gnu::noinline]] int dive(int depth)
{
	Noisy noisy(depth);
	if (depth == 0)
		throw Failure("at the bottom", noisy.number + 40);
	return dive(depth - 1) + 1;
}

// A library function between the throw and the catch has to be unwound as well.
[[gnu::noinline]] void through_the_library()
{
	std::vector<int> numbers = {1, 2, 3};
	std::for_each(numbers.begin(), numbers.end(), [](int n) {
		std::function<void(int)> check = [](int m) {
			if (m == 3)
				throw std::out_of_range("three");
		};
		check(n);
	});
}

void exceptions()
{
	try {
		dive(10);
	} catch (const Failure &e) {
		std::cout << "caught " << e.what() << ", " << e.depth << ", alive " << Noisy::alive << '\n';
	}
	try {
		try {
			through_the_library();
		} catch (...) {
			std::throw_with_nested(std::logic_error("outer"));
		}
	} catch (const std::exception &e) {
		std::cout << "caught " << e.what();
		try {
			std::rethrow_if_nested(e);
		} catch (const std::exception &inner) {
			std::cout << " with " << inner.what() << '\n';
		}
	}
	try {
		std::vector<int>(3).at(9) = 1;
	} catch (const std::out_of_range &e) {
		std::cout << "vector: " << e.what() << '\n';
	}
	try {
		(void)std::stoi("none");
	} catch (const std::invalid_argument &e) {
		std::cout << "stoi: " << e.what() << '\n';
	}
	try {
		Derived d;
		Base &b = d;
		std::cout << typeid(b).name() << ' ' << (dynamic_cast<Side &>(b).side) << ' ' << b.name() << '\n';
		Base plain;
		(void)dynamic_cast<Side &>(static_cast<Base &>(plain));
	} catch (const std::bad_cast &e) {
		std::cout << e.what() << '\n';
	}
	try {
		(void)std::any_cast<int>(std::any(std::string("text")));
	} catch (const std::bad_any_cast &e) {
		std::cout << e.what() << '\n';
	}
	try {
		throw std::system_error(std::make_error_code(std::errc::permission_denied), "system");
	} catch (const std::system_error &e) {
		std::cout << e.what() << ", " << e.code() << '\n';
	}
	try {
		std::ifstream file;
		file.exceptions(std::ios::failbit);
		file.open("/nowhere/at/all");
	} catch (const std::ios_base::failure &e) {
		std::cout << "file: " << e.code().message() << '\n';
	}
}

void containers()
{
	std::map<std::string, int> counts;
	std::istringstream words("the link of the whole archive and the link of a part of the archive");
	for (std::string word; words >> word;)
		++counts[word];
	for (const auto &[word, n] : counts)
		std::cout << word << '=' << n << ' ';
	std::cout << '\n';
	std::unordered_map<int, std::string> table;
	for (int i = 0; i < 1000; ++i)
		table[i * i] = std::to_string(i);
	std::multiset<double> numbers = {3.5, 1.25, 3.5};
	std::deque<int> queue(100);
	std::iota(queue.begin(), queue.end(), 1);
	std::list<int> list(queue.rbegin(), queue.rend());
	list.sort();
	list.remove_if([](int n) { return n % 3 != 0; });
	std::cout << table.at(961 * 961) << ' ' << table.size() << ' ' << numbers.count(3.5) << ' '
		  << std::accumulate(queue.begin(), queue.end(), 0) << ' ' << list.size() << '\n';
	std::variant<int, std::string> v = "variant";
	std::optional<int> o;
	std::visit([](const auto &value) { std::cout << value; }, v);
	std::cout << ' ' << o.value_or(-1) << '\n';
	std::pmr::monotonic_buffer_resource pool;
	std::pmr::vector<std::pmr::string> strings(&pool);
	for (int i = 0; i < 50; ++i)
		strings.emplace_back("a string that is too long for the inside of it");
	std::cout << strings.size() << ' ' << strings.back().size() << '\n';
}

void text()
{
	std::cout << std::hex << std::showbase << 255 << std::dec << ' ' << std::setw(8) << std::setfill('*') << 42 << ' ' << std::fixed
		  << std::setprecision(4) << 3.14159265 << ' ' << std::scientific << 12345.678 << std::defaultfloat << ' ' << std::boolalpha << true
		  << ' ' << std::quoted("a \"quoted\" word") << ' ' << std::complex<double>(1, -2) << '\n';
	const std::regex symbol("(__[a-z]+_)+([a-z]+)\\b");
	const std::string names = "__kvm_nvhe_main and __pi_start, __efistub_x1";
	for (std::sregex_iterator i(names.begin(), names.end(), symbol), end; i != end; ++i)
		std::cout << '[' << i->str() << '|' << (*i)[2] << ']';
	std::cout << ' ' << std::regex_replace(names, std::regex("__"), "") << '\n';
	try {
		std::regex bad("(");
	} catch (const std::regex_error &e) {
		std::cout << "regex: " << (e.code() == std::regex_constants::error_paren) << '\n';
	}
	char digits[32];
	auto end = std::to_chars(digits, digits + sizeof(digits), 2.0 / 3).ptr;
	int number = 0;
	std::from_chars("1234x", "1234x" + 5, number);
	std::cout << std::string(digits, end) << ' ' << number << ' ' << std::locale::classic().name() << '\n';
	std::ostringstream money;
	money.imbue(std::locale::classic());
	money << std::put_money(12345.0) << ' ' << std::use_facet<std::ctype<char>>(std::locale()).toupper('q');
	std::wostringstream wide;
	wide << L"wide " << 7;
	std::cout << money.str() << ' ' << wide.str().size() << '\n';
	std::mt19937_64 engine(5);
	std::uniform_int_distribution<int> dice(1, 6);
	std::normal_distribution<double> normal;
	int sum = 0;
	double spread = 0;
	for (int i = 0; i < 1000; ++i) {
		sum += dice(engine);
		spread += normal(engine);
	}
	std::cout << "random " << sum << ' ' << spread << '\n';
	std::filesystem::path path("/arch/arm64/kvm/../hyp.o");
	std::cout << path.lexically_normal() << ' ' << path.extension() << ' ' << std::filesystem::exists("/nowhere") << '\n';
}

void threads()
{
	std::mutex mutex;
	std::condition_variable ready;
	std::atomic<int> sum{0};
	std::map<int, std::string> seen;
	bool go = false;
	std::vector<std::thread> workers;
	for (int i = 0; i < 5; ++i)
		workers.emplace_back([&, i] {
			std::unique_lock<std::mutex> lock(mutex);
			ready.wait(lock, [&] { return go; });
			own = "worker " + std::to_string(i);
			for (count = 0; count <= i * 10; ++count)
				sum += count;
			seen[i] = own;
		});
	{
		std::lock_guard<std::mutex> lock(mutex);
		go = true;
	}
	ready.notify_all();
	for (auto &worker : workers)
		worker.join();
	for (const auto &[i, name] : seen)
		std::cout << i << ' ' << name << ", ";
	std::cout << sum << ' ' << own << ' ' << count << '\n';
	auto failing = std::async(std::launch::async, []() -> int { throw Failure("in a thread", 1); });
	auto working = std::async(std::launch::async, [] { return 42; });
	try {
		std::cout << working.get() << ' ' << failing.get();
	} catch (const Failure &e) {
		std::cout << "caught " << e.what() << '\n';
	}
	std::once_flag flag;
	int calls = 0;
	for (int i = 0; i < 3; ++i)
		std::call_once(flag, [&] { ++calls; });
	auto shared = std::make_shared<Noisy>(3);
	std::weak_ptr<Noisy> weak = shared;
	shared.reset();
	std::cout << "once " << calls << ", expired " << weak.expired() << ", alive " << Noisy::alive << '\n';
}

struct Static {
	Static() { std::cout << "static made\n"; }
	~Static() { std::cout << "static gone\n"; }
} fixed;

} // namespace

int main()
{
	containers();
	text();
	exceptions();
	threads();
	std::cerr << "to stderr" << std::endl;
	return 4;
}
