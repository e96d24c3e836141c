package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// configurationFiles are the files that kbuild's syncconfig writes.
var configurationFiles = []string{
	".config",
	"include/config/auto.conf",
	"include/config/auto.conf.cmd",
	"include/generated/autoconf.h",
	"include/generated/rustc_cfg",
}

// guard saves the configuration files of a tree. Even with -n, make remakes the
// makefiles that it includes: with a different compiler than the tree was
// prepared with, kbuild would write another configuration and, if that fails,
// make would delete it.
type guard struct {
	files []guarded
}

type guarded struct {
	name     string
	text     []byte
	mode     fs.FileMode
	modified time.Time
}

func newGuard(root string) (*guard, error) {
	g := &guard{}
	for _, name := range configurationFiles {
		file := filepath.Join(root, name)
		info, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		g.files = append(g.files, guarded{file, text, info.Mode().Perm(), info.ModTime()})
	}
	return g, nil
}

// restore restores files that have changed. It returns an error if there are any.
func (g *guard) restore() error {
	changed := ""
	for _, file := range g.files {
		text, err := os.ReadFile(file.name)
		info, statErr := os.Stat(file.name)
		if err == nil && statErr == nil && bytes.Equal(text, file.text) && info.ModTime().Equal(file.modified) {
			continue
		}
		if changed == "" {
			changed = file.name
		}
		if err := os.WriteFile(file.name, file.text, file.mode); err != nil {
			return err
		}
		if err := os.Chtimes(file.name, file.modified, file.modified); err != nil {
			return err
		}
	}
	if changed == "" {
		return nil
	}
	return fmt.Errorf("%s: kbuild reconfigured the tree, and hypgen restored the configuration; "+
		"give hypgen the compiler that the tree was prepared with (CROSS_COMPILE=…, LLVM=…, PATH), or prepare it again", changed)
}
