// Command machine prints the architecture that it was compiled for, and ends with exit code 7.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Println(runtime.GOARCH)
	os.Exit(7)
}
