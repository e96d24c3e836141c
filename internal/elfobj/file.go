package elfobj

import (
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// ReadFile reads an object from a file, into which it points; Close of the
// returned mapping ends the use of the object.
func ReadFile(path string) (*Object, *fileio.Mapping, error) {
	m, err := fileio.Map(path)
	if err != nil {
		return nil, nil, err
	}
	o, err := Parse(path, m.Data)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	return o, m, nil
}

// Guard calls f. When a mapped file has become shorter since, reading beyond its
// end is a fault that would end the process; during f it is an error about name.
// The calling goroutine is guarded, with those that package parallel starts.
func Guard(name string, f func() error) (err error) {
	if parallel.Fault(func() { err = f() }) != nil {
		err = &Error{File: name, Offset: -1, What: "an input changed while it was read", Advice: "build again"}
	}
	return err
}
