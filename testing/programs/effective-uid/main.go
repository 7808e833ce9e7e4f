// Command effective-uid says with whose rights it runs. Its file is root's with the set-user-ID bit, so that a kernel that lets
// a process gain privileges makes it say 0.
package main

import (
	"fmt"
	"os"
)

func main() { fmt.Printf("Effective uid: %d\n", os.Geteuid()) }
