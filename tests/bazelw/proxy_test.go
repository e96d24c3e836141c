// SPDX-License-Identifier: Apache-2.0

package bazelw

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// proxy answers requests on a port of 127.0.0.1 and returns what it was asked.
func proxy(t *testing.T, status string) (address string, asked chan *http.Request) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	asked = make(chan *http.Request, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				asked <- request
				fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", status)
			}
			conn.Close()
		}
	}()
	return listener.Addr().String(), asked
}

// Bazel reaches its registry through a proxy, and so bazelw asks there.
func TestProxy(t *testing.T) {
	for _, c := range []struct {
		name, status  string
		url           string // with %s for the login and the proxy's address
		login         string
		authorization string
		want          bool
	}{
		{name: "answers", status: "200 Connection established", url: "http://%s", want: true},
		{name: "slash", status: "200 OK", url: "http://%s/", want: true},
		{name: "no scheme", status: "200 OK", url: "%s", want: true},
		{name: "password", status: "200 OK", url: "http://%s", login: "user:a%40b@", authorization: "Basic dXNlcjphQGI=", want: true},
		{name: "backslash", status: "200 OK", url: "http://%s", login: `user:a\x@`, authorization: "Basic dXNlcjphXHg=", want: true},
		{name: "refuses", status: "403 Forbidden", url: "http://%s"},
		{name: "wants a password", status: "407 Proxy Authentication Required", url: "http://%s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, asked := proxy(t, c.status)
			command := exec.Command("bash", "-c", ". ./bazelw; registry_answers")
			command.Dir = "../.."
			command.Env = []string{"PATH=/usr/bin:/bin", "HOME=/nonexistent", "https_proxy=" + fmt.Sprintf(c.url, c.login+address)}
			output, err := command.CombinedOutput()
			if (err == nil) != c.want {
				t.Errorf("got %v, want success: %t\n%s", err, c.want, output)
			}
			select {
			case request := <-asked:
				if request.Method != http.MethodConnect || request.Host != "bcr.bazel.build:443" || request.Header.Get("Proxy-Authorization") != c.authorization {
					t.Errorf("got %s %s, authorization %q, want CONNECT bcr.bazel.build:443 and %q", request.Method, request.Host, request.Header.Get("Proxy-Authorization"), c.authorization)
				}
			default:
				t.Error("the proxy was not asked")
			}
		})
	}
}

// no_proxy excepts hosts by the ends of their names.
func TestNoProxy(t *testing.T) {
	for exception, direct := range map[string]bool{"": false, "example.com": false, "localhost,.bazel.build": true, "bcr.bazel.build": true, "*": true, "a,build,": true} {
		address, asked := proxy(t, "200 OK")
		command := exec.Command("bash", "-c", ". ./bazelw; timeout() { shift 3; printf 'direct %s\\n' \"$*\"; }; registry_answers")
		command.Dir = "../.."
		if !direct {
			command.Args[2] = ". ./bazelw; registry_answers"
		}
		command.Env = []string{"PATH=/usr/bin:/bin", "HOME=/nonexistent", "HTTPS_PROXY=http://" + address, "NO_PROXY=" + exception}
		output, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("%q: %v\n%s", exception, err, output)
		}
		if got := len(asked) == 0 && strings.HasPrefix(string(output), "direct"); got != direct {
			t.Errorf("%q: direct: got %t, want %t\n%s", exception, got, direct, output)
		}
	}
}
