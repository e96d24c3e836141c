// SPDX-License-Identifier: Apache-2.0

package rebuild

// fault is an action that is not reproducible.
type fault struct {
	name    string
	command string            // of the action, which makes $@
	sources map[string]string // its inputs, by name: contents
	local   bool              // it must not run in a sandbox, which would hide the fault
	kind    string            // of the finding; empty: result
	causes  []string          // nil: none
	words   []string          // parts of what is said of the difference
}

// compile is followed by a source.
const compile = "sh $(location cc/cc.sh) $@ "

var faults = []fault{
	{
		// In the other time zone it may be tomorrow.
		name: "date", command: "export TZ=UTC; " + compile + "$(location date.c)",
		sources: map[string]string{"date.c": "const char *date(void) { return __DATE__; }\n"},
		causes:  []string{"date"}, words: []string{"ELF object", ".rodata"},
	},
	{
		name: "time", command: compile + "$(location time.c)",
		// The digits of the seconds, and of the minute: builds without variations are about a minute apart, and must all differ.
		sources: map[string]string{"time.c": "int seconds(void) { return (__TIME__[4] - '0') * 100 + (__TIME__[6] - '0') * 10 + __TIME__[7] - '0'; }\n"},
		causes:  []string{"date"}, words: []string{"function seconds of time.c: 1 instruction differs", "stands still"},
	},
	{
		name: "file", command: compile + "$$(readlink -f $(location file.c))",
		sources: map[string]string{"file.c": "const char *file(void) { return __FILE__; }\n"},
		causes:  []string{"path"}, words: []string{"ELF object", "than-the-other"},
	},
	{
		name: "directory", command: compile + "$$PWD/$(location directory.c)", local: true,
		sources: map[string]string{"directory.c": "const char *directory(void) { return __FILE__; }\n"},
		causes:  []string{"output-base"}, words: []string{"ELF object", "varied-output-base"},
	},
	{
		name: "order", command: "sh $(location wrapper.sh) $$(dirname $(location parts/one)) >$@",
		sources: map[string]string{"wrapper.sh": "cd \"$1\" && for part in $(ls -U); do cat \"$part\"; done\n", "parts/one": "1\n", "parts/two": "2\n", "parts/three": "3\n"},
		causes:  []string{"file-order"}, words: []string{"text", "- 1", "+ 1"},
	},
	{name: "seed", command: "head -c 8 /dev/urandom | od -An -tx8 >$@", words: []string{"without any variation"}},
	{name: "pid", command: "echo pid $$$$ >$@", local: true, words: []string{"- pid ", "+ pid ", "without any variation"}},
	{name: "host", command: "uname -n >$@", causes: []string{"host-name"}, words: []string{"+ varied-host"}},
	{name: "user", command: "id -un >$@", causes: []string{"user"}, words: []string{"+ varied-user"}},
	{
		// Few machines have another locale than C, so that sort(1) could show it.
		name: "collation", command: "case $${LC_ALL:-} in '' | C*) sort $(location words) ;; *) sort -f $(location words) ;; esac >$@",
		sources: map[string]string{"words": "b\nA\nB\na\n"}, causes: []string{"locale"}, words: []string{"text", "line 2:"},
	},
	{
		name:    "race",
		command: "for i in 1 2 3 4 5 6 7 8; do (sleep 0.01; echo one >>$@) & (sleep 0.01; echo two >>$@) & wait; done",
		words:   []string{"without any variation"},
	},
	{name: "zone", command: "date -d @0 +%H >$@", causes: []string{"time-zone"}, words: []string{"- 00", "+ 11"}},
	{name: "home", command: "echo ~ >$@", causes: []string{"home"}, words: []string{"home-of-varied-user"}},
	{name: "mask", command: "umask >$@", causes: []string{"umask"}, words: []string{"- 0022", "+ 0077"}},
	{name: "processors", command: "nproc >$@", causes: []string{"processors"}, words: []string{"+ 1"}},
	{
		name: "stamp", command: "stat -L -c %Y $(location stamped) >$@", sources: map[string]string{"stamped": "s\n"},
		causes: []string{"time-stamps"}, words: []string{"text"},
	},
	{name: "sandbox", command: "test $$(ls -d /proc/[0-9]* | wc -l) -gt 9 && echo many >$@ || echo few >$@", causes: []string{"strategy"}},
	{name: "variable", command: "env | grep -c VARIED >$@ || true", causes: []string{"environment"}, words: []string{"+ 1"}},
}
