// SPDX-License-Identifier: Apache-2.0

// Package pictures tests the pages of hyplink layout and hyplink compare in a
// browser: Chromium without a window, of pinned packages.
package pictures

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// deadline ends a test whose browser does not answer. It is no measure: an answer
// takes some milliseconds.
const deadline = 4 * time.Minute

// browser is the process that all tests share.
var browser context.Context

func TestMain(m *testing.M) {
	code, err := withBrowser(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// withBrowser starts the browser, runs f, and ends the browser.
func withBrowser(f func() int) (int, error) {
	program, err := runfile(os.Getenv("CHROMIUM"))
	if err != nil {
		return 1, err
	}
	home, err := os.MkdirTemp(os.Getenv("TEST_TMPDIR"), "chromium-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(home)
	environment, err := fonts(home)
	if err != nil {
		return 1, err
	}
	var messages bytes.Buffer
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(filepath.Join(home, "profile")), chromedp.Headless, chromedp.NoFirstRun,
		// The sandbox of the test is enough, and has no other inside it. Without a
		// zygote, children are started by the launcher of the packages, as the browser is.
		chromedp.NoSandbox, chromedp.Flag("no-zygote", true), chromedp.Flag("browser-subprocess-path", program),
		chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", false), chromedp.Flag("lang", "en-US"),
		chromedp.Env(environment...), chromedp.CombinedOutput(&messages),
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	var stop context.CancelFunc
	browser, stop = chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Do(browser); err != nil {
		return 1, fmt.Errorf("%s does not start: %v\n%s", program, err, messages.String())
	}
	return f(), nil
}

// runfile returns the path of an input of the test.
func runfile(path string) (string, error) {
	if path == "" {
		return "", fmt.Errorf("an input of the test is not set; run this with bazel test")
	}
	if filepath.IsAbs(path) {
		return path, nil
	}
	path = filepath.Join(os.Getenv("TEST_SRCDIR"), path)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%v; it has to be in the data of this test", err)
	}
	return path, nil
}

// fonts returns the environment of a browser that has the fonts of FONT's directory
// and no others, and writes nothing outside of home.
func fonts(home string) ([]string, error) {
	font, err := runfile(os.Getenv("FONT"))
	if err != nil {
		return nil, err
	}
	file := filepath.Join(home, "fonts.conf")
	text := `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>` + filepath.Dir(font) + `</dir><cachedir>` + home + `/cache</cachedir>` +
		`<alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias></fontconfig>`
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		return nil, err
	}
	return []string{"HOME=" + home, "FONTCONFIG_FILE=" + file, "XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home, "TMPDIR=" + home, "LANG=C.UTF-8"}, nil
}

// tab is a page in the browser. What the page must not do is in its faults: ask for
// anything from a network, and errors.
type tab struct {
	testing.TB
	context.Context
	mu     sync.Mutex
	faults []string
}

// view is how a page is looked at.
type view struct {
	width, height int64
	dark, still   bool // prefers-color-scheme, prefers-reduced-motion
}

var wide = view{width: 1400, height: 1100}

// open opens a page that is written to a file first.
func open(t testing.TB, v view, contents []byte) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, contents, 0o666); err != nil {
		t.Fatal(err)
	}
	tabContext, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	if err := chromedp.Do(tabContext); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(tabContext, deadline)
	t.Cleanup(stop)
	b := &tab{TB: t, Context: ctx}
	address := "file://" + file
	err := chromedp.Listen(ctx, func(event any) {
		fault := ""
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address {
				fault = "request: " + e.Request.URL
			}
		case *runtime.EventExceptionThrown:
			fault = "exception: " + e.ExceptionDetails.Text
		case *runtime.EventConsoleAPICalled:
			fault = fmt.Sprintf("console %s: %s", e.Type, e.Args[0].Value)
		case *log.EventEntryAdded:
			fault = "log: " + e.Entry.Text
		case *page.EventJavascriptDialogOpening:
			fault = "dialog: " + e.Message
		}
		if fault != "" {
			b.mu.Lock()
			b.faults = append(b.faults, fault)
			b.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	scheme, motion := "light", "no-preference"
	if v.dark {
		scheme = "dark"
	}
	if v.still {
		motion = "reduce"
	}
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: v.width, Height: v.height, DeviceScaleFactor: 1})
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
	}})
	b.do(chromedp.Navigate(address))
	b.settle()
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.faults) > 0 {
			t.Errorf("the page must be silent and need no network:\n%s", strings.Join(b.faults, "\n"))
		}
	})
	return b
}

// command runs a command of the DevTools protocol.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) {
	b.Helper()
	if _, err := chromedp.Call(b.Context, c, params); err != nil {
		b.Fatal(err)
	}
}

// do runs actions in the page.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.Context, actions...); err != nil {
		b.Fatal(err)
	}
}

// settle waits until what the page does at its next frames is done.
func (b *tab) settle() {
	b.Helper()
	b.run(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0))))`)
}

// run runs a statement in the page, and waits for a promise.
func (b *tab) run(statement string) {
	b.Helper()
	get[bool](b, `(async () => { await (`+statement+`); return true; })()`)
}

// get evaluates an expression in the page.
func get[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.Context, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return v
}

// want fails the test unless an expression of the page has a value.
func want[T comparable](b *tab, expression string, value T) {
	b.Helper()
	if got := get[T](b, expression); got != value {
		b.Errorf("%s is %v, want %v", expression, got, value)
	}
}

// keys presses keys, one after another, where the focus is.
func (b *tab) keys(keys ...string) {
	b.Helper()
	for _, k := range keys {
		if k == "/" {
			b.slash()
			continue
		}
		b.do(chromedp.KeyEvent(k))
	}
	b.settle()
}

// slash presses "/". As from a keyboard, the character is only typed if the page
// does not use the key; chromedp.KeyEvent types it in any case.
func (b *tab) slash() {
	b.Helper()
	key := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Code: "Slash", Text: "/", WindowsVirtualKeyCode: 191}
	command(b, input.DispatchKeyEvent, key)
	key.Type, key.Text = input.DispatchKeyEventTypeKeyUp, ""
	command(b, input.DispatchKeyEvent, key)
}

// search puts a text into the search box.
func (b *tab) search(text string) {
	b.Helper()
	b.run(fmt.Sprintf(`$("query").value = %q, $("query").dispatchEvent(new Event("input"))`, text))
	b.settle()
}

// screenshot writes a picture of the whole page where SCREENSHOTS says, for people.
func (b *tab) screenshot(name string) {
	b.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(b.Context, chromedp.FullScreenshot(100))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o666); err != nil {
		b.Fatal(err)
	}
}
